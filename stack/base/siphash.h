// SipHash-2-4: a keyed hash of short inputs, fit for secrets (RFC 6528 asks for such a function).
//
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).

#ifndef ASSAY_STACK_BASE_SIPHASH_H_
#define ASSAY_STACK_BASE_SIPHASH_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace assay {

struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

uint64_t SipHash24(const SipHashKey& key, std::span<const std::byte> octets);

}  // namespace assay

#endif  // ASSAY_STACK_BASE_SIPHASH_H_
