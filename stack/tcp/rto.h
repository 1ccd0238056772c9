// The retransmission time-out of RFC 6298: arithmetic on Tcb::Rtt.
//
// Which segments are timed, and Karn's rule, are output.cc's; when the timer runs is timeouts.cc's.

#ifndef ASSAY_STACK_TCP_RTO_H_
#define ASSAY_STACK_TCP_RTO_H_

#include <algorithm>

#include "stack/base/time.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

inline Duration BoundRto(const Policy& policy, Duration rto) {
  //= 6298:2.4
  //= 6298:2.5
  return std::clamp(rto, policy.rto_min, policy.rto_max);
}

// A round trip took `measured`. `share`: how many samples a round trip gives (RFC 7323, 4.2): this
// one counts for its part of them.
//= MUST-18
//= RFC6298-1-1
inline void TakeSample(Tcb::Rtt& rtt, const Policy& policy, Duration measured, uint32_t share = 1) {
  if (!rtt.sampled) {
    //= 6298:2.2
    rtt.srtt = measured;
    rtt.rttvar = measured / 2;
    rtt.sampled = true;
  } else {
    //= 6298:2.3
    const Duration error = std::max(rtt.srtt - measured, measured - rtt.srtt);
    const int64_t n = share;
    rtt.rttvar = (rtt.rttvar * (4 * n - 1) + error) / (4 * n);
    rtt.srtt = (rtt.srtt * (8 * n - 1) + measured) / (8 * n);
  }
  //= RFC6298-4-1
  rtt.rto = BoundRto(policy, rtt.srtt + std::max(policy.clock_granularity, rtt.rttvar * 4));
}

inline void BackOff(Tcb::Rtt& rtt, const Policy& policy) {
  //= 6298:5.5
  rtt.rto = std::min(rtt.rto * 2, policy.rto_max);
}

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_RTO_H_
