// The reference and lwIP at the same work in the same run: whole packets in and out through the
// interface of a stack under test, checksums on, the peer played by hand.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/adapters/stacks.h"
#include "stack/base/check.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::cli {
namespace {

// A peer that does what is polite and checks nothing but that it is answered.
class Peer {
 public:
  explicit Peer(const std::string& name) : opened_(adapters::OpenStack(name, "")) {
    ASSAY_CHECK(opened_.ok());
    config_.features.window_scale = false;
    ASSAY_CHECK(stack().Reset(config_));
    listener_ = stack().Listen(7, 8).handle;
    ASSAY_CHECK(listener_ != sut::kNoHandle);
  }

  sut::StackUnderTest& stack() { return *opened_->stack; }
  sut::Handle handle() const { return handle_; }
  int64_t segments() const { return segments_; }

  void Handshake() {
    port_ = port_ == 60'000 ? 10'000 : static_cast<uint16_t>(port_ + 1);
    seq_ += 100'000;
    Send(wire::kSyn, {});
    Hear();
    Send(wire::kAck, {});
    Hear();
    handle_ = stack().Accept(listener_).handle;
    ASSAY_CHECK(handle_ != sut::kNoHandle);
  }

  void Send(uint8_t control, wire::Octets text) {
    wire::Header header;
    header.source_port = port_;
    header.destination_port = 7;
    header.seq = seq_;
    header.ack = (control & wire::kAck) != 0 ? ack_ : 0;
    header.control = control;
    header.window = 0xffff;
    wire::OptionSet options;
    if (header.syn()) options.mss = 1460;
    const wire::Octets packet = wire::EncodeTcpPacketWithOptions(config_.tester, config_.stack,
                                                                 header, options, text, packet_);
    seq_ += static_cast<uint32_t>(text.size()) + uint32_t{header.syn()} + uint32_t{header.fin()};
    ++segments_;
    stack().Deliver(packet);
  }

  // Takes in all that the stack says; the octets of text in it.
  size_t Hear() {
    size_t octets = 0;
    while (true) {
      const wire::Octets packet = stack().Poll(room_);
      if (packet.empty()) return octets;
      ++segments_;
      const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
      ASSAY_CHECK(segment.header.has_value() && !segment.header->rst());
      ack_ = segment.header->seq + segment.len();
      octets += segment.payload.size();
    }
  }

  size_t Read() {
    size_t octets = 0;
    while (true) {
      const sut::Transfer got = stack().Recv(handle_, reading_);
      if (got.error != sut::CallError::kNone || got.octets == 0) return octets;
      octets += got.octets;
    }
  }

 private:
  absl::StatusOr<adapters::Stack> opened_;
  sut::Config config_;
  sut::Handle listener_ = sut::kNoHandle;
  sut::Handle handle_ = sut::kNoHandle;
  uint16_t port_ = 10'000;
  uint32_t seq_ = 1;
  uint32_t ack_ = 0;
  int64_t segments_ = 0;
  std::vector<std::byte> packet_ = std::vector<std::byte>(65536);
  std::vector<std::byte> room_ = std::vector<std::byte>(65536);
  std::vector<std::byte> reading_ = std::vector<std::byte>(65536);
};

// A connection from the SYN to the last ACK: ten segments of 100 octets, each echoed; the peer
// closes first, so that nothing stays in TIME-WAIT.
void OpenEchoClose(benchmark::State& state, const std::string& name) {
  Peer peer(name);
  const std::vector<std::byte> text(100, std::byte{'a'});
  for (auto _ : state) {
    peer.Handshake();
    for (int i = 0; i < 10; ++i) {
      peer.Send(wire::kAck | wire::kPsh, text);
      ASSAY_CHECK(peer.Read() == text.size());
      peer.stack().Send(peer.handle(), text, sut::kSendPush);
      ASSAY_CHECK(peer.Hear() == text.size());
    }
    peer.Send(wire::kAck | wire::kFin, {});
    peer.Hear();
    peer.stack().Close(peer.handle());
    peer.Hear();
    peer.Send(wire::kAck, {});
    peer.Hear();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["segments"] =
      benchmark::Counter(static_cast<double>(peer.segments()), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(OpenEchoClose, reference, "reference");
BENCHMARK_CAPTURE(OpenEchoClose, lwip, "lwip");

// Full segments in order, read at once.
void BulkIn(benchmark::State& state, const std::string& name) {
  Peer peer(name);
  peer.Handshake();
  const std::vector<std::byte> text(1460, std::byte{'a'});
  int64_t octets = 0;
  for (auto _ : state) {
    peer.Send(wire::kAck, text);
    octets += static_cast<int64_t>(peer.Read());
    peer.Hear();
  }
  ASSAY_CHECK(octets == state.iterations() * 1460);
  state.SetBytesProcessed(octets);
}
BENCHMARK_CAPTURE(BulkIn, reference, "reference");
BENCHMARK_CAPTURE(BulkIn, lwip, "lwip");

// Eight full segments out, and one ACK for all of them.
void BulkOut(benchmark::State& state, const std::string& name) {
  Peer peer(name);
  peer.Handshake();
  const std::vector<std::byte> text(8 * 1460, std::byte{'a'});
  int64_t octets = 0;
  for (auto _ : state) {
    peer.stack().Send(peer.handle(), text, 0);
    octets += static_cast<int64_t>(peer.Hear());
    peer.Send(wire::kAck, {});
    octets += static_cast<int64_t>(peer.Hear());
  }
  ASSAY_CHECK(octets > 0);
  state.SetBytesProcessed(octets);
}
BENCHMARK_CAPTURE(BulkOut, reference, "reference");
BENCHMARK_CAPTURE(BulkOut, lwip, "lwip");

}  // namespace
}  // namespace assay::cli
