// Stacks in real time: what the driver and the check make of a clock that nobody can wind on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/cli/check.h"
#include "harness/driver/session.h"
#include "harness/report/ladder.h"
#include "harness/scenario/event.h"
#include "harness/sut/forwarding_stack.h"

namespace assay::cli {
namespace {

using cases::Outcome;
using report::Verdict;

// The reference, on a clock that runs on by `lag` before each stimulus.
class LateStack : public sut::ForwardingStack {
 public:
  explicit LateStack(Duration lag)
      : ForwardingStack(std::move(adapters::OpenStack("reference", "")->stack)), lag_(lag) {
    capabilities_ = ForwardingStack::capabilities();
    capabilities_.bits &= ~static_cast<uint32_t>(sut::Capability::kVirtualTime);
  }
  const sut::Capabilities& capabilities() const override { return capabilities_; }
  Duration Advance(Duration duration, bool stop_at_output) override {
    if (duration > Duration()) return ForwardingStack::Advance(duration, stop_at_output);
    // Caught up with the clock once, it has nothing to catch up with.
    const Duration behind = std::exchange(behind_, Duration());
    if (behind == Duration()) return behind;
    const Duration passed = ForwardingStack::Advance(behind, stop_at_output);
    behind_ = behind - passed;
    return passed;
  }
  void Deliver(wire::Octets packet) override {
    ForwardingStack::Deliver(packet);
    behind_ = lag_;
  }

 private:
  sut::Capabilities capabilities_;
  Duration lag_;
  Duration behind_;
};

const cases::Case& CaseNamed(std::string_view name) { return *cases::FindCase(name); }

TEST(RealTime, WhatATimerDidBeforeAStimulusComesBeforeIt) {
  LateStack stack(Duration::Milliseconds(1'500));
  driver::Session session(stack, {});
  // SYN, and then nothing from the tester for longer than the time-out of the SYN,ACK.
  ASSERT_TRUE(session.Begin({}));
  session.Do(scenario::Polite());
  session.Do(scenario::Polite());
  std::vector<observer::TraceKind> packets;
  std::vector<Instant> times;
  for (const observer::TraceEvent& event : session.trace().events()) {
    if (event.kind != observer::TraceKind::kToStack &&
        event.kind != observer::TraceKind::kFromStack) {
      continue;
    }
    packets.push_back(event.kind);
    times.push_back(event.at);
  }
  using enum observer::TraceKind;
  EXPECT_THAT(packets, testing::ElementsAre(kToStack, kFromStack, kFromStack, kToStack));
  ASSERT_EQ(times.size(), 4u);
  EXPECT_EQ(times[2], times[0] + Duration::Seconds(1));
  EXPECT_EQ(times[3], times[0] + Duration::Milliseconds(1'500));
  EXPECT_EQ(session.longest_stall(), Duration::Milliseconds(1'500));
  EXPECT_TRUE(session.judge().findings().empty());
}

TEST(RealTime, ARunThatWouldWaitLongerThanThereIsPatienceIsGivenUp) {
  LateStack stack({});
  driver::Session session(stack, {});
  session.set_patience(Duration::Seconds(20));
  // It would take 241 s; what comes after them is not known.
  const cases::CaseRun given_up = cases::RunCase(CaseNamed("TMW-03"), false, session);
  EXPECT_EQ(given_up.outcome, Outcome::kGaveUp) << given_up.failure;
  EXPECT_TRUE(session.gave_up());
  EXPECT_LT(session.trace().events().back().at, Instant() + Duration::Seconds(1));
  // What comes in time is judged, although the case would have waited longer.
  const cases::CaseRun in_time = cases::RunCase(CaseNamed("RTO-02"), false, session);
  EXPECT_EQ(in_time.outcome, Outcome::kPassed) << in_time.failure;
  EXPECT_FALSE(session.gave_up());
  session.set_patience(Duration::Seconds(2));
  EXPECT_EQ(cases::RunCase(CaseNamed("RTO-02"), false, session).outcome, Outcome::kGaveUp);
  // A stack in virtual time is waited for without end.
  adapters::Stack patient = *adapters::OpenStack("reference", "");
  driver::Session other(*patient.stack, patient.profile);
  other.set_patience(Duration());
  EXPECT_EQ(cases::RunCase(CaseNamed("TMW-03"), false, other).outcome, Outcome::kPassed);
}

// The reference as LateStack, by which many at a time can be run.
adapters::Stack Late(Duration lag) {
  adapters::Stack stack = *adapters::OpenStack("reference", "");
  stack.stack = std::make_unique<LateStack>(lag);
  stack.another = [lag] { return std::make_unique<LateStack>(lag); };
  return stack;
}

report::CaseResult OnlyResult(adapters::Stack stack, const std::string& filter) {
  report::StackResults results = CheckStack(stack, {.filter = filter});
  EXPECT_EQ(results.cases.size(), 2u);
  return results.cases[0];
}

TEST(RealTime, RunsSideBySideFindWhatOneByOneWouldHave) {
  adapters::Stack one = *adapters::OpenStack("reference", "");
  adapters::Stack many = Late({});
  const CheckOptions options{
      .scenarios = 300, .patience = Duration::Seconds(1000), .short_patience = options.patience};
  const report::StackResults alone = CheckStack(one, options);
  const report::StackResults together = CheckStack(many, options);
  ASSERT_EQ(alone.cases.size(), together.cases.size());
  for (size_t i = 0; i < alone.cases.size(); ++i) {
    EXPECT_EQ(alone.cases[i].name, together.cases[i].name);
    // Some are of times that only a stack in virtual time keeps.
    if (together.cases[i].verdict == report::Verdict::kNotSupported) continue;
    EXPECT_EQ(alone.cases[i].verdict, together.cases[i].verdict) << alone.cases[i].name;
  }
  EXPECT_EQ(together.scenarios, 300u);
  ASSERT_EQ(alone.requirements.size(), together.requirements.size());
  for (size_t i = 0; i < alone.requirements.size(); ++i) {
    // What only such a case exercises is not exercised.
    if (together.requirements[i].verdict < report::Verdict::kPassed) continue;
    EXPECT_EQ(alone.requirements[i].verdict, together.requirements[i].verdict)
        << alone.requirements[i].id;
  }
}

TEST(RealTime, AGivenUpCaseDoesNotReadAsPassed) {
  const report::CaseResult result = OnlyResult(Late({}), "TMW-03");
  EXPECT_EQ(result.verdict, Verdict::kNotExercised);
  EXPECT_THAT(result.reason, testing::HasSubstr("--slow"));
}

// With each stimulus a second late SYN,ACKs come again where one was expected: it is no fault of
// the stack's.
TEST(RealTime, ARunInWhichTheMachineStalledProvesNothing) {
  const report::CaseResult late = OnlyResult(Late(Duration::Milliseconds(1'100)), "CLS-01");
  EXPECT_EQ(late.verdict, Verdict::kNotExercised);
  EXPECT_THAT(late.reason, testing::HasSubstr("stalled"));
  const report::CaseResult in_time = OnlyResult(Late(Duration::Milliseconds(1)), "CLS-01");
  EXPECT_EQ(in_time.verdict, Verdict::kPassed);
}

// On this machine's kernel all is passed, known, or takes longer than a test may.
TEST(RealTime, TheKernelIsSettled) {
  int stacks = 0;
  for (const adapters::StackName& named : adapters::StackNames()) {
    if (named.clock != adapters::Clock::kReal) continue;
    auto stack = adapters::OpenStack(std::string(named.name), "");
    if (absl::IsUnavailable(stack.status())) GTEST_SKIP() << stack.status().message();
    ASSERT_TRUE(stack.ok()) << stack.status();
    ++stacks;
    const report::StackResults results =
        CheckStack(*stack, {.scenarios = 200,
                            .patience = Duration::Seconds(6),
                            .short_patience = Duration::Seconds(1)});
    EXPECT_GT(results.scenarios, 150u);
    for (const report::CaseResult& result : results.cases) {
      EXPECT_LE(result.verdict, Verdict::kKnownDeviation)
          << named.name << ": " << result.name << ": " << result.title << "\n"
          << report::Ladder(result.trace, {.violations = result.violations});
    }
  }
  if (stacks == 0) GTEST_SKIP() << "this program has no stack in real time";
}

}  // namespace
}  // namespace assay::cli
