#include "properties/wire_laws.h"

#include <algorithm>
#include <array>

#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"
#include "stack/wire/textbook_checksum.h"
#include "stack/wire/validate.h"

namespace assay::properties {
namespace {

using wire::Defect;
using wire::MutableOctets;
using wire::Octets;

constexpr std::string_view kNone;

const wire::IpAddress kSource = wire::IpAddress::V4(192, 0, 2, 1);
const wire::IpAddress kDestination = wire::IpAddress::V4(192, 0, 2, 2);

// Static, because large arrays on the stack cost under sanitizers.
std::array<std::byte, kLongestInput> buffer;

bool Same(Octets a, Octets b) { return std::ranges::equal(a, b); }

bool LiesWithin(Octets part, Octets whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

std::string_view BrokenByChecksum(Octets octets) {
  const uint16_t sum = wire::OnesComplementSum(octets);
  if (sum != wire::TextbookSum(octets)) return "the sum is the textbook's";
  if (octets.size() < 4) return kNone;
  // The first word becomes the second, and the checksum follows without the rest being read.
  const uint16_t before = wire::OctetReader(octets).U16();
  const uint16_t after = wire::OctetReader(octets.subspan(2)).U16();
  const MutableOctets changed = MutableOctets(buffer).first(octets.size());
  std::ranges::copy(octets, changed.begin());
  wire::OctetWriter(changed).U16(after);
  const auto checksum = static_cast<uint16_t>(~sum);
  const uint16_t whole = wire::InternetChecksum(changed);
  const uint16_t updated = wire::UpdateChecksum(checksum, before, after);
  // All zeros have a checksum of their own, which an update cannot know.
  if (updated != whole && whole != 0xffff)
    return "an updated checksum is the checksum of the whole";
  return kNone;
}

std::string_view BrokenByOptions(Octets octets) {
  wire::OptionWalk walk(octets);
  size_t read = 0;
  while (const std::optional<wire::Option> option = walk.Next()) {
    const bool single = option->kind <= static_cast<uint8_t>(wire::OptionKind::kNop);
    read += single ? 1 : 2 + option->value.size();
    if (read > octets.size()) return "the option walk reads each octet once";
    if (!LiesWithin(option->value, octets) && !single) return "an option lies within its list";
  }
  if (read + walk.rest().size() != octets.size()) return "the option walk accounts for every octet";

  const wire::OptionSet set = wire::DecodeOptions(octets);
  std::array<std::byte, wire::kOptionsMax> room;
  const Octets encoded = wire::EncodeOptions(set, room);
  if (encoded.size() % 4 != 0) return "options are encoded to whole words";
  wire::OptionSet expected = set;
  expected.well_formed = true;
  const wire::OptionSet again = wire::DecodeOptions(encoded);
  while (expected.sack.size() > again.sack.size()) expected.sack.pop_back();
  if (!(again == expected)) return "an option set decodes from its encoding";
  if (!set.sack.empty() && again.sack.empty()) return "one SACK block always fits";
  std::array<std::byte, wire::kOptionsMax> second_room;
  if (!Same(wire::EncodeOptions(again, second_room), encoded)) {
    return "encoding options is stable";
  }
  return kNone;
}

std::string_view BrokenBySegment(Octets octets) {
  const wire::Segment segment = wire::DecodeSegment(octets);
  const MutableOctets copy =
      wire::EncodeSegment(segment, MutableOctets(buffer).first(octets.size()));
  if (!Same(copy, octets)) return "a segment encodes to the octets it was decoded from";
  if (segment.options.size() > wire::kOptionsMax) return "options take at most forty octets";

  const wire::Defects defects = wire::Validate(kSource, kDestination, octets);
  if (defects.Has(Defect::kTooShort) != !segment.header.has_value()) {
    return "a segment is too short exactly if it has no header";
  }
  const wire::OptionSet set = wire::DecodeOptions(segment.options);
  if (set.well_formed == defects.Has(Defect::kOptionLength)) {
    return "options are well formed exactly if no length is illegal";
  }
  if (defects.Has(Defect::kChecksum) == wire::TcpChecksumIsRight(kSource, kDestination, octets) &&
      segment.header.has_value()) {
    return "Validate sees a wrong checksum";
  }
  wire::SealTcp(kSource, kDestination, copy);
  if (!segment.header.has_value()) {
    return Same(copy, octets) ? kNone : "sealing leaves short segments alone";
  }
  if (!wire::TcpChecksumIsRight(kSource, kDestination, copy)) {
    return "the checksum of a sealed segment is right";
  }
  if (!Same(copy.first(16), octets.first(16)) || !Same(copy.subspan(18), octets.subspan(18))) {
    return "sealing changes the checksum alone";
  }
  return BrokenByOptions(segment.options);
}

std::string_view BrokenByPacket(Octets octets) {
  const wire::Packet packet = wire::DecodePacket(octets);
  if (const auto error = wire::DecodeIcmpError(packet)) {
    if (packet.error != wire::PacketError::kNotTcp) return "what is an ICMP error is not TCP";
    const bool big = error->kind == wire::IcmpKind::kPacketTooBig;
    if (big == (error->mtu == 0)) return "an MTU comes with a packet that was too big alone";
  }
  if (packet.error == wire::PacketError::kNotTcp) {
    return LiesWithin(packet.payload, octets) ? kNone : "a packet's payload lies within the packet";
  }
  if (packet.error != wire::PacketError::kNone) {
    return packet.payload.empty() ? kNone : "a refused packet has no payload";
  }
  if (!LiesWithin(packet.payload, octets)) return "a packet's payload lies within the packet";
  if (packet.source.family() != packet.destination.family()) return "both ends are of one family";
  return BrokenBySegment(packet.payload);
}

// So that inputs get past the IPv4 header's checksum.
Octets WithRightHeaderChecksum(Octets octets) {
  static std::array<std::byte, kLongestInput> fixed;
  const size_t header = octets.empty() ? 0 : (static_cast<size_t>(octets[0]) & 0x0f) * 4;
  if (header < wire::kIpv4HeaderMin || header > octets.size()) return octets;
  const MutableOctets copy = MutableOctets(fixed).first(octets.size());
  std::ranges::copy(octets, copy.begin());
  wire::OctetWriter(copy.subspan(10)).U16(0);
  wire::OctetWriter(copy.subspan(10)).U16(wire::InternetChecksum(copy.first(header)));
  return copy;
}

}  // namespace

std::string_view BrokenWireLaw(Octets octets) {
  octets = octets.first(std::min(octets.size(), kLongestInput));
  for (const auto law : {BrokenByPacket, BrokenBySegment, BrokenByOptions, BrokenByChecksum}) {
    if (const std::string_view broken = law(octets); !broken.empty()) return broken;
  }
  return BrokenByPacket(WithRightHeaderChecksum(octets));
}

}  // namespace assay::properties
