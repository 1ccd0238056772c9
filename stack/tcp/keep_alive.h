// Keep-alive (RFC 9293, 3.8.4): whether a peer that says nothing is still there.
//
// It is off until the user turns it on for a connection (SetKeepAlive), and runs only while nothing
// is outstanding and nothing waits to be sent: then other timers find out.

#ifndef ASSAY_STACK_TCP_KEEP_ALIVE_H_
#define ASSAY_STACK_TCP_KEEP_ALIVE_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

void SetKeepAliveCall(Tcb& tcb, const Policy& policy, const SetKeepAlive& call, Instant now);

// There is nothing but silence to keep the connection alive through.
bool IsIdle(const Tcb& tcb);
// A segment of the peer's arrived, whatever it was.
void HeardFromPeer(Tcb& tcb);
// Starts the timer, or stops it. The last thing that Output() does.
void ArrangeKeepAlive(Tcb& tcb, const Policy& policy, Instant now);
// The timer is due: a probe, or the end.
void KeepAliveFires(Tcb& tcb, const Policy& policy, Instant now, Effects& out);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_KEEP_ALIVE_H_
