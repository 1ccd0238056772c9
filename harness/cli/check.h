// Check: puts a stack through all cases and a number of random scenarios, and draws the verdict on
// each requirement together.
//
// With a stack in real time waiting costs no work: as many runs as there is use for go on side by
// side, each with a stack of its own. A run in which the machine stalled proves nothing against the
// stack, and is repeated.

#ifndef ASSAY_HARNESS_CLI_CHECK_H_
#define ASSAY_HARNESS_CLI_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "harness/adapters/stacks.h"
#include "harness/report/results.h"
#include "stack/base/time.h"

namespace assay::cli {

struct CheckOptions {
  std::string filter = {};  // a part of a case's name; empty for all
  uint64_t scenarios = 0;   // random ones, beside the cases
  uint64_t seed = 1;
  // For stacks in real time: how long a case, and how long a random scenario, may wait.
  Duration patience = Duration::Seconds(20);
  Duration short_patience = Duration::Seconds(2);
  std::function<void(const std::string&)> progress = {};  // a line, now and then; may be empty
};

report::StackResults CheckStack(adapters::Stack& stack, const CheckOptions& options);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_CHECK_H_
