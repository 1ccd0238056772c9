#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "harness/cases/case.h"
#include "harness/cli/arguments.h"
#include "harness/cli/check.h"
#include "harness/cli/commands.h"
#include "harness/cli/terminal.h"
#include "harness/report/junit.h"
#include "harness/report/ladder.h"
#include "harness/report/pcapng.h"
#include "harness/report/table.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kCheckHelp[] =
    R"(usage: tcp-assay check [--stack NAME[,NAME ...]] [flags]

Puts each stack through the conformance cases and through random scenarios, and prints a verdict on
each requirement. Exits 0 if all conform (known deviations and warnings included), 1 if a violation
was found, 2 on wrong use.

  --stack NAME       a stack of `tcp-assay list stacks`, or the path of a shim library (.so);
                     several separated by commas, or by repeating the flag (default: reference)
  --profile NAME     rfc793, rfc9293 or hardened: the choices that the stack is held to;
                     discovered: those that it shows when it is asked
  --filter TEXT      only cases whose name has TEXT in it
  --scenarios N      random scenarios beside the cases (default: 2000; in real time 500)
  --seed N           their seed (default: 1)
  --packets-only     judge by packets and the answers of calls, not by the state that a stack reports
  --slow             with a stack in real time, also the cases that wait for minutes
  --junit FILE       the results as JUnit XML, for a build server
  --pcapng FOLDER    a capture of each case, for Wireshark
  --all              list every requirement, also those that nothing checks yet
  --strict           warnings (a SHOULD, or prose) fail as well
)";

bool Fails(const report::CaseResult& result, bool strict) {
  return result.verdict == report::Verdict::kFailed ||
         (strict && result.verdict == report::Verdict::kWarned);
}

// Captures and ladders are written as soon as a stack is done, so that nothing found is lost.
absl::Status WriteCaptures(const std::string& folder, report::StackResults& results) {
  const fs::path into = fs::path(folder) / results.stack;
  std::error_code error;
  fs::create_directories(into, error);
  if (error) return absl::UnavailableError(absl::StrCat(into.string(), ": ", error.message()));
  for (report::CaseResult& result : results.cases) {
    if (result.trace.events().empty()) continue;
    std::string name = result.name;
    std::ranges::replace(name, '/', '-');
    result.pcapng = (into / (name + ".pcapng")).string();
    report::PcapngOptions options;
    options.stack_name = results.stack;
    options.comment = absl::StrCat(result.name, ": ", result.title);
    options.violations = result.violations;
    const absl::Status status = report::WritePcapng(result.pcapng, result.trace, options);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

void PrintFailures(const report::StackResults& results, bool strict) {
  constexpr int kMost = 5;
  int shown = 0;
  for (const report::CaseResult& result : results.cases) {
    if (!Fails(result, strict)) continue;
    if (++shown > kMost) continue;
    report::LadderOptions options;
    options.right_name = results.stack;
    options.colour = Colours();
    options.violations = result.violations;
    options.last_events = 24;
    Print(absl::StrCat("\n", results.stack, " fails ", result.name, ": ", result.title, "\n\n",
                       report::Ladder(result.trace, options)));
  }
  if (shown > kMost) {
    Print(absl::StrCat("\n", shown - kMost, " more failures of ", results.stack,
                       "; their ladders are in the JUnit file\n"));
  }
}

}  // namespace

int RunCheck(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed =
      ParseArguments(arguments, {"stack", "profile", "filter", "scenarios", "seed", "junit",
                                 "pcapng", "all", "packets-only", "strict", "slow"});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kCheckHelp);
    return kConforming;
  }
  if (!parsed->words.empty()) {
    return Refuse(absl::StrCat("check takes no \"", parsed->words[0], "\"; did you mean --stack?"));
  }
  absl::StatusOr<std::vector<adapters::Stack>> stacks = OpenStacks();
  if (!stacks.ok()) return Refuse(Message(stacks.status()));

  CheckOptions options;
  options.filter = absl::GetFlag(FLAGS_filter);
  options.seed = absl::GetFlag(FLAGS_seed);
  // Longer than any wait of a case, TIME-WAIT's with it.
  if (absl::GetFlag(FLAGS_slow)) options.patience = Duration::Seconds(1800);
  options.progress = [](const std::string& line) { Say(line); };
  const std::string junit = absl::GetFlag(FLAGS_junit);
  const std::string captures = absl::GetFlag(FLAGS_pcapng);
  const bool strict = absl::GetFlag(FLAGS_strict);

  if (std::ranges::none_of(cases::AllCases(), [&](const cases::Case& c) {
        return c.name.find(options.filter) != std::string_view::npos;
      })) {
    return Refuse(
        absl::StrCat("no case has \"", options.filter, "\" in its name; see tcp-assay list cases"));
  }

  std::vector<report::StackResults> results;
  // In real time each run wants a stack of its own, and waits.
  constexpr uint64_t kScenariosInRealTime = 500;
  for (adapters::Stack& stack : *stacks) {
    options.scenarios = stack.another && !parsed->Has("scenarios") ? kScenariosInRealTime
                                                                   : absl::GetFlag(FLAGS_scenarios);
    results.push_back(CheckStack(stack, options));
    if (!captures.empty()) {
      const absl::Status status = WriteCaptures(captures, results.back());
      if (!status.ok()) return Refuse(Message(status));
    }
    if (!junit.empty()) {
      absl::Status status = MakeFolderOf(junit);
      if (status.ok()) status = report::WriteJunit(junit, results);
      if (!status.ok()) return Refuse(Message(status));
    }
  }

  report::TableOptions table;
  table.colour = Colours();
  table.unchecked =
      absl::GetFlag(FLAGS_all) ? report::Unchecked::kShow : report::Unchecked::kLeaveOut;
  Print(report::CaseTable(results, table));
  Print("\n");
  Print(report::RequirementTable(results, table));
  bool failed = false;
  for (const report::StackResults& each : results) {
    PrintFailures(each, strict);
    failed = failed || std::ranges::any_of(each.cases, [strict](const report::CaseResult& result) {
               return Fails(result, strict);
             });
  }
  if (!junit.empty()) Print(absl::StrCat("\nJUnit:    ", junit, "\n"));
  if (!captures.empty()) Print(absl::StrCat("captures: ", captures, "/STACK/CASE.pcapng\n"));
  return failed ? kViolations : kConforming;
}

}  // namespace assay::cli
