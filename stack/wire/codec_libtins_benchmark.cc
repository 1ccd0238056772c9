// The work of codec_benchmark.cc by libtins, in the same run.

#include <tins/ip.h>
#include <tins/tcp.h>

#include "benchmark/benchmark.h"
#include "stack/wire/codec_shapes_for_bench.h"

namespace assay::wire {
namespace {

void LibtinsDecodesTheSegment(benchmark::State& state) {
  const OctetVector packet = PacketOf(static_cast<Shape>(state.range(0)));
  const Octets segment = Octets(packet).subspan(kIpv4HeaderMin);
  const auto* octets = reinterpret_cast<const uint8_t*>(segment.data());
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    const Tins::TCP tcp(octets, static_cast<uint32_t>(segment.size()));
    benchmark::DoNotOptimize(&tcp);
  }
  state.SetLabel(kShapeNames[state.range(0)]);
}
BENCHMARK(LibtinsDecodesTheSegment)->DenseRange(kBare, kSixtyOctets);

// IP header and both checksums included, into a vector of its own: what its users call.
void LibtinsEncodesThePacket(benchmark::State& state) {
  const OctetVector bytes = PacketOf(static_cast<Shape>(state.range(0)));
  Tins::IP ip(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<uint32_t>(bytes.size()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(&ip);
    benchmark::DoNotOptimize(ip.serialize());
  }
  state.SetLabel(kShapeNames[state.range(0)]);
}
BENCHMARK(LibtinsEncodesThePacket)->DenseRange(kBare, kSixtyOctets);

}  // namespace
}  // namespace assay::wire
