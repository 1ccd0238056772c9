// Congestion: the most that a stack may have in flight, by all that it was told of losses.
//
// An upper bound of cwnd, in octets. Whatever ACK may have been taken makes it grow, as fast as any
// of the RFCs lets it; it falls only at a loss that the stack surely acted upon: a time-out at
// which it sent its oldest octet again, or a fast retransmit. Of a stack with another congestion
// control (MAY-18), or one that takes back what it did at a loss, it says nothing (Profile).

#ifndef ASSAY_HARNESS_OBSERVER_CONGESTION_H_
#define ASSAY_HARNESS_OBSERVER_CONGESTION_H_

#include <cstdint>

#include "harness/observer/offset.h"
#include "stack/base/time.h"

namespace assay::observer {

struct Congestion {
  // What the window follows from.
  enum class Phase : uint8_t {
    kOpening,     // no loss that surely counted
    kTimedOut,    // slow start, from one segment up to half of what was in flight
    kRecovering,  // fast retransmit: that half, and a segment for each duplicate ACK
    kRecovered,   // that half, and congestion avoidance
  };

  Phase phase = Phase::kOpening;
  bool unsure = false;            // the size of a segment is: nothing is said
  Offset window = 0;              // the largest that cwnd may be; 0 before any text
  Offset threshold = kUnbounded;  // the largest that ssthresh may be
  Offset inflated = 0;            // what duplicate ACKs since may have lent it
  Offset beyond = 0;              // with a quirk: what half of cwnd is above half of the flight
  Offset restart = kUnbounded;    // where it may begin after a long idle time, and what it grew by
  Offset recover = 0;             // below it partial ACKs of a recovery that may have begun
  Offset ends = 0;                // the same of the one that surely began
  Offset gained = 0;              // octets that may have been acknowledged since the loss
  Offset repeated = 0;            // behind what was sent again since the last time-out
  Offset unsettled = 0;           // what lies below may be sent again for more than one cause
  Offset reported = 0;            // behind the highest octet that SACK may have reported
  bool partial = false;           // a partial ACK came in the recovery,
  bool partial_answered = false;  // and what it left was sent again
  Instant partial_at;
  Offset partial_una = 0;
  uint8_t duplicates = 0;  // that may have come since SND.UNA moved

  // Surely duplicates (RFC 5681, 2), one after the other and nothing else between: how many,
  // whether the last stimulus is one of them, and what was the highest octet sent before the first.
  uint8_t row = 0;
  bool in_row = false;
  bool was_in_row = false;   // and the stimulus before that
  bool row_reports = false;  // SACK said something in it, or before
  Offset row_from = 0;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_CONGESTION_H_
