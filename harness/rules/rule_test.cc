#include "harness/rules/rule.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/requirements/requirement.h"

namespace assay::rules {
namespace {

TEST(Rule, IdsAreUnique) {
  std::set<std::string_view> seen;
  for (const Rule& rule : AllRules()) EXPECT_TRUE(seen.insert(rule.id).second) << rule.id;
}

// "window.right-edge-never-retreats": a topic, a dot, and the claim in small letters.
TEST(Rule, AnIdIsATopicAndAClaim) {
  for (const Rule& rule : AllRules()) {
    EXPECT_EQ(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-"), std::string_view::npos)
        << rule.id;
    const size_t dot = rule.id.find('.');
    EXPECT_NE(dot, std::string_view::npos) << rule.id;
    EXPECT_EQ(dot, rule.id.rfind('.')) << rule.id;
    EXPECT_GT(dot, 0u) << rule.id;
    EXPECT_LT(dot + 1, rule.id.size()) << rule.id;
  }
}

TEST(Rule, SaysWhatItClaimsAndWhere) {
  for (const Rule& rule : AllRules()) {
    ASSERT_FALSE(rule.sentence.empty()) << rule.id;
    EXPECT_NE(rule.sentence.back(), '.') << rule.id << " is the end of \"legal is: ...\"";
    EXPECT_TRUE(rule.section.starts_with("RFC ")) << rule.id;
    EXPECT_NE(rule.section.find(','), std::string_view::npos) << rule.id;
  }
}

TEST(Rule, CitesRequirementsThatExist) {
  for (const Rule& rule : AllRules()) {
    EXPECT_FALSE(rule.cites.empty()) << rule.id;
    std::set<std::string_view> seen;
    for (std::string_view id : rule.cites) {
      EXPECT_NE(requirements::Find(id), nullptr) << rule.id << " cites " << id;
      EXPECT_TRUE(seen.insert(id).second) << rule.id << " cites " << id << " twice";
    }
  }
}

// Facts of a connection that has sent a little.
observer::Facts Ordinary() {
  observer::Facts facts;
  facts.has_iss = facts.has_irs = true;
  facts.app_sent = 100;
  facts.snd_max = 50;
  return facts;
}

// The same with much behind it: everything that a rule may need to be given.
observer::Facts Eventful(observer::Congestion::Phase phase, bool sack) {
  observer::Facts facts = Ordinary();
  facts.has_acked = true;
  facts.offered_sack = facts.stack_offered_sack = sack;
  facts.offered_timestamps = facts.stack_offered_timestamps = true;
  facts.send_edge = 1'000;
  facts.sacked.Add(10, 20);
  facts.path_mtu = 1'000;
  facts.urgent_ends.push_back(60);
  facts.latest.unstamped_end = facts.latest.outdated_end = 30;
  facts.latest.reuse = observer::Reuse::kNew;
  facts.reports.blocks.Add(20, 30);
  facts.congestion.phase = phase;
  facts.congestion.threshold = phase == observer::Congestion::Phase::kRecovering ? 0 : 1'000;
  facts.congestion.window = facts.congestion.restart = 500;
  facts.congestion.in_row = true;
  facts.congestion.row = 2;
  facts.congestion.unsettled = 40;
  facts.pace.collapse_lasts = true;
  facts.pace.silly_steps = 1;
  facts.pace.edge_is_sure = true;
  facts.pace.edge = 900;
  facts.pace.small_end = 40;
  return facts;
}

// A rule that says too little of what it concerns, or needs to be given too much, would be passed
// over where it applies.
void ExpectConcernsAllThatItAppliesTo(const observer::Facts& facts, observer::Offset seq,
                                      std::set<std::string_view>& rules_applied) {
  const std::vector<std::byte> text(10, std::byte{7});
  observer::Profile profile;
  profile.standard_congestion = true;
  int applied = 0;
  for (unsigned control = 0; control < 256; ++control) {
    for (unsigned kind = 0; kind < 16; ++kind) {
      observer::SegmentSeen segment;
      segment.header.control = static_cast<uint8_t>(control);
      segment.header.seq = 1;
      segment.header.ack = 1;
      if ((kind & 1) != 0) segment.payload = text;
      if ((kind & 2) != 0) segment.options.sack.push_back({10, 20});
      if ((kind & 4) != 0) segment.options.timestamps = wire::Timestamps{1, 2};
      if ((kind & 4) != 0 && segment.header.syn()) {
        segment.options.mss = 1460;
        segment.options.window_scale = 2;
      }
      observer::Emission emission;
      emission.seg = &segment;
      emission.seq = seq;
      emission.text = static_cast<observer::Offset>(segment.payload.size());
      emission.has_place = true;
      emission.answers = (kind & 8) != 0;
      const uint16_t features = FeaturesOf(segment);
      const uint32_t given = GivenIn(facts, emission);
      const Cause cause = emission.answers ? Cause::kStimulus : Cause::kTimer;
      for (const Rule& rule : AllRules()) {
        const bool concerned = (rule.concerns & features) != 0 &&
                               ((given >> static_cast<unsigned>(rule.given)) & 1u) != 0 &&
                               (rule.cause == cause || rule.cause == Cause::kEither);
        if (rule.of_fact != nullptr &&
            rule.of_fact(facts, profile, emission) != Verdict::kNotApplicable) {
          ++applied;
          rules_applied.insert(rule.id);
          EXPECT_TRUE(concerned) << rule.id << " " << wire::ControlNames(segment.header.control);
        }
        if (rule.of_belief == nullptr) continue;
        for (const spec::State state : spec::kAllStates) {
          observer::Hypothesis h;
          h.rcv_nxt = h.snd_una = observer::Range::At(1);
          h.rst_in_flight = true;
          const Believing out =
              observer::IsNobody(state) ? Believing::kConnection : Believing::kNobody;
          if (rule.of_belief(facts, profile, state, h, emission) == Verdict::kNotApplicable) {
            continue;
          }
          ++applied;
          rules_applied.insert(rule.id);
          EXPECT_TRUE(concerned && rule.believing != out)
              << rule.id << " " << wire::ControlNames(segment.header.control) << " in "
              << spec::Name(state);
        }
      }
    }
  }
  EXPECT_GT(applied, 10'000);
}

TEST(Rule, ConcernsEverySegmentAndBeliefThatItAppliesTo) {
  std::set<std::string_view> applied;
  for (const observer::Offset seq : {1, 45, 50}) {
    ExpectConcernsAllThatItAppliesTo(Ordinary(), seq, applied);
    using Phase = observer::Congestion::Phase;
    for (const Phase phase :
         {Phase::kOpening, Phase::kTimedOut, Phase::kRecovering, Phase::kRecovered}) {
      for (const bool sack : {false, true}) {
        ExpectConcernsAllThatItAppliesTo(Eventful(phase, sack), seq, applied);
      }
    }
  }
  // Most of those that need something given were among them.
  std::set<std::string_view> given, left_out;
  for (const Rule& rule : AllRules()) {
    if (rule.given == Given::kAlways) continue;
    given.insert(rule.id);
    if (!applied.contains(rule.id)) left_out.insert(rule.id);
  }
  EXPECT_GT(given.size(), 20u);
  for (std::string_view id : left_out) std::cout << "not applied: " << id << "\n";
  EXPECT_LT(left_out.size(), given.size() / 2);
}

// The judge asks the rules of a segment once for each value of the control bits.
TEST(Rule, OfASegmentWithoutDefectsLooksAtNothingButTheControlBits) {
  const std::vector<std::byte> text(10, std::byte{7});
  for (unsigned control = 0; control < 256; ++control) {
    observer::SegmentSeen bare;
    bare.header.control = static_cast<uint8_t>(control);
    observer::SegmentSeen full = bare;
    full.header.seq = 1;
    full.header.ack = 2;
    full.header.window = 3;
    full.header.urgent = 4;
    full.header.source_port = 5;
    full.payload = text;
    full.options.mss = 1460;
    full.options.timestamps = wire::Timestamps{1, 2};
    for (const Rule& rule : AllRules()) {
      if (rule.of_segment == nullptr) continue;
      EXPECT_EQ(rule.of_segment(bare), rule.of_segment(full)) << rule.id << " " << control;
    }
  }
}

int JudgingFunctions(const Rule& rule) {
  return int{rule.of_segment != nullptr} + int{rule.of_fact != nullptr} +
         int{rule.of_belief != nullptr} + int{rule.of_silence != nullptr};
}

TEST(Rule, HasOneJudgingFunctionOrIsAppliedByTheJudge) {
  for (auto topic :
       {HeaderRules(), ResetRules(), HandshakeRules(), StreamRules(), AcknowledgmentRules(),
        OptionRules(), PaceRules(), CongestionRules(), RecoveryRules(), RoundTripRules(),
        StampRules(), DuplicateRules(), SilenceRules()}) {
    for (const Rule& rule : topic) EXPECT_EQ(JudgingFunctions(rule), 1) << rule.id;
  }
  for (const Rule& rule : ApplicationRules()) EXPECT_EQ(JudgingFunctions(rule), 0) << rule.id;
}

TEST(Rule, ANumberIsAnIndexIntoAllRules) {
  ASSERT_LE(AllRules().size(), kMostRules);
  for (size_t i = 0; i < AllRules().size(); ++i) EXPECT_EQ(RuleNumber(AllRules()[i].id), i);
}

TEST(Rule, AllRulesAreThoseOfTheTopics) {
  const size_t sum = HeaderRules().size() + ResetRules().size() + HandshakeRules().size() +
                     StreamRules().size() + AcknowledgmentRules().size() + OptionRules().size() +
                     PaceRules().size() + CongestionRules().size() + RecoveryRules().size() +
                     RoundTripRules().size() + StampRules().size() + DuplicateRules().size() +
                     SilenceRules().size() + ApplicationRules().size();
  EXPECT_EQ(AllRules().size(), sum);
}

TEST(Rule, LevelsHaveNames) {
  EXPECT_EQ(Name(Level::kMust), "MUST");
  EXPECT_EQ(Name(Level::kShould), "SHOULD");
  EXPECT_EQ(Name(Level::kProse), "PROSE");
}

TEST(RuleDeathTest, ARuleThatDoesNotExistIsAMistake) {
  EXPECT_DEATH(RuleNumber("no.such-rule"), "the id of a rule");
}

}  // namespace
}  // namespace assay::rules
