// SegmentSeen: one segment as it passed the stack's door, in either direction, decoded once.

#ifndef ASSAY_HARNESS_OBSERVER_SEGMENT_SEEN_H_
#define ASSAY_HARNESS_OBSERVER_SEGMENT_SEEN_H_

#include "stack/base/time.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"
#include "stack/wire/validate.h"

namespace assay::observer {

struct SegmentSeen {
  Instant at;
  wire::Packet packet;
  wire::Defects defects;
  wire::Header header;
  wire::Octets payload;
  wire::OptionSet options;

  // The fields of the header mean something.
  bool has_header() const {
    return packet.error == wire::PacketError::kNone && !defects.Has(wire::Defect::kTooShort);
  }
  // Anything that a receiver must discard unread.
  bool discards() const { return packet.error != wire::PacketError::kNone || defects.Discards(); }
  uint32_t len() const {
    return static_cast<uint32_t>(payload.size()) + uint32_t{header.syn()} + uint32_t{header.fin()};
  }
  // Nothing but an acknowledgment.
  bool is_pure_ack() const {
    return header.has_ack() && !header.syn() && !header.fin() && !header.rst() && payload.empty();
  }
};

// Total: what cannot be decoded has its error set. The payload points into `packet`.
SegmentSeen See(wire::Octets packet, Instant at);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_SEGMENT_SEEN_H_
