#include "harness/observer/segment_seen.h"

namespace assay::observer {

SegmentSeen See(wire::Octets octets, Instant at) {
  SegmentSeen seen;
  seen.at = at;
  const wire::Packet packet = wire::DecodePacket(octets);
  seen.packet_error = packet.error;
  seen.source = packet.source;
  seen.destination = packet.destination;
  if (packet.error != wire::PacketError::kNone) return seen;
  const wire::Segment segment = wire::DecodeSegment(packet.payload);
  seen.defects = wire::Validate(packet.source, packet.destination, packet.payload, segment);
  if (segment.header.has_value()) seen.header = *segment.header;
  seen.payload = segment.payload;
  seen.options = wire::DecodeOptions(segment.options);
  return seen;
}

}  // namespace assay::observer
