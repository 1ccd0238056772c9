// Positions in a stream as 64-bit offsets, and ranges of them.
//
// The offset of a SYN is 0 and of the first octet of data 1, counted from the initial sequence
// number of its direction. Sequence numbers are unwrapped once, on arrival, against what the stack
// is believed to be at; from then on nothing wraps and `<` means what it says.

#ifndef ASSAY_HARNESS_OBSERVER_OFFSET_H_
#define ASSAY_HARNESS_OBSERVER_OFFSET_H_

#include <algorithm>
#include <cstdint>

namespace assay::observer {

using Offset = int64_t;

// No offset: nothing that is counted here stands at it.
inline constexpr Offset kNowhere = -1;

// Far beyond anything that a scenario can reach.
inline constexpr Offset kUnbounded = INT64_C(1) << 40;

// The offset nearest to `near` whose sequence number is `seq`, in a direction that starts at
// `initial`.
constexpr Offset Unwrap(uint32_t seq, uint32_t initial, Offset near) {
  const uint32_t near_seq = initial + static_cast<uint32_t>(near);
  return near + static_cast<int32_t>(seq - near_seq);
}

// A set of values none of which the trace rules out: all from `lo` to `hi`.
struct Range {
  Offset lo = 0;
  Offset hi = 0;

  static constexpr Range At(Offset value) { return {value, value}; }
  constexpr bool empty() const { return lo > hi; }
  constexpr bool certain() const { return lo == hi; }
  constexpr bool Has(Offset value) const { return lo <= value && value <= hi; }
  friend constexpr bool operator==(Range, Range) = default;
  friend constexpr Range Hull(Range a, Range b) {
    return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_OFFSET_H_
