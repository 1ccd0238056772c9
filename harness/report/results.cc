#include "harness/report/results.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "stack/base/check.h"

namespace assay::report {

std::string Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNotObservable:
      return "not observable";
    case Verdict::kNotChecked:
      return "not checked";
    case Verdict::kNotSupported:
      return "not supported";
    case Verdict::kNotExercised:
      return "not exercised";
    case Verdict::kPassed:
      return "passed";
    case Verdict::kKnownDeviation:
      return "known deviation";
    case Verdict::kWarned:
      return "warned";
    case Verdict::kFailed:
      return "failed";
  }
  CheckFailed(__FILE__, __LINE__, "a Verdict");
}

std::string HeadOf(const Violation& violation) {
  constexpr size_t kMost = 3;
  std::string head = violation.rule == "expectation"
                         ? "expectation not met"
                         : absl::StrCat(violation.level, " broken: ", violation.rule);
  const auto& all = violation.requirements;
  // "and 1 more" is no shorter than the one.
  const size_t told = all.size() > kMost + 1 ? kMost : all.size();
  const auto behind = all.begin() + static_cast<ptrdiff_t>(told);
  std::string cites = absl::StrJoin(all.begin(), behind, ", ");
  if (told < all.size()) absl::StrAppend(&cites, " and ", all.size() - told, " more");
  if (!violation.section.empty()) {
    absl::StrAppend(&cites, cites.empty() ? "" : "; ", violation.section);
  }
  if (!cites.empty()) absl::StrAppend(&head, " (", cites, ")");
  return head;
}

Verdict Merged(Verdict a, Verdict b) { return std::max(a, b); }

}  // namespace assay::report
