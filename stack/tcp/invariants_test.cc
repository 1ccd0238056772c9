#include "stack/tcp/invariants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;

struct Break {
  std::string_view name;
  State state;
  void (*by)(Tcb&);
};

// How to break each invariant, and it alone; one that says several things, in each.
constexpr Break kBreaks[] = {
    {"snd.una-ptr-nxt-in-order", State::kEstablished, [](Tcb& t) { t.snd.ptr = t.snd.nxt + 1; }},
    {"snd.una-offered-nxt-in-order", State::kEstablished,
     [](Tcb& t) { t.snd.offered = t.snd.una - 1; }},
    {"snd.nxt-within-what-was-queued", State::kEstablished,
     [](Tcb& t) {
       t.snd.nxt += 1;
       t.timer.retransmission = Instant();
     }},
    {"snd.up-between-una-and-end", State::kEstablished, [](Tcb& t) { t.snd.up = t.snd.end + 1; }},
    {"snd.push-between-una-and-end", State::kEstablished,
     [](Tcb& t) { t.snd.push = t.snd.una - 1; }},
    {"snd.queue-fits-its-buffer", State::kEstablished,
     [](Tcb& t) {
       t.snd.end += t.snd.capacity + 1;
       t.timer.override_sws = Instant();
     }},
    {"snd.wnd-is-at-most-the-largest-seen", State::kEstablished,
     [](Tcb& t) { t.snd.wnd = t.snd.max_wnd + 1; }},
    {"snd.mss-is-not-zero", State::kEstablished, [](Tcb& t) { t.snd.mss = 0; }},
    {"snd.mss-is-at-most-the-path-carries", State::kEstablished,
     [](Tcb& t) { t.snd.path_mss = 28; }},
    {"snd.syn-is-outstanding-before-it-is-acknowledged", State::kSynSent,
     [](Tcb& t) { t.snd.syn_outstanding = false; }},
    {"snd.syn-is-outstanding-before-it-is-acknowledged", State::kEstablished,
     [](Tcb& t) { t.snd.syn_outstanding = true; }},
    {"snd.syn-is-outstanding-before-it-is-acknowledged", State::kSynSent,
     [](Tcb& t) {
       t.snd.una = t.snd.ptr = t.snd.up = t.snd.push = t.snd.nxt;
       t.timer.retransmission = kNever;
       t.rtt.running = false;
     }},
    {"snd.fin-is-queued-once-the-user-has-closed", State::kFinWait1,
     [](Tcb& t) {
       t.snd.fin_queued = false;
       t.snd.end += 1;
     }},
    {"snd.fin-is-acknowledged-in-fin-wait-2-and-time-wait-alone", State::kFinWait1,
     [](Tcb& t) { t.state = State::kFinWait2; }},
    {"snd.fin-is-sent-in-last-ack", State::kLastAck, [](Tcb& t) { t.snd.end += 1; }},
    {"rcv.read-at-or-before-nxt", State::kEstablished,
     [](Tcb& t) {
       t.rcv.read += 1;
       t.rcv.up += 1;
       t.rcv.push += 1;
       t.rcv.capacity = UINT32_MAX;
       t.rcv.wnd = 0;
     }},
    {"rcv.unread-and-window-fit-the-buffer", State::kEstablished,
     [](Tcb& t) { t.rcv.wnd = t.rcv.capacity + 1; }},
    {"rcv.up-at-or-after-read", State::kEstablished, [](Tcb& t) { t.rcv.up = t.rcv.read - 1; }},
    {"rcv.held-ranges-ascend-inside-the-window", State::kEstablished,
     [](Tcb& t) { t.rcv.held.push_back({t.rcv.nxt, t.rcv.nxt + 5}); }},
    {"rcv.held-ranges-ascend-inside-the-window", State::kEstablished,
     [](Tcb& t) { t.rcv.held.push_back({t.rcv.nxt + 1, t.rcv.nxt + 1}); }},
    {"rcv.held-ranges-ascend-inside-the-window", State::kEstablished,
     [](Tcb& t) { t.rcv.held.push_back({t.rcv.nxt + 1, t.rcv.nxt + t.rcv.wnd + 1}); }},
    {"rcv.nothing-is-held-behind-the-fin", State::kEstablished,
     [](Tcb& t) {
       t.rcv.fin_known = true;
       t.rcv.fin = t.rcv.nxt + 1;
       t.rcv.held.push_back({t.rcv.nxt + 2, t.rcv.nxt + 5});
     }},
    {"rcv.fin-is-taken-where-the-peer-has-closed", State::kEstablished,
     [](Tcb& t) { t.state = State::kCloseWait; }},
    {"rcv.fin-stands-where-nxt-passed-it", State::kCloseWait, [](Tcb& t) { t.rcv.fin += 1; }},
    {"rcv.fin-stands-where-nxt-passed-it", State::kCloseWait,
     [](Tcb& t) { t.rcv.fin_known = false; }},
    {"rcv.push-at-or-after-read", State::kEstablished, [](Tcb& t) { t.rcv.push = t.rcv.read - 1; }},
    {"rcv.queued-receive-waits-for-more", State::kCloseWait, [](Tcb& t) { t.rcv.wanted = 1; }},
    {"rcv.queued-receive-waits-for-more", State::kClosed, [](Tcb& t) { t.rcv.wanted = 1; }},
    {"rcv.queued-receive-waits-for-more", State::kEstablished,
     [](Tcb& t) {
       t.rcv.wanted = 1;
       t.rcv.read = t.rcv.read - 1;
     }},
    {"rcv.no-ack-is-left-over", State::kEstablished, [](Tcb& t) { t.rcv.ack_now = true; }},
    {"congestion.cwnd-holds-a-segment", State::kEstablished,
     [](Tcb& t) { t.congestion.cwnd = t.snd.mss - 1u; }},
    {"congestion.ssthresh-holds-two-segments", State::kEstablished,
     [](Tcb& t) { t.congestion.ssthresh = 2u * t.snd.mss - 1; }},
    {"congestion.recovery-ends-inside-the-flight", State::kFinWait1,
     [](Tcb& t) {
       t.congestion.recovering = true;
       t.congestion.recover = t.snd.una;
     }},
    {"congestion.recovery-ends-inside-the-flight", State::kFinWait1,
     [](Tcb& t) {
       t.congestion.recovering = true;
       t.congestion.recover = t.snd.nxt + 1;
     }},
    {"congestion.nothing-is-left-to-send-again", State::kFinWait1,
     [](Tcb& t) { t.congestion.resend = true; }},
    {"congestion.nothing-is-left-to-send-again", State::kFinWait1,
     [](Tcb& t) {
       t.congestion.resend = true;
       t.congestion.recovering = true;
       t.congestion.recover = t.snd.nxt;
     }},
    {"scoreboard.ranges-ascend-inside-the-flight", State::kFinWait1,
     [](Tcb& t) {
       t.sack = true;
       t.scoreboard.sacked.push_back({t.snd.una + 1, t.snd.una + 2});
     }},
    {"scoreboard.ranges-ascend-inside-the-flight", State::kFinWait1,
     [](Tcb& t) {
       t.sack = true;
       t.scoreboard.sacked.push_back({t.snd.una, t.snd.una + 1});
     }},
    {"scoreboard.ranges-ascend-inside-the-flight", State::kFinWait1,
     [](Tcb& t) {
       t.sack = true;
       t.scoreboard.sacked.push_back({t.snd.una + 1, t.snd.una + 1});
     }},
    {"scoreboard.is-empty-without-sack", State::kFinWait1,
     [](Tcb& t) {
       t.snd.end += 5;
       t.snd.nxt += 5;
       t.scoreboard.sacked.push_back({t.snd.una + 1, t.snd.una + 2});
     }},
    {"timer.none-runs-without-a-connection", State::kClosed,
     [](Tcb& t) { t.timer.delayed_ack = Instant(); }},
    {"timer.time-wait-runs-in-time-wait-alone", State::kTimeWait,
     [](Tcb& t) { t.timer.time_wait = kNever; }},
    {"timer.probes-and-retransmissions-exclude-each-other", State::kFinWait1,
     [](Tcb& t) { t.timer.persist = Instant(); }},
    {"timer.what-is-outstanding-has-a-timer", State::kFinWait1,
     [](Tcb& t) { t.timer.retransmission = kNever; }},
    {"timer.what-waits-to-be-sent-has-a-timer", State::kEstablished,
     [](Tcb& t) { t.snd.end += 1; }},
    {"timer.keep-alive-runs-through-silence-alone", State::kEstablished,
     [](Tcb& t) { t.timer.keep_alive = Instant(); }},
    {"timer.keep-alive-runs-through-silence-alone", State::kFinWait1,
     [](Tcb& t) {
       t.keep_alive.on = true;
       t.timer.keep_alive = Instant();
     }},
    {"keep-alive.probes-count-while-its-timer-runs", State::kEstablished,
     [](Tcb& t) { t.keep_alive.probes = 1; }},
    {"ts.are-agreed-on-only-if-offered", State::kEstablished,
     [](Tcb& t) {
       t.ts.on = true;
       t.ts.offer = false;
     }},
    {"timer.retransmission-runs-for-something", State::kEstablished,
     [](Tcb& t) { t.timer.retransmission = Instant(); }},
    {"rtt.timed-segment-is-outstanding", State::kEstablished,
     [](Tcb& t) {
       t.rtt.running = true;
       t.rtt.timed = t.snd.una;
     }},
    {"rtt.timed-segment-is-outstanding", State::kFinWait1,
     [](Tcb& t) {
       t.rtt.running = true;
       t.rtt.timed = t.snd.nxt + 1;
     }},
    {"rtt.rto-is-positive", State::kEstablished, [](Tcb& t) { t.rtt.rto = {}; }},
};

TEST(InvariantsTest, EachFiresAloneWhenItIsBroken) {
  for (const Break& b : kBreaks) {
    Subject subject;
    subject.Play(b.state);
    ASSERT_EQ(CheckInvariants(subject.tcb).size(), 0u) << b.name;
    b.by(subject.tcb);
    const InvariantNames broken = CheckInvariants(subject.tcb);
    std::string all;
    for (std::string_view name : broken) all += std::string(name) + " ";
    EXPECT_EQ(all, std::string(b.name) + " ");
  }
}

// Half a circle and more is no distance forward, even in two steps that are each less.
TEST(InvariantsTest, WhatFollowsOneAnotherLiesWithinHalfACircle) {
  Subject subject;
  subject.Play(State::kEstablished);
  Tcb& t = subject.tcb;
  t.snd.ptr = t.snd.una + 0x7000'0000;
  t.snd.nxt = t.snd.ptr + 0x7000'0000;
  const InvariantNames broken = CheckInvariants(t);
  EXPECT_NE(std::find(broken.begin(), broken.end(), "snd.una-ptr-nxt-in-order"), broken.end());
}

// What is still to be done breaks nothing as long as more output is asked for.
TEST(InvariantsTest, AnAckAndARetransmissionMayWaitForMoreOutput) {
  Subject subject;
  subject.Play(State::kFinWait1);
  Tcb& t = subject.tcb;
  t.more_to_send = true;
  t.rcv.ack_now = true;
  t.congestion.recovering = true;
  t.congestion.recover = t.snd.nxt;
  t.congestion.resend = true;
  EXPECT_EQ(CheckInvariants(t).size(), 0u);
}

TEST(InvariantsTest, EachHasAWayToBreakIt) {
  std::set<std::string_view> broken;
  for (const Break& b : kBreaks) broken.insert(b.name);
  for (const Invariant& invariant : Invariants()) {
    EXPECT_TRUE(broken.contains(invariant.name)) << invariant.name;
  }
  EXPECT_EQ(broken.size(), Invariants().size());
}

}  // namespace
}  // namespace assay::tcp
