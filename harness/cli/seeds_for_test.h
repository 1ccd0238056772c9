// Seeds of random scenarios, for tests: those that `tcp-assay check` runs by default come first.

#ifndef ASSAY_HARNESS_CLI_SEEDS_FOR_TEST_H_
#define ASSAY_HARNESS_CLI_SEEDS_FOR_TEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/prng.h"

namespace assay::cli {

inline std::vector<uint64_t> SeedsForTest(size_t count) {
  Prng prng(1);
  std::vector<uint64_t> seeds(count);
  for (uint64_t& seed : seeds) seed = prng.Next();
  return seeds;
}

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_SEEDS_FOR_TEST_H_
