// A finding of the judge as a plain value of the results.

#ifndef ASSAY_HARNESS_REPORT_VIOLATION_OF_H_
#define ASSAY_HARNESS_REPORT_VIOLATION_OF_H_

#include <string>

#include "harness/report/results.h"
#include "harness/rules/judge.h"

namespace assay::report {

Violation ViolationOf(const rules::Finding& finding);

// The names of the quirks in the set: "syn-sent.ignores-syn, fin.moved".
std::string NamesOf(observer::QuirkSet quirks);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_VIOLATION_OF_H_
