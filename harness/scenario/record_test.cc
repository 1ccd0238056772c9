#include "harness/scenario/record.h"

#include <array>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "harness/scenario/generate.h"
#include "stack/base/prng.h"

namespace assay::scenario {
namespace {

std::vector<std::byte> Encoded(const Scenario& scenario) {
  std::array<std::byte, kMostOctets> buffer;
  const wire::Octets octets = EncodeRecords(scenario, buffer);
  return {octets.begin(), octets.end()};
}

TEST(Records, AllZerosIsAPolitePeer) {
  const std::array<std::byte, kHeaderOctets + 2 * kEventOctets> zeros{};
  const Scenario scenario = DecodeRecords(zeros);
  EXPECT_EQ(scenario.header, Header());
  ASSERT_EQ(scenario.events.size(), 2u);
  EXPECT_EQ(scenario.events[0], Polite());
}

TEST(Records, AnyOctetsDecodeAndComeBackAsTheSameScenario) {
  Prng prng(1);
  for (int i = 0; i < 20000; ++i) {
    std::array<std::byte, kMostOctets + 24> octets;
    for (std::byte& b : octets) b = static_cast<std::byte>(prng.Next());
    const size_t size = prng.Below(octets.size() + 1);
    const Scenario once = DecodeRecords(wire::Octets(octets).first(size));
    ASSERT_TRUE(DecodeRecords(Encoded(once)) == once) << "case " << i;
  }
}

// Records from before there were twists have 0 in octet 11, and one twist is of one kind of event.
TEST(Records, ATwistIsOfItsKindOfEventOrNone) {
  std::array<std::byte, kHeaderOctets + kEventOctets> octets{};
  std::set<Twist> seen;
  for (unsigned kind = 0; kind < 16; ++kind) {
    for (unsigned word = 0; word < 256; ++word) {
      octets[kHeaderOctets] = static_cast<std::byte>(kind);
      octets[kHeaderOctets + 11] = static_cast<std::byte>(word);
      const Event event = DecodeRecords(octets).events[0];
      seen.insert(event.twist);
      if (word == 0) {
        EXPECT_EQ(event.twist, Twist::kNone);
      }
      if (event.twist != Twist::kNone) {
        EXPECT_EQ(KindOf(event.twist), event.kind) << word;
      }
    }
  }
  EXPECT_EQ(seen.size(), kTwistCount);
}

TEST(Records, EveryGeneratedScenarioComesBack) {
  Prng prng(2);
  for (int i = 0; i < 20000; ++i) {
    const Scenario scenario = GenerateScenario(prng, 1 + prng.Below(kMostEvents));
    ASSERT_TRUE(DecodeRecords(Encoded(scenario)) == scenario) << "case " << i;
  }
}

TEST(Records, FilesThatAreNotRecordsAreRefusedWithThePlaceAndTheReason) {
  std::vector<std::byte> file = Encoded(Scenario());
  EXPECT_EQ(CheckRecords(file), "");
  EXPECT_EQ(CheckRecords(wire::Octets(file).first(3)),
            "offset 3: ends within the header of 8 octets");
  file[0] = std::byte{7};
  EXPECT_EQ(CheckRecords(file), "offset 0: record version 7, this program knows 1");
  file[0] = std::byte{1};
  file.resize(kHeaderOctets + kEventOctets + 5);
  EXPECT_EQ(CheckRecords(file), "offset 20: truncated, the last event has 5 of 12 octets");
  file.resize(kMostOctets + kEventOctets);
  EXPECT_EQ(CheckRecords(file), "offset 392: more than 32 events");
}

}  // namespace
}  // namespace assay::scenario
