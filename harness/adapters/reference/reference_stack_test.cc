#include "harness/adapters/reference/reference_stack.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::adapters {
namespace {

using spec::State;
using sut::CallError;
using sut::Handle;

// The tester's end, played by hand.
class ReferenceStackTest : public testing::TestWithParam<wire::IpFamily> {
 protected:
  ReferenceStackTest() : stack_(MakeReferenceStack()) {
    if (GetParam() == wire::IpFamily::kIpv6) sut::UseIpv6(config_);
    config_.use_iss = true;
    config_.iss = 1000;
    EXPECT_TRUE(stack_->Reset(config_));
  }

  void Deliver(uint8_t control, uint32_t seq, uint32_t ack, std::string_view text = "",
               uint16_t port = 80) {
    wire::Header header;
    header.source_port = 5555;
    header.destination_port = port;
    header.control = control;
    header.seq = seq;
    header.ack = ack;
    header.window = 0xffff;
    std::array<std::byte, 2000> out;
    stack_->Deliver(wire::EncodeTcpPacket(config_.tester, config_.stack, header, {},
                                          std::as_bytes(std::span(text)), out));
  }

  // Everything that waits, as "SYN,ACK 1000 ack 5001; ...".
  std::string Polled() {
    std::string told;
    for (;;) {
      const wire::Octets packet = stack_->Poll(buffer_);
      if (packet.empty()) return told;
      const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
      if (!told.empty()) told += "; ";
      told += wire::ControlNames(segment.header->control) + " " +
              std::to_string(segment.header->seq) + " ack " + std::to_string(segment.header->ack);
      if (!segment.payload.empty())
        told += std::string(" (") + std::to_string(segment.payload.size()) + ")";
    }
  }

  Handle Accepted() {
    listener_ = stack_->Listen(80, 4).handle;
    Deliver(wire::kSyn, 5000, 0);
    EXPECT_EQ(Polled(), "SYN,ACK 1000 ack 5001");
    Deliver(wire::kAck, 5001, 1001);
    const sut::Accepted accepted = stack_->Accept(listener_);
    EXPECT_EQ(accepted.error, CallError::kNone);
    EXPECT_EQ(accepted.from, (wire::Endpoint{config_.tester, 5555}));
    return accepted.handle;
  }

  sut::Config config_;
  std::unique_ptr<sut::StackUnderTest> stack_;
  Handle listener_ = sut::kNoHandle;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(65536);
};
INSTANTIATE_TEST_SUITE_P(, ReferenceStackTest,
                         testing::Values(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == wire::IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(ReferenceStackTest, HandshakeDataAndClose) {
  const Handle h = Accepted();
  EXPECT_EQ(stack_->State(h).state, State::kEstablished);
  EXPECT_EQ(stack_->Recv(h, buffer_).error, CallError::kAgain);
  Deliver(wire::kAck | wire::kPsh, 5001, 1001, "hello");
  EXPECT_EQ(Polled(), "") << "the ACK is delayed";
  EXPECT_EQ(stack_->Advance(Duration::Seconds(1), true).ns(), 200'000'000);
  EXPECT_EQ(Polled(), "ACK 1001 ack 5006");
  const sut::Transfer got = stack_->Recv(h, buffer_);
  ASSERT_EQ(got.octets, 5u);
  EXPECT_EQ(std::memcmp(buffer_.data(), "hello", 5), 0);
  EXPECT_EQ(stack_->Send(h, wire::Octets(buffer_).first(3), 0).octets, 3u);
  EXPECT_EQ(Polled(), "PSH,ACK 1001 ack 5006 (3)");
  Deliver(wire::kAck | wire::kFin, 5006, 1004);
  EXPECT_EQ(Polled(), "ACK 1004 ack 5007");
  EXPECT_EQ(stack_->State(h).state, State::kCloseWait);
  const sut::Transfer end = stack_->Recv(h, buffer_);
  EXPECT_EQ(end.error, CallError::kNone);
  EXPECT_EQ(end.octets, 0u);
  EXPECT_EQ(stack_->Close(h), CallError::kNone);
  EXPECT_EQ(Polled(), "FIN,ACK 1004 ack 5007");
  EXPECT_EQ(stack_->State(h).state, State::kLastAck);
  Deliver(wire::kAck, 5007, 1005);
  EXPECT_EQ(stack_->State(h).state, State::kClosed);
  EXPECT_EQ(stack_->Error(h), CallError::kNone);
  EXPECT_EQ(stack_->State(listener_).state, State::kListen);
}

TEST_P(ReferenceStackTest, ASendBufferThatIsFullSaysAgain) {
  const Handle h = Accepted();
  std::vector<std::byte> much(200'000);
  const sut::Transfer first = stack_->Send(h, much, 0);
  EXPECT_EQ(first.octets, stack_->capabilities().send_buffer);
  EXPECT_EQ(stack_->Send(h, much, 0).error, CallError::kAgain);
}

TEST_P(ReferenceStackTest, RefusedResetAndTimedOutAreToldApart) {
  const sut::Opened refused = stack_->Connect(80, 5555);
  EXPECT_EQ(Polled(), "SYN 1000 ack 0");
  EXPECT_EQ(stack_->Connect(80, 5555).error, CallError::kInUse);
  Deliver(wire::kRst | wire::kAck, 0, 1001);
  EXPECT_EQ(stack_->Error(refused.handle), CallError::kRefused);
  EXPECT_EQ(stack_->Send(refused.handle, buffer_, 0).error, CallError::kRefused);

  ASSERT_TRUE(stack_->Reset(config_));
  const Handle reset = Accepted();
  Deliver(wire::kRst, 5001, 0);
  EXPECT_EQ(stack_->Recv(reset, buffer_).error, CallError::kReset);
  EXPECT_EQ(stack_->Error(reset), CallError::kReset);

  ASSERT_TRUE(stack_->Reset(config_));
  const sut::Opened lost = stack_->Connect(80, 5555);
  stack_->Advance(Duration::Seconds(1000), false);
  EXPECT_EQ(stack_->State(lost.handle).state, State::kClosed);
  EXPECT_EQ(stack_->Error(lost.handle), CallError::kTimedOut);
  EXPECT_EQ(stack_->Now().ns(), Duration::Seconds(1000).ns());
}

TEST_P(ReferenceStackTest, AHandleThatWasNeverGivenOutIsClosed) {
  EXPECT_EQ(stack_->State(77).state, State::kClosed);
  EXPECT_EQ(stack_->Send(77, buffer_, 0).error, CallError::kClosed);
  EXPECT_EQ(stack_->Recv(-1, buffer_).error, CallError::kClosed);
  EXPECT_EQ(stack_->Close(77), CallError::kClosed);
  EXPECT_EQ(stack_->Abort(77), CallError::kClosed);
  EXPECT_EQ(stack_->Accept(77).error, CallError::kClosed);
}

TEST_P(ReferenceStackTest, AResetGivesTheSamePacketsAgain) {
  const auto play = [&] {
    EXPECT_TRUE(stack_->Reset(config_));
    const Handle h = Accepted();
    stack_->Send(h, wire::Octets(buffer_).first(5000), 0);
    std::string told = Polled();
    stack_->Advance(Duration::Seconds(10), false);
    told += Polled();
    stack_->Connect(0, 99);
    return told + Polled();
  };
  EXPECT_EQ(play(), play());
}

}  // namespace
}  // namespace assay::adapters
