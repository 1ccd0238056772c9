#include "stack/tcp/invariants.h"

#include "stack/tcp/keep_alive.h"
#include "stack/tcp/step.h"

namespace assay::tcp {
namespace {

using spec::State;

// There are sequence numbers of ours; in LISTEN and CLOSED nothing of them counts.
bool Sends(const Tcb& tcb) { return tcb.state != State::kClosed && tcb.state != State::kListen; }
// There are sequence numbers of the peer's.
bool Receives(const Tcb& tcb) { return Sends(tcb) && tcb.state != State::kSynSent; }

// `a`, `b` and `c` follow one another, going forward, within what a window can span.
template <typename Seq>
bool InOrder(Seq a, Seq b, Seq c) {
  return AtOrBefore(a, b) && AtOrBefore(b, c) && AtOrBefore(a, c);
}

// Behind all that there is to send, the FIN counted.
SndSeq Last(const Tcb& tcb) { return tcb.snd.end + uint32_t{tcb.snd.fin_queued}; }

bool PeerHasClosed(State state) {
  return state == State::kCloseWait || state == State::kClosing || state == State::kLastAck ||
         state == State::kTimeWait;
}

constexpr Invariant kInvariants[] = {
    {"snd.una-ptr-nxt-in-order",
     [](const Tcb& t) { return !Sends(t) || InOrder(t.snd.una, t.snd.ptr, t.snd.nxt); }},
    {"snd.una-offered-nxt-in-order",
     [](const Tcb& t) { return !Sends(t) || InOrder(t.snd.una, t.snd.offered, t.snd.nxt); }},
    {"snd.nxt-within-what-was-queued",
     [](const Tcb& t) { return !Sends(t) || AtOrBefore(t.snd.nxt, Last(t)); }},
    {"snd.up-between-una-and-end",
     [](const Tcb& t) {
       return !Sends(t) || FinAcknowledged(t) || InOrder(t.snd.una, t.snd.up, t.snd.end);
     }},
    {"snd.push-between-una-and-end",
     [](const Tcb& t) {
       return !Sends(t) || FinAcknowledged(t) || InOrder(t.snd.una, t.snd.push, t.snd.end);
     }},
    {"snd.queue-fits-its-buffer",
     [](const Tcb& t) {
       const SndSeq first = t.snd.syn_outstanding ? t.iss + 1 : t.snd.una;
       return !Sends(t) || FinAcknowledged(t) || Distance(first, t.snd.end) <= t.snd.capacity;
     }},
    {"snd.wnd-is-at-most-the-largest-seen",
     [](const Tcb& t) { return t.snd.wnd <= t.snd.max_wnd; }},
    {"snd.mss-is-not-zero", [](const Tcb& t) { return !Sends(t) || t.snd.mss > 0; }},
    {"snd.mss-is-at-most-the-path-carries",
     [](const Tcb& t) { return t.snd.mss <= t.snd.path_mss; }},
    {"snd.syn-is-outstanding-before-it-is-acknowledged",
     [](const Tcb& t) {
       const bool must = t.state == State::kSynSent || t.state == State::kSynReceived;
       const bool may = must || t.state == State::kFinWait1;
       return !Sends(t) || (t.snd.syn_outstanding ? may && t.snd.una == t.iss : !must);
     }},
    {"snd.fin-is-queued-once-the-user-has-closed",
     [](const Tcb& t) {
       const bool closed = t.state == State::kFinWait1 || t.state == State::kFinWait2 ||
                           t.state == State::kClosing || t.state == State::kLastAck ||
                           t.state == State::kTimeWait;
       return !closed || t.snd.fin_queued;
     }},
    {"snd.fin-is-acknowledged-in-fin-wait-2-and-time-wait-alone",
     [](const Tcb& t) {
       const bool acknowledged = t.state == State::kFinWait2 || t.state == State::kTimeWait;
       return !Sends(t) || acknowledged == FinAcknowledged(t);
     }},
    {"snd.fin-is-sent-in-last-ack",
     [](const Tcb& t) { return t.state != State::kLastAck || FinSent(t); }},
    {"rcv.read-at-or-before-nxt",
     [](const Tcb& t) {
       return !Receives(t) || AtOrBefore(t.rcv.read, t.rcv.nxt - uint32_t{t.rcv.fin_taken});
     }},
    {"rcv.unread-and-window-fit-the-buffer",
     [](const Tcb& t) {
       return !Receives(t) ||
              uint64_t{Distance(t.rcv.read, t.rcv.nxt)} + t.rcv.wnd <= t.rcv.capacity;
     }},
    {"rcv.up-at-or-after-read",
     [](const Tcb& t) { return !Receives(t) || AtOrBefore(t.rcv.read, t.rcv.up); }},
    {"rcv.held-ranges-ascend-inside-the-window",
     [](const Tcb& t) {
       RcvSeq before = t.rcv.nxt;
       for (const HeldRange& range : t.rcv.held) {
         if (!Before(before, range.left) || !Before(range.left, range.right)) return false;
         if (Distance(t.rcv.nxt, range.right) > t.rcv.wnd) return false;
         before = range.right;
       }
       return true;
     }},
    {"rcv.nothing-is-held-behind-the-fin",
     [](const Tcb& t) {
       return !t.rcv.fin_known || t.rcv.held.empty() ||
              AtOrBefore(t.rcv.held.back().right, t.rcv.fin);
     }},
    {"rcv.fin-is-taken-where-the-peer-has-closed",
     [](const Tcb& t) { return !Receives(t) || t.rcv.fin_taken == PeerHasClosed(t.state); }},
    {"rcv.fin-stands-where-nxt-passed-it",
     [](const Tcb& t) {
       if (!Receives(t) || !t.rcv.fin_known) return !t.rcv.fin_taken || !Receives(t);
       return t.rcv.fin_taken ? t.rcv.nxt == t.rcv.fin + 1 : Before(t.rcv.nxt, t.rcv.fin);
     }},
    {"rcv.push-at-or-after-read",
     [](const Tcb& t) { return !Receives(t) || AtOrBefore(t.rcv.read, t.rcv.push); }},
    {"rcv.queued-receive-waits-for-more",
     [](const Tcb& t) {
       if (t.rcv.wanted == 0) return true;
       return t.state != State::kClosed && !t.rcv.fin_taken &&
              (!Receives(t) || Readable(t) < t.rcv.wanted);
     }},
    {"rcv.no-ack-is-left-over", [](const Tcb& t) { return !t.rcv.ack_now || t.more_to_send; }},
    {"congestion.cwnd-holds-a-segment",
     [](const Tcb& t) { return !Receives(t) || t.congestion.cwnd >= t.snd.mss; }},
    {"congestion.ssthresh-holds-two-segments",
     [](const Tcb& t) { return !Receives(t) || t.congestion.ssthresh >= 2 * uint32_t{t.snd.mss}; }},
    {"congestion.recovery-ends-inside-the-flight",
     [](const Tcb& t) {
       const SndSeq end = t.congestion.recover;
       return !Sends(t) || !t.congestion.recovering ||
              (Before(t.snd.una, end) && AtOrBefore(end, t.snd.nxt));
     }},
    {"congestion.nothing-is-left-to-send-again",
     [](const Tcb& t) {
       return !Sends(t) || !t.congestion.resend || (t.congestion.recovering && t.more_to_send);
     }},
    {"scoreboard.ranges-ascend-inside-the-flight",
     [](const Tcb& t) {
       SndSeq before = t.snd.una;
       for (const Scoreboard::Range& range : t.scoreboard.sacked) {
         if (!Before(before, range.left) || !Before(range.left, range.right)) return !Sends(t);
         before = range.right;
       }
       return !Sends(t) || t.scoreboard.sacked.empty() || AtOrBefore(before, t.snd.nxt);
     }},
    {"scoreboard.is-empty-without-sack",
     [](const Tcb& t) { return t.sack || t.scoreboard.sacked.empty(); }},
    {"timer.none-runs-without-a-connection",
     [](const Tcb& t) { return Sends(t) || NextTimer(t) == kNever; }},
    {"timer.time-wait-runs-in-time-wait-alone",
     [](const Tcb& t) { return (t.state == State::kTimeWait) == (t.timer.time_wait != kNever); }},
    {"timer.probes-and-retransmissions-exclude-each-other",
     [](const Tcb& t) { return t.timer.retransmission == kNever || t.timer.persist == kNever; }},
    {"timer.what-is-outstanding-has-a-timer",
     [](const Tcb& t) {
       return !Sends(t) || t.snd.una == t.snd.nxt || t.timer.retransmission != kNever ||
              t.timer.persist != kNever;
     }},
    {"timer.what-waits-to-be-sent-has-a-timer",
     [](const Tcb& t) { return !Sends(t) || t.snd.nxt == Last(t) || NextTimer(t) != kNever; }},
    {"timer.keep-alive-runs-through-silence-alone",
     [](const Tcb& t) { return t.timer.keep_alive == kNever || (t.keep_alive.on && IsIdle(t)); }},
    {"keep-alive.probes-count-while-its-timer-runs",
     [](const Tcb& t) { return t.keep_alive.probes == 0 || t.timer.keep_alive != kNever; }},
    {"ts.are-agreed-on-only-if-offered", [](const Tcb& t) { return !t.ts.on || t.ts.offer; }},
    {"timer.retransmission-runs-for-something",
     [](const Tcb& t) { return t.timer.retransmission == kNever || t.snd.una != t.snd.nxt; }},
    {"rtt.timed-segment-is-outstanding",
     [](const Tcb& t) {
       return !t.rtt.running ||
              (Before(t.snd.una, t.rtt.timed) && AtOrBefore(t.rtt.timed, t.snd.nxt));
     }},
    {"rtt.rto-is-positive", [](const Tcb& t) { return !Sends(t) || t.rtt.rto > Duration(); }},
};

static_assert(std::size(kInvariants) <= InvariantNames::capacity());

}  // namespace

std::span<const Invariant> Invariants() { return kInvariants; }

InvariantNames CheckInvariants(const Tcb& tcb) {
  InvariantNames broken;
  for (const Invariant& invariant : kInvariants) {
    if (!invariant.holds(tcb)) broken.push_back(invariant.name);
  }
  return broken;
}

}  // namespace assay::tcp
