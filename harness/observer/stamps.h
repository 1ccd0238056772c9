// Stamps: the timestamps of both ends, as far as they bind the stack (RFC 7323).
//
// What the stack has as TS.Recent is a set of values: one where it is certain, more where a segment
// may have been taken or not. There are two such sets, since the text asks for more than its MUSTs.

#ifndef ASSAY_HARNESS_OBSERVER_STAMPS_H_
#define ASSAY_HARNESS_OBSERVER_STAMPS_H_

#include <algorithm>
#include <cstdint>

#include "stack/base/bounded_vector.h"
#include "stack/base/time.h"

namespace assay::observer {

// RFC 7323, 5.2: on the circle, and half a circle away is not older.
constexpr bool IsOlderStamp(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

class StampSet {
 public:
  void Be(uint32_t value) {
    values_.clear();
    values_.push_back(value);
    lost_ = false;
  }
  // False in known() where there is no room for another.
  void Add(uint32_t value) {
    if (Has(value)) return;
    if (!values_.TryPush(value)) lost_ = true;
  }
  bool known() const { return !lost_ && !values_.empty(); }
  bool Has(uint32_t value) const { return std::ranges::find(values_, value) != values_.end(); }
  // Older than each of them.
  bool AllNewerThan(uint32_t value) const {
    return std::ranges::all_of(values_, [value](uint32_t v) { return IsOlderStamp(value, v); });
  }
  bool NoneNewerThan(uint32_t value) const {
    return std::ranges::none_of(values_, [value](uint32_t v) { return IsOlderStamp(value, v); });
  }

 private:
  BoundedVector<uint32_t, 6> values_;
  bool lost_ = false;
};

struct Stamps {
  // The newest TSval of the stack, and when it was sent.
  bool seen = false;
  uint32_t value = 0;
  Instant at;
  // What TS.Recent may be: by the text, and where nothing but the MUSTs is kept.
  StampSet recent;
  StampSet perhaps;
  bool surely_old = false;  // the last arrival fails PAWS, whatever TS.Recent is
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_STAMPS_H_
