#include "harness/observer/segment_seen.h"

namespace assay::observer {

SegmentSeen See(wire::Octets octets, Instant at) {
  SegmentSeen seen{.at = at,
                   .packet = wire::DecodePacket(octets),
                   .defects = {},
                   .header = {},
                   .payload = {},
                   .options = {}};
  const wire::Packet& packet = seen.packet;
  if (packet.error != wire::PacketError::kNone) return seen;
  const wire::Segment segment = wire::DecodeSegment(packet.payload);
  seen.defects = wire::Validate(packet.source, packet.destination, packet.payload, segment);
  if (segment.header.has_value()) seen.header = *segment.header;
  seen.payload = segment.payload;
  if (!segment.options.empty()) seen.options = wire::DecodeOptions(segment.options);
  return seen;
}

}  // namespace assay::observer
