// Step: the one door to a connection.
//
// An event in, effects out. It does no I/O, knows no clock and allocates nothing; the same TCB,
// event and time give the same effects. Time never goes back from one step to the next.
//
// One step sends at most as many segments as its effects hold. If more is to be sent, NextTimer()
// answers an instant that is past, and a TimePassed at the same instant goes on.

#ifndef ASSAY_STACK_TCP_STEP_H_
#define ASSAY_STACK_TCP_STEP_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

// `out` is cleared first.
void Step(Tcb& tcb, const Policy& policy, const Event& event, Instant now, Effects& out);

// When TimePassed must come next; kNever if it need not.
inline Instant NextTimer(const Tcb& tcb) {
  const Tcb::Timers& t = tcb.timer;
  if (tcb.more_to_send) return Instant();
  // By value, and not of a list: after each step that would be put into memory first.
  const auto first = [](Instant a, Instant b) { return b < a ? b : a; };
  const Instant sending = first(first(t.retransmission, t.persist), t.override_sws);
  const Instant silent = first(first(t.delayed_ack, t.time_wait), t.keep_alive);
  return first(sending, silent);
}

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_STEP_H_
