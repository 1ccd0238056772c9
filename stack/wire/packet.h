// IP packets that carry TCP: the IPv4 and IPv6 headers, as far as a TCP needs them
// (RFC 791, 3.1; RFC 8200, 3).
//
// A TCP endpoint gets whole IP packets and gives whole IP packets. Decoding is strict about what
// delimits the segment (version, lengths, header checksum) and keeps the rest as it is; fragments
// are not reassembled. Encoding writes no IP options and no extension headers.

#ifndef ASSAY_STACK_WIRE_PACKET_H_
#define ASSAY_STACK_WIRE_PACKET_H_

#include <cstdint>
#include <string_view>

#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"

namespace assay::wire {

inline constexpr uint8_t kProtocolTcp = 6;
inline constexpr size_t kIpv4HeaderMin = 20;
inline constexpr size_t kIpv6Header = 40;

enum class PacketError : uint8_t {
  kNone,
  kTooShort,     // fewer octets than the header, or than its length field says
  kBadVersion,   // neither 4 nor 6
  kBadHeader,    // IPv4: header length below 5, or total length below it; IPv6: segments left
  kBadChecksum,  // IPv4 header checksum
  kFragment,     // part of a larger packet, not the whole of it
  kNotTcp,
};

std::string_view Name(PacketError error);

// A decoded packet. `payload` points into the octets it was decoded from; link padding behind the
// IP packet is left out.
struct Packet {
  PacketError error = PacketError::kNone;
  IpAddress source;
  IpAddress destination;
  uint8_t hop_limit = 64;     // TTL
  uint8_t traffic_class = 0;  // DS field and ECN
  uint8_t protocol = kProtocolTcp;
  Octets payload;  // the segment, if the error is kNone; what else it carries, if it is kNotTcp
};

// What a sender may choose of the IP header.
struct IpFields {
  // Of an octet each; wider here, since an octet that is put by and read back as a word stalls.
  uint32_t hop_limit = 64;     // TTL
  uint32_t traffic_class = 0;  // DS field and ECN
};

// Total: any octets give a Packet, whose error says what is wrong with them. Addresses are set
// where the header is long enough to hold them.
Packet DecodePacket(Octets octets);

constexpr size_t IpHeaderSize(IpFamily family) {
  return family == IpFamily::kIpv4 ? kIpv4HeaderMin : kIpv6Header;
}

// Writes an IP header for a payload of `payload_size` octets to the front of `out`, checksum
// included, and returns its size. Both addresses are of one family.
size_t EncodeIpHeader(const Packet& packet, size_t payload_size, MutableOctets out);

// Writes a segment: TCP header (data offset and checksum filled in), options and payload. The
// options are whole 32-bit words, at most 40 octets, as they stand or as a set. Returns the first
// part of `out`. The parts do not overlap it.
MutableOctets EncodeTcpSegment(const IpAddress& source, const IpAddress& destination,
                               const Header& header, Octets options, Octets payload,
                               MutableOctets out);
MutableOctets EncodeTcpSegmentWithOptions(const IpAddress& source, const IpAddress& destination,
                                          const Header& header, const OptionSet& options,
                                          Octets payload, MutableOctets out);

// The same with an IP header in front: a whole packet.
MutableOctets EncodeTcpPacket(const IpAddress& source, const IpAddress& destination,
                              const Header& header, Octets options, Octets payload,
                              MutableOctets out);
MutableOctets EncodeTcpPacketWithOptions(const IpAddress& source, const IpAddress& destination,
                                         const Header& header, const OptionSet& options,
                                         Octets payload, MutableOctets out,
                                         const IpFields& ip = {});

// The same in two steps, for a payload that is put into its place later, or elsewhere.
struct PacketHeaders {
  uint16_t size = 0;         // of IP and TCP header, options included
  uint16_t checksum_at = 0;  // where the checksum of the segment stands
  uint16_t sum = 0;          // what that covers of the headers
};
// Writes all but the payload, of `payload_size` octets, and the checksum of the segment.
PacketHeaders EncodeTcpHeaders(const IpAddress& source, const IpAddress& destination,
                               const Header& header, const OptionSet& options, size_t payload_size,
                               MutableOctets out, const IpFields& ip = {});
// Puts both into the packet of those headers. Returns the whole of it.
MutableOctets PutPayload(const PacketHeaders& headers, Octets payload, MutableOctets packet);

// Sets the checksum field of the segment to what it must be; does nothing below 20 octets.
void SealTcp(const IpAddress& source, const IpAddress& destination, MutableOctets segment);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_PACKET_H_
