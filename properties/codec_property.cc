// The codecs lose nothing and come to an end: headers, options, segments and packets.

#include "gtest/gtest.h"
#include "properties/property.h"
#include "properties/wire_generators.h"
#include "properties/wire_laws.h"
#include "rapidcheck.h"
#include "stack/wire/checksum.h"

namespace assay::properties {
namespace {

using wire::Octets;
using wire::OctetVector;

const char* EndName(wire::OptionWalkEnd end) {
  switch (end) {
    case wire::OptionWalkEnd::kAtHeaderEnd:
      return "ends at the header's end";
    case wire::OptionWalkEnd::kAtEol:
      return "ends at an EOL";
    case wire::OptionWalkEnd::kBadLength:
      return "ends at a bad length";
    case wire::OptionWalkEnd::kPastHeader:
      return "ends past the header";
  }
  return "ends nowhere";
}

void AssertLaws(Octets octets) {
  const std::string broken(BrokenWireLaw(octets));
  RC_ASSERT(broken == "");
}

PROPERTY(CodecProperty, AnyOctetsObeyTheLaws, 5) {
  Bytes bytes = *AnyOctets(100);
  // Most of them have the version of an IP packet, or the laws would hear of little but that.
  const auto first = *rc::gen::weightedElement<int>({{1, -1}, {2, 0x45}, {1, 0x47}, {3, 0x60}});
  if (first >= 0 && !bytes.octets.empty()) bytes.octets[0] = static_cast<std::byte>(first);
  RC_TAG(std::string(wire::Name(wire::DecodePacket(bytes.view()).error)));
  RC_CLASSIFY(bytes.octets.size() < wire::kHeaderMin, "no header");
  AssertLaws(bytes.view());
}

// What a mutant puts in its own place.
using EncodeSegment = wire::MutableOctets (*)(const wire::Segment&, wire::MutableOctets);
using DecodeHeader = std::optional<wire::Header> (*)(Octets);
using DecodeOptions = wire::OptionSet (*)(Octets);

// Any fields, options that are any octets, any payload: what a hostile peer can put together.
void AnySegmentIsEncodedWithoutLoss(EncodeSegment encode) {
  const wire::Header header = *AnyHeader();
  const Bytes rest = *AnyOctets(80);
  const OctetVector octets = wire::Concat({wire::EncodeHeader(header), rest.view()});
  const wire::Segment segment = wire::DecodeSegment(octets);
  const size_t claimed = size_t{header.data_offset()} * 4;
  RC_TAG(claimed < wire::kHeaderMin ? "offset too small"
         : claimed > octets.size()  ? "offset past the end"
         : segment.options.empty()  ? "no options"
                                    : "options");
  RC_ASSERT(segment.header == header);
  RC_ASSERT(segment.options.size() + segment.payload.size() == rest.octets.size());
  OctetVector room(octets.size());
  RC_ASSERT(wire::ToHex(encode(segment, room)) == wire::ToHex(octets));
  AssertLaws(octets);
}

PROPERTY(CodecProperty, AnySegmentIsEncodedWithoutLoss, 5) {
  AnySegmentIsEncodedWithoutLoss(wire::EncodeSegment);
}

void AHeaderComesBack(DecodeHeader decode) {
  const wire::Header header = *AnyHeader();
  RC_CLASSIFY(header.data_offset() < 5, "data offset below 5");
  RC_CLASSIFY(header.reserved() != 0, "reserved bits");
  RC_ASSERT(decode(wire::EncodeHeader(header)) == header);
}

PROPERTY(CodecProperty, AHeaderComesBack, 5) { AHeaderComesBack(wire::DecodeHeader); }

PROPERTY(CodecProperty, AnyOptionListObeysTheLaws, 5) {
  const Bytes list = *AnyOptionList();
  wire::OptionWalk walk(list.view());
  while (walk.Next().has_value()) {
  }
  RC_TAG(EndName(walk.end()));
  AssertLaws(list.view());
}

void AnOptionSetComesBack(DecodeOptions decode) {
  const wire::OptionSet set = *AnyOptionSet();
  std::array<std::byte, wire::kOptionsMax> room;
  const wire::OptionSet again = decode(wire::EncodeOptions(set, room));
  wire::OptionSet expected = set;
  const size_t others = (set.mss ? 4 : 0) + (set.window_scale ? 3 : 0) +
                        (set.sack_permitted ? 2 : 0) + (set.timestamps ? 10 : 0);
  while (others + 2 + 8 * expected.sack.size() > wire::kOptionsMax) expected.sack.pop_back();
  RC_TAG(set.sack.empty()                         ? "no blocks"
         : expected.sack.size() < set.sack.size() ? "blocks left out"
                                                  : "all blocks");
  RC_CLASSIFY(set.timestamps.has_value(), "timestamps");
  RC_ASSERT(again == expected);
}

PROPERTY(CodecProperty, AnOptionSetComesBack, 5) { AnOptionSetComesBack(wire::DecodeOptions); }

PROPERTY(CodecProperty, APacketComesBack, 5) {
  const auto ends = *AnyEnds();
  const wire::Header header = *AnyHeader();
  const wire::OptionSet options = *AnyOptionSet();
  const Bytes payload = *LongOctets(9000);
  const bool v6 = ends.first.family() == wire::IpFamily::kIpv6;
  RC_TAG(v6 ? "IPv6" : "IPv4");
  std::array<std::byte, wire::kOptionsMax> option_room;
  const Octets option_octets = wire::EncodeOptions(options, option_room);
  OctetVector room(10'000);
  const Octets octets =
      wire::EncodeTcpPacket(ends.first, ends.second, header, option_octets, payload.view(), room);

  OctetVector other_room(10'000);
  RC_ASSERT(wire::ToHex(wire::EncodeTcpPacketWithOptions(ends.first, ends.second, header, options,
                                                         payload.view(), other_room)) ==
            wire::ToHex(octets));

  const wire::Packet packet = wire::DecodePacket(octets);
  RC_ASSERT(packet.error == wire::PacketError::kNone);
  RC_ASSERT(packet.source == ends.first);
  RC_ASSERT(packet.destination == ends.second);
  RC_ASSERT(wire::TcpChecksumIsRight(packet.source, packet.destination, packet.payload));
  const wire::Segment segment = wire::DecodeSegment(packet.payload);
  wire::Header expected = header;
  expected.offset_and_reserved = static_cast<uint8_t>((20 + option_octets.size()) / 4 << 4 |
                                                      (header.offset_and_reserved & 0x0f));
  expected.checksum = segment.header->checksum;
  RC_ASSERT(segment.header == expected);
  RC_ASSERT(wire::ToHex(segment.options) == wire::ToHex(option_octets));
  RC_ASSERT(wire::ToHex(segment.payload) == wire::ToHex(payload.view()));
}

PROPERTY(CodecProperty, AnIpHeaderComesBack, 5) {
  const auto ends = *AnyEnds();
  wire::Packet packet;
  packet.source = ends.first;
  packet.destination = ends.second;
  packet.hop_limit = *AnyField<uint8_t>();
  packet.traffic_class = *AnyField<uint8_t>();
  const Bytes payload = *LongOctets(1460);
  RC_TAG(ends.first.family() == wire::IpFamily::kIpv6 ? "IPv6" : "IPv4");
  OctetVector octets(wire::kIpv6Header);
  octets.resize(wire::EncodeIpHeader(packet, payload.octets.size(), octets));
  octets = wire::Concat({octets, payload.view()});
  const wire::Packet again = wire::DecodePacket(octets);
  RC_ASSERT(again.error == wire::PacketError::kNone);
  RC_ASSERT(again.source == packet.source);
  RC_ASSERT(again.destination == packet.destination);
  RC_ASSERT(again.hop_limit == packet.hop_limit);
  RC_ASSERT(again.traffic_class == packet.traffic_class);
  RC_ASSERT(wire::ToHex(again.payload) == wire::ToHex(payload.view()));
}

// A good packet with an octet changed, or cut off: errors deep inside come up.
PROPERTY(CodecProperty, ADamagedPacketObeysTheLaws, 5) {
  Bytes bytes = *AnyPacket();
  const bool cut = *rc::gen::arbitrary<bool>();
  const size_t at = *rc::gen::oneOf(rc::gen::inRange<size_t>(0, 40),
                                    rc::gen::inRange<size_t>(0, bytes.octets.size()));
  if (cut) {
    bytes.octets.resize(std::min(at, bytes.octets.size()));
  } else {
    bytes.octets[at] = static_cast<std::byte>(*AnyField<uint8_t>());
  }
  RC_TAG(std::string(wire::Name(wire::DecodePacket(bytes.view()).error)));
  AssertLaws(bytes.view());
}

// Each loses what a careless codec loses.

TEST(CodecMutant, ReservedBitsThatAreClearedAreMissed) {
  EXPECT_NE(Falsified(
                [] {
                  AnySegmentIsEncodedWithoutLoss(
                      [](const wire::Segment& segment, wire::MutableOctets out) {
                        wire::Segment tidy = segment;
                        tidy.header->offset_and_reserved &= 0xf0;
                        return wire::EncodeSegment(tidy, out);
                      });
                },
                100),
            "");
}

TEST(CodecMutant, AHeaderThatIsRefusedForItsFlagsIsMissed) {
  EXPECT_NE(Falsified(
                [] {
                  AHeaderComesBack([](Octets octets) {
                    auto header = wire::DecodeHeader(octets);
                    if (header->syn() && header->fin()) header.reset();
                    return header;
                  });
                },
                200),
            "");
}

TEST(CodecMutant, AnOptionThatIsForgottenIsMissed) {
  EXPECT_NE(Falsified(
                [] {
                  AnOptionSetComesBack([](Octets octets) {
                    wire::OptionSet set = wire::DecodeOptions(octets);
                    if (set.sack.size() == 4) set.sack.pop_back();
                    return set;
                  });
                },
                500),
            "");
}

}  // namespace
}  // namespace assay::properties
