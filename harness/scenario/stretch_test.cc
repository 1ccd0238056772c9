#include "harness/scenario/stretch.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "harness/scenario/record.h"

namespace assay::scenario {
namespace {

TEST(Stretch, HasOnlyWhatRecordsCanSay) {
  Prng prng(1);
  std::set<size_t> sizes;
  for (int i = 0; i < 2'000; ++i) {
    Scenario scenario;
    const Stretch stretch = GenerateStretch(scenario.header, prng);
    ASSERT_FALSE(stretch.empty());
    sizes.insert(stretch.size());
    for (const Event& event : stretch) {
      ASSERT_TRUE(event.twist == Twist::kNone || KindOf(event.twist) == event.kind);
      scenario.events.push_back(event);
    }
    std::array<std::byte, 4'096> room;
    ASSERT_TRUE(DecodeRecords(EncodeRecords(scenario, room)) == scenario);
  }
  EXPECT_GT(sizes.size(), 4u);
}

TEST(Stretch, TheSameNumbersGiveTheSame) {
  Prng a(7), b(7);
  for (int i = 0; i < 100; ++i) {
    Header of_a, of_b;
    const Stretch one = GenerateStretch(of_a, a), other = GenerateStretch(of_b, b);
    ASSERT_EQ(of_a, of_b);
    ASSERT_EQ(one.size(), other.size());
    for (size_t k = 0; k < one.size(); ++k) ASSERT_EQ(one[k], other[k]);
  }
}

}  // namespace
}  // namespace assay::scenario
