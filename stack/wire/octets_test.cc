#include "stack/wire/octets.h"

#include <array>

#include "gtest/gtest.h"
#include "stack/wire/octets_for_test.h"

namespace assay::wire {
namespace {

TEST(OctetReader, ReadsInNetworkOrder) {
  const OctetVector octets = Hex("01 0203 04050607 ff");
  OctetReader in(octets);
  EXPECT_EQ(in.U8(), 0x01);
  EXPECT_EQ(in.U16(), 0x0203);
  EXPECT_EQ(in.U32(), 0x0405'0607u);
  EXPECT_EQ(in.position(), 7u);
  EXPECT_EQ(ToHex(in.Rest()), "ff");
}

TEST(OctetReader, HighOctetsAreNotSignExtended) {
  const OctetVector octets = Hex("80 80ff 800000ff");
  OctetReader in(octets);
  EXPECT_EQ(in.U8(), 0x80);
  EXPECT_EQ(in.U16(), 0x80ff);
  EXPECT_EQ(in.U32(), 0x8000'00ffu);
  EXPECT_TRUE(in.Rest().empty());
}

TEST(OctetWriter, WritesInNetworkOrder) {
  std::array<std::byte, 17> octets{};
  OctetWriter out(octets);
  out.U8(0x01);
  out.U16(0xfe03);
  out.U32(0x8405'0607);
  out.U64(0xf1f2'f3f4'0102'0304);
  out.Copy(Hex("aabb"));
  EXPECT_EQ(out.position(), 17u);
  EXPECT_EQ(ToHex(octets), "01fe0384050607f1f2f3f401020304aabb");
}

TEST(OctetWriter, CopyOfNothingWritesNothing) {
  OctetWriter out(MutableOctets{});
  out.Copy({});
  EXPECT_EQ(out.position(), 0u);
}

TEST(OctetReaderDeathTest, GoingBeyondTheEndIsAMistake) {
  const OctetVector three = Hex("010203");
  EXPECT_DEATH(OctetReader(three).U32(), "check failed");
  EXPECT_DEATH(OctetReader(Octets{}).U8(), "check failed");
  OctetReader in(three);
  in.U16();
  EXPECT_DEATH(in.U16(), "check failed");
}

TEST(OctetWriterDeathTest, GoingBeyondTheEndIsAMistake) {
  std::array<std::byte, 3> three{};
  EXPECT_DEATH(OctetWriter(three).U32(0), "check failed");
  EXPECT_DEATH(OctetWriter(MutableOctets{}).U8(0), "check failed");
  OctetWriter out(three);
  out.U16(0);
  EXPECT_DEATH(out.Copy(Hex("0102")), "check failed");
}

// The compiler has no memcpy to lean on, and does it octet by octet.
TEST(Octets, AreReadAndWrittenByTheCompilerAsByTheProgram) {
  constexpr auto kWrite = [] {
    std::array<std::byte, 15> octets{};
    OctetWriter writer(octets);
    writer.U8(0x01);
    writer.U16(0x0203);
    writer.U32(0x0405'0607);
    writer.U64(0x0809'0a0b'0c0d'0e0f);
    return octets;
  };
  constexpr std::array<std::byte, 15> kWritten = kWrite();
  static_assert(LoadBig<uint32_t>(kWritten.data()) == 0x0102'0304);
  static_assert(LoadBig<uint16_t>(kWritten.data() + 5) == 0x0607);
  static_assert(LoadBig<uint64_t>(kWritten.data() + 7) == 0x0809'0a0b'0c0d'0e0f);
  EXPECT_EQ(kWritten, kWrite());
  EXPECT_EQ(LoadBig<uint32_t>(kWritten.data()), 0x0102'0304u);
}

}  // namespace
}  // namespace assay::wire
