// The TCP segment codec: total and lossless (RFC 9293, 3.1).
//
// Any octets decode, and what was decoded encodes to the same octets again. Nothing is judged here:
// a SYN+FIN, a data offset of 1 and set reserved bits are all representable, because a hostile peer
// sends them. Validate() judges; see validate.h. Options are walked by options.h.

#ifndef ASSAY_STACK_WIRE_SEGMENT_H_
#define ASSAY_STACK_WIRE_SEGMENT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "stack/wire/octets.h"

namespace assay::wire {

inline constexpr size_t kHeaderMin = 20;
inline constexpr size_t kOptionsMax = 40;

// The control bits, lowest first as they stand in the header's fourteenth octet.
enum Control : uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
  kUrg = 0x20,
  kEce = 0x40,
  kCwr = 0x80,
};

// The fixed part of a TCP header, field for field as Figure 1 of RFC 9293 draws it.
struct Header {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t seq = 0;
  uint32_t ack = 0;
  uint8_t offset_and_reserved = 0x50;
  uint8_t control = 0;
  uint16_t window = 0;
  uint16_t checksum = 0;
  uint16_t urgent = 0;
  friend constexpr bool operator==(const Header&, const Header&) = default;

  constexpr bool fin() const { return (control & kFin) != 0; }
  constexpr bool syn() const { return (control & kSyn) != 0; }
  constexpr bool rst() const { return (control & kRst) != 0; }
  constexpr bool psh() const { return (control & kPsh) != 0; }
  constexpr bool has_ack() const { return (control & kAck) != 0; }
  constexpr bool urg() const { return (control & kUrg) != 0; }

  // In 32-bit words.
  constexpr uint8_t data_offset() const { return offset_and_reserved >> 4; }
  constexpr uint8_t reserved() const { return offset_and_reserved & 0x0f; }
};

// Decodes the first 20 octets of `segment`; fails only when there are fewer.
constexpr std::optional<Header> DecodeHeader(Octets segment) {
  if (segment.size() < kHeaderMin) return std::nullopt;
  OctetReader in(segment);
  return Header{in.U16(), in.U16(), in.U32(), in.U32(), in.U8(),
                in.U8(),  in.U16(), in.U16(), in.U16()};
}

constexpr void EncodeHeader(const Header& header, std::span<std::byte, kHeaderMin> octets) {
  OctetWriter out(octets);
  out.U16(header.source_port);
  out.U16(header.destination_port);
  out.U32(header.seq);
  out.U32(header.ack);
  out.U8(header.offset_and_reserved);
  out.U8(header.control);
  out.U16(header.window);
  out.U16(header.checksum);
  out.U16(header.urgent);
}
constexpr std::array<std::byte, kHeaderMin> EncodeHeader(const Header& header) {
  std::array<std::byte, kHeaderMin> octets{};
  EncodeHeader(header, octets);
  return octets;
}

// A segment in its three parts. The spans point into the octets it was decoded from.
struct Segment {
  std::optional<Header> header;  // none if there are fewer than 20 octets: all of them are payload
  Octets options;  // empty if the data offset is below 5; cut off at the segment's end
  Octets payload;

  // SEG.LEN: octets of sequence space, SYN and FIN counted.
  constexpr uint32_t len() const {
    return static_cast<uint32_t>(payload.size()) +
           (header.has_value() ? uint32_t{header->syn()} + uint32_t{header->fin()} : 0);
  }
};

// Decodes to a Segment that is as it was made: one that is returned is copied, in pieces larger
// than it has just been written in, and that stalls the processor.
constexpr void DecodeSegmentTo(Segment& segment, Octets octets) {
  segment.header = DecodeHeader(octets);
  if (!segment.header.has_value()) {
    segment.payload = octets;
    return;
  }
  const size_t claimed = size_t{segment.header->data_offset()} * 4;
  const size_t end = std::clamp(claimed, kHeaderMin, octets.size());
  segment.options = octets.subspan(kHeaderMin, end - kHeaderMin);
  segment.payload = octets.subspan(end);
}
constexpr Segment DecodeSegment(Octets octets) {
  Segment segment;
  DecodeSegmentTo(segment, octets);
  return segment;
}

// Writes the segment and returns its octets, the first part of `out`. The checksum field is written
// as it stands; see SealTcp in packet.h. Too little room is a mistake of the caller's.
MutableOctets EncodeSegment(const Segment& segment, MutableOctets out);

// The control bits as a fixed-width column, highest first: "CEUAPRSF" with '.' for a clear bit.
std::string ControlColumn(uint8_t control);
// The control bits as the RFC lists them: "SYN,ACK"; "none" if all are clear.
std::string ControlNames(uint8_t control);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_SEGMENT_H_
