// Reports: what SACK has told the stack of its own octets, and what it has sent again since (RFC
// 6675).
//
// Only what was surely taken is among them; where something else may have been, nothing is said
// until all that was outstanding then is acknowledged.

#ifndef ASSAY_HARNESS_OBSERVER_REPORTS_H_
#define ASSAY_HARNESS_OBSERVER_REPORTS_H_

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "harness/observer/interval_set.h"
#include "harness/observer/offset.h"

namespace assay::observer {

struct Reports {
  IntervalSet<6> blocks;
  Offset unsure = 0;        // below it something else may be known, or all forgotten
  Offset recovery = 0;      // a recovery that surely began lasts until this is acknowledged
  Offset resent = 0;        // HighRxt: behind the highest octet that was sent again in it
  uint8_t out_of_turn = 0;  // what was sent again in it that was no hole's first sending

  Offset highest() const { return blocks.empty() ? 0 : std::prev(blocks.end())->to; }
  // The first octet at or behind `from` that is not reported and was not sent again.
  Offset FirstHole(Offset from) const { return blocks.EndOfRunFrom(std::max(from, resent)); }
  // How many octets above `from` are reported, and in how many pieces.
  struct Above {
    Offset octets = 0;
    size_t pieces = 0;
  };
  Above Behind(Offset from) const {
    Above above;
    for (const auto& part : blocks) {
      if (part.to <= from) continue;
      above.octets += part.to - std::max(part.from, from);
      ++above.pieces;
    }
    return above;
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_REPORTS_H_
