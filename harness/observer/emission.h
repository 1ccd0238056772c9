// Emission: something that the stack sent, in the offsets of one incarnation.

#ifndef ASSAY_HARNESS_OBSERVER_EMISSION_H_
#define ASSAY_HARNESS_OBSERVER_EMISSION_H_

#include "harness/observer/facts.h"
#include "harness/observer/hypothesis.h"
#include "harness/observer/offset.h"
#include "harness/observer/segment_seen.h"

namespace assay::observer {

struct Emission {
  const SegmentSeen* seg = nullptr;
  Offset seq = 0;
  Offset text = 0;
  Offset edge = 0;       // the right edge that it offers, relative to its own ACK: the window
  bool answers = false;  // a stimulus was open when it was sent; else only a timer can be the cause
  bool has_place = false;  // the stack's ISS is known, so `seq` means something

  const wire::Header& header() const { return seg->header; }
  Offset end() const { return seq + text + (header().syn() ? 1 : 0) + (header().fin() ? 1 : 0); }
  // The acknowledgment number, near what the stack is believed to expect.
  Offset AckNear(const Facts& facts, const Hypothesis& h) const {
    return facts.has_irs ? Unwrap(header().ack, facts.irs, h.rcv_nxt.lo) : kNowhere;
  }
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_EMISSION_H_
