// The user calls of RFC 9293, 3.10.1 to 3.10.5, and the switches of a connection.

#ifndef ASSAY_STACK_TCP_USER_CALLS_H_
#define ASSAY_STACK_TCP_USER_CALLS_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

void OpenCall(Tcb& tcb, const Policy& policy, const Open& call, Instant now, Effects& out);
// Completes the RECEIVE that is queued, if it can be.
void CompleteReceive(Tcb& tcb, const Policy& policy, Instant now, Effects& out);
void FlushCall(Tcb& tcb, const Policy& policy, Instant now, Effects& out);
void SendCall(Tcb& tcb, const Policy& policy, const Send& call, Instant now, Effects& out);
void ReceiveCall(Tcb& tcb, const Policy& policy, const Receive& call, Instant now, Effects& out);
void CloseCall(Tcb& tcb, const Policy& policy, const Close& call, Instant now, Effects& out);
void AbortCall(Tcb& tcb, Instant now, Effects& out);
void SetNagleCall(Tcb& tcb, const Policy& policy, const SetNagle& call, Instant now, Effects& out);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_USER_CALLS_H_
