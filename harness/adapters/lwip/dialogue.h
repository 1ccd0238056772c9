// A peer for the tests of this adapter: sends segments and reads the answers, one by one.
//
// It keeps no connection state. Each test says its numbers itself.

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_DIALOGUE_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_DIALOGUE_H_

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sut/stack_under_test.h"
#include "stack/base/check.h"
#include "stack/base/digest.h"
#include "stack/wire/packet.h"

namespace assay::lwip {

inline wire::Octets AsOctets(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A segment as the tests speak of it.
struct Said {
  uint8_t control = 0;
  uint32_t seq = 0;
  uint32_t ack = 0;
  uint16_t window = 0;
  uint16_t port = 0;  // of the peer
  uint16_t stack_port = 0;
  std::string payload;
};

class Dialogue {
 public:
  Dialogue(sut::StackUnderTest& stack, const sut::Config& config)
      : stack_(stack), config_(config), buffer_(65536) {}

  uint16_t port = 40000;
  uint16_t stack_port = 80;
  uint16_t window = 8192;
  std::vector<std::byte> options;

  // `spoil` is added to the checksum.
  void Send(uint8_t control, uint32_t seq, uint32_t ack = 0, std::string_view payload = {},
            uint16_t spoil = 0) {
    wire::Header header;
    header.source_port = port;
    header.destination_port = stack_port;
    header.seq = seq;
    header.ack = ack;
    header.control = control;
    header.window = window;
    wire::MutableOctets packet = wire::EncodeTcpPacket(config_.tester, config_.stack, header,
                                                       options, AsOctets(payload), buffer_);
    const size_t checksum_at = wire::IpHeaderSize(config_.stack.family()) + 16;
    packet[checksum_at] ^= static_cast<std::byte>(spoil >> 8);
    packet[checksum_at + 1] ^= static_cast<std::byte>(spoil & 0xff);
    // In a block of its own size, so that a stack that reads on is seen.
    const std::vector<std::byte> exact(packet.begin(), packet.end());
    stack_.Deliver(exact);
  }

  // The next segment of the stack's; none if it is silent.
  std::optional<Said> Hear() {
    const wire::Octets packet = stack_.Poll(buffer_);
    if (packet.empty()) return std::nullopt;
    digest_.Add(packet);
    digest_.Add(static_cast<uint64_t>(stack_.Now().ns()));
    const wire::Packet ip = wire::DecodePacket(packet);
    ASSAY_CHECK(ip.error == wire::PacketError::kNone);
    ASSAY_CHECK(ip.source == config_.stack && ip.destination == config_.tester);
    const wire::Segment segment = wire::DecodeSegment(ip.payload);
    const wire::Header& h = *segment.header;
    Said said{h.control, h.seq, h.ack, h.window, h.destination_port, h.source_port, {}};
    said.payload.assign(reinterpret_cast<const char*>(segment.payload.data()),
                        segment.payload.size());
    return said;
  }

  uint64_t digest() const { return digest_.value(); }

 private:
  sut::StackUnderTest& stack_;
  sut::Config config_;
  std::vector<std::byte> buffer_;
  Digest digest_;
};

}  // namespace assay::lwip

#endif  // ASSAY_HARNESS_ADAPTERS_LWIP_DIALOGUE_H_
