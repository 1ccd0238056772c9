// The Internet checksum written obviously, for tests and benchmarks to hold the fast one against.
//
// Source: RFC 1071, 4.1: sixteen bits at a time, the carries added back at the end.

#ifndef ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_
#define ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_

#include <cstdint>

#include "stack/wire/octets.h"

namespace assay::wire {

// The one's complement sum of `octets`, not complemented; an odd last octet is padded with zero.
inline uint16_t TextbookSum(Octets octets) {
  uint64_t sum = 0;
  size_t i = 0;
  for (; i + 2 <= octets.size(); i += 2) {
    sum += static_cast<uint32_t>(octets[i]) << 8 | static_cast<uint32_t>(octets[i + 1]);
  }
  if (i < octets.size()) sum += static_cast<uint32_t>(octets[i]) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_
