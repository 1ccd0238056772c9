#include "harness/driver/pair.h"

#include <deque>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "stack/wire/checksum.h"
#include "stack/wire/packet.h"

namespace assay::driver {
namespace {

using observer::Fate;
using observer::TraceEvent;
using observer::TraceKind;
using spec::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kDelay = Duration::Milliseconds(50);

// Sends a segment for each SEND, answers each that carries text with an ACK, and has one timer,
// which sends a FIN. It is no TCP: what is tested here is the wire.
class PuppetStack final : public sut::StackUnderTest {
 public:
  PuppetStack() {
    for (sut::Capability c : {sut::Capability::kVirtualTime, sut::Capability::kState,
                              sut::Capability::kNextTimer, sut::Capability::kSeedIss}) {
      capabilities_.bits |= static_cast<uint32_t>(c);
    }
  }

  std::string_view name() const override { return "puppet"; }
  std::string_view version() const override { return "1"; }
  const sut::Capabilities& capabilities() const override { return capabilities_; }

  bool Reset(const sut::Config& config) override {
    config_ = config;
    now_ = {};
    timer = kNever;
    state = spec::State::kClosed;
    heard.clear();
    waiting_.clear();
    sent_ = 0;
    return true;
  }
  void Deliver(wire::Octets packet) override {
    const wire::Packet decoded = wire::DecodePacket(packet);
    const wire::Segment segment = wire::DecodeSegment(decoded.payload);
    const bool sound =
        wire::TcpChecksumIsRight(decoded.source, decoded.destination, decoded.payload);
    heard.push_back(std::to_string(segment.header->seq) + (sound ? "" : " damaged"));
    if (segment.payload.empty()) return;
    state = spec::State::kCloseWait;
    Emit(wire::kAck, 0);
  }
  wire::Octets Poll(wire::MutableOctets out) override {
    if (waiting_.empty()) return {};
    const std::vector<std::byte> packet = std::move(waiting_.front());
    waiting_.pop_front();
    std::copy(packet.begin(), packet.end(), out.begin());
    return out.first(packet.size());
  }
  Instant Now() override { return now_; }
  Duration Advance(Duration duration, bool) override {
    now_ = now_ + duration;
    if (timer <= now_) {
      timer = kNever;
      Emit(wire::kFin, 0);
    }
    return duration;
  }
  Instant NextTimer() override { return timer; }

  sut::Opened Listen(uint16_t, uint32_t) override { return {1, sut::CallError::kNone}; }
  sut::Opened Connect(uint16_t, uint16_t) override {
    state = spec::State::kEstablished;
    return {2, sut::CallError::kNone};
  }
  sut::Accepted Accept(sut::Handle) override {
    return {sut::kNoHandle, {}, sut::CallError::kAgain};
  }
  sut::Transfer Send(sut::Handle, wire::Octets data, uint32_t) override {
    Emit(wire::kAck, data.size());
    return {data.size(), sut::CallError::kNone};
  }
  sut::Transfer Recv(sut::Handle, wire::MutableOctets) override {
    return {0, sut::CallError::kAgain};
  }
  sut::CallError ShutdownWrite(sut::Handle) override { return sut::CallError::kNone; }
  sut::CallError Close(sut::Handle) override { return sut::CallError::kNone; }
  sut::CallError Abort(sut::Handle) override { return sut::CallError::kNone; }
  sut::ReportedState State(sut::Handle) override { return {true, state}; }
  sut::CallError Error(sut::Handle) override { return sut::CallError::kNone; }
  sut::CallError SetOption(sut::Handle, sut::Option, int64_t) override {
    return sut::CallError::kUnsupported;
  }
  std::string_view LastFault() override { return {}; }

  Instant timer = kNever;
  spec::State state = spec::State::kClosed;
  std::vector<std::string> heard;  // sequence numbers, in the order of arrival

  void Take(sut::Capability c) { capabilities_.bits &= ~static_cast<uint32_t>(c); }

 private:
  void Emit(uint8_t control, size_t text) {
    std::vector<std::byte> buffer(2000);
    const std::vector<std::byte> payload(text, std::byte{1});
    const wire::Header header{.seq = ++sent_, .control = control};
    const wire::Octets packet =
        wire::EncodeTcpPacket(config_.stack, config_.tester, header, {}, payload, buffer);
    waiting_.emplace_back(packet.begin(), packet.end());
  }

  sut::Capabilities capabilities_;
  sut::Config config_;
  Instant now_;
  uint32_t sent_ = 0;
  std::deque<std::vector<std::byte>> waiting_;
};

class PairTest : public ::testing::Test {
 protected:
  PairTest() : pair(a, b) {
    EXPECT_TRUE(pair.Reset({.delay = kDelay}));
    pair.Connect(Side::kA);
    pair.Connect(Side::kB);
  }

  // Packets and their fates, with the time in milliseconds: "50 >1", "0 >1 lost", "100 <1 left".
  std::vector<std::string> Story() const {
    std::vector<std::string> story;
    const observer::Trace trace = pair.Record();
    for (const TraceEvent& event : trace.events()) {
      if (event.kind != TraceKind::kToStack && event.kind != TraceKind::kFromStack) continue;
      const auto segment = wire::DecodeSegment(wire::DecodePacket(trace.packet(event)).payload);
      constexpr std::string_view kFates[] = {"", " lost", " left", " arrived"};
      story.push_back(std::to_string(event.at.ns() / 1'000'000) +
                      (event.kind == TraceKind::kToStack ? " >" : " <") +
                      std::to_string(segment.header->seq) +
                      std::string(kFates[static_cast<size_t>(event.fate)]));
    }
    return story;
  }

  PuppetStack a;
  PuppetStack b;
  Pair pair;
};

TEST_F(PairTest, APacketTakesTheDelayAndIsAnsweredAfterIt) {
  pair.Send(Side::kA, 10);
  pair.Settle();
  EXPECT_THAT(Story(), ElementsAre("50 >1", "100 <1"));
  EXPECT_EQ(pair.now().ns(), 2 * kDelay.ns());
  EXPECT_EQ(a.Now(), b.Now());
}

TEST_F(PairTest, DeliversOnePacketAtATime) {
  pair.Send(Side::kA, 10);
  pair.Send(Side::kA, 10);
  EXPECT_TRUE(pair.DeliverNext());
  EXPECT_THAT(b.heard, ElementsAre("1"));
  EXPECT_TRUE(pair.DeliverNext());
  EXPECT_THAT(b.heard, ElementsAre("1", "2"));
  EXPECT_THAT(a.heard, IsEmpty());
  pair.Settle();
  EXPECT_THAT(a.heard, ElementsAre("1", "2"));
  EXPECT_FALSE(pair.DeliverNext());
}

TEST_F(PairTest, ALostPacketIsSeenWhereItLeftAndNeverArrives) {
  pair.Send(Side::kA, 10);
  pair.Lose(Side::kA);
  pair.Settle();
  EXPECT_THAT(Story(), ElementsAre("0 >1 lost"));
  EXPECT_THAT(b.heard, IsEmpty());
}

TEST_F(PairTest, AFaultWaitsForThePacketItIsMeantFor) {
  pair.Lose(Side::kA);
  pair.Send(Side::kA, 10);
  pair.Send(Side::kA, 10);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("2"));
}

TEST_F(PairTest, FaultsOneAfterTheOtherMeanOnePacketAfterTheOther) {
  pair.Send(Side::kA, 10);
  pair.Send(Side::kA, 10);
  pair.Send(Side::kA, 10);
  pair.Damage(Side::kA);
  pair.Lose(Side::kA);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("1 damaged", "3"));
}

TEST_F(PairTest, APacketHeldBackIsOvertakenAndDrawnApart) {
  pair.Send(Side::kA, 10);
  pair.HoldBack(Side::kA);
  pair.Send(Side::kA, 10);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("2"));
  pair.Release(Side::kA);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("2", "1"));
  EXPECT_THAT(Story(), ElementsAre("0 >1 left", "50 >2", "100 <1", "100 >1 arrived", "150 <2"));
}

TEST_F(PairTest, APacketNotYetArrivedHasOnlyLeft) {
  pair.Send(Side::kA, 10);
  EXPECT_THAT(Story(), ElementsAre("0 >1 left"));
}

TEST_F(PairTest, CrossingPacketsAreDrawnApartWhereTheSenderChangedItsState) {
  pair.Send(Side::kA, 10);
  pair.Send(Side::kB, 10);
  pair.Settle();
  // B had gone to CLOSE-WAIT when its first segment arrived, but had sent it before.
  EXPECT_THAT(Story(), ElementsAre("0 <1 left", "50 >1", "50 <1 arrived", "100 <2", "100 >2"));
}

TEST_F(PairTest, AnOldDuplicateArrivesWithoutLeaving) {
  pair.Send(Side::kA, 10);
  pair.KeepCopy(Side::kA);
  pair.Settle();
  pair.Pass(Duration::Seconds(60));
  pair.DeliverCopy(Side::kA);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("1", "1"));
  EXPECT_THAT(Story(), ElementsAre("50 >1", "100 <1", "60100 >1 arrived", "60150 <2"));
}

TEST_F(PairTest, ARewrittenPacketKeepsItsTextAndIsSound) {
  const std::vector<std::byte> options(8, std::byte{1});
  pair.Rewrite(Side::kA, options);
  pair.Send(Side::kA, 10);
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("1"));
  const observer::Trace trace = pair.Record();
  const TraceEvent* packet = nullptr;
  for (const TraceEvent& event : trace.events()) {
    if (event.kind == TraceKind::kToStack) packet = &event;
  }
  ASSERT_NE(packet, nullptr);
  const auto segment = wire::DecodeSegment(wire::DecodePacket(trace.packet(*packet)).payload);
  EXPECT_EQ(segment.header->data_offset(), 7);
  EXPECT_EQ(segment.payload.size(), 10u);
}

TEST_F(PairTest, AnInjectedSegmentHasTheSendersAddressAndPort) {
  pair.Inject(Side::kA, {.seq = 77, .control = wire::kRst});
  pair.Settle();
  EXPECT_THAT(b.heard, ElementsAre("77"));
  const observer::Trace trace = pair.Record();
  const wire::Packet packet = wire::DecodePacket(trace.packet(trace.events().back()));
  EXPECT_EQ(packet.source, sut::Config{}.tester);
  EXPECT_EQ(wire::DecodeHeader(packet.payload)->source_port, PairOptions{}.port_a);
  EXPECT_EQ(wire::DecodeHeader(packet.payload)->destination_port, PairOptions{}.port_b);
}

TEST_F(PairTest, TimersOfBothFireInTheirOrder) {
  a.timer = Instant() + Duration::Seconds(3);
  b.timer = Instant() + Duration::Seconds(2);
  EXPECT_TRUE(pair.PassToTimer());
  EXPECT_EQ(pair.now(), Instant() + Duration::Seconds(2));
  EXPECT_TRUE(pair.PassToTimer());
  EXPECT_EQ(pair.now(), Instant() + Duration::Seconds(3));
  EXPECT_FALSE(pair.PassToTimer());
  EXPECT_THAT(Story(), ElementsAre("2050 <1", "3050 >1"));
}

TEST_F(PairTest, TimePassesAsLongAsAskedAndFiresWhatIsDue) {
  a.timer = Instant() + Duration::Seconds(1);
  pair.Pass(Duration::Seconds(5));
  EXPECT_EQ(pair.now(), Instant() + Duration::Seconds(5));
  EXPECT_EQ(b.Now(), pair.now());
  EXPECT_THAT(Story(), ElementsAre("1050 >1"));
}

TEST_F(PairTest, CallsOfAAreTheTestersAndStatesAreTheStacksOwn) {
  pair.Send(Side::kA, 10);
  pair.Settle();
  const std::vector<TraceEvent> events = pair.Record().events();
  EXPECT_TRUE(events[0].by_tester);
  EXPECT_EQ(events[0].tester_state, State::kEstablished);
  EXPECT_EQ(events[0].stack_states, spec::StateSet{State::kClosed});
  EXPECT_FALSE(events[1].by_tester);
  EXPECT_EQ(events[1].stack_states, spec::StateSet{State::kEstablished});
  EXPECT_EQ(events.back().stack_states, spec::StateSet{State::kCloseWait});
}

TEST_F(PairTest, TheSameOperationsGiveTheSameTrace) {
  const auto play = [this] {
    EXPECT_TRUE(pair.Reset({}));
    pair.Connect(Side::kA);
    pair.Send(Side::kA, 10);
    pair.Lose(Side::kA);
    pair.Send(Side::kB, 20);
    pair.Settle();
    return pair.Record().digest();
  };
  const uint64_t first = play();
  EXPECT_EQ(play(), first);
}

TEST(Pair, WantsStacksThatTellTheirTimers) {
  PuppetStack a;
  PuppetStack b;
  b.Take(sut::Capability::kNextTimer);
  EXPECT_FALSE(Pair(a, b).Reset({}));
}

}  // namespace
}  // namespace assay::driver
