#include "harness/adapters/lwip/lwip_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/adapters/lwip/dialogue.h"
#include "harness/sut/shim_stack.h"

namespace assay::lwip {
namespace {

using sut::CallError;
using sut::Capability;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

constexpr uint32_t kIss = 0xffff'fff0;  // wraps within the first segments
constexpr uint32_t kPeerIss = 1000;

// Matches one segment; the payload and the window are looked at separately.
MATCHER_P3(SegmentIs, control, seq, ack, "") {
  if (!arg.has_value()) {
    *result_listener << "silence";
    return false;
  }
  *result_listener << wire::ControlNames(arg->control) << " seq " << arg->seq << " ack "
                   << arg->ack;
  return arg->control == control && arg->seq == seq && arg->ack == ack;
}

auto Segment(int control, uint32_t seq, uint32_t ack) {
  return SegmentIs(static_cast<uint8_t>(control), seq, ack);
}

class LwipStack : public ::testing::TestWithParam<wire::IpFamily> {
 protected:
  void SetUp() override {
    auto made = MakeLwipStack();
    ASSERT_TRUE(made.ok()) << made.status();
    stack_ = *std::move(made);
    if (GetParam() == wire::IpFamily::kIpv6) {
      if (!stack_->capabilities().Has(Capability::kIpv6)) {
        GTEST_SKIP() << "this build of lwIP serves IPv4 alone";
      }
      sut::UseIpv6(config_);
    }
    config_.use_iss = true;
    config_.iss = kIss;
    config_.seed = 7;
    Restart();
  }

  void Restart() {
    ASSERT_TRUE(stack_->Reset(config_));
    peer_ = std::make_unique<Dialogue>(*stack_, config_);
  }

  // Not Debian's library, which has options of its own.
  bool FromSource() const { return stack_->capabilities().Has(Capability::kExactReset); }

  std::string State(sut::Handle handle) {
    const sut::ReportedState state = stack_->State(handle);
    return state.known ? std::string(spec::Name(state.state)) : "unknown";
  }

  // A listener on the peer's port, and one connection through it, accepted.
  sut::Handle Establish() {
    const sut::Opened listener = stack_->Listen(peer_->stack_port, 4);
    EXPECT_EQ(listener.error, CallError::kNone);
    listener_ = listener.handle;
    return EstablishAnother();
  }

  sut::Handle EstablishAnother() {
    peer_->Send(kSyn, kPeerIss);
    const std::optional<Said> answer = peer_->Hear();
    EXPECT_TRUE(answer.has_value());
    iss_ = answer.has_value() ? answer->seq : 0;
    EXPECT_THAT(answer, Segment(kSyn | kAck, iss_, kPeerIss + 1));
    peer_->Send(kAck, kPeerIss + 1, iss_ + 1);
    EXPECT_FALSE(peer_->Hear().has_value());
    const sut::Accepted accepted = stack_->Accept(listener_);
    EXPECT_EQ(accepted.error, CallError::kNone);
    EXPECT_EQ(accepted.from, (wire::Endpoint{config_.tester, peer_->port}));
    return accepted.handle;
  }

  std::string Read(sut::Handle handle, CallError expected = CallError::kNone) {
    std::array<std::byte, 65536> buffer;
    const sut::Transfer got = stack_->Recv(handle, buffer);
    EXPECT_EQ(got.error, expected);
    return std::string(reinterpret_cast<const char*>(buffer.data()), got.octets);
  }

  void ExpectSilence() { EXPECT_FALSE(peer_->Hear().has_value()); }

  // Time passes until the stack speaks; how long that took.
  Duration UntilOutput(Duration at_most) { return stack_->Advance(at_most, true); }

  sut::Config config_;
  std::unique_ptr<sut::StackUnderTest> stack_;
  std::unique_ptr<Dialogue> peer_;
  sut::Handle listener_ = sut::kNoHandle;
  uint32_t iss_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, LwipStack,
                         ::testing::Values(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == wire::IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(LwipStack, PassiveOpenCarriesDataAndThePeerClosesFirst) {
  const sut::Handle h = Establish();
  EXPECT_EQ(iss_, kIss);
  EXPECT_EQ(State(h), "ESTABLISHED");

  peer_->Send(kAck | kPsh, kPeerIss + 1, iss_ + 1, "hello");
  EXPECT_EQ(Read(h), "hello");
  EXPECT_EQ(Read(h, CallError::kAgain), "");
  EXPECT_EQ(stack_->Send(h, AsOctets("world!"), sut::kSendPush).octets, 6u);
  std::optional<Said> said = peer_->Hear();
  EXPECT_THAT(said, Segment(kAck | kPsh, iss_ + 1, kPeerIss + 6));
  EXPECT_EQ(said->payload, "world!");

  peer_->Send(kAck | kFin, kPeerIss + 6, iss_ + 7);
  EXPECT_THAT(peer_->Hear(), Segment(kAck, iss_ + 7, kPeerIss + 7));
  EXPECT_EQ(Read(h), "");  // the end of the stream
  EXPECT_EQ(State(h), "CLOSE-WAIT");
  EXPECT_EQ(stack_->Close(h), CallError::kNone);
  EXPECT_THAT(peer_->Hear(), Segment(kAck | kFin, iss_ + 7, kPeerIss + 7));
  EXPECT_EQ(State(h), "LAST-ACK");
  peer_->Send(kAck, kPeerIss + 7, iss_ + 8);
  ExpectSilence();
  EXPECT_EQ(State(h), "CLOSED");
  EXPECT_EQ(stack_->Error(h), CallError::kNone);
}

TEST_P(LwipStack, ActiveOpenCarriesDataAndTheStackClosesFirst) {
  peer_->stack_port = 50000;
  peer_->port = 7;
  const sut::Opened opened = stack_->Connect(50000, 7);
  ASSERT_EQ(opened.error, CallError::kNone);
  const sut::Handle h = opened.handle;
  EXPECT_THAT(peer_->Hear(), Segment(kSyn, kIss, 0));
  EXPECT_EQ(State(h), "SYN-SENT");
  peer_->Send(kSyn | kAck, kPeerIss, kIss + 1);
  EXPECT_THAT(peer_->Hear(), Segment(kAck, kIss + 1, kPeerIss + 1));
  EXPECT_EQ(State(h), "ESTABLISHED");

  EXPECT_EQ(stack_->Send(h, AsOctets("abc"), sut::kSendPush).octets, 3u);
  EXPECT_EQ(peer_->Hear()->payload, "abc");
  peer_->Send(kAck, kPeerIss + 1, kIss + 4);
  EXPECT_EQ(stack_->ShutdownWrite(h), CallError::kNone);
  EXPECT_THAT(peer_->Hear(), Segment(kAck | kFin, kIss + 4, kPeerIss + 1));
  EXPECT_EQ(State(h), "FIN-WAIT-1");
  EXPECT_EQ(stack_->Send(h, AsOctets("x"), 0).error, CallError::kClosed);
  peer_->Send(kAck, kPeerIss + 1, kIss + 5);
  EXPECT_EQ(State(h), "FIN-WAIT-2");
  // Half closed: the peer still talks.
  peer_->Send(kAck | kPsh, kPeerIss + 1, kIss + 5, "late");
  EXPECT_EQ(Read(h), "late");
  peer_->Send(kAck | kFin, kPeerIss + 5, kIss + 5);
  EXPECT_THAT(peer_->Hear(), Segment(kAck, kIss + 5, kPeerIss + 6));
  EXPECT_EQ(Read(h), "");
  EXPECT_EQ(State(h), "TIME-WAIT");
}

TEST_P(LwipStack, TimeWaitEndsAfterTwoMslAndTheHandleSaysClosed) {
  const sut::Handle h = Establish();
  EXPECT_EQ(stack_->ShutdownWrite(h), CallError::kNone);
  peer_->Hear();
  peer_->Send(kAck | kFin, kPeerIss + 1, iss_ + 2);
  EXPECT_THAT(peer_->Hear(), Segment(kAck, iss_ + 2, kPeerIss + 2));
  EXPECT_EQ(State(h), "TIME-WAIT");
  const Duration two_msl = stack_->capabilities().two_msl;
  EXPECT_EQ(UntilOutput(two_msl), two_msl);
  EXPECT_EQ(State(h), "TIME-WAIT");
  UntilOutput(Duration::Seconds(1));
  EXPECT_EQ(State(h), "CLOSED");
  if (FromSource()) {
    EXPECT_EQ(stack_->NextTimer(), kNever);
  }

  // The block that the old connection had serves the next one; the old handle stays dead.
  const sut::Handle next = EstablishAnother();
  EXPECT_EQ(State(next), "ESTABLISHED");
  EXPECT_EQ(State(h), "CLOSED");
  EXPECT_EQ(Read(h), "");
  EXPECT_EQ(stack_->Abort(h), CallError::kClosed);
  EXPECT_EQ(State(next), "ESTABLISHED");
}

TEST_P(LwipStack, AbortSendsResetAndForgets) {
  const sut::Handle h = Establish();
  EXPECT_EQ(stack_->Abort(h), CallError::kNone);
  EXPECT_THAT(peer_->Hear(), Segment(kRst | kAck, iss_ + 1, kPeerIss + 1));
  EXPECT_EQ(State(h), "CLOSED");
  EXPECT_EQ(stack_->Send(h, AsOctets("x"), 0).error, CallError::kClosed);
  peer_->Send(kAck, kPeerIss + 1, iss_ + 1);
  EXPECT_THAT(peer_->Hear(), Segment(kRst | kAck, iss_ + 1, kPeerIss + 1));
}

TEST_P(LwipStack, ClosedPortAnswersReset) {
  peer_->Send(kSyn, kPeerIss);
  EXPECT_THAT(peer_->Hear(), Segment(kRst | kAck, 0, kPeerIss + 1));
  peer_->Send(kRst, kPeerIss);
  ExpectSilence();
}

TEST_P(LwipStack, BadChecksumIsSilence) {
  ASSERT_EQ(stack_->Listen(80, 4).error, CallError::kNone);
  peer_->Send(kSyn, kPeerIss, 0, {}, /*spoil=*/0x0100);
  ExpectSilence();
  UntilOutput(Duration::Seconds(10));
  ExpectSilence();
  peer_->Send(kSyn, kPeerIss);
  EXPECT_THAT(peer_->Hear(), Segment(kSyn | kAck, kIss, kPeerIss + 1));
}

TEST_P(LwipStack, PacketsShorterThanTheirHeadersAreSilence) {
  ASSERT_EQ(stack_->Listen(80, 4).error, CallError::kNone);
  std::array<std::byte, 60> octets{};
  for (const int version : {4, 6}) {
    octets[0] = static_cast<std::byte>(version == 4 ? 0x45 : 0x60);
    for (size_t size = 0; size <= octets.size(); ++size) {
      const std::vector<std::byte> exact(octets.begin(),
                                         octets.begin() + static_cast<ptrdiff_t>(size));
      stack_->Deliver(exact);
      EXPECT_TRUE(stack_->LastFault().empty()) << stack_->LastFault();
    }
  }
  ExpectSilence();
}

TEST_P(LwipStack, SynAckIsSentAgain) {
  ASSERT_EQ(stack_->Listen(80, 4).error, CallError::kNone);
  peer_->Send(kSyn, kPeerIss);
  EXPECT_THAT(peer_->Hear(), Segment(kSyn | kAck, kIss, kPeerIss + 1));
  const Duration first = UntilOutput(Duration::Seconds(60));
  EXPECT_THAT(peer_->Hear(), Segment(kSyn | kAck, kIss, kPeerIss + 1));
  EXPECT_GE(first, Duration::Milliseconds(2500));
  EXPECT_LE(first, Duration::Milliseconds(3500));
  const Duration second = UntilOutput(Duration::Seconds(60));
  EXPECT_THAT(peer_->Hear(), Segment(kSyn | kAck, kIss, kPeerIss + 1));
  EXPECT_GT(second, first);
}

TEST_P(LwipStack, ResetByThePeerIsToldApartFromRefusal) {
  const sut::Handle h = Establish();
  peer_->Send(kAck | kPsh, kPeerIss + 1, iss_ + 1, "last");
  peer_->Send(kRst, kPeerIss + 5);
  EXPECT_EQ(State(h), "CLOSED");
  EXPECT_EQ(stack_->Error(h), CallError::kReset);
  EXPECT_EQ(Read(h), "last");
  EXPECT_EQ(Read(h, CallError::kReset), "");

  const sut::Handle refused = stack_->Connect(0, 9).handle;
  while (const std::optional<Said> said = peer_->Hear()) {
    if (said->control != kSyn) continue;
    peer_->port = said->port;
    peer_->stack_port = said->stack_port;
    peer_->Send(kRst | kAck, 0, said->seq + 1);
  }
  EXPECT_EQ(State(refused), "CLOSED");
  EXPECT_EQ(stack_->Error(refused), CallError::kRefused);
}

TEST_P(LwipStack, UnansweredConnectTimesOut) {
  const sut::Handle h = stack_->Connect(0, 9).handle;
  stack_->Advance(Duration::Seconds(120), false);
  EXPECT_EQ(State(h), "CLOSED");
  EXPECT_EQ(stack_->Error(h), CallError::kTimedOut);
}

TEST_P(LwipStack, UnreadDataClosesTheWindowAndReadingOpensIt) {
  const sut::Handle h = Establish();
  const uint32_t capacity = stack_->capabilities().receive_buffer;
  const std::string data(capacity, 'd');
  uint32_t sent = 0;
  std::optional<Said> last;
  while (sent < capacity) {
    const uint32_t size = std::min<uint32_t>(1460, capacity - sent);
    peer_->Send(kAck, kPeerIss + 1 + sent, iss_ + 1, std::string_view(data).substr(sent, size));
    sent += size;
    while (const std::optional<Said> said = peer_->Hear()) last = said;
  }
  UntilOutput(Duration::Seconds(1));
  while (const std::optional<Said> said = peer_->Hear()) last = said;
  EXPECT_THAT(last, Segment(kAck, iss_ + 1, kPeerIss + 1 + capacity));
  EXPECT_EQ(last->window, 0);
  EXPECT_EQ(Read(h), data);
  last = peer_->Hear();
  EXPECT_THAT(last, Segment(kAck, iss_ + 1, kPeerIss + 1 + capacity));
  EXPECT_GT(last->window, 0);
}

TEST_P(LwipStack, SendTakesNoMoreThanItsBuffer) {
  const sut::Handle h = Establish();
  const std::string data(20000, 's');
  size_t taken = 0;
  while (true) {
    const sut::Transfer moved = stack_->Send(h, AsOctets(data), 0);
    if (moved.error != CallError::kNone) {
      EXPECT_EQ(moved.error, CallError::kAgain);
      break;
    }
    taken += moved.octets;
  }
  EXPECT_EQ(taken, stack_->capabilities().send_buffer);
}

TEST_P(LwipStack, PushAsksForThePshBit) {
  const sut::Handle h = Establish();
  EXPECT_EQ(stack_->SetOption(h, sut::Option::kNodelay, 1), CallError::kNone);
  EXPECT_EQ(stack_->Send(h, AsOctets("a"), 0).octets, 1u);
  EXPECT_THAT(peer_->Hear(), Segment(kAck, iss_ + 1, kPeerIss + 1));
  EXPECT_EQ(stack_->Send(h, AsOctets("b"), sut::kSendPush).octets, 1u);
  EXPECT_THAT(peer_->Hear(), Segment(kAck | kPsh, iss_ + 2, kPeerIss + 1));
  EXPECT_EQ(stack_->Send(h, AsOctets("c"), sut::kSendUrgent).error, CallError::kUnsupported);
}

TEST_P(LwipStack, BacklogLimitsWhatWaitsForAccept) {
  if (!FromSource()) GTEST_SKIP() << "Debian builds lwIP without a backlog";
  const sut::Handle listener = stack_->Listen(80, 2).handle;
  for (uint16_t i = 0; i < 3; ++i) {
    peer_->port = static_cast<uint16_t>(41000 + i);
    peer_->Send(kSyn, kPeerIss);
    const std::optional<Said> answer = peer_->Hear();
    EXPECT_EQ(answer.has_value(), i < 2);
    if (answer.has_value()) peer_->Send(kAck, kPeerIss + 1, answer->seq + 1);
  }
  EXPECT_EQ(stack_->Accept(listener).from.port, 41000);
  EXPECT_EQ(stack_->Accept(listener).from.port, 41001);
  EXPECT_EQ(stack_->Accept(listener).error, CallError::kAgain);
  peer_->Send(kSyn, kPeerIss);
  EXPECT_THAT(peer_->Hear().has_value(), true);
}

TEST_P(LwipStack, PortsInUseAreRefused) {
  EXPECT_EQ(stack_->Listen(80, 4).error, CallError::kNone);
  EXPECT_EQ(stack_->Listen(80, 4).error, CallError::kInUse);
  EXPECT_EQ(stack_->Connect(80, 9).error, CallError::kInUse);
}

TEST_P(LwipStack, ClosingWithUnreadDataSendsReset) {
  const sut::Handle h = Establish();
  peer_->Send(kAck | kPsh, kPeerIss + 1, iss_ + 1, "unread");
  EXPECT_EQ(stack_->Close(h), CallError::kNone);
  EXPECT_THAT(peer_->Hear(), Segment(kRst | kAck, iss_ + 1, kPeerIss + 7));
  EXPECT_EQ(State(h), "CLOSED");
}

TEST_P(LwipStack, ClosingTheListenerDropsWhatWaitsInIt) {
  const sut::Handle h = Establish();
  peer_->port = 41000;
  peer_->Send(kSyn, kPeerIss);
  peer_->Send(kAck, kPeerIss + 1, peer_->Hear()->seq + 1);
  EXPECT_EQ(State(listener_), "LISTEN");
  EXPECT_EQ(stack_->Close(listener_), CallError::kNone);
  EXPECT_EQ(peer_->Hear()->control, kRst | kAck);
  EXPECT_EQ(State(listener_), "CLOSED");
  EXPECT_EQ(State(h), "ESTABLISHED");
  EXPECT_EQ(stack_->Accept(listener_).error, CallError::kClosed);
}

TEST_P(LwipStack, CloseInSynSentForgetsTheConnection) {
  const sut::Handle h = stack_->Connect(50000, 7).handle;
  peer_->Hear();
  EXPECT_EQ(stack_->ShutdownWrite(h), CallError::kNone);
  ExpectSilence();
  EXPECT_EQ(State(h), "CLOSED");
}

TEST_P(LwipStack, TimeStopsAtTheFirstOutputAndTimersAreToldBefore) {
  if (!FromSource()) GTEST_SKIP() << "Debian's build has idle timers of other protocols";
  EXPECT_EQ(stack_->NextTimer(), kNever);
  ASSERT_EQ(stack_->Connect(50000, 7).error, CallError::kNone);
  peer_->Hear();
  EXPECT_EQ(stack_->NextTimer() - stack_->Now(), stack_->capabilities().timer_quantum);
  // Clocks of nanoseconds and milliseconds stay in step.
  stack_->Advance(Duration::Nanoseconds(100'000'001), true);
  EXPECT_EQ(stack_->Now().ns(), 100'000'001);
  EXPECT_EQ(stack_->NextTimer().ns(), 250'000'000);
  stack_->Advance(Duration::Seconds(60), true);
  EXPECT_EQ(stack_->Now().ns() % 250'000'000, 0);
  EXPECT_THAT(peer_->Hear(), Segment(kSyn, kIss, 0));
  EXPECT_TRUE(stack_->LastFault().empty()) << stack_->LastFault();
}

// ---- Repeatability ----

// A run with timers, reordering and both closes; what was heard and when is in the digest.
uint64_t Script(sut::StackUnderTest& stack, const sut::Config& config) {
  Dialogue peer(stack, config);
  const sut::Handle listener = stack.Listen(80, 4).handle;
  peer.Send(kSyn, kPeerIss);
  const uint32_t iss = peer.Hear()->seq;
  peer.Send(kAck, kPeerIss + 1, iss + 1);
  const sut::Handle h = stack.Accept(listener).handle;
  peer.Send(kAck, kPeerIss + 6, iss + 1, "later");
  peer.Send(kAck, kPeerIss + 1, iss + 1, "early");
  stack.Send(h, AsOctets("an answer that is never acknowledged"), sut::kSendPush);
  const sut::Handle second = stack.Connect(0, 9).handle;
  for (int i = 0; i < 12; ++i) {
    while (peer.Hear().has_value()) continue;
    stack.Advance(Duration::Milliseconds(1234), true);
  }
  stack.Close(h);
  stack.Abort(second);
  while (peer.Hear().has_value()) continue;
  return peer.digest();
}

class LwipReset : public LwipStack {
 protected:
  void SetUp() override {
    LwipStack::SetUp();
    if (!IsSkipped() && !FromSource()) {
      GTEST_SKIP() << "the reset of Debian's build is not exact";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(, LwipReset,
                         ::testing::Values(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == wire::IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(LwipReset, GivesTheSameTraceAfterOtherTraffic) {
  config_.use_iss = false;
  Restart();
  const uint64_t fresh = Script(*stack_, config_);
  for (uint16_t connections = 1; connections <= 24; ++connections) {
    // More connections than lwIP has blocks, left in all kinds of states, at odd times.
    Restart();
    stack_->Listen(80, 100);
    stack_->Advance(Duration::Milliseconds(connections * 77), false);
    for (uint16_t i = 0; i < connections; ++i) {
      peer_->port = static_cast<uint16_t>(42000 + i);
      peer_->Send(kSyn, i);
      if (const auto answer = peer_->Hear(); answer.has_value() && i % 3 != 0) {
        peer_->Send(kAck, i + 1u, answer->seq + 1);
        peer_->Send(kAck, i + 3000u, answer->seq + 1, std::string(1000, 'o'));
      }
      stack_->Connect(0, static_cast<uint16_t>(i + 1));
      stack_->Advance(Duration::Milliseconds(311), false);
    }
    Restart();
    EXPECT_EQ(Script(*stack_, config_), fresh) << "after " << connections << " connections";
  }
  config_.seed ^= 1;
  Restart();
  EXPECT_NE(Script(*stack_, config_), fresh) << "the seed is without effect";
}

TEST_P(LwipReset, GivesTheSameTraceAfterAFailedAssertion) {
  const uint64_t fresh = Script(*stack_, config_);
  Restart();
  const sut::Handle h = Establish();
  // An octet just half of the sequence space to the left.
  peer_->Send(kAck, kPeerIss + 1 - 0x8000'0000u, iss_ + 1, "x");
  EXPECT_THAT(std::string(stack_->LastFault()), ::testing::HasSubstr("insane offset"));
  EXPECT_EQ(State(h), "unknown");
  EXPECT_EQ(stack_->Send(h, AsOctets("x"), 0).error, CallError::kClosed);
  peer_->Send(kSyn, kPeerIss);
  ExpectSilence();
  EXPECT_EQ(stack_->Advance(Duration::Seconds(5), true), Duration::Seconds(5));

  Restart();
  EXPECT_EQ(std::string(stack_->LastFault()), "");
  EXPECT_EQ(Script(*stack_, config_), fresh);
}

#ifdef ASSAY_LWIP_SHIM
TEST_P(LwipReset, IsTheSameForTheLoadedShim) {
  auto loaded = sut::LoadShim(ASSAY_LWIP_SHIM);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_TRUE((*loaded)->Reset(config_));
  EXPECT_EQ(Script(**loaded, config_), Script(*stack_, config_));
}
#endif

TEST_P(LwipReset, IsNotNeededToPollWhatWasSentBeforeAFailedAssertion) {
  const sut::Handle h = Establish();
  stack_->Send(h, AsOctets("sent"), sut::kSendPush);
  peer_->Send(kAck, kPeerIss + 1 - 0x8000'0000u, iss_ + 1, "x");
  ASSERT_FALSE(stack_->LastFault().empty());
  EXPECT_EQ(peer_->Hear()->payload, "sent");
  ExpectSilence();
}

TEST_P(LwipReset, GivesBackWhatTheStackHeldOfArrivedPackets) {
  // Out of order data stays in the shim's blocks until the reset; leaks show under LeakSanitizer.
  Establish();
  for (uint32_t i = 0; i < 20; ++i) peer_->Send(kAck, kPeerIss + 3 + 2 * i, iss_ + 1, "o");
  Restart();
  Establish();
}

TEST(MakeLwipStack, AllowsOneAtATime) {
  auto first = MakeLwipStack();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(MakeLwipStack().status().message(), "lwip: open answered NULL");
  first->reset();
  EXPECT_TRUE(MakeLwipStack().ok());
}

}  // namespace
}  // namespace assay::lwip
