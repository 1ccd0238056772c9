#include "harness/cli/check.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"
#include "harness/report/violation_of.h"
#include "harness/requirements/requirement.h"
#include "harness/rules/judge.h"
#include "harness/rules/rule.h"
#include "harness/scenario/generate.h"
#include "stack/base/prng.h"

namespace assay::cli {
namespace {

using report::Verdict;

Verdict VerdictOf(cases::Outcome outcome) {
  switch (outcome) {
    case cases::Outcome::kPassed:
      return Verdict::kPassed;
    case cases::Outcome::kFailed:
      return Verdict::kFailed;
    case cases::Outcome::kKnown:
      return Verdict::kKnownDeviation;
    case cases::Outcome::kWarned:
      return Verdict::kWarned;
    case cases::Outcome::kNotSupported:
      return Verdict::kNotSupported;
  }
  CheckFailed(__FILE__, __LINE__, "an Outcome");
}

// What is known of one requirement while the run goes on.
struct Evidence {
  Verdict verdict = Verdict::kNotChecked;
  uint64_t exercised = 0;
  uint64_t violated = 0;
  std::string by;

  void Count(Verdict v, uint64_t times, uint64_t broken, const std::string& what) {
    exercised += times;
    violated += broken;
    if (v >= verdict) {
      if (v > verdict || by.empty()) by = what;
      verdict = v;
    }
  }
};

using Evidences = std::map<std::string, Evidence, std::less<>>;

Verdict BrokenVerdict(rules::Level level) {
  return level == rules::Level::kMust ? Verdict::kFailed : Verdict::kWarned;
}

void CountRules(const rules::Tally& tally, Evidences& evidences) {
  const auto all = rules::AllRules();
  for (size_t i = 0; i < all.size(); ++i) {
    Verdict verdict = Verdict::kNotExercised;
    if (tally.applied[i] > 0) verdict = Verdict::kPassed;
    if (tally.violated[i] > 0) verdict = BrokenVerdict(all[i].level);
    for (std::string_view id : all[i].cites) {
      evidences[std::string(id)].Count(verdict, tally.applied[i], tally.violated[i],
                                       std::string(all[i].id));
    }
  }
}

// A known deviation breaks the requirement that known.tsv names, not all that the rule stands for
// by which it was seen.
void CountKnown(const adapters::Stack& stack, const rules::Tally& tally, Evidences& evidences) {
  for (const adapters::KnownDeviation& known : stack.known) {
    if (!known.quirk.has_value()) continue;
    const uint64_t times = tally.quirks[static_cast<size_t>(*known.quirk)];
    if (times == 0) continue;
    evidences[known.requirement].Count(Verdict::kKnownDeviation, 0, times,
                                       std::string(Name(*known.quirk)));
  }
}

void CountCase(const cases::Case& c, Verdict verdict, Evidences& evidences) {
  const bool ran = verdict != Verdict::kNotSupported;
  const bool broken = verdict >= Verdict::kKnownDeviation;
  for (std::string_view id : c.requirements) {
    evidences[std::string(id)].Count(verdict, ran ? 1 : 0, broken ? 1 : 0, std::string(c.name));
  }
}

// A case that known.tsv lists is expected to fail; one that then passes has to be taken off the
// list.
void ApplyKnown(const adapters::Stack& stack, const cases::Case& c, report::CaseResult& result) {
  for (const adapters::KnownDeviation& known : stack.known) {
    if (known.case_name != c.name) continue;
    const std::string name = absl::StrCat("case:", known.case_name);
    if (result.verdict == Verdict::kFailed || result.verdict == Verdict::kWarned) {
      result.verdict = Verdict::kKnownDeviation;
      for (report::Violation& violation : result.violations) violation.known = name;
    } else if (result.verdict == Verdict::kPassed) {
      result.verdict = Verdict::kFailed;
      report::Violation violation;
      violation.rule = "expectation";
      violation.level = "MUST";
      violation.requirements = {known.requirement};
      violation.section = std::string(c.name);
      violation.seen = "the known deviation no longer happens";
      violation.legal = "a known.tsv without it";
      result.violations.push_back(violation);
    }
  }
}

report::CaseResult RunOne(const cases::Case& c, bool ipv6, driver::Session& session) {
  const auto begin = std::chrono::steady_clock::now();
  cases::CaseRun run = cases::RunCase(c, ipv6, session);
  report::CaseResult result;
  result.name = absl::StrCat(std::string(c.name), ipv6 ? "/ipv6" : "/ipv4");
  result.area = std::string(c.area);
  result.title = std::string(c.title);
  for (std::string_view id : c.requirements) result.requirements.emplace_back(id);
  result.verdict = VerdictOf(run.outcome);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!run.missing.empty()) {
    result.reason = absl::StrCat("the stack or its shim lacks: ", run.missing);
    return result;
  }
  std::string known;
  for (const rules::Finding& finding : run.findings) {
    result.violations.push_back(report::ViolationOf(finding));
    if (finding.is_known()) known = report::NamesOf(finding.known);
  }
  if (!run.failure.empty()) {
    report::Violation violation;
    violation.rule = "expectation";
    violation.level = std::string(rules::Name(c.level));
    violation.requirements = result.requirements;
    violation.section = std::string(c.name);
    violation.seen = run.failure;
    violation.legal = std::string(c.title);
    violation.known = known;
    violation.event = run.failed_at;
    result.violations.push_back(std::move(violation));
  }
  result.trace = std::move(run.trace);
  return result;
}

// Random scenarios. What breaks a rule becomes a case of its own, one for each rule, states and
// flags.
void RunScenarios(driver::Session& session, const CheckOptions& options,
                  report::StackResults& results) {
  Prng prng(options.seed);
  std::set<std::string> seen;
  for (uint64_t i = 0; i < options.scenarios; ++i) {
    const uint64_t seed = prng.Next();
    Prng own(seed);
    const scenario::Scenario scenario = scenario::GenerateScenario(own, 4 + own.Below(20));
    session.set_recording(driver::Recording::kOff);
    if (!session.Run(scenario)) continue;
    ++results.scenarios;
    const bool unknown = std::ranges::any_of(session.judge().findings(),
                                             [](const rules::Finding& f) { return !f.is_known(); });
    if (!unknown) continue;
    // The same again with a trace; it is counted once.
    const rules::Tally counted = session.judge().tally();
    session.set_recording(driver::Recording::kOn);
    session.Run(scenario);
    session.judge().tally() = counted;
    for (const rules::Finding& finding : session.judge().findings()) {
      if (finding.is_known()) continue;
      const std::string signature = absl::StrCat(std::string(finding.rule->id), " ",
                                                 finding.states.bits(), " ", finding.control);
      if (!seen.insert(signature).second) continue;
      report::CaseResult result;
      result.name = absl::StrCat("random.", i);
      result.area = "Random scenarios";
      result.title = absl::StrCat("seed ", seed, " breaks ", std::string(finding.rule->id));
      for (std::string_view id : finding.rule->cites) result.requirements.emplace_back(id);
      result.verdict = BrokenVerdict(finding.rule->level);
      result.violations.push_back(report::ViolationOf(finding));
      result.trace = session.trace();
      results.cases.push_back(std::move(result));
      break;
    }
  }
  session.set_recording(driver::Recording::kOn);
}

}  // namespace

report::StackResults CheckStack(adapters::Stack& stack, const CheckOptions& options) {
  report::StackResults results;
  results.stack = stack.name;
  results.version = std::string(stack.stack->version());
  driver::Session session(*stack.stack, stack.profile);
  Evidences evidences;
  const auto all = cases::AllCases();
  for (const cases::Case& c : all) {
    if (c.name.find(options.filter) == std::string_view::npos) continue;
    for (const bool ipv6 : {false, true}) {
      results.cases.push_back(RunOne(c, ipv6, session));
      ApplyKnown(stack, c, results.cases.back());
      CountCase(c, results.cases.back().verdict, evidences);
    }
  }
  if (options.progress) {
    options.progress(absl::StrCat(results.stack, ": ", results.cases.size(), " cases run"));
  }
  RunScenarios(session, options, results);
  if (options.progress && options.scenarios > 0) {
    options.progress(
        absl::StrCat(results.stack, ": ", results.scenarios, " random scenarios judged"));
  }
  CountRules(session.judge().tally(), evidences);
  CountKnown(stack, session.judge().tally(), evidences);

  for (const requirements::Requirement& requirement : requirements::All()) {
    report::RequirementResult row;
    row.id = std::string(requirement.id);
    row.level = std::string(requirements::Name(requirement.level));
    row.section = requirements::Citation(requirement);
    row.summary = std::string(requirement.summary);
    const auto found = evidences.find(row.id);
    if (found != evidences.end()) {
      row.verdict = found->second.verdict;
      row.exercised = found->second.exercised;
      row.violated = found->second.violated;
      row.evidence = found->second.by;
    } else if (requirement.observability == requirements::Observability::kNone ||
               requirement.observability == requirements::Observability::kWhite) {
      row.verdict = Verdict::kNotObservable;
    }
    results.requirements.push_back(std::move(row));
  }
  return results;
}

}  // namespace assay::cli
