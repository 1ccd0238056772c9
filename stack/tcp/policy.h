// Policy: every choice that the RFCs leave to a TCP, as a named knob.
//
// A MAY, or a SHOULD that can be decided either way, is decided here and nowhere else: the code
// asks the policy and has no opinion. Three sets of answers have names.

#ifndef ASSAY_STACK_TCP_POLICY_H_
#define ASSAY_STACK_TCP_POLICY_H_

#include <cstdint>

#include "stack/base/time.h"

namespace assay::tcp {

// What a RST or a SYN in the window does: what RFC 793 said, or a challenge (RFC 5961, 3.2
// and 4.2).
enum class InWindowRule : uint8_t { kRfc793, kRfc5961 };

// The answer to a SYN that repeats the one that made the connection SYN-RECEIVED. The text asks for
// an ACK, with which a lost SYN,ACK is replaced only when its timer fires.
enum class RepeatedSyn : uint8_t { kAck, kSynAck };

// What an application that lets go of a connection leaves behind (RFC 9293, 3.6.1).
enum class LetGo : uint8_t {
  kFullDuplex,  // a FIN; what still arrives is acknowledged and discarded
  kHalfDuplex,  // MAY-1: a RST if data is unread or still arrives (SHLD-3)
};

// What limits what is in flight besides the window that the peer offers.
//= MAY-18
enum class Congestion : uint8_t {
  kNone,
  kStandard,  // RFC 5681; RFC 6582 for several losses in a window, or RFC 6675 if both ends SACK
};

// How much goes before the first ACK: 2 to 4 segments (RFC 5681, 3.1), or 10 (RFC 6928, 2).
enum class InitialWindow : uint8_t { kRfc5681, kRfc6928 };

// What recovery leaves of the congestion window (RFC 6582, 3.2, step 3).
enum class FullAck : uint8_t {
  kNoBurst,   // what is in flight and a segment more, ssthresh at most
  kSsthresh,  // ssthresh
};

// Which ACKs in recovery start the retransmission timer anew (RFC 6582, 3.2 and 4).
enum class PartialAckTimer : uint8_t {
  kFirstRestarts,  // with many holes the time-out comes to help
  kEachRestarts,   // slow but steady: a hole a round trip
};

struct Policy {
  InWindowRule rst = InWindowRule::kRfc5961;
  InWindowRule syn = InWindowRule::kRfc5961;
  bool refuse_old_acks = false;  // MAY-12: an ACK below SND.UNA - MAX.SND.WND is challenged
  // Challenge ACKs, and answers to unacceptable ACKs without text, a period and connection; 0: no
  // limit.
  uint32_t challenge_limit = 0;
  Duration challenge_period = Duration::Seconds(5);  // 5961:7
  RepeatedSyn repeated_syn = RepeatedSyn::kSynAck;

  bool ignore_rst_in_time_wait = false;  // 1337:3, fix F1
  bool reopen_time_wait = true;          // MAY-2: a new SYN may open the connection again
  bool reopen_by_timestamps = true;  // SHLD-4: and its timestamp says whether it is new (6191:2)
  bool restart_time_wait = true;     // a FIN sent again restarts 2 MSL (3.10.7.4, eighth)
  Duration msl = Duration::Seconds(120);
  LetGo let_go = LetGo::kFullDuplex;

  bool hold_out_of_order = true;  // SHLD-31
  bool nagle = true;              // SHLD-7; off for one connection by its user (MUST-17)
  bool push_every_send = true;    // MAY-15, MAY-16: SEND has no PUSH flag; nothing waits for one
  Duration delayed_ack = Duration::Milliseconds(200);   // below 0.5 s (MUST-40); 0: at once
  Duration override_sws = Duration::Milliseconds(500);  // 0.1 to 1 s (3.8.6.2.1)

  Duration rto_initial = Duration::Seconds(1);             // 6298:2.1
  Duration rto_after_syn_loss = Duration::Seconds(3);      // 6298:5.7
  Duration rto_min = Duration::Seconds(1);                 // 6298:2.4
  Duration rto_max = Duration::Seconds(60);                // 6298:2.5
  Duration clock_granularity = Duration::Milliseconds(1);  // G of 6298:2
  uint8_t r1 = 3;                            // SHLD-10: retransmissions before IP is told
  Duration r2 = Duration::Seconds(100);      // SHLD-11
  Duration r2_syn = Duration::Seconds(180);  // MUST-23
  uint8_t r2_probes = 8;  // as many probes in a row go unanswered before R2 counts for them
  Duration persist_max = Duration::Seconds(60);

  Duration keep_alive_idle = Duration::Seconds(2 * 3600);  // MUST-28, where the user says nothing
  Duration keep_alive_interval = Duration::Seconds(75);    // from one probe to the next
  uint8_t keep_alive_probes = 9;                           // unanswered, before the end; at least 2
  bool keep_alive_octet = false;                           // MAY-6: a probe has an octet of garbage

  bool hard_errors_abort = true;         // SHLD-26; 5927:5 leaves them to the timers instead
  bool soft_errors_end_opening = false;  // 5461:4: as many stacks do, against MUST-56
  bool icmp_checks_sequence = true;      // 5927:4.1: the quoted segment must be in flight
  bool path_mtu_discovery = true;        // 1191
  uint32_t path_mtu_floor = 68;          // IPv4; in IPv6 it is 1280 (1191:3; RFC 8201, 4)

  Congestion congestion = Congestion::kStandard;           // MUST-19
  InitialWindow initial_window = InitialWindow::kRfc6928;  // 6928:2
  bool limited_transmit = true;                            // 3042:2, 5681:3.2
  bool restart_after_idle = true;                          // 5681:4.1; as 6928:2 allows
  bool limit_inflation = false;  // 5681:3.2, step 4: recovery adds no more than was in flight
  FullAck full_ack = FullAck::kNoBurst;
  PartialAckTimer partial_ack_timer = PartialAckTimer::kFirstRestarts;
  bool rearm_in_recovery = false;  // 6675:6: what SACK sends again starts the timer anew
  bool sack = true;                // 2018:2: offer it, and use it when it is offered

  uint32_t send_buffer = 1u << 16;     // a power of two
  uint32_t receive_buffer = 1u << 16;  // a power of two
  uint16_t mss_floor = 64;             // an MSS option below it is treated as this
  bool window_scale = false;           // 7323:2: offer it, and take it up when it is offered

  bool timestamps = true;  // 7323:3: offer them, and take them up when they are offered
  bool drop_without_timestamps = true;  // 7323:3.2: a segment that lacks what was agreed on
  Duration timestamp_tick = Duration::Milliseconds(1);               // 7323:5.4: 1 ms to 1 s
  Duration timestamps_outdated = Duration::Seconds(24 * 24 * 3600);  // 7323:5.5

  // RFC 9293 as it stands, with the challenges of RFC 5961 that it takes over; no throttle, so that
  // every challenge is answered.
  static constexpr Policy Rfc9293() { return Policy{}; }
  // What RFC 793 (with RFC 1122) said before: any RST or SYN in the window ends the connection, and
  // a repeated SYN is answered with an ACK. Congestion control is as it must be, without options.
  static constexpr Policy Rfc793() {
    Policy policy;
    policy.rst = InWindowRule::kRfc793;
    policy.syn = InWindowRule::kRfc793;
    policy.repeated_syn = RepeatedSyn::kAck;
    policy.timestamps = false;
    policy.reopen_by_timestamps = false;
    policy.icmp_checks_sequence = false;
    policy.initial_window = InitialWindow::kRfc5681;
    policy.sack = false;
    return policy;
  }
  // All that makes attacks harder: RFC 5961 whole, with its throttle, RFC 1337, RFC 5927, duplicate
  // ACKs that buy nothing, and nothing kept for a peer that sends what nobody will read.
  static constexpr Policy Hardened() {
    Policy policy;
    policy.refuse_old_acks = true;
    policy.challenge_limit = 10;
    policy.ignore_rst_in_time_wait = true;
    policy.hard_errors_abort = false;
    policy.path_mtu_floor = 552;
    policy.limit_inflation = true;
    policy.let_go = LetGo::kHalfDuplex;
    return policy;
  }
};

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_POLICY_H_
