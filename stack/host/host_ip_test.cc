// What a host has to do with IP: whose addresses are whose, and what the two headers say to each
// other (RFC 9293, 3.9.2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "stack/host/bench_for_test.h"
#include "stack/wire/checksum.h"

namespace assay::host {
namespace {

using wire::IpAddress;
using wire::IpFamily;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

class IpOfBothFamilies : public testing::TestWithParam<IpFamily> {};
INSTANTIATE_TEST_SUITE_P(, IpOfBothFamilies, testing::Values(IpFamily::kIpv4, IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

//= MUST-46 type=test
TEST(HostAddressTest, AnOpenToWhatIsNobodysAddressIsRefusedAndSendsNothing) {
  Bench v4;
  for (const IpAddress& nobody :
       {IpAddress::V4(255, 255, 255, 255), IpAddress::V4(192, 0, 2, 255),
        IpAddress::V4(224, 0, 0, 1), IpAddress::V4(239, 255, 255, 255), IpAddress::V4(0, 0, 0, 0),
        IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2})}) {
    EXPECT_EQ(v4.host.Connect(0, {nobody, 80}).error, Error::kInvalid) << nobody.ToString();
    EXPECT_EQ(v4.host.OpenPassive(v4.Own(80), {nobody, 80}).error, Error::kInvalid);
  }
  EXPECT_EQ(v4.host.Connect(0, v4.Peer(0)).error, Error::kInvalid) << "no remote port";
  EXPECT_EQ(v4.Told(), "");
  Bench v6(IpFamily::kIpv6);
  for (const IpAddress& nobody :
       {IpAddress::V6({0xff02, 0, 0, 0, 0, 0, 0, 1}), IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 0})}) {
    EXPECT_EQ(v6.host.Connect(0, {nobody, 80}).error, Error::kInvalid) << nobody.ToString();
  }
  EXPECT_EQ(v6.Told(), "");
}

//= MUST-57 type=test
//= MUST-63 type=test
//= RFC1122-3.2.1.3-1 type=test
TEST(HostAddressTest, WhateverIsToOrFromEverybodyIsDropped) {
  for (uint8_t control : {kSyn, kAck, kFin, kRst}) {
    Bench v4;
    v4.host.Listen(80, 1);
    for (const IpAddress& from : {IpAddress::V4(192, 0, 2, 255), IpAddress::V4(255, 255, 255, 255),
                                  IpAddress::V4(224, 1, 2, 3), IpAddress::V4(0, 0, 0, 0)}) {
      v4.Arrives({from, 5555}, v4.Own(80), {.control = control});
      v4.Arrives({from, 5555}, v4.Own(81), {.control = control});
    }
    for (const IpAddress& to : {IpAddress::V4(192, 0, 2, 255), IpAddress::V4(255, 255, 255, 255),
                                IpAddress::V4(224, 0, 0, 1)}) {
      v4.Arrives(v4.Peer(5555), {to, 80}, {.control = control});
    }
    EXPECT_EQ(v4.Told(), "") << wire::ControlNames(control);
    Bench v6(IpFamily::kIpv6);
    v6.host.Listen(80, 1);
    const IpAddress group = IpAddress::V6({0xff02, 0, 0, 0, 0, 0, 0, 1});
    v6.Arrives({group, 5555}, v6.Own(80), {.control = control});
    v6.Arrives(v6.Peer(5555), {group, 80}, {.control = control});
    EXPECT_EQ(v6.Told(), "");
  }
}

Config TwoAddresses() {
  Config config = Bench::ConfigOf();
  config.more_addresses.push_back(IpAddress::V4(203, 0, 113, 1));
  config.more_addresses.push_back(IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}));
  return config;
}

//= MUST-43 type=test
//= MUST-44 type=test
//= MUST-45 type=test
TEST(HostAddressTest, TheLocalAddressIsTheUsersOrChosenAndStays) {
  Bench bench(TwoAddresses());
  const IpAddress second = IpAddress::V4(203, 0, 113, 1);
  const Handle h = bench.host.Connect({second, 4000}, bench.Peer(80)).handle;
  auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.source, second);
  // A segment for the other address is not of this connection.
  bench.Arrives(bench.Peer(80), bench.Own(4000),
                {.control = kSyn | kAck, .seq = 5000, .ack = sent[0].header.seq + 1});
  EXPECT_EQ(bench.Told(), "RST");
  bench.Arrives(bench.Peer(80), {second, 4000},
                {.control = kSyn | kAck, .seq = 5000, .ack = sent[0].header.seq + 1});
  bench.Say(h, 100);
  bench.host.Advance(Duration::Seconds(5), Stop::kAtEnd);
  bench.host.Abort(h);
  sent = bench.Sent();
  EXPECT_GT(sent.size(), 3u);
  for (const SentPacket& packet : sent) EXPECT_EQ(packet.packet.source, second);

  EXPECT_EQ(bench.host.StatusOf(bench.host.Connect(0, bench.Peer(80)).handle).local.address,
            bench.config.address);
  const IpAddress far6 = IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});
  EXPECT_EQ(bench.host.StatusOf(bench.host.Connect(0, {far6, 80}).handle).local.address,
            bench.config.more_addresses[1]);
  EXPECT_EQ(bench.host.Connect({IpAddress::V4(192, 0, 2, 77), 0}, bench.Peer(80)).error,
            Error::kInvalid)
      << "not ours";
  EXPECT_EQ(bench.host.Connect({bench.config.address, 0}, {far6, 80}).error, Error::kInvalid);
}

//= MUST-43 type=test
TEST(HostAddressTest, AListenerOfOneAddressComesBeforeThatOfAll) {
  Bench bench(TwoAddresses());
  const IpAddress second = IpAddress::V4(203, 0, 113, 1);
  const Handle all = bench.host.Listen(80, 4).handle;
  const Handle one = bench.host.Listen({second, 80}, 4).handle;
  EXPECT_EQ(bench.host.Listen({second, 80}, 4).error, Error::kInUse);
  EXPECT_EQ(bench.host.Listen({IpAddress::V4(9, 9, 9, 9), 80}, 4).error, Error::kInvalid);
  const auto open = [&](const wire::Endpoint& from, const wire::Endpoint& to) {
    bench.Arrives(from, to, {.control = kSyn, .seq = 5000, .ack = 0});
    const auto sent = bench.Sent();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].packet.source, to.address);
    bench.Arrives(from, to, {.ack = sent[0].header.seq + 1});
  };
  open(bench.Peer(5555), {second, 80});
  EXPECT_NE(bench.host.Accept(one).handle, kNoHandle);
  open(bench.Peer(5555), bench.Own(80));
  EXPECT_NE(bench.host.Accept(all).handle, kNoHandle);
  // IPv6 goes to the listener of all, with the MSS of its own headers.
  bench.Arrives({IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}), 5555},
                {bench.config.more_addresses[1], 80}, {.control = kSyn, .seq = 5000, .ack = 0});
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].options.mss, 1440);
}

//= MUST-48 type=test
//= SHLD-21 type=test
//= SHLD-22 type=test
TEST_P(IpOfBothFamilies, TheDsFieldIsTheUsersAndMayChange) {
  Bench bench(GetParam());
  const Handle h = bench.Established();
  for (int dscp = 0; dscp < 64; ++dscp) {
    EXPECT_EQ(bench.host.SetDscp(h, static_cast<uint8_t>(dscp)), Error::kNone);
    bench.Say(h, 1);
    bench.Arrives(bench.Peer(80), bench.Own(4000), {.ack = 1002u + static_cast<uint32_t>(dscp)});
    const auto sent = bench.Sent();
    ASSERT_FALSE(sent.empty());
    EXPECT_EQ(sent[0].packet.traffic_class, dscp << 2);
  }
  EXPECT_EQ(bench.host.SetDscp(h, 64), Error::kInvalid);
}

//= MAY-9 type=test
TEST(HostIpTest, TheDsFieldOfWhatArrivesIsPassedOn) {
  Bench bench;
  const Handle h = bench.Established();
  wire::Packet packet;
  packet.source = bench.Peer(80).address;
  packet.destination = bench.config.address;
  packet.traffic_class = 46 << 2;
  std::array<std::byte, 40> out;
  const size_t ip_size = wire::EncodeIpHeader(packet, 20, out);
  wire::Header header;
  header.source_port = 80;
  header.destination_port = 4000;
  header.seq = 5001;
  header.ack = 1001;
  header.control = kAck;
  wire::EncodeTcpSegment(packet.source, packet.destination, header, {}, {},
                         wire::MutableOctets(out).subspan(ip_size));
  bench.host.Deliver(out);
  EXPECT_EQ(bench.host.StatusOf(h).received_dscp, 46);
}

//= MUST-49 type=test
TEST_P(IpOfBothFamilies, TheHopLimitIsConfigured) {
  Config config = Bench::ConfigOf(GetParam());
  config.hop_limit = 9;
  Bench bench(config);
  bench.host.Connect(0, bench.Peer(80));
  bench.Arrives(bench.Peer(5555), bench.Own(81), {});  // a RST of nobody
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 2u);
  for (const SentPacket& packet : sent) EXPECT_EQ(packet.packet.hop_limit, 9);
}

//= MUST-50 type=test
TEST(HostIpTest, OptionsOfIpAreSkipped) {
  Bench bench;
  bench.host.Listen(80, 1);
  std::vector<std::byte> plain(100);
  wire::Header header;
  header.source_port = 5555;
  header.destination_port = 80;
  header.control = kSyn;
  plain.resize(
      wire::EncodeTcpPacket(bench.Peer(0).address, bench.config.address, header, {}, {}, plain)
          .size());
  // Record route, an option of no known kind, and padding.
  const std::array<uint8_t, 12> options = {7, 7, 4, 0, 0, 0, 0, 0x9e, 4, 1, 2, 0};
  std::vector<std::byte> packet(plain.begin(), plain.begin() + 20);
  for (uint8_t octet : options) packet.push_back(std::byte{octet});
  packet.insert(packet.end(), plain.begin() + 20, plain.end());
  packet[0] = std::byte{0x48};
  packet[3] = static_cast<std::byte>(packet.size());
  packet[10] = packet[11] = std::byte{0};
  const uint16_t sum = wire::InternetChecksum(wire::Octets(packet).first(32));
  packet[10] = static_cast<std::byte>(sum >> 8);
  packet[11] = static_cast<std::byte>(sum);
  bench.host.Deliver(packet);
  EXPECT_EQ(bench.Told(), "SYN,ACK");
}

//= MUST-5 type=test
//= MUST-6 type=test
TEST(HostIpTest, OptionsMayStandOnAnySegment) {
  for (auto control : {uint8_t{kAck}, uint8_t{kAck | kFin}, uint8_t{kRst}}) {
    const auto state_after = [&](wire::Octets options) {
      Bench bench;
      const Handle h = bench.Established();
      wire::Header header;
      header.source_port = 80;
      header.destination_port = 4000;
      header.seq = 5001;
      header.ack = 1001;
      header.control = control;
      header.window = 1000;
      std::array<std::byte, 200> out;
      const std::vector<std::byte> text(control == kAck ? 50 : 0);
      bench.host.Deliver(wire::EncodeTcpPacket(bench.Peer(80).address, bench.config.address, header,
                                               options, text, out));
      return std::pair(bench.host.StatusOf(h).tcp.state,
                       bench.host.StatusOf(h).tcp.pending_receipt);
    };
    constexpr std::array<uint8_t, 8> kUnknown = {1, 253, 6, 1, 2, 3, 4, 0};
    EXPECT_EQ(state_after(std::as_bytes(std::span(kUnknown))), state_after({}));
  }
}

//= P-3.1-RSVD type=test
//= MAY-4 type=test
TEST(HostIpTest, WhatIsReservedIsZeroAndNoPacketNeedsAnIdentification) {
  Bench bench;
  const Handle h = bench.Established();
  bench.Say(h, 100);
  bench.host.Advance(Duration::Seconds(2), Stop::kAtEnd);
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 2u) << "once, and again";
  for (const SentPacket& packet : sent) {
    EXPECT_EQ(packet.header.reserved(), 0);
    EXPECT_EQ(packet.octets[4], std::byte{0});
    EXPECT_EQ(packet.octets[5], std::byte{0});
    EXPECT_EQ(packet.octets[6], std::byte{0x40}) << "it must not be fragmented";
  }
}

//= MUST-46 type=test
TEST(HostAddressTest, TheBroadcastOfEachOwnNetworkIsNobody) {
  Config config = Bench::ConfigOf();
  config.more_addresses.push_back(IpAddress::V4(198, 51, 100, 1));
  Bench bench(config);
  EXPECT_EQ(bench.host.Connect(0, {IpAddress::V4(198, 51, 100, 255), 80}).error, Error::kInvalid);
  EXPECT_EQ(bench.host.Connect(0, {IpAddress::V4(198, 51, 100, 254), 80}).error, Error::kNone);
}

// Not a whole TCP header, and a packet that is part of a larger one.
TEST(HostIpTest, WhatHoldsNoSegmentIsDropped) {
  Bench bench;
  wire::Packet packet;
  packet.source = bench.Peer(80).address;
  packet.destination = bench.config.address;
  for (size_t size = 0; size < wire::kHeaderMin; ++size) {
    std::vector<std::byte> out(wire::kIpv4HeaderMin + size);
    wire::EncodeIpHeader(packet, size, out);
    bench.host.Deliver(out);
    EXPECT_EQ(bench.Told(), "") << size;
  }
  wire::Header header;
  header.source_port = 5555;
  header.destination_port = 81;
  header.control = kSyn;
  std::vector<std::byte> whole(wire::kIpv4HeaderMin + wire::kHeaderMin);
  wire::EncodeTcpPacket(packet.source, packet.destination, header, {}, {}, whole);
  std::vector<std::byte> fragment = whole;
  fragment[6] = std::byte{0x20};  // more fragments
  fragment[10] = fragment[11] = std::byte{0};
  const uint16_t sum = wire::InternetChecksum(wire::Octets(fragment).first(20));
  fragment[10] = static_cast<std::byte>(sum >> 8);
  fragment[11] = static_cast<std::byte>(sum);
  ASSERT_EQ(wire::DecodePacket(fragment).error, wire::PacketError::kFragment);
  bench.host.Deliver(fragment);
  EXPECT_EQ(bench.Told(), "");
  bench.host.Deliver(whole);
  EXPECT_EQ(bench.Told(), "RST,ACK");
}

}  // namespace
}  // namespace assay::host
