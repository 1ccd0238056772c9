#include "harness/cli/check.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
    case cases::Outcome::kGaveUp:
      return Verdict::kNotExercised;
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
  const bool ran = verdict > Verdict::kNotExercised;
  const bool broken = verdict >= Verdict::kKnownDeviation;
  for (std::string_view id : c.requirements) {
    evidences[std::string(id)].Count(verdict, ran ? 1 : 0, broken ? 1 : 0, std::string(c.name));
  }
}

bool IsKnownCase(const adapters::Stack& stack, const cases::Case& c) {
  return std::ranges::any_of(stack.known, [&](const adapters::KnownDeviation& known) {
    return known.case_name == c.name;
  });
}

// What broke a rule since `before` was known to.
void CountAsKnown(const rules::Tally& before, rules::Tally& tally) {
  for (size_t i = 0; i < rules::kMostRules; ++i) {
    const uint64_t times = tally.violated[i] - before.violated[i];
    tally.violated[i] -= times;
    tally.known[i] += times;
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

report::CaseResult RunOnce(const cases::Case& c, bool ipv6, driver::Session& session) {
  cases::CaseRun run = cases::RunCase(c, ipv6, session);
  report::CaseResult result;
  result.name = absl::StrCat(std::string(c.name), ipv6 ? "/ipv6" : "/ipv4");
  result.area = std::string(c.area);
  result.title = std::string(c.title);
  for (std::string_view id : c.requirements) result.requirements.emplace_back(id);
  result.verdict = VerdictOf(run.outcome);
  if (!run.missing.empty()) {
    result.reason = absl::StrCat("the stack or its shim lacks: ", run.missing);
    return result;
  }
  if (run.outcome == cases::Outcome::kGaveUp) result.reason = "it waits for minutes: see --slow";
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

// No timer of a stack in real time fires this soon, so that a stimulus which comes no later than
// this comes before what it was meant to come before.
constexpr Duration kCalm = Duration::Milliseconds(5);
constexpr int kMostTries = 5;
constexpr int kTimesFound = 3;

bool Stalled(const driver::Session& session) { return session.longest_stall() > kCalm; }

report::CaseResult RunOne(const cases::Case& c, bool ipv6, driver::Session& session) {
  const auto begin = std::chrono::steady_clock::now();
  const rules::Tally counted = session.judge().tally();
  report::CaseResult result = RunOnce(c, ipv6, session);
  for (int i = 1; result.verdict >= Verdict::kWarned && Stalled(session); ++i) {
    session.judge().tally() = counted;
    if (i == kMostTries) {
      result.verdict = Verdict::kNotExercised;
      result.reason = "the machine is too busy: it stalled in each of five runs";
      break;
    }
    result = RunOnce(c, ipv6, session);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

// Calls run(session, i) for each i below `count`: one after the other, or, in real time, side by
// side. What the rules counted in all of them is the answer.
template <typename Run>
rules::Tally RunAll(adapters::Stack& stack, size_t count, Duration patience, Run run) {
  if (!stack.another) {
    driver::Session session(*stack.stack, stack.profile);
    for (size_t i = 0; i < count; ++i) run(session, i);
    return session.judge().tally();
  }
  constexpr size_t kMostWorkers = 48;
  rules::Tally tally;
  std::mutex tallying;
  std::atomic<size_t> next = 0;
  std::vector<std::thread> workers;
  for (size_t w = 0; w < std::min(count, kMostWorkers); ++w) {
    workers.emplace_back([&] {
      const std::unique_ptr<sut::StackUnderTest> own = stack.another();
      driver::Session session(*own, stack.profile);
      session.set_patience(patience);
      for (size_t i = next++; i < count; i = next++) run(session, i);
      const std::lock_guard lock(tallying);
      tally.Add(session.judge().tally());
    });
  }
  for (std::thread& worker : workers) worker.join();
  return tally;
}

struct RandomRun {
  bool judged = false;
  std::string signature;      // of a finding: rule, states and flags; or empty
  report::CaseResult result;  // of that finding
};

RandomRun RunRandom(driver::Session& session, adapters::Clock clock, uint64_t seed,
                    uint64_t number) {
  using driver::Recording;
  RandomRun out;
  const scenario::Scenario scenario = scenario::RandomScenario(seed);
  const rules::Tally before = session.judge().tally();
  // In virtual time a run is the same when it is run again, and then with a trace.
  session.set_recording(clock == adapters::Clock::kVirtual ? Recording::kOff : Recording::kOn);
  out.judged = session.Run(scenario);
  if (!out.judged || session.judge().unexplained() == nullptr) return out;
  for (int i = 1; clock == adapters::Clock::kReal && Stalled(session); ++i) {
    session.judge().tally() = before;
    if (i == kMostTries || !session.Run(scenario)) return {};
    if (session.judge().unexplained() == nullptr) return out;
  }
  // Where the stack's clock ticks, or its answers cross, between two arrivals is chance: what is
  // found is found again.
  for (int i = 1; clock == adapters::Clock::kReal && i < kTimesFound; ++i) {
    session.judge().tally() = before;
    if (!session.Run(scenario)) return {};
    if (session.judge().unexplained() == nullptr) return out;
  }
  if (clock == adapters::Clock::kVirtual) {
    const rules::Tally counted = session.judge().tally();
    session.set_recording(Recording::kOn);
    session.Run(scenario);
    session.judge().tally() = counted;
  }
  const rules::Finding* finding = session.judge().unexplained();
  out.signature = absl::StrCat(std::string(finding->rule->id), " ", finding->states.bits(), " ",
                               finding->control);
  out.result.name = absl::StrCat("random.", number);
  out.result.area = "Random scenarios";
  out.result.title = absl::StrCat("seed ", seed, " breaks ", std::string(finding->rule->id));
  for (std::string_view id : finding->rule->cites) out.result.requirements.emplace_back(id);
  out.result.verdict = BrokenVerdict(finding->rule->level);
  out.result.violations.push_back(report::ViolationOf(*finding));
  out.result.trace = session.trace();
  return out;
}

// Random scenarios. What breaks a rule becomes a case of its own, one for each rule, states and
// flags.
rules::Tally RunScenarios(adapters::Stack& stack, const CheckOptions& options,
                          report::StackResults& results) {
  Prng prng(options.seed);
  std::vector<uint64_t> seeds(options.scenarios);
  for (uint64_t& seed : seeds) seed = prng.Next();
  std::mutex gathering;
  std::map<size_t, RandomRun> found;
  const adapters::Clock clock = stack.another ? adapters::Clock::kReal : adapters::Clock::kVirtual;
  const rules::Tally tally =
      RunAll(stack, seeds.size(), options.short_patience, [&](driver::Session& session, size_t i) {
        RandomRun run = RunRandom(session, clock, seeds[i], i);
        const std::lock_guard lock(gathering);
        if (run.judged) ++results.scenarios;
        if (!run.signature.empty()) found[i] = std::move(run);
      });
  std::set<std::string> seen;
  for (auto& [number, run] : found) {
    if (seen.insert(run.signature).second) results.cases.push_back(std::move(run.result));
  }
  return tally;
}

}  // namespace

report::StackResults CheckStack(adapters::Stack& stack, const CheckOptions& options) {
  report::StackResults results;
  results.stack = stack.name;
  results.version = std::string(stack.stack->version());
  struct Planned {
    const cases::Case* what;
    bool ipv6;
  };
  std::vector<Planned> plan;
  for (const cases::Case& c : cases::AllCases()) {
    if (c.name.find(options.filter) == std::string_view::npos) continue;
    plan.push_back({&c, false});
    plan.push_back({&c, true});
  }
  results.cases.resize(plan.size());
  rules::Tally tally =
      RunAll(stack, plan.size(), options.patience, [&](driver::Session& session, size_t i) {
        const rules::Tally before = session.judge().tally();
        results.cases[i] = RunOne(*plan[i].what, plan[i].ipv6, session);
        if (IsKnownCase(stack, *plan[i].what)) CountAsKnown(before, session.judge().tally());
      });
  Evidences evidences;
  for (size_t i = 0; i < plan.size(); ++i) {
    ApplyKnown(stack, *plan[i].what, results.cases[i]);
    CountCase(*plan[i].what, results.cases[i].verdict, evidences);
  }
  if (options.progress) {
    options.progress(absl::StrCat(results.stack, ": ", results.cases.size(), " cases run"));
  }
  tally.Add(RunScenarios(stack, options, results));
  if (options.progress && options.scenarios > 0) {
    options.progress(
        absl::StrCat(results.stack, ": ", results.scenarios, " random scenarios judged"));
  }
  CountRules(tally, evidences);
  CountKnown(stack, tally, evidences);

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
