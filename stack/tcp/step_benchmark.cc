// What a segment costs inside one TCB, codec and checksum aside.

#include <benchmark/benchmark.h>

#include "stack/tcp/step.h"

namespace assay::tcp {
namespace {

struct Bench {
  Tcb tcb;
  Policy policy = Policy::Rfc9293();
  Effects out;
  Instant now;
  std::vector<std::byte> text = std::vector<std::byte>(1460);

  void Establish() {
    Step(tcb, policy, Open{OpenMode::kActive, SndSeq(1000)}, now, out);
    Event event = Arriving(wire::kSyn | wire::kAck, 5000, 1001, 0);
    std::get<SegmentArrived>(event).options.mss = 1460;
    Step(tcb, policy, event, now, out);
  }
  SegmentArrived Arriving(int control, uint32_t seq, uint32_t ack, size_t octets) {
    SegmentArrived arrived;
    wire::Header header;
    header.seq = seq;
    header.ack = ack;
    header.control = static_cast<uint8_t>(control);
    header.window = 0xffff;
    arrived.segment.header = header;
    arrived.segment.payload = wire::Octets(text).first(octets);
    return arrived;
  }
};

// In-order text, read at once: an ACK for every second.
void BM_SegmentIn(benchmark::State& state) {
  Bench b;
  b.Establish();
  Event event = b.Arriving(wire::kAck, 5001, 1001, 1460);
  auto& header = *std::get<SegmentArrived>(event).segment.header;
  int64_t segments = 0;
  for (auto _ : state) {
    Step(b.tcb, b.policy, event, b.now, b.out);
    segments += 1 + static_cast<int64_t>(b.out.segments.size());
    header.seq += 1460;
    Step(b.tcb, b.policy, Receive{1460}, b.now, b.out);
    segments += static_cast<int64_t>(b.out.segments.size());
  }
  state.SetItemsProcessed(segments);
}
BENCHMARK(BM_SegmentIn);

// SEND of a full segment and the ACK for it.
void BM_SegmentOutAndAck(benchmark::State& state) {
  Bench b;
  b.Establish();
  Event event = b.Arriving(wire::kAck, 5001, 1001, 0);
  auto& header = *std::get<SegmentArrived>(event).segment.header;
  int64_t segments = 0;
  for (auto _ : state) {
    Step(b.tcb, b.policy, Send{1460}, b.now, b.out);
    segments += static_cast<int64_t>(b.out.segments.size());
    header.ack += 1460;
    Step(b.tcb, b.policy, event, b.now, b.out);
    segments += 1;
  }
  state.SetItemsProcessed(segments);
}
BENCHMARK(BM_SegmentOutAndAck);

}  // namespace
}  // namespace assay::tcp
