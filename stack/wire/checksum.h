// The Internet checksum (RFC 1071) and the TCP pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1).

#ifndef ASSAY_STACK_WIRE_CHECKSUM_H_
#define ASSAY_STACK_WIRE_CHECKSUM_H_

#include <cstdint>

#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"

namespace assay::wire {

// The one's complement sum of `octets` as 16-bit words in network order, an odd last octet padded
// with zero, folded to 16 bits and not complemented. `initial` is a sum made before, of an even
// number of octets.
uint16_t OnesComplementSum(Octets octets, uint16_t initial = 0);

// What the checksum field of an IPv4 header must hold, computed with the field itself as zero.
uint16_t InternetChecksum(Octets octets);

// What the checksum field of a TCP segment must hold. `segment` is the whole segment; the two
// octets at its checksum field count as zero. Segments of fewer than 20 octets have no checksum
// field: all of their octets count.
uint16_t TcpChecksum(const IpAddress& source, const IpAddress& destination, Octets segment);

// True if the segment's own checksum field is right; false for fewer than 20 octets.
bool TcpChecksumIsRight(const IpAddress& source, const IpAddress& destination, Octets segment);

// The checksum after one aligned 16-bit word changed from `before` to `after` (RFC 1624, eqn. 3).
constexpr uint16_t UpdateChecksum(uint16_t checksum, uint16_t before, uint16_t after) {
  uint32_t sum = static_cast<uint16_t>(~checksum);
  sum += static_cast<uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_CHECKSUM_H_
