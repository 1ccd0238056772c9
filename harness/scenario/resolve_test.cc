#include "harness/scenario/resolve.h"

#include <algorithm>
#include <array>

#include "gtest/gtest.h"
#include "harness/scenario/generate.h"
#include "harness/scenario/stream.h"
#include "stack/wire/icmp.h"
#include "stack/wire/packet.h"
#include "stack/wire/validate.h"

namespace assay::scenario {
namespace {

class ResolveTest : public ::testing::Test {
 protected:
  ResolveTest()
      : view_({wire::IpAddress::V4(192, 0, 2, 2), 40000}, {wire::IpAddress::V4(192, 0, 2, 1), 80},
              1000, 1500) {}

  wire::Segment Send(const Event& event) {
    packet_ = Resolve(event, {}, Instant(), view_, buffer_);
    return wire::DecodeSegment(wire::DecodePacket(packet_).payload);
  }

  wire::Defects DefectsOfLast() const {
    return wire::Validate(view_.tester.address, view_.stack.address, packet_.subspan(20));
  }

  // The stack says something to the tester.
  void Hear(uint32_t seq, uint32_t ack, uint8_t control, uint16_t window, size_t octets = 0) {
    wire::Segment segment;
    segment.header = wire::Header{.seq = seq, .ack = ack, .control = control, .window = window};
    segment.payload = StreamOctets(Stream::kStack, 0, octets);
    view_.Received(*segment.header, segment.len(), wire::DecodeOptions(segment.options));
  }

  TesterView view_;
  std::array<std::byte, kLargestPacket> buffer_;
  wire::Octets packet_;
};

TEST_F(ResolveTest, PoliteIsAHandshakeAndThenAcknowledgments) {
  EXPECT_EQ(Send(Polite()).header->control, wire::kSyn);
  EXPECT_EQ(view_.state(), spec::State::kSynSent);
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  const wire::Segment third = Send(Polite());
  EXPECT_EQ(third.header->control, wire::kAck);
  EXPECT_EQ(third.header->seq, 1001u);
  EXPECT_EQ(third.header->ack, 5001u);
  EXPECT_EQ(view_.state(), spec::State::kEstablished);
}

TEST_F(ResolveTest, PoliteAnswersASynWithSynAck) {
  Hear(5000, 0, wire::kSyn, 4096);
  const wire::Segment answer = Send(Polite());
  EXPECT_EQ(answer.header->control, wire::kSyn | wire::kAck);
  EXPECT_EQ(answer.header->seq, 1000u);
  EXPECT_EQ(answer.header->ack, 5001u);
}

TEST_F(ResolveTest, APoliteSynIsSentAgainAsTheSameSyn) {
  Send(Polite());
  EXPECT_EQ(Send(Polite()).header->seq, 1000u);
  EXPECT_EQ(view_.next, 1001u);
}

TEST_F(ResolveTest, FieldsAreRelativeToWhatTheTesterKnows) {
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  Send(Polite(10));
  EXPECT_EQ(view_.next, 1011u);
  Event event = Flags(wire::kAck);
  event.seq_base = SeqBase::kRightEdge;
  event.seq_delta.fine = -1;
  event.ack_base = AckBase::kIrs;
  EXPECT_EQ(Send(event).header->seq, 1001u + 4096 - 1);
  EXPECT_EQ(Send(event).header->ack, 5000u);
  EXPECT_EQ(view_.next, 1011u) << "a segment elsewhere does not advance the stream";
  event = Flags(wire::kAck);
  event.seq_delta.unit = Unit::kHalfWindow;
  EXPECT_EQ(Send(event).header->seq, 1011u + 2048);
}

TEST_F(ResolveTest, PayloadIsTheStreamAtItsOffset) {
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  Send(Polite(100));
  const wire::Segment second = Send(Polite(50));
  EXPECT_TRUE(std::ranges::equal(second.payload, StreamOctets(Stream::kTester, 100, 50)));
}

TEST_F(ResolveTest, EachLieIsExactlyThatLie) {
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  Event event = Polite(10);
  Send(event);
  EXPECT_TRUE(DefectsOfLast().empty());
  event.lie = Lie::kBadChecksum;
  Send(event);
  EXPECT_TRUE(DefectsOfLast().Has(wire::Defect::kChecksum));
  event.lie = Lie::kBadOffset;
  Send(event);
  EXPECT_TRUE(DefectsOfLast().Has(wire::Defect::kOffsetPastEnd));
  event.options = 1;
  Send(event);
  EXPECT_TRUE(DefectsOfLast().Has(wire::Defect::kOffsetTooSmall));
  event.lie = Lie::kReservedBits;
  Send(event);
  EXPECT_TRUE(DefectsOfLast().Has(wire::Defect::kReservedBits));
  EXPECT_FALSE(DefectsOfLast().Has(wire::Defect::kChecksum));
  event.lie = Lie::kOtherPort;
  EXPECT_EQ(Send(event).header->source_port, 40001);
  event.lie = Lie::kClosedPort;
  EXPECT_EQ(Send(event).header->destination_port, 81);
  event.lie = Lie::kTruncated;
  event.options = 5;
  EXPECT_EQ(Send(event).payload.size(), 5u);
}

TEST_F(ResolveTest, NoEventMakesAPacketLargerThanTheMtu) {
  Prng prng(7);
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 65535);
  for (int i = 0; i < 20000; ++i) {
    Event event;
    do {
      event = GenerateEvent(prng);
    } while (event.kind != EventKind::kSegment);
    Send(event);
    ASSERT_LE(packet_.size(), 1500u);
    ASSERT_GE(packet_.size(), 20u);
  }
}

// Each ICMP twist is an error about an octet of the stack's, with its checksum right, and leaves
// the tester as it was.
TEST_F(ResolveTest, AnIcmpTwistIsAnErrorAboutTheStacksSegment) {
  using wire::IcmpKind;
  struct Row {
    Twist twist;
    IcmpKind kind;
  };
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  const uint32_t next = view_.next;
  for (const Row& row : {Row{Twist::kNetUnreachable, IcmpKind::kNetUnreachable},
                         Row{Twist::kHostUnreachable, IcmpKind::kHostUnreachable},
                         Row{Twist::kProtocolUnreachable, IcmpKind::kProtocolUnreachable},
                         Row{Twist::kPortUnreachable, IcmpKind::kPortUnreachable},
                         Row{Twist::kPacketTooBig, IcmpKind::kPacketTooBig},
                         Row{Twist::kTimeExceeded, IcmpKind::kTimeExceeded},
                         Row{Twist::kSourceQuench, IcmpKind::kSourceQuench}}) {
    Event event = Polite();
    event.twist = row.twist;
    event.options = 100;
    Send(event);
    const wire::Packet packet = wire::DecodePacket(packet_);
    ASSERT_EQ(packet.error, wire::PacketError::kNotTcp);
    const auto error = wire::DecodeIcmpError(packet);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind, row.kind);
    EXPECT_EQ(error->source, view_.stack);
    EXPECT_EQ(error->destination, view_.tester);
    EXPECT_EQ(error->seq, 5001u);
    if (row.kind == IcmpKind::kPacketTooBig) {
      EXPECT_EQ(error->mtu, 800u);
    }
  }
  EXPECT_EQ(view_.next, next);
}

TEST_F(ResolveTest, ATwistOfAddressesSaysNothingOfTheConnection) {
  for (const Twist twist :
       {Twist::kFromGroup, Twist::kFromNowhere, Twist::kFromLoopback, Twist::kToGroup}) {
    Event event = Flags(wire::kSyn);
    event.twist = twist;
    Send(event);
    const wire::Packet packet = wire::DecodePacket(packet_);
    EXPECT_EQ(packet.error, wire::PacketError::kNone);
    EXPECT_EQ(packet.source.IsValidSource(), twist == Twist::kToGroup);
    EXPECT_EQ(packet.destination.IsGroup(), twist == Twist::kToGroup);
    EXPECT_TRUE(wire::Validate(packet.source, packet.destination, packet.payload).empty());
    EXPECT_FALSE(view_.syn_sent);
  }
}

// What came behind a gap is reported, the newest first, until the gap is filled.
TEST_F(ResolveTest, WhereSackIsAgreedOnGapsAreReported) {
  Event syn = Polite();
  syn.options = 32;
  Send(syn);
  view_.sack = true;  // as the SYN,ACK says
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  view_.sack = true;
  Hear(5101, 1001, wire::kAck, 4096, 100);
  Hear(5301, 1001, wire::kAck, 4096, 100);
  const auto blocks = [this] { return wire::DecodeOptions(Send(Polite()).options).sack; };
  ASSERT_EQ(blocks().size(), 2u);
  EXPECT_EQ(blocks()[0], (wire::SackBlock{5301, 5401}));
  EXPECT_EQ(blocks()[1], (wire::SackBlock{5101, 5201}));
  Hear(5001, 1001, wire::kAck, 4096, 100);
  ASSERT_EQ(blocks().size(), 1u);
  EXPECT_EQ(view_.expected, 5201u);
  Hear(5201, 1001, wire::kAck, 4096, 100);
  EXPECT_TRUE(blocks().empty());
  EXPECT_EQ(view_.expected, 5401u);
}

TEST_F(ResolveTest, ATwistMovesTheTimestamp) {
  view_.timestamps = true;
  Send(Polite());
  Hear(5000, 1001, wire::kSyn | wire::kAck, 4096);
  view_.timestamps = true;
  const auto stamp = [this](Twist twist) {
    Event event = Polite();
    event.twist = twist;
    return wire::DecodeOptions(Send(event).options).timestamps;
  };
  const uint32_t now = stamp(Twist::kNone)->value;
  EXPECT_EQ(stamp(Twist::kOldTimestamp)->value, now - 1);
  EXPECT_EQ(stamp(Twist::kLateTimestamp)->value, now + 3'600'000);
  EXPECT_FALSE(stamp(Twist::kWithoutTimestamp).has_value());
}

}  // namespace
}  // namespace assay::scenario
