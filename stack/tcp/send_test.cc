// What goes out and when: windows, silly windows, Nagle, urgent data, retransmission, probes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "stack/tcp/invariants.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using testing::ElementsAre;
using wire::kAck;
using wire::kFin;
using wire::kSyn;
using wire::kUrg;

constexpr Duration Sec(int64_t n) { return Duration::Seconds(n); }

uint32_t LargestText(const Subject& s) {
  uint32_t largest = 0;
  for (const SegmentToSend& segment : s.sent) largest = std::max(largest, segment.text.size);
  return largest;
}

//= MUST-15 type=test
TEST(MssTest, WithoutTheOptionItIs536Or1220) {
  for (auto [family, mss] :
       {std::pair{wire::IpFamily::kIpv4, 536u}, {wire::IpFamily::kIpv6, 1220u}}) {
    Subject s;
    s.OpenActive(family);
    s.Arrives({.control = kSyn | kAck, .seq = 0});
    s.Do(Send{10'000});
    EXPECT_EQ(LargestText(s), mss);
  }
}

//= MUST-16 type=test
//= MUST-67 type=test
TEST(MssTest, IsTheLesserOfThePeersAndWhatTheLinkCarries) {
  for (auto [offered, mtu, mss] : {std::tuple{1000, 1500u, 1000u},
                                   {9000, 1500u, 1460u},
                                   {0, 1500u, 64u},
                                   {1460, 576u, 536u},
                                   {1460, 68u, 28u}}) {
    Subject s;
    s.OpenActive(wire::IpFamily::kIpv4, mtu);
    EXPECT_EQ(s.sent[0].options.mss, mtu - 40);
    wire::OptionSet options;
    options.mss = static_cast<uint16_t>(offered);
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
    s.Do(Send{10'000});
    EXPECT_EQ(LargestText(s), mss);
  }
}

TEST(WindowTest, NothingGoesBeyondTheRightEdge) {
  Subject s;
  s.Establish(4000);
  s.Do(Send{10'000});
  EXPECT_EQ(s.Told(), "ACK 1:1461(1460) ack 1; ACK 1461:2921(1460) ack 1");
  s.Arrives({.ack = 2921, .window = 4000});
  EXPECT_EQ(s.tcb.snd.nxt, SndSeq(s.iss + 1 + 2 * 2920));
}

//= MUST-1 type=test
//= MUST-34 type=test
//= SHLD-15 type=test
//= SHLD-16 type=test
TEST(WindowTest, AShrunkOneHoldsBackWhatIsNewAndLetsWhatWasSentGoAgain) {
  Subject s;
  s.Establish(4380);
  s.Do(Send{20'000});
  ASSERT_EQ(s.tcb.snd.nxt, SndSeq(s.iss + 4381));
  s.Arrives({.ack = 1, .window = 2000});  // the usable window is negative
  EXPECT_EQ(s.Told(), "");
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1461(1460) ack 1");
  s.Arrives({.ack = 1461, .window = 540});
  for (const SegmentToSend& sent : s.sent) {
    EXPECT_TRUE(AtOrBefore(sent.seq + sent.text.size, SndSeq(s.iss + 2001)));
  }
  s.Arrives({.ack = 4381, .window = 4380});
  ASSERT_FALSE(s.sent.empty());
  EXPECT_EQ(s.Tell(s.sent[0]), "ACK 4381:5841(1460) ack 1");
}

//= MUST-35 type=test
//= SHLD-17 type=test
TEST(WindowTest, OneThatShrinksToNothingIsProbedAndEndsNothing) {
  Subject s;
  s.Establish(4380);
  s.Do(Send{4380});
  s.Arrives({.ack = 1, .window = 0});
  for (int probe = 0; probe < 100; ++probe) {
    s.NextFires();
    EXPECT_EQ(s.Told(), "ACK 1:2(1) ack 1");
    s.Arrives({.ack = 1, .window = 0});
  }
  EXPECT_EQ(s.tcb.state, State::kEstablished);
}

//= SHLD-27 type=test
//= SHLD-28 type=test
TEST(SegmentSizeTest, WhatWasGivenInPiecesGoesInWholeSegments) {
  Subject s;
  s.Establish(1460);
  s.Do(Send{1460});
  for (int piece = 0; piece < 30; ++piece) s.Do(Send{100, Flag::kYes});
  s.Arrives({.ack = 1461, .window = 10'000});
  EXPECT_EQ(s.Told(), "ACK 1461:2921(1460) ack 1; ACK 2921:4381(1460) ack 1");
}

//= MUST-65 type=test
TEST(MssTest, StandsOnASynAloneAndCountsOnASynAlone) {
  Subject s;
  s.Establish();
  wire::OptionSet options;
  options.mss = 100;
  s.Arrives({.options = options});
  s.Do(Send{1460});
  EXPECT_EQ(LargestText(s), 1460u);
  EXPECT_FALSE(s.sent[0].options.mss.has_value());
}

//= MUST-14 type=test
//= SHLD-5 type=test
//= MAY-3 type=test
TEST(MssTest, IsOfferedOnEverySynOfBothFamilies) {
  for (auto [family, mss] :
       {std::pair{wire::IpFamily::kIpv4, 1460u}, {wire::IpFamily::kIpv6, 1440u}}) {
    Subject s;
    s.OpenActive(family);
    EXPECT_EQ(s.sent[0].options.mss, mss);
    s.NextFires();
    EXPECT_EQ(s.sent[0].options.mss, mss) << "and again";
    s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
    EXPECT_EQ(s.sent[0].options.mss, mss) << "on the SYN,ACK";
  }
}

TEST(WindowTest, IsUnsignedAndALargeBurstTakesSeveralSteps) {
  Policy policy;
  policy.congestion = Congestion::kNone;
  Subject s(policy);
  s.Establish(65535);
  s.Do(Send{65'536});
  EXPECT_EQ(s.tcb.snd.nxt, SndSeq(s.iss + 1 + 44 * 1460));
  EXPECT_EQ(s.sent.size(), 44u);
}

//= 3.10.7.4#window-update type=test
//= P-3.8.6-WL type=test
TEST(WindowTest, AnOldSegmentDoesNotUpdateItAndAnEqualAckDoes) {
  Subject s;
  s.Establish(5000);
  s.Arrives({.text = 100, .window = 6000});
  EXPECT_EQ(s.tcb.snd.wnd, 6000u);
  s.Arrives({.seq = 101, .window = 0});
  EXPECT_EQ(s.tcb.snd.wnd, 0u);
  s.Arrives({.seq = 100, .text = 2, .window = 9000});  // straddles: its SEQ is old
  EXPECT_EQ(s.tcb.snd.wnd, 9000u) << "trimmed to RCV.NXT, it is as new as any";
}

//= 7323:2.2 type=test
//= 7323:2.3 type=test
TEST(WindowTest, ScaleIsUsedOnlyIfBothOfferIt) {
  Policy policy;
  policy.window_scale = true;
  policy.receive_buffer = 1u << 20;
  Subject s(policy);
  s.OpenActive();
  EXPECT_EQ(s.sent[0].options.window_scale, 5);
  wire::OptionSet options;
  options.window_scale = 3;
  s.Arrives({.control = kSyn | kAck, .seq = 0, .window = 1000, .options = options});
  EXPECT_EQ(s.tcb.snd.wnd, 1000u) << "a SYN's window is not scaled";
  EXPECT_EQ(s.sent[0].window, (1u << 20) >> 5);
  s.Arrives({.window = 1000});
  EXPECT_EQ(s.tcb.snd.wnd, 8000u);

  Subject alone(policy);
  alone.OpenActive();
  alone.Arrives({.control = kSyn | kAck, .seq = 0, .window = 1000});
  alone.Arrives({.window = 1000});
  EXPECT_EQ(alone.tcb.snd.wnd, 1000u);
  EXPECT_EQ(alone.sent.size(), 0u);
  EXPECT_EQ(alone.tcb.rcv.wnd, 65535u);
}

//= 7323:2.3 type=test
TEST(WindowTest, AShiftOfMoreThanFourteenIsFourteen) {
  for (int shift : {14, 15, 31, 32, 255}) {
    Policy policy;
    policy.window_scale = true;
    policy.receive_buffer = 1u << 31;
    Subject s(policy);
    s.OpenActive();
    EXPECT_EQ(s.sent[0].options.window_scale, 14) << "our own is no larger";
    wire::OptionSet options;
    options.window_scale = static_cast<uint8_t>(shift);
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
    EXPECT_EQ(s.tcb.snd.scale, 14) << shift;
  }
}

//= SHLD-7 type=test
TEST(NagleTest, HoldsASmallSegmentWhileAnotherIsInFlight) {
  Subject s;
  s.Establish();
  s.Do(Send{10});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:11(10) ack 1");
  s.Do(Send{10});
  s.Do(Send{10});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.ack = 11});
  EXPECT_EQ(s.Told(), "PSH,ACK 11:31(20) ack 1");
}

//= MUST-17 type=test
TEST(NagleTest, CanBeSwitchedOff) {
  Subject s;
  s.Establish();
  s.Do(Send{10});
  s.Do(Send{10});
  EXPECT_EQ(s.Told(), "");
  s.Do(SetNagle{Flag::kNo});
  EXPECT_EQ(s.Told(), "PSH,ACK 11:21(10) ack 1");
  s.Do(Send{10});
  EXPECT_EQ(s.Told(), "PSH,ACK 21:31(10) ack 1");
}

//= MUST-38 type=test
TEST(SillyWindowTest, ASmallUsableWindowIsLeftUntilTheOverrideTimerFires) {
  Subject s;
  s.Establish(5000);
  s.Do(Send{4380});
  s.Arrives({.ack = 4381, .window = 100});
  s.Do(Send{3000});
  EXPECT_EQ(s.Told(), "");
  const Duration waited = s.NextFires();
  EXPECT_GE(waited, Duration::Milliseconds(100));
  EXPECT_LE(waited, Sec(1));
  EXPECT_EQ(s.Told(), "ACK 4381:4481(100) ack 1");
}

//= MUST-60 type=test
//= MUST-61 type=test
//= MAY-15 type=test
//= MAY-16 type=test
TEST(PushTest, WithPushInSendWhatIsNotPushedWaitsForMoreButNotForEver) {
  Policy policy;
  policy.push_every_send = false;
  Subject s(policy);
  s.Establish();
  s.Do(Send{10});
  EXPECT_EQ(s.Told(), "");
  s.Do(Send{10, Flag::kYes});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:21(20) ack 1");
  s.Arrives({.ack = 21});
  s.Do(Send{10});
  s.NextFires();
  EXPECT_EQ(s.Told(), "PSH,ACK 21:31(10) ack 1");
}

//= MUST-62 type=test
//= MUST-30 type=test
TEST(UrgentTest, ThePointerStandsBehindTheLastUrgentOctet) {
  Subject s;
  s.Establish();
  s.Do(Send{2000, Flag::kNo, Flag::kYes});
  ASSERT_EQ(s.sent.size(), 2u);
  EXPECT_EQ(s.sent[0].urgent, 2000);
  EXPECT_EQ(s.sent[1].urgent, 540);
  EXPECT_TRUE((s.sent[1].control & kUrg) != 0);
  s.Arrives({.ack = 2001});
  s.Do(Send{10});
  EXPECT_TRUE((s.sent[0].control & kUrg) == 0);
}

//= MUST-18 type=test
TEST(RetransmissionTest, BacksOffUntilR2AndThenGivesUp) {
  Subject s;
  s.Establish();
  s.Do(Send{100});
  std::vector<int64_t> gaps;
  while (s.tcb.state == State::kEstablished) {
    gaps.push_back(s.NextFires().ns() / 1'000'000'000);
    if (s.tcb.state == State::kEstablished) {
      EXPECT_EQ(s.Told(), "PSH,ACK 1:101(100) ack 1");
    }
  }
  EXPECT_THAT(gaps, ElementsAre(1, 2, 4, 8, 16, 32, 60));
  EXPECT_GE(s.now.ns(), Sec(100).ns());
  EXPECT_TRUE(s.Signalled(Signal::kDeliveryTrouble));
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

//= MUST-23 type=test
TEST(RetransmissionTest, ASynIsSentForThreeMinutesAtLeast) {
  Subject s;
  s.OpenActive();
  int sent = 1;
  while (s.tcb.state == State::kSynSent) {
    s.NextFires();
    sent += !s.sent.empty();
  }
  EXPECT_GE(s.now.ns(), Sec(180).ns());
  EXPECT_GE(sent, 7);
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

//= MUST-21 type=test
TEST(RetransmissionTest, TheUserMaySetR2) {
  Subject s;
  s.Establish();
  s.Do(SetUserTimeout{Sec(5)});
  s.Do(Send{100});
  while (s.tcb.state == State::kEstablished) s.NextFires();
  EXPECT_EQ(s.now.ns(), Sec(7).ns());
}

//= 6298:2.2 type=test
//= 6298:2.3 type=test
TEST(RetransmissionTest, TheTimeOutFollowsTheRoundTrip) {
  Subject s;
  s.OpenActive();
  s.now = s.now + Sec(2);
  wire::OptionSet options;
  options.mss = 1460;
  // The SYN was never sent again as far as the TCB knows: its answer is a sample.
  s.tcb.timer.retransmission = kNever;
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  EXPECT_EQ(s.tcb.rtt.srtt.ns(), Sec(2).ns());
  EXPECT_EQ(s.tcb.rtt.rto.ns(), Sec(6).ns());
  s.Do(Send{10});
  s.now = s.now + Sec(1);
  s.Arrives({.ack = 11});
  EXPECT_EQ(s.tcb.rtt.srtt.ns(), Duration::Milliseconds(1875).ns());
  EXPECT_EQ(s.tcb.rtt.rttvar.ns(), Sec(1).ns());
}

//= 6298:3 type=test
//= 6298:5.7 type=test
TEST(RetransmissionTest, WhatWasSentAgainIsNoSampleAndALostSynMakesItThreeSeconds) {
  Subject s;
  s.OpenActive();
  s.NextFires();
  s.now = s.now + Duration::Milliseconds(10);
  s.Arrives({.control = kSyn | kAck, .seq = 0});
  EXPECT_FALSE(s.tcb.rtt.sampled);
  EXPECT_EQ(s.tcb.rtt.rto.ns(), Sec(3).ns());
}

//= P-3.10.8-RTX type=test
TEST(RetransmissionTest, AfterATimeOutOneSegmentGoesAndTheRestWhenItIsAcknowledged) {
  Subject s;
  s.Establish();
  s.Do(Send{4000});
  EXPECT_EQ(s.sent.size(), 2u);  // 1080 octets are less than a segment, and Nagle holds them
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 1:1461(1460) ack 1");
  s.Do(Send{1});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.ack = 1461});
  EXPECT_EQ(s.Told(), "ACK 1461:2921(1460) ack 1");
  s.Arrives({.ack = 2921});
  EXPECT_EQ(s.Told(), "PSH,ACK 2921:4002(1081) ack 1");
}

TEST(RetransmissionTest, TheFinKeepsItsNumber) {
  Subject s;
  s.Establish();
  s.Do(Send{10});
  s.Do(Close{});
  EXPECT_EQ(s.Told(), "FIN,ACK 11 ack 1");
  s.NextFires();
  EXPECT_EQ(s.Told(), "FIN,PSH,ACK 1:11(10) ack 1");
  s.Arrives({.ack = 11});
  s.NextFires();
  EXPECT_EQ(s.Told(), "FIN,ACK 11 ack 1");
}

//= MUST-36 type=test
//= SHLD-29 type=test
//= SHLD-30 type=test
TEST(ProbeTest, AClosedWindowIsProbedWithBackOff) {
  Subject s;
  s.Establish(0);
  s.Do(Send{5000});
  EXPECT_EQ(s.Told(), "");
  std::vector<int64_t> gaps;
  for (int i = 0; i < 8; ++i) {
    gaps.push_back(s.NextFires().ns() / 1'000'000'000);
    EXPECT_EQ(s.Told(), "ACK 1:2(1) ack 1");
    s.Arrives({.window = 0});
    EXPECT_EQ(s.Told(), "");
  }
  EXPECT_THAT(gaps, ElementsAre(1, 2, 4, 8, 16, 32, 60, 60));
}

//= MUST-37 type=test
TEST(ProbeTest, GoesOnForEverWhileProbesAreAnsweredAndNotWhenTheyAreNot) {
  Subject s;
  s.Establish(0);
  s.Do(Send{5000});
  for (int i = 0; i < 1000; ++i) {
    s.NextFires();
    s.Arrives({.window = 0});
  }
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  const Instant silent = s.now;
  while (s.tcb.state == State::kEstablished) s.NextFires();
  EXPECT_GE((s.now - silent).ns(), Sec(100).ns());
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

TEST(ProbeTest, WhenTheWindowOpensTheProbedOctetGoesAgainWithTheRest) {
  Subject s;
  s.Establish(0);
  s.Do(Send{2000});
  s.NextFires();
  s.Arrives({.window = 0});
  s.Arrives({.window = 5000});
  EXPECT_EQ(s.Told(), "ACK 1:1461(1460) ack 1");
  s.Arrives({.ack = 1461, .window = 5000});
  EXPECT_EQ(s.Told(), "PSH,ACK 1461:2001(540) ack 1");
}

TEST(ProbeTest, AnOctetThatThePeerTookAfterAllIsNotSentAgain) {
  Subject s;
  s.Establish(0);
  s.Do(Send{2000});
  s.NextFires();
  s.Arrives({.ack = 2, .window = 5000});
  EXPECT_EQ(s.Told(), "ACK 2:1462(1460) ack 1");
}

TEST(ProbeTest, AFinAloneIsItsOwnProbe) {
  Subject s;
  s.Establish(0);
  s.Do(Close{});
  EXPECT_EQ(s.Told(), "");
  s.NextFires();
  EXPECT_EQ(s.Told(), "FIN,ACK 1 ack 1");
  s.Arrives({.ack = 2, .window = 0});
  EXPECT_EQ(s.tcb.state, State::kFinWait2);
}

TEST(ProbeTest, TwoEndsThatProbeEachOtherHearOfEachOther) {
  // The peer has probed too; our ACK must not stand behind its closed window.
  Subject s;
  s.Establish(0);
  s.Do(Send{10});
  s.NextFires();
  s.Arrives({.seq = 0, .text = 1, .window = 0});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
}

TEST(AckTest, StandsBehindWhatWasSentThoughAnOlderAckHasTakenTheWindowBack) {
  Subject s;
  s.Establish(512);
  s.Do(Send{512});
  // It was sent before the window opened, and came behind the one that opened it.
  s.Arrives({.window = 0});
  s.Arrives({.text = 1, .window = 0});
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 513 ack 2");
}

TEST(AckTest, ThatAnswersAnEmptySegmentStandsWhereItsSenderLooks) {
  struct Case {
    int64_t ack;
    uint16_t window;
    const char* answer;
  };
  // 512 octets have filled the window. The peer has none of them, some, or all.
  constexpr Case kCases[] = {{1, 512, "ACK 512 ack 1"},
                             {1, 513, "ACK 513 ack 1"},
                             {1, 100, "ACK 100 ack 1"},
                             {1, 1, "ACK 1 ack 1"},
                             {1, 0, "ACK 1 ack 1"},
                             {101, 412, "ACK 512 ack 1"},
                             {101, 0, "ACK 101 ack 1"},
                             {513, 0, "ACK 513 ack 1"},
                             {513, 512, "ACK 513 ack 1"},
                             {1, 0xffff, "ACK 513 ack 1"},
                             // What the peer cannot mean says nothing of where it looks.
                             {514, 512, "ACK 513 ack 1"},
                             {0, 512, "ACK 513 ack 1"}};
  for (const Case& c : kCases) {
    Subject s;
    s.Establish(512);
    s.Do(Send{512});
    s.Arrives({.seq = 0, .ack = c.ack, .window = c.window});
    EXPECT_EQ(s.Told(), c.answer) << c.ack << ' ' << c.window;
    EXPECT_EQ(s.tcb.snd.una, SndSeq(s.iss + 1)) << "not acceptable, and so not looked at";
    // With text it is no answer, and is answered from SND.NXT.
    s.Arrives({.seq = 0, .ack = c.ack, .text = 1, .window = c.window});
    EXPECT_EQ(s.Told(), "ACK 513 ack 1");
  }
}

//= U-3.10.7.4-ACK2 type=test
TEST(AckTest, AnAckOfWhatWasNeverSentIsAnsweredAndNothingOfItsSegmentTaken) {
  Subject s;
  s.Establish();
  s.Arrives({.ack = 2, .text = 10});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  EXPECT_EQ(Readable(s.tcb), 0u);
}

//= MAY-12 type=test
//= U-3.10.7.4-ACK1 type=test
TEST(AckTest, AVeryOldAckIsChallengedIfThePolicySaysSo) {
  for (bool refuse : {false, true}) {
    Subject s(refuse ? Policy::Hardened() : Policy::Rfc9293());
    s.Establish(1000);
    s.Arrives({.ack = 1 - 1001, .text = 10, .window = 1000});
    EXPECT_EQ(Readable(s.tcb), refuse ? 0u : 10u);
  }
}

TEST(WrapTest, SendingGoesOverTheEndOfTheNumbers) {
  Subject s(Policy::Rfc9293(), 0xffff'ff00, 0xffff'ff00);
  s.Establish();
  int64_t at = 1;
  for (int i = 0; i < 10; ++i) {
    s.Do(Send{1000});
    at += 1000;
    s.Arrives({.ack = at});
    EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
  }
  EXPECT_EQ(s.tcb.snd.una, SndSeq(0xffff'ff00 + 10'001));
  s.Do(Close{});
  s.Arrives({.ack = at + 1});
  EXPECT_EQ(s.tcb.state, State::kFinWait2);
}

//= MUST-21 type=test
TEST(ProbeTest, TheUsersTimeOutHoldsForProbesToo) {
  Subject s;
  s.Establish(0);
  s.Do(SetUserTimeout{Sec(30)});
  s.Do(Send{100});
  s.NextFires();
  const Instant first = s.now;
  while (s.tcb.state == State::kEstablished) {
    EXPECT_EQ(s.Told(), "ACK 1:2(1) ack 1");
    s.NextFires();
  }
  EXPECT_GE(s.now - first, Sec(30));
  EXPECT_LE(s.now - first, Sec(60));
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

//= SHLD-30 type=test
TEST(ProbeTest, NoneIsForgottenHoweverManyGoUnanswered) {
  Policy policy = Policy::Rfc9293();
  policy.r2_probes = 255;
  policy.r2 = Sec(300 * 60);
  Subject s(policy);
  s.Establish(0);
  s.Do(Send{100});
  int probes = 0;
  for (; s.tcb.state == State::kEstablished; ++probes) s.NextFires();
  EXPECT_GT(probes, 300);
  EXPECT_LT(probes, 320) << "the count has not started again";
}

TEST(FinTest, WaitsForRoomInTheWindowLikeAnOctet) {
  Subject s;
  s.Establish(0);
  s.Do(Send{100});
  s.Do(Close{});
  s.Arrives({.window = 100});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:101(100) ack 1");
  s.Arrives({.ack = 101, .window = 100});
  EXPECT_EQ(s.Told(), "FIN,ACK 101 ack 1");
}

//= MUST-67 type=test
TEST(MssTest, ALinkThatCarriesNothingLeavesTheFloor) {
  Subject s;
  s.OpenActive(wire::IpFamily::kIpv4, 40);
  EXPECT_EQ(s.sent[0].options.mss, s.policy.mss_floor);
}

//= 7323:2.3 type=test
TEST(WindowTest, OurShiftIsFourteenAtMost) {
  Policy policy = Policy::Rfc9293();
  policy.window_scale = true;
  policy.receive_buffer = 1u << 31;
  Subject s(policy);
  s.OpenActive();
  EXPECT_EQ(s.sent[0].options.window_scale, 14);
}

}  // namespace
}  // namespace assay::tcp
