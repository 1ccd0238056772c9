#include "properties/faulty_wire.h"

#include <string_view>

#include "stack/wire/checksum.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::properties {
namespace {

using wire::MutableOctets;
using wire::OctetReader;
using wire::OctetWriter;

constexpr std::array<std::string_view, kFaultKinds> kNames = {
    "dropped", "duplicated", "delayed", "damaged", "truncated", "with other hops", "forged"};

bool IsIpv4(wire::Octets packet) {
  return !packet.empty() && static_cast<uint8_t>(packet[0]) >> 4 == 4;
}

size_t HeaderSize(wire::Octets packet) {
  return IsIpv4(packet) ? wire::kIpv4HeaderMin : wire::kIpv6Header;
}

// Routers do this to every packet: no end may care.
void ChangeHops(MutableOctets packet, uint32_t detail) {
  const auto hops = static_cast<std::byte>(detail);
  const auto traffic_class = static_cast<uint8_t>(detail >> 8);
  if (packet.size() < HeaderSize(packet)) return;
  if (IsIpv4(packet)) {
    packet[1] = std::byte{traffic_class};
    packet[8] = hops;
    OctetWriter(packet.subspan(10)).U16(0);
    OctetWriter(packet.subspan(10)).U16(wire::InternetChecksum(packet.first(20)));
  } else {
    packet[0] = static_cast<std::byte>(6 << 4 | traffic_class >> 4);
    packet[1] = static_cast<std::byte>((traffic_class & 0x0f) << 4 | uint8_t(detail >> 16 & 0x0f));
    packet[7] = hops;
  }
}

bool Forge(MutableOctets packet, uint32_t detail) {
  const wire::Packet decoded = wire::DecodePacket(packet);
  const size_t text = wire::DecodeSegment(decoded.payload).payload.size();
  if (decoded.error != wire::PacketError::kNone || text == 0) return false;
  packet[packet.size() - 1 - detail % text] ^= std::byte{0x20};
  wire::SealTcp(decoded.source, decoded.destination, packet.subspan(HeaderSize(packet)));
  return true;
}

}  // namespace

void showValue(const Fault& fault, std::ostream& out) {
  out << Letter(fault.from) << "'s packet " << fault.packet << ' '
      << kNames[static_cast<size_t>(fault.kind)] << " (" << fault.detail << ')';
}

bool Damage(MutableOctets packet, uint32_t detail) {
  // Words from here on; the first that may be damaged is behind what delimits the packet.
  const size_t first = IsIpv4(packet) ? 2 : 8;
  if (packet.size() < first + 2) return false;
  const size_t words = (packet.size() - first) / 2;
  const bool odd = packet.size() % 2 == 1;
  const size_t word = (detail >> 16) % (words + size_t{odd});
  if (word == words) {
    // The last octet stands for a word whose other half is zero.
    const auto flip = static_cast<std::byte>(1 + (detail & 0xffff) % 255);
    packet.back() ^= flip;
    return true;
  }
  const MutableOctets at = packet.subspan(first + 2 * word);
  const uint32_t before = OctetReader(at).U16();
  // Another value modulo 65535: a step of 1 to 65534 on that circle.
  const uint32_t after = (before + 1 + (detail & 0xffff) % 65534) % 65535;
  OctetWriter(at).U16(static_cast<uint16_t>(after));
  return true;
}

FaultyWire::FaultyWire(Duration delay, const std::vector<Fault>& faults) : delay_(delay) {
  for (const Fault& fault : faults) {
    const uint32_t more = fault.kind == FaultKind::kDrop ? fault.detail : 0;
    for (uint32_t i = 0; i <= more; ++i) faults_.insert({{fault.from, fault.packet + i}, fault});
  }
}

void FaultyWire::Fly(Side to, Instant at, uint32_t note, std::vector<std::byte> octets) {
  flying_.insert({{at, ordinal_++}, Arrival{to, note, std::move(octets)}});
}

void FaultyWire::Send(Side from, wire::Octets packet, Instant now, uint32_t note) {
  const uint32_t which = sent_[Index(from)]++;
  std::vector<std::byte> octets(packet.begin(), packet.end());
  Instant at = now + delay_;
  std::vector<Instant> copies;
  bool dropped = false;
  bool damaged = false;  // once: a second word could make up for the first
  const auto [begin, end] = faults_.equal_range({from, which});
  for (auto it = begin; it != end; ++it) {
    const FaultKind kind = it->second.kind;
    const uint32_t detail = it->second.detail;
    bool came_to_pass = true;
    switch (kind) {
      case FaultKind::kDrop:
        dropped = true;
        break;
      case FaultKind::kDuplicate:
        copies.push_back(at + Duration::Milliseconds(detail));
        break;
      case FaultKind::kDelay:
        at = at + Duration::Milliseconds(detail);
        break;
      case FaultKind::kDamage:
        came_to_pass = !damaged && Damage(octets, detail);
        damaged = damaged || came_to_pass;
        break;
      case FaultKind::kTruncate:
        if (!octets.empty()) octets.resize(detail % octets.size());
        break;
      case FaultKind::kHops:
        // A router that finds the header damaged sends nothing on; it does not mend it.
        came_to_pass = !damaged;
        if (came_to_pass) ChangeHops(octets, detail);
        break;
      case FaultKind::kForge:
        came_to_pass = Forge(octets, detail);
        break;
    }
    happened_[static_cast<size_t>(kind)] += uint32_t{came_to_pass};
  }
  const Side to = Other(from);
  for (Instant copy : copies) Fly(to, copy, note, {packet.begin(), packet.end()});
  if (!dropped) Fly(to, at, note, std::move(octets));
}

std::optional<FaultyWire::Arrival> FaultyWire::Receive(Instant now) {
  if (Next() > now) return std::nullopt;
  Arrival arrival = std::move(flying_.begin()->second);
  flying_.erase(flying_.begin());
  return arrival;
}

}  // namespace assay::properties
