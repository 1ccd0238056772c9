// The reference and lwIP at the same work in the same run: whole packets in and out through the
// interface of a stack under test, checksums on, the peer played by hand or by the same stack.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/adapters/reference/reference_stack.h"
#include "harness/adapters/stacks.h"
#include "stack/base/check.h"
#include "stack/tcp/policy.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::cli {
namespace {

// The stacks under their own interface. The reference gets buffers of about lwIP's size, which has
// 11,680 octets each way: what lies in the cache is part of what is measured.
std::unique_ptr<sut::StackUnderTest> OpenStack(const std::string& name) {
  if (name == "reference") {
    tcp::Policy policy = tcp::Policy::Rfc9293();
    policy.send_buffer = policy.receive_buffer = 16'384;
    return adapters::MakeReferenceStack(policy);
  }
  auto opened = adapters::OpenStack(name, "");
  ASSAY_CHECK(opened.ok());
  return std::move(opened->stack);
}

// A peer that does what is polite and checks nothing but that it is answered.
class Peer {
 public:
  explicit Peer(const std::string& name) : stack_(OpenStack(name)) {
    config_.features.window_scale = false;
    ASSAY_CHECK(stack().Reset(config_));
    listener_ = stack().Listen(7, 8).handle;
    ASSAY_CHECK(listener_ != sut::kNoHandle);
  }

  sut::StackUnderTest& stack() { return *stack_; }
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
  std::unique_ptr<sut::StackUnderTest> stack_;
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

// Both ends of a connection in one stack: what it sends is given back to it.
class BothEnds {
 public:
  explicit BothEnds(const std::string& name) : stack_(OpenStack(name)) {
    config_.tester = config_.stack;
    config_.features.window_scale = false;
    Reset();
  }

  sut::StackUnderTest& stack() { return *stack_; }
  sut::Handle active() const { return active_; }
  sut::Handle passive() const { return passive_; }
  int64_t segments() const { return segments_; }

  void Reset() {
    ASSAY_CHECK(stack().Reset(config_));
    listener_ = stack().Listen(7, 8).handle;
    ASSAY_CHECK(listener_ != sut::kNoHandle);
  }

  void Open() {
    port_ = port_ == 60'000 ? 10'000 : static_cast<uint16_t>(port_ + 1);
    active_ = stack().Connect(port_, 7).handle;
    Settle();
    passive_ = stack().Accept(listener_).handle;
    ASSAY_CHECK(active_ != sut::kNoHandle && passive_ != sut::kNoHandle);
  }

  // Until nothing is on its way.
  void Settle() {
    for (wire::Octets packet = stack().Poll(room_); !packet.empty(); packet = stack().Poll(room_)) {
      ++segments_;
      stack().Deliver(packet);
    }
  }

  // Octets that went from one end to the other, of those that one SEND takes.
  size_t Move(sut::Handle from, sut::Handle to, wire::Octets text) {
    stack().Send(from, text, sut::kSendPush);
    Settle();
    return stack().Recv(to, reading_).octets;
  }

 private:
  std::unique_ptr<sut::StackUnderTest> stack_;
  sut::Config config_;
  sut::Handle listener_ = sut::kNoHandle;
  sut::Handle active_ = sut::kNoHandle;
  sut::Handle passive_ = sut::kNoHandle;
  uint16_t port_ = 10'000;
  int64_t segments_ = 0;
  std::vector<std::byte> room_ = std::vector<std::byte>(65536);
  std::vector<std::byte> reading_ = std::vector<std::byte>(65536);
};

// Open, a hundred octets each way, close. A fresh stack now and then makes room for what is left
// in TIME-WAIT; neither allocates or forgets anything for it.
void OpenExchangeClose(benchmark::State& state, const std::string& name) {
  constexpr int kBetweenResets = 32;
  BothEnds ends(name);
  const std::vector<std::byte> text(100, std::byte{'a'});
  int until_reset = kBetweenResets;
  for (auto _ : state) {
    if (--until_reset == 0) {
      ends.Reset();
      until_reset = kBetweenResets;
    }
    ends.Open();
    ASSAY_CHECK(ends.Move(ends.active(), ends.passive(), text) == text.size());
    ASSAY_CHECK(ends.Move(ends.passive(), ends.active(), text) == text.size());
    ends.stack().Close(ends.active());
    ends.Settle();
    ends.stack().Close(ends.passive());
    ends.Settle();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["segments"] =
      benchmark::Counter(static_cast<double>(ends.segments()), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(OpenExchangeClose, reference, "reference");
BENCHMARK_CAPTURE(OpenExchangeClose, lwip, "lwip");

// As much as one SEND takes and a window holds, read when it is there.
void Bulk(benchmark::State& state, const std::string& name) {
  BothEnds ends(name);
  ends.Open();
  const std::vector<std::byte> text(8 * 1460, std::byte{'a'});
  int64_t octets = 0;
  for (auto _ : state) {
    octets += static_cast<int64_t>(ends.Move(ends.active(), ends.passive(), text));
  }
  ASSAY_CHECK(octets > state.iterations() * 1460);
  state.SetBytesProcessed(octets);
}
BENCHMARK_CAPTURE(Bulk, reference, "reference");
BENCHMARK_CAPTURE(Bulk, lwip, "lwip");

}  // namespace
}  // namespace assay::cli
