#include "harness/rules/rule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

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

int JudgingFunctions(const Rule& rule) {
  return int{rule.of_segment != nullptr} + int{rule.of_fact != nullptr} +
         int{rule.of_belief != nullptr} + int{rule.of_silence != nullptr};
}

TEST(Rule, HasOneJudgingFunctionOrIsAppliedByTheJudge) {
  for (auto topic : {HeaderRules(), ResetRules(), HandshakeRules(), StreamRules(),
                     AcknowledgmentRules(), SilenceRules()}) {
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
                     StreamRules().size() + AcknowledgmentRules().size() + SilenceRules().size() +
                     ApplicationRules().size();
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
