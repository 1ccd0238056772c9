// What comes in: acceptability, resets, SYNs, text in and out of order, acknowledgments, windows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/tcp/invariants.h"
#include "stack/tcp/reassembly.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

constexpr State kSynchronized[] = {State::kEstablished, State::kFinWait1, State::kFinWait2,
                                   State::kCloseWait,   State::kClosing,  State::kLastAck,
                                   State::kTimeWait};

//= 3.10.7.4#check-rst type=test
//= 5961:3.2 type=test
TEST(ResetTest, ExactClosesInTheWindowIsChallengedAndOutsideIsIgnored) {
  for (State state : kSynchronized) {
    Subject start;
    start.Play(state);
    const int64_t nxt = start.tcb.rcv.nxt.wire() - start.irs;
    Subject exact = start;
    exact.Arrives({.control = kRst, .seq = nxt});
    EXPECT_EQ(exact.tcb.state, State::kClosed) << spec::Name(state);
    const bool over =
        state == State::kClosing || state == State::kLastAck || state == State::kTimeWait;
    EXPECT_EQ(exact.Signalled(Signal::kReset), !over);
    EXPECT_EQ(exact.Told(), "");
    Subject near = start;
    near.Arrives({.control = kRst, .seq = nxt + 1});
    EXPECT_EQ(near.tcb.state, state);
    ASSERT_EQ(near.sent.size(), 1u) << spec::Name(state);
    EXPECT_EQ(near.sent[0].control, kAck);
    EXPECT_EQ(near.sent[0].seq, near.tcb.snd.nxt);
    for (int64_t outside : {nxt - 1, nxt + start.tcb.rcv.wnd}) {
      Subject far = start;
      far.Arrives({.control = kRst, .seq = outside});
      EXPECT_EQ(far.tcb.state, state);
      EXPECT_EQ(far.Told(), "");
    }
  }
}

TEST(ResetTest, AnythingInTheWindowClosesByRfc793) {
  Subject s(Policy::Rfc793());
  s.Establish();
  s.Arrives({.control = kRst, .seq = 1 + 65534});
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

//= SHLD-2 type=test
TEST(ResetTest, CountsWithTextOnIt) {
  Subject s;
  s.Establish();
  s.Arrives({.control = kRst | kAck, .text = 100});
  EXPECT_EQ(s.tcb.state, State::kClosed);
  EXPECT_EQ(Readable(s.tcb), 0u);
}

TEST(ResetTest, CountsAtAClosedWindowIfItIsExact) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 65535});
  ASSERT_EQ(s.tcb.rcv.wnd, 0u);
  s.Arrives({.control = kRst, .seq = 65537});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  s.Arrives({.control = kRst, .seq = 65536});
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

//= 3.10.7.4#check-syn type=test
//= 5961:4.2 type=test
TEST(SynTest, IsChallengedWhereverItStands) {
  for (State state : kSynchronized) {
    Subject start;
    start.Play(state);
    for (int64_t seq : {0, 1, 100, 100'000}) {
      for (uint8_t control : {uint8_t{kSyn}, uint8_t{kSyn | kAck}, uint8_t{kSyn | kFin}}) {
        Subject s = start;
        s.Arrives({.control = control, .seq = seq, .ack = 2, .text = 5});
        EXPECT_EQ(s.tcb.state, state);
        ASSERT_EQ(s.sent.size(), 1u) << spec::Name(state);
        EXPECT_EQ(s.sent[0].control, kAck);
      }
    }
  }
}

TEST(SynTest, InTheWindowResetsByRfc793) {
  Subject s(Policy::Rfc793());
  s.Establish();
  s.Arrives({.control = kSyn, .seq = 0});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  s.Arrives({.control = kSyn, .seq = 10});
  EXPECT_EQ(s.Told(), "RST,ACK 1 ack 1");
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

//= 5961:7 type=test
TEST(SynTest, ChallengesAreThrottledIfThePolicySaysSo) {
  Subject s(Policy::Hardened());
  s.Establish();
  int challenged = 0;
  for (int i = 0; i < 100; ++i) {
    s.Arrives({.control = kSyn, .seq = 10});
    challenged += !s.sent.empty();
  }
  EXPECT_EQ(challenged, 10);
  s.now = s.now + Duration::Seconds(5);
  s.Arrives({.control = kSyn, .seq = 10});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
}

//= P-3.4-ACCEPT type=test
TEST(SequenceTest, AnUnacceptableSegmentIsAnsweredAndDropped) {
  for (FromPeer peer : {FromPeer{.seq = 0, .text = 1}, FromPeer{.seq = 0},
                        FromPeer{.seq = 1 + 65535, .text = 1}, FromPeer{.seq = 1 + 65535}}) {
    Subject s;
    s.Establish();
    s.Arrives(peer);
    EXPECT_EQ(s.Told(), "ACK 1 ack 1");
    EXPECT_EQ(Readable(s.tcb), 0u);
  }
}

//= P-3.10.7.4-TRIM type=test
TEST(SequenceTest, WhatStraddlesAnEdgeIsTrimmedToIt) {
  Subject left;
  left.Establish();
  left.Arrives({.text = 100});
  left.Arrives({.seq = 51, .text = 100});
  EXPECT_EQ(left.out.store.from, 50u);
  EXPECT_EQ(left.out.store.to, (StreamRange{100, 50}));
  EXPECT_EQ(Readable(left.tcb), 150u);
  Subject right;
  right.Establish();
  right.Arrives({.control = kFin | kAck, .text = 70'000});
  EXPECT_EQ(Readable(right.tcb), 65535u);
  EXPECT_EQ(right.tcb.state, State::kEstablished) << "the FIN lay beyond the edge";
}

//= MUST-66 type=test
TEST(SequenceTest, AtAClosedWindowAckAndUrgentPointerCountAndTextDoesNot) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 65535});
  s.Do(Send{10});
  s.Arrives({.control = kAck | kUrg, .seq = 65536, .ack = 11, .text = 10, .urgent = 10});
  EXPECT_EQ(s.tcb.snd.una, SndSeq(s.iss + 11));
  EXPECT_TRUE(s.Signalled(Signal::kUrgent));
  EXPECT_EQ(Readable(s.tcb), 65535u);
  EXPECT_EQ(s.Told(), "ACK 11 ack 65536");
}

//= SHLD-18 type=test
//= SHLD-19 type=test
//= MUST-40 type=test
TEST(AckTest, IsDelayedBelowHalfASecondAndSentForEverySecondFullSegment) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 1460});
  EXPECT_EQ(s.Told(), "");
  EXPECT_LT(s.NextFires(), Duration::Milliseconds(500));
  EXPECT_EQ(s.Told(), "ACK 1 ack 1461");
  s.Arrives({.seq = 1461, .text = 1460});
  EXPECT_EQ(s.Told(), "");
  s.Arrives({.seq = 2921, .text = 1460});
  EXPECT_EQ(s.Told(), "ACK 1 ack 4381");
}

TEST(AckTest, RidesOnWhatIsSent) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 10});
  s.Do(Send{5});
  EXPECT_EQ(s.Told(), "PSH,ACK 1:6(5) ack 11");
  s.Arrives({.seq = 11, .ack = 6});
  EXPECT_EQ(NextTimer(s.tcb), kNever);
}

//= SHLD-31 type=test
//= MUST-59 type=test
TEST(ReassemblyTest, OneAckCoversAllThatAFilledGapJoins) {
  for (uint32_t irs : {5000u, 0xffff'fffeu, 0xffff'ff00u}) {
    Subject s(Policy::Rfc9293(), 1000, irs);
    s.Establish();
    s.Arrives({.seq = 201, .text = 100});
    EXPECT_EQ(s.Told(), "ACK 1 ack 1");
    EXPECT_EQ(s.out.store.to, (StreamRange{200, 100}));
    s.Arrives({.seq = 401, .text = 100});
    s.Arrives({.seq = 251, .text = 200});
    EXPECT_EQ(s.tcb.rcv.held.size(), 1u);
    s.Arrives({.seq = 1, .text = 200});
    EXPECT_EQ(s.Told(), "ACK 1 ack 501");
    EXPECT_EQ(Readable(s.tcb), 500u);
    EXPECT_TRUE(s.tcb.rcv.held.empty());
    EXPECT_EQ(CheckInvariants(s.tcb).size(), 0u);
  }
}

TEST(ReassemblyTest, MoreRangesThanThereIsRoomForAreAsIfTheyWereLost) {
  Subject s;
  s.Establish();
  for (int64_t i = 0; i < 20; ++i) {
    s.Arrives({.seq = 101 + 20 * i, .text = 10});
    EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  }
  EXPECT_EQ(s.tcb.rcv.held.size(), Tcb::kMaxHeld);
  s.Arrives({.seq = 1, .text = 65535});
  EXPECT_EQ(Readable(s.tcb), 65535u);
}

TEST(ReassemblyTest, AFinAheadOfAGapIsTakenOnceWhenTheGapIsFilled) {
  Subject s;
  s.Establish();
  s.Arrives({.control = kFin | kAck, .seq = 11, .text = 10});
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  s.Arrives({.control = kFin | kAck, .seq = 101, .text = 10});  // a second one elsewhere
  s.Arrives({.text = 10});
  EXPECT_EQ(s.tcb.state, State::kCloseWait);
  EXPECT_EQ(s.Told(), "ACK 1 ack 22");
  EXPECT_EQ(Readable(s.tcb), 20u);
}

TEST(ReassemblyTest, NothingBehindTheFinIsDelivered) {
  Subject s;
  s.Establish();
  s.Arrives({.seq = 31, .text = 50});
  s.Arrives({.control = kFin | kAck, .seq = 21, .text = 20});  // the FIN stands at 41
  s.Arrives({.text = 20});
  EXPECT_EQ(s.tcb.state, State::kCloseWait);
  EXPECT_EQ(Readable(s.tcb), 40u);
}

// Against a model that remembers octets: every order of a few overlapping segments.
TEST(ReassemblyTest, AnyOrderOfOverlappingSegmentsGivesTheSameOctets) {
  struct Piece {
    int64_t seq;
    size_t text;
  };
  std::array<Piece, 5> pieces = {{{1, 30}, {21, 30}, {41, 10}, {61, 20}, {45, 20}}};
  std::array<size_t, 5> order = {0, 1, 2, 3, 4};
  do {
    Subject s(Policy::Rfc9293(), 1000, 0xffff'ffe0);
    s.Establish();
    std::array<bool, 101> have{};
    for (size_t i : order) {
      s.Arrives({.seq = pieces[i].seq, .text = pieces[i].text});
      for (size_t k = 0; k < pieces[i].text; ++k)
        have[static_cast<size_t>(pieces[i].seq) + k] = true;
      uint32_t contiguous = 0;
      while (have[contiguous + 1]) ++contiguous;
      ASSERT_EQ(Readable(s.tcb), contiguous);
      ASSERT_EQ(CheckInvariants(s.tcb).size(), 0u);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

//= MUST-39 type=test
TEST(WindowTest, ReopensBySegmentsAndNotByOctets) {
  Subject s;
  s.Establish();
  s.Arrives({.text = 65535});
  EXPECT_EQ(s.Told(), "ACK 1 ack 65536");
  EXPECT_EQ(s.sent[0].window, 0);
  s.Do(Receive{1000});
  EXPECT_EQ(s.Told(), "");
  s.Do(Receive{459});
  EXPECT_EQ(s.sent.size(), 1u);
  EXPECT_EQ(s.sent[0].window, 1460);
  s.Do(Receive{70'000});
  ASSERT_EQ(s.sent.size(), 1u);
  EXPECT_EQ(s.sent[0].window, 65535);
}

//= MAY-8 type=test
//= RFC7323-2.4-1 type=test
//= RFC7323-2.4-2 type=test
//= SHLD-14 type=test
TEST(WindowTest, TheRightEdgeNeverRetreats) {
  Subject s;
  s.Establish();
  RcvSeq edge = s.tcb.rcv.nxt + s.tcb.rcv.wnd;
  int64_t at = 1;
  for (int i = 0; i < 200; ++i) {
    const size_t text = static_cast<size_t>(i * 37 % 900);
    s.Arrives({.seq = at, .text = text});
    at = s.tcb.rcv.nxt.wire() - s.irs;
    s.Do(Receive{static_cast<uint32_t>(i * 53 % 1000)});
    const RcvSeq now = s.tcb.rcv.nxt + s.tcb.rcv.wnd;
    ASSERT_TRUE(AtOrBefore(edge, now));
    edge = now;
  }
}

//= MUST-31 type=test
//= MUST-32 type=test
TEST(UrgentTest, IsSignalledWhenItAdvancesAndStaysInLine) {
  Subject s;
  s.Establish();
  s.Arrives({.control = kAck | kUrg, .text = 10, .urgent = 20});
  EXPECT_EQ(s.signals.back(), Signal::kUrgent);
  const size_t before = s.signals.size();
  s.Arrives({.control = kAck | kUrg, .seq = 11, .text = 5, .urgent = 10});
  EXPECT_EQ(s.signals.size(), before) << "the same place again";
  s.Arrives({.control = kAck | kUrg, .seq = 16, .text = 5, .urgent = 6});
  EXPECT_EQ(s.signals.size(), before + 1);
  EXPECT_EQ(Readable(s.tcb), 20u);
}

}  // namespace
}  // namespace assay::tcp
