// The oracle on whole stacks: it is silent on one that obeys, the same from run to run, and sees
// one thing that is not as it was.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/cli/scenarios_for_test.h"
#include "harness/driver/session.h"
#include "harness/report/ladder.h"
#include "harness/rules/judge.h"
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

bool Caught(const driver::Session& session) {
  return std::ranges::any_of(session.judge().findings(),
                             [](const rules::Finding& f) { return !f.is_known(); });
}

class ReferenceInProfile : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceInProfile, ObeysInEveryScenario) {
  adapters::Stack stack = Open("reference", GetParam());
  driver::Session session(*stack.stack, stack.profile);
  int told = 0;
  int with_findings = 0;
  for (const uint64_t seed : SeedsForTest(20'000)) {
    ASSERT_TRUE(session.Run(ScenarioOf(seed)));
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
        ASSERT_TRUE(session.Run(ScenarioOf(seed)));
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
      ASSERT_TRUE(session.Run(ScenarioOf(seed)));
      ASSERT_EQ(session.trace().digest(), digests[seed]) << "seed " << seed;
    }
  }
}

// --- one thing changed in what the stack sends ---

// A TCP segment on its way out: its header, and its octets to write to.
struct Outgoing {
  wire::Header header;
  size_t text = 0;
  wire::MutableOctets octets;

  void SetSeq(uint32_t seq) const { wire::OctetWriter(octets.subspan(4)).U32(seq); }
  void SetAck(uint32_t ack) const { wire::OctetWriter(octets.subspan(8)).U32(ack); }
  void SetControl(uint8_t control) const { octets[13] = std::byte{control}; }
  void SetWindow(uint16_t window) const { wire::OctetWriter(octets.subspan(14)).U16(window); }
};

struct Corruption {
  const char* name;
  int floor_percent;  // of the scenarios, at least so many are caught
  bool (*fits)(const Outgoing&);
  void (*apply)(const Outgoing&);  // none: the packet is withheld
  bool mends_checksum = true;
};

bool IsAck(const Outgoing& s) { return s.header.has_ack() && !s.header.rst(); }
bool IsAny(const Outgoing&) { return true; }

constexpr Corruption kCorruptions[] = {
    {.name = "ACK+1",
     .floor_percent = 99,
     .fits = IsAck,
     .apply = [](const Outgoing& s) { s.SetAck(s.header.ack + 1); }},
    {.name = "ACK-1",
     .floor_percent = 99,
     .fits = IsAck,
     .apply = [](const Outgoing& s) { s.SetAck(s.header.ack - 1); }},
    {.name = "SEQ+1, not a SYN",
     .floor_percent = 99,
     .fits = [](const Outgoing& s) { return !s.header.rst() && !s.header.syn(); },
     .apply = [](const Outgoing& s) { s.SetSeq(s.header.seq + 1); }},
    {.name = "SEQ+1 of a SYN",
     .floor_percent = 93,
     .fits = [](const Outgoing& s) { return s.header.syn(); },
     .apply = [](const Outgoing& s) { s.SetSeq(s.header.seq + 1); }},
    {.name = "FIN bit off",
     .floor_percent = 80,
     .fits = [](const Outgoing& s) { return s.header.fin(); },
     .apply =
         [](const Outgoing& s) {
           s.SetControl(static_cast<uint8_t>(s.header.control & ~wire::kFin));
         }},
    {.name = "ACK bit off",
     .floor_percent = 99,
     .fits = IsAck,
     .apply =
         [](const Outgoing& s) {
           s.SetControl(static_cast<uint8_t>(s.header.control & ~wire::kAck));
         }},
    {.name = "first octet of text flipped",
     .floor_percent = 99,
     .fits = [](const Outgoing& s) { return s.text > 0 && !s.header.rst(); },
     .apply = [](const Outgoing& s) { s.octets[s.octets.size() - s.text] ^= std::byte{1}; }},
    {.name = "window 2000 smaller",
     .floor_percent = 86,
     .fits =
         [](const Outgoing& s) { return IsAck(s) && !s.header.syn() && s.header.window >= 2'000; },
     .apply =
         [](const Outgoing& s) { s.SetWindow(static_cast<uint16_t>(s.header.window - 2'000)); }},
    {.name = "RST numbers+1",
     .floor_percent = 99,
     .fits = [](const Outgoing& s) { return s.header.rst(); },
     .apply =
         [](const Outgoing& s) {
           s.SetSeq(s.header.seq + 1);
           if (s.header.has_ack()) s.SetAck(s.header.ack + 1);
         }},
    {.name = "wrong checksum",
     .floor_percent = 99,
     .fits = IsAny,
     .apply = [](const Outgoing& s) { s.octets[16] ^= std::byte{1}; },
     .mends_checksum = false},
    {.name = "withheld", .floor_percent = 53, .fits = IsAny, .apply = nullptr},
};

// Counts the packets that fit each corruption, and applies one of them to one packet.
class Corrupter {
 public:
  void CountOnly() {
    chosen_ = nullptr;
    Restart();
  }
  void Apply(const Corruption& corruption, uint32_t to) {
    chosen_ = &corruption;
    at_ = to;
    Restart();
  }
  uint32_t fitting(size_t corruption) const { return fitting_[corruption]; }

  size_t operator()(wire::MutableOctets out, size_t size) {
    const wire::Packet packet = wire::DecodePacket(out.first(size));
    const auto header = wire::DecodeHeader(packet.payload);
    if (!header.has_value()) return size;
    const Outgoing segment{*header, wire::DecodeSegment(packet.payload).payload.size(),
                           out.subspan(size - packet.payload.size(), packet.payload.size())};
    for (size_t i = 0; i < std::size(kCorruptions); ++i) {
      const Corruption& corruption = kCorruptions[i];
      if (!corruption.fits(segment)) continue;
      const uint32_t number = fitting_[i]++;
      if (chosen_ != &corruption || number != at_) continue;
      if (corruption.apply == nullptr) return 0;
      corruption.apply(segment);
      if (corruption.mends_checksum) {
        wire::SealTcp(packet.source, packet.destination, segment.octets);
      }
      return size;
    }
    return size;
  }

 private:
  void Restart() { fitting_.fill(0); }

  const Corruption* chosen_ = nullptr;
  uint32_t at_ = 0;
  std::array<uint32_t, std::size(kCorruptions)> fitting_{};
};

TEST(Oracle, SeesOneThingChangedInWhatAStackSends) {
  adapters::Stack stack = Open("reference");
  Corrupter corrupter;
  sut::TamperedStack tampered(std::move(stack.stack), std::ref(corrupter));
  driver::Session session(tampered, stack.profile);
  std::array<int, std::size(kCorruptions)> tried{};
  std::array<int, std::size(kCorruptions)> caught{};
  Prng prng(2);
  for (const uint64_t seed : SeedsForTest(3'000)) {
    const scenario::Scenario scenario = ScenarioOf(seed);
    corrupter.CountOnly();
    ASSERT_TRUE(session.Run(scenario));
    ASSERT_FALSE(Caught(session)) << Story(session, seed);
    const Corrupter clean = corrupter;
    for (size_t i = 0; i < std::size(kCorruptions); ++i) {
      if (clean.fitting(i) == 0) continue;
      corrupter.Apply(kCorruptions[i], prng.Below(clean.fitting(i)));
      ASSERT_TRUE(session.Run(scenario));
      ++tried[i];
      if (Caught(session)) ++caught[i];
    }
  }
  for (size_t i = 0; i < std::size(kCorruptions); ++i) {
    const Corruption& corruption = kCorruptions[i];
    const double percent = 100.0 * caught[i] / std::max(1, tried[i]);
    std::printf("%-28s %6.2f %% of %d scenarios caught\n", corruption.name, percent, tried[i]);
    EXPECT_GE(tried[i], 300) << corruption.name;
    EXPECT_GE(percent, corruption.floor_percent) << corruption.name;
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
    ASSERT_TRUE(session.Run(ScenarioOf(seed)));
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
