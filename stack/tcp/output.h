// Output: what a connection sends of its own accord, and the form of what it sends.
//
// When to send is the sender's half of flow control: the offered window, silly windows (3.8.6.2.1),
// Nagle (3.7.4). It decides nothing about retransmission time-outs; see timeouts.cc.

#ifndef ASSAY_STACK_TCP_OUTPUT_H_
#define ASSAY_STACK_TCP_OUTPUT_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

enum class Small : uint8_t { kWithhold, kSend };

// Sends text and FIN as far as they may go, then the ACK that is owed, and sets the timers that
// what is now outstanding needs. The last thing that every event does. `small`: what to do with a
// segment that silly window avoidance would withhold.
void Output(Tcb& tcb, const Policy& policy, Instant now, Effects& out,
            Small small = Small::kWithhold);

// The SYN, or in SYN-RECEIVED the SYN,ACK; starts its timer.
void SendSyn(Tcb& tcb, Instant now, Effects& out);
// What stands at SND.UNA, again: one segment.
void SendOldest(Tcb& tcb, const Policy& policy, Instant now, Effects& out);
// One octet, or the FIN, into a window that is closed.
void SendProbe(Tcb& tcb, Instant now, Effects& out);
// A segment that asks the peer whether it is still there (3.8.4).
void SendKeepAlive(Tcb& tcb, const Policy& policy, Instant now, Effects& out);
// A RST that ends a connection: SEQ is SND.NXT.
void SendReset(Tcb& tcb, Instant now, Effects& out);
// A RST by formula, which concerns no connection; `answered`: the options of what it answers.
void SendResetAt(SndSeq seq, const Policy& policy, const wire::OptionSet& answered, Effects& out);

// `mss` without the options that every segment of this connection has.
uint16_t EffectiveMss(const Tcb& tcb, uint16_t mss);

// The largest window that may be offered now, silly window avoidance aside.
uint32_t OfferableWindow(const Tcb& tcb);
// After octets were read: offers more if it is worth a segment of its own.
void WindowMayOpen(Tcb& tcb);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_OUTPUT_H_
