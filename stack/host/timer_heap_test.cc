#include "stack/host/timer_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "stack/base/prng.h"

namespace assay::host {
namespace {

Instant At(int64_t ns) { return Instant::FromNanoseconds(ns); }

TEST(TimerHeap, IsEmptyAtFirst) {
  TimerHeap heap;
  EXPECT_EQ(heap.Next(), kNever);
  heap.Set(3, kNever);
  EXPECT_EQ(heap.Next(), kNever);
}

TEST(TimerHeap, EqualInstantsComeBySlot) {
  TimerHeap heap;
  for (uint32_t slot : {2u, 0u, 1u}) heap.Set(slot, At(7));
  for (uint32_t slot = 0; slot < 3; ++slot) {
    EXPECT_EQ(heap.Next(), At(7));
    EXPECT_EQ(heap.NextSlot(), slot);
    heap.Set(slot, kNever);
  }
  EXPECT_EQ(heap.Next(), kNever);
}

TEST(TimerHeap, WhatIsPutOffComesLaterAndWhatIsHastenedSooner) {
  TimerHeap heap;
  heap.Set(0, At(1));
  heap.Set(1, At(5));
  heap.Set(0, At(9));
  EXPECT_EQ(heap.Next(), At(5));
  EXPECT_EQ(heap.NextSlot(), 1u);
  heap.Set(0, At(3));
  EXPECT_EQ(heap.Next(), At(3));
  EXPECT_EQ(heap.NextSlot(), 0u);
}

TEST(TimerHeap, ClearForgetsAllAndSlotsCanBeSetAgain) {
  TimerHeap heap;
  heap.Set(0, At(1));
  heap.Set(1, At(2));
  heap.Clear();
  EXPECT_EQ(heap.Next(), kNever);
  heap.Set(1, At(4));
  EXPECT_EQ(heap.Next(), At(4));
  EXPECT_EQ(heap.NextSlot(), 1u);
}

// Against a map: any calls whatever, asked often and seldom.
TEST(TimerHeap, IsAsAMapWouldHaveIt) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Prng random(seed);
    const uint32_t slots = 1 + random.Below(12);
    const uint32_t asked_in = 1 + random.Below(8);
    TimerHeap heap;
    std::map<uint32_t, Instant> model;
    for (int i = 0; i < 500; ++i) {
      const uint32_t slot = random.Below(slots);
      if (random.Below(4) == 0) {
        heap.Set(slot, kNever);
        model.erase(slot);
      } else {
        const Instant at = At(random.Below(50));
        heap.Set(slot, at);
        model[slot] = at;
      }
      if (random.Below(asked_in) != 0) continue;
      const auto first = std::ranges::min_element(
          model, {}, [](const auto& entry) { return std::pair(entry.second, entry.first); });
      ASSERT_EQ(heap.Next(), first == model.end() ? kNever : first->second);
      if (first != model.end()) {
        ASSERT_EQ(heap.NextSlot(), first->first);
      }
    }
  }
}

}  // namespace
}  // namespace assay::host
