// How much may be in flight without SACK: initial window, slow start, congestion avoidance, limited
// transmit, fast retransmit and recovery, time-outs, idleness (RFC 5681, 6582, 3042, 6928).

#include "stack/tcp/congestion.h"

#include <gtest/gtest.h>

#include <string>

#include "stack/tcp/invariants.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kSyn;

constexpr uint32_t kMss = 1000;

// Without SACK, so that duplicate ACKs are those of RFC 5681, and with ACKs that are easy to count.
Policy WithoutSack() {
  Policy policy = Policy::Rfc9293();
  policy.sack = false;
  policy.send_buffer = 1u << 20;
  return policy;
}

uint32_t TextSent(const Subject& s) {
  uint32_t octets = 0;
  for (const SegmentToSend& segment : s.sent) octets += segment.text.size;
  return octets;
}

// `segments` full segments are in flight, of many more that wait.
Subject InFlight(uint32_t segments, const Policy& policy = WithoutSack()) {
  Subject s(policy);
  s.Establish(0xffff, kMss);
  s.tcb.congestion.cwnd = segments * kMss;
  s.Do(Send{400'000});
  EXPECT_EQ(s.sent.size(), segments);
  return s;
}

// As many duplicates of the ACK at `ack`; what the last of them made the subject send is told.
std::string Duplicates(Subject& s, int n, int64_t ack = 1) {
  for (int i = 0; i < n; ++i) {
    s.Arrives({.ack = ack});
    EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
  }
  return s.Told();
}

//= RFC6928-2-1 type=test
//= RFC5681-2-1 type=test
TEST(InitialWindowTest, IsTenSegmentsUpTo14600OctetsOrTwo) {
  for (auto [mss, segments] :
       {std::pair{536u, 10u}, {1460u, 10u}, {1461u, 9u}, {7300u, 2u}, {9000u, 2u}}) {
    Subject s(WithoutSack());
    s.OpenActive(wire::IpFamily::kIpv4, 10'000);
    wire::OptionSet options;
    options.mss = static_cast<uint16_t>(mss);
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
    s.Do(Send{100'000});
    EXPECT_EQ(s.sent.size(), segments) << mss;
    EXPECT_EQ(TextSent(s), segments * mss) << "no segment is cut";
  }
}

//= RFC5681-3.1-1 type=test
TEST(InitialWindowTest, IsTwoToFourSegmentsByRfc5681) {
  Policy policy = WithoutSack();
  policy.initial_window = InitialWindow::kRfc5681;
  for (auto [mss, segments] :
       {std::pair{1095u, 4u}, {1096u, 3u}, {2190u, 3u}, {2191u, 2u}, {9000u, 2u}}) {
    Subject s(policy);
    s.OpenActive(wire::IpFamily::kIpv4, 10'000);
    wire::OptionSet options;
    options.mss = static_cast<uint16_t>(mss);
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
    s.Do(Send{100'000});
    EXPECT_EQ(s.sent.size(), segments) << mss;
  }
}

//= RFC5681-3.1-2 type=test
TEST(InitialWindowTest, TheAckOfTheSynAckDoesNotAddToIt) {
  Subject s(WithoutSack());
  s.OpenPassive();
  wire::OptionSet options;
  options.mss = kMss;
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  s.Arrives({});
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
}

//= RFC5681-3.1-3 type=test
TEST(InitialWindowTest, IsOneSegmentAfterALostSynOrSynAck) {
  wire::OptionSet options;
  options.mss = kMss;
  Subject active(WithoutSack());
  active.OpenActive();
  active.NextFires();
  active.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  active.Do(Send{10'000});
  EXPECT_EQ(active.sent.size(), 1u);

  Subject passive(WithoutSack());
  passive.OpenPassive();
  passive.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  passive.NextFires();
  passive.Arrives({});
  passive.Do(Send{10'000});
  EXPECT_EQ(passive.sent.size(), 1u);

  Subject repeated(WithoutSack());
  repeated.OpenPassive();
  repeated.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  repeated.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  repeated.Arrives({});
  repeated.Do(Send{10'000});
  EXPECT_EQ(repeated.sent.size(), 1u);
}

TEST(InitialWindowTest, OfTheNextOpenIsWholeAfterAnOpenThatCameToNothing) {
  wire::OptionSet options;
  options.mss = kMss;
  Subject s(WithoutSack());
  s.OpenPassive();
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  s.NextFires();
  s.Arrives({.control = wire::kRst});
  ASSERT_EQ(s.tcb.state, State::kListen);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  s.Arrives({});
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
}

//= RFC5681-3.1-5 type=test
TEST(SlowStartTest, AnAckAddsWhatItCoversAndASegmentAtMost) {
  Subject s = InFlight(10);
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 11 * kMss);
  EXPECT_EQ(s.sent.size(), 2u);
  s.Arrives({.ack = 1401});
  EXPECT_EQ(s.tcb.congestion.cwnd, 11 * kMss + 400);
  s.Arrives({.ack = 8001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 12 * kMss + 400);
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
}

//= RFC5681-3.1-6 type=test
TEST(CongestionAvoidanceTest, AWindowOfAcksAddsOneSegment) {
  Subject s = InFlight(10);
  s.tcb.congestion.ssthresh = 10 * kMss;
  for (int64_t i = 1; i <= 9; ++i) s.Arrives({.ack = 1 + 1000 * i});
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
  s.Arrives({.ack = 10'001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 11 * kMss);
  for (int64_t i = 11; i <= 20; ++i) s.Arrives({.ack = 1 + 1000 * i});
  EXPECT_EQ(s.tcb.congestion.cwnd, 11 * kMss);
  s.Arrives({.ack = 21'001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 12 * kMss);
}

TEST(CongestionAvoidanceTest, ManySmallAcksAddNoMoreThanAFewLargeOnes) {
  Subject s = InFlight(10);
  s.tcb.congestion.ssthresh = 10 * kMss;
  for (int64_t ack = 2; ack <= 9'991; ack += 10) s.Arrives({.ack = ack});
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
  s.Arrives({.ack = 10'001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 11 * kMss);
}

//= RFC5681-3.2-3 type=test
//= RFC3042-2-1 type=test
TEST(LimitedTransmitTest, EachOfTheFirstTwoDuplicatesReleasesASegmentAndCwndStays) {
  Subject s = InFlight(4);
  EXPECT_EQ(Duplicates(s, 1), "ACK 4001:5001(1000) ack 1");
  EXPECT_EQ(Duplicates(s, 1), "ACK 5001:6001(1000) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, 4 * kMss);
  EXPECT_EQ(s.tcb.congestion.dup_acks, 2);
  // The ACK that was late after all: no more is in flight than cwnd allows.
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 5 * kMss);
  EXPECT_EQ(s.Told(), "");
}

TEST(LimitedTransmitTest, CanBeSwitchedOff) {
  Policy policy = WithoutSack();
  policy.limited_transmit = false;
  Subject s = InFlight(10, policy);
  EXPECT_EQ(Duplicates(s, 2), "");
  EXPECT_EQ(Duplicates(s, 1), "ACK 1:1001(1000) ack 1");
}

TEST(LimitedTransmitTest, ThePeersWindowStillHolds) {
  Subject s(WithoutSack());
  s.Establish(4000, kMss);
  s.Do(Send{100'000});
  EXPECT_EQ(s.sent.size(), 4u);
  s.Arrives({.window = 4000});
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.congestion.dup_acks, 1);
}

//= RFC5681-2-2 type=test
TEST(DuplicateTest, IsAnAckThatRepeatsSndUnaAndSaysNothingElse) {
  struct Case {
    const char* what;
    FromPeer peer;
    int counted;
  };
  for (const Case& c :
       {Case{"a duplicate", {}, 1}, Case{"it carries text", {.text = 1}, 0},
        Case{"a FIN", {.control = kFin | kAck}, 0}, Case{"a SYN", {.control = kSyn | kAck}, 0},
        Case{"the ACK is new", {.ack = 1001}, 0}, Case{"the ACK is old", {.ack = 0}, 0},
        Case{"the window is another", {.window = 0xfffe}, 0}}) {
    Subject s = InFlight(10);
    s.Arrives(c.peer);
    EXPECT_EQ(s.tcb.congestion.dup_acks, c.counted) << c.what;
  }
  Subject idle(WithoutSack());
  idle.Establish();
  idle.Arrives({});
  EXPECT_EQ(idle.tcb.congestion.dup_acks, 0) << "nothing is outstanding";
  idle.Do(Close{});
  idle.Arrives({});
  EXPECT_EQ(idle.tcb.congestion.dup_acks, 0) << "a FIN is no data";
}

TEST(DuplicateTest, ASegmentWhoseTextIsOldOrRefusedStillCarriesText) {
  Subject s = InFlight(10);
  s.Arrives({.text = 65535});  // the window is full now
  ASSERT_EQ(s.tcb.rcv.wnd, 0u);
  s.Arrives({.seq = 65536, .text = 1});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 0);
  s.Arrives({.seq = 65536});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 1);
}

TEST(DuplicateTest, AnswersToProbesAreNone) {
  Subject s(WithoutSack());
  s.Establish(0, kMss);
  s.Do(Send{5000});
  for (int i = 0; i < 10; ++i) {
    s.NextFires();
    EXPECT_EQ(s.Told(), "ACK 1:2(1) ack 1");
    s.Arrives({.window = 0});
    EXPECT_EQ(s.Told(), "");
  }
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
  EXPECT_EQ(s.tcb.congestion.dup_acks, 0);
}

//= RFC5681-3.2-2 type=test
//= RFC5681-3.2-5 type=test
//= RFC5681-3.1-4 type=test
//= RFC5681-4.3-1 type=test
TEST(FastRetransmitTest, TheThirdDuplicateSendsSndUnaAgainAndHalvesTheFlight) {
  Subject s = InFlight(10);
  Duplicates(s, 2);
  EXPECT_EQ(Duplicates(s, 1), "ACK 1:1001(1000) ack 1");
  // 12 are in flight; the two of limited transmit do not count.
  EXPECT_EQ(s.tcb.congestion.ssthresh, 5 * kMss);
  EXPECT_EQ(s.tcb.congestion.cwnd, 8 * kMss);
  EXPECT_TRUE(s.tcb.congestion.recovering);
}

//= RFC5681-3.1-7 type=test
TEST(FastRetransmitTest, SsthreshIsTwoSegmentsAtLeast) {
  Subject s = InFlight(3);
  Duplicates(s, 3);
  EXPECT_EQ(s.tcb.congestion.ssthresh, 2 * kMss);
  EXPECT_EQ(s.tcb.congestion.cwnd, 5 * kMss);
}

//= RFC5681-3.2-6 type=test
TEST(FastRecoveryTest, EachFurtherDuplicateAddsASegmentThatLeavesWhenThereIsRoom) {
  Subject s = InFlight(10);
  Duplicates(s, 3);
  // 12 are in flight and cwnd is 8: four more must leave before anything new goes.
  EXPECT_EQ(Duplicates(s, 4), "");
  EXPECT_EQ(s.tcb.congestion.cwnd, 12 * kMss);
  EXPECT_EQ(Duplicates(s, 1), "ACK 12001:13001(1000) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, 13 * kMss);
}

TEST(FastRecoveryTest, ForgedDuplicatesBuyNoMoreThanWasInFlightIfThePolicySaysSo) {
  Policy policy = WithoutSack();
  policy.limit_inflation = true;
  policy.send_buffer = 1u << 16;
  Subject s = InFlight(10, policy);
  Duplicates(s, 3);
  const uint32_t flight = Distance(s.tcb.snd.una, s.tcb.snd.nxt);
  for (int i = 0; i < 100; ++i) s.Arrives({});
  EXPECT_LE(s.tcb.congestion.cwnd, 5 * kMss + Distance(s.tcb.snd.una, s.tcb.snd.nxt));
  EXPECT_GT(s.tcb.congestion.cwnd, flight);
}

//= RFC5681-3.2-7 type=test
TEST(FastRecoveryTest, TheFullAckEndsItWithSsthreshAtMost) {
  for (FullAck how : {FullAck::kNoBurst, FullAck::kSsthresh}) {
    Policy policy = WithoutSack();
    policy.full_ack = how;
    Subject s = InFlight(10, policy);
    Duplicates(s, 3);
    s.Arrives({.ack = 12'001});
    EXPECT_FALSE(s.tcb.congestion.recovering);
    EXPECT_EQ(s.tcb.congestion.cwnd, how == FullAck::kSsthresh ? 5 * kMss : 2 * kMss)
        << "nothing was in flight any more";
    EXPECT_EQ(s.sent.size(), s.tcb.congestion.cwnd / kMss);
  }
}

//= RFC6582-3.2-1 type=test
TEST(NewRenoTest, APartialAckSendsTheNextHoleAndDeflatesByWhatItCovers) {
  Subject s = InFlight(10);
  Duplicates(s, 3);
  Duplicates(s, 4);
  ASSERT_EQ(s.tcb.congestion.cwnd, 12 * kMss);
  s.Arrives({.ack = 4001});
  // 12 - 4 + 1 segments; 8 are in flight, and so one that is new may go.
  EXPECT_EQ(s.Told(), "ACK 4001:5001(1000) ack 1; ACK 12001:13001(1000) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, 9 * kMss);
  EXPECT_TRUE(s.tcb.congestion.recovering);
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
  s.Arrives({.ack = 4501});
  EXPECT_EQ(s.Told(), "ACK 4501:5501(1000) ack 1") << "less than a segment adds none back";
  EXPECT_EQ(s.tcb.congestion.cwnd, 8 * kMss + 500);
  s.Arrives({.ack = 12'001});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.congestion.ssthresh, 5 * kMss);
}

//= 6582:3.2 type=test
TEST(NewRenoTest, OnlyTheFirstPartialAckStartsTheTimerAnewUnlessThePolicySaysEach) {
  for (PartialAckTimer which : {PartialAckTimer::kFirstRestarts, PartialAckTimer::kEachRestarts}) {
    Policy policy = WithoutSack();
    policy.partial_ack_timer = which;
    Subject s = InFlight(10, policy);
    Duplicates(s, 3);
    s.now = s.now + Duration::Milliseconds(100);
    s.Arrives({.ack = 2001});
    const Instant first = s.tcb.timer.retransmission;
    EXPECT_EQ(first, s.now + s.tcb.rtt.rto);
    s.now = s.now + Duration::Milliseconds(100);
    s.Arrives({.ack = 3001});
    EXPECT_EQ(s.tcb.timer.retransmission != first, which == PartialAckTimer::kEachRestarts);
  }
}

//= RFC6582-3.2-2 type=test
TEST(NewRenoTest, DuplicatesAfterATimeOutStartNoRecoveryUntilMoreThanRecoverIsCovered) {
  Subject s = InFlight(10);
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  Duplicates(s, 5);
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.Told(), "") << "nor is anything sent before SND.UNA moves";
  s.Arrives({.ack = 10'001});  // exactly what had been sent by then
  Duplicates(s, 3, 10'001);
  EXPECT_FALSE(s.tcb.congestion.recovering);
  s.Arrives({.ack = 11'001});
  EXPECT_EQ(Duplicates(s, 3, 11'001), "ACK 11001:12001(1000) ack 1");
  EXPECT_TRUE(s.tcb.congestion.recovering);
}

TEST(NewRenoTest, TheFirstSegmentOfAllMayBeRecovered) {
  Subject s = InFlight(10);
  Duplicates(s, 3);
  EXPECT_TRUE(s.tcb.congestion.recovering);
}

TEST(NewRenoTest, RecoverFollowsAlongSoThatItIsNeverAheadByAccident) {
  Subject s = InFlight(10);
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.tcb.congestion.recover, s.tcb.snd.una - 1);
}

//= MUST-19 type=test
//= RFC5681-3.1-8 type=test
TEST(TimeOutTest, CollapsesCwndAndHalvesSsthreshOnceForASegment) {
  Subject s = InFlight(20);
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, kMss);
  EXPECT_EQ(s.tcb.congestion.ssthresh, 10 * kMss);
  s.NextFires();
  EXPECT_EQ(s.tcb.congestion.ssthresh, 10 * kMss) << "it was sent by the timer before";
  // Slow start over what is to be sent again, then congestion avoidance.
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.Told(), "ACK 1001:2001(1000) ack 1; ACK 2001:3001(1000) ack 1");
  s.Arrives({.ack = 2001});
  s.Arrives({.ack = 3001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 4 * kMss);
  EXPECT_EQ(s.Told(), "ACK 5001:6001(1000) ack 1; ACK 6001:7001(1000) ack 1");
  s.NextFires();
  EXPECT_EQ(s.tcb.congestion.ssthresh, 2 * kMss) << "of the four that were in flight";
}

TEST(TimeOutTest, EndsRecovery) {
  Subject s = InFlight(10);
  Duplicates(s, 3);
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.congestion.cwnd, kMss);
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
}

//= RFC5681-4.1-1 type=test
TEST(IdleTest, AfterMoreThanAnRtoTheInitialWindowIsTheLimitAgain) {
  for (bool restart : {true, false}) {
    Policy policy = WithoutSack();
    policy.restart_after_idle = restart;
    Subject s(policy);
    s.Establish(0xffff, kMss);
    s.tcb.congestion.cwnd = 50 * kMss;
    s.Do(Send{1000});
    s.Arrives({.ack = 1001});
    s.now = s.now + s.tcb.rtt.rto;
    Subject late = s;
    late.now = late.now + Duration::Nanoseconds(1);
    s.Do(Send{100'000});
    EXPECT_EQ(s.sent.size(), 51u) << "an RTO is not more than an RTO";
    late.Do(Send{100'000});
    EXPECT_EQ(late.sent.size(), restart ? 10u : 51u);
  }
}

TEST(IdleTest, NeverMakesTheWindowLarger) {
  Subject s(WithoutSack());
  s.Establish(0xffff, kMss);
  s.Do(Send{1000});
  s.NextFires();
  s.Arrives({.ack = 1001});
  s.now = s.now + Duration::Seconds(100);
  s.Do(Send{100'000});
  EXPECT_EQ(s.sent.size(), 2u);
}

TEST(WindowAndCwndTest, CwndMakesNoSmallSegmentAndStartsNoOverrideTimer) {
  Subject s = InFlight(10);
  s.Arrives({.ack = 401});  // 400 octets more fit: less than a segment
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.timer.override_sws, kNever);
  s.Arrives({.ack = 601});
  EXPECT_EQ(s.Told(), "ACK 10001:11001(1000) ack 1");
}

TEST(WindowAndCwndTest, AFinAloneWaitsForRoomLikeTheRest) {
  Subject s(WithoutSack());
  s.Establish(0xffff, kMss);
  s.Do(Send{10'000});
  EXPECT_EQ(s.sent.size(), 10u);
  s.Do(Close{});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.Told(), "FIN,ACK 10001 ack 1");
}

TEST(WindowAndCwndTest, ProbesGoWhateverCwndSays) {
  Subject s = InFlight(10);
  s.Arrives({.ack = 5001, .window = 0});
  s.tcb.congestion.cwnd = kMss;
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 5001:5002(1) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, kMss) << "a probe is no time-out";
}

TEST(WindowAndCwndTest, AWindowThatOpensEndsRecovery) {
  Subject s = InFlight(10);
  Duplicates(s, 3);
  s.Arrives({.window = 0});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.window = 20'000});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(TextSent(s), 5 * kMss) << "from SND.UNA on, as much as ssthresh";
  EXPECT_EQ(s.sent[0].seq, s.tcb.snd.una);
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
}

TEST(WindowAndCwndTest, WithoutCongestionControlTheOfferedWindowIsTheOnlyLimit) {
  Policy policy = WithoutSack();
  policy.congestion = Congestion::kNone;
  Subject s(policy);
  s.Establish(0xffff, kMss);
  s.Do(Send{400'000});
  EXPECT_EQ(s.sent.size(), 65u);
  EXPECT_EQ(Duplicates(s, 5), "");
  s.NextFires();
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.sent.size(), 65u);
}

TEST(WrapTest, RecoveryGoesOverTheEndOfTheNumbers) {
  Subject s(WithoutSack(), 0xffff'ffff - 5000, 7);
  s.Establish(0xffff, kMss);
  s.Do(Send{400'000});
  EXPECT_EQ(Duplicates(s, 3), "ACK 1:1001(1000) ack 1");
  s.Arrives({.ack = 5001});
  EXPECT_EQ(s.sent[0].seq, SndSeq(s.iss + 5001));
  s.Arrives({.ack = 12'001});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
}

TEST(CongestionAvoidanceTest, TheWindowIsNeverLargerThanOneThatCanBeOffered) {
  Subject s = InFlight(10);
  s.tcb.congestion.cwnd = 0xffffu << 14;
  s.Arrives({.ack = 1001});
  EXPECT_EQ(s.tcb.congestion.cwnd, 0xffffu << 14);
}

TEST(NewRenoTest, TheCountOfDuplicatesNeverStartsAgain) {
  Subject s = InFlight(10);
  s.NextFires();
  Duplicates(s, 300);
  EXPECT_EQ(s.tcb.congestion.dup_acks, 255);
  EXPECT_FALSE(s.tcb.congestion.recovering);
}

//= RFC5681-3.2-2 type=test
TEST(FastRetransmitTest, TheFinGoesAgainWithTheTextBeforeIt) {
  Subject s(WithoutSack());
  s.Establish(0xffff, kMss);
  s.tcb.congestion.cwnd = 10 * kMss;
  s.Do(Send{3500});
  s.Do(Close{});
  Duplicates(s, 3);
  ASSERT_TRUE(s.tcb.congestion.recovering);
  s.Arrives({.ack = 3001});
  EXPECT_EQ(s.Told(), "FIN,PSH,ACK 3001:3501(500) ack 1");
  EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
}

TEST(IdleTest, WithoutCongestionControlNothingIsRestarted) {
  Policy policy = WithoutSack();
  policy.congestion = Congestion::kNone;
  Subject s(policy);
  s.Establish(0xffff, kMss);
  s.Do(Send{kMss});
  s.Arrives({.ack = 1001});
  s.now = s.now + Duration::Seconds(100);
  s.Do(Send{60'000});
  EXPECT_EQ(TextSent(s), 60'000u);
}

}  // namespace
}  // namespace assay::tcp
