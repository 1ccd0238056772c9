#include "stack/wire/packet.h"

#include "gtest/gtest.h"
#include "stack/wire/checksum.h"
#include "stack/wire/octets_for_test.h"

namespace assay::wire {
namespace {

const IpAddress kSource4 = IpAddress::V4(192, 0, 2, 1);
const IpAddress kDestination4 = IpAddress::V4(192, 0, 2, 2);
const IpAddress kSource6 = IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1});
const IpAddress kDestination6 = IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});

// An IPv4 packet with `options` in its header, of which a test then spoils one field.
OctetVector Ipv4(Octets payload, Octets options = {}) {
  const size_t header = 20 + options.size();
  OctetVector packet =
      Concat({Hex("4500 0000 1234 4000 4006 0000 c0000201 c0000202"), options, payload});
  packet[0] = static_cast<std::byte>(0x40 | header / 4);
  OctetWriter(MutableOctets(packet).subspan(2, 2)).U16(static_cast<uint16_t>(packet.size()));
  return packet;
}

void Seal(OctetVector& packet) {
  const size_t header = (static_cast<size_t>(packet[0]) & 0x0f) * 4;
  OctetWriter field(MutableOctets(packet).subspan(10, 2));
  field.U16(0);
  const uint16_t checksum = InternetChecksum(Octets(packet).first(header));
  OctetWriter(MutableOctets(packet).subspan(10, 2)).U16(checksum);
}

OctetVector SealedIpv4(Octets payload, Octets options = {}) {
  OctetVector packet = Ipv4(payload, options);
  Seal(packet);
  return packet;
}

// An IPv6 packet with extension headers in front of the payload.
OctetVector Ipv6(uint8_t next_header, Octets extensions, Octets payload) {
  OctetVector packet = Concat(
      {Hex("60000000 0000 00 40"), kSource6.octets(), kDestination6.octets(), extensions, payload});
  OctetWriter(MutableOctets(packet).subspan(4, 2))
      .U16(static_cast<uint16_t>(extensions.size() + payload.size()));
  packet[6] = static_cast<std::byte>(next_header);
  return packet;
}

PacketError ErrorOf(Octets octets) {
  const Packet packet = DecodePacket(octets);
  if (packet.error != PacketError::kNone && packet.error != PacketError::kNotTcp) {
    EXPECT_TRUE(packet.payload.empty());
  }
  return packet.error;
}

TEST(DecodePacket, ReadsAnIpv4Packet) {
  const OctetVector payload = Ramp(33);
  OctetVector octets = Ipv4(payload);
  octets[1] = std::byte{0xb9};
  octets[8] = std::byte{0xff};
  Seal(octets);
  const Packet packet = DecodePacket(octets);
  EXPECT_EQ(packet.error, PacketError::kNone);
  EXPECT_EQ(packet.source, kSource4);
  EXPECT_EQ(packet.destination, kDestination4);
  EXPECT_EQ(packet.hop_limit, 255);
  EXPECT_EQ(packet.traffic_class, 0xb9);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(ToHex(packet.payload), ToHex(payload));
  EXPECT_EQ(packet.payload.data(), octets.data() + 20);
}

TEST(DecodePacket, SkipsIpv4Options) {
  const OctetVector payload = Ramp(20);
  for (size_t words = 0; words <= 10; ++words) {
    const OctetVector octets = SealedIpv4(payload, OctetVector(words * 4, std::byte{1}));
    const Packet packet = DecodePacket(octets);
    EXPECT_EQ(packet.error, PacketError::kNone) << words;
    EXPECT_EQ(ToHex(packet.payload), ToHex(payload)) << words;
  }
}

TEST(DecodePacket, LeavesOutLinkPadding) {
  const OctetVector padded4 = Concat({SealedIpv4(Ramp(20)), Hex("eeeeee")});
  EXPECT_EQ(DecodePacket(padded4).payload.size(), 20u);
  const OctetVector padded6 = Concat({Ipv6(6, {}, Ramp(20)), Hex("eeeeee")});
  EXPECT_EQ(DecodePacket(padded6).payload.size(), 20u);
}

TEST(DecodePacket, GivesAnEmptyPayloadForAnEmptySegment) {
  EXPECT_EQ(ErrorOf(SealedIpv4({})), PacketError::kNone);
  EXPECT_EQ(ErrorOf(Ipv6(6, {}, {})), PacketError::kNone);
}

TEST(DecodePacket, RefusesEveryTruncation) {
  for (const OctetVector& octets :
       {SealedIpv4(Ramp(24), Hex("01010101")), Ipv6(0, Hex("0600010400000000"), Ramp(24))}) {
    for (size_t size = 0; size < octets.size(); ++size) {
      EXPECT_EQ(ErrorOf(Octets(octets).first(size)), PacketError::kTooShort) << size;
    }
    EXPECT_EQ(ErrorOf(octets), PacketError::kNone);
  }
}

TEST(DecodePacket, RefusesEveryVersionBut4And6) {
  OctetVector octets = SealedIpv4(Ramp(40));
  for (unsigned version = 0; version < 16; ++version) {
    if (version == 4 || version == 6) continue;
    octets[0] = static_cast<std::byte>(version << 4 | 5);
    EXPECT_EQ(ErrorOf(octets), PacketError::kBadVersion) << version;
  }
}

TEST(DecodePacket, RefusesAnIpv4HeaderLengthBelowFive) {
  OctetVector octets = SealedIpv4(Ramp(20));
  for (unsigned words = 0; words < 5; ++words) {
    octets[0] = static_cast<std::byte>(0x40 | words);
    EXPECT_EQ(ErrorOf(octets), PacketError::kBadHeader) << words;
  }
}

TEST(DecodePacket, RefusesATotalLengthBelowTheHeaders) {
  OctetVector octets = SealedIpv4(Ramp(20), Hex("01010101"));
  for (unsigned total = 0; total < 24; ++total) {
    octets[3] = static_cast<std::byte>(total);
    EXPECT_EQ(ErrorOf(octets), PacketError::kBadHeader) << total;
  }
}

TEST(DecodePacket, RefusesABadIpv4HeaderChecksum) {
  const OctetVector good = SealedIpv4(Ramp(20), Hex("01010101"));
  // From the identification on: before it, other errors may be seen first.
  for (size_t i = 4; i < 24; ++i) {
    OctetVector octets = good;
    octets[i] ^= std::byte{0x10};
    EXPECT_EQ(ErrorOf(octets), PacketError::kBadChecksum) << i;
  }
}

TEST(DecodePacket, RefusesIpv4Fragments) {
  struct Case {
    uint16_t field;
    PacketError error;
  };
  for (const Case& c : {Case{0x0000, PacketError::kNone}, Case{0x4000, PacketError::kNone},
                        Case{0x8000, PacketError::kNone}, Case{0x2000, PacketError::kFragment},
                        Case{0x0001, PacketError::kFragment}, Case{0x1fff, PacketError::kFragment},
                        Case{0x3fff, PacketError::kFragment}}) {
    OctetVector octets = Ipv4(Ramp(24));
    OctetWriter(MutableOctets(octets).subspan(6, 2)).U16(c.field);
    Seal(octets);
    EXPECT_EQ(ErrorOf(octets), c.error) << c.field;
  }
}

TEST(DecodePacket, RefusesOtherProtocols) {
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    OctetVector octets = Ipv4(Ramp(24));
    octets[9] = static_cast<std::byte>(protocol);
    Seal(octets);
    const Packet packet = DecodePacket(octets);
    EXPECT_EQ(packet.error, protocol == 6 ? PacketError::kNone : PacketError::kNotTcp) << protocol;
    EXPECT_EQ(packet.protocol, protocol);
  }
}

TEST(DecodePacket, ReadsAnIpv6Packet) {
  OctetVector octets = Ipv6(6, {}, Ramp(33));
  octets[0] = std::byte{0x6b};
  octets[1] = std::byte{0x9f};  // flow label in the low half
  const Packet packet = DecodePacket(octets);
  EXPECT_EQ(packet.error, PacketError::kNone);
  EXPECT_EQ(packet.source, kSource6);
  EXPECT_EQ(packet.destination, kDestination6);
  EXPECT_EQ(packet.hop_limit, 64);
  EXPECT_EQ(packet.traffic_class, 0xb9);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(ToHex(packet.payload), ToHex(Ramp(33)));
}

TEST(DecodePacket, SkipsIpv6ExtensionHeaders) {
  struct Case {
    const char* what;
    uint8_t first;
    OctetVector extensions;
  };
  const Case kCases[] = {
      {"hop-by-hop options", 0, Hex("0600010400000000")},
      {"destination options of 16 octets", 60, Hex("0601010c00000000 0000000000000000")},
      {"a routing header that was used up", 43, Hex("0600040000000000")},
      {"a fragment that is the whole packet", 44, Hex("0600000012345678")},
      {"all of them", 0,
       Hex("3c00010400000000 2b00010400000000 2c00040000000000 3c00000012345678 0600010400000000")},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    const OctetVector octets = Ipv6(c.first, c.extensions, Ramp(20));
    const Packet packet = DecodePacket(octets);
    EXPECT_EQ(packet.error, PacketError::kNone);
    EXPECT_EQ(packet.protocol, kProtocolTcp);
    EXPECT_EQ(ToHex(packet.payload), ToHex(Ramp(20)));
  }
}

TEST(DecodePacket, RefusesIpv6Fragments) {
  EXPECT_EQ(ErrorOf(Ipv6(44, Hex("0600000112345678"), Ramp(20))), PacketError::kFragment);
  EXPECT_EQ(ErrorOf(Ipv6(44, Hex("0600000812345678"), Ramp(20))), PacketError::kFragment);
  EXPECT_EQ(ErrorOf(Ipv6(44, Hex("0600fff812345678"), Ramp(20))), PacketError::kFragment);
  // The two bits between offset and M are reserved.
  EXPECT_EQ(ErrorOf(Ipv6(44, Hex("0600000612345678"), Ramp(20))), PacketError::kNone);
}

// RFC 8200, 4.4: this host is not where the packet is to end.
TEST(DecodePacket, RefusesARoutingHeaderWithSegmentsLeft) {
  EXPECT_EQ(ErrorOf(Ipv6(43, Hex("0600000100000000"), Ramp(20))), PacketError::kBadHeader);
}

// RFC 8200, 4.1: hop-by-hop options stand right behind the IPv6 header or nowhere.
TEST(DecodePacket, RefusesHopByHopOptionsOutOfPlace) {
  EXPECT_EQ(ErrorOf(Ipv6(60, Hex("0000010400000000 0600010400000000"), Ramp(20))),
            PacketError::kNotTcp);
}

TEST(DecodePacket, RefusesExtensionHeadersThatRunPastThePacket) {
  EXPECT_EQ(ErrorOf(Ipv6(0, Hex("0601010400000000"), Ramp(7))), PacketError::kTooShort);
  EXPECT_EQ(ErrorOf(Ipv6(60, Hex("06ff010400000000"), Ramp(20))), PacketError::kTooShort);
  EXPECT_EQ(ErrorOf(Ipv6(43, Hex("06000400"), {})), PacketError::kTooShort);
  EXPECT_EQ(ErrorOf(Ipv6(44, Hex("06000000123456"), {})), PacketError::kTooShort);
}

TEST(DecodePacket, RefusesOtherNextHeaders) {
  for (const int next : {1, 17, 50, 51, 58, 59, 135}) {
    const auto octets = Ipv6(static_cast<uint8_t>(next), {}, Ramp(20));
    EXPECT_EQ(ErrorOf(octets), PacketError::kNotTcp) << next;
  }
}

TEST(EncodeIpHeader, WritesWhatDecodePacketReads) {
  struct Case {
    IpAddress source;
    IpAddress destination;
  };
  for (const Case& c : {Case{kSource4, kDestination4}, Case{kSource6, kDestination6}}) {
    Packet packet;
    packet.source = c.source;
    packet.destination = c.destination;
    packet.hop_limit = 3;
    packet.traffic_class = 0xb9;
    const OctetVector payload = Ramp(55);
    OctetVector octets(100);
    const size_t size = EncodeIpHeader(packet, payload.size(), octets);
    EXPECT_EQ(size, IpHeaderSize(c.source.family()));
    octets.resize(size);
    octets = Concat({octets, payload});

    const Packet decoded = DecodePacket(octets);
    EXPECT_EQ(decoded.error, PacketError::kNone);
    EXPECT_EQ(decoded.source, c.source);
    EXPECT_EQ(decoded.destination, c.destination);
    EXPECT_EQ(decoded.hop_limit, 3);
    EXPECT_EQ(decoded.traffic_class, 0xb9);
    EXPECT_EQ(ToHex(decoded.payload), ToHex(payload));
  }
}

TEST(EncodeIpHeaderDeathTest, RefusesWhatNoPacketCanBe) {
  OctetVector room(100);
  Packet mixed;
  mixed.source = kSource4;
  mixed.destination = kDestination6;
  EXPECT_DEATH(EncodeIpHeader(mixed, 20, room), "check failed");
  Packet packet;
  packet.source = kSource4;
  packet.destination = kDestination4;
  EXPECT_DEATH(EncodeIpHeader(packet, 65516, room), "check failed");
  EXPECT_EQ(EncodeIpHeader(packet, 65515, room), 20u);
  EXPECT_DEATH(EncodeIpHeader(packet, 20, MutableOctets(room).first(19)), "check failed");
  packet.source = kSource6;
  packet.destination = kDestination6;
  EXPECT_DEATH(EncodeIpHeader(packet, 65536, room), "check failed");
  EXPECT_EQ(EncodeIpHeader(packet, 65535, room), 40u);
  EXPECT_DEATH(EncodeIpHeader(packet, 20, MutableOctets(room).first(39)), "check failed");
}

TEST(EncodeTcpPacket, FillsInDataOffsetAndChecksum) {
  //= MUST-2 type=test
  const OctetVector options = Hex("020405b4 01030307");
  const OctetVector payload = Hex("aabbcc");
  Header header{.source_port = 1, .destination_port = 2, .seq = 3, .ack = 4};
  header.offset_and_reserved = 0xf5;
  header.control = kSyn;
  header.checksum = 0xeeee;
  for (const bool v6 : {false, true}) {
    const IpAddress source = v6 ? kSource6 : kSource4;
    const IpAddress destination = v6 ? kDestination6 : kDestination4;
    OctetVector room(200);
    const Octets octets = EncodeTcpPacket(source, destination, header, options, payload, room);
    const Packet packet = DecodePacket(octets);
    ASSERT_EQ(packet.error, PacketError::kNone);
    EXPECT_TRUE(TcpChecksumIsRight(source, destination, packet.payload));
    const Segment segment = DecodeSegment(packet.payload);
    Header expected = header;
    expected.offset_and_reserved = 0x75;
    expected.checksum = TcpChecksum(source, destination, packet.payload);
    EXPECT_EQ(segment.header, expected);
    EXPECT_EQ(ToHex(segment.options), ToHex(options));
    EXPECT_EQ(ToHex(segment.payload), ToHex(payload));
  }
}

// A set of options is written as its encoding is, by each of the ways that the code has for it.
TEST(EncodeTcpPacket, TakesOptionsAsOctetsOrAsASet) {
  const Header header{.source_port = 1, .destination_port = 2, .seq = 0xffff'ffff, .ack = 4};
  const OctetVector payload = Ramp(300);
  for (unsigned bits = 0; bits < 16; ++bits) {
    for (size_t blocks = 0; blocks <= 4; ++blocks) {
      OptionSet set;
      if (bits & 1) set.mss = 1460;
      if (bits & 2) set.window_scale = 7;
      if (bits & 4) set.sack_permitted = true;
      if (bits & 8) set.timestamps = Timestamps{0xffff'ffff, 0xffff'0000};
      for (uint32_t i = 0; i < blocks; ++i) set.sack.push_back({i, ~i});
      OctetVector option_room(kOptionsMax);
      const Octets options = EncodeOptions(set, option_room);
      EXPECT_EQ(options.size(), EncodedSize(set));
      for (const Octets part : {Octets{}, Octets(payload)}) {
        OctetVector room(400);
        OctetVector other_room(400);
        const Octets from_set =
            EncodeTcpPacketWithOptions(kSource4, kDestination4, header, set, part, room);
        const Octets from_octets =
            EncodeTcpPacket(kSource4, kDestination4, header, options, part, other_room);
        ASSERT_EQ(ToHex(from_set), ToHex(from_octets)) << bits << " " << blocks;
        // And in two steps, the second of them elsewhere.
        OctetVector first_room(400);
        const PacketHeaders headers =
            EncodeTcpHeaders(kSource4, kDestination4, header, set, part.size(), first_room);
        OctetVector moved(first_room.begin(), first_room.begin() + headers.size);
        moved.resize(headers.size + part.size());
        ASSERT_EQ(ToHex(PutPayload(headers, part, moved)), ToHex(from_octets));
        const Packet packet = DecodePacket(from_set);
        ASSERT_EQ(packet.error, PacketError::kNone);
        EXPECT_TRUE(TcpChecksumIsRight(kSource4, kDestination4, packet.payload));
        EXPECT_EQ(DecodeOptions(DecodeSegment(packet.payload).options).sack.size(),
                  DecodeOptions(options).sack.size());
      }
    }
  }
}

// Computed apart from this code, and found correct by Wireshark.
TEST(EncodeTcpPacket, WritesAKnownPacket) {
  Header header{.source_port = 0xc001, .destination_port = 80, .seq = 0xdeadbeef};
  header.control = kSyn;
  header.window = 0xffff;
  OctetVector room(64);
  const OctetVector options = Hex("020405a0");
  const Octets octets = EncodeTcpPacket(kSource6, kDestination6, header, options, {}, room);
  EXPECT_EQ(ToHex(octets),
            "6000000000180640"
            "20010db800000000000000000000000120010db8000000000000000000000002"
            "c0010050deadbeef000000006002ffffded60000020405a0");
}

TEST(EncodeTcpPacketDeathTest, RefusesOptionsThatNoHeaderHolds) {
  OctetVector room(200);
  EXPECT_DEATH(EncodeTcpPacket(kSource4, kDestination4, {}, Ramp(3), {}, room), "check failed");
  EXPECT_DEATH(EncodeTcpPacket(kSource4, kDestination4, {}, Ramp(44), {}, room), "check failed");
  EXPECT_DEATH(EncodeTcpPacket(kSource4, kDestination4, {}, {}, Ramp(161), room), "check failed");
  EXPECT_EQ(EncodeTcpPacket(kSource4, kDestination4, {}, {}, Ramp(160), room).size(), 200u);
}

TEST(SealTcp, MakesTheChecksumRight) {
  //= MUST-2 type=test
  for (size_t size = 20; size < 100; ++size) {
    OctetVector segment = Ramp(size);
    SealTcp(kSource4, kDestination4, segment);
    EXPECT_TRUE(TcpChecksumIsRight(kSource4, kDestination4, segment)) << size;
    SealTcp(kSource6, kDestination6, segment);
    EXPECT_TRUE(TcpChecksumIsRight(kSource6, kDestination6, segment)) << size;
  }
}

TEST(SealTcp, LeavesFewerThanTwentyOctetsAsTheyAre) {
  for (size_t size = 0; size < 20; ++size) {
    OctetVector segment = Ramp(size);
    SealTcp(kSource4, kDestination4, segment);
    EXPECT_EQ(segment, Ramp(size));
  }
}

TEST(PacketError, HasANameEach) {
  EXPECT_EQ(Name(PacketError::kNone), "none");
  EXPECT_EQ(Name(PacketError::kTooShort), "too short");
  EXPECT_EQ(Name(PacketError::kBadVersion), "bad version");
  EXPECT_EQ(Name(PacketError::kBadHeader), "bad header");
  EXPECT_EQ(Name(PacketError::kBadChecksum), "bad header checksum");
  EXPECT_EQ(Name(PacketError::kFragment), "fragment");
  EXPECT_EQ(Name(PacketError::kNotTcp), "not TCP");
}

}  // namespace
}  // namespace assay::wire
