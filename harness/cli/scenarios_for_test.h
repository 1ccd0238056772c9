// Random scenarios by number, for tests: the same number gives the same scenario everywhere, and
// those that `tcp-assay check` runs with its default seed come first.

#ifndef ASSAY_HARNESS_CLI_SCENARIOS_FOR_TEST_H_
#define ASSAY_HARNESS_CLI_SCENARIOS_FOR_TEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/scenario/event.h"
#include "harness/scenario/generate.h"
#include "stack/base/prng.h"

namespace assay::cli {

inline scenario::Scenario ScenarioOf(uint64_t seed) {
  Prng own(seed);
  return scenario::GenerateScenario(own, 4 + own.Below(20));
}

inline std::vector<uint64_t> SeedsForTest(size_t count) {
  Prng prng(1);
  std::vector<uint64_t> seeds(count);
  for (uint64_t& seed : seeds) seed = prng.Next();
  return seeds;
}

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_SCENARIOS_FOR_TEST_H_
