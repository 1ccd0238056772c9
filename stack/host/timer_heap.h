// TimerHeap: which slot has something to do next.
//
// A binary heap of (instant, slot) with a place for each slot, so that a slot's instant can be
// moved in O(log n). Equal instants come out by slot number: the order is the same in every run.

#ifndef ASSAY_STACK_HOST_TIMER_HEAP_H_
#define ASSAY_STACK_HOST_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/time.h"

namespace assay::host {

class TimerHeap {
 public:
  void Clear();
  // kNever takes the slot out.
  void Set(uint32_t slot, Instant at);
  Instant Next() const { return heap_.empty() ? kNever : heap_.front().at; }
  // There is a next one.
  uint32_t NextSlot() const { return heap_.front().slot; }

 private:
  struct Entry {
    Instant at;
    uint32_t slot;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at < b.at : a.slot < b.slot;
    }
  };
  static constexpr uint32_t kNowhere = UINT32_MAX;

  void Put(size_t i, const Entry& entry);
  void Up(size_t i);
  void Down(size_t i);

  std::vector<Entry> heap_;
  std::vector<uint32_t> place_;  // of each slot in heap_
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_TIMER_HEAP_H_
