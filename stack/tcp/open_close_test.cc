// Opening and closing (RFC 9293, 3.5 and 3.6).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

//= 3.10.7.3#check-ack type=test
TEST(OpenTest, AnUnacceptableAckInSynSentDrawsResetAndIsOtherwiseIgnored) {
  for (int64_t ack : {0, 2, -1}) {
    Subject s;
    s.OpenActive();
    EXPECT_EQ(s.Told(), "SYN 0");
    s.Arrives({.control = kSyn | kAck, .seq = 0, .ack = ack});
    EXPECT_EQ(s.sent.size(), 1u);
    EXPECT_EQ(s.sent[0].control, kRst);
    EXPECT_EQ(s.sent[0].seq, SndSeq(s.iss + static_cast<uint32_t>(ack)));
    EXPECT_EQ(s.tcb.state, State::kSynSent);
    s.Arrives({.control = kRst | kAck, .seq = 0, .ack = ack});
    EXPECT_EQ(s.Told(), "");
    EXPECT_EQ(s.tcb.state, State::kSynSent);
  }
}

//= U-3.10.7.3-1 type=test
TEST(OpenTest, ResetInSynSentCountsWithAnAcceptableAckWhateverItsSequenceNumber) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kRst, .seq = 0, .ack = 1});
  EXPECT_EQ(s.tcb.state, State::kSynSent);
  s.Arrives({.control = kRst | kAck, .seq = 12345, .ack = 1});
  EXPECT_EQ(s.tcb.state, State::kClosed);
  EXPECT_TRUE(s.Signalled(Signal::kRefused));
}

TEST(OpenTest, AnAckAloneInSynSentIsDropped) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kAck, .seq = 1, .ack = 1});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.control = kFin | kAck, .seq = 1, .ack = 1, .text = 5});
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.state, State::kSynSent);
  EXPECT_EQ(s.NextFires(), Duration::Seconds(1));
  EXPECT_EQ(s.Told(), "SYN 0");
}

//= MUST-10 type=test
TEST(OpenTest, SimultaneousOpenCompletesOnSynAckAtIrs) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  EXPECT_EQ(s.Told(), "SYN,ACK 0 ack 1");
  EXPECT_EQ(s.tcb.state, State::kSynReceived);
  s.Arrives({.control = kSyn | kAck, .seq = 0, .ack = 1});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  EXPECT_EQ(s.Told(), "");
}

TEST(OpenTest, SimultaneousOpenCompletesOnAPlainAckToo) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  s.Arrives({});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
}

TEST(OpenTest, ARepeatedSynIsAnsweredAsThePolicySays) {
  Subject s;
  s.Play(State::kSynReceived);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  EXPECT_EQ(s.Told(), "SYN,ACK 0 ack 1");
  Subject old(Policy::Rfc793());
  old.Play(State::kSynReceived);
  old.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  EXPECT_EQ(old.Told(), "ACK 1 ack 1");
}

TEST(OpenTest, ASynInTheWindowTakesAPassiveOpenBackToListen) {
  Subject s;
  s.Play(State::kSynReceived);
  s.Arrives({.control = kSyn, .seq = 100, .ack = 0});
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.state, State::kListen);
}

//= MUST-11 type=test
TEST(OpenTest, ResetInSynReceivedReturnsToListenOrRefusesByOrigin) {
  Subject passive;
  passive.Play(State::kSynReceived);
  passive.Arrives({.control = kRst, .seq = 1});
  EXPECT_EQ(passive.tcb.state, State::kListen);
  EXPECT_TRUE(passive.Signalled(Signal::kReturnedToListen));
  Subject active;
  active.OpenActive();
  active.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  active.Arrives({.control = kRst, .seq = 1});
  EXPECT_EQ(active.tcb.state, State::kClosed);
  EXPECT_TRUE(active.Signalled(Signal::kRefused));
}

//= 3.10.7.4#check-ack type=test
TEST(OpenTest, APassiveOpenThatCameToNothingLeavesNothingToTheNextPeer) {
  Policy policy = Policy::Rfc9293();
  policy.window_scale = true;
  policy.receive_buffer = 1 << 20;
  Subject s(policy);
  s.Play(State::kSynReceived);  // a peer that scales no windows
  s.Do(Send{100});
  s.NextFires();
  s.Arrives({.control = kRst, .ack = 0});
  ASSERT_EQ(s.tcb.state, State::kListen);

  wire::OptionSet options;
  options.window_scale = 2;
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0, .options = options});
  ASSERT_EQ(s.Told(), "SYN,ACK 0 ack 1");
  EXPECT_EQ(s.sent[0].options.window_scale, 5);
  EXPECT_EQ(NextTimer(s.tcb) - s.now, policy.rto_initial);
  s.Arrives({});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  EXPECT_EQ(s.Told(), "");
}

TEST(TimerTest, MoreThanOneStepCanHoldIsDueAtOnce) {
  Subject s;
  s.Play(State::kEstablished);
  EXPECT_EQ(NextTimer(s.tcb), kNever);
  s.tcb.more_to_send = true;
  EXPECT_EQ(NextTimer(s.tcb), Instant());
}

TEST(OpenTest, ABadAckInSynReceivedDrawsResetAndKeepsTheState) {
  for (int64_t ack : {0, 2}) {
    Subject s;
    s.Play(State::kSynReceived);
    s.Arrives({.ack = ack});
    ASSERT_EQ(s.sent.size(), 1u);
    EXPECT_EQ(s.sent[0].control, kRst);
    EXPECT_EQ(s.sent[0].seq, SndSeq(s.iss + static_cast<uint32_t>(ack)));
    EXPECT_EQ(s.tcb.state, State::kSynReceived);
  }
}

//= U-3.10.7.3-2 type=test
TEST(OpenTest, TextAndFinOnTheSynAckAreTaken) {
  Subject s;
  s.OpenActive();
  s.Arrives({.control = kSyn | kAck | kFin, .seq = 0, .text = 10});
  EXPECT_EQ(s.tcb.state, State::kCloseWait);
  EXPECT_EQ(s.Told(), "ACK 1 ack 12");
  EXPECT_EQ(Readable(s.tcb), 10u);
}

TEST(OpenTest, WhatIsSentBeforeTheHandshakeEndsGoesWhenItHas) {
  Subject s;
  s.OpenActive();
  s.Do(Send{100});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.control = kSyn | kAck, .seq = 0});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:101(100) ack 1");
}

TEST(OpenTest, CloseInSynReceivedSendsFinBeforeTheHandshakeIsOver) {
  Subject s;
  s.Play(State::kSynReceived);
  s.Do(Close{});
  EXPECT_EQ(s.Told(), "FIN,ACK 1 ack 1");
  EXPECT_EQ(s.tcb.state, State::kFinWait1);
  // An ACK of the SYN alone brings the window and leaves the FIN outstanding.
  s.Arrives({.ack = 1, .window = 777});
  EXPECT_EQ(s.tcb.state, State::kFinWait1);
  EXPECT_EQ(s.tcb.snd.wnd, 777u);
  s.Arrives({.ack = 2});
  EXPECT_EQ(s.tcb.state, State::kFinWait2);
}

TEST(OpenTest, CloseInSynReceivedWaitsForTextThatWasGivenToSend) {
  Subject s;
  s.Play(State::kSynReceived);
  s.Do(Send{10});
  s.Do(Close{});
  EXPECT_EQ(s.tcb.state, State::kSynReceived);
  s.Arrives({});
  EXPECT_EQ(s.Told(), "FIN,PSH,ACK 1:11(10) ack 1");
  EXPECT_EQ(s.tcb.state, State::kFinWait1);
}

//= 3.6 type=test
TEST(CloseTest, SimultaneousCloseGoesThroughClosing) {
  Subject s;
  s.Play(State::kFinWait1);
  s.Arrives({.control = kFin | kAck});
  EXPECT_EQ(s.tcb.state, State::kClosing);
  EXPECT_EQ(s.Told(), "ACK 2 ack 2");
  s.Arrives({.seq = 2, .ack = 2});
  EXPECT_EQ(s.tcb.state, State::kTimeWait);
}

TEST(CloseTest, AFinThatAcknowledgesOursEntersTimeWaitAtOnce) {
  Subject s;
  s.Play(State::kFinWait1);
  s.Arrives({.control = kFin | kAck, .ack = 2});
  EXPECT_EQ(s.tcb.state, State::kTimeWait);
  EXPECT_EQ(s.Told(), "ACK 2 ack 2");
}

TEST(CloseTest, LastAckEndsWithTheAckOfTheFinAndNotBefore) {
  Subject s;
  s.Play(State::kCloseWait);
  s.Do(Send{100});
  s.Do(Close{});
  EXPECT_EQ(s.Told(), "FIN,ACK 101 ack 2");
  EXPECT_EQ(s.tcb.state, State::kLastAck);
  s.Arrives({.seq = 2, .ack = 101});
  EXPECT_EQ(s.tcb.state, State::kLastAck);
  s.Arrives({.seq = 2, .ack = 102});
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

TEST(CloseTest, CloseWaitsInCloseWaitUntilTheWindowLetsTheFinGo) {
  Subject s;
  s.Establish(100);
  s.Arrives({.control = kFin | kAck, .window = 100});
  s.Do(Send{100});
  s.Do(Close{});
  EXPECT_EQ(s.tcb.state, State::kCloseWait);
  s.Arrives({.seq = 2, .ack = 101, .window = 100});
  EXPECT_EQ(s.Told(), "FIN,ACK 101 ack 2");
  EXPECT_EQ(s.tcb.state, State::kLastAck);
}

TEST(CloseTest, HalfCloseLeavesReceivingIntact) {
  Subject s;
  s.Play(State::kFinWait2);
  s.Arrives({.ack = 2, .text = 100});
  EXPECT_EQ(Readable(s.tcb), 100u);
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 2 ack 101");
}

TEST(CloseTest, SendAfterCloseIsRefused) {
  Subject s;
  s.Play(State::kFinWait1);
  s.Do(Send{1});
  EXPECT_EQ(s.out.answer, Answer::kClosing);
}

//= MUST-13 type=test
TEST(TimeWaitTest, LastsTwoMslFromTheLastFinOfThePeer) {
  Subject s;
  s.Play(State::kTimeWait);
  s.now = s.now + Duration::Seconds(100);
  s.Arrives({.control = kFin | kAck, .seq = 1, .ack = 2});
  EXPECT_EQ(s.Told(), "ACK 2 ack 2");
  EXPECT_EQ(s.NextFires(), Duration::Seconds(240));
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

TEST(TimeWaitTest, AnAckAloneIsNotAnswered) {
  Subject s;
  s.Play(State::kTimeWait);
  s.Arrives({.seq = 2, .ack = 2});
  EXPECT_EQ(s.Told(), "");
}

//= 1337:3 type=test
TEST(TimeWaitTest, ResetEndsItUnlessRfc1337IsFollowed) {
  Subject s;
  s.Play(State::kTimeWait);
  s.Arrives({.control = kRst, .seq = 2});
  EXPECT_EQ(s.tcb.state, State::kClosed);
  Subject hardened(Policy::Hardened());
  hardened.Play(State::kTimeWait);
  hardened.Arrives({.control = kRst, .seq = 2});
  EXPECT_EQ(hardened.tcb.state, State::kTimeWait);
}

TEST(AbortTest, SendsResetAtSndNxtWhereThePeerKnowsOfTheConnection) {
  for (State state : {State::kSynReceived, State::kEstablished, State::kFinWait1, State::kFinWait2,
                      State::kCloseWait}) {
    Subject s;
    s.Play(state);
    const SndSeq nxt = s.tcb.snd.nxt;
    s.Do(Abort{});
    ASSERT_EQ(s.sent.size(), 1u) << spec::Name(state);
    EXPECT_EQ(s.sent[0].control, kRst | kAck);
    EXPECT_EQ(s.sent[0].seq, nxt);
    EXPECT_EQ(s.tcb.state, State::kClosed);
  }
  for (State state :
       {State::kListen, State::kSynSent, State::kClosing, State::kLastAck, State::kTimeWait}) {
    Subject s;
    s.Play(state);
    s.Do(Abort{});
    EXPECT_EQ(s.Told(), "") << spec::Name(state);
    EXPECT_EQ(s.tcb.state, State::kClosed);
  }
}

//= SHLD-3 type=test
//= MAY-1 type=test
TEST(LetGoTest, HalfDuplexCloseResetsWhenTextIsLost) {
  Policy policy;
  policy.let_go = LetGo::kHalfDuplex;
  Subject unread(policy);
  unread.Establish();
  unread.Arrives({.text = 10});
  unread.Do(Close{Reader::kGone});
  EXPECT_EQ(unread.Told(), "RST,ACK 1 ack 11");
  EXPECT_EQ(unread.tcb.state, State::kClosed);
  Subject later(policy);
  later.Establish();
  later.Do(Close{Reader::kGone});
  EXPECT_EQ(later.Told(), "FIN,ACK 1 ack 1");
  later.Arrives({.ack = 2, .text = 10});
  EXPECT_EQ(later.Told(), "RST,ACK 2 ack 1");
  EXPECT_EQ(later.tcb.state, State::kClosed);
}

TEST(LetGoTest, FullDuplexCloseAcknowledgesAndDiscards) {
  Subject s;
  s.Establish();
  s.Do(Close{Reader::kGone});
  for (int64_t i = 0; i < 100; ++i) s.Arrives({.seq = 1 + 1460 * i, .ack = 2, .text = 1460});
  EXPECT_EQ(s.tcb.rcv.nxt, RcvSeq(s.irs + 1 + 146'000));
  EXPECT_GT(s.tcb.rcv.wnd, 60'000u);
}

TEST(TimeWaitTest, AFinAgainRestartsItOnlyIfThePolicySaysSo) {
  for (bool restart : {true, false}) {
    for (int64_t seq : {1, 2}) {  // the FIN once more, and one that claims the next place
      Policy policy = Policy::Rfc9293();
      policy.restart_time_wait = restart;
      Subject s(policy);
      s.Play(State::kTimeWait);
      const Instant before = s.tcb.timer.time_wait;
      s.now = s.now + Duration::Seconds(10);
      s.Arrives({.control = kFin | kAck, .seq = seq, .ack = 2});
      EXPECT_EQ(s.Told(), "ACK 2 ack 2");
      EXPECT_EQ(s.tcb.timer.time_wait, restart ? before + Duration::Seconds(10) : before);
    }
  }
}

}  // namespace
}  // namespace assay::tcp
