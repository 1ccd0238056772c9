#include "stack/host/timer_heap.h"

namespace assay::host {

void TimerHeap::Clear() {
  for (const Entry& entry : heap_) slots_[entry.slot] = {};
  heap_.clear();
}

void TimerHeap::Add(uint32_t slot, Instant at) {
  if (slot >= slots_.size()) slots_.resize(size_t{slot} + 1);
  slots_[slot] = {at, static_cast<uint32_t>(heap_.size())};
  heap_.push_back({at, slot});
  Up(heap_.size() - 1);
}

void TimerHeap::Hasten(uint32_t place, Instant at) {
  heap_[place].at = at;
  Up(place);
}

void TimerHeap::PutRight() const {
  for (;;) {
    Entry& first = heap_.front();
    Slot& slot = slots_[first.slot];
    if (slot.due == first.at) return;
    if (slot.due == kNever) {
      slot.place = kNowhere;
      first = heap_.back();
      heap_.pop_back();
      if (heap_.empty()) return;
    } else {
      first.at = slot.due;
    }
    Down(0);
  }
}

void TimerHeap::Put(size_t i, const Entry& entry) const {
  heap_[i] = entry;
  slots_[entry.slot].place = static_cast<uint32_t>(i);
}

void TimerHeap::Up(size_t i) const {
  const Entry entry = heap_[i];
  while (i > 0) {
    const size_t parent = (i - 1) / 2;
    if (!(entry < heap_[parent])) break;
    Put(i, heap_[parent]);
    i = parent;
  }
  Put(i, entry);
}

void TimerHeap::Down(size_t i) const {
  const Entry entry = heap_[i];
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (!(heap_[child] < entry)) break;
    Put(i, heap_[child]);
    i = child;
  }
  Put(i, entry);
}

}  // namespace assay::host
