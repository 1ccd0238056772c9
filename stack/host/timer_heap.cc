#include "stack/host/timer_heap.h"

namespace assay::host {

void TimerHeap::Clear() {
  for (const Entry& entry : heap_) place_[entry.slot] = kNowhere;
  heap_.clear();
}

void TimerHeap::Set(uint32_t slot, Instant at) {
  if (slot >= place_.size()) {
    if (at == kNever) return;
    place_.resize(size_t{slot} + 1, kNowhere);
  }
  uint32_t place = place_[slot];
  if (at == kNever) {
    if (place == kNowhere) return;
    place_[slot] = kNowhere;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    Put(place, last);
    Up(place);
    Down(place_[last.slot]);
    return;
  }
  if (place == kNowhere) {
    place = static_cast<uint32_t>(heap_.size());
    heap_.push_back({at, slot});
  } else if (heap_[place].at == at) {
    return;
  } else if (heap_.size() == 1) {
    heap_[0].at = at;
    return;
  }
  Put(place, {at, slot});
  Up(place);
  Down(place_[slot]);
}

void TimerHeap::Put(size_t i, const Entry& entry) {
  heap_[i] = entry;
  place_[entry.slot] = static_cast<uint32_t>(i);
}

void TimerHeap::Up(size_t i) {
  const Entry entry = heap_[i];
  while (i > 0) {
    const size_t parent = (i - 1) / 2;
    if (!(entry < heap_[parent])) break;
    Put(i, heap_[parent]);
    i = parent;
  }
  Put(i, entry);
}

void TimerHeap::Down(size_t i) {
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
