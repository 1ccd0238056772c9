// The catalogue on whole stacks: each case passes on the one that obeys, and each is a scenario
// that does the same again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"
#include "harness/report/ladder.h"
#include "harness/requirements/requirement.h"
#include "harness/scenario/record.h"

namespace assay::cli {
namespace {

using cases::Case;
using cases::CaseRun;
using cases::Outcome;

adapters::Stack Open(const std::string& name) {
  auto stack = adapters::OpenStack(name, "");
  EXPECT_TRUE(stack.ok()) << stack.status();
  return *std::move(stack);
}

std::string NameOf(const Case& c, bool ipv6) {
  return std::string(c.name) + (ipv6 ? "/ipv6" : "/ipv4");
}

std::string Story(const CaseRun& run) {
  std::string out = run.failure + "\n" + report::Ladder(run.trace, {});
  for (const rules::Finding& f : run.findings) {
    out += std::string(f.rule->id) + ": saw " + f.seen + "; legal is: " + f.legal + "\n";
  }
  return out;
}

TEST(Cases, HaveNamesOfTheirOwn) {
  std::set<std::string_view> seen;
  for (const Case& c : cases::AllCases()) {
    EXPECT_TRUE(seen.insert(c.name).second) << c.name;
    EXPECT_EQ(cases::FindCase(c.name)->name, c.name);
    // A name is a file's as well.
    EXPECT_EQ(c.name.find_first_of("/ \t"), std::string_view::npos) << c.name;
  }
  EXPECT_EQ(cases::FindCase("no-such-case"), nullptr);
}

TEST(Cases, SayWhatMustHappenAndByWhichRequirement) {
  for (const Case& c : cases::AllCases()) {
    EXPECT_FALSE(c.title.empty()) << c.name;
    EXPECT_FALSE(c.area.empty()) << c.name;
    EXPECT_NE(c.run, nullptr) << c.name;
    EXPECT_FALSE(c.requirements.empty()) << c.name;
    for (std::string_view id : c.requirements) {
      EXPECT_NE(requirements::Find(id), nullptr) << c.name << " names " << id;
    }
  }
}

TEST(Cases, PassOnTheReference) {
  adapters::Stack stack = Open("reference");
  driver::Session session(*stack.stack, stack.profile);
  for (const Case& c : cases::AllCases()) {
    for (const bool ipv6 : {false, true}) {
      const CaseRun run = cases::RunCase(c, ipv6, session);
      if (run.outcome == Outcome::kNotSupported) continue;  // of these see the next
      EXPECT_EQ(run.outcome, Outcome::kPassed) << NameOf(c, ipv6) << run.missing << Story(run);
      EXPECT_TRUE(run.findings.empty()) << NameOf(c, ipv6) << Story(run);
    }
  }
}

// The reference takes on each profile that it is held to, and a case that presumes another choice
// is left out, or one of options that it has not: of these it is known which.
TEST(Cases, PassInEveryProfile) {
  for (const std::string_view profile : {"rfc793", "rfc9293", "hardened"}) {
    auto stack = adapters::OpenStack("reference", profile);
    ASSERT_TRUE(stack.ok()) << stack.status();
    driver::Session session(*stack->stack, stack->profile);
    std::set<std::string_view> left_out;
    for (const Case& c : cases::AllCases()) {
      for (const bool ipv6 : {false, true}) {
        const CaseRun run = cases::RunCase(c, ipv6, session);
        if (run.outcome == Outcome::kNotSupported) left_out.insert(c.name);
        EXPECT_TRUE(run.outcome == Outcome::kPassed || run.outcome == Outcome::kNotSupported)
            << profile << ": " << NameOf(c, ipv6) << Story(run);
      }
    }
    using Names = std::set<std::string_view>;
    const Names expected =
        profile == "rfc793"
            ? Names{"ACK-16", "CON-04", "ICM-05", "RST-10", "RST-11", "RTO-05", "SCK-10",
                    "SCK-11", "SCK-12", "SCK-13", "SCK-14", "SCK-15", "TSP-05"}
        : profile == "rfc9293" ? Names{"ACK-16"}
                               : Names{};
    EXPECT_EQ(left_out, expected) << profile;
  }
}

TEST(Cases, DoTheSameAgainOnEveryStack) {
  for (const adapters::StackName& named : adapters::StackNames()) {
    if (named.clock == adapters::Clock::kReal) continue;
    adapters::Stack stack = Open(std::string(named.name));
    driver::Session session(*stack.stack, stack.profile);
    for (const Case& c : cases::AllCases()) {
      const CaseRun once = cases::RunCase(c, false, session);
      const CaseRun again = cases::RunCase(c, false, session);
      EXPECT_EQ(once.digest, again.digest) << named.name << " " << c.name;
      EXPECT_EQ(once.outcome, again.outcome) << named.name << " " << c.name;
    }
  }
}

TEST(Cases, AreScenariosThatDoTheSame) {
  adapters::Stack stack = Open("reference");
  driver::Session session(*stack.stack, stack.profile);
  int fitting = 0;
  int cases_in_all = 0;
  for (const Case& c : cases::AllCases()) {
    for (const bool ipv6 : {false, true}) {
      const CaseRun run = cases::RunCase(c, ipv6, session);
      ++cases_in_all;
      if (!run.fits_scenario) continue;
      ++fitting;
      std::array<std::byte, scenario::kMostOctets> buffer{};
      const wire::Octets octets = scenario::EncodeRecords(run.scenario, buffer);
      EXPECT_EQ(scenario::CheckRecords(octets), "") << NameOf(c, ipv6);
      const scenario::Scenario decoded = scenario::DecodeRecords(octets);
      EXPECT_TRUE(decoded == run.scenario) << NameOf(c, ipv6);
      ASSERT_TRUE(session.Run(decoded));
      EXPECT_EQ(session.trace().digest(), run.digest)
          << NameOf(c, ipv6) << "\nas a case:\n"
          << report::Ladder(run.trace, {}) << "\nas a scenario:\n"
          << report::Ladder(session.trace(), {});
    }
  }
  EXPECT_GT(fitting * 10, cases_in_all * 9);
}

// Passed, not possible, explained by a quirk, or a row of known.tsv of its own; and no such row is
// left over.
// lwIP lets nothing go at the first duplicate, which is not met; that a partial ACK ends its
// recovery is found later, and is no reason.
TEST(Cases, WhatComesLaterExcusesNoExpectation) {
  const adapters::Stack lwip = Open("lwip");
  driver::Session session(*lwip.stack, lwip.profile);
  const CaseRun run = cases::RunCase(*cases::FindCase("REC-03"), false, session);
  EXPECT_TRUE(std::ranges::any_of(run.findings, &rules::Finding::is_known)) << Story(run);
  EXPECT_EQ(run.outcome, Outcome::kWarned) << Story(run);
}

TEST(Cases, AreSettledOnEveryStack) {
  for (const adapters::StackName& named : adapters::StackNames()) {
    if (named.clock == adapters::Clock::kReal) continue;
    adapters::Stack stack = Open(std::string(named.name));
    driver::Session session(*stack.stack, stack.profile);
    std::set<std::string_view> listed;
    for (const adapters::KnownDeviation& known : stack.known) {
      if (!known.case_name.empty()) listed.insert(known.case_name);
    }
    std::set<std::string_view> failed;
    for (const Case& c : cases::AllCases()) {
      for (const bool ipv6 : {false, true}) {
        const CaseRun run = cases::RunCase(c, ipv6, session);
        if (run.outcome == Outcome::kPassed || run.outcome == Outcome::kKnown ||
            run.outcome == Outcome::kNotSupported) {
          continue;
        }
        failed.insert(c.name);
        EXPECT_TRUE(listed.contains(c.name))
            << named.name << ": " << NameOf(c, ipv6) << ": " << Story(run);
      }
    }
    EXPECT_EQ(failed, listed) << named.name;
  }
}

}  // namespace
}  // namespace assay::cli
