// Each rule by itself: a run that breaks it and nothing else, and one that nearly does.

#include "harness/rules/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/rules/run_for_test.h"
#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::kAck;
using wire::kFin;

// Those of every file.
std::vector<Trial> AllTrials() {
  std::vector<Trial> all;
  for (const auto more : {HandshakeTrials(), StreamTrials(), SilenceTrials(), ApplicationTrials(),
                          OptionTrials(), PaceTrials(), CongestionTrials(), RecoveryTrials(),
                          RoundTripTrials(), StampTrials(), DuplicateTrials()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

// The addresses and initial numbers of a run, none of which may matter.
std::vector<RunOptions> Settings() {
  std::vector<RunOptions> all;
  for (const bool ipv6 : {false, true}) {
    for (const uint32_t iss : {uint32_t{5'000}, uint32_t{0xffff'ffff}, uint32_t{0x7fff'ffd0}}) {
      all.push_back({.ipv6 = ipv6, .tester_iss = 1'000, .stack_iss = iss});
    }
  }
  return all;
}

class RuleOnTrial : public testing::TestWithParam<Trial> {};

TEST_P(RuleOnTrial, IsBrokenByThisRunAndNoOtherIs) {
  for (RunOptions options : Settings()) {
    options.profile = GetParam().profile;
    SCOPED_TRACE(testing::Message()
                 << "ISS " << options.stack_iss << (options.ipv6 ? ", IPv6" : ""));
    RunForTest run(options);
    GetParam().breaks(run);
    EXPECT_THAT(run.Broken(), ElementsAre(std::string(GetParam().rule))) << run.Report();
    EXPECT_TRUE(run.judge.tainted());
    const size_t number = RuleNumber(GetParam().rule);
    EXPECT_EQ(run.judge.tally().violated[number], 1u);
    EXPECT_GE(run.judge.tally().applied[number], 1u);
  }
}

TEST_P(RuleOnTrial, IsNotBrokenByARunThatNearlyBreaksIt) {
  for (RunOptions options : Settings()) {
    options.profile = GetParam().profile;
    SCOPED_TRACE(testing::Message()
                 << "ISS " << options.stack_iss << (options.ipv6 ? ", IPv6" : ""));
    RunForTest run(options);
    GetParam().nearly(run);
    EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    EXPECT_EQ(run.judge.tally().lost, 0u);
  }
}

std::string NameOf(const testing::TestParamInfo<Trial>& info) {
  std::string name(info.param.rule);
  std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, RuleOnTrial, testing::ValuesIn(AllTrials()), NameOf);

// Where a rule does not apply it is no wonder that it is not broken: so that only those come near
// it by not applying that are meant to.
TEST(Judge, WhatNearlyBreaksARuleIsJudgedByIt) {
  const std::set<std::string_view> does_not_apply = {
      "abort.sends-rst",
      "ack.answers-the-unacceptable",
      "ack.answers-what-was-never-sent",
      "ack.for-every-second-segment",
      "challenge.answers-rst-and-syn",
      "close.resets-what-nobody-reads",
      "fast-retransmit.at-the-third",
      "handshake.one-iss-per-attempt",
      "header.ack-bit-after-the-syn",
      "nagle.not-where-it-is-off",
      "nobody.answers-with-rst",
      "options.mss-only-on-syn",
      "options.sack-permitted-only-on-syn",
      "options.window-scale-only-if-offered",
      "options.window-scale-only-on-syn",
      "probe.gaps-do-not-shrink",
      "probe.of-a-closed-window-alone",
      "rst.answers-an-unacceptable-ack",
      "rto.longer-than-a-round-trip",
      "stack.keeps-running",
      "timestamps.on-every-segment",
      "window.no-silly-steps",
  };
  std::set<std::string_view> unjudged;
  for (const Trial& trial : AllTrials()) {
    RunForTest run;
    trial.nearly(run);
    if (run.judge.tally().applied[RuleNumber(trial.rule)] == 0) unjudged.insert(trial.rule);
  }
  EXPECT_EQ(unjudged, does_not_apply);
}

TEST(Judge, EveryRuleIsPutOnTrial) {
  const std::vector<Trial> trials = AllTrials();
  for (const Rule& rule : AllRules()) {
    EXPECT_EQ(std::ranges::count(trials, rule.id, &Trial::rule), 1) << rule.id;
  }
  EXPECT_EQ(trials.size(), AllRules().size());
}

// A run in which a rule of level SHOULD is broken.
void BreakShould(RunForTest& run) {
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(RunForTest::SynAck({}));
}

TEST(Judge, AFindingBelowMustIsNoViolation) {
  RunForTest run;
  BreakShould(run);
  ASSERT_EQ(run.judge.findings().size(), 1u);
  EXPECT_EQ(run.judge.violation(), nullptr);
}

TEST(Judge, SaysNothingMoreOnceARunIsTainted) {
  RunForTest run;
  run.Stack({});
  ASSERT_TRUE(run.judge.tainted());
  for (int i = 0; i < 3; ++i) run.Stack({});
  run.Peer({});
  run.Quiet();
  run.judge.OnFault("a fault", run.now);
  EXPECT_EQ(run.judge.findings().size(), 1u);
}

TEST(Judge, BeginsEachRunAfresh) {
  RunForTest run;
  run.Stack({});
  ASSERT_TRUE(run.judge.tainted());
  run.judge.Begin({}, {}, 1'000);
  EXPECT_FALSE(run.judge.tainted());
  EXPECT_THAT(run.Broken(), IsEmpty());
  run.Establish();
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
  EXPECT_EQ(run.judge.tally().runs, 2u);
}

TEST(Judge, SaysWhereTheStackMayHaveBeen) {
  RunForTest run;
  run.ReachFinWait2();
  run.Wait(Duration::Seconds(1));
  run.Stack({.seq = 2, .text = 1});
  ASSERT_EQ(run.judge.findings().size(), 1u);
  const Finding& finding = run.judge.findings()[0];
  EXPECT_EQ(finding.seen, "ACK seq=2 ack=1 win=10000 len=1");
  EXPECT_THAT(finding.legal, testing::HasSubstr("FIN-WAIT-2 (SND.UNA=2 SND.MAX=2 RCV.NXT=1"));
  EXPECT_TRUE(finding.states.Has(State::kFinWait2));
  EXPECT_EQ(finding.at, run.now);
}

// From another port of the tester's: another connection, the same two hosts.
TEST(Judge, AnotherConnectionBeginsWithAnotherNumber) {
  for (const int64_t iss : {0, 1}) {
    RunForTest run;
    run.Establish();
    run.Wait(Duration::Milliseconds(1));
    const auto with_port = [&](std::vector<std::byte> packet, bool of_peer) {
      const wire::MutableOctets tcp = wire::MutableOctets(packet).subspan(wire::kIpv4HeaderMin);
      wire::OctetWriter(tcp.subspan(of_peer ? 0 : 2)).U16(RunForTest::kTesterPort + 1);
      const sut::Config config;
      const auto& [from, to] =
          of_peer ? std::pair(config.tester, config.stack) : std::pair(config.stack, config.tester);
      wire::SealTcp(from, to, tcp);
      return packet;
    };
    run.PeerRaw(with_port(run.Encode(RunForTest::Syn(), true), true));
    SegmentForTest syn_ack = RunForTest::SynAck();
    syn_ack.seq = iss;
    run.StackRaw(with_port(run.Encode(syn_ack, false), false));
    if (iss == 0) {
      EXPECT_THAT(run.Broken(), ElementsAre("handshake.iss-moves-on")) << run.Report();
    } else {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    }
  }
}

TEST(Judge, FollowsTwoConnectionsOfOnePort) {
  // An old incarnation in TIME-WAIT, and a new one that its SYN began.
  RunForTest run;
  run.ReachFinWait2();
  run.Peer({.control = kFin | kAck, .ack = 2});
  run.Stack({.seq = 2, .ack = 2});
  run.Quiet();
  SegmentForTest syn = RunForTest::Syn();
  syn.seq = 100'000;
  run.Peer(syn);
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.seq = 200'000;
  syn_ack.ack = 100'001;
  run.Stack(syn_ack);
  run.Quiet();
  run.Peer({.seq = 100'001, .ack = 200'001, .text = 10});
  run.Stack({.seq = 200'001, .ack = 100'011, .window = 9'990});
  run.Quiet();
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
}

TEST(Judge, TalliesAddUp) {
  RunForTest one;
  one.Stack({});
  RunForTest two;
  BreakShould(two);
  Tally sum;
  sum.Add(one.judge.tally());
  sum.Add(two.judge.tally());
  EXPECT_EQ(sum.runs, 2u);
  EXPECT_EQ(sum.violated[RuleNumber("nobody.answers-only-with-rst")], 1u);
  EXPECT_EQ(sum.violated[RuleNumber("handshake.offers-its-mss")], 1u);
}

}  // namespace
}  // namespace assay::rules
