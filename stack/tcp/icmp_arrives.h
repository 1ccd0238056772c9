// An ICMP error that quotes a segment of this connection arrives (RFC 9293, 3.9.2.2).
//
// Anybody can send one: what it quotes must have been in flight (RFC 5927, 4.1), and what it may do
// is the policy's.

#ifndef ASSAY_STACK_TCP_ICMP_ARRIVES_H_
#define ASSAY_STACK_TCP_ICMP_ARRIVES_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

void IcmpArrives(Tcb& tcb, const Policy& policy, const IcmpArrived& icmp, Instant now,
                 Effects& out);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_ICMP_ARRIVES_H_
