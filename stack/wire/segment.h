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
#include <utility>

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

// Decodes the first 20 octets of `segment`; fewer are a mistake of the caller's.
constexpr Header HeaderOf(Octets segment) {
  OctetReader in(segment.first<kHeaderMin>());
  return Header{in.U16(), in.U16(), in.U32(), in.U32(), in.U8(),
                in.U8(),  in.U16(), in.U16(), in.U16()};
}
// The same; fails only when there are fewer.
constexpr std::optional<Header> DecodeHeader(Octets segment) {
  if (segment.size() < kHeaderMin) return std::nullopt;
  return HeaderOf(segment);
}

// A header as three numbers, to be written or added up in fewer pieces than it has fields.
struct HeaderWords {
  uint64_t ports_and_seq;
  uint64_t ack_to_window;
  uint32_t checksum_and_urgent;
};
constexpr HeaderWords WordsOf(const Header& h) {
  return {uint64_t{h.source_port} << 48 | uint64_t{h.destination_port} << 32 | h.seq,
          uint64_t{h.ack} << 32 | uint32_t{h.offset_and_reserved} << 24 |
              uint32_t{h.control} << 16 | h.window,
          uint32_t{h.checksum} << 16 | h.urgent};
}

constexpr void EncodeHeader(const HeaderWords& words, std::span<std::byte, kHeaderMin> octets) {
  OctetWriter out(octets);
  out.U64(words.ports_and_seq);
  out.U64(words.ack_to_window);
  out.U32(words.checksum_and_urgent);
}
constexpr void EncodeHeader(const Header& header, std::span<std::byte, kHeaderMin> octets) {
  EncodeHeader(WordsOf(header), octets);
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

// Where the options end, in octets of at least 20 that begin with this header.
constexpr size_t OptionsEnd(const Header& header, Octets octets) {
  return std::clamp(size_t{header.data_offset()} * 4, kHeaderMin, octets.size());
}
// Each part is written once, where it stays: a header that is made apart is copied, in pieces
// larger than it has just been written in, and that stalls the processor.
constexpr Segment DecodeSegment(Octets octets) {
  if (octets.size() < kHeaderMin) return {.header = {}, .options = {}, .payload = octets};
  const Header h = HeaderOf(octets);
  const size_t end = OptionsEnd(h, octets);
  return {.header = std::optional<Header>(std::in_place, h.source_port, h.destination_port, h.seq,
                                          h.ack, h.offset_and_reserved, h.control, h.window,
                                          h.checksum, h.urgent),
          .options = octets.subspan(kHeaderMin, end - kHeaderMin),
          .payload = octets.subspan(end)};
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
