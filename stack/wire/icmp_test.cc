#include "stack/wire/icmp.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "stack/base/prng.h"
#include "stack/wire/icmp_for_test.h"

namespace assay::wire {
namespace {

const IpAddress kRouter4 = IpAddress::V4(198, 51, 100, 1);
const IpAddress kRouter6 = IpAddress::V6({0x2001, 0xdb8, 1, 0, 0, 0, 0, 1});
const Endpoint kEnd4{IpAddress::V4(192, 0, 2, 1), 80};
const Endpoint kFar4{IpAddress::V4(192, 0, 2, 2), 5555};
const Endpoint kEnd6{IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}), 80};
const Endpoint kFar6{IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}), 5555};

std::vector<std::byte> Sent(IpFamily family, size_t text = 100) {
  const bool v4 = family == IpFamily::kIpv4;
  Header header;
  header.source_port = 80;
  header.destination_port = 5555;
  header.seq = 0x89abcdef;
  header.control = kAck;
  std::vector<std::byte> out(2000);
  const std::vector<std::byte> payload(text);
  out.resize(EncodeTcpPacket(v4 ? kEnd4.address : kEnd6.address, v4 ? kFar4.address : kFar6.address,
                             header, {}, payload, out)
                 .size());
  return out;
}

std::optional<IcmpError> Decoded(IpFamily family, uint8_t type, uint8_t code, uint32_t rest = 0,
                                 size_t quoted = 576) {
  const auto packet = EncodeIcmpError(family == IpFamily::kIpv4 ? kRouter4 : kRouter6, type, code,
                                      rest, Sent(family), quoted);
  return DecodeIcmpError(DecodePacket(packet));
}

TEST(DecodeIcmpError, SaysWhatAndAboutWhichSegment) {
  for (IpFamily family : {IpFamily::kIpv4, IpFamily::kIpv6}) {
    const bool v4 = family == IpFamily::kIpv4;
    const auto error = Decoded(family, v4 ? 3 : 1, v4 ? 3 : 4);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind, IcmpKind::kPortUnreachable);
    EXPECT_EQ(error->source, v4 ? kEnd4 : kEnd6);
    EXPECT_EQ(error->destination, v4 ? kFar4 : kFar6);
    EXPECT_EQ(error->seq, 0x89abcdefu);
  }
}

TEST(DecodeIcmpError, KnowsTheKindsOfBothFamilies) {
  using enum IcmpKind;
  for (auto [type, code, kind] : {std::tuple{3, 0, kNetUnreachable},
                                  {3, 1, kHostUnreachable},
                                  {3, 2, kProtocolUnreachable},
                                  {3, 3, kPortUnreachable},
                                  {3, 4, kPacketTooBig},
                                  {3, 5, kSourceRouteFailed},
                                  {3, 13, kHostUnreachable},
                                  {4, 0, kSourceQuench},
                                  {11, 0, kTimeExceeded},
                                  {11, 1, kTimeExceeded},
                                  {12, 0, kParameterProblem}}) {
    const auto error =
        Decoded(IpFamily::kIpv4, static_cast<uint8_t>(type), static_cast<uint8_t>(code));
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind, kind) << type << ", " << code;
  }
  for (auto [type, code, kind] : {std::tuple{1, 0, kNetUnreachable},
                                  {1, 1, kProhibited},
                                  {1, 3, kHostUnreachable},
                                  {1, 4, kPortUnreachable},
                                  {2, 0, kPacketTooBig},
                                  {3, 0, kTimeExceeded},
                                  {4, 1, kParameterProblem}}) {
    const auto error =
        Decoded(IpFamily::kIpv6, static_cast<uint8_t>(type), static_cast<uint8_t>(code));
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind, kind) << type << ", " << code;
  }
  for (int type : {0, 5, 8, 13, 128}) {
    EXPECT_FALSE(Decoded(IpFamily::kIpv4, static_cast<uint8_t>(type), 0).has_value()) << type;
  }
  for (int type : {0, 5, 128, 129, 134, 135}) {
    EXPECT_FALSE(Decoded(IpFamily::kIpv6, static_cast<uint8_t>(type), 0).has_value()) << type;
  }
}

TEST(DecodeIcmpError, EightOctetsOfTheSegmentAreEnoughAndFewerAreNot) {
  EXPECT_TRUE(Decoded(IpFamily::kIpv4, 3, 1, 0, 28).has_value());
  EXPECT_FALSE(Decoded(IpFamily::kIpv4, 3, 1, 0, 27).has_value());
  EXPECT_TRUE(Decoded(IpFamily::kIpv6, 1, 0, 0, 48).has_value());
  EXPECT_FALSE(Decoded(IpFamily::kIpv6, 1, 0, 0, 47).has_value());
  for (size_t quoted = 0; quoted < 28; ++quoted) {
    EXPECT_FALSE(Decoded(IpFamily::kIpv4, 3, 1, 0, quoted).has_value()) << quoted;
  }
}

TEST(DecodeIcmpError, ABadChecksumIsNoError) {
  for (IpFamily family : {IpFamily::kIpv4, IpFamily::kIpv6}) {
    const bool v4 = family == IpFamily::kIpv4;
    auto packet = EncodeIcmpError(v4 ? kRouter4 : kRouter6, v4 ? 3 : 1, 0, 0, Sent(family), 100);
    packet[IpHeaderSize(family) + 10] ^= std::byte{1};
    EXPECT_FALSE(DecodeIcmpError(DecodePacket(packet)).has_value());
  }
}

//= 1191:3 type=test
TEST(DecodeIcmpError, ARouterThatSaysNoMtuMeansTheNextPlateau) {
  EXPECT_EQ(Decoded(IpFamily::kIpv4, 3, 4, 1006)->mtu, 1006u);
  EXPECT_EQ(Decoded(IpFamily::kIpv4, 3, 4, 0xffff'0000)->mtu, 68u) << "140 octets were quoted";
  EXPECT_EQ(Decoded(IpFamily::kIpv6, 2, 0, 1400)->mtu, 1400u);
  EXPECT_EQ(PlateauBelow(65536), 65535u);
  EXPECT_EQ(PlateauBelow(1500), 1492u);
  EXPECT_EQ(PlateauBelow(1492), 1006u);
  EXPECT_EQ(PlateauBelow(68), 68u);
  EXPECT_EQ(PlateauBelow(0), 68u);
}

TEST(DecodeIcmpError, OnlyAFirstFragmentOfTcpIsASegment) {
  auto sent = Sent(IpFamily::kIpv4);
  sent[9] = std::byte{17};  // UDP
  EXPECT_FALSE(DecodeIcmpError(DecodePacket(EncodeIcmpError(kRouter4, 3, 3, 0, sent, 100))));
  sent = Sent(IpFamily::kIpv4);
  sent[7] = std::byte{1};  // an offset
  EXPECT_FALSE(DecodeIcmpError(DecodePacket(EncodeIcmpError(kRouter4, 3, 3, 0, sent, 100))));
}

TEST(DecodeIcmpError, IsTotal) {
  Prng prng(1);
  int errors = 0;
  for (int i = 0; i < 200'000; ++i) {
    const IpFamily family = prng.OneIn(2) ? IpFamily::kIpv4 : IpFamily::kIpv6;
    Packet packet;
    packet.error = PacketError::kNotTcp;
    packet.source = family == IpFamily::kIpv4 ? kRouter4 : kRouter6;
    packet.destination = family == IpFamily::kIpv4 ? kEnd4.address : kEnd6.address;
    packet.protocol = family == IpFamily::kIpv4 ? kProtocolIcmp : kProtocolIcmpV6;
    std::vector<std::byte> octets(prng.Below(100));
    for (std::byte& octet : octets) octet = static_cast<std::byte>(prng.Next());
    if (octets.size() > 20 && prng.OneIn(2)) {
      octets[0] = static_cast<std::byte>(1 + prng.Below(12));
      octets[8] = static_cast<std::byte>(family == IpFamily::kIpv4 ? 0x40 + prng.Below(16) : 0x60);
      octets[17] = octets[14] = std::byte{6};
      octets[2] = octets[3] = std::byte{0};
      uint64_t sum = OnesComplementSum(octets);
      if (family == IpFamily::kIpv6) {
        sum += OnesComplementSum(packet.source.octets());
        sum += OnesComplementSum(packet.destination.octets());
        sum += octets.size() + kProtocolIcmpV6;
      }
      OctetWriter(MutableOctets(octets).subspan(2)).U16(static_cast<uint16_t>(~FoldSum(sum)));
    }
    packet.payload = octets;
    const auto error = DecodeIcmpError(packet);
    errors += error.has_value();
    if (error.has_value() && error->kind == IcmpKind::kPacketTooBig) {
      EXPECT_GT(error->mtu, 0u);
    }
  }
  EXPECT_GT(errors, 1000) << "enough of them got past the checksum";
}

TEST(DecodeIcmpError, WhatIsQuotedIsOfTheSameFamily) {
  for (IpFamily family : {IpFamily::kIpv4, IpFamily::kIpv6}) {
    const bool v4 = family == IpFamily::kIpv4;
    for (const int version : {4, 6, 5}) {
      std::vector<std::byte> quoted = Sent(family);
      const auto packet =
          EncodeIcmpError(v4 ? kRouter4 : kRouter6, v4 ? 3 : 1, v4 ? 3 : 4, 0, quoted, 100);
      // The quote's version, and the checksum over what was changed.
      std::vector<std::byte> changed(packet.begin(), packet.end());
      const size_t icmp = IpHeaderSize(family);
      const auto old = static_cast<uint16_t>(changed[icmp + 8]) << 8;
      changed[icmp + 8] = (changed[icmp + 8] & std::byte{0x0f}) | std::byte(version << 4);
      const auto now = static_cast<uint16_t>(changed[icmp + 8]) << 8;
      const uint16_t sum = static_cast<uint16_t>(static_cast<uint16_t>(changed[icmp + 2]) << 8 |
                                                 static_cast<uint16_t>(changed[icmp + 3]));
      const uint16_t sealed =
          UpdateChecksum(sum, static_cast<uint16_t>(old), static_cast<uint16_t>(now));
      changed[icmp + 2] = static_cast<std::byte>(sealed >> 8);
      changed[icmp + 3] = static_cast<std::byte>(sealed);
      EXPECT_EQ(DecodeIcmpError(DecodePacket(changed)).has_value(), version == (v4 ? 4 : 6));
    }
  }
}

TEST(IcmpKindTest, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(IcmpKind::kSourceQuench); ++i) {
    EXPECT_FALSE(Name(static_cast<IcmpKind>(i)).empty());
    names.insert(Name(static_cast<IcmpKind>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(IcmpKind::kSourceQuench) + 1);
}

}  // namespace
}  // namespace assay::wire
