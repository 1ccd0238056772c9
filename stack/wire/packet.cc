#include "stack/wire/packet.h"

#include <algorithm>

#include "stack/wire/checksum.h"

namespace assay::wire {
namespace {

constexpr size_t kTcpChecksumAt = 16;
constexpr size_t kExtensionUnit = 8;

// Next header values of the IPv6 extension headers (RFC 8200, 4).
enum NextHeader : uint8_t {
  kHopByHopOptions = 0,
  kRouting = 43,
  kFragment = 44,
  kDestinationOptions = 60,
};

PacketError DecodeIpv4(Octets octets, Packet& packet) {
  if (octets.size() < kIpv4HeaderMin) return PacketError::kTooShort;
  OctetReader in(octets);
  const size_t header_size = size_t{static_cast<uint8_t>(in.U8() & 0x0f)} * 4;
  packet.traffic_class = in.U8();
  const size_t total = in.U16();
  in.U16();  // identification
  const uint16_t fragment = in.U16();
  packet.hop_limit = in.U8();
  packet.protocol = in.U8();
  in.U16();  // checksum
  packet.source = IpAddress::FromOctets(octets.subspan(12, 4));
  packet.destination = IpAddress::FromOctets(octets.subspan(16, 4));
  if (header_size < kIpv4HeaderMin || total < header_size) return PacketError::kBadHeader;
  if (octets.size() < total) return PacketError::kTooShort;
  if (OnesComplementSum(octets.first(header_size)) != 0xffff) return PacketError::kBadChecksum;
  if ((fragment & 0x3fff) != 0) return PacketError::kFragment;  // offset, or more to come
  if (packet.protocol != kProtocolTcp) return PacketError::kNotTcp;
  packet.payload = octets.subspan(header_size, total - header_size);
  return PacketError::kNone;
}

PacketError DecodeIpv6(Octets octets, Packet& packet) {
  if (octets.size() < kIpv6Header) return PacketError::kTooShort;
  OctetReader in(octets);
  const uint32_t first = in.U32();
  packet.traffic_class = static_cast<uint8_t>(first >> 20);
  const size_t length = in.U16();
  packet.protocol = in.U8();
  packet.hop_limit = in.U8();
  packet.source = IpAddress::FromOctets(octets.subspan(8, 16));
  packet.destination = IpAddress::FromOctets(octets.subspan(24, 16));
  if (octets.size() - kIpv6Header < length) return PacketError::kTooShort;
  Octets rest = octets.subspan(kIpv6Header, length);
  for (bool first_header = true;; first_header = false) {
    const uint8_t kind = packet.protocol;
    // Hop-by-hop options stand right behind the IPv6 header or are not recognised (RFC 8200, 4.1).
    const bool skippable = (kind == kHopByHopOptions && first_header) || kind == kRouting ||
                           kind == kFragment || kind == kDestinationOptions;
    if (!skippable) break;
    if (rest.size() < kExtensionUnit) return PacketError::kTooShort;
    OctetReader extension(rest);
    const uint8_t next_header = extension.U8();
    const size_t more_units = extension.U8();
    const uint16_t third_and_fourth = extension.U16();
    size_t size = (more_units + 1) * kExtensionUnit;
    if (kind == kFragment) {
      // A fragment that is the whole packet is taken as it is (RFC 8200, 4.5). Any other, offset
      // not zero or more to come, is not.
      if ((third_and_fourth & 0xfff9) != 0) return PacketError::kFragment;
      size = kExtensionUnit;
    }
    // Segments left: this is not where the packet ends (RFC 8200, 4.4).
    if (kind == kRouting && (third_and_fourth & 0xff) != 0) return PacketError::kBadHeader;
    if (rest.size() < size) return PacketError::kTooShort;
    packet.protocol = next_header;
    rest = rest.subspan(size);
  }
  if (packet.protocol != kProtocolTcp) return PacketError::kNotTcp;
  packet.payload = rest;
  return PacketError::kNone;
}

// The sums of what is written are made from the values themselves: reading octets back that were
// just written in other sizes stalls the processor longer than adding takes.
uint64_t SumOf(const IpAddress& address) {
  OctetReader in(address.octets());
  if (address.family() == IpFamily::kIpv4) return in.U32();
  uint64_t sum = in.U32();
  sum += in.U32();
  sum += in.U32();
  return sum + in.U32();
}

uint64_t SumOf(const Header& header) {
  return uint64_t{header.source_port} + header.destination_port + header.seq + header.ack +
         static_cast<uint32_t>(header.offset_and_reserved << 8 | header.control) + header.window +
         header.checksum + header.urgent;
}

}  // namespace

std::string_view Name(PacketError error) {
  switch (error) {
    case PacketError::kNone:
      return "none";
    case PacketError::kTooShort:
      return "too short";
    case PacketError::kBadVersion:
      return "bad version";
    case PacketError::kBadHeader:
      return "bad header";
    case PacketError::kBadChecksum:
      return "bad header checksum";
    case PacketError::kFragment:
      return "fragment";
    case PacketError::kNotTcp:
      return "not TCP";
  }
  CheckFailed(__FILE__, __LINE__, "a PacketError");
}

Packet DecodePacket(Octets octets) {
  Packet packet;
  switch (octets.empty() ? 0 : static_cast<uint8_t>(octets[0]) >> 4) {
    case 4:
      packet.error = DecodeIpv4(octets, packet);
      break;
    case 6:
      packet.error = DecodeIpv6(octets, packet);
      break;
    default:
      packet.error = octets.empty() ? PacketError::kTooShort : PacketError::kBadVersion;
  }
  return packet;
}

size_t EncodeIpHeader(const Packet& packet, size_t payload_size, MutableOctets out) {
  ASSAY_CHECK(packet.source.family() == packet.destination.family());
  OctetWriter writer(out);
  if (packet.source.family() == IpFamily::kIpv6) {
    ASSAY_CHECK(payload_size <= 0xffff);
    writer.U32(uint32_t{6} << 28 | uint32_t{packet.traffic_class} << 20);
    writer.U16(static_cast<uint16_t>(payload_size));
    writer.U8(packet.protocol);
    writer.U8(packet.hop_limit);
    writer.Copy(packet.source.octets());
    writer.Copy(packet.destination.octets());
    return kIpv6Header;
  }
  ASSAY_CHECK(payload_size + kIpv4HeaderMin <= 0xffff);
  const auto total = static_cast<uint16_t>(payload_size + kIpv4HeaderMin);
  constexpr uint16_t kVersionAndLength = 0x45;
  constexpr uint16_t kDontFragment = 0x4000;
  const uint64_t sum = SumOf(packet.source) + SumOf(packet.destination) + total + kDontFragment +
                       static_cast<uint16_t>(kVersionAndLength << 8 | packet.traffic_class) +
                       static_cast<uint16_t>(packet.hop_limit << 8 | packet.protocol);
  writer.U8(kVersionAndLength);
  writer.U8(packet.traffic_class);
  writer.U16(total);
  writer.U16(0);  // identification: atomic datagrams need none (RFC 6864, 4.1)
  writer.U16(kDontFragment);
  writer.U8(packet.hop_limit);
  writer.U8(packet.protocol);
  writer.U16(static_cast<uint16_t>(~FoldSum(sum)));
  writer.Copy(packet.source.octets());
  writer.Copy(packet.destination.octets());
  return kIpv4HeaderMin;
}

MutableOctets EncodeTcpPacket(const IpAddress& source, const IpAddress& destination,
                              const Header& header, Octets options, Octets payload,
                              MutableOctets out) {
  ASSAY_CHECK(options.size() % 4 == 0 && options.size() <= kOptionsMax);
  Packet packet;
  packet.source = source;
  packet.destination = destination;
  const size_t header_size = kHeaderMin + options.size();
  const size_t size = header_size + payload.size();
  const size_t ip_size = EncodeIpHeader(packet, size, out);
  ASSAY_CHECK(out.size() - ip_size >= size);
  const MutableOctets segment = out.subspan(ip_size, size);

  Header sent = header;
  sent.offset_and_reserved =
      static_cast<uint8_t>(header_size / 4 << 4 | (header.offset_and_reserved & 0x0f));
  sent.checksum = 0;
  uint16_t sum = FoldSum(SumOf(source) + SumOf(destination) + kProtocolTcp + size + SumOf(sent));
  if (!options.empty()) sum = CopyAndSum(options, segment.subspan(kHeaderMin), sum);
  if (!payload.empty()) sum = CopyAndSum(payload, segment.subspan(header_size), sum);
  //= MUST-2
  sent.checksum = static_cast<uint16_t>(~sum);
  OctetWriter(segment).Copy(EncodeHeader(sent));
  return out.first(ip_size + size);
}

void SealTcp(const IpAddress& source, const IpAddress& destination, MutableOctets segment) {
  if (segment.size() < kHeaderMin) return;
  //= MUST-2
  const uint16_t checksum = TcpChecksum(source, destination, segment);
  OctetWriter(segment.subspan(kTcpChecksumAt)).U16(checksum);
}

}  // namespace assay::wire
