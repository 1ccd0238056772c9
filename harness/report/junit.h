// Results as JUnit XML, the form that CI servers read: two suites a stack, "cases" and
// "requirements", one requirement a testcase.
//
// A failure is what fails a run: failed, and nothing else. What is broken and known, or breaks a
// SHOULD, passes with the fact told in its output; what did not run, or was never exercised, is
// skipped with the reason, so that it never reads as passed.

#ifndef ASSAY_HARNESS_REPORT_JUNIT_H_
#define ASSAY_HARNESS_REPORT_JUNIT_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "harness/report/results.h"

namespace assay::report {

// A whole document in UTF-8. Whatever octets the strings of the results hold, it is well-formed.
std::string JunitOf(std::span<const StackResults> stacks);

absl::Status WriteJunit(const std::string& path, std::span<const StackResults> stacks);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_JUNIT_H_
