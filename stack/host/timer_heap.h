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
  // Takes the memory that so many slots need.
  void Reserve(size_t slots);
  // kNever: nothing any more.
  void Set(uint32_t slot, Instant at) {
    if (slot >= place_.size() || place_[slot] == kNowhere) {
      if (at != kNever) Add(slot, at);
      return;
    }
    due_[slot] = at;
    if (at < heap_at_[place_[slot]]) Hasten(place_[slot], at);
  }
  Instant Next() const {
    if (heap_at_.empty()) return kNever;
    if (due_[heap_slot_.front()] != heap_at_.front()) PutRight();
    return heap_at_.empty() ? kNever : heap_at_.front();
  }
  // Right behind a Next() that was not kNever.
  uint32_t NextSlot() const { return heap_slot_.front(); }

 private:
  struct Entry {
    Instant at;
    uint32_t slot;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at < b.at : a.slot < b.slot;
    }
  };
  static constexpr uint32_t kNowhere = UINT32_MAX;

  void Add(uint32_t slot, Instant at);
  void Hasten(uint32_t place, Instant at);
  // Until what is on top of the heap, which is not empty, is due when it says so.
  void PutRight() const;
  Entry At(size_t i) const { return {heap_at_[i], heap_slot_[i]}; }
  void Put(size_t i, const Entry& entry) const;
  void Up(size_t i) const;
  void Down(size_t i) const;

  // The heap, and of each slot when it is due and where it stands in the heap. Apart, since an
  // instant beside a slot leaves a hole. What they mean is not changed by putting them right.
  mutable std::vector<Instant> heap_at_;
  mutable std::vector<uint32_t> heap_slot_;
  mutable std::vector<Instant> due_;
  mutable std::vector<uint32_t> place_;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_TIMER_HEAP_H_
