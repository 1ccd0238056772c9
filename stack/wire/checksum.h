// The Internet checksum (RFC 1071) and the TCP pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1).

#ifndef ASSAY_STACK_WIRE_CHECKSUM_H_
#define ASSAY_STACK_WIRE_CHECKSUM_H_

#include <cstdint>

#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"
#include "stack/wire/short_sum.h"

namespace assay::wire {

// A sum of 16-bit words, held in 64 bits, folded to 16. Zero only if `sum` is.
constexpr uint16_t FoldSum(uint64_t sum) {
  // Adding the turned number puts the sum of both halves, its carry added back, in the upper half.
  const auto half = static_cast<uint32_t>((sum + (sum << 32 | sum >> 32)) >> 32);
  return static_cast<uint16_t>((half + (half << 16 | half >> 16)) >> 16);
}

// The same of what ShortSum() gives, in network order.
constexpr uint16_t FoldedSum(Sum sum) { return InNetworkOrder(FoldSum(sum)); }

// The parts of the two below for kLongSum octets and more.
uint16_t LongSum(Octets octets, uint16_t initial);
uint16_t CopyAndLongSum(Octets octets, MutableOctets to, uint16_t initial);

// The one's complement sum of `octets` as 16-bit words in network order, an odd last octet padded
// with zero, folded to 16 bits and not complemented. `initial` is a sum made before, of an even
// number of octets. At most 2^32 octets.
inline uint16_t OnesComplementSum(Octets octets, uint16_t initial = 0) {
  if (octets.size() >= kLongSum) return LongSum(octets, initial);
  return FoldedSum(ShortSum<false>(octets.data(), nullptr, octets.size(), InNetworkOrder(initial)));
}

// The same, and copies `octets` to the front of `to` on the way, which is cheaper than to read them
// twice. The two do not overlap; too little room is a mistake of the caller's.
inline uint16_t CopyAndSum(Octets octets, MutableOctets to, uint16_t initial = 0) {
  ASSAY_CHECK(to.size() >= octets.size());
  if (octets.size() >= kLongSum) return CopyAndLongSum(octets, to, initial);
  return FoldedSum(
      ShortSum<true>(octets.data(), to.data(), octets.size(), InNetworkOrder(initial)));
}

// What the checksum field of an IPv4 header must hold, computed with the field itself as zero.
uint16_t InternetChecksum(Octets octets);

// The sum of the TCP pseudo-header for a segment of `length` octets.
uint16_t PseudoHeaderSum(const IpAddress& source, const IpAddress& destination, size_t length);

// What the checksum field of a TCP segment must hold. `segment` is the whole segment; the two
// octets at its checksum field count as zero. Segments of fewer than 20 octets have no checksum
// field: all of their octets count.
uint16_t TcpChecksum(const IpAddress& source, const IpAddress& destination, Octets segment);

// True if the segment's own checksum field is right; false for fewer than 20 octets.
bool TcpChecksumIsRight(const IpAddress& source, const IpAddress& destination, Octets segment);

// The checksum after one aligned 16-bit word changed from `before` to `after` (RFC 1624, eqn. 3).
constexpr uint16_t UpdateChecksum(uint16_t checksum, uint16_t before, uint16_t after) {
  return static_cast<uint16_t>(~FoldSum(uint64_t{static_cast<uint16_t>(~checksum)} +
                                        static_cast<uint16_t>(~before) + after));
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_CHECKSUM_H_
