#include "harness/report/segment_label.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/report/trace_fixture.h"

namespace assay::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Bases kBases = {.sent = TraceFixture::kTesterIss,
                          .acknowledged = TraceFixture::kStackIss};

SegmentLabel LabelOfLast(const TraceFixture& f, const Bases& bases = kBases) {
  return LabelOf(f.trace.packet(f.trace.events().back()), bases);
}

TEST(SegmentLabel, NamesTheFieldsOfASegment) {
  TraceFixture f;
  f.ToStack({.control = wire::kPsh | wire::kAck, .seq = 1, .ack = 301, .length = 7, .window = 512});
  const SegmentLabel label = LabelOfLast(f);
  EXPECT_THAT(label.columns, ElementsAre("PSH,ACK", "seq 1", "ack 301", "win 512", "len 7"));
  EXPECT_THAT(label.extras, IsEmpty());
  EXPECT_FALSE(label.defective);
}

TEST(SegmentLabel, LeavesOutTheAcknowledgmentOfASegmentWithoutAck) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn, .seq = -3});
  EXPECT_THAT(LabelOfLast(f).columns, ElementsAre("SYN", "seq -3", "", "win 65535", ""));
  EXPECT_TRUE(LabelOfLast(f).syn);
}

TEST(SegmentLabel, HasAbsoluteNumbersOnDemand) {
  TraceFixture f;
  wire::OptionSet sack;
  sack.sack.push_back({10, 20});
  f.ToStack({.seq = 1, .ack = 297, .options = sack});
  const SegmentLabel label = LabelOfLast(f, {.numbers = Numbers::kAbsolute});
  EXPECT_EQ(label.columns[1], "seq 1001");
  EXPECT_EQ(label.columns[2], "ack 1");
  EXPECT_THAT(label.extras, ElementsAre("<sack 10-20>"));
}

TEST(SegmentLabel, ListsOptionsInTheirOrderWithoutPadding) {
  TraceFixture f;
  wire::OptionSet options;
  options.mss = 1460;
  options.window_scale = 7;
  options.sack_permitted = true;
  options.timestamps = wire::Timestamps{100, 0};
  f.ToStack({.control = wire::kSyn, .options = options});
  EXPECT_THAT(LabelOfLast(f).extras,
              ::testing::UnorderedElementsAre(
                  ::testing::HasSubstr("mss 1460"), ::testing::HasSubstr("wscale 7"),
                  ::testing::HasSubstr("sackOK"), ::testing::HasSubstr("ts 100:0")));
}

TEST(SegmentLabel, CountsSackEdgesLikeTheAcknowledgment) {
  TraceFixture f;
  wire::OptionSet options;
  options.sack.push_back({f.stack_iss + 401, f.stack_iss + 801});
  options.sack.push_back({f.stack_iss + 1201, f.stack_iss + 1601});
  f.ToStack({.seq = 1, .ack = 1, .options = options});
  EXPECT_THAT(LabelOfLast(f).extras, ElementsAre("<sack 401-801 1201-1601>"));
}

TEST(SegmentLabel, ShowsTheUrgentPointerOnlyWithItsFlag) {
  std::array<std::byte, 64> packet;
  wire::Header header{.control = wire::kAck | wire::kUrg, .urgent = 5};
  const TraceFixture f;
  const auto label = [&] {
    return LabelOf(wire::EncodeTcpPacket(f.tester.address, f.stack.address, header, {}, {}, packet),
                   kBases);
  };
  EXPECT_THAT(label().extras, ElementsAre("urgent 5"));
  header.control = wire::kAck;
  EXPECT_THAT(label().extras, IsEmpty());
}

TEST(SegmentLabel, MarksWhatIsWrongWithASegment) {
  TraceFixture f;
  f.Damaged({.seq = 1, .ack = 1, .length = 4}, 1);
  EXPECT_TRUE(LabelOfLast(f).defective);
  EXPECT_THAT(LabelOfLast(f).extras, ElementsAre("[bad checksum]"));
}

TEST(SegmentLabel, TellsWhatCannotBeDecoded) {
  TraceFixture f;
  f.Raw(observer::TraceKind::kToStack, std::array<std::byte, 10>{});
  EXPECT_EQ(LabelOfLast(f).columns[0], "10 octets");
  EXPECT_THAT(LabelOfLast(f).extras, ElementsAre("[bad version]"));

  std::array<std::byte, 64> packet{};
  const size_t header = wire::EncodeIpHeader(
      {.source = f.tester.address, .destination = f.stack.address, .payload = {}}, 12, packet);
  f.Raw(observer::TraceKind::kToStack, wire::Octets(packet).first(header + 12));
  EXPECT_EQ(LabelOfLast(f).columns[0], "12 octets");
  EXPECT_THAT(LabelOfLast(f).extras, ElementsAre("[fewer than 20 octets]"));
}

TEST(SegmentLabel, SurvivesEveryCutAndEveryTurnedOctetOfASegment) {
  TraceFixture f;
  wire::OptionSet options;
  options.mss = 1460;
  options.timestamps = wire::Timestamps{1, 2};
  f.ToStack({.control = wire::kSyn | wire::kUrg, .length = 3, .options = options});
  const wire::Octets whole = f.trace.packet(f.trace.events().back());
  for (size_t size = 0; size <= whole.size(); ++size) {
    const SegmentLabel label = LabelOf(whole.first(size), kBases);
    EXPECT_EQ(label.defective, size < whole.size());
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<std::byte> turned(whole.begin(), whole.end());
      turned[at] ^= static_cast<std::byte>(1 << bit);
      EXPECT_FALSE(LabelOf(turned, kBases).columns[0].empty());
    }
  }
}

TEST(SegmentLabelLines, PutColumnsUnderEachOther) {
  TraceFixture f;
  ColumnWidths widths{};
  f.ToStack({.control = wire::kPsh | wire::kAck, .seq = 10'001, .ack = 1, .length = 7});
  const SegmentLabel data = LabelOfLast(f);
  f.ToStack({.control = wire::kSyn});
  const SegmentLabel syn = LabelOfLast(f);
  Widen(widths, data);
  Widen(widths, syn);
  EXPECT_THAT(Lines(data, widths, 60), ElementsAre("PSH,ACK  seq 10001  ack 1  win 65535  len 7"));
  EXPECT_THAT(Lines(syn, widths, 60), ElementsAre("SYN      seq 0             win 65535"));
}

TEST(SegmentLabelLines, MoveExtrasBelowAndThenCloseUp) {
  TraceFixture f;
  wire::OptionSet options;
  options.mss = 1460;
  options.window_scale = 7;
  f.ToStack({.control = wire::kSyn, .options = options});
  const SegmentLabel label = LabelOfLast(f);
  ColumnWidths widths{};
  Widen(widths, label);
  widths[0] = 7;
  EXPECT_THAT(Lines(label, widths, 60),
              ElementsAre("SYN      seq 0  win 65535  <mss 1460, wscale 7>"));
  EXPECT_THAT(Lines(label, widths, 30),
              ElementsAre("SYN      seq 0  win 65535", "<mss 1460, wscale 7>"));
  EXPECT_THAT(Lines(label, widths, 20), ElementsAre("SYN seq 0 win 65535", "<mss 1460, wscale 7>"));
  EXPECT_THAT(Lines(label, widths, 12),
              ElementsAre("SYN seq 0", "win 65535", "<mss 1460,", "wscale 7>"));
}

}  // namespace
}  // namespace assay::report
