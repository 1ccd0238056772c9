// What stacks show of their choices, and that they are held to it.

#include "harness/cases/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "harness/adapters/reference/reference_stack.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/cli/seeds_for_test.h"
#include "harness/driver/session.h"
#include "harness/scenario/generate.h"
#include "harness/sut/tampered_stack.h"
#include "stack/wire/packet.h"

namespace assay::cases {
namespace {

using adapters::MakeReferenceStack;
using testing::HasSubstr;
using testing::Optional;

TEST(Discovery, TellsWhatThePolicyOfTheReferenceIs) {
  const tcp::Policy policy = tcp::Policy::Rfc9293();
  const Discovery shown = Discover(*MakeReferenceStack(policy));
  EXPECT_THAT(shown.challenges_reset, Optional(true));
  EXPECT_THAT(shown.challenges_syn, Optional(true));
  EXPECT_THAT(shown.in_time_wait, Optional(Reopening::kOpensAnew));
  EXPECT_THAT(shown.window_scale, Optional(true));
  EXPECT_THAT(shown.sack, Optional(policy.sack));
  EXPECT_THAT(shown.timestamps, Optional(policy.timestamps));
  EXPECT_THAT(shown.first_rto, Optional(policy.rto_initial));
  EXPECT_THAT(shown.least_rto, Optional(policy.rto_min));
  EXPECT_THAT(shown.delayed_ack, Optional(policy.delayed_ack));
  EXPECT_THAT(shown.initial_window, Optional(14'600u));
  ASSERT_TRUE(shown.two_msl.has_value());
  EXPECT_GE(*shown.two_msl, policy.msl * 2);
  EXPECT_LE(*shown.two_msl, policy.msl * 2 + Duration::Milliseconds(1));
}

TEST(Discovery, SeesEachChoiceThatIsMadeOtherwise) {
  tcp::Policy policy = tcp::Policy::Rfc793();
  policy.reopen_time_wait = false;
  policy.sack = false;
  policy.timestamps = false;
  policy.rto_initial = Duration::Seconds(3);
  policy.rto_min = Duration::Milliseconds(200);
  policy.delayed_ack = Duration();
  policy.msl = Duration::Seconds(30);
  const Discovery shown = Discover(*MakeReferenceStack(policy));
  EXPECT_THAT(shown.challenges_reset, Optional(false));
  EXPECT_THAT(shown.challenges_syn, Optional(false));
  ASSERT_TRUE(shown.in_time_wait.has_value());
  EXPECT_NE(*shown.in_time_wait, Reopening::kOpensAnew);
  EXPECT_THAT(shown.sack, Optional(false));
  EXPECT_THAT(shown.timestamps, Optional(false));
  EXPECT_THAT(shown.first_rto, Optional(Duration::Seconds(3)));
  EXPECT_THAT(shown.least_rto, Optional(Duration::Milliseconds(200)));
  EXPECT_THAT(shown.delayed_ack, Optional(Duration()));
  ASSERT_TRUE(shown.two_msl.has_value());
  EXPECT_LE(*shown.two_msl, Duration::Milliseconds(60'001));
}

TEST(Discovery, ShowsNothingOfAStackThatSaysNothing) {
  sut::TamperedStack silent(MakeReferenceStack(),
                            [](wire::MutableOctets, size_t) -> size_t { return 0; });
  const Discovery shown = Discover(silent);
  EXPECT_FALSE(shown.challenges_reset.has_value());
  EXPECT_FALSE(shown.in_time_wait.has_value());
  EXPECT_FALSE(shown.sack.has_value());
  EXPECT_FALSE(shown.first_rto.has_value());
  EXPECT_FALSE(shown.two_msl.has_value());
  EXPECT_THAT(ToString(shown), HasSubstr("TIME-WAIT lasts                    not shown\n"));
}

// A profile that was discovered is as good as the one that was declared: no case fails on it.
TEST(Discovery, AStackObeysTheProfileThatItShows) {
  for (const tcp::Policy& policy : {tcp::Policy::Rfc793(), tcp::Policy::Rfc9293()}) {
    const auto stack = MakeReferenceStack(policy);
    observer::Profile profile = adapters::ProfileOf(stack->capabilities());
    HoldTo(Discover(*stack), profile);
    driver::Session session(*stack, profile);
    for (const uint64_t seed : cli::SeedsForTest(2'000)) {
      ASSERT_TRUE(session.Run(scenario::RandomScenario(seed)));
      EXPECT_TRUE(session.judge().findings().empty()) << "seed " << seed;
    }
  }
}

// It answers RSTs in the window with a challenge to begin with, and with the end from then on.
TEST(Discovery, AChoiceThatIsMadeOtherwiseLaterIsAFinding) {
  const auto before = MakeReferenceStack(tcp::Policy::Rfc9293());
  const auto later = MakeReferenceStack(tcp::Policy::Rfc793());
  observer::Profile profile = adapters::ProfileOf(before->capabilities());
  HoldTo(Discover(*before), profile);
  const Case* reset = FindCase("RST-10");
  ASSERT_NE(reset, nullptr);
  driver::Session session(*later, profile);
  const CaseRun run = RunCase(*reset, false, session);
  EXPECT_EQ(run.outcome, Outcome::kFailed);
  EXPECT_FALSE(run.findings.empty());
}

}  // namespace
}  // namespace assay::cases
