#include "harness/observer/interval_set.h"

#include <gtest/gtest.h>

#include <set>

#include "stack/base/prng.h"

namespace assay::observer {
namespace {

// Every octet by itself: what an interval set stands for.
class Model {
 public:
  void Add(Offset from, Offset to) {
    for (Offset octet = from; octet < to; ++octet) octets_.insert(octet);
  }
  Offset EndOfRunFrom(Offset from) const {
    while (octets_.contains(from)) ++from;
    return from;
  }
  bool Has(Offset octet) const { return octets_.contains(octet); }

 private:
  std::set<Offset> octets_;
};

template <size_t N>
bool Has(const IntervalSet<N>& set, Offset octet) {
  return set.EndOfRunFrom(octet) > octet;
}

constexpr Offset kEnd = 120;

TEST(IntervalSet, IsASetOfOctetsUntilItIsWidened) {
  int widened = 0;
  int exact = 0;
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    Prng prng(seed);
    IntervalSet<4> set;
    Model model;
    for (int step = 0; step < 12; ++step) {
      const Offset from = prng.Below(kEnd - 20);
      const Offset to = from + prng.Below(12);
      set.Add(from, to);
      model.Add(from, to);
      ASSERT_LE(set.size(), 4u);
      for (Offset octet = 0; octet < kEnd; ++octet) {
        if (!set.widened()) {
          ASSERT_EQ(set.EndOfRunFrom(octet), model.EndOfRunFrom(octet)) << "seed " << seed;
        } else {
          ASSERT_GE(set.EndOfRunFrom(octet), model.EndOfRunFrom(octet)) << "seed " << seed;
        }
        // Parts that touch are one part.
        const Offset end = set.EndOfRunFrom(octet);
        ASSERT_EQ(set.EndOfRunFrom(end), end) << "seed " << seed;
      }
      ++(set.widened() ? widened : exact);
    }
  }
  EXPECT_GT(widened, 1'000);
  EXPECT_GT(exact, 1'000);
}

TEST(IntervalSet, WidensOnlyWhereThereIsNoRoom) {
  IntervalSet<3> set;
  for (Offset from : {0, 10, 20}) set.Add(from, from + 2);
  EXPECT_FALSE(set.widened());
  set.Add(2, 4);  // touches the first
  EXPECT_FALSE(set.widened());
  EXPECT_EQ(set.size(), 3u);
  set.Add(30, 31);
  EXPECT_TRUE(set.widened());
  EXPECT_EQ(set.size(), 3u);
  // The two that were nearest are one now: 0 to 12, 6 octets apart against 8.
  EXPECT_EQ(set.EndOfRunFrom(0), 12);
  EXPECT_EQ(set.EndOfRunFrom(20), 22);
  EXPECT_EQ(set.EndOfRunFrom(30), 31);
  EXPECT_FALSE(Has(set, 12));
}

TEST(IntervalSet, FillingAGapMakesOnePart) {
  IntervalSet<4> set;
  for (Offset from : {0, 10, 20, 30}) set.Add(from, from + 5);
  set.Add(3, 32);
  EXPECT_EQ(set.size(), 1u);
  EXPECT_EQ(set.EndOfRunFrom(0), 35);
  EXPECT_FALSE(set.widened());
}

TEST(IntervalSet, AnEmptyIntervalAddsNothing) {
  IntervalSet<2> set;
  set.Add(5, 5);
  set.Add(7, 6);
  EXPECT_TRUE(set.empty());
}

TEST(IntervalSet, ClearForgetsThatItWasWidened) {
  IntervalSet<2> set;
  for (Offset from : {0, 10, 20}) set.Add(from, from + 1);
  ASSERT_TRUE(set.widened());
  set.Clear();
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.widened());
  EXPECT_EQ(set.EndOfRunFrom(0), 0);
}

}  // namespace
}  // namespace assay::observer
