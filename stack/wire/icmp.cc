#include "stack/wire/icmp.h"

#include "stack/base/check.h"
#include "stack/wire/checksum.h"

namespace assay::wire {
namespace {

constexpr size_t kIcmpHeader = 8;
constexpr size_t kQuotedTcp = 8;  // ports and sequence number

enum Type : uint8_t {
  kDestinationUnreachable = 3,
  kSourceQuenched = 4,
  kExceeded = 11,
  kParameter = 12,
};
enum TypeV6 : uint8_t {
  kDestinationUnreachableV6 = 1,
  kTooBigV6 = 2,
  kExceededV6 = 3,
  kParameterV6 = 4,
};

std::optional<IcmpKind> KindOfV4(uint8_t type, uint8_t code) {
  switch (type) {
    case kDestinationUnreachable:
      switch (code) {
        case 0:
        case 6:
        case 11:
          return IcmpKind::kNetUnreachable;
        case 2:
          return IcmpKind::kProtocolUnreachable;
        case 3:
          return IcmpKind::kPortUnreachable;
        case 4:
          return IcmpKind::kPacketTooBig;
        case 5:
          return IcmpKind::kSourceRouteFailed;
        default:
          return IcmpKind::kHostUnreachable;
      }
    case kSourceQuenched:
      return IcmpKind::kSourceQuench;
    case kExceeded:
      return IcmpKind::kTimeExceeded;
    case kParameter:
      return IcmpKind::kParameterProblem;
    default:
      return std::nullopt;
  }
}

std::optional<IcmpKind> KindOfV6(uint8_t type, uint8_t code) {
  switch (type) {
    case kDestinationUnreachableV6:
      switch (code) {
        case 0:
          return IcmpKind::kNetUnreachable;
        case 1:
          return IcmpKind::kProhibited;
        case 4:
          return IcmpKind::kPortUnreachable;
        default:
          return IcmpKind::kHostUnreachable;
      }
    case kTooBigV6:
      return IcmpKind::kPacketTooBig;
    case kExceededV6:
      return IcmpKind::kTimeExceeded;
    case kParameterV6:
      return IcmpKind::kParameterProblem;
    default:
      return std::nullopt;
  }
}

// Where the quoted segment begins, and how long the quoted packet was; the addresses go to `error`.
struct Quoted {
  Octets segment;
  uint32_t packet_size = 0;
};

std::optional<Quoted> ReadQuote(IpFamily family, Octets quote, IcmpError& error) {
  if (family == IpFamily::kIpv6) {
    if (quote.size() < kIpv6Header) return std::nullopt;
    OctetReader in(quote);
    const uint32_t first = in.U32();
    const uint32_t length = in.U16();
    const uint8_t protocol = in.U8();
    if (first >> 28 != 6 || protocol != kProtocolTcp) return std::nullopt;
    error.source.address = IpAddress::FromOctets(quote.subspan(8, 16));
    error.destination.address = IpAddress::FromOctets(quote.subspan(24, 16));
    return Quoted{quote.subspan(kIpv6Header), length + static_cast<uint32_t>(kIpv6Header)};
  }
  if (quote.size() < kIpv4HeaderMin) return std::nullopt;
  OctetReader in(quote);
  const uint8_t first = in.U8();
  in.U8();
  const uint32_t total = in.U16();
  in.U16();
  const uint16_t fragment = in.U16();
  in.U8();
  const uint8_t protocol = in.U8();
  const size_t header_size = size_t{static_cast<uint8_t>(first & 0x0f)} * 4;
  // Only a first fragment has the ports.
  if (first >> 4 != 4 || header_size < kIpv4HeaderMin || quote.size() < header_size ||
      protocol != kProtocolTcp || (fragment & 0x1fff) != 0) {
    return std::nullopt;
  }
  error.source.address = IpAddress::FromOctets(quote.subspan(12, 4));
  error.destination.address = IpAddress::FromOctets(quote.subspan(16, 4));
  return Quoted{quote.subspan(header_size), total};
}

bool ChecksumIsRight(const Packet& packet) {
  uint64_t sum = OnesComplementSum(packet.payload);
  if (packet.source.family() == IpFamily::kIpv6) {
    sum += OnesComplementSum(packet.source.octets());
    sum += OnesComplementSum(packet.destination.octets());
    sum += packet.payload.size() + kProtocolIcmpV6;
  }
  return FoldSum(sum) == 0xffff;
}

}  // namespace

std::string_view Name(IcmpKind kind) {
  switch (kind) {
    case IcmpKind::kNetUnreachable:
      return "net unreachable";
    case IcmpKind::kHostUnreachable:
      return "host unreachable";
    case IcmpKind::kProtocolUnreachable:
      return "protocol unreachable";
    case IcmpKind::kPortUnreachable:
      return "port unreachable";
    case IcmpKind::kProhibited:
      return "prohibited";
    case IcmpKind::kSourceRouteFailed:
      return "source route failed";
    case IcmpKind::kPacketTooBig:
      return "packet too big";
    case IcmpKind::kTimeExceeded:
      return "time exceeded";
    case IcmpKind::kParameterProblem:
      return "parameter problem";
    case IcmpKind::kSourceQuench:
      return "source quench";
  }
  CheckFailed(__FILE__, __LINE__, "an IcmpKind");
}

uint32_t PlateauBelow(uint32_t size) {
  constexpr uint32_t kPlateaus[] = {65535, 32000, 17914, 8166, 4352, 2002,
                                    1492,  1006,  508,   296,  68};
  for (uint32_t plateau : kPlateaus) {
    if (plateau < size) return plateau;
  }
  return kPlateaus[std::size(kPlateaus) - 1];
}

std::optional<IcmpError> DecodeIcmpError(const Packet& packet) {
  const IpFamily family = packet.source.family();
  const uint8_t protocol = family == IpFamily::kIpv4 ? kProtocolIcmp : kProtocolIcmpV6;
  if (packet.error != PacketError::kNotTcp || packet.protocol != protocol) return std::nullopt;
  if (packet.payload.size() < kIcmpHeader || !ChecksumIsRight(packet)) return std::nullopt;
  OctetReader in(packet.payload);
  const uint8_t type = in.U8();
  const uint8_t code = in.U8();
  in.U16();
  const uint32_t rest = in.U32();
  const auto kind = family == IpFamily::kIpv4 ? KindOfV4(type, code) : KindOfV6(type, code);
  if (!kind.has_value()) return std::nullopt;

  IcmpError error;
  error.kind = *kind;
  const auto quoted = ReadQuote(family, packet.payload.subspan(kIcmpHeader), error);
  if (!quoted.has_value() || quoted->segment.size() < kQuotedTcp) return std::nullopt;
  OctetReader segment(quoted->segment);
  error.source.port = segment.U16();
  error.destination.port = segment.U16();
  error.seq = segment.U32();
  if (*kind == IcmpKind::kPacketTooBig) {
    error.mtu = family == IpFamily::kIpv4 ? rest & 0xffff : rest;
    if (error.mtu == 0) error.mtu = PlateauBelow(quoted->packet_size);
  }
  return error;
}

}  // namespace assay::wire
