// Selective acknowledgment: what a receiver reports (RFC 2018), and how a sender recovers with it
// (RFC 6675).

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "stack/base/prng.h"
#include "stack/tcp/invariants.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

constexpr uint32_t kMss = 1000;

using Blocks = std::vector<std::pair<uint32_t, uint32_t>>;

wire::OptionSet OptionsOfSyn() {
  wire::OptionSet options;
  options.mss = kMss;
  options.sack_permitted = true;
  return options;
}

void EstablishWithSack(Subject& s) {
  s.OpenActive();
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = OptionsOfSyn()});
  ASSERT_TRUE(s.tcb.sack);
}

// The blocks of what was sent last, in the peer's numbers, as "301-401 101-201".
std::string Reported(const Subject& s) {
  std::string told;
  if (s.sent.empty()) return "nothing sent";
  for (const wire::SackBlock& block : s.sent.back().options.sack) {
    if (!told.empty()) told += ' ';
    told += std::to_string(block.left - s.irs) + '-' + std::to_string(block.right - s.irs);
  }
  return told;
}

// --- What a receiver reports. ---

//= RFC2018-2-1 type=test
TEST(SackPermittedTest, IsOnOurSynAndOnASynAckIfThePeerOffersIt) {
  Subject active;
  active.OpenActive();
  EXPECT_TRUE(active.sent[0].options.sack_permitted);
  for (bool offered : {false, true}) {
    Subject passive;
    passive.OpenPassive();
    wire::OptionSet options;
    options.sack_permitted = offered;
    passive.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
    EXPECT_EQ(passive.sent[0].options.sack_permitted, offered);
    passive.Arrives({.seq = 2, .text = 1});
    EXPECT_FALSE(passive.sent[0].options.sack_permitted) << "on a SYN and nowhere else";
  }
  Subject old(Policy::Rfc793());
  old.OpenActive();
  EXPECT_FALSE(old.sent[0].options.sack_permitted);
}

TEST(SackPermittedTest, IsOfferedAgainAfterAnOpenThatCameToNothing) {
  Subject s;
  s.OpenPassive();
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  s.Arrives({.control = kRst});
  ASSERT_EQ(s.tcb.state, State::kListen);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = OptionsOfSyn()});
  EXPECT_TRUE(s.sent[0].options.sack_permitted);
}

//= RFC2018-4-1 type=test
TEST(SackBlocksTest, AreOnlyForAPeerThatPermitsThem) {
  Subject s;
  s.Establish();
  s.Arrives({.seq = 101, .text = 100});
  EXPECT_EQ(Reported(s), "");
  Subject policy(Policy::Rfc793());
  policy.OpenActive();
  policy.Arrives({.control = kSyn | kAck, .seq = 0, .options = OptionsOfSyn()});
  policy.Arrives({.seq = 101, .text = 100});
  EXPECT_EQ(Reported(policy), "");
}

//= RFC2018-4-2 type=test
//= RFC2018-4-3 type=test
//= RFC2018-4-4 type=test
//= RFC2018-4-5 type=test
TEST(SackBlocksTest, ComeNewestFirstAndFourAtMost) {
  Subject s;
  EstablishWithSack(s);
  s.Arrives({.seq = 501, .text = 100});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  EXPECT_EQ(Reported(s), "501-601");
  s.Arrives({.seq = 101, .text = 100});
  EXPECT_EQ(Reported(s), "101-201 501-601");
  s.Arrives({.seq = 901, .text = 100});
  EXPECT_EQ(Reported(s), "901-1001 101-201 501-601");
  s.Arrives({.seq = 1301, .text = 100});
  EXPECT_EQ(Reported(s), "1301-1401 901-1001 101-201 501-601");
  s.Arrives({.seq = 1701, .text = 100});
  EXPECT_EQ(Reported(s), "1701-1801 1301-1401 901-1001 101-201");
  EXPECT_EQ(wire::EncodedSize(s.sent.back().options), 36u);
  // The range that grows is the newest, whole; so is one that only arrives again.
  s.Arrives({.seq = 601, .text = 50});
  EXPECT_EQ(Reported(s), "501-651 1701-1801 1301-1401 901-1001");
  s.Arrives({.seq = 1301, .text = 100});
  EXPECT_EQ(Reported(s), "1301-1401 501-651 1701-1801 901-1001");
  // One that joins two.
  s.Arrives({.seq = 201, .text = 300});
  EXPECT_EQ(Reported(s), "101-651 1301-1401 1701-1801 901-1001");
}

TEST(SackBlocksTest, ReportOnlyWhatStillLiesAheadWhenAHoleFills) {
  Subject s;
  EstablishWithSack(s);
  s.Arrives({.seq = 101, .text = 100});
  s.Arrives({.seq = 301, .text = 100});
  s.Arrives({.seq = 501, .text = 100});
  s.Arrives({.seq = 1, .text = 50});
  EXPECT_EQ(s.Told(), "ACK 1 ack 51");
  EXPECT_EQ(Reported(s), "501-601 301-401 101-201") << "the newest of what is held";
  s.Arrives({.seq = 51, .text = 50});
  EXPECT_EQ(s.Told(), "ACK 1 ack 201");
  EXPECT_EQ(Reported(s), "501-601 301-401");
  s.Arrives({.seq = 201, .text = 400});
  EXPECT_EQ(s.Told(), "ACK 1 ack 601");
  EXPECT_EQ(Reported(s), "");
}

TEST(SackBlocksTest, StandOnTextTooAndTakeItsRoomAndNeverOnAReset) {
  Subject s;
  EstablishWithSack(s);
  s.Arrives({.seq = 101, .text = 100});
  s.Arrives({.seq = 301, .text = 100});
  s.Do(Send{1500});
  ASSERT_EQ(s.sent.size(), 1u) << "the rest is less than a segment";
  EXPECT_EQ(s.sent[0].text.size, kMss - 20);
  EXPECT_EQ(Reported(s), "301-401 101-201");
  s.NextFires();
  EXPECT_EQ(s.sent[0].text.size, kMss - 20) << "sent again";
  s.Do(Abort{});
  EXPECT_EQ(s.sent[0].control & kRst, kRst);
  EXPECT_EQ(Reported(s), "");
}

TEST(SackBlocksTest, AFinBehindAGapIsNotReportedAndNothingBehindIt) {
  Subject s;
  EstablishWithSack(s);
  s.Arrives({.seq = 401, .text = 100});
  s.Arrives({.control = kFin | kAck, .seq = 101, .text = 100});
  EXPECT_EQ(Reported(s), "101-201");
}

//= RFC2018-3-1 type=test
//= RFC2018-4-6 type=test
TEST(SackBlocksTest, AreAlwaysRangesThatArrivedWhole) {
  Prng prng(2018);
  for (int run = 0; run < 300; ++run) {
    Subject s(Policy::Rfc9293(), 1000, static_cast<uint32_t>(0 - prng.Below(4000)));
    EstablishWithSack(s);
    std::vector<bool> arrived(4000, false);
    for (int step = 0; step < 40; ++step) {
      const auto seq = static_cast<int64_t>(1 + prng.Below(3000));
      const auto text = static_cast<size_t>(1 + prng.Below(200));
      const uint32_t nxt = s.tcb.rcv.nxt.wire() - s.irs;
      s.Arrives({.seq = seq, .text = text});
      ASSERT_EQ(CheckInvariants(s.tcb).size(), 0u);
      if (s.tcb.rcv.nxt.wire() - s.irs == nxt && s.out.store.to.size == 0) continue;  // refused
      for (size_t i = 0; i < text; ++i) arrived[static_cast<size_t>(seq) + i] = true;
      if (s.sent.empty()) continue;
      const uint32_t ack = s.sent.back().ack.wire() - s.irs;
      const auto& blocks = s.sent.back().options.sack;
      ASSERT_EQ(blocks.empty(), s.tcb.rcv.held.empty());
      for (size_t i = 0; i < blocks.size(); ++i) {
        const uint32_t left = blocks[i].left - s.irs;
        const uint32_t right = blocks[i].right - s.irs;
        ASSERT_LT(ack, left);
        ASSERT_LT(left, right);
        for (uint32_t at = left; at < right; ++at) ASSERT_TRUE(arrived[at]);
        for (size_t j = 0; j < i; ++j) ASSERT_NE(blocks[i], blocks[j]);
      }
      if (ack == nxt && !blocks.empty()) {
        ASSERT_LE(blocks[0].left - s.irs, static_cast<uint32_t>(std::max<int64_t>(seq, nxt)));
        ASSERT_GE(blocks[0].right - s.irs, static_cast<uint32_t>(seq) + text);
      }
    }
  }
}

// --- How a sender recovers. ---

// `segments` full segments are in flight, of many more that wait.
Subject InFlight(uint32_t segments, uint32_t more = 400'000, const Policy& with = {}) {
  Policy policy = with;
  policy.send_buffer = 1u << 20;
  Subject s(policy);
  EstablishWithSack(s);
  s.tcb.congestion.cwnd = segments * kMss;
  s.Do(Send{segments * kMss + more});
  EXPECT_EQ(s.sent.size(), segments);
  return s;
}

FromPeer Sack(int64_t ack, const Subject& s, const Blocks& blocks) {
  FromPeer peer{.ack = ack};
  for (const auto& [left, right] : blocks) {
    peer.options.sack.push_back({s.iss + left, s.iss + right});
  }
  return peer;
}

std::string Arrives(Subject& s, int64_t ack, const Blocks& blocks) {
  s.Arrives(Sack(ack, s, blocks));
  std::string broken;
  for (std::string_view name : CheckInvariants(s.tcb)) broken += name;
  EXPECT_EQ(broken, "");
  return s.Told();
}

TEST(SackDuplicateTest, IsWhatReportsSomethingNewWhateverElseItCarries) {
  Subject s = InFlight(20);
  Arrives(s, 1, {});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 0) << "by RFC 5681 it is one";
  Arrives(s, 1, {{1001, 1101}});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 1);
  Arrives(s, 1, {{1001, 1101}});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 1) << "known already";
  FromPeer with_text = Sack(1, s, {{1001, 1201}});
  with_text.text = 10;
  with_text.window = 60'000;
  s.Arrives(with_text);
  EXPECT_EQ(s.tcb.congestion.dup_acks, 2) << "text and another window change nothing";
}

//= RFC6675-5-1 type=test
TEST(SackDuplicateTest, ACumulativeAckStartsTheCountAnewAndMayCountItself) {
  Subject s = InFlight(20);
  Arrives(s, 1, {{2001, 2101}});
  Arrives(s, 1, {{2001, 2201}});
  Arrives(s, 1001, {{2001, 2201}});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 0);
  Arrives(s, 1501, {{2001, 2301}});
  EXPECT_EQ(s.tcb.congestion.dup_acks, 1);
  EXPECT_FALSE(s.tcb.congestion.recovering);
}

TEST(SackDuplicateTest, WithoutPermissionBlocksMeanNothing) {
  Subject s;
  s.Establish(0xffff, kMss);
  s.Do(Send{20'000});
  Arrives(s, 1, {{1001, 2001}, {3001, 4001}, {5001, 6001}});
  EXPECT_TRUE(s.tcb.scoreboard.sacked.empty());
  EXPECT_EQ(s.Told(), "ACK 10001:11001(1000) ack 1") << "a duplicate by RFC 5681, no more";
}

//= RFC3042-2-1 type=test
//= RFC5681-3.2-4 type=test
TEST(SackLimitedTransmitTest, SendsOneSegmentForOneReportedAndNoneForNothingNew) {
  Subject s = InFlight(10);
  EXPECT_EQ(Arrives(s, 1, {{1001, 2001}}), "ACK 10001:11001(1000) ack 1");
  EXPECT_EQ(Arrives(s, 1, {{1001, 2001}}), "");
  EXPECT_EQ(Arrives(s, 1, {{1001, 2501}}), "") << "half a segment makes no room for one";
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
}

//= RFC6675-5-2 type=test
//= RFC5681-3.2-5 type=test
TEST(SackRecoveryTest, TheThirdDuplicateHalvesTheFlightAndSendsTheFirstHole) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 1101}});
  Arrives(s, 1, {{1001, 1201}});
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(Arrives(s, 1, {{1001, 1301}}), "ACK 1:1001(1000) ack 1");
  EXPECT_TRUE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.congestion.cwnd, 5 * kMss);
  EXPECT_EQ(s.tcb.congestion.ssthresh, 5 * kMss);
  EXPECT_EQ(s.tcb.congestion.recover, s.tcb.snd.nxt);
  EXPECT_EQ(s.tcb.scoreboard.high_rxt, SndSeq(s.iss + 1001));
  EXPECT_EQ(s.tcb.scoreboard.rescue_rxt, SndSeq(s.iss + 1001));
}

TEST(SackRecoveryTest, StartsAtOnceWhenEnoughIsReportedAbove) {
  for (const Blocks& blocks :
       {Blocks{{1001, 3002}}, Blocks{{1501, 1502}, {1601, 1602}, {1701, 1702}}}) {
    Subject s = InFlight(10);
    Arrives(s, 1, blocks);
    EXPECT_TRUE(s.tcb.congestion.recovering);
    EXPECT_EQ(s.sent[0].seq, s.tcb.snd.una);
  }
  Subject less = InFlight(10);
  Arrives(less, 1, {{1001, 3001}, {3501, 3501}});
  EXPECT_FALSE(less.tcb.congestion.recovering) << "two segments and not an octet more";
}

TEST(SackRecoveryTest, LimitedTransmitDoesNotCountInTheFlightThatIsHalved) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 2001}});
  Arrives(s, 1, {{1001, 3001}});
  ASSERT_EQ(Distance(s.tcb.snd.una, s.tcb.snd.nxt), 12 * kMss);
  Arrives(s, 1, {{1001, 4001}});
  EXPECT_EQ(s.tcb.congestion.ssthresh, 5 * kMss);
}

//= RFC6675-4-2 type=test
//= RFC6675-5-2 type=test
TEST(SackRecoveryTest, HolesGoInTheirOrderOnceEachAndNothingThatIsReported) {
  Subject s = InFlight(20, 0);
  // Lost: the first, the third, the fifth. All else arrives.
  EXPECT_EQ(Arrives(s, 1, {{1001, 2001}}), "");
  EXPECT_EQ(Arrives(s, 1, {{3001, 4001}, {1001, 2001}}), "");
  EXPECT_EQ(Arrives(s, 1, {{5001, 6001}, {3001, 4001}, {1001, 2001}}), "ACK 1:1001(1000) ack 1");
  EXPECT_EQ(s.tcb.congestion.cwnd, 10 * kMss);
  std::string told;
  for (uint32_t right = 7001; right <= 20'001; right += 1000) {
    const std::string now = Arrives(s, 1, {{5001, right}, {3001, 4001}, {1001, 2001}});
    if (!now.empty()) told += now + '\n';
  }
  EXPECT_EQ(told, "ACK 2001:3001(1000) ack 1\nACK 4001:5001(1000) ack 1\n");
}

//= RFC6675-4-3 type=test
TEST(SackRecoveryTest, WhatIsNewGoesWhenNothingLostIsLeft) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 4001}});
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  // Under way: the first, sent again, and six that are not reported; cwnd is five.
  EXPECT_EQ(Arrives(s, 1, {{1001, 6001}}), "");
  EXPECT_EQ(Arrives(s, 1, {{1001, 7001}}), "ACK 10001:11001(1000) ack 1");
}

//= RFC6675-4-4 type=test
TEST(SackRecoveryTest, WithNothingNewWhatIsMissingGoesBelowTheHighestReport) {
  Subject s = InFlight(10, 0);
  // The ninth is missing too, but only one segment is reported above it.
  Arrives(s, 1, {{1001, 8001}, {9001, 10'001}});
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1; ACK 8001:9001(1000) ack 1");
  EXPECT_EQ(Arrives(s, 1001, {{1001, 8001}, {9001, 10'001}}), "") << "not twice";
}

//= RFC6675-4-4 type=test
TEST(SackRecoveryTest, ALostTailIsRescuedOnce) {
  Subject s = InFlight(10, 0);
  Arrives(s, 1, {{1001, 7001}});
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  // The three that follow are lost as well, and no report tells of it.
  EXPECT_EQ(Arrives(s, 7001, {}), "PSH,ACK 9001:10001(1000) ack 1");
  EXPECT_EQ(s.tcb.scoreboard.high_rxt, SndSeq(s.iss + 7001)) << "HighRxt stays";
  EXPECT_EQ(Arrives(s, 8001, {}), "");
}

TEST(SackRecoveryTest, ThePeersWindowHoldsForWhatIsSentAgain) {
  Subject s = InFlight(10, 0);
  FromPeer shrunk = Sack(1, s, {{501, 600}, {1001, 8001}, {9001, 10'001}});
  shrunk.window = 300;
  s.Arrives(shrunk);
  EXPECT_EQ(s.Told(), "ACK 1:301(300) ack 1") << "the window that came with the report counts";
}

//= RFC6675-5-3 type=test
TEST(SackRecoveryTest, EndsWhenRecoveryPointIsCoveredAndKeepsWhatIsReportedBeyond) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 7001}});
  ASSERT_EQ(s.Told(), "ACK 1:1001(1000) ack 1; ACK 10001:11001(1000) ack 1");
  Arrives(s, 9001, {{10'001, 11'001}});
  EXPECT_TRUE(s.tcb.congestion.recovering);
  Arrives(s, 10'001 - 1, {{10'001, 11'001}});
  EXPECT_TRUE(s.tcb.congestion.recovering);
  Arrives(s, 10'001 - 1 + 1, {});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.congestion.cwnd, 5 * kMss);
}

TEST(SackRecoveryTest, ReportsBeyondRecoveryPointOutliveIt) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 7001}});
  Arrives(s, 7001, {{10'501, 11'001}});
  ASSERT_TRUE(s.tcb.congestion.recovering);
  Arrives(s, 10'001, {});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.scoreboard.sacked.size(), 1u);
}

TEST(SackRecoveryTest, EachRetransmissionStartsTheTimerAnewIfThePolicySaysSo) {
  for (bool rearm : {false, true}) {
    Policy policy;
    policy.rearm_in_recovery = rearm;
    Subject s = InFlight(20, 0, policy);
    s.now = s.now + Duration::Milliseconds(100);
    Arrives(s, 1, {{1001, 12'001}});
    EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
    EXPECT_EQ(s.tcb.timer.retransmission == s.now + s.tcb.rtt.rto, rearm);
  }
}

//= RFC2018-5-1 type=test
//= RFC2018-5.1-1 type=test
//= RFC2018-8-2 type=test
//= RFC6675-4-1 type=test
TEST(SackTimeOutTest, ForgetsReportsSoThatAPeerMayTakeThemBack) {
  Subject s = InFlight(10, 0);
  Arrives(s, 1, {{1001, 2001}});
  Arrives(s, 1, {{1001, 2501}});
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
  EXPECT_TRUE(s.tcb.scoreboard.sacked.empty());
  EXPECT_EQ(s.tcb.congestion.cwnd, kMss);
  EXPECT_EQ(Arrives(s, 1001, {}), "ACK 1001:2001(1000) ack 1; ACK 2001:3001(1000) ack 1");
}

TEST(SackTimeOutTest, WhatIsReportedSinceIsPassedOver) {
  Subject s = InFlight(10, 0);
  s.NextFires();
  EXPECT_EQ(Arrives(s, 1, {{2001, 3501}}), "") << "nothing goes before SND.UNA moves";
  EXPECT_EQ(Arrives(s, 1001, {{2001, 3501}, {8001, 10'001}}),
            "ACK 1001:2001(1000) ack 1; ACK 3501:4501(1000) ack 1");
  EXPECT_EQ(Arrives(s, 3501, {{8001, 10'001}}),
            "ACK 4501:5501(1000) ack 1; ACK 5501:6501(1000) ack 1");
  EXPECT_EQ(Arrives(s, 5501, {{8001, 10'001}}),
            "ACK 6501:7501(1000) ack 1; ACK 7501:8001(500) ack 1");
  EXPECT_EQ(Arrives(s, 10'001, {}), "");
  EXPECT_EQ(s.tcb.timer.retransmission, kNever);
}

//= RFC6675-5.1-1 type=test
TEST(SackTimeOutTest, NoRecoveryBeginsUntilRecoveryPointIsCovered) {
  Subject s = InFlight(10);
  s.NextFires();
  Arrives(s, 1, {{2001, 9001}});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  Arrives(s, 1001, {{2001, 9501}});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  Arrives(s, 10'001, {});
  Arrives(s, 10'001, {{11'001, 12'001}});
  s.tcb.congestion.cwnd = 10 * kMss;
  s.Do(SetNagle{Flag::kNo});
  Arrives(s, 10'001, {{11'001, 14'001}});
  EXPECT_TRUE(s.tcb.congestion.recovering);
}

TEST(SackTimeOutTest, EndsRecovery) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 7001}});
  ASSERT_TRUE(s.tcb.congestion.recovering);
  s.NextFires();
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.Told(), "ACK 1:1001(1000) ack 1");
}

TEST(SackHostileTest, BlocksOfWhatWasNeverSentOrIsAcknowledgedChangeNothing) {
  Subject s = InFlight(10);
  Arrives(s, 1001, {});
  const uint32_t nxt = s.tcb.snd.nxt.wire() - s.iss;
  const Subject before = s;
  for (const Blocks& blocks : {Blocks{{nxt, nxt + 1000}}, Blocks{{1, 1001}}, Blocks{{500, 5000}},
                               Blocks{{1001, 5000}}, Blocks{{5000, nxt + 1}}, Blocks{{6000, 5000}},
                               Blocks{{5000, 5000}}, Blocks{{0x8000'0000, 0x9000'0000}}}) {
    Subject hit = before;
    EXPECT_EQ(Arrives(hit, 1001, blocks), "");
    EXPECT_TRUE(hit.tcb.scoreboard.sacked.empty());
    EXPECT_EQ(hit.tcb.congestion.dup_acks, 0);
  }
}

TEST(SackHostileTest, AnyBlocksAtAllKeepTheInvariantsAndEndInSilence) {
  Prng prng(5961);
  for (int run = 0; run < 500; ++run) {
    Policy policy = prng.OneIn(2) ? Policy::Rfc9293() : Policy::Hardened();
    Subject s(policy, static_cast<uint32_t>(0 - prng.Below(30'000)), 77);
    EstablishWithSack(s);
    s.Do(Send{65'536});
    if (prng.OneIn(3)) s.Do(Close{});
    for (int step = 0; step < 60 && s.tcb.state != State::kClosed; ++step) {
      const uint32_t una = s.tcb.snd.una.wire() - s.iss;
      const uint32_t nxt = s.tcb.snd.nxt.wire() - s.iss;
      const auto near = [&] {
        return una - 100 + static_cast<uint32_t>(prng.Below(nxt - una + 200));
      };
      Blocks blocks;
      for (uint64_t n = prng.Below(5); n > 0; --n) {
        const uint32_t left = near();
        blocks.push_back(
            {left, prng.OneIn(3) ? near() : left + 500 * static_cast<uint32_t>(prng.Below(8))});
      }
      FromPeer peer = Sack(prng.OneIn(4) ? near() : una, s, blocks);
      peer.window = prng.OneIn(8) ? static_cast<uint16_t>(prng.Below(3000)) : uint16_t{60'000};
      s.Arrives(peer);
      std::string broken;
      for (std::string_view name : CheckInvariants(s.tcb)) broken += name;
      ASSERT_EQ(broken, "") << "run " << run << ", step " << step;
      for (const SegmentToSend& segment : s.sent) {
        const uint32_t end = segment.seq.wire() - s.iss + segment.text.size;
        ASSERT_LE(end, 65'537u);
      }
      if (prng.OneIn(10) && NextTimer(s.tcb) != kNever) s.NextFires();
    }
    // Whatever was reported, an honest peer gets all of it in the end.
    for (int i = 0; i < 2000 && s.tcb.state != State::kClosed; ++i) {
      const uint32_t all = s.tcb.snd.end.wire() - s.iss + uint32_t{s.tcb.snd.fin_queued};
      if (s.tcb.snd.una == SndSeq(s.iss + all)) break;
      s.Arrives({.ack = s.tcb.snd.nxt.wire() - s.iss, .window = 60'000});
      if (NextTimer(s.tcb) != kNever && s.tcb.snd.una == s.tcb.snd.nxt) s.NextFires();
    }
    if (s.tcb.state != State::kClosed) {
      ASSERT_TRUE(s.tcb.snd.una == s.tcb.snd.end + uint32_t{s.tcb.snd.fin_queued});
    }
  }
}

TEST(SackRecoveryTest, AWindowThatOpensEndsItAndLeavesCwnd) {
  Subject s = InFlight(10);
  Arrives(s, 1, {{1001, 4001}});
  ASSERT_TRUE(s.tcb.congestion.recovering);
  const uint32_t cwnd = s.tcb.congestion.cwnd;
  s.Arrives({.window = 0});
  s.Arrives({.window = 20'000});
  EXPECT_FALSE(s.tcb.congestion.recovering);
  EXPECT_EQ(s.tcb.congestion.cwnd, cwnd);
  EXPECT_EQ(s.sent[0].seq, s.tcb.snd.una);
}

TEST(SackHostileTest, WithoutCongestionControlReportsAreNotKept) {
  Policy policy = Policy::Rfc9293();
  policy.congestion = Congestion::kNone;
  Subject s(policy);
  EstablishWithSack(s);
  s.Do(Send{5000});
  EXPECT_EQ(Arrives(s, 1, {{1001, 4001}}), "");
  EXPECT_TRUE(s.tcb.scoreboard.sacked.empty());
}

}  // namespace
}  // namespace assay::tcp
