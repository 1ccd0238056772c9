// Time-outs (RFC 9293, 3.10.8, 3.8.1, 3.8.3, 3.8.6.1; RFC 6298, 5).

#ifndef ASSAY_STACK_TCP_TIMEOUTS_H_
#define ASSAY_STACK_TCP_TIMEOUTS_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

// Fires what is due at `now`.
void TimersFire(Tcb& tcb, const Policy& policy, Instant now, Effects& out);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_TIMEOUTS_H_
