// Decoding and encoding a segment: a bare header, one with timestamps, one of 60 octets.

#include <array>

#include "benchmark/benchmark.h"
#include "stack/wire/checksum.h"
#include "stack/wire/codec_shapes_for_bench.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::wire {
namespace {

void DecodeTheSegment(benchmark::State& state) {
  const OctetVector packet = PacketOf(static_cast<Shape>(state.range(0)));
  Octets octets = Octets(packet).subspan(kIpv4HeaderMin);
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    const Segment segment = DecodeSegment(octets);
    const OptionSet options = DecodeOptions(segment.options);
    benchmark::DoNotOptimize(segment);
    benchmark::DoNotOptimize(options);
  }
  state.SetLabel(kShapeNames[state.range(0)]);
}

void DecodeThePacketAndCheckIt(benchmark::State& state) {
  const OctetVector bytes = PacketOf(static_cast<Shape>(state.range(0)));
  Octets octets = bytes;
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    const Packet packet = DecodePacket(octets);
    const bool right = TcpChecksumIsRight(packet.source, packet.destination, packet.payload);
    const Segment segment = DecodeSegment(packet.payload);
    const OptionSet options = DecodeOptions(segment.options);
    benchmark::DoNotOptimize(right);
    benchmark::DoNotOptimize(segment);
    benchmark::DoNotOptimize(options);
  }
  state.SetLabel(kShapeNames[state.range(0)]);
}

template <bool kWithIpHeader>
void Encode(benchmark::State& state) {
  const auto shape = static_cast<Shape>(state.range(0));
  OptionSet set = OptionsOf(shape);
  const OctetVector payload = Ramp(static_cast<size_t>(state.range(1)));
  Header header{.source_port = 1025, .destination_port = 80, .seq = 1, .ack = 2};
  std::array<std::byte, 2000> room;
  for (auto _ : state) {
    benchmark::DoNotOptimize(header);
    benchmark::DoNotOptimize(set);
    const MutableOctets octets =
        kWithIpHeader
            ? EncodeTcpPacketWithOptions(kSource, kDestination, header, set, payload, room)
            : EncodeTcpSegmentWithOptions(kSource, kDestination, header, set, payload, room);
    benchmark::DoNotOptimize(octets);
    benchmark::ClobberMemory();
  }
  state.SetLabel(kShapeNames[state.range(0)]);
}
void EncodeTheSegmentWithChecksum(benchmark::State& state) { Encode<false>(state); }
void EncodeThePacket(benchmark::State& state) { Encode<true>(state); }

BENCHMARK(DecodeTheSegment)->DenseRange(kBare, kSixtyOctets);
BENCHMARK(DecodeThePacketAndCheckIt)->DenseRange(kBare, kSixtyOctets);
BENCHMARK(EncodeTheSegmentWithChecksum)
    ->ArgsProduct({{kBare, kTimestamps, kSixtyOctets}, {0, 1460}});
BENCHMARK(EncodeThePacket)->ArgsProduct({{kBare, kTimestamps, kSixtyOctets}, {0, 1460}});

}  // namespace
}  // namespace assay::wire
