#include "stack/wire/segment.h"

#include "gtest/gtest.h"
#include "stack/wire/octets_for_test.h"

namespace assay::wire {
namespace {

OctetVector Reencoded(Octets octets) {
  OctetVector room(octets.size());
  return ToVector(EncodeSegment(DecodeSegment(octets), room));
}

TEST(DecodeHeader, ReadsEachFieldFromItsPlace) {
  const std::optional<Header> header =
      DecodeHeader(Hex("0102 0304 05060708 090a0b0c 5d 12 0e0f 1011 1213"));
  EXPECT_EQ(header, (Header{.source_port = 0x0102,
                            .destination_port = 0x0304,
                            .seq = 0x05060708,
                            .ack = 0x090a0b0c,
                            .offset_and_reserved = 0x5d,
                            .control = kSyn | kAck,
                            .window = 0x0e0f,
                            .checksum = 0x1011,
                            .urgent = 0x1213}));
  EXPECT_EQ(header->data_offset(), 5);
  EXPECT_EQ(header->reserved(), 0x0d);
}

TEST(DecodeHeader, FailsWhereThereAreFewerThanTwentyOctets) {
  const OctetVector octets(kHeaderMin);
  for (size_t size = 0; size < kHeaderMin; ++size) {
    EXPECT_EQ(DecodeHeader(Octets(octets).first(size)), std::nullopt) << size;
  }
  EXPECT_TRUE(DecodeHeader(octets).has_value());
}

TEST(EncodeHeader, WritesEachFieldToItsPlace) {
  const Header header{0xf102, 0xf304, 0xf5060708, 0xf90a0b0c, 0xfd, 0x92, 0xfe0f, 0xf011, 0xf213};
  EXPECT_EQ(ToHex(EncodeHeader(header)), "f102f304f5060708f90a0b0cfd92fe0ff011f213");
}

TEST(Header, NamesEachControlBit) {
  for (unsigned bits = 0; bits < 256; ++bits) {
    const Header header{.control = static_cast<uint8_t>(bits)};
    EXPECT_EQ(header.fin(), (bits & 0x01) != 0);
    EXPECT_EQ(header.syn(), (bits & 0x02) != 0);
    EXPECT_EQ(header.rst(), (bits & 0x04) != 0);
    EXPECT_EQ(header.psh(), (bits & 0x08) != 0);
    EXPECT_EQ(header.has_ack(), (bits & 0x10) != 0);
    EXPECT_EQ(header.urg(), (bits & 0x20) != 0);
  }
}

TEST(DecodeSegment, OfFewerThanTwentyOctetsHasNoHeader) {
  for (size_t size = 0; size < kHeaderMin; ++size) {
    SCOPED_TRACE(size);
    const OctetVector octets = Ramp(size);
    const Segment segment = DecodeSegment(octets);
    EXPECT_FALSE(segment.header.has_value());
    EXPECT_TRUE(segment.options.empty());
    EXPECT_EQ(ToHex(segment.payload), ToHex(octets));
    EXPECT_EQ(segment.len(), size);
    EXPECT_EQ(Reencoded(octets), octets);
  }
}

// Every data offset with every length round each header's end.
TEST(DecodeSegment, IsTotalAndLosslessAtEveryDataOffset) {
  for (unsigned offset = 0; offset < 16; ++offset) {
    for (size_t size = kHeaderMin; size <= 72; ++size) {
      SCOPED_TRACE(testing::Message() << "data offset " << offset << ", size " << size);
      OctetVector octets = Ramp(size);
      octets[12] = static_cast<std::byte>(offset << 4 | (size & 0x0f));
      const Segment segment = DecodeSegment(octets);
      ASSERT_TRUE(segment.header.has_value());
      EXPECT_EQ(segment.header->data_offset(), offset);

      const size_t header = offset < 5 ? 20 : std::min<size_t>(offset * 4, size);
      EXPECT_EQ(segment.options.size(), header - 20);
      EXPECT_EQ(segment.payload.size(), size - header);
      EXPECT_EQ(Reencoded(octets), octets);
    }
  }
}

TEST(Segment, CountsSynAndFinInItsLength) {
  Segment segment{.header = Header{}, .options = {}, .payload = {}};
  const OctetVector payload = Ramp(7);
  for (const Octets octets : {Octets{}, Octets(payload)}) {
    segment.payload = octets;
    const auto size = static_cast<uint32_t>(octets.size());
    segment.header->control = kAck | kPsh | kUrg | kRst | kEce | kCwr;
    EXPECT_EQ(segment.len(), size);
    segment.header->control = kSyn;
    EXPECT_EQ(segment.len(), size + 1);
    segment.header->control = kFin | kAck;
    EXPECT_EQ(segment.len(), size + 1);
    segment.header->control = kSyn | kFin;
    EXPECT_EQ(segment.len(), size + 2);
  }
}

TEST(EncodeSegment, WritesThePartsOneAfterTheOther) {
  const OctetVector options = Hex("01010101");
  const OctetVector payload = Hex("aabbcc");
  const Segment segment{Header{.offset_and_reserved = 0x60}, options, payload};
  OctetVector room(64, std::byte{0xee});
  const MutableOctets octets = EncodeSegment(segment, room);
  EXPECT_EQ(octets.data(), room.data());
  EXPECT_EQ(octets.size(), 27u);
  EXPECT_EQ(ToHex(octets.subspan(20)), "01010101aabbcc");
  EXPECT_EQ(room[27], std::byte{0xee});
}

// The fields are written as they stand, even where they contradict the parts.
TEST(EncodeSegment, DoesNotCorrectTheDataOffset) {
  const OctetVector options = Hex("01010101");
  const Segment segment{Header{.offset_and_reserved = 0x10}, options, {}};
  OctetVector room(64);
  EXPECT_EQ(EncodeSegment(segment, room)[12], std::byte{0x10});
}

TEST(EncodeSegmentDeathTest, TooLittleRoomIsAMistake) {
  const OctetVector payload = Ramp(10);
  const Segment segment{Header{}, {}, payload};
  for (const size_t size : {0u, 19u, 20u, 29u}) {
    OctetVector room(size);
    EXPECT_DEATH(EncodeSegment(segment, room), "check failed") << size;
  }
  OctetVector room(30);
  EXPECT_EQ(EncodeSegment(segment, room).size(), 30u);
}

TEST(ControlColumn, IsAlwaysEightWide) {
  EXPECT_EQ(ControlColumn(0), "........");
  EXPECT_EQ(ControlColumn(0xff), "CEUAPRSF");
  EXPECT_EQ(ControlColumn(kSyn | kAck), "...A..S.");
}

TEST(ControlNames, ListsWhatIsSet) {
  EXPECT_EQ(ControlNames(0), "none");
  EXPECT_EQ(ControlNames(kSyn | kAck), "SYN,ACK");
  EXPECT_EQ(ControlNames(0xff), "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR");
}

}  // namespace
}  // namespace assay::wire
