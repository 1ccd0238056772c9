// Tcb: the transmission control block of one connection (RFC 9293, 3.3.1).
//
// It counts octets and holds none: buffers are the caller's, and the effects of a step (effects.h)
// say what moves in and out of them. It has no pointers and may be copied with memcpy: a copy is a
// snapshot. Only Step() (step.h) changes it; invariants.h says what always holds of it. There may
// be many: flags are bits, and what is wide stands before what is narrow.
//
// The send space of a connection, and the edges that move over it:
//
//         acknowledged      in flight        waiting         free
//     ----------------|----------------|----------------|------------
//                  SND.UNA          SND.NXT          snd.end
//
// and the receive space:
//
//            read           unread           window          beyond
//     ----------------|----------------|----------------|------------
//                  rcv.read         RCV.NXT    RCV.NXT+RCV.WND

#ifndef ASSAY_STACK_TCP_TCB_H_
#define ASSAY_STACK_TCP_TCB_H_

#include <cstdint>
#include <optional>
#include <type_traits>

#include "stack/base/bounded_vector.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/tcp/scoreboard.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

using wire::RcvSeq;
using wire::SndSeq;

// How the connection came to SYN-RECEIVED decides where a RST takes it.
//= MUST-11
enum class Origin : uint8_t { kNone, kActive, kPassive };

// Received ahead of RCV.NXT: [left, right).
struct HeldRange {
  RcvSeq left;
  RcvSeq right;
  friend constexpr bool operator==(const HeldRange&, const HeldRange&) = default;
};

struct Tcb {
  static constexpr size_t kMaxHeld = 5;  // one more than an ACK can report

  struct Send {
    SndSeq una;
    SndSeq nxt;      // behind the highest octet ever sent; a retransmission does not move it back
    SndSeq ptr;      // the next octet to send: behind nxt while something is sent again
    SndSeq offered;  // behind what the peer has had a window for: a probe alone lies beyond
    SndSeq end;      // behind the last octet that SEND took; the FIN's number
    SndSeq up;       // behind the last urgent octet; at una if there is none
    SndSeq push;     // behind the last pushed octet; at una if there is none
    uint32_t wnd = 0;
    uint32_t max_wnd = 0;  // the largest window seen: MAX.SND.WND and Max(SND.WND)
    RcvSeq wl1;
    SndSeq wl2;
    uint32_t capacity = 0;             // of the send buffer
    uint16_t mss = 0;                  // Eff.snd.MSS: options that every segment has are taken off
    uint16_t path_mss = 0xffff;        // what the path carries, as far as ICMP has said
    uint8_t scale = 0;                 // of the windows that the peer offers
    bool syn_outstanding : 1 = false;  // sent and not acknowledged
    bool fin_queued : 1 = false;
    bool held : 1 = false;  // after a retransmission time-out: nothing more until an ACK advances
    bool nagle : 1 = true;
    uint8_t probes = 0;             // since the window closed
    uint8_t unanswered_probes = 0;  // since the peer was last heard of
  } snd;

  struct Receive {
    RcvSeq nxt;
    RcvSeq read;          // the next octet that RECEIVE gives out
    RcvSeq up;            // behind the last urgent octet announced; at read if there is none
    RcvSeq push;          // behind the last pushed octet that arrived
    RcvSeq fin;           // the peer's FIN, if fin_known
    uint32_t wanted = 0;  // octets that a queued RECEIVE waits for
    uint32_t wnd = 0;
    uint32_t capacity = 0;                    // of the receive buffer
    uint32_t unacked = 0;                     // octets taken since the last acknowledgment
    BoundedVector<HeldRange, kMaxHeld> held;  // ascending, disjoint, not touching
    uint16_t mss = 0;                         // what our MSS option says
    uint16_t largest = 0;  // the largest segment seen: the sender's idea of a full one
    BoundedVector<uint8_t, kMaxHeld> recent;  // places in `held`, that which grew last first
    uint8_t scale = 0;                        // of the windows that we offer
    bool fin_known : 1 = false;               // a FIN has arrived, perhaps ahead of a gap
    bool fin_taken : 1 = false;               // RCV.NXT has passed it
    bool ack_now : 1 = false;
    bool reader_gone : 1 = false;  // the application will not RECEIVE any more
  } rcv;

  Scoreboard scoreboard;  // with SACK: what the peer holds beyond SND.UNA

  // Round-trip time and retransmission time-out (RFC 6298).
  struct Rtt {
    Duration srtt;
    Duration rttvar;
    Duration rto;
    Instant started;
    SndSeq timed;              // the sample ends when this is acknowledged
    bool running : 1 = false;  // a segment is being timed
    bool sampled : 1 = false;  // srtt and rttvar are set
    bool syn_resent : 1 = false;
    uint8_t retransmissions = 0;  // of what stands at SND.UNA
  } rtt;

  // What the path bears (RFC 5681), and the recovery of what it lost.
  struct Congestion {
    Instant sent_at;  // the last that took sequence space
    uint32_t cwnd = 0;
    uint32_t ssthresh = 0;
    uint32_t acked = 0;    // octets acknowledged since cwnd last grew, in congestion avoidance
    uint32_t limited = 0;  // octets that limited transmit sent beyond cwnd
    // Behind the highest octet sent when recovery began or the timer ran out: RecoveryPoint of
    // RFC 6675, `recover` of RFC 6582.
    SndSeq recover;
    uint8_t dup_acks = 0;  // since SND.UNA moved
    bool recovering : 1 = false;
    bool resend : 1 = false;              // the segment at SND.UNA goes again, with the next output
    bool first_partial_seen : 1 = false;  // in this recovery
    bool syn_lost : 1 = false;            // our SYN, or SYN,ACK, was sent more than once
  } congestion;

  // Instants at which something happens by itself; kNever if it does not.
  struct Timers {
    Instant retransmission = kNever;
    Instant persist = kNever;
    Instant override_sws = kNever;  // MUST-38: a small segment is sent after all
    Instant delayed_ack = kNever;
    Instant time_wait = kNever;
    Instant keep_alive = kNever;
  } timer;

  // RFC 7323.
  struct Timestamps {
    Instant recent_at;     // when TS.Recent was taken
    uint32_t recent = 0;   // TS.Recent
    uint32_t offset = 0;   // of this connection's clock
    RcvSeq last_ack_sent;  // Last.ACK.sent
    uint16_t tick_ms = 1;
    bool offer : 1 = false;  // our SYN carries, or carried, the option
    bool on : 1 = false;     // both SYNs did
  } ts;

  struct KeepAlive {
    uint32_t idle_ms = 0;  // before the first probe; 0: as the policy says
    uint8_t probes = 0;    // since the peer was last heard of
    bool on = false;
  } keep_alive;

  Instant unanswered_since = kNever;  // since when what stands at SND.UNA, or a probe, waits
  Duration user_timeout;              // R2 as the user set it; 0: as the policy says
  Instant challenged_since;           // the current period of challenge ACKs,
  uint32_t challenges = 0;            // and how many there were in it

  SndSeq iss;  // in LISTEN: the number that the next SYN is answered with
  RcvSeq irs;

  spec::State state = spec::State::kClosed;
  std::optional<wire::IcmpKind> soft_error;  // the last that ICMP told of
  Origin origin : 2 = Origin::kNone;
  wire::IpFamily family : 1 = wire::IpFamily::kIpv4;
  bool reports_errors : 1 = true;  // the user wants to hear of soft errors
  bool remote_given : 1 = false;   // in LISTEN: the passive OPEN named its peer
  bool offer_scale : 1 = false;    // our SYN carries, or carried, the window scale option
  bool sack : 1 = false;           // our SYN offers SACK; later: both SYNs did
  bool more_to_send : 1 = false;   // than one step's effects hold: the next follows at once
};

static_assert(std::is_trivially_copyable_v<Tcb>);
static_assert(sizeof(Tcb) <= 384);

// Our FIN is acknowledged.
constexpr bool FinAcknowledged(const Tcb& tcb) {
  return tcb.snd.fin_queued && tcb.snd.una == tcb.snd.end + 1;
}
// Our FIN has been sent.
constexpr bool FinSent(const Tcb& tcb) {
  return tcb.snd.fin_queued && tcb.snd.nxt == tcb.snd.end + 1;
}
// Octets that RECEIVE could give out now.
constexpr uint32_t Readable(const Tcb& tcb) {
  return Distance(tcb.rcv.read, tcb.rcv.nxt) - uint32_t{tcb.rcv.fin_taken};
}
// Octets that SEND could take now.
uint32_t Writable(const Tcb& tcb);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_TCB_H_
