// The segments that the benchmarks of the codec work on: a bare header, one with timestamps, one of
// 60 octets.

#ifndef ASSAY_STACK_WIRE_CODEC_SHAPES_FOR_BENCH_H_
#define ASSAY_STACK_WIRE_CODEC_SHAPES_FOR_BENCH_H_

#include <array>
#include <cstdint>

#include "stack/wire/octets_for_test.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::wire {

enum Shape : int64_t { kBare, kTimestamps, kSixtyOctets };

inline constexpr const char* kShapeNames[] = {"bare", "timestamps", "sixty octets"};

inline const IpAddress kSource = IpAddress::V4(192, 0, 2, 1);
inline const IpAddress kDestination = IpAddress::V4(192, 0, 2, 2);

inline OptionSet OptionsOf(Shape shape) {
  OptionSet set;
  if (shape != kBare) set.timestamps = Timestamps{0x0102'0304, 0x0506'0708};
  if (shape == kSixtyOctets) {
    set.sack_permitted = true;
    set.mss = 1460;
    for (uint32_t i = 1; i <= 2; ++i) set.sack.push_back({i * 1000, i * 1000 + 500});
  }
  return set;
}

inline OctetVector PacketOf(Shape shape) {
  std::array<std::byte, kOptionsMax> option_room;
  OctetVector options = ToVector(EncodeOptions(OptionsOf(shape), option_room));
  // Sixty octets of header: the rest is NOPs.
  if (shape == kSixtyOctets) options.resize(kOptionsMax, std::byte{1});
  OctetVector room(200);
  const Header header{.source_port = 1025, .destination_port = 80, .seq = 1, .ack = 2};
  return ToVector(EncodeTcpPacket(kSource, kDestination, header, options, {}, room));
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_CODEC_SHAPES_FOR_BENCH_H_
