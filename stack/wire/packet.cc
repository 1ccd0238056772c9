#include "stack/wire/packet.h"

#include <array>
#include <bit>

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

// Of a header without options, which nearly all are, by a size that is known: no loop.
bool Ipv4ChecksumIsRight(Octets header) {
  if (header.size() != kIpv4HeaderMin) return OnesComplementSum(header) == 0xffff;
  return FoldSum(ShortSum<false>(header.data(), nullptr, kIpv4HeaderMin, 0)) == 0xffff;
}

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
  packet.source.Assign(octets.subspan(12, 4));
  packet.destination.Assign(octets.subspan(16, 4));
  if (header_size < kIpv4HeaderMin || total < header_size) return PacketError::kBadHeader;
  if (octets.size() < total) return PacketError::kTooShort;
  if (!Ipv4ChecksumIsRight(octets.first(header_size))) return PacketError::kBadChecksum;
  if ((fragment & 0x3fff) != 0) return PacketError::kFragment;  // offset, or more to come
  // Options of IP lie between, and are not looked at.
  //= MUST-50
  packet.payload = octets.subspan(header_size, total - header_size);
  if (packet.protocol != kProtocolTcp) return PacketError::kNotTcp;
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
  packet.source.Assign(octets.subspan(8, 16));
  packet.destination.Assign(octets.subspan(24, 16));
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
  packet.payload = rest;
  if (packet.protocol != kProtocolTcp) return PacketError::kNotTcp;
  return PacketError::kNone;
}

// The parts of the encoders are inlined into each: spans that do not fit into registers any more
// would otherwise be read back from where a caller has just put them.
#define ASSAY_PART [[gnu::always_inline]] inline

// The sums of what is written are made from the values themselves: reading octets back that were
// just written in other sizes stalls the processor longer than adding takes.
ASSAY_PART uint64_t SumOf(const IpAddress& address) {
  if (address.family() == IpFamily::kIpv4) return OctetReader(address.octets().first(4)).U32();
  OctetReader in(address.octets().first(16));
  uint64_t sum = in.U32();
  sum += in.U32();
  sum += in.U32();
  return sum + in.U32();
}

ASSAY_PART uint64_t SumOf(const HeaderWords& header) {
  return (header.ports_and_seq >> 32) + static_cast<uint32_t>(header.ports_and_seq) +
         (header.ack_to_window >> 32) + static_cast<uint32_t>(header.ack_to_window) +
         header.checksum_and_urgent;
}

// The addresses are added up before anything is written: for all that the compiler knows, they are
// part of it, and would be read again.
ASSAY_PART uint64_t SumOf(const IpAddress& source, const IpAddress& destination) {
  return SumOf(source) + SumOf(destination);
}

// `ends`: the sum of the addresses.
ASSAY_PART size_t EncodeIp(const IpAddress& source, const IpAddress& destination, uint64_t ends,
                           size_t payload_size, MutableOctets out, uint32_t hop_limit = 64,
                           uint32_t traffic_class = 0, uint32_t protocol = kProtocolTcp) {
  ASSAY_CHECK(source.family() == destination.family());
  ASSAY_CHECK(out.size() >= IpHeaderSize(source.family()));
  const auto hops_and_protocol = static_cast<uint16_t>(hop_limit << 8 | protocol);
  if (source.family() == IpFamily::kIpv6) {
    ASSAY_CHECK(payload_size <= 0xffff);
    OctetWriter writer(out.first<kIpv6Header>());
    writer.U32(uint32_t{6} << 28 | traffic_class << 20);
    writer.U16(static_cast<uint16_t>(payload_size));
    writer.U16(std::rotl(hops_and_protocol, 8));
    writer.Copy(source.octets().first<16>());
    writer.Copy(destination.octets().first<16>());
    return kIpv6Header;
  }
  ASSAY_CHECK(payload_size + kIpv4HeaderMin <= 0xffff);
  constexpr uint8_t kVersionAndLength = 0x45;
  constexpr uint16_t kDontFragment = 0x4000;
  const auto first = static_cast<uint16_t>(kVersionAndLength << 8 | traffic_class);
  const auto total = static_cast<uint16_t>(payload_size + kIpv4HeaderMin);
  const uint64_t sum = uint64_t{first} + total + kDontFragment + hops_and_protocol + ends;
  OctetWriter writer(out.first<kIpv4HeaderMin>());
  writer.U32(uint32_t{first} << 16 | total);
  //= MAY-4
  writer.U32(kDontFragment);  // identification 0: atomic datagrams need none (RFC 6864, 4.1)
  writer.U32(uint32_t{hops_and_protocol} << 16 | static_cast<uint16_t>(~FoldSum(sum)));
  writer.Copy(source.octets().first<4>());
  writer.Copy(destination.octets().first<4>());
  return kIpv4HeaderMin;
}

// Puts the header before options that stand in their place and sum to `options_sum`. The sum of all
// that the checksum covers but the payload.
ASSAY_PART uint16_t EncodeBefore(uint64_t ends, const Header& header, size_t header_size,
                                 size_t payload_size, uint64_t options_sum, MutableOctets out) {
  const auto offset_and_reserved =
      static_cast<uint8_t>(header_size / 4 << 4 | (header.offset_and_reserved & 0x0f));
  const Header sent = {header.source_port,  header.destination_port, header.seq,    header.ack,
                       offset_and_reserved, header.control,          header.window, 0,
                       header.urgent};
  const HeaderWords words = WordsOf(sent);
  EncodeHeader(words, out.first<kHeaderMin>());
  return FoldSum(ends + kProtocolTcp + header_size + payload_size + SumOf(words) + options_sum);
}

// `header_size`: with the options, which is EncodedSize() of them more than without.
ASSAY_PART uint16_t EncodeHeaderWith(uint64_t ends, const Header& header, size_t header_size,
                                     const OptionSet& options, size_t payload_size,
                                     MutableOctets out) {
  uint64_t sum = 0;
  if (options.timestamps.has_value() && header_size == kHeaderMin + kTimestampsOnWordsSize &&
      !options.sack_permitted) {
    OctetWriter writer(out.subspan(kHeaderMin, kTimestampsOnWordsSize));
    writer.U32(kTimestampsOnWords);
    writer.U32(options.timestamps->value);
    writer.U32(options.timestamps->echo);
    sum = uint64_t{kTimestampsOnWords} + options.timestamps->value + options.timestamps->echo;
  } else if (header_size > kHeaderMin) {
    std::array<std::byte, kOptionsMax> room;
    sum = CopyAndSum(EncodeOptions(options, room), out.subspan(kHeaderMin));
  }
  return EncodeBefore(ends, header, header_size, payload_size, sum, out);
}

// Puts the payload behind the header, and the checksum into it. `sum`: of the rest.
ASSAY_PART MutableOctets PutBehind(size_t header_size, size_t checksum_at, uint16_t sum,
                                   Octets payload, MutableOctets out) {
  if (!payload.empty()) sum = CopyAndSum(payload, out.subspan(header_size), sum);
  //= MUST-2
  OctetWriter(out.subspan(checksum_at, 2)).U16(static_cast<uint16_t>(~sum));
  return out.first(header_size + payload.size());
}

ASSAY_PART MutableOctets EncodeWith(uint64_t ends, const Header& header, Octets options,
                                    Octets payload, MutableOctets out) {
  ASSAY_CHECK(options.size() % 4 == 0 && options.size() <= kOptionsMax);
  const size_t header_size = kHeaderMin + options.size();
  ASSAY_CHECK(out.size() >= header_size + payload.size());
  const uint64_t options_sum =
      options.empty() ? 0 : CopyAndSum(options, out.subspan(kHeaderMin, options.size()));
  const uint16_t sum = EncodeBefore(ends, header, header_size, payload.size(), options_sum, out);
  return PutBehind(header_size, kTcpChecksumAt, sum, payload, out);
}

ASSAY_PART MutableOctets EncodeWith(uint64_t ends, const Header& header, size_t header_size,
                                    const OptionSet& options, Octets payload, MutableOctets out) {
  ASSAY_CHECK(out.size() >= header_size + payload.size());
  const uint16_t sum = EncodeHeaderWith(ends, header, header_size, options, payload.size(), out);
  return PutBehind(header_size, kTcpChecksumAt, sum, payload, out);
}

#undef ASSAY_PART

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
  return EncodeIp(packet.source, packet.destination, SumOf(packet.source, packet.destination),
                  payload_size, out, packet.hop_limit, packet.traffic_class, packet.protocol);
}

MutableOctets EncodeTcpPacket(const IpAddress& source, const IpAddress& destination,
                              const Header& header, Octets options, Octets payload,
                              MutableOctets out) {
  const size_t size = kHeaderMin + options.size() + payload.size();
  const uint64_t ends = SumOf(source, destination);
  const size_t ip_size = EncodeIp(source, destination, ends, size, out);
  EncodeWith(ends, header, options, payload, out.subspan(ip_size));
  return out.first(ip_size + size);
}

MutableOctets EncodeTcpPacketWithOptions(const IpAddress& source, const IpAddress& destination,
                                         const Header& header, const OptionSet& options,
                                         Octets payload, MutableOctets out, const IpFields& ip) {
  const size_t header_size = kHeaderMin + EncodedSize(options);
  const size_t size = header_size + payload.size();
  const uint64_t ends = SumOf(source, destination);
  const size_t ip_size =
      EncodeIp(source, destination, ends, size, out, ip.hop_limit, ip.traffic_class);
  EncodeWith(ends, header, header_size, options, payload, out.subspan(ip_size));
  return out.first(ip_size + size);
}

PacketHeaders EncodeTcpHeaders(const IpAddress& source, const IpAddress& destination,
                               const Header& header, const OptionSet& options, size_t payload_size,
                               MutableOctets out, const IpFields& ip) {
  const size_t header_size = kHeaderMin + EncodedSize(options);
  const uint64_t ends = SumOf(source, destination);
  const size_t ip_size = EncodeIp(source, destination, ends, header_size + payload_size, out,
                                  ip.hop_limit, ip.traffic_class);
  const MutableOctets segment = out.subspan(ip_size);
  ASSAY_CHECK(segment.size() >= header_size);
  return {static_cast<uint16_t>(ip_size + header_size),
          static_cast<uint16_t>(ip_size + kTcpChecksumAt),
          EncodeHeaderWith(ends, header, header_size, options, payload_size, segment)};
}

MutableOctets PutPayload(const PacketHeaders& headers, Octets payload, MutableOctets packet) {
  ASSAY_CHECK(packet.size() >= headers.size + payload.size());
  return PutBehind(headers.size, headers.checksum_at, headers.sum, payload, packet);
}

MutableOctets EncodeTcpSegment(const IpAddress& source, const IpAddress& destination,
                               const Header& header, Octets options, Octets payload,
                               MutableOctets out) {
  return EncodeWith(SumOf(source, destination), header, options, payload, out);
}

MutableOctets EncodeTcpSegmentWithOptions(const IpAddress& source, const IpAddress& destination,
                                          const Header& header, const OptionSet& options,
                                          Octets payload, MutableOctets out) {
  const size_t header_size = kHeaderMin + EncodedSize(options);
  return EncodeWith(SumOf(source, destination), header, header_size, options, payload, out);
}

void SealTcp(const IpAddress& source, const IpAddress& destination, MutableOctets segment) {
  if (segment.size() < kHeaderMin) return;
  //= MUST-2
  const uint16_t checksum = TcpChecksum(source, destination, segment);
  OctetWriter(segment.subspan(kTcpChecksumAt)).U16(checksum);
}

}  // namespace assay::wire
