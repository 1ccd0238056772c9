#include "stack/wire/validate.h"

#include "gtest/gtest.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/packet.h"

namespace assay::wire {
namespace {

const IpAddress kSource = IpAddress::V4(192, 0, 2, 1);
const IpAddress kDestination = IpAddress::V4(192, 0, 2, 2);

struct Shape {
  uint8_t control = kAck;
  std::string_view options = {};
  std::optional<uint8_t> offset_and_reserved = {};  // if not what the options ask for
  size_t payload = 4;
};

// A segment that is right but for what its shape says.
OctetVector Made(const Shape& shape) {
  const OctetVector options = Hex(shape.options);
  const OctetVector payload = Ramp(shape.payload);
  Header header{.source_port = 1, .destination_port = 2, .seq = 3, .ack = 4};
  header.control = shape.control;
  header.offset_and_reserved =
      shape.offset_and_reserved.value_or(static_cast<uint8_t>((20 + options.size()) / 4 << 4));
  OctetVector room(200);
  const MutableOctets segment = EncodeSegment({header, options, payload}, room);
  SealTcp(kSource, kDestination, segment);
  return ToVector(segment);
}

Defects With(std::initializer_list<Defect> list) {
  Defects defects;
  for (const Defect d : list) defects.Add(d);
  return defects;
}

Defects Judged(Octets segment) { return Validate(kSource, kDestination, segment); }

// The sets compare by their words, so that a failure reads as words.
#define EXPECT_DEFECTS(segment, ...) \
  EXPECT_EQ(ToString(Judged(segment)), ToString(With({__VA_ARGS__})))

TEST(Validate, FindsNothingWrongWithGoodSegments) {
  EXPECT_DEFECTS(Made({}));
  EXPECT_DEFECTS(Made({.payload = 0}));
  EXPECT_DEFECTS(
      Made({.control = kSyn, .options = "020405b4 0402 080a 00000001 00000000 01 030307"}));
  EXPECT_DEFECTS(Made({.options = "0101 080a 00000001 00000002"}));
  EXPECT_DEFECTS(Made({.options = "0101 050a 00000001 00000002"}));
  EXPECT_TRUE(Judged(Made({})).empty());
}

// Nonsense for the state machine to judge, not for the codec: no segment by itself is wrong for it.
TEST(Validate, HasNothingAgainstAnyControlBits) {
  for (unsigned control = 0; control < 256; ++control) {
    EXPECT_DEFECTS(Made({.control = static_cast<uint8_t>(control)}));
  }
}

TEST(Validate, SeesFewerThanTwentyOctets) {
  for (size_t size = 0; size < 20; ++size) EXPECT_DEFECTS(Ramp(size), Defect::kTooShort);
}

TEST(Validate, SeesADataOffsetBelowFive) {
  for (uint8_t offset = 0; offset < 5; ++offset) {
    EXPECT_DEFECTS(Made({.offset_and_reserved = static_cast<uint8_t>(offset << 4)}),
                   Defect::kOffsetTooSmall);
  }
}

TEST(Validate, SeesADataOffsetBeyondTheSegment) {
  for (uint8_t offset = 6; offset < 16; ++offset) {
    const Shape shape{.offset_and_reserved = static_cast<uint8_t>(offset << 4), .payload = 0};
    EXPECT_DEFECTS(Made(shape), Defect::kOffsetPastEnd);
  }
}

TEST(Validate, SeesAWrongChecksum) {
  //= MUST-3 type=test
  OctetVector segment = Made({});
  segment[4] ^= std::byte{1};
  EXPECT_DEFECTS(segment, Defect::kChecksum);
  EXPECT_EQ(Validate(kDestination, kDestination, Made({})), With({Defect::kChecksum}));
}

TEST(Validate, SeesEachReservedBit) {
  for (const int bit : {1, 2, 4, 8}) {
    const Shape shape{.offset_and_reserved = static_cast<uint8_t>(0x50 | bit)};
    EXPECT_DEFECTS(Made(shape), Defect::kReservedBits);
  }
}

TEST(Validate, SeesAnIllegalOptionLength) {
  //= MUST-7 type=test
  for (const char* options : {"fd00 0000", "fd01 0000", "fd05 0000", "010101 fd", "010101 02"}) {
    SCOPED_TRACE(options);
    EXPECT_DEFECTS(Made({.options = options}), Defect::kOptionLength);
  }
}

TEST(Validate, SeesPaddingThatIsNotZero) {
  //= MUST-69 type=test
  EXPECT_DEFECTS(Made({.options = "00000000"}));
  EXPECT_DEFECTS(Made({.options = "01000000"}));
  EXPECT_DEFECTS(Made({.options = "00000001"}), Defect::kPaddingNotZero);
  EXPECT_DEFECTS(Made({.options = "00010000"}), Defect::kPaddingNotZero);
}

TEST(Validate, SeesOptionsThatBelongToASyn) {
  //= MUST-65 type=test
  EXPECT_DEFECTS(Made({.options = "020405b4"}), Defect::kMssWithoutSyn);
  EXPECT_DEFECTS(Made({.options = "01010402"}), Defect::kSackPermittedWithoutSyn);
  EXPECT_DEFECTS(Made({.options = "01030307"}), Defect::kWindowScaleWithoutSyn);
  for (const uint8_t control : {uint8_t{kSyn}, uint8_t{kSyn | kAck}}) {
    EXPECT_DEFECTS(Made({.control = control, .options = "020405b4"}));
    EXPECT_DEFECTS(Made({.control = control, .options = "01010402"}));
    EXPECT_DEFECTS(Made({.control = control, .options = "01030307"}));
  }
}

TEST(Validate, SeesAKnownOptionWithAForeignLength) {
  for (const char* options :
       {"0202 0101", "0203 0001", "0302 0101", "0304 0101", "0403 0101", "0502 0101", "0504 0101",
        "0506 00000000 0101", "0802 0101", "0806 00000000 0101"}) {
    SCOPED_TRACE(options);
    EXPECT_DEFECTS(Made({.control = kSyn, .options = options}), Defect::kKnownOptionLength);
  }
}

TEST(Validate, SeesEveryDefectOfASegment) {
  OctetVector segment =
      Made({.options = "0203aa 0403bb 0302 00 000001", .offset_and_reserved = uint8_t{0x8f}});
  segment[0] ^= std::byte{1};
  EXPECT_DEFECTS(segment, Defect::kChecksum, Defect::kReservedBits, Defect::kPaddingNotZero,
                 Defect::kMssWithoutSyn, Defect::kSackPermittedWithoutSyn,
                 Defect::kWindowScaleWithoutSyn, Defect::kKnownOptionLength);
}

TEST(Defects, OnlyWhatHasNoMeaningIsDiscardedUntested) {
  for (const Defect d :
       {Defect::kTooShort, Defect::kOffsetTooSmall, Defect::kOffsetPastEnd, Defect::kChecksum}) {
    EXPECT_TRUE(With({d}).Discards()) << ToString(With({d}));
  }
  for (const Defect d : {Defect::kReservedBits, Defect::kOptionLength, Defect::kPaddingNotZero,
                         Defect::kMssWithoutSyn, Defect::kSackPermittedWithoutSyn,
                         Defect::kWindowScaleWithoutSyn, Defect::kKnownOptionLength}) {
    EXPECT_FALSE(With({d}).Discards()) << ToString(With({d}));
  }
}

TEST(Defects, PrintAsAListOfWords) {
  EXPECT_EQ(ToString(Defects{}), "");
  EXPECT_EQ(ToString(With({Defect::kOffsetPastEnd, Defect::kChecksum})),
            "data offset beyond the segment, bad checksum");
}

}  // namespace
}  // namespace assay::wire
