#include "stack/base/prng.h"

#include <set>

#include "gtest/gtest.h"

namespace assay {
namespace {

TEST(Prng, IsTheSameOnEveryMachine) {
  Prng prng(42);
  EXPECT_EQ(prng.Next(), 0xbdd732262feb6e95u);
  EXPECT_EQ(prng.Next(), 0x28efe333b266f103u);
}

TEST(Prng, BelowReachesEveryValueAndNoOther) {
  Prng prng(1);
  std::set<uint32_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.Below(7));
  EXPECT_EQ(seen, (std::set<uint32_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(Prng, BetweenIncludesBothEnds) {
  Prng prng(1);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.Between(-1, 1));
  EXPECT_EQ(seen, (std::set<int64_t>{-1, 0, 1}));
}

TEST(PrngDeathTest, AnEmptyRangeIsAMistake) { EXPECT_DEATH(Prng(1).Below(0), "bound != 0"); }

}  // namespace
}  // namespace assay
