// Latest: what the last arrival was, as far as what comes next may only answer to it.

#ifndef ASSAY_HARNESS_OBSERVER_LATEST_H_
#define ASSAY_HARNESS_OBSERVER_LATEST_H_

#include <algorithm>
#include <cstdint>

#include "harness/observer/offset.h"

namespace assay::observer {

// What RFC 6191, 2, makes of a SYN in TIME-WAIT.
enum class Reuse : uint8_t { kUnknown, kNew, kOld };

struct Latest {
  bool stamped = false;
  uint32_t stamp = 0;  // TSval
  // Behind its text, if that is in order and surely expected, and it has no timestamps though they
  // were agreed on; and if they are older than TS.Recent, which is too old itself (RFC 7323, 5.5).
  Offset unstamped_end = kNowhere;
  Offset outdated_end = kNowhere;
  Reuse reuse = Reuse::kUnknown;

  // From where to where sequence space arrived since the stack acknowledged anything, and before
  // that since it acknowledged the time before.
  Range fresh = {kUnbounded, -kUnbounded};
  Range stale = {kUnbounded, -kUnbounded};
  // The duplicate that SACK named last (RFC 2883), if nothing came since.
  Range named = {kUnbounded, -kUnbounded};

  constexpr void Arrive(Offset from, Offset to) {
    named = {kUnbounded, -kUnbounded};
    if (from < to) fresh = Hull(fresh, {from, to});
  }
  constexpr void Acknowledged() {
    stale = fresh;
    fresh = {kUnbounded, -kUnbounded};
  }
  constexpr bool HasArrived(Offset from, Offset to) const {
    const Range all = Hull(fresh, stale);
    return all.lo <= from && to <= all.hi;
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_LATEST_H_
