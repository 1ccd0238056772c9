// The user's calls (RFC 9293, 3.9.1 and 3.10.1 to 3.10.6) in the eleven states.

#include "stack/tcp/user_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "stack/tcp/status.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

// What a call is told in each state, in the order of kAllStates; LISTEN is of a passive OPEN
// without a peer.
using Answers = std::array<Answer, spec::kStateCount>;
constexpr Answer kOk = Answer::kOk;
constexpr Answer kNone = Answer::kDoesNotExist;
constexpr Answer kExists = Answer::kAlreadyExists;
constexpr Answer kClosing = Answer::kClosing;
constexpr Answer kNobody = Answer::kRemoteUnspecified;

void ExpectAnswers(const Event& call, const Answers& answers) {
  for (size_t i = 0; i < spec::kAllStates.size(); ++i) {
    Subject s;
    s.Play(spec::kAllStates[i]);
    s.Do(call);
    EXPECT_EQ(Name(s.out.answer), Name(answers[i])) << spec::Name(spec::kAllStates[i]);
  }
}

// CLOSED, LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING,
// LAST-ACK, TIME-WAIT.
static_assert(spec::kAllStates[3] == State::kSynReceived);
static_assert(spec::kAllStates[7] == State::kCloseWait);

//= 3.10.1 type=test
//= MUST-41 type=test
TEST(OpenCallTest, IsAnsweredByState) {
  ExpectAnswers(Open{}, {kOk, kOk, kExists, kExists, kExists, kExists, kExists, kExists, kExists,
                         kExists, kExists});
  ExpectAnswers(Open{.mode = OpenMode::kPassive}, {kOk, kExists, kExists, kExists, kExists, kExists,
                                                   kExists, kExists, kExists, kExists, kExists});
  ExpectAnswers(Open{.remote = Flag::kNo}, {kNobody, kNobody, kExists, kExists, kExists, kExists,
                                            kExists, kExists, kExists, kExists, kExists});
}

TEST(OpenCallTest, TurnsAListenerActive) {
  Subject s;
  s.OpenPassive();
  s.Do(Open{.iss = SndSeq(s.iss)});
  EXPECT_EQ(s.Told(), "SYN 0");
  EXPECT_EQ(s.tcb.state, State::kSynSent);
  EXPECT_EQ(s.tcb.origin, Origin::kActive);
}

//= 3.10.2 type=test
TEST(SendCallTest, IsAnsweredByState) {
  ExpectAnswers(Send{10}, {kNone, kNobody, kOk, kOk, kOk, kClosing, kClosing, kOk, kClosing,
                           kClosing, kClosing});
}

//= 3.10.2 type=test
TEST(SendCallTest, InListenItTurnsActiveIfThePeerIsKnown) {
  Subject s;
  s.OpenPassive(Flag::kYes);
  s.Do(Send{10});
  EXPECT_EQ(s.out.answer, kOk);
  EXPECT_EQ(s.out.accepted, (StreamRange{0, 10}));
  EXPECT_EQ(s.Told(), "SYN 0");
  EXPECT_EQ(s.tcb.state, State::kSynSent);
  s.Arrives({.control = kSyn | kAck, .seq = 0});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:11(10) ack 1");
  // The open was active from then on.
  Subject refused;
  refused.OpenPassive(Flag::kYes);
  refused.Do(Send{10});
  refused.Arrives({.control = kRst | kAck, .seq = 0, .ack = 1});
  EXPECT_EQ(refused.tcb.state, State::kClosed);
  EXPECT_EQ(refused.out.queued, Answer::kRefused);
}

TEST(SendCallTest, ASecondConnectionOfAListenerStartsWithAnEmptyQueue) {
  Subject s;
  s.OpenPassive(Flag::kYes);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  s.Do(Send{100});
  s.Arrives({.control = kRst, .seq = 1});
  EXPECT_EQ(s.tcb.state, State::kListen);
  EXPECT_EQ(s.out.queued, Answer::kReset);
  s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  s.Arrives({});
  EXPECT_EQ(s.Told(), "");
}

TEST(SendCallTest, ABufferThatIsFullSaysSo) {
  Subject s;
  s.Establish(0);
  s.Do(Send{s.policy.send_buffer});
  EXPECT_EQ(s.out.answer, kOk);
  s.Do(Send{1});
  EXPECT_EQ(s.out.answer, Answer::kInsufficientResources);
}

//= 3.10.3 type=test
TEST(ReceiveCallTest, IsAnsweredByState) {
  // Without the queue what cannot be had now is refused; with it, it waits.
  constexpr Answer kRoom = Answer::kInsufficientResources;
  ExpectAnswers(Receive{10}, {kNone, kRoom, kRoom, kRoom, kRoom, kRoom, kRoom, kClosing, kClosing,
                              kClosing, kClosing});
  ExpectAnswers(Receive{10, Queue::kYes},
                {kNone, kOk, kOk, kOk, kOk, kOk, kOk, kClosing, kClosing, kClosing, kClosing});
}

//= 3.10.3 type=test
TEST(ReceiveCallTest, AQueuedOneIsCompletedWhenItsOctetsAreThere) {
  for (State state : {State::kListen, State::kSynReceived, State::kEstablished}) {
    Subject s;
    s.Play(state);
    s.Do(Receive{10, Queue::kYes});
    EXPECT_EQ(s.out.delivered.size, 0u);
    if (state == State::kListen) s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
    if (state != State::kEstablished) s.Arrives({});
    s.Arrives({.text = 6});
    EXPECT_FALSE(s.Signalled(Signal::kReceived));
    s.Do(Receive{1});
    EXPECT_EQ(s.out.answer, Answer::kInsufficientResources) << "the queued one goes first";
    s.Arrives({.seq = 7, .text = 6});
    EXPECT_TRUE(s.Signalled(Signal::kReceived));
    EXPECT_EQ(s.out.delivered, (StreamRange{0, 10}));
    EXPECT_FALSE(s.out.pushed);
    s.Do(Receive{10});
    EXPECT_EQ(s.out.delivered, (StreamRange{10, 2}));
  }
}

//= MAY-17 type=test
TEST(ReceiveCallTest, APushCompletesWhatIsQueuedAndIsPassedOn) {
  Subject s;
  s.Establish();
  s.Do(Receive{1000, Queue::kYes});
  s.Arrives({.control = kAck | kPsh, .text = 6});
  EXPECT_TRUE(s.Signalled(Signal::kReceived));
  EXPECT_EQ(s.out.delivered, (StreamRange{0, 6}));
  EXPECT_TRUE(s.out.pushed);
}

TEST(ReceiveCallTest, TheEndOfTheStreamCompletesWhatIsQueued) {
  Subject some;
  some.Establish();
  some.Do(Receive{1000, Queue::kYes});
  some.Arrives({.control = kAck | kFin, .text = 6});
  EXPECT_EQ(some.out.delivered, (StreamRange{0, 6}));
  Subject none;
  none.Establish();
  none.Do(Receive{1000, Queue::kYes});
  none.Arrives({.control = kAck | kFin});
  EXPECT_EQ(none.out.queued, kClosing);
}

//= MUST-30 type=test
//= MUST-33 type=test
TEST(ReceiveCallTest, SaysWhetherAndHowMuchUrgentDataIsLeft) {
  Subject s;
  s.Establish();
  s.Arrives({.control = kAck | kUrg, .text = 100, .urgent = 60});
  EXPECT_TRUE(s.Signalled(Signal::kUrgent));
  EXPECT_EQ(StatusOf(s.tcb, s.policy).urgent_ahead, 60u);
  s.Do(Receive{59});
  EXPECT_TRUE(s.out.urgent);
  EXPECT_EQ(StatusOf(s.tcb, s.policy).urgent_ahead, 1u);
  s.Do(Receive{1});
  EXPECT_FALSE(s.out.urgent);
  EXPECT_EQ(StatusOf(s.tcb, s.policy).urgent_ahead, 0u);
}

//= 3.10.4 type=test
TEST(CloseCallTest, IsAnsweredByState) {
  ExpectAnswers(Close{},
                {kNone, kOk, kOk, kOk, kOk, kClosing, kClosing, kOk, kClosing, kClosing, kClosing});
}

//= 3.10.4 type=test
TEST(CloseCallTest, BeforeThereIsAConnectionWhatIsQueuedIsToldThatItCloses) {
  for (State state : {State::kListen, State::kSynSent}) {
    Subject s;
    s.Play(state);
    s.Do(Receive{10, Queue::kYes});
    s.Do(Close{});
    EXPECT_EQ(s.out.queued, kClosing) << spec::Name(state);
    EXPECT_EQ(s.tcb.state, State::kClosed);
    EXPECT_EQ(s.Told(), "");
  }
  Subject s;
  s.OpenActive();
  s.Do(Send{10});
  s.Do(Close{});
  EXPECT_EQ(s.out.queued, kClosing);
}

TEST(CloseCallTest, AResetAfterAClosedPassiveOpenLeavesNothingListening) {
  Subject s;
  s.Play(State::kSynReceived);
  s.Do(Send{10});
  s.Do(Close{});
  ASSERT_EQ(s.tcb.state, State::kSynReceived);
  s.Arrives({.control = kRst, .seq = 1});
  EXPECT_EQ(s.tcb.state, State::kClosed);
  EXPECT_EQ(s.out.queued, Answer::kReset);
}

TEST(CloseCallTest, ASecondOneSendsNoSecondFin) {
  for (State state :
       {State::kFinWait1, State::kFinWait2, State::kClosing, State::kLastAck, State::kTimeWait}) {
    Subject s;
    s.Play(state);
    s.Do(Close{});
    EXPECT_EQ(s.Told(), "") << spec::Name(state);
    EXPECT_EQ(s.tcb.state, state);
  }
}

//= 3.10.5 type=test
TEST(AbortCallTest, IsAnsweredByState) {
  ExpectAnswers(Abort{}, {kNone, kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk});
}

//= 3.10.5 type=test
TEST(AbortCallTest, WhatIsQueuedIsToldOfAReset) {
  for (State state : {State::kListen, State::kSynSent, State::kSynReceived, State::kEstablished}) {
    Subject s;
    s.Play(state);
    s.Do(Receive{10, Queue::kYes});
    s.Do(Abort{});
    EXPECT_EQ(s.out.queued, Answer::kReset) << spec::Name(state);
  }
}

TEST(AbortCallTest, APeerThatResetsTellsTheSame) {
  Subject s;
  s.Establish();
  s.Do(Send{10});
  s.Arrives({.control = kRst, .seq = 1});
  EXPECT_EQ(s.out.queued, Answer::kReset);
}

//= P-3.10.8-USERTO type=test
TEST(UserTimeoutTest, WhatIsQueuedIsToldThatItTimedOut) {
  Subject s;
  s.Establish();
  s.Do(SetUserTimeout{Duration::Seconds(5)});
  s.Do(Send{10});
  while (s.tcb.state != State::kClosed) s.NextFires();
  EXPECT_EQ(s.out.queued, Answer::kTimedOut);
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

//= MAY-14 type=test
TEST(FlushCallTest, ForgetsWhatTheWindowDoesNotCover) {
  Subject s;
  s.Establish(100);
  s.Do(Send{1000});
  ASSERT_EQ(s.Told(), "ACK 1:101(100) ack 1");
  s.Do(Flush{});
  s.Arrives({.ack = 101, .window = 5000});
  EXPECT_EQ(s.Told(), "");
  s.Do(Send{10});
  EXPECT_EQ(s.out.accepted.offset, 100u) << "no number was lost";
  EXPECT_EQ(s.Told(), "PSH,ACK 101:111(10) ack 1");
}

TEST(FlushCallTest, LeavesNoProbeForNothing) {
  Subject s;
  s.Establish(0);
  s.Do(Send{1000});
  EXPECT_NE(s.tcb.timer.persist, kNever);
  s.Do(Flush{});
  EXPECT_EQ(NextTimer(s.tcb), kNever);
}

//= 3.10.6 type=test
TEST(StatusTest, SaysAllThatTheRfcLists) {
  Subject s;
  EXPECT_EQ(StatusOf(s.tcb, s.policy).answer, kNone);
  s.Establish(2000);
  s.Do(SetUserTimeout{Duration::Seconds(77)});
  s.Do(Send{3000, Flag::kYes, Flag::kYes});
  s.Arrives({.text = 300, .window = 2000});
  const Status status = StatusOf(s.tcb, s.policy);
  EXPECT_EQ(status.answer, kOk);
  EXPECT_EQ(status.state, State::kEstablished);
  EXPECT_EQ(status.send_window, 2000u);
  EXPECT_EQ(status.receive_window, 65535u - 300);
  EXPECT_EQ(status.awaiting_acknowledgment + status.waiting_to_be_sent, 3000u);
  EXPECT_GT(status.awaiting_acknowledgment, 0u);
  EXPECT_EQ(status.urgent_unacknowledged, 3000u);
  EXPECT_EQ(status.pending_receipt, 300u);
  EXPECT_EQ(status.max_segment, 1460u);
  EXPECT_EQ(status.transmission_timeout, Duration::Seconds(77));
}

TEST(StatusTest, CountsNeitherSynNorFin) {
  for (State state : spec::kAllStates) {
    Subject s;
    s.Play(state);
    const Status status = StatusOf(s.tcb, s.policy);
    EXPECT_EQ(status.state, state);
    EXPECT_EQ(status.awaiting_acknowledgment, 0u) << spec::Name(state);
    EXPECT_EQ(status.waiting_to_be_sent, 0u) << spec::Name(state);
    EXPECT_EQ(status.pending_receipt, 0u) << spec::Name(state);
  }
}

//= 3.10.3 type=test
TEST(ReceiveCallTest, WhatIsThereOrWasPushedIsNotQueued) {
  Subject s;
  s.Establish();
  s.Arrives({.control = kAck, .text = 10});
  s.Do(Receive{.octets = 10, .queue = Queue::kYes});
  EXPECT_EQ(s.out.delivered.size, 10u);
  EXPECT_EQ(s.tcb.rcv.wanted, 0u);
  s.Arrives({.control = kPsh | kAck, .seq = 11, .text = 10});
  s.Do(Receive{.octets = 100, .queue = Queue::kYes});
  EXPECT_EQ(s.out.delivered.size, 10u);
  EXPECT_TRUE(s.out.pushed);
  EXPECT_EQ(s.tcb.rcv.wanted, 0u);
}

TEST(ReceiveCallTest, AQueuedOneThatEmptiesTheBufferOpensTheWindow) {
  Policy policy = Policy::Rfc9293();
  policy.receive_buffer = 4096;
  Subject s(policy);
  s.Establish();
  s.Do(Receive{.octets = 4096, .queue = Queue::kYes});
  s.Arrives({.text = 1460});
  s.Arrives({.seq = 1461, .text = 1460});
  s.Arrives({.seq = 2921, .text = 1176});
  EXPECT_TRUE(s.Signalled(Signal::kReceived));
  ASSERT_FALSE(s.sent.empty());
  EXPECT_EQ(s.sent.back().window, 4096);
  EXPECT_EQ(s.sent.back().ack, RcvSeq(s.irs + 4097));
}

TEST(FlushCallTest, TakesPushAndUrgencyBackWithTheOctets) {
  Subject s;
  s.Establish(100);
  s.Do(Send{.octets = 1000, .push = Flag::kYes, .urgent = Flag::kYes});
  s.Do(Flush{});
  EXPECT_EQ(s.tcb.snd.push, SndSeq(s.iss + 101));
  EXPECT_EQ(s.tcb.snd.up, SndSeq(s.iss + 101));
}

}  // namespace
}  // namespace assay::tcp
