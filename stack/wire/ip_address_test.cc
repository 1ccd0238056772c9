#include "stack/wire/ip_address.h"

#include "gtest/gtest.h"
#include "stack/wire/octets_for_test.h"

namespace assay::wire {
namespace {

using Groups = std::array<uint16_t, 8>;

TEST(IpAddress, PrintsIpv4AsDecimals) {
  EXPECT_EQ(IpAddress().ToString(), "0.0.0.0");
  EXPECT_EQ(IpAddress::V4(192, 0, 2, 1).ToString(), "192.0.2.1");
  EXPECT_EQ(IpAddress::V4(255, 255, 255, 255).ToString(), "255.255.255.255");
}

// RFC 5952, 4 and 5, case by case.
TEST(IpAddress, PrintsIpv6AsRfc5952Asks) {
  struct Case {
    Groups groups;
    const char* text;
  };
  const Case kCases[] = {
      {{0, 0, 0, 0, 0, 0, 0, 0}, "::"},
      {{0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
      {{1, 0, 0, 0, 0, 0, 0, 0}, "1::"},
      {{1, 2, 3, 4, 5, 6, 7, 8}, "1:2:3:4:5:6:7:8"},
      // 4.1: no leading zeros, but one digit at least.
      {{0x2001, 0xdb8, 0, 1, 0xa, 0x0b, 0x00c, 0x000d}, "2001:db8:0:1:a:b:c:d"},
      // 4.2.1: shortened as far as it goes.
      {{0x2001, 0xdb8, 0, 0, 0, 0, 2, 1}, "2001:db8::2:1"},
      // 4.2.2: a single group of zeros is written out.
      {{0x2001, 0xdb8, 0, 1, 1, 1, 1, 1}, "2001:db8:0:1:1:1:1:1"},
      {{0, 1, 2, 3, 4, 5, 6, 7}, "0:1:2:3:4:5:6:7"},
      {{1, 2, 3, 4, 5, 6, 7, 0}, "1:2:3:4:5:6:7:0"},
      // 4.2.3: the longest run, and of two as long the first.
      {{0x2001, 0, 0, 1, 0, 0, 0, 1}, "2001:0:0:1::1"},
      {{0x2001, 0, 0, 0, 1, 0, 0, 1}, "2001::1:0:0:1"},
      {{0x2001, 0xdb8, 0, 0, 1, 0, 0, 1}, "2001:db8::1:0:0:1"},
      {{0, 0, 1, 1, 1, 1, 0, 0}, "::1:1:1:1:0:0"},
      {{1, 1, 1, 1, 1, 1, 0, 0}, "1:1:1:1:1:1::"},
      {{0, 0, 1, 1, 1, 0, 0, 0}, "0:0:1:1:1::"},
      // 4.3: lower case.
      {{0xABCD, 0xEF01, 1, 1, 1, 1, 1, 0xFFFF}, "abcd:ef01:1:1:1:1:1:ffff"},
      // 5: an IPv4 address in its well-known prefix.
      {{0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201}, "::ffff:192.0.2.1"},
      {{0, 0, 0, 0, 0, 0xfffe, 0xc000, 0x0201}, "::fffe:c000:201"},
      {{0, 0, 0, 0, 1, 0xffff, 0xc000, 0x0201}, "::1:ffff:c000:201"},
  };
  for (const Case& c : kCases) EXPECT_EQ(IpAddress::V6(c.groups).ToString(), c.text);
}

TEST(IpAddress, IsMadeOfItsOctets) {
  const OctetVector four = Hex("c0000201");
  EXPECT_EQ(IpAddress::FromOctets(four), IpAddress::V4(192, 0, 2, 1));
  EXPECT_EQ(ToHex(IpAddress::FromOctets(four).octets()), "c0000201");
  const OctetVector sixteen = Hex("20010db8 00000000 00000000 00000001");
  EXPECT_EQ(IpAddress::FromOctets(sixteen), IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(ToHex(IpAddress::FromOctets(sixteen).octets()), ToHex(sixteen));
}

TEST(IpAddress, OfDifferentFamiliesAreDifferent) {
  EXPECT_NE(IpAddress::V4(0, 0, 0, 0), IpAddress::V6({}));
  EXPECT_EQ(IpAddress::V6({}).family(), IpFamily::kIpv6);
}

TEST(IpAddressDeathTest, HasFourOctetsOrSixteen) {
  EXPECT_DEATH(IpAddress::FromOctets(Ramp(5)), "check failed");
}

TEST(IpAddress, KnowsGroups) {
  EXPECT_FALSE(IpAddress::V4(223, 255, 255, 255).IsGroup());
  EXPECT_TRUE(IpAddress::V4(224, 0, 0, 0).IsGroup());
  EXPECT_TRUE(IpAddress::V4(239, 255, 255, 255).IsGroup());
  EXPECT_FALSE(IpAddress::V4(240, 0, 0, 0).IsGroup());
  EXPECT_FALSE(IpAddress::V4(255, 255, 255, 254).IsGroup());
  EXPECT_TRUE(IpAddress::V4(255, 255, 255, 255).IsGroup());
  EXPECT_TRUE(IpAddress::V6({0xff02, 0, 0, 0, 0, 0, 0, 1}).IsGroup());
  EXPECT_FALSE(IpAddress::V6({0xfe80, 0, 0, 0, 0, 0, 0, 1}).IsGroup());
  EXPECT_FALSE(IpAddress::V6({0xe000, 0, 0, 0, 0, 0, 0, 1}).IsGroup());
}

TEST(IpAddress, KnowsTheUnspecifiedAddress) {
  EXPECT_TRUE(IpAddress::V4(0, 0, 0, 0).IsUnspecified());
  EXPECT_FALSE(IpAddress::V4(0, 0, 0, 1).IsUnspecified());
  EXPECT_TRUE(IpAddress::V6({}).IsUnspecified());
  EXPECT_FALSE(IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 1}).IsUnspecified());
  EXPECT_FALSE(IpAddress::V6({0, 0, 0, 0, 1, 0, 0, 0}).IsUnspecified());
}

TEST(IpAddress, KnowsLoopback) {
  EXPECT_TRUE(IpAddress::V4(127, 0, 0, 1).IsLoopback());
  EXPECT_TRUE(IpAddress::V4(127, 255, 255, 255).IsLoopback());
  EXPECT_FALSE(IpAddress::V4(128, 0, 0, 1).IsLoopback());
  EXPECT_FALSE(IpAddress::V4(0, 0, 0, 1).IsLoopback());
  EXPECT_TRUE(IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 1}).IsLoopback());
  EXPECT_FALSE(IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 2}).IsLoopback());
  EXPECT_FALSE(IpAddress::V6({1, 0, 0, 0, 0, 0, 0, 1}).IsLoopback());
}

TEST(IpAddress, OnlyAHostsOwnAddressIsAValidSource) {
  EXPECT_TRUE(IpAddress::V4(192, 0, 2, 1).IsValidSource());
  EXPECT_TRUE(IpAddress::V6({0xfe80, 0, 0, 0, 0, 0, 0, 1}).IsValidSource());
  EXPECT_FALSE(IpAddress::V4(0, 0, 0, 0).IsValidSource());
  EXPECT_FALSE(IpAddress::V4(224, 0, 0, 1).IsValidSource());
  EXPECT_FALSE(IpAddress::V4(255, 255, 255, 255).IsValidSource());
  EXPECT_FALSE(IpAddress::V6({}).IsValidSource());
}

TEST(Endpoint, PrintsAnIpv6AddressInBrackets) {
  EXPECT_EQ(ToString(Endpoint{IpAddress::V4(192, 0, 2, 1), 80}), "192.0.2.1:80");
  EXPECT_EQ(ToString(Endpoint{IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}), 65535}),
            "[2001:db8::1]:65535");
}

// The compiler has no memcpy, and takes a way of its own.
TEST(IpAddress, IsTakenFromOctetsByTheCompilerAsByTheProgram) {
  static constexpr std::array<std::byte, 4> kFour = {std::byte{192}, std::byte{0}, std::byte{2},
                                                     std::byte{1}};
  static_assert(IpAddress::FromOctets(kFour) == IpAddress::V4(192, 0, 2, 1));
  static_assert(IpAddress::FromOctets(kFour) != IpAddress::V4(192, 0, 2, 2));
  EXPECT_EQ(IpAddress::FromOctets(kFour), IpAddress::V4(192, 0, 2, 1));
}

//= RFC1122-3.2.1.3-1 type=test
TEST(IpAddress, ANetworkOfTwoAddressesOrOneHasNoBroadcast) {
  const IpAddress own = IpAddress::V4(192, 0, 2, 2);
  EXPECT_TRUE(IpAddress::V4(192, 0, 2, 3).IsBroadcastOf(own, 30));
  EXPECT_FALSE(IpAddress::V4(192, 0, 2, 3).IsBroadcastOf(own, 31));
  EXPECT_FALSE(own.IsBroadcastOf(own, 32));
}

}  // namespace
}  // namespace assay::wire
