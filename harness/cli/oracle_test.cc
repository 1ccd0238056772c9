// The oracle on whole stacks: it is silent on one that obeys, the same from run to run, and sees
// one thing that is not as it was.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/cli/seeds_for_test.h"
#include "harness/driver/session.h"
#include "harness/report/ladder.h"
#include "harness/rules/judge.h"
#include "harness/scenario/generate.h"
#include "harness/sut/tampered_stack.h"
#include "stack/base/prng.h"
#include "stack/wire/packet.h"

namespace assay::cli {
namespace {

adapters::Stack Open(const std::string& name, std::string_view profile = "") {
  auto stack = adapters::OpenStack(name, profile);
  EXPECT_TRUE(stack.ok()) << stack.status();
  return *std::move(stack);
}

// What was found, with the run that shows it.
std::string Story(const driver::Session& session, uint64_t seed) {
  std::string out = "seed " + std::to_string(seed) + "\n" + report::Ladder(session.trace(), {});
  for (const rules::Finding& f : session.judge().findings()) {
    out += std::string(f.rule->id) + " at event " + std::to_string(f.event) + ": saw " + f.seen +
           "; legal is: " + f.legal + "\n";
  }
  return out;
}

class ReferenceInProfile : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceInProfile, ObeysInEveryScenario) {
  adapters::Stack stack = Open("reference", GetParam());
  driver::Session session(*stack.stack, stack.profile);
  int told = 0;
  int with_findings = 0;
  for (const uint64_t seed : SeedsForTest(20'000)) {
    ASSERT_TRUE(session.Run(scenario::RandomScenario(seed)));
    if (session.judge().findings().empty()) continue;
    ++with_findings;
    if (++told <= 3) ADD_FAILURE() << Story(session, seed);
  }
  EXPECT_EQ(with_findings, 0);
  // Where the observer gives up, nothing is judged: that must stay rare.
  EXPECT_LT(session.judge().tally().lost, 100u);
}

INSTANTIATE_TEST_SUITE_P(Profiles, ReferenceInProfile,
                         testing::Values("rfc793", "rfc9293", "hardened"),
                         [](const auto& profile) { return std::string(profile.param); });

TEST(Runs, GiveTheSameTraceInAnyOrder) {
  const std::vector<uint64_t> seeds = SeedsForTest(1'000);
  for (const adapters::StackName& named : adapters::StackNames()) {
    if (named.clock == adapters::Clock::kReal) continue;
    SCOPED_TRACE(std::string(named.name));
    std::map<uint64_t, uint64_t> digests;
    {
      adapters::Stack stack = Open(std::string(named.name));
      driver::Session session(*stack.stack, stack.profile);
      for (const uint64_t seed : seeds) {
        ASSERT_TRUE(session.Run(scenario::RandomScenario(seed)));
        digests[seed] = session.trace().digest();
      }
    }
    adapters::Stack stack = Open(std::string(named.name));
    driver::Session session(*stack.stack, stack.profile);
    std::vector<uint64_t> shuffled = seeds;
    Prng prng(7);
    for (size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[prng.Below(static_cast<uint32_t>(i))]);
    }
    for (const uint64_t seed : shuffled) {
      ASSERT_TRUE(session.Run(scenario::RandomScenario(seed)));
      ASSERT_EQ(session.trace().digest(), digests[seed]) << "seed " << seed;
    }
  }
}

// The bug of the fuzzers' canary: one octet too many is acknowledged, once the window has moved.
size_t AcknowledgeTooMuch(wire::MutableOctets out, size_t size) {
  const wire::Packet packet = wire::DecodePacket(out.first(size));
  const auto header = wire::DecodeHeader(packet.payload);
  if (!header.has_value() || header->control != wire::kAck || header->window > 64'000) return size;
  const wire::MutableOctets segment =
      out.subspan(size - packet.payload.size(), packet.payload.size());
  wire::OctetWriter(segment.subspan(8)).U32(header->ack + 1);
  wire::SealTcp(packet.source, packet.destination, segment);
  return size;
}

TEST(Oracle, CatchesTheBugOfTheCanaryByTheRuleThatItBreaks) {
  adapters::Stack stack = Open("reference");
  sut::TamperedStack tampered(std::move(stack.stack), AcknowledgeTooMuch);
  driver::Session session(tampered, stack.profile);
  std::map<std::string, int> found;
  for (const uint64_t seed : SeedsForTest(2'000)) {
    ASSERT_TRUE(session.Run(scenario::RandomScenario(seed)));
    for (const rules::Finding& f : session.judge().findings()) ++found[std::string(f.rule->id)];
  }
  // Where it was not certain what had been taken, one octet more shows later, and as something
  // else.
  int all = 0;
  for (const auto& [rule, times] : found) all += times;
  EXPECT_GE(all, 100);
  EXPECT_GE(found["ack.number-is-what-was-received"] * 100, all * 98);
}

}  // namespace
}  // namespace assay::cli
