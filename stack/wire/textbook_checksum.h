// The Internet checksum written obviously, for tests and benchmarks to hold the fast one against.
//
// Source: RFC 1071, 4.1: sixteen bits at a time, the carry added back at once.

#ifndef ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_
#define ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_

#include <cstdint>

#include "stack/wire/octets.h"

namespace assay::wire {

// The one's complement sum of `octets`, not complemented; an odd last octet is padded with zero.
inline uint16_t TextbookSum(Octets octets) {
  uint32_t sum = 0;
  for (size_t i = 0; i < octets.size(); i += 2) {
    const auto high = static_cast<uint8_t>(octets[i]);
    const auto low = i + 1 < octets.size() ? static_cast<uint8_t>(octets[i + 1]) : uint8_t{0};
    sum += static_cast<uint32_t>(high << 8 | low);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<uint16_t>(sum);
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_TEXTBOOK_CHECKSUM_H_
