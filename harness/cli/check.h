// Check: puts a stack through all cases and a number of random scenarios, and draws the verdict on
// each requirement together.

#ifndef ASSAY_HARNESS_CLI_CHECK_H_
#define ASSAY_HARNESS_CLI_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "harness/adapters/stacks.h"
#include "harness/report/results.h"

namespace assay::cli {

struct CheckOptions {
  std::string filter;      // a part of a case's name; empty for all
  uint64_t scenarios = 0;  // random ones, beside the cases
  uint64_t seed = 1;
  std::function<void(const std::string&)> progress;  // a line, now and then; may be empty
};

report::StackResults CheckStack(adapters::Stack& stack, const CheckOptions& options);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_CHECK_H_
