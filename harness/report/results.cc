#include "harness/report/results.h"

#include <algorithm>

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

Verdict Merged(Verdict a, Verdict b) { return std::max(a, b); }

}  // namespace assay::report
