// Changes of state that several events share, and what goes with them.

#ifndef ASSAY_STACK_TCP_CONNECTION_H_
#define ASSAY_STACK_TCP_CONNECTION_H_

#include <optional>

#include "stack/tcp/effects.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/segment.h"

namespace assay::tcp {

// CLOSED: all timers stop and what is unsent is forgotten; what is unread can still be read.
void Delete(Tcb& tcb, Effects& out);
// The same after a RST: the receive queue is flushed too (3.10.7.4, second).
void DeleteAndFlush(Tcb& tcb, Signal why, Effects& out);
// As OPEN makes it, in CLOSED: the numbers of a connection that has not begun.
Tcb Unopened(const Policy& policy, SndSeq iss, uint16_t own_mss, uint16_t default_mss);
// A passive open that came to nothing: LISTEN as OPEN left it, with what the user has set since.
void ReturnToListen(Tcb& tcb, const Policy& policy, Effects& out);
void EnterTimeWait(Tcb& tcb, const Policy& policy, Instant now);
// What is unread is read by nobody.
void Discard(Tcb& tcb);
void Establish(Tcb& tcb, const Policy& policy, Effects& out);

// The RST that answers a segment for which there is no connection; none answers a RST.
std::optional<SegmentToSend> ResetFor(const wire::Segment& segment);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_CONNECTION_H_
