// A set of stream octets as at most N intervals.
//
// When there is no room for another, the two nearest become one and `widened` is set: the set then
// holds octets that were never added. Users that need an upper bound stay sound.

#ifndef ASSAY_HARNESS_OBSERVER_INTERVAL_SET_H_
#define ASSAY_HARNESS_OBSERVER_INTERVAL_SET_H_

#include "harness/observer/offset.h"
#include "stack/base/bounded_vector.h"

namespace assay::observer {

template <size_t N>
class IntervalSet {
 public:
  struct Part {
    Offset from = 0;
    Offset to = 0;
  };

  // Adds [from, to).
  constexpr void Add(Offset from, Offset to) {
    if (from >= to) return;
    size_t at = 0;
    while (at < parts_.size() && parts_[at].to < from) ++at;
    size_t end = at;
    while (end < parts_.size() && parts_[end].from <= to) {
      from = std::min(from, parts_[end].from);
      to = std::max(to, parts_[end].to);
      ++end;
    }
    parts_.Erase(at, end);
    if (parts_.full()) {
      MergeNearest();
      widened_ = true;
      Add(from, to);
      return;
    }
    parts_.Insert(at, {from, to});
  }

  // The first octet at or behind `from` that is not in the set.
  constexpr Offset EndOfRunFrom(Offset from) const {
    for (const Part& part : parts_) {
      if (part.from <= from && from < part.to) return part.to;
    }
    return from;
  }

  // True if every octet of [from, to) is in the set.
  constexpr bool Covers(Offset from, Offset to) const {
    return from >= to || EndOfRunFrom(from) >= to;
  }
  // Takes out all octets below `edge`.
  constexpr void DropBelow(Offset edge) {
    size_t gone = 0;
    while (gone < parts_.size() && parts_[gone].to <= edge) ++gone;
    parts_.Erase(0, gone);
    if (!parts_.empty()) parts_[0].from = std::max(parts_[0].from, edge);
  }

  // Behind the last octet; `none` if there is none.
  constexpr Offset End(Offset none) const { return empty() ? none : parts_[parts_.size() - 1].to; }
  constexpr bool widened() const { return widened_; }
  constexpr bool empty() const { return parts_.empty(); }
  constexpr auto begin() const { return parts_.begin(); }
  constexpr auto end() const { return parts_.end(); }
  constexpr size_t size() const { return parts_.size(); }
  constexpr void Clear() {
    parts_.clear();
    widened_ = false;
  }

 private:
  constexpr void MergeNearest() {
    size_t best = 0;
    for (size_t i = 1; i + 1 < parts_.size(); ++i) {
      if (parts_[i + 1].from - parts_[i].to < parts_[best + 1].from - parts_[best].to) best = i;
    }
    parts_[best].to = parts_[best + 1].to;
    parts_.Erase(best + 1, best + 2);
  }

  BoundedVector<Part, N> parts_;
  bool widened_ = false;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_INTERVAL_SET_H_
