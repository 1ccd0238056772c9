// TimerHeap: which slot has something to do next.
//
// A binary heap of (instant, slot) with a place for each slot. A slot that is put off keeps its
// place: timers are put off with nearly every segment, and come due seldom. So what stands in the
// heap is never later than what is meant, and is put right when it comes to the top. Equal instants
// come out by slot number: the order is the same in every run.

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
  // kNever: nothing any more.
  void Set(uint32_t slot, Instant at) {
    if (slot >= slots_.size() || slots_[slot].place == kNowhere) {
      if (at != kNever) Add(slot, at);
      return;
    }
    Slot& known = slots_[slot];
    known.due = at;
    if (at < heap_[known.place].at) Hasten(known.place, at);
  }
  Instant Next() const {
    if (heap_.empty()) return kNever;
    const Entry& first = heap_.front();
    if (slots_[first.slot].due != first.at) PutRight();
    return heap_.empty() ? kNever : heap_.front().at;
  }
  // Right behind a Next() that was not kNever.
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
  struct Slot {
    Instant due = kNever;
    uint32_t place = kNowhere;  // in heap_
  };

  void Add(uint32_t slot, Instant at);
  void Hasten(uint32_t place, Instant at);
  // Until what is on top of the heap, which is not empty, is due when it says so.
  void PutRight() const;
  void Put(size_t i, const Entry& entry) const;
  void Up(size_t i) const;
  void Down(size_t i) const;

  // What they mean is not changed by putting them right.
  mutable std::vector<Entry> heap_;
  mutable std::vector<Slot> slots_;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_TIMER_HEAP_H_
