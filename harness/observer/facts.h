// Facts: what is true of one incarnation of a connection whatever the stack believes.
//
// Written from the trace alone, never from a hypothesis. Lower bounds grow only by what surely
// happened, upper bounds by what possibly did. An incarnation is one pair of initial sequence
// numbers.

#ifndef ASSAY_HARNESS_OBSERVER_FACTS_H_
#define ASSAY_HARNESS_OBSERVER_FACTS_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "harness/observer/congestion.h"
#include "harness/observer/interval_set.h"
#include "harness/observer/latest.h"
#include "harness/observer/offset.h"
#include "harness/observer/pace.h"
#include "harness/observer/reports.h"
#include "harness/observer/round_trip.h"
#include "harness/observer/stamps.h"
#include "stack/base/bounded_vector.h"
#include "stack/base/time.h"

namespace assay::observer {

// What counts for nothing by the RFCs, and for a stack with a known deviation it does.
struct Stray {
  Offset window = 0;                 // the largest that came with an ACK below or above what counts
  Offset least_window = kUnbounded;  // the smallest of those
  bool shut = false;                 // a window of zero may be in force that came with one of those
  // The highest SEQ and ACK of what acknowledged something never sent.
  Offset bad_seq = kNowhere;
  Offset bad_ack = kNowhere;
  uint32_t mss = 0xffff;           // the least that came before the SYN that counts
  Offset cut_short_at = kNowhere;  // the last ACK of a part with a window for less than the rest
  IntervalSet<4> octets;           // of the tester's text: outside of what may be taken
  Offset syn_at = kNowhere;        // where a SYN stood that may be taken for text
  // The furthest edge since the SEQ or ACK that windows come with surely moved on.
  Offset kept_edge = 0;
  // Where the last four segments with new text or a FIN end, the oldest first; and if fewer than
  // that were in flight when the third duplicate came.
  std::array<Offset, 4> newest_ends = {};
  bool few_in_flight = false;
  // Of the stack's last segment: where its text ended, if it had any, and its urgent pointer.
  Offset piece_end = kNowhere;
  uint16_t urgent = 0;
  Offset cut_end = 0;  // behind what SEND took while no window was large

  // The round trip as a stack measures it that lets any higher ACK end it, and begins it anew with
  // what it sends again; and the resends since new data was acknowledged, those of the SYN as well.
  bool timing = false;
  Offset timed_seq = 0;
  Instant timed_since;
  Duration rtt;
  uint8_t resends = 0;
  bool resent_syn = false;
};

struct Facts {
  // Initial sequence numbers: the stack's (ISS) and the tester's (IRS).
  bool has_iss = false;
  bool has_irs = false;
  uint32_t iss = 0;
  uint32_t irs = 0;

  // --- the stack's stream ---
  Offset snd_max = 0;          // behind the highest octet that the stack sent
  Offset fin_at = kNowhere;    // where its FIN stands
  Offset send_edge = 0;        // the highest right edge that the tester may have offered
  Offset largest_window = 0;   // the largest that the tester offered
  Offset largest_taken = 0;    // the largest that the stack surely took
  Offset window_in_force = 0;  // the largest that may be SND.WND now
  Offset window_seq = 0;       // the highest SEQ and ACK that came with a window
  Offset window_ack = 0;
  Offset least_edge = 0;          // the least right edge that may be in force
  Instant first_sent;             // when the head of what is unacknowledged was first sent
  Instant last_sent;              // when sequence space or a probe was last sent
  Instant timer_from;             // since when the retransmission timer runs
  Duration last_gap;              // as long as it ran when it last ran out
  Duration largest_rtt;           // an upper bound: how long the tester took to acknowledge
  uint32_t peer_mss = 536;        // what the tester's SYN allows (or the default)
  uint32_t least_peer_mss = 536;  // the least that any of its segments says
  uint32_t least_mss = 0xffff;    // the least that any segment said, either way
  Offset longest_text = 0;        // of the stack's segments
  Offset text_end = 1;            // where the last of them that had text ended
  uint8_t tester_shift = 0;       // of the windows that the tester offers

  // --- the tester's stream ---
  IntervalSet<16> sent;           // octets of text that the tester sent and that could be taken
  BoundedVector<Offset, 4> fins;  // where its FINs stand
  Offset crowded_at = kNowhere;   // the last acknowledgment number for which that was too much
  bool lost_track = false;        // more FINs, or more incarnations, than there is room for
  Offset syn_window = 0;          // what the stack's own SYN offered, before anything was heard
  Offset offered_edge = 1;        // the right edge that the stack offered last
  Offset largest_edge = 1;        // the furthest it ever offered
  bool window_saturated = false;  // the field read 65535 unscaled: the true window may be larger
  Offset read_since_offer = 0;    // octets read by the application since then
  bool has_acked = false;
  Offset last_ack = 0;         // the last acknowledgment number that the stack sent
  uint8_t stack_shift = 0;     // of the windows that the stack offers
  bool offered_scale = false;  // the tester's SYN carried window scale
  bool offered_sack = false;
  bool offered_timestamps = false;
  bool stack_offered_scale = false;
  bool stack_offered_sack = false;
  bool stack_offered_timestamps = false;
  bool options_unsure = false;    // of several SYNs, or of one that cannot be read to its end
  uint32_t stack_mss = 536;       // what the stack's SYN said
  uint32_t newest_timestamp = 0;  // TSval: the newest that the tester sent
  bool timestamps_leapt = false;  // so far that older and newer say nothing any more
  bool may_look_old = false;      // the last arrival may fail RFC 7323, 3.2 or 5.3

  Stamps stamps;
  // What the stack reported by SACK and has not acknowledged since.
  IntervalSet<8> sacked;
  // Arrivals since the stack last acknowledged anything; and if it was one, and text that is surely
  // kept behind a gap, where that begins.
  uint8_t unanswered = 0;
  Offset trigger = kNowhere;

  // --- what came before ---
  bool has_earlier = false;  // an ISS of this four-tuple
  uint32_t earlier_iss = 0;
  Instant earlier_at;
  bool earlier_is_by_clock = false;  // and not by what a TIME-WAIT asked for
  bool may_reopen = false;           // out of TIME-WAIT, perhaps
  bool reopens = false;              // surely, and its SND.NXT was:
  uint32_t reopened_nxt = 0;

  Pace pace;
  Congestion congestion;
  Reports reports;
  RoundTrip round_trip;
  Latest latest;
  bool told_too_big = false;  // an ICMP error said so: full segments may be of any size
  uint32_t path_mtu = 0;  // what an ICMP error said, about something surely in flight; 0: none did

  // --- the application ---
  BoundedVector<Offset, 4> urgent_ends;  // behind what was given to SEND as urgent, each time
  bool urgent_unsure = false;            // there were more
  bool send_refused = false;             // a SEND found no room
  bool unpushed = false;                 // a SEND asked for no PUSH
  Duration user_timeout;                 // 0: the stack's own
  bool no_delay = false;                 // Nagle's algorithm is off
  bool keep_alive = false;               // keep-alives are on
  Offset app_sent = 0;                   // octets that SENDs took
  Offset app_read = 0;                   // octets that RECEIVEs gave
  bool fin_requested = false;            // CLOSE was called
  bool end_read = false;                 // RECEIVE answered the end of the stream

  Instant last_arrival;  // of a segment of the tester's
  Instant last_heard;    // of one that is surely taken
  Instant last_stimulus;
  Instant last_answer;  // of a reply to an invalid segment

  // Octets sent alone that were sent before, since the last arrival that may answer them.
  bool probed = false;
  Instant first_probe;

  Stray stray;

  // What a scaled window field cannot say of the true edge (RFC 7323, 2.4).
  constexpr Offset rounding() const {
    return offered_scale && stack_offered_scale ? (Offset{1} << stack_shift) - 1 : 0;
  }
  // The furthest edge that the stack may honour: what it offered, and what the application has read
  // since without the stack telling.
  constexpr Offset may_edge() const {
    return window_saturated ? kUnbounded : largest_edge + read_since_offer + rounding();
  }
  // The end of the run of the tester's octets from `from`: with quirks also of those beyond the
  // window, or behind a FIN.
  constexpr Offset EndOfRun(Offset from, bool beyond_window, bool behind_fin) const {
    for (Offset run = from;; from = run) {
      run = sent.EndOfRunFrom(run);
      if (beyond_window) run = stray.octets.EndOfRunFrom(run);
      if (behind_fin && std::ranges::find(fins, run) != fins.end()) ++run;
      if (run == from) return run;
    }
  }
  // Behind the last octet that may carry the stack's data.
  constexpr Offset end_of_data() const { return 1 + app_sent; }
  // Up to here text must be honoured: what was offered last, or, where windows are scaled, ever
  // (RFC 7323, 2.4).
  constexpr Offset must_edge() const {
    return offered_scale && stack_offered_scale ? std::max(offered_edge, largest_edge)
                                                : offered_edge;
  }
  // So many pieces that a stack may have no room for another one behind a gap (SHLD-31).
  constexpr bool is_crowded() const {
    // Text of a SYN's may not have been taken, and then makes no pieces one; reports tell.
    return sent.size() + fins.size() > 4 || sacked.size() > 4;
  }
  constexpr bool sack_agreed() const { return offered_sack && stack_offered_sack; }
  constexpr bool timestamps_agreed() const {
    return offered_timestamps && stack_offered_timestamps && !options_unsure;
  }
  // The most that a segment of the stack's may be taken to hold.
  constexpr Offset MostSmss(uint32_t mss_floor) const {
    return std::max<Offset>(peer_mss, mss_floor);
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_FACTS_H_
