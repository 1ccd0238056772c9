#include "harness/report/violation_of.h"

#include "absl/strings/str_cat.h"
#include "harness/rules/rule.h"

namespace assay::report {

std::string NamesOf(observer::QuirkSet quirks) {
  std::string out;
  for (size_t i = 0; i < observer::kQuirkCount; ++i) {
    const auto quirk = static_cast<observer::Quirk>(i);
    if (quirks.Has(quirk)) absl::StrAppend(&out, out.empty() ? "" : ", ", std::string(Name(quirk)));
  }
  return out;
}

Violation ViolationOf(const rules::Finding& finding) {
  Violation violation;
  violation.rule = std::string(finding.rule->id);
  violation.level = std::string(rules::Name(finding.rule->level));
  for (std::string_view id : finding.rule->cites) violation.requirements.emplace_back(id);
  violation.section = std::string(finding.rule->section);
  violation.seen = finding.seen;
  violation.legal = finding.legal;
  violation.known = NamesOf(finding.known);
  violation.event = finding.event;
  return violation;
}

}  // namespace assay::report
