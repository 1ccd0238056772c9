// The timestamps option and PAWS (RFC 7323, 3 to 5), as dialogues.

#include "stack/tcp/timestamps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::Timestamps;

wire::OptionSet Stamped(uint32_t value, uint32_t echo = 0) {
  wire::OptionSet options;
  options.mss = 1460;
  options.timestamps = Timestamps{value, echo};
  return options;
}

// The peer's clock reads 100 when the connection is established.
Subject Established(const Policy& policy = Policy::Rfc9293(),
                    wire::IpFamily family = wire::IpFamily::kIpv4) {
  Subject s(policy);
  s.OpenActive(family);
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = Stamped(100)});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  EXPECT_TRUE(s.tcb.ts.on);
  return s;
}

std::optional<uint32_t> Echo(const Subject& s) {
  if (s.sent.size() != 1 || !s.sent[0].options.timestamps.has_value()) return std::nullopt;
  return s.sent[0].options.timestamps->echo;
}

//= 7323:3.2 type=test
TEST(TimestampsTest, TheSynOffersThemAndEchoesNothing) {
  Subject s;
  s.Do(Open{.mode = OpenMode::kActive, .iss = SndSeq(s.iss), .timestamp_offset = 77});
  EXPECT_EQ(s.sent[0].options.timestamps, (Timestamps{77, 0}));
  s.NextFires();
  EXPECT_EQ(s.sent[0].options.timestamps, (Timestamps{1077, 0})) << "a second later";
}

//= 7323:3.2 type=test
TEST(TimestampsTest, TheSynAckCarriesThemIfTheSynDid) {
  for (bool carried : {true, false}) {
    Subject s;
    s.OpenPassive();
    s.Arrives({.control = kSyn,
               .seq = 0,
               .ack = 0,
               .options = carried ? Stamped(5, 999) : wire::OptionSet{}});
    EXPECT_EQ(s.sent[0].options.timestamps.has_value(), carried);
    if (carried) {
      EXPECT_EQ(Echo(s), 5u);
    }
  }
}

TEST(TimestampsTest, ThePolicyCanLeaveThemOut) {
  Subject s(Policy::Rfc793());
  s.OpenActive();
  EXPECT_FALSE(s.sent[0].options.timestamps.has_value());
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = Stamped(5)});
  s.Do(Send{10});
  EXPECT_FALSE(s.sent[0].options.timestamps.has_value());
}

// Neither the next SYN of a listener, nor a SYN without them, is held to what an earlier one said.
TEST(TimestampsTest, NoOptionOutlivesTheSynThatCarriedIt) {
  Policy policy;
  policy.window_scale = true;
  policy.receive_buffer = 1u << 20;
  Subject s(policy);
  s.OpenPassive();
  wire::OptionSet all = Stamped(5);
  all.window_scale = 7;
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = all});
  EXPECT_TRUE(s.sent[0].options.window_scale.has_value());
  s.Arrives({.control = kRst, .seq = 1});
  ASSERT_EQ(s.tcb.state, State::kListen);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  EXPECT_FALSE(s.sent[0].options.timestamps.has_value());
  EXPECT_FALSE(s.sent[0].options.window_scale.has_value());
  EXPECT_EQ(s.tcb.snd.scale, 0);
  s.Arrives({.control = kRst, .seq = 1});
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = all});
  EXPECT_TRUE(s.sent[0].options.timestamps.has_value());
  EXPECT_TRUE(s.sent[0].options.window_scale.has_value());
  EXPECT_EQ(s.tcb.snd.scale, 7);
}

//= 7323:3.2 type=test
TEST(TimestampsTest, OnceAgreedOnEverySegmentCarriesThem) {
  const auto all_carry = [](const Subject& s) {
    EXPECT_FALSE(s.sent.empty());
    for (const SegmentToSend& segment : s.sent) {
      EXPECT_TRUE(segment.options.timestamps.has_value()) << s.Tell(segment);
    }
  };
  Subject s = Established();
  all_carry(s);
  s.Do(Send{4344});
  all_carry(s);
  s.NextFires();
  all_carry(s);
  s.Arrives({.seq = 50, .text = 10, .options = Stamped(101)});  // ahead of a gap
  all_carry(s);
  s.Arrives({.control = kSyn, .seq = 1, .options = Stamped(101)});  // challenged
  all_carry(s);
  Subject aborted = s;
  aborted.Do(Abort{});
  all_carry(aborted);
  s.Arrives({.ack = 4345, .options = Stamped(102)});
  s.Do(Close{});
  s.Arrives({.control = kFin | kAck, .ack = 4346, .options = Stamped(102)});
  s.Arrives({.control = kFin | kAck, .ack = 4346, .options = Stamped(103)});
  EXPECT_EQ(s.tcb.state, State::kTimeWait);
  all_carry(s);
}

//= 7323:3.2 type=test
TEST(TimestampsTest, ASegmentThatLacksThemIsDroppedSilentlyAndAbortsNothing) {
  Subject s = Established();
  s.Arrives({.control = kAck | kPsh, .text = 10});
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.timer.delayed_ack, kNever);
  EXPECT_EQ(Readable(s.tcb), 0u);
  s.Arrives({.control = kAck | kPsh, .text = 10, .options = Stamped(101)});
  EXPECT_EQ(Readable(s.tcb), 10u);
  // One of another incarnation is challenged, and a RST counts.
  s.Arrives({.control = kSyn, .seq = 11});
  EXPECT_EQ(s.Told(), "ACK 1 ack 11");
  s.Arrives({.control = kRst, .seq = 11});
  EXPECT_EQ(s.tcb.state, State::kClosed);

  Policy lenient;
  lenient.drop_without_timestamps = false;
  Subject l = Established(lenient);
  l.Arrives({.control = kAck | kPsh, .text = 10});
  EXPECT_EQ(Readable(l.tcb), 10u);
}

//= 7323:3.2 type=test
TEST(TimestampsTest, WhereTheyWereNotAgreedOnTheyAreIgnored) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 10, .options = Stamped(100)});
  s.Arrives({.seq = 11, .text = 10, .options = Stamped(1)});
  EXPECT_EQ(Readable(s.tcb), 20u);
  s.Do(Send{10});
  EXPECT_FALSE(s.sent[0].options.timestamps.has_value());
}

//= MUST-16 type=test
TEST(TimestampsTest, TextIsSmallerByWhatTheOptionTakes) {
  for (auto [family, mss] : {std::pair{wire::IpFamily::kIpv4, 1460u - 12},
                             std::pair{wire::IpFamily::kIpv6, 1440u - 12}}) {
    Subject s = Established(Policy::Rfc9293(), family);
    s.Do(Send{5000});
    EXPECT_EQ(s.sent[0].text.size, mss);
    EXPECT_EQ(wire::EncodedSize(s.sent[0].options), 12u);
  }
}

//= 7323:4.1 type=test
//= 7323:5.4 type=test
TEST(TimestampsTest, TheClockCountsTicksFromItsOffset) {
  for (int64_t tick_ms : {1, 10, 1000}) {
    Policy policy;
    policy.timestamp_tick = Duration::Milliseconds(tick_ms);
    Subject s(policy);
    s.Do(Open{.mode = OpenMode::kActive, .iss = SndSeq(s.iss), .timestamp_offset = 0xffff'fff0});
    const uint32_t first = TimestampClock(s.tcb, s.now);
    EXPECT_EQ(first, 0xffff'fff0);
    const Instant later = s.now + Duration::Milliseconds(tick_ms * 100 + tick_ms - 1);
    EXPECT_EQ(TimestampClock(s.tcb, later) - first, 100u) << "over the wrap";
  }
}

//= 7323:4.3 type=test
TEST(TimestampsEchoTest, ADelayedAckEchoesTheEarliestSegmentThatItAcknowledges) {
  Subject s = Established();
  s.Arrives({.text = 1000, .options = Stamped(110)});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.seq = 1001, .text = 1000, .options = Stamped(120)});
  EXPECT_EQ(s.Told(), "ACK 1 ack 2001");
  EXPECT_EQ(Echo(s), 110u);
}

//= 7323:4.3 type=test
TEST(TimestampsEchoTest, AGapEchoesTheLastBeforeItAndItsFillerItself) {
  Subject s = Established();
  s.Arrives({.text = 100, .options = Stamped(110)});
  s.NextFires();
  EXPECT_EQ(Echo(s), 110u);
  s.Arrives({.seq = 201, .text = 100, .options = Stamped(130)});
  EXPECT_EQ(s.Told(), "ACK 1 ack 101");
  EXPECT_EQ(Echo(s), 110u);
  s.Arrives({.seq = 101, .text = 100, .options = Stamped(120)});
  EXPECT_EQ(s.Told(), "ACK 1 ack 301");
  EXPECT_EQ(Echo(s), 120u);
}

//= 7323:5.2 type=test
TEST(TimestampsEchoTest, TsRecentNeverGoesBack) {
  Subject s = Established();
  s.Arrives({.text = 10, .options = Stamped(200)});
  s.NextFires();
  s.Arrives({.seq = 11, .text = 10, .options = Stamped(150)});
  EXPECT_EQ(Echo(s), 200u);
}

// What is guessed must not make the peer's own segments look old.
TEST(TimestampsEchoTest, ASegmentWithAnAckOfWhatWasNeverSentMovesNothing) {
  Subject s = Established();
  s.Arrives({.ack = 5000, .text = 10, .options = Stamped(0x7000'0000)});
  EXPECT_EQ(s.tcb.ts.recent, 100u);
}

//= 7323:5.3 type=test
TEST(PawsTest, AnOldSegmentIsAnsweredAndDroppedThoughItsNumberIsRight) {
  Subject s = Established();
  s.Arrives({.text = 10, .options = Stamped(99)});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  EXPECT_EQ(Echo(s), 100u);
  EXPECT_EQ(Readable(s.tcb), 0u);
  s.Arrives({.text = 10, .options = Stamped(100)});
  EXPECT_EQ(Readable(s.tcb), 10u) << "an equal one is not old";
}

TEST(PawsTest, OldIsOlderRoundTheWrap) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = Stamped(0xffff'fffe)});
  s.Arrives({.text = 10, .options = Stamped(3)});
  EXPECT_EQ(Readable(s.tcb), 10u);
  s.Arrives({.seq = 11, .text = 10, .options = Stamped(0xffff'ffff)});
  EXPECT_EQ(s.Told(), "ACK 1 ack 11");
  EXPECT_EQ(Readable(s.tcb), 10u);
  s.Arrives({.seq = 11, .text = 10, .options = Stamped(3)});
  EXPECT_EQ(Readable(s.tcb), 20u);
}

//= 7323:5.2 type=test
TEST(PawsTest, AResetCountsHoweverOldAndTeachesNothing) {
  Subject s = Established();
  s.Arrives({.control = kRst, .seq = 2, .options = Stamped(5000)});
  EXPECT_EQ(s.tcb.ts.recent, 100u);
  s.Arrives({.control = kRst, .seq = 1, .options = Stamped(1)});
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

//= 7323:5.3 type=test
TEST(PawsTest, WhatWasHeldIsNotJudgedAgain) {
  Subject s = Established();
  s.Arrives({.seq = 11, .text = 10, .options = Stamped(101)});
  s.Arrives({.text = 10, .options = Stamped(200)});
  EXPECT_EQ(Readable(s.tcb), 20u);
}

//= 7323:5.5 type=test
TEST(PawsTest, AfterTwentyFourDaysTsRecentSaysNothing) {
  constexpr int64_t kDay = 24 * 3600;
  Subject s = Established();
  s.now = s.now + Duration::Seconds(24 * kDay);
  s.Arrives({.text = 10, .options = Stamped(99)});
  EXPECT_EQ(Readable(s.tcb), 0u);
  s.now = s.now + Duration::Seconds(1);
  s.Arrives({.text = 10, .options = Stamped(99)});
  EXPECT_EQ(Readable(s.tcb), 10u);
  EXPECT_EQ(s.tcb.ts.recent, 99u);
}

TEST(PawsTest, EveryStateWithNumbersOfThePeersJudgesByAge) {
  for (State state : {State::kSynReceived, State::kEstablished, State::kFinWait1, State::kFinWait2,
                      State::kCloseWait, State::kClosing, State::kLastAck, State::kTimeWait}) {
    Subject s;
    s.Play(state);
    s.tcb.ts.on = true;
    s.tcb.ts.recent = 100;
    const uint32_t nxt = s.tcb.rcv.nxt.wire() - s.irs;
    s.Arrives({.control = kFin | kAck, .seq = nxt, .text = 10, .options = Stamped(99)});
    EXPECT_EQ(s.tcb.state, state);
    EXPECT_EQ(s.sent.size(), 1u) << spec::Name(state);
    EXPECT_EQ(s.tcb.rcv.nxt.wire() - s.irs, nxt);
  }
}

// --- 4: round trips. ---

//= 7323:4.1 type=test
TEST(TimestampsRttTest, AnEchoMeasuresWhatWasSentAgain) {
  Subject s = Established();
  s.Do(Send{10});
  s.NextFires();  // lost, and sent again
  ASSERT_EQ(s.Told(), "PSH,ACK 1:11(10) ack 1");
  const uint32_t again = s.sent[0].options.timestamps->value;
  s.now = s.now + Duration::Seconds(2);
  s.Arrives({.ack = 11, .options = Stamped(101, again)});
  EXPECT_GT(s.tcb.rtt.srtt, Duration::Milliseconds(200));
  EXPECT_LT(s.tcb.rtt.srtt, Duration::Seconds(2));
}

TEST(TimestampsRttTest, AWindowOfAcksCountsAsOneSample) {
  const auto after = [](int acks) {
    Subject s = Established();
    s.tcb.rtt.sampled = true;
    s.tcb.rtt.srtt = Duration::Seconds(1);
    s.Do(Send{8 * 1448});
    const uint32_t value = s.sent[0].options.timestamps->value;
    s.now = s.now + Duration::Seconds(2);
    for (int i = 1; i <= acks; ++i) {
      s.Arrives({.ack = 1 + 8 * 1448 / acks * i, .options = Stamped(101, value)});
    }
    return s.tcb.rtt.srtt;
  };
  EXPECT_LT(after(4), Duration::Milliseconds(1260));
  EXPECT_GT(after(4), Duration::Milliseconds(1060));
}

TEST(TimestampsRttTest, AnEchoOfWhatWasNeverSentIsNoSample) {
  Subject s = Established();
  s.Do(Send{10});
  const Duration before = s.tcb.rtt.srtt;
  s.now = s.now + Duration::Milliseconds(50);
  s.Arrives({.ack = 11, .options = Stamped(101, 0x7000'0000)});
  EXPECT_LE(s.tcb.rtt.srtt - before, Duration::Milliseconds(50)) << "the clock measured instead";
  s.Do(Send{10});
  s.Arrives({.ack = 21, .options = Stamped(101, 0x8000'0100)});
  EXPECT_LE(s.tcb.rtt.srtt, s.policy.rto_max);
  EXPECT_LE(s.tcb.rtt.rto, s.policy.rto_max);
}

TEST(TimestampsRttTest, ADuplicateAckIsNoSample) {
  Subject s = Established();
  s.Do(Send{10});
  const Duration before = s.tcb.rtt.srtt;
  s.now = s.now + Duration::Milliseconds(500);
  s.Arrives({.ack = 1, .options = Stamped(101, 0)});
  EXPECT_EQ(s.tcb.rtt.srtt, before);
}

// --- RSTs of nobody. ---

//= 7323:5.2 type=test
TEST(TimestampsResetTest, AResetByFormulaEchoesWhatItAnswers) {
  for (State state : {State::kClosed, State::kListen, State::kSynSent, State::kSynReceived}) {
    Subject s;
    s.Play(state);
    if (state == State::kSynReceived) {
      s.tcb.ts.on = true;
      s.tcb.ts.recent = 4;
    }
    s.Arrives({.ack = 777, .options = Stamped(5, 6)});
    ASSERT_EQ(s.sent.size(), 1u) << spec::Name(state);
    EXPECT_EQ(s.sent[0].control, kRst);
    EXPECT_EQ(s.sent[0].options.timestamps, (Timestamps{0, 5}));
  }
}

//= 7323:5.3 type=test
TEST(PawsTest, AnOldSynIsAnsweredAndChangesNothing) {
  for (const Policy& policy : {Policy::Rfc9293(), Policy::Rfc793(), Policy::Hardened()}) {
    Policy with = policy;
    with.timestamps = true;
    Subject s = Established(with);
    for (int i = 0; i < 12; ++i) {
      s.Arrives({.control = kSyn, .seq = 100, .options = Stamped(99)});
      const bool throttled = with.challenge_limit > 0 && i >= 10;
      EXPECT_EQ(s.Told(), throttled ? "" : "ACK 1 ack 1");
      EXPECT_EQ(s.tcb.state, State::kEstablished);
    }
  }
}

}  // namespace
}  // namespace assay::tcp
