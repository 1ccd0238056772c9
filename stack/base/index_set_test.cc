#include "stack/base/index_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace assay {
namespace {

template <size_t N>
std::vector<size_t> Numbers(const IndexSet<N>& set) {
  std::vector<size_t> out;
  set.ForEach([&](size_t i) { out.push_back(i); });
  return out;
}

// Every pair of numbers, where it ends on a word, within one, and behind two.
template <size_t N>
void ExpectHoldsEachPair() {
  for (size_t a = 0; a < N; ++a) {
    for (size_t b = a + 1; b < N; ++b) {
      IndexSet<N> set;
      EXPECT_TRUE(set.empty());
      set.Add(b);
      set.Add(a);
      EXPECT_FALSE(set.empty());
      EXPECT_EQ(Numbers(set), (std::vector<size_t>{a, b}));
      EXPECT_EQ(set.First(), a);
      for (size_t i = 0; i <= N; ++i) ASSERT_EQ(set.Has(i), i == a || i == b);
    }
  }
}

TEST(IndexSet, HoldsWhatWasAddedInOrder) {
  ExpectHoldsEachPair<63>();
  ExpectHoldsEachPair<64>();
  ExpectHoldsEachPair<65>();
  ExpectHoldsEachPair<130>();
}

TEST(IndexSet, AUnionHoldsWhatEitherDoes) {
  IndexSet<130> low, high;
  low.Add(1);
  low.Add(64);
  high.Add(64);
  high.Add(129);
  IndexSet<130> both = low;
  both |= high;
  EXPECT_THAT(Numbers(both), testing::ElementsAre(1, 64, 129));
  EXPECT_FALSE(both == low);
  low |= high;
  EXPECT_TRUE(both == low);
}

TEST(IndexSet, AnIntersectionHoldsWhatBothDoAndADifferenceWhatOneDoes) {
  IndexSet<130> low, high;
  low.Add(1);
  low.Add(64);
  high.Add(64);
  high.Add(129);
  EXPECT_THAT(Numbers(low & high), testing::ElementsAre(64));
  low ^= high;
  EXPECT_THAT(Numbers(low), testing::ElementsAre(1, 129));
}

TEST(IndexSet, WhereKeepsThoseForWhichItHolds) {
  IndexSet<130> set;
  for (size_t i = 0; i < 130; i += 3) set.Add(i);
  std::vector<size_t> asked;
  const IndexSet<130> even = set.Where([&](size_t i) {
    asked.push_back(i);
    return i % 2 == 0;
  });
  EXPECT_EQ(asked, Numbers(set));
  std::vector<size_t> expected;
  for (size_t i = 0; i < 130; i += 6) expected.push_back(i);
  EXPECT_EQ(Numbers(even), expected);
}

}  // namespace
}  // namespace assay
