#include "stack/wire/checksum.h"

#include "gtest/gtest.h"
#include "stack/base/prng.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/textbook_checksum.h"

namespace assay::wire {
namespace {

constexpr uint16_t kEdges[] = {0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff};

OctetVector Random(Prng& prng, size_t size) {
  OctetVector octets(size);
  for (std::byte& b : octets) b = static_cast<std::byte>(prng.Next());
  return octets;
}

TEST(OnesComplementSum, GivesTheExampleOfRfc1071) {
  EXPECT_EQ(OnesComplementSum(Hex("0001 f203 f4f5 f6f7")), 0xddf2);
  EXPECT_EQ(InternetChecksum(Hex("0001 f203 f4f5 f6f7")), 0x220d);
}

TEST(OnesComplementSum, PadsAnOddLastOctetWithZero) {
  EXPECT_EQ(OnesComplementSum(Hex("12")), 0x1200);
  EXPECT_EQ(OnesComplementSum(Hex("0001 f2")), 0xf201);
  EXPECT_EQ(OnesComplementSum(Hex("0001 f203 f4f5 f6f7 01")), 0xdef2);
}

TEST(OnesComplementSum, OfNothingIsTheInitialSum) {
  EXPECT_EQ(OnesComplementSum({}), 0);
  EXPECT_EQ(OnesComplementSum({}, 0x1234), 0x1234);
  EXPECT_EQ(OnesComplementSum({}, 0xffff), 0xffff);
}

// The two forms of zero stay apart: only zeros sum to 0x0000.
TEST(OnesComplementSum, IsZeroForZerosAlone) {
  for (size_t size = 0; size <= 300; ++size) {
    EXPECT_EQ(OnesComplementSum(OctetVector(size, std::byte{0})), 0) << size;
    if (size % 2 != 0 || size == 0) continue;
    EXPECT_EQ(OnesComplementSum(OctetVector(size, std::byte{0xff})), 0xffff) << size;
  }
  EXPECT_EQ(OnesComplementSum(Hex("ffff 0000")), 0xffff);
  EXPECT_EQ(OnesComplementSum(Hex("fffe 0001")), 0xffff);
}

// Every length through all of the vectorised loop's remainders, at every alignment of a word.
TEST(OnesComplementSum, IsTheTextbookSumAtEveryLengthAndAlignment) {
  Prng prng(1);
  const OctetVector octets = Random(prng, 1100);
  for (size_t at = 0; at < 16; ++at) {
    for (size_t size = 0; size <= 1024; ++size) {
      const Octets part = Octets(octets).subspan(at, size);
      ASSERT_EQ(OnesComplementSum(part), TextbookSum(part)) << "at " << at << " size " << size;
    }
  }
}

TEST(OnesComplementSum, IsTheTextbookSumOfTheLargestPackets) {
  Prng prng(2);
  for (const size_t size : {1460u, 9000u, 65534u, 65535u, 65536u, 1u << 20}) {
    const OctetVector octets = Random(prng, size);
    EXPECT_EQ(OnesComplementSum(octets), TextbookSum(octets)) << size;
  }
}

// Carries out of every lane: the sums that are worst for an accumulator.
TEST(OnesComplementSum, LosesNoCarry) {
  for (const size_t size : {64u, 1460u, 65535u, 1u << 22}) {
    const OctetVector octets(size, std::byte{0xff});
    EXPECT_EQ(OnesComplementSum(octets), TextbookSum(octets)) << size;
    EXPECT_EQ(OnesComplementSum(octets, 0xffff), TextbookSum(octets)) << size;
  }
}

TEST(OnesComplementSum, GoesOnFromASumOfAnEvenNumberOfOctets) {
  Prng prng(3);
  const OctetVector octets = Random(prng, 333);
  for (size_t at = 0; at < octets.size(); at += 2) {
    const uint16_t front = OnesComplementSum(Octets(octets).first(at));
    EXPECT_EQ(OnesComplementSum(Octets(octets).subspan(at), front), TextbookSum(octets)) << at;
  }
}

TEST(InternetChecksum, MakesAKnownIpv4HeaderSumToOnes) {
  EXPECT_EQ(InternetChecksum(Hex("45000073 00004000 40110000 c0a80001 c0a800c7")), 0xb861);
  EXPECT_EQ(OnesComplementSum(Hex("45000073 00004000 4011b861 c0a80001 c0a800c7")), 0xffff);
}

struct Known {
  IpAddress source;
  IpAddress destination;
  OctetVector segment;
  uint16_t checksum;
};

// Computed apart from this code, and found correct by Wireshark.
const Known kKnownIpv4 = {IpAddress::V4(192, 168, 1, 1), IpAddress::V4(192, 168, 1, 2),
                          Hex("bf000050 01234567 89abcdef 60350123 01b60201 03030c01 aa0000ff"),
                          0x01b6};
const Known kKnownIpv6 = {IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}),
                          IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}),
                          Hex("c0010050 deadbeef 00000000 6002ffff ded60000 020405a0"), 0xded6};

TEST(TcpChecksum, OfKnownPacketsIsRight) {
  //= MUST-2 type=test
  //= MUST-3 type=test
  for (const Known& known : {kKnownIpv4, kKnownIpv6}) {
    SCOPED_TRACE(known.source.ToString());
    EXPECT_EQ(TcpChecksum(known.source, known.destination, known.segment), known.checksum);
    EXPECT_TRUE(TcpChecksumIsRight(known.source, known.destination, known.segment));
  }
}

TEST(TcpChecksum, CountsTheFieldItselfAsZero) {
  for (const Known& known : {kKnownIpv4, kKnownIpv6}) {
    for (const uint16_t garbage : kEdges) {
      OctetVector segment = known.segment;
      OctetWriter(MutableOctets(segment).subspan(16, 2)).U16(garbage);
      EXPECT_EQ(TcpChecksum(known.source, known.destination, segment), known.checksum) << garbage;
      EXPECT_FALSE(TcpChecksumIsRight(known.source, known.destination, segment)) << garbage;
    }
  }
}

TEST(TcpChecksum, CoversAddressesLengthAndEveryOctet) {
  for (const Known& known : {kKnownIpv4, kKnownIpv6}) {
    SCOPED_TRACE(known.source.ToString());
    for (size_t i = 0; i < known.source.octets().size(); ++i) {
      OctetVector octets = ToVector(known.source.octets());
      octets[i] ^= std::byte{0x40};
      const IpAddress other = IpAddress::FromOctets(octets);
      EXPECT_FALSE(TcpChecksumIsRight(other, known.destination, known.segment)) << i;
    }
    for (size_t i = 0; i < known.segment.size(); ++i) {
      OctetVector segment = known.segment;
      segment[i] ^= std::byte{0x01};
      EXPECT_FALSE(TcpChecksumIsRight(known.source, known.destination, segment)) << i;
    }
    const OctetVector longer = Concat({known.segment, Hex("00")});
    EXPECT_FALSE(TcpChecksumIsRight(known.source, known.destination, longer));
  }
}

// A checksum of 0xffff stands for the same number as 0x0000, and both are right where one is.
TEST(TcpChecksum, OfASumOfOnesIsZeroAndBothFormsOfZeroAreRight) {
  OctetVector segment = kKnownIpv4.segment;
  // Raise the window by what the checksum lacks to a sum of ones, so that the checksum becomes 0.
  OctetReader window(Octets(segment).subspan(14, 2));
  const uint32_t raised = uint32_t{window.U16()} + kKnownIpv4.checksum;
  ASSERT_LE(raised, 0xffffu);
  OctetWriter(MutableOctets(segment).subspan(14, 2)).U16(static_cast<uint16_t>(raised));
  EXPECT_EQ(TcpChecksum(kKnownIpv4.source, kKnownIpv4.destination, segment), 0x0000);
  for (const uint16_t zero : {kEdges[0], kEdges[5]}) {
    OctetWriter(MutableOctets(segment).subspan(16, 2)).U16(zero);
    EXPECT_TRUE(TcpChecksumIsRight(kKnownIpv4.source, kKnownIpv4.destination, segment)) << zero;
  }
}

TEST(TcpChecksum, OfFewerThanTwentyOctetsIsNeverRight) {
  for (size_t size = 0; size < 20; ++size) {
    EXPECT_FALSE(TcpChecksumIsRight(kKnownIpv4.source, kKnownIpv4.destination, Ramp(size))) << size;
  }
}

// There is no field below 20 octets, so all of them count.
TEST(TcpChecksum, OfFewerThanTwentyOctetsCountsThemAll) {
  const IpAddress source = IpAddress::V4(10, 0, 0, 1);
  const IpAddress destination = IpAddress::V4(10, 0, 0, 2);
  for (size_t size = 0; size < 20; ++size) {
    OctetVector whole = Hex("0a000001 0a000002 0006 0000");
    whole[11] = static_cast<std::byte>(size);
    const OctetVector segment = Ramp(size);
    whole.insert(whole.end(), segment.begin(), segment.end());
    EXPECT_EQ(TcpChecksum(source, destination, segment), static_cast<uint16_t>(~TextbookSum(whole)))
        << size;
  }
}

TEST(UpdateChecksum, IsTheChecksumOfTheChangedHeader) {
  for (const uint16_t rest : kEdges) {
    for (const uint16_t before : kEdges) {
      for (const uint16_t after : kEdges) {
        OctetVector octets(6);
        OctetWriter out(octets);
        out.U16(0x4500);
        out.U16(rest);
        out.U16(before);
        const uint16_t old = InternetChecksum(octets);
        OctetWriter(MutableOctets(octets).subspan(4)).U16(after);
        EXPECT_EQ(UpdateChecksum(old, before, after), InternetChecksum(octets))
            << rest << " " << before << " " << after;
      }
    }
  }
}

// The case that the older formula of RFC 1141 gets wrong.
TEST(UpdateChecksum, GivesTheExampleOfRfc1624) {
  EXPECT_EQ(UpdateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

}  // namespace
}  // namespace assay::wire
