#include "stack/host/timer_heap.h"

namespace assay::host {

void TimerHeap::Clear() {
  for (const uint32_t slot : heap_slot_) place_[slot] = kNowhere;
  heap_at_.clear();
  heap_slot_.clear();
}

void TimerHeap::Reserve(size_t slots) {
  heap_at_.reserve(slots);
  heap_slot_.reserve(slots);
  due_.reserve(slots);
  place_.reserve(slots);
}

void TimerHeap::Add(uint32_t slot, Instant at) {
  if (slot >= place_.size()) {
    due_.resize(size_t{slot} + 1);
    place_.resize(size_t{slot} + 1, kNowhere);
  }
  due_[slot] = at;
  place_[slot] = static_cast<uint32_t>(heap_at_.size());
  heap_at_.push_back(at);
  heap_slot_.push_back(slot);
  Up(heap_at_.size() - 1);
}

void TimerHeap::Hasten(uint32_t place, Instant at) {
  heap_at_[place] = at;
  Up(place);
}

void TimerHeap::PutRight() const {
  for (;;) {
    const uint32_t slot = heap_slot_.front();
    if (due_[slot] == heap_at_.front()) return;
    if (due_[slot] == kNever) {
      place_[slot] = kNowhere;
      heap_at_.front() = heap_at_.back();
      heap_slot_.front() = heap_slot_.back();
      heap_at_.pop_back();
      heap_slot_.pop_back();
      if (heap_at_.empty()) return;
    } else {
      heap_at_.front() = due_[slot];
    }
    Down(0);
  }
}

void TimerHeap::Put(size_t i, const Entry& entry) const {
  heap_at_[i] = entry.at;
  heap_slot_[i] = entry.slot;
  place_[entry.slot] = static_cast<uint32_t>(i);
}

void TimerHeap::Up(size_t i) const {
  const Entry entry = At(i);
  while (i > 0) {
    const size_t parent = (i - 1) / 2;
    if (!(entry < At(parent))) break;
    Put(i, At(parent));
    i = parent;
  }
  Put(i, entry);
}

void TimerHeap::Down(size_t i) const {
  const Entry entry = At(i);
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= heap_at_.size()) break;
    if (child + 1 < heap_at_.size() && At(child + 1) < At(child)) ++child;
    if (!(At(child) < entry)) break;
    Put(i, At(child));
    i = child;
  }
  Put(i, entry);
}

}  // namespace assay::host
