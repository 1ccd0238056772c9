// Keep-alive (RFC 9293, 3.8.4).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;

constexpr Duration Sec(int64_t n) { return Duration::Seconds(n); }

//= MUST-25 type=test
TEST(KeepAliveTest, IsOffUntilItIsAskedFor) {
  Subject s;
  s.Establish();
  EXPECT_EQ(NextTimer(s.tcb), kNever);
}

//= MUST-24 type=test
//= MUST-28 type=test
//= SHLD-12 type=test
TEST(KeepAliveTest, ProbesAfterTwoHoursWithoutText) {
  Subject s;
  s.Establish();
  s.Do(SetKeepAlive{});
  EXPECT_EQ(s.NextFires(), Sec(7200));
  EXPECT_EQ(s.Told(), "ACK 0 ack 1");
  EXPECT_EQ(s.sent[0].garbage, 0);
  EXPECT_EQ(s.sent[0].urgent, 0);
  s.Do(SetKeepAlive{Flag::kNo});
  EXPECT_EQ(NextTimer(s.tcb), kNever);
}

//= MUST-27 type=test
TEST(KeepAliveTest, TheIntervalIsTheUsers) {
  Subject s;
  s.Establish();
  s.Do(SetKeepAlive{Flag::kYes, Sec(30)});
  EXPECT_EQ(s.NextFires(), Sec(30));
  EXPECT_EQ(s.Told(), "ACK 0 ack 1");
  Subject never;
  never.Establish();
  never.Do(SetKeepAlive{Flag::kYes, Duration::Nanoseconds(INT64_MAX)});
  EXPECT_LE(NextTimer(never.tcb) - never.now, Sec(366 * 24 * 3600)) << "an instant stays one";
  never.Do(SetKeepAlive{Flag::kYes, Sec(-1)});
  EXPECT_EQ(never.NextFires(), Sec(7200));
}

//= MUST-26 type=test
TEST(KeepAliveTest, WhateverArrivesPutsItOff) {
  Subject s;
  s.Establish();
  s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
  s.now = s.now + Sec(99);
  s.Arrives({});
  EXPECT_EQ(s.NextFires(), Sec(100));
  // The peer's own probe says that it lives.
  s.Arrives({.seq = 0});
  EXPECT_EQ(s.Told(), "ACK 1 ack 1");
  EXPECT_EQ(s.NextFires(), Sec(100));
}

//= MUST-26 type=test
TEST(KeepAliveTest, RunsOnlyWhileNothingIsOutstanding) {
  Subject s;
  s.Establish();
  s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
  s.Do(Send{10});
  EXPECT_EQ(s.tcb.timer.keep_alive, kNever);
  s.now = s.now + Sec(1);
  s.Arrives({.ack = 11});
  EXPECT_EQ(s.NextFires(), Sec(100));
  // A closed window with text behind it is the persist timer's.
  s.Arrives({.ack = 11, .window = 0});
  s.Do(Send{10});
  EXPECT_EQ(s.tcb.timer.keep_alive, kNever);
  EXPECT_NE(s.tcb.timer.persist, kNever);
}

//= MUST-29 type=test
TEST(KeepAliveTest, OneProbeWithoutAnAnswerProvesNothing) {
  Policy policy;
  policy.keep_alive_probes = 0;  // fewer than two are two
  Subject s(policy);
  s.Establish();
  s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 0 ack 1");
  EXPECT_EQ(s.NextFires(), Sec(75));
  EXPECT_EQ(s.Told(), "ACK 0 ack 1");
  s.Arrives({});
  EXPECT_EQ(s.NextFires(), Sec(100)) << "an answer starts it all over";
  s.NextFires();
  s.NextFires();
  EXPECT_EQ(s.tcb.state, State::kClosed);
  EXPECT_TRUE(s.Signalled(Signal::kTimedOut));
}

TEST(KeepAliveTest, NineProbesWithoutAnAnswerEndIt) {
  Subject s;
  s.Establish();
  s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
  for (int probe = 0; probe < 9; ++probe) {
    s.NextFires();
    EXPECT_EQ(s.Told(), "ACK 0 ack 1");
  }
  EXPECT_EQ(s.NextFires(), Sec(75));
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.state, State::kClosed);
  EXPECT_EQ(NextTimer(s.tcb), kNever);
}

//= MAY-6 type=test
TEST(KeepAliveTest, AProbeMayHaveAnOctetOfGarbage) {
  Policy policy;
  policy.keep_alive_octet = true;
  Subject s(policy);
  s.Establish();
  s.Do(Send{5});
  s.Arrives({.ack = 6});
  s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
  s.NextFires();
  EXPECT_EQ(s.Told(), "ACK 5 ack 1");
  EXPECT_EQ(s.sent[0].garbage, 1);
  EXPECT_EQ(s.sent[0].text.size, 0u) << "none of the stream's";
}

TEST(KeepAliveTest, AHalfClosedConnectionIsKeptAliveToo) {
  for (State state : {State::kCloseWait, State::kFinWait2}) {
    Subject s;
    s.Play(state);
    s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
    EXPECT_EQ(s.NextFires(), Sec(100)) << spec::Name(state);
    EXPECT_EQ(s.sent.size(), 1u);
  }
  for (State state : {State::kListen, State::kSynSent, State::kSynReceived, State::kFinWait1,
                      State::kClosing, State::kLastAck, State::kTimeWait}) {
    Subject s;
    s.Play(state);
    s.Do(SetKeepAlive{Flag::kYes, Sec(100)});
    EXPECT_EQ(s.tcb.timer.keep_alive, kNever) << spec::Name(state);
  }
}

}  // namespace
}  // namespace assay::tcp
