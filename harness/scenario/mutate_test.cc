#include "harness/scenario/mutate.h"

#include <algorithm>
#include <set>

#include "gtest/gtest.h"
#include "harness/scenario/generate.h"

namespace assay::scenario {
namespace {

TEST(Mutate, KeepsToTheBoundAndReachesEveryKindOfEvent) {
  Prng prng(3);
  Scenario scenario;
  std::set<EventKind> kinds;
  std::set<Lie> lies;
  std::set<Twist> twists;
  for (int i = 0; i < 20'000; ++i) {
    const size_t most = 1 + prng.Below(kMostEvents);
    const size_t before = scenario.events.size();
    Mutate(scenario, most, prng);
    ASSERT_LE(scenario.events.size(), std::max(most, before));
    for (const Event& event : scenario.events) {
      kinds.insert(event.kind);
      lies.insert(event.lie);
      twists.insert(event.twist);
    }
  }
  EXPECT_EQ(kinds.size(), 4u);
  EXPECT_EQ(lies.size(), 8u);
  EXPECT_EQ(twists.size(), kTwistCount);
}

TEST(Mutate, TheSameSeedMakesTheSameChange) {
  Prng generator(4);
  const Scenario start = GenerateScenario(generator, 10);
  Scenario a = start;
  Scenario b = start;
  Prng first(5);
  Prng second(5);
  Mutate(a, kMostEvents, first);
  Mutate(b, kMostEvents, second);
  EXPECT_TRUE(a == b);
}

TEST(CrossOver, IsNeverLongerThanTheLongerParent) {
  Prng prng(6);
  for (int i = 0; i < 2000; ++i) {
    const Scenario a = GenerateScenario(prng, prng.Below(kMostEvents));
    const Scenario b = GenerateScenario(prng, prng.Below(kMostEvents));
    ASSERT_LE(CrossOver(a, b, prng).events.size(), std::max(a.events.size(), b.events.size()));
  }
}

}  // namespace
}  // namespace assay::scenario
