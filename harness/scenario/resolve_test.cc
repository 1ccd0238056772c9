#include "harness/scenario/resolve.h"

#include <algorithm>
#include <array>

#include "gtest/gtest.h"
#include "harness/scenario/generate.h"
#include "harness/scenario/stream.h"
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

}  // namespace
}  // namespace assay::scenario
