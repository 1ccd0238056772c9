#include "stack/wire/options.h"

#include "gtest/gtest.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/segment.h"

namespace assay::wire {
namespace {

struct Walked {
  std::string options;  // "2:05b4 1: 3:07": kind, colon, value in hexadecimal
  OptionWalkEnd end;
  std::string rest;
  friend bool operator==(const Walked&, const Walked&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Walked& w) {
    return out << "[" << w.options << "] end " << static_cast<int>(w.end) << " rest " << w.rest;
  }
};

Walked Walk(std::string_view hex) {
  const OctetVector octets = Hex(hex);
  OptionWalk walk(octets);
  Walked walked;
  while (const std::optional<Option> option = walk.Next()) {
    if (!walked.options.empty()) walked.options += ' ';
    walked.options += std::to_string(option->kind) + ":" + ToHex(option->value);
  }
  EXPECT_FALSE(walk.Next().has_value()) << "the end is not final";
  walked.end = walk.end();
  walked.rest = ToHex(walk.rest());
  return walked;
}

TEST(OptionWalk, EndsWhereTheHeaderEnds) {
  EXPECT_EQ(Walk(""), (Walked{"", OptionWalkEnd::kAtHeaderEnd, ""}));
  EXPECT_EQ(Walk("01010101"), (Walked{"1: 1: 1: 1:", OptionWalkEnd::kAtHeaderEnd, ""}));
  EXPECT_EQ(Walk("020405b4"), (Walked{"2:05b4", OptionWalkEnd::kAtHeaderEnd, ""}));
  EXPECT_EQ(Walk("0101 080a 01020304 05060708"),
            (Walked{"1: 1: 8:0102030405060708", OptionWalkEnd::kAtHeaderEnd, ""}));
}

TEST(OptionWalk, EndsAtTheEndOfOptionListAndLeavesThePadding) {
  //= MUST-4 type=test
  EXPECT_EQ(Walk("00"), (Walked{"0:", OptionWalkEnd::kAtEol, ""}));
  EXPECT_EQ(Walk("00 000000"), (Walked{"0:", OptionWalkEnd::kAtEol, "000000"}));
  EXPECT_EQ(Walk("030307 00 020405b4"), (Walked{"3:07 0:", OptionWalkEnd::kAtEol, "020405b4"}));
}

TEST(OptionWalk, EndsAtALengthBelowTwo) {
  //= MUST-7 type=test
  EXPECT_EQ(Walk("0200 05b4"), (Walked{"", OptionWalkEnd::kBadLength, "020005b4"}));
  EXPECT_EQ(Walk("0201 05b4"), (Walked{"", OptionWalkEnd::kBadLength, "020105b4"}));
  EXPECT_EQ(Walk("01 fe00"), (Walked{"1:", OptionWalkEnd::kBadLength, "fe00"}));
}

TEST(OptionWalk, EndsAtALengthThatIsMissingOrBeyondTheHeader) {
  //= MUST-7 type=test
  EXPECT_EQ(Walk("02"), (Walked{"", OptionWalkEnd::kPastHeader, "02"}));
  EXPECT_EQ(Walk("010101 08"), (Walked{"1: 1: 1:", OptionWalkEnd::kPastHeader, "08"}));
  EXPECT_EQ(Walk("0205 05b4"), (Walked{"", OptionWalkEnd::kPastHeader, "020505b4"}));
  EXPECT_EQ(Walk("02ff 05b4"), (Walked{"", OptionWalkEnd::kPastHeader, "02ff05b4"}));
}

TEST(OptionWalk, YieldsUnknownKindsAndForeignLengthsAsTheyStand) {
  //= MUST-6 type=test
  //= MUST-68 type=test
  EXPECT_EQ(Walk("fd02 fe04aabb 020301 0802"),
            (Walked{"253: 254:aabb 2:01 8:", OptionWalkEnd::kAtHeaderEnd, ""}));
}

// Any two first octets, at every room left in the header: the walk ends, and reads nothing twice.
TEST(OptionWalk, AccountsForEveryOctet) {
  for (unsigned kind = 0; kind < 256; ++kind) {
    for (unsigned length = 0; length < 256; ++length) {
      for (const size_t size : {1u, 2u, 3u, 8u, 40u}) {
        OctetVector octets(size, std::byte{1});
        octets[0] = static_cast<std::byte>(kind);
        if (size > 1) octets[1] = static_cast<std::byte>(length);
        OptionWalk walk(octets);
        size_t read = 0;
        while (const std::optional<Option> option = walk.Next()) {
          read += option->kind < 2 ? 1 : 2 + option->value.size();
          ASSERT_LE(read, size);
        }
        ASSERT_EQ(read + walk.rest().size(), size) << kind << " " << length << " " << size;
      }
    }
  }
}

OptionSet Decoded(std::string_view hex) {
  const OctetVector octets = Hex(hex);
  return DecodeOptions(octets);
}

TEST(DecodeOptions, OfNothingIsTheEmptySet) { EXPECT_EQ(Decoded(""), OptionSet{}); }

TEST(DecodeOptions, ReadsEachKnownOption) {
  EXPECT_EQ(Decoded("020405b4").mss, 0x05b4);
  EXPECT_EQ(Decoded("030307").window_scale, 7);
  EXPECT_TRUE(Decoded("0402").sack_permitted);
  EXPECT_EQ(Decoded("080a 01020304 85060708").timestamps, (Timestamps{0x01020304, 0x85060708}));
  const OptionSet sack = Decoded("0512 00000001 00000002 fffffffe 00000000");
  ASSERT_EQ(sack.sack.size(), 2u);
  EXPECT_EQ(sack.sack[0], (SackBlock{1, 2}));
  EXPECT_EQ(sack.sack[1], (SackBlock{0xffff'fffe, 0}));
}

TEST(DecodeOptions, ReadsWhatLinuxSendsWithASyn) {
  const OptionSet set = Decoded("020405b4 0402 080a 9a3f1c22 00000000 01 030307");
  OptionSet expected;
  expected.mss = 1460;
  expected.sack_permitted = true;
  expected.timestamps = Timestamps{0x9a3f'1c22, 0};
  expected.window_scale = 7;
  EXPECT_EQ(set, expected);
}

TEST(DecodeOptions, ReadsFourBlocks) {
  const OptionSet set =
      Decoded("0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008");
  ASSERT_EQ(set.sack.size(), 4u);
  EXPECT_EQ(set.sack[3], (SackBlock{7, 8}));
}

TEST(DecodeOptions, KeepsAShiftAbove14AsItWasSent) {
  EXPECT_EQ(Decoded("0303ff").window_scale, 255);
}

TEST(DecodeOptions, LeavesOutKnownKindsWithForeignLengths) {
  for (const char* hex : {"0202", "020301", "0205010203", "0302", "03040101", "040301", "0502",
                          "050401 02", "0509 00000001 000000", "050b 00000001 00000002 00", "0802",
                          "0809 01020304 050607", "080b 01020304 05060708 09"}) {
    SCOPED_TRACE(hex);
    EXPECT_EQ(Decoded(hex), OptionSet{});
  }
}

// A list longer than any header holds still decodes: DecodeOptions takes any octets.
TEST(DecodeOptions, LeavesOutMoreThanFourBlocks) {
  const OctetVector five = Concat({Hex("052a"), Ramp(40)});
  EXPECT_EQ(DecodeOptions(five), OptionSet{});
}

TEST(DecodeOptions, LetsTheLastOfAKindCount) {
  EXPECT_EQ(Decoded("020405b4 02040200").mss, 0x0200);
  EXPECT_EQ(Decoded("020405b4 020301").mss, 0x05b4) << "a foreign length is no option of the kind";
  const OptionSet set = Decoded("0512 00000001 00000002 00000003 00000004 050a 00000005 00000006");
  ASSERT_EQ(set.sack.size(), 1u);
  EXPECT_EQ(set.sack[0], (SackBlock{5, 6}));
}

TEST(DecodeOptions, KeepsWhatStandsBeforeAnIllegalLength) {
  //= MUST-7 type=test
  const OptionSet set = Decoded("020405b4 0300 0402");
  EXPECT_EQ(set.mss, 1460);
  EXPECT_FALSE(set.sack_permitted);
  EXPECT_FALSE(set.well_formed);
  EXPECT_FALSE(Decoded("0204").well_formed);
}

TEST(DecodeOptions, ReadsNothingBehindAnEndOfOptionList) {
  const OptionSet set = Decoded("00 0402 00");
  EXPECT_EQ(set, OptionSet{});
  EXPECT_TRUE(set.well_formed);
}

std::string Encoded(const OptionSet& set) {
  std::array<std::byte, kOptionsMax> room;
  room.fill(std::byte{0xee});
  return ToHex(EncodeOptions(set, room));
}

TEST(EncodeOptions, WritesNothingForTheEmptySet) { EXPECT_EQ(Encoded({}), ""); }

// RFC 7323, appendix A: padding in front puts the fields of a lone timestamps option on words.
TEST(EncodeOptions, PadsToWholeWordsInFront) {
  OptionSet set;
  set.timestamps = Timestamps{0x01020304, 0x05060708};
  EXPECT_EQ(Encoded(set), "0101080a0102030405060708");
  set = {};
  set.window_scale = 7;
  EXPECT_EQ(Encoded(set), "01030307");
  set.mss = 1460;
  EXPECT_EQ(Encoded(set), "01020405b4030307");
  set = {};
  set.sack.push_back({1, 2});
  EXPECT_EQ(Encoded(set), "0101050a0000000100000002");
}

// Every subset of the options comes back as it went, in whole words and within the header.
TEST(EncodeOptions, OfEverySubsetComesBack) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    for (size_t blocks = 0; blocks <= 4; ++blocks) {
      SCOPED_TRACE(testing::Message() << bits << " with " << blocks);
      OptionSet set;
      size_t size = 0;
      if (bits & 1) set.mss = 536, size += 4;
      if (bits & 2) set.window_scale = 14, size += 3;
      if (bits & 4) set.sack_permitted = true, size += 2;
      if (bits & 8) set.timestamps = Timestamps{0xffff'ffff, 1}, size += 10;
      for (size_t i = 0; i < blocks; ++i) {
        set.sack.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(~i)});
      }
      std::array<std::byte, kOptionsMax> room{};
      const Octets octets = EncodeOptions(set, room);
      EXPECT_EQ(octets.size() % 4, 0u);

      OptionSet expected = set;
      while (size + 2 + 8 * expected.sack.size() > kOptionsMax) expected.sack.pop_back();
      EXPECT_EQ(DecodeOptions(octets), expected);
    }
  }
}

// RFC 2018, 3: three blocks at most beside the timestamps option.
TEST(EncodeOptions, FourBlocksDoNotFitBesideTimestamps) {
  OptionSet set;
  for (uint32_t i = 0; i < 4; ++i) set.sack.push_back({i, i + 1});
  EXPECT_EQ(Encoded(set).size(), 2 * 36u);
  set.timestamps = Timestamps{1, 2};
  EXPECT_EQ(Encoded(set).size(), 2 * 36u);
  EXPECT_EQ(Decoded(Encoded(set)).sack.size(), 3u);
}

TEST(EncodeOptionsDeathTest, NeedsRoomForAnyOptions) {
  std::array<std::byte, kOptionsMax - 1> room;
  EXPECT_DEATH(EncodeOptions({}, room), "check failed");
}

TEST(OptionSetTest, DiffersInEachOfWhatItSays) {
  OptionSet whole;
  whole.mss = 1460;
  whole.window_scale = 7;
  whole.sack_permitted = true;
  whole.timestamps = Timestamps{1, 2};
  whole.sack.push_back({1, 2});
  whole.sack.push_back({3, 4});
  EXPECT_EQ(whole, OptionSet(whole));
  void (*const changes[])(OptionSet&) = {
      [](OptionSet& o) { o.mss = 1461; },
      [](OptionSet& o) { o.mss.reset(); },
      [](OptionSet& o) { o.window_scale = 8; },
      [](OptionSet& o) { o.sack_permitted = false; },
      [](OptionSet& o) { o.timestamps->value = 3; },
      [](OptionSet& o) { o.timestamps->echo = 3; },
      [](OptionSet& o) { o.sack.Erase(1, 2); },
      [](OptionSet& o) { o.sack[1].left = 5; },
      [](OptionSet& o) { o.sack[1].right = 5; },
      [](OptionSet& o) { o.well_formed = false; },
  };
  for (const auto change : changes) {
    OptionSet other = whole;
    change(other);
    EXPECT_FALSE(whole == other);
  }
}

}  // namespace
}  // namespace assay::wire
