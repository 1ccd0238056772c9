// Tables of verdicts for a terminal: by requirement and by case, one stack or several side by side.
//
// They count and lay out; no verdict is made here. A requirement or case that a stack's results do
// not list leaves its cell empty. Strings from the results are made harmless.

#ifndef ASSAY_HARNESS_REPORT_TABLE_H_
#define ASSAY_HARNESS_REPORT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "harness/report/results.h"
#include "harness/report/styled_line.h"

namespace assay::report {

// What becomes of the rows that nothing checks in any stack: not checked, or not observable.
enum class Unchecked : uint8_t { kShow, kLeaveOut };

struct TableOptions {
  size_t width =
      100;  // columns; stacks that do not fit side by side follow in a table of their own
  Colour colour = Colour::kNone;
  Unchecked unchecked = Unchecked::kShow;
};

// The rows grouped by RFC, in the order of the results, and a count of each verdict at the end.
std::string RequirementTable(std::span<const StackResults> stacks, const TableOptions& options);

// The rows grouped by area. Under a row: what was broken, or why the case did not run.
std::string CaseTable(std::span<const StackResults> stacks, const TableOptions& options);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_TABLE_H_
