// Bench: one host, and its peers played by hand, for tests.
//
// Numbers are those of the wire: the host's first ISS is 1000, and a peer's SYN is what the test
// says. What the host sends is taken with Sent(), which leaves nothing behind.

#ifndef ASSAY_STACK_HOST_BENCH_FOR_TEST_H_
#define ASSAY_STACK_HOST_BENCH_FOR_TEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/check.h"
#include "stack/host/host.h"
#include "stack/host/pair_for_test.h"
#include "stack/wire/icmp_for_test.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::host {

struct PeerSegment {
  uint8_t control = wire::kAck;
  uint32_t seq = 5001;
  uint32_t ack = 1001;
  size_t text = 0;
  wire::OptionSet options = {};
};

// A packet that the host sent.
struct SentPacket {
  std::vector<std::byte> octets;
  wire::Packet packet;
  wire::Header header;
  wire::OptionSet options;
  size_t text = 0;
};

class Bench {
 public:
  explicit Bench(const Config& with) : config(with), host(with) {}
  explicit Bench(wire::IpFamily family = wire::IpFamily::kIpv4,
                 const tcp::Policy& policy = tcp::Policy::Rfc9293())
      : Bench(ConfigOf(family, policy)) {}

  static Config ConfigOf(wire::IpFamily family = wire::IpFamily::kIpv4,
                         const tcp::Policy& policy = tcp::Policy::Rfc9293()) {
    Config config = Pair::ConfigOf(Side::kA, family, policy);
    config.use_first_iss = true;
    config.first_iss = 1000;
    return config;
  }

  wire::Endpoint Own(uint16_t port) const { return {config.address, port}; }
  wire::Endpoint Peer(uint16_t port) const {
    return {Pair::ConfigOf(Side::kB, config.address.family()).address, port};
  }

  void Arrives(const wire::Endpoint& from, const wire::Endpoint& to, const PeerSegment& segment) {
    wire::Header header;
    header.source_port = from.port;
    header.destination_port = to.port;
    header.seq = segment.seq;
    header.ack = segment.ack;
    header.control = segment.control;
    header.window = 0xffff;
    const std::vector<std::byte> text(segment.text);
    std::vector<std::byte> out(wire::kIpv6Header + 60 + segment.text);
    host.Deliver(wire::EncodeTcpPacketWithOptions(from.address, to.address, header, segment.options,
                                                  text, out));
  }

  // All that waits to be sent.
  std::vector<SentPacket> Sent() {
    std::vector<SentPacket> sent;
    for (wire::Octets packet = host.Poll(); !packet.empty(); packet = host.Poll()) {
      SentPacket& one = sent.emplace_back();
      one.octets.assign(packet.begin(), packet.end());
      one.packet = wire::DecodePacket(one.octets);
      const wire::Segment segment = wire::DecodeSegment(one.packet.payload);
      one.header = *segment.header;
      one.options = wire::DecodeOptions(segment.options);
      one.text = segment.payload.size();
    }
    return sent;
  }
  // "SYN,ACK; ACK": the control bits of all that waits.
  std::string Told() {
    std::string told;
    for (const SentPacket& sent : Sent()) {
      if (!told.empty()) told += "; ";
      told += wire::ControlNames(sent.header.control);
      if (sent.text > 0) told += "(" + std::to_string(sent.text) + ")";
    }
    return told;
  }

  // An active connection to the peer's `port`, established; its numbers are 1001 and 5001.
  Handle Established(uint16_t port = 80, const wire::OptionSet& options = {}) {
    const Opened opened = host.Connect(4000, Peer(port));
    ASSAY_CHECK(opened.error == Error::kNone);
    const uint32_t iss = Sent()[0].header.seq;
    Arrives(Peer(port), Own(4000),
            {.control = wire::kSyn | wire::kAck, .seq = 5000, .ack = iss + 1, .options = options});
    ASSAY_CHECK(Told() == "ACK");
    return opened.handle;
  }
  Transfer Say(Handle handle, size_t octets) {
    const std::vector<std::byte> text(octets);
    return host.Send(handle, text, tcp::Flag::kNo, tcp::Flag::kNo);
  }

  // A router says this about a packet that the host sent.
  void RouterSays(uint8_t type, uint8_t code, uint32_t rest, const SentPacket& about,
                  size_t quoted = 100) {
    const wire::IpAddress router = config.address.family() == wire::IpFamily::kIpv4
                                       ? wire::IpAddress::V4(198, 51, 100, 1)
                                       : wire::IpAddress::V6({0x2001, 0xdb8, 9, 0, 0, 0, 0, 1});
    host.Deliver(wire::EncodeIcmpError(router, type, code, rest, about.octets, quoted));
  }

  Config config;
  Host host;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_BENCH_FOR_TEST_H_
