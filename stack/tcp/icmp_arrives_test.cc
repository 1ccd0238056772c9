// ICMP errors (RFC 9293, 3.9.2.2; RFC 5927; RFC 1191).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/tcp/invariants.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::IcmpKind;
using wire::kAck;
using wire::kSyn;

constexpr IcmpKind kSoft[] = {IcmpKind::kNetUnreachable, IcmpKind::kHostUnreachable,
                              IcmpKind::kSourceRouteFailed, IcmpKind::kTimeExceeded,
                              IcmpKind::kParameterProblem};
constexpr IcmpKind kHard[] = {IcmpKind::kProtocolUnreachable, IcmpKind::kPortUnreachable,
                              IcmpKind::kProhibited};

// An error about what the subject sent with this number.
void Tell(Subject& s, IcmpKind kind, int64_t seq, uint32_t mtu = 0) {
  s.Do(IcmpArrived{kind, SndSeq(s.iss + static_cast<uint32_t>(seq)), mtu});
}

Subject InFlight(const Policy& policy = Policy::Rfc9293(), uint32_t octets = 100) {
  Subject s(policy);
  s.Establish();
  s.Do(Send{octets});
  return s;
}

//= MUST-56 type=test
//= SHLD-25 type=test
TEST(IcmpTest, ASoftErrorIsToldAndEndsNothing) {
  for (IcmpKind kind : kSoft) {
    Subject s = InFlight();
    Tell(s, kind, 1);
    EXPECT_EQ(s.tcb.state, State::kEstablished) << wire::Name(kind);
    EXPECT_TRUE(s.Signalled(Signal::kSoftError));
    EXPECT_EQ(s.tcb.soft_error, kind);
    EXPECT_EQ(s.Told(), "");
    Subject opening;
    opening.OpenActive();
    Tell(opening, kind, 0);
    EXPECT_EQ(opening.tcb.state, State::kSynSent);
  }
}

//= SHLD-20 type=test
TEST(IcmpTest, ReportsCanBeTurnedOff) {
  Subject s = InFlight();
  s.Do(SetErrorReports{Flag::kNo});
  Tell(s, IcmpKind::kTimeExceeded, 1);
  EXPECT_FALSE(s.Signalled(Signal::kSoftError));
  s.Do(SetErrorReports{Flag::kYes});
  Tell(s, IcmpKind::kTimeExceeded, 1);
  EXPECT_TRUE(s.Signalled(Signal::kSoftError));
}

//= SHLD-26 type=test
//= RFC1122-3.2.2.1-1 type=test
TEST(IcmpTest, AHardErrorEndsTheConnection) {
  for (IcmpKind kind : kHard) {
    Subject s = InFlight();
    Tell(s, kind, 1);
    EXPECT_EQ(s.tcb.state, State::kClosed) << wire::Name(kind);
    EXPECT_TRUE(s.Signalled(Signal::kUnreachable));
    EXPECT_EQ(s.out.queued, Answer::kUnreachable);
    EXPECT_EQ(s.Told(), "") << "nobody is there to be told";
    Subject opening;
    opening.OpenActive();
    Tell(opening, kind, 0);
    EXPECT_EQ(opening.tcb.state, State::kClosed);
  }
}

TEST(IcmpTest, AHardErrorTakesAPassiveOpenBackToListen) {
  Subject s;
  s.Play(State::kSynReceived);
  Tell(s, IcmpKind::kPortUnreachable, 0);
  EXPECT_EQ(s.tcb.state, State::kListen);
}

TEST(IcmpTest, HardenedOnlyTimersEndWhatIsEstablished) {
  Subject s = InFlight(Policy::Hardened());
  Tell(s, IcmpKind::kPortUnreachable, 1);
  EXPECT_EQ(s.tcb.state, State::kEstablished);
  EXPECT_TRUE(s.Signalled(Signal::kSoftError));
  Subject opening(Policy::Hardened());
  opening.OpenActive();
  Tell(opening, IcmpKind::kPortUnreachable, 0);
  EXPECT_EQ(opening.tcb.state, State::kClosed);
}

//= 5461:4 type=test
TEST(IcmpTest, ThePolicyMayLetASoftErrorEndAnOpen) {
  Policy policy;
  policy.soft_errors_end_opening = true;
  Subject opening(policy);
  opening.OpenActive();
  Tell(opening, IcmpKind::kNetUnreachable, 0);
  EXPECT_EQ(opening.tcb.state, State::kClosed);
  Subject open = InFlight(policy);
  Tell(open, IcmpKind::kNetUnreachable, 1);
  EXPECT_EQ(open.tcb.state, State::kEstablished);
}

//= MUST-55 type=test
//= 6633:3 type=test
TEST(IcmpTest, SourceQuenchIsDiscarded) {
  Subject s = InFlight();
  const Duration rto = s.tcb.rtt.rto;
  Tell(s, IcmpKind::kSourceQuench, 1);
  EXPECT_EQ(s.Told(), "");
  EXPECT_FALSE(s.tcb.soft_error.has_value());
  EXPECT_FALSE(s.Signalled(Signal::kSoftError));
  EXPECT_EQ(s.tcb.rtt.rto, rto);
}

//= 5927:4.1 type=test
TEST(IcmpTest, WhatWasNotInFlightIsNotBelieved) {
  for (int64_t seq : {int64_t{0}, int64_t{101}, int64_t{-1}, int64_t{0x4000'0000}}) {
    Subject s = InFlight();
    Tell(s, IcmpKind::kPortUnreachable, seq);
    Tell(s, IcmpKind::kTimeExceeded, seq);
    Tell(s, IcmpKind::kPacketTooBig, seq, 600);
    EXPECT_EQ(s.tcb.state, State::kEstablished) << seq;
    EXPECT_FALSE(s.tcb.soft_error.has_value());
    EXPECT_EQ(s.tcb.snd.mss, 1460);
  }
  Policy trusting;
  trusting.icmp_checks_sequence = false;
  Subject s = InFlight(trusting);
  Tell(s, IcmpKind::kPortUnreachable, 12345);
  EXPECT_EQ(s.tcb.state, State::kClosed);
}

TEST(IcmpTest, WhereThereIsNoConnectionThereIsNothingToTell) {
  for (State state : {State::kClosed, State::kListen, State::kTimeWait}) {
    Policy trusting;
    trusting.icmp_checks_sequence = false;
    Subject s(trusting);
    s.Play(state);
    for (IcmpKind kind : kHard) Tell(s, kind, 0);
    EXPECT_EQ(s.tcb.state, state);
    EXPECT_EQ(s.Told(), "");
  }
}

//= 1191:3 type=test
//= 7323:5.7 type=test
TEST(PathMtuTest, ASmallerPathMakesSmallerSegmentsAndOneGoesAgainAtOnce) {
  Subject s = InFlight(Policy::Rfc9293(), 4380);
  ASSERT_EQ(s.Told(),
            "ACK 1:1461(1460) ack 1; ACK 1461:2921(1460) ack 1; "
            "PSH,ACK 2921:4381(1460) ack 1");
  Tell(s, IcmpKind::kPacketTooBig, 1, 1000);
  EXPECT_EQ(s.Told(), "ACK 1:961(960) ack 1");
  // The rest follows as it is acknowledged, and so does what is new.
  s.Arrives({.ack = 961});
  ASSERT_FALSE(s.sent.empty());
  EXPECT_EQ(s.Tell(s.sent[0]), "ACK 961:1921(960) ack 1");
  // The same again, or a larger one, changes nothing.
  Tell(s, IcmpKind::kPacketTooBig, 961, 1000);
  EXPECT_EQ(s.Told(), "");
  Tell(s, IcmpKind::kPacketTooBig, 961, 9000);
  EXPECT_EQ(s.Told(), "");
  EXPECT_EQ(s.tcb.snd.mss, 960);
}

TEST(PathMtuTest, OptionsAreTakenOffToo) {
  Subject s;
  s.OpenActive();
  wire::OptionSet options;
  options.mss = 1460;
  options.timestamps = wire::Timestamps{1, 0};
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  s.Do(Send{3000});
  Tell(s, IcmpKind::kPacketTooBig, 1, 1000);
  EXPECT_EQ(s.tcb.snd.mss, 960 - 12);
}

// One message is answered with at most one segment, however small the steps.
TEST(PathMtuTest, ManyMessagesDrawNoMoreSegmentsThanMessages) {
  Subject s = InFlight(Policy::Rfc9293(), 60'000);
  size_t sent = 0;
  size_t told = 0;
  for (uint32_t mtu = 1499; mtu > 0; --mtu) {
    Tell(s, IcmpKind::kPacketTooBig, 1, mtu);
    ++told;
    ASSERT_LE(s.sent.size(), 1u);
    sent += s.sent.size();
    ASSERT_TRUE(CheckInvariants(s.tcb).empty());
  }
  EXPECT_LE(sent, told);
  EXPECT_EQ(s.tcb.snd.mss, 68 - 40) << "and never below what every link carries";
}

TEST(PathMtuTest, TheFloorHolds) {
  Subject hardened = InFlight(Policy::Hardened());
  Tell(hardened, IcmpKind::kPacketTooBig, 1, 100);
  EXPECT_EQ(hardened.tcb.snd.mss, 552 - 40);
  Subject nonsense = InFlight();
  Tell(nonsense, IcmpKind::kPacketTooBig, 1, 67);
  EXPECT_EQ(nonsense.tcb.snd.mss, 1460);

  Subject v6;
  v6.OpenActive(wire::IpFamily::kIpv6);
  wire::OptionSet options;
  options.mss = 1440;
  v6.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  v6.Do(Send{3000});
  Tell(v6, IcmpKind::kPacketTooBig, 1, 1279);
  EXPECT_EQ(v6.tcb.snd.mss, 1440);
  Tell(v6, IcmpKind::kPacketTooBig, 1, 1280);
  EXPECT_EQ(v6.tcb.snd.mss, 1220);
}

TEST(PathMtuTest, WhatASynLearnsTheConnectionKeeps) {
  Subject s;
  s.OpenActive();
  Tell(s, IcmpKind::kPacketTooBig, 0, 600);
  EXPECT_EQ(s.Told(), "");
  wire::OptionSet options;
  options.mss = 1460;
  s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  EXPECT_EQ(s.tcb.snd.mss, 560);
}

TEST(PathMtuTest, ThePolicyCanLeaveItOut) {
  Policy policy;
  policy.path_mtu_discovery = false;
  Subject s = InFlight(policy);
  Tell(s, IcmpKind::kPacketTooBig, 1, 600);
  EXPECT_EQ(s.tcb.snd.mss, 1460);
  EXPECT_EQ(s.tcb.state, State::kEstablished);
}

}  // namespace
}  // namespace assay::tcp
