// RoundTrip: what RFC 6298 makes of the round trips that a stack surely measured.
//
// Only of a connection that never had more than one segment in flight, and sent none again: then
// there is no choice of what to time, but for the SYN. Everything else spoils it for good.

#ifndef ASSAY_HARNESS_OBSERVER_ROUND_TRIP_H_
#define ASSAY_HARNESS_OBSERVER_ROUND_TRIP_H_

#include <algorithm>
#include <cstdint>

#include "harness/observer/offset.h"
#include "stack/base/time.h"

namespace assay::observer {

// SRTT and RTTVAR (RFC 6298, 2).
struct Estimate {
  bool begun = false;
  Duration srtt;
  Duration rttvar;

  constexpr void Take(Duration measured) {
    if (!begun) {
      *this = {true, measured, measured / 2};
      return;
    }
    const Duration error = std::max(srtt - measured, measured - srtt);
    rttvar = (rttvar * 3 + error) / 4;  // before SRTT moves
    srtt = (srtt * 7 + measured) / 8;
  }
  constexpr Duration rto() const { return srtt + rttvar * 4; }
};

struct RoundTrip {
  bool spoiled = false;
  bool timing = false;    // a segment is in flight, and was sent at `since`
  bool doubtful = false;  // the last arrival may have acknowledged something
  Offset end = 0;
  Instant since;
  // With the SYN's as the first sample, or without.
  Estimate with_syn;
  Estimate without_syn;

  // The least RTO that a stack may have; 0 where nothing is known.
  constexpr Duration LeastRto() const {
    if (spoiled || !without_syn.begun) return {};
    return with_syn.begun ? std::min(with_syn.rto(), without_syn.rto()) : without_syn.rto();
  }

  // Sequence space up to `to` is sent; `first`: nothing of it was before, and nothing is
  // outstanding.
  constexpr void Send(Offset to, bool first, Instant now) {
    if (!first || timing) {
      spoiled = true;
      return;
    }
    timing = true;
    end = to;
    since = now;
  }
  // All up to `una` is acknowledged.
  constexpr void Acknowledge(Offset una, Instant now) {
    doubtful = false;
    if (!timing || una != end) {
      spoiled = true;
      return;
    }
    timing = false;
    with_syn.Take(now - since);
    if (end > 1) without_syn.Take(now - since);
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_ROUND_TRIP_H_
