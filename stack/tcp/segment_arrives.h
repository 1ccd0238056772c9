// SEGMENT ARRIVES: RFC 9293, 3.10.7, in the RFC's own order.

#ifndef ASSAY_STACK_TCP_SEGMENT_ARRIVES_H_
#define ASSAY_STACK_TCP_SEGMENT_ARRIVES_H_

#include "stack/base/time.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

void SegmentArrives(Tcb& tcb, const Policy& policy, const SegmentArrived& arrived, Instant now,
                    Effects& out);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_SEGMENT_ARRIVES_H_
