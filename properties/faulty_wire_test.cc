#include "properties/faulty_wire.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "stack/wire/checksum.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/packet.h"

namespace assay::properties {
namespace {

using testing::ElementsAre;
using wire::IpAddress;
using wire::OctetVector;

constexpr Duration kDelay = Duration::Milliseconds(10);

Instant At(int64_t ms) { return Instant() + Duration::Milliseconds(ms); }

OctetVector PacketOf(wire::IpFamily family, size_t text) {
  const bool v4 = family == wire::IpFamily::kIpv4;
  const IpAddress source =
      v4 ? IpAddress::V4(192, 0, 2, 1) : IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1});
  const IpAddress destination =
      v4 ? IpAddress::V4(192, 0, 2, 2) : IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});
  wire::Header header;
  header.source_port = 1000;
  header.destination_port = 80;
  header.seq = 0xffff'ff00;
  header.control = wire::kAck;
  OctetVector room(2000);
  return wire::ToVector(
      wire::EncodeTcpPacket(source, destination, header, {}, wire::Ramp(text), room));
}

// As a receiver with checksums of its own sees it: the sums are the textbook's, written out here.
bool LooksWhole(wire::Octets packet) {
  const auto word = [&](size_t at) {
    return static_cast<uint32_t>(packet[at]) << 8 |
           (at + 1 < packet.size() ? static_cast<uint32_t>(packet[at + 1]) : 0);
  };
  const auto folds_to_all_ones = [](uint64_t sum) {
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
  };
  const bool v4 = static_cast<uint8_t>(packet[0]) >> 4 == 4;
  const size_t header = v4 ? 20 : 40;
  if (packet.size() < header + 20) return false;
  if (packet.size() != (v4 ? word(2) : word(4) + 40)) return false;
  uint64_t sum = 0;
  if (v4) {
    for (size_t at = 0; at < 20; at += 2) sum += word(at);
    if (!folds_to_all_ones(sum)) return false;
  }
  sum = 6 + packet.size() - header;
  for (size_t at = v4 ? 12 : 8; at < packet.size(); at += 2) sum += word(at);
  return folds_to_all_ones(sum);
}

// What arrives, each as "b 10 ms: 3".
std::vector<std::string> Arrivals(FaultyWire& wire) {
  std::vector<std::string> all;
  while (wire.Next() != kNever) {
    const Instant at = wire.Next();
    const auto arrival = wire.Receive(at);
    all.push_back(std::string(1, Letter(arrival->to)) + ' ' +
                  std::to_string((at - Instant()).ns() / 1'000'000) +
                  " ms: " + std::to_string(static_cast<int>(arrival->octets[0])));
  }
  return all;
}

void SendNumbered(FaultyWire& wire, Side from, int packets) {
  for (int i = 0; i < packets; ++i) {
    wire.Send(from, OctetVector{static_cast<std::byte>(i)}, At(0));
  }
}

TEST(FaultyWireTest, WithoutFaultsAllArrivesInOrderAfterTheDelay) {
  FaultyWire wire(kDelay, {});
  SendNumbered(wire, Side::kA, 2);
  SendNumbered(wire, Side::kB, 1);
  EXPECT_EQ(wire.Receive(At(9)), std::nullopt);
  EXPECT_THAT(Arrivals(wire), ElementsAre("b 10 ms: 0", "b 10 ms: 1", "a 10 ms: 0"));
}

TEST(FaultyWireTest, EachFaultHappensToThePacketThatItNames) {
  FaultyWire wire(kDelay, {{Side::kA, 0, FaultKind::kDrop, 0},
                           {Side::kA, 1, FaultKind::kDelay, 5},
                           {Side::kA, 2, FaultKind::kDuplicate, 7},
                           {Side::kB, 3, FaultKind::kDrop, 0}});
  SendNumbered(wire, Side::kA, 4);
  EXPECT_THAT(Arrivals(wire), ElementsAre("b 10 ms: 2", "b 10 ms: 3", "b 15 ms: 1", "b 17 ms: 2"));
  EXPECT_EQ(wire.happened(FaultKind::kDrop), 1u);
  EXPECT_EQ(wire.happened(FaultKind::kDelay), 1u);
  EXPECT_EQ(wire.happened(FaultKind::kDuplicate), 1u);
}

TEST(FaultyWireTest, ABurstTakesSeveralPackets) {
  FaultyWire wire(kDelay, {{Side::kA, 1, FaultKind::kDrop, 2}});
  SendNumbered(wire, Side::kA, 5);
  EXPECT_THAT(Arrivals(wire), ElementsAre("b 10 ms: 0", "b 10 ms: 4"));
  EXPECT_EQ(wire.happened(FaultKind::kDrop), 3u);
}

TEST(FaultyWireTest, ADroppedPacketMayStillArriveAsItsDuplicate) {
  FaultyWire wire(kDelay,
                  {{Side::kA, 0, FaultKind::kDuplicate, 7}, {Side::kA, 0, FaultKind::kDrop, 0}});
  SendNumbered(wire, Side::kA, 1);
  EXPECT_THAT(Arrivals(wire), ElementsAre("b 17 ms: 0"));
}

TEST(FaultyWireTest, AHealedWireDoesNothingWrong) {
  FaultyWire wire(kDelay, {{Side::kA, 1, FaultKind::kDrop, 0}});
  SendNumbered(wire, Side::kA, 1);
  wire.Heal();
  SendNumbered(wire, Side::kA, 2);
  EXPECT_THAT(Arrivals(wire), ElementsAre("b 10 ms: 0", "b 10 ms: 0", "b 10 ms: 1"));
}

TEST(FaultyWireTest, NotesComeOutWithWhatIsMadeOfAPacket) {
  FaultyWire wire(kDelay, {{Side::kA, 0, FaultKind::kDuplicate, 0}});
  wire.Send(Side::kA, OctetVector(1), At(0), 42);
  EXPECT_EQ(wire.Receive(At(10))->note, 42u);
  EXPECT_EQ(wire.Receive(At(10))->note, 42u);
}

TEST(FaultyWireTest, EveryDamageIsSeenByAChecksum) {
  for (const auto family : {wire::IpFamily::kIpv4, wire::IpFamily::kIpv6}) {
    for (const size_t text : {size_t{0}, size_t{1}, size_t{100}}) {
      const OctetVector whole = PacketOf(family, text);
      ASSERT_TRUE(LooksWhole(whole));
      for (uint32_t word = 0; word < whole.size(); ++word) {
        for (const uint32_t value : {0u, 1u, 0x7fffu, 0x8000u, 0xfffdu, 0xfffeu, 0xffffu}) {
          OctetVector damaged = whole;
          ASSERT_TRUE(Damage(damaged, word << 16 | value));
          EXPECT_NE(damaged, whole);
          EXPECT_FALSE(LooksWhole(damaged)) << wire::ToHex(damaged);
        }
      }
    }
  }
}

TEST(FaultyWireTest, ASecondDamageDoesNotMakeUpForTheFirst) {
  // The same word, and steps that add up to a full circle of 65535.
  const std::vector<Fault> faults = {{Side::kA, 0, FaultKind::kDamage, 9},
                                     {Side::kA, 0, FaultKind::kDamage, 65535 - 10 - 1}};
  FaultyWire wire(kDelay, faults);
  wire.Send(Side::kA, PacketOf(wire::IpFamily::kIpv4, 0), At(0));
  EXPECT_FALSE(LooksWhole(wire.Receive(At(10))->octets));
  EXPECT_EQ(wire.happened(FaultKind::kDamage), 1u);
}

TEST(FaultyWireTest, ATruncatedPacketIsShorterThanItSays) {
  for (const auto family : {wire::IpFamily::kIpv4, wire::IpFamily::kIpv6}) {
    const OctetVector whole = PacketOf(family, 100);
    for (uint32_t size = 0; size < whole.size(); ++size) {
      FaultyWire wire(kDelay, {{Side::kA, 0, FaultKind::kTruncate, size}});
      wire.Send(Side::kA, whole, At(0));
      const auto arrival = wire.Receive(At(10));
      EXPECT_EQ(arrival->octets.size(), size);
      EXPECT_NE(wire::DecodePacket(arrival->octets).error, wire::PacketError::kNone);
    }
  }
}

TEST(FaultyWireTest, OtherHopsLeaveAPacketWhole) {
  for (const auto family : {wire::IpFamily::kIpv4, wire::IpFamily::kIpv6}) {
    const OctetVector whole = PacketOf(family, 10);
    FaultyWire wire(kDelay, {{Side::kA, 0, FaultKind::kHops, 0x5a'a501}});
    wire.Send(Side::kA, whole, At(0));
    const auto arrival = wire.Receive(At(10));
    EXPECT_NE(arrival->octets, whole);
    EXPECT_TRUE(LooksWhole(arrival->octets));
    EXPECT_EQ(wire::DecodePacket(arrival->octets).hop_limit, 1);
  }
}

TEST(FaultyWireTest, AForgedPacketLooksWholeAndIsNot) {
  const OctetVector whole = PacketOf(wire::IpFamily::kIpv4, 10);
  FaultyWire wire(kDelay, {{Side::kA, 0, FaultKind::kForge, 3}});
  wire.Send(Side::kA, whole, At(0));
  const auto arrival = wire.Receive(At(10));
  EXPECT_NE(arrival->octets, whole);
  EXPECT_TRUE(LooksWhole(arrival->octets));
}

}  // namespace
}  // namespace assay::properties
