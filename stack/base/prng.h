// The one source of randomness: SplitMix64, an integer generator whose whole state is its seed.
//
// The same seed gives the same numbers on every machine and in every build, so a seed printed with
// a finding is enough to have it again. Not for secrets; those are keyed hashes (siphash.h).

#ifndef ASSAY_STACK_BASE_PRNG_H_
#define ASSAY_STACK_BASE_PRNG_H_

#include <cstdint>

#include "stack/base/check.h"

namespace assay {

class Prng {
 public:
  constexpr explicit Prng(uint64_t seed) : state_(seed) {}

  constexpr uint64_t Next() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound is not 0. The bias of the multiply is below 2^-32 for bounds of 32
  // bits, which no use here can see.
  constexpr uint32_t Below(uint32_t bound) {
    ASSAY_CHECK(bound != 0);
    return static_cast<uint32_t>(((Next() >> 32) * bound) >> 32);
  }

  // Uniform in [low, high], both included.
  constexpr int64_t Between(int64_t low, int64_t high) {
    ASSAY_CHECK(low <= high && high - low < INT64_C(0xffff'ffff));
    return low + Below(static_cast<uint32_t>(high - low + 1));
  }

  constexpr bool OneIn(uint32_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace assay

#endif  // ASSAY_STACK_BASE_PRNG_H_
