#include "harness/cli/first_violation.h"

#include <deque>

#include "absl/strings/str_cat.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"
#include "harness/rules/judge.h"
#include "harness/rules/rule.h"
#include "harness/scenario/generate.h"
#include "stack/base/check.h"
#include "stack/base/prng.h"

namespace assay::cli {
namespace {

Violation OfRule(const rules::Finding& finding, const std::string& where, uint64_t runs) {
  return {.by = Violation::By::kRule,
          .what = std::string(finding.rule->id),
          .level = std::string(rules::Name(finding.rule->level)),
          .where = where,
          .runs = runs};
}

}  // namespace

std::string_view Name(Violation::By by) {
  switch (by) {
    case Violation::By::kNothing:
      return "nothing";
    case Violation::By::kRule:
      return "rule";
    case Violation::By::kCase:
      return "case";
    case Violation::By::kCannotReset:
      return "cannot reset";
  }
  CheckFailed(__FILE__, __LINE__, "a Violation::By");
}

Violation FindFirstViolation(std::span<const Accused> accused, uint64_t scenarios, uint64_t seed) {
  std::deque<driver::Session> sessions;
  for (const Accused& each : accused) sessions.emplace_back(*each.stack, each.profile);
  Violation found;
  uint64_t runs = 0;
  for (const cases::Case& c : cases::AllCases()) {
    for (size_t i = 0; i < accused.size(); ++i) {
      for (const bool ipv6 : {false, true}) {
        const cases::CaseRun run = cases::RunCase(c, ipv6, sessions[i]);
        if (run.outcome == cases::Outcome::kNotSupported) continue;
        ++runs;
        const std::string where = absl::StrCat(accused[i].profile_name, " ", std::string(c.name),
                                               ipv6 ? "/ipv6" : "/ipv4");
        const rules::Finding* broken = sessions[i].judge().unexplained();
        if (broken != nullptr) return OfRule(*broken, where, runs);
        if (run.failure.empty() || found.by != Violation::By::kNothing) continue;
        found = {.by = Violation::By::kCase,
                 .what = std::string(c.name),
                 .level = std::string(rules::Name(c.level)),
                 .where = where,
                 .runs = runs};
      }
    }
  }
  Prng prng(seed);
  for (uint64_t i = 0; i < scenarios && !accused.empty(); ++i) {
    const uint64_t own_seed = prng.Next();
    driver::Session& session = sessions[i % accused.size()];
    const std::string& profile = accused[i % accused.size()].profile_name;
    session.set_recording(driver::Recording::kOff);
    ++runs;
    if (!session.Run(scenario::RandomScenario(own_seed))) {
      return {.by = Violation::By::kCannotReset, .where = profile, .runs = runs};
    }
    if (const rules::Finding* broken = session.judge().unexplained()) {
      return OfRule(*broken, absl::StrCat(profile, " seed ", own_seed), runs);
    }
  }
  if (found.by == Violation::By::kNothing) found.runs = runs;
  return found;
}

}  // namespace assay::cli
