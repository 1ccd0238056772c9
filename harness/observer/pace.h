// Pace: how fast the stack may send, and when: its timers, its congestion window, and the window
// that it surely goes by.
//
// Bounds alone: a timer that fires no earlier, a congestion window that is no larger. Less than
// that is always legal, and what is not certain bounds nothing.

#ifndef ASSAY_HARNESS_OBSERVER_PACE_H_
#define ASSAY_HARNESS_OBSERVER_PACE_H_

#include <algorithm>
#include <cstdint>

#include "harness/observer/offset.h"
#include "stack/base/time.h"

namespace assay::observer {

struct Pace {
  // --- the window that the stack surely goes by ---
  bool edge_is_sure = false;
  Offset edge = 0;
  Offset edge_seq = 0;  // SND.WL1 and SND.WL2
  Offset edge_ack = 0;
  bool closed = false;  // it closed while nothing was outstanding
  Instant closed_at;

  // --- what the retransmission timer sent, since SND.UNA moved or nothing was outstanding ---
  uint8_t resends = 0;
  Instant resent_at;
  Duration gap;               // before the last of them, if nothing happened in it
  Duration least_rtt;         // the least round trip that the stack may have measured
  bool measured = false;      // there is one
  Offset repeated_until = 0;  // of what lies below no round trip is measured: some was repeated
  uint8_t syn_resends = 0;

  // --- probes of a closed window, one after the other with nothing between them ---
  uint8_t probes = 0;
  Instant probed_at;
  Duration probe_gap;

  uint8_t keep_alives = 0;  // since anything arrived

  // --- the congestion window ---
  Offset grown = 0;             // what ACKs may have added to where it began
  bool collapsed = false;       // it began anew with one segment, at a time-out
  bool collapse_lasts = false;  // and no ACK came since
  uint8_t duplicates = 0;       // ACKs in a row that may be duplicates
  Offset recover = 0;           // a recovery that may have begun lasts up to here
  bool plain = true;            // no time-out, recovery or smaller window so far
  bool fast_due = false;  // the third of three sure duplicates came, and nothing was sent again
  Instant fast_due_at;
  uint8_t sure_duplicates = 0;
  bool later_seq = false;  // the SEQ of one of them was later than that of the last window

  // --- segments smaller than they need be ---
  Offset small_end = 0;        // behind the last small segment that ended the queue
  uint8_t silly_texts = 0;     // in a row: small segments with more behind them
  uint8_t silly_steps = 0;     // in a row: small moves of the window's edge
  bool window_stands = false;  // at each of them the window was no larger than before

  // Where the congestion window of a connection may begin (RFC 6928, 2; RFC 5681, 3.1).
  static constexpr Offset InitialWindow(Offset smss) {
    return std::min(10 * smss, std::max<Offset>(2 * smss, 14'600));
  }
  // The most that may be in flight, for segments of at most `smss` octets.
  constexpr Offset MostInFlight(Offset smss) const {
    const Offset begins = collapsed || syn_resends > 1 ? smss : InitialWindow(smss);
    // Limited transmit adds two segments to the window without moving it (RFC 3042, 2).
    return begins + grown + (grown > 0 ? 2 * smss : 0);
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_PACE_H_
