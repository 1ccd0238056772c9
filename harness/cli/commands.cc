#include "harness/cli/commands.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/cases/play.h"
#include "harness/cli/arguments.h"
#include "harness/cli/check.h"
#include "harness/cli/show.h"
#include "harness/driver/session.h"
#include "harness/report/file_write.h"
#include "harness/report/junit.h"
#include "harness/report/ladder.h"
#include "harness/report/pcapng.h"
#include "harness/report/table.h"
#include "harness/requirements/requirement.h"
#include "harness/rules/rule.h"
#include "harness/scenario/record.h"

ABSL_FLAG(std::vector<std::string>, stack, {}, "stacks under test, by name or path of a shim");
ABSL_FLAG(std::string, profile, "", "rfc793, rfc9293 or hardened");
ABSL_FLAG(std::string, filter, "", "only cases whose name has this in it");
ABSL_FLAG(uint64_t, scenarios, 2000, "random scenarios beside the cases");
ABSL_FLAG(uint64_t, seed, 1, "of the random scenarios");
ABSL_FLAG(std::string, junit, "", "write the results as JUnit XML to this file");
ABSL_FLAG(std::string, pcapng, "", "check: folder for a capture of each case; replay: a file");
ABSL_FLAG(bool, all, false, "show every requirement, also those that nothing checks");
ABSL_FLAG(bool, absolute, false, "absolute sequence numbers");
ABSL_FLAG(bool, strict, false, "warnings fail as well");

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

bool OnTerminal() { return isatty(STDOUT_FILENO) != 0; }

report::Colour Colours() { return OnTerminal() ? report::Colour::kAnsi : report::Colour::kNone; }

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

// Opens the stacks that --stack names, or the reference.
absl::StatusOr<std::vector<adapters::Stack>> OpenStacks() {
  std::vector<std::string> names = absl::GetFlag(FLAGS_stack);
  if (names.empty()) names = {"reference"};
  std::vector<adapters::Stack> stacks;
  for (const std::string& name : names) {
    absl::StatusOr<adapters::Stack> stack = adapters::OpenStack(name, absl::GetFlag(FLAGS_profile));
    if (!stack.ok()) return stack.status();
    stacks.push_back(*std::move(stack));
  }
  return stacks;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

constexpr char kCheckHelp[] =
    R"(usage: tcp-assay check [--stack NAME[,NAME ...]] [flags]

Puts each stack through the conformance cases and through random scenarios, and prints a verdict on
each requirement. Exits 0 if all conform (known deviations and warnings included), 1 if a violation
was found, 2 on wrong use.

  --stack NAME       a stack of `tcp-assay list stacks`, or the path of a shim library (.so);
                     several separated by commas, or by repeating the flag (default: reference)
  --profile NAME     rfc793, rfc9293 or hardened: the choices that the stack is held to
  --filter TEXT      only cases whose name has TEXT in it
  --scenarios N      random scenarios beside the cases (default: 2000)
  --seed N           their seed (default: 1)
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

constexpr char kReplayHelp[] =
    R"(usage: tcp-assay replay FILE [--stack NAME] [flags]

Runs one scenario (a crash file of a fuzzer, a seed) on a stack and prints what happened as a ladder
diagram, the rule that was broken, and a digest of the trace: the same scenario on the same stack gives
the same digest. Exits 0 if the stack conforms, 1 if a rule is broken, 2 if FILE cannot be read.

  --stack NAME       the stack (default: reference)
  --profile NAME     rfc793, rfc9293 or hardened
  --pcapng FILE      a capture of the run, for Wireshark
  --absolute         absolute sequence numbers in the diagram
  --strict           warnings fail as well
)";

// Makes the folder that a file is to stand in.
absl::Status MakeFolderOf(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder.string(), ": ", error.message()));
  return absl::OkStatus();
}

// The octets of a file, or a sentence with its name in it.
absl::StatusOr<std::vector<std::byte>> ReadFile(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder, not a scenario"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<std::byte> octets(text.size());
  std::transform(text.begin(), text.end(), octets.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return octets;
}

std::string QuirkNames(observer::QuirkSet quirks) {
  std::vector<std::string> names;
  for (size_t i = 0; i < observer::kQuirkCount; ++i) {
    const auto quirk = static_cast<observer::Quirk>(i);
    if (quirks.Has(quirk)) names.emplace_back(Name(quirk));
  }
  return absl::StrJoin(names, ", ");
}

constexpr char kListHelp[] =
    R"(usage: tcp-assay list stacks|cases|rules|requirements|classics

Prints what there is, a line each.
)";

constexpr char kShowHelp[] =
    R"(usage: tcp-assay show NAME

Runs a classic of the textbooks between two hosts, both the reference TCP, and draws it as a ladder
with the state of both ends in the outer columns. `tcp-assay list classics` names them.
)";

constexpr char kSeedsHelp[] =
    R"(usage: tcp-assay seeds FOLDER

Writes the scenario of each conformance case into FOLDER as NAME.scenario, for a fuzzer to start
from.
)";

}  // namespace

int Refuse(const std::string& sentence) {
  Say(absl::StrCat("tcp-assay: ", sentence));
  return kWrongUse;
}

int RunCheck(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(
      arguments,
      {"stack", "profile", "filter", "scenarios", "seed", "junit", "pcapng", "all", "strict"});
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
  options.scenarios = absl::GetFlag(FLAGS_scenarios);
  options.seed = absl::GetFlag(FLAGS_seed);
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
  for (adapters::Stack& stack : *stacks) {
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

int RunReplay(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed =
      ParseArguments(arguments, {"stack", "profile", "pcapng", "absolute", "strict"});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kReplayHelp);
    return kConforming;
  }
  if (parsed->words.size() != 1)
    return Refuse("replay wants one FILE; see tcp-assay replay --help");
  const std::string& path = parsed->words[0];
  const absl::StatusOr<std::vector<std::byte>> octets = ReadFile(path);
  if (!octets.ok()) return Refuse(Message(octets.status()));
  const std::string wrong = scenario::CheckRecords(*octets);
  if (!wrong.empty()) return Refuse(absl::StrCat(path, ": ", wrong));
  absl::StatusOr<std::vector<adapters::Stack>> stacks = OpenStacks();
  if (!stacks.ok()) return Refuse(Message(stacks.status()));
  if (stacks->size() != 1) return Refuse("replay takes one stack");
  adapters::Stack& stack = stacks->front();

  const scenario::Scenario scenario = scenario::DecodeRecords(*octets);
  driver::Session session(*stack.stack, stack.profile);
  if (!session.Run(scenario)) {
    return Refuse(absl::StrCat(stack.name, " cannot be reset to what the scenario asks for"));
  }
  std::vector<report::Violation> violations;
  bool failed = false;
  for (const rules::Finding& finding : session.judge().findings()) {
    report::Violation violation;
    violation.rule = std::string(finding.rule->id);
    violation.level = std::string(rules::Name(finding.rule->level));
    violation.section = std::string(finding.rule->section);
    for (std::string_view id : finding.rule->cites) violation.requirements.emplace_back(id);
    violation.seen = finding.seen;
    violation.legal = finding.legal;
    violation.known = QuirkNames(finding.known);
    violation.event = finding.event;
    violations.push_back(violation);
    failed = failed || (!finding.is_known() && (finding.rule->level == rules::Level::kMust ||
                                                absl::GetFlag(FLAGS_strict)));
  }
  report::LadderOptions options;
  options.right_name = stack.name;
  options.colour = Colours();
  options.violations = violations;
  options.numbers =
      absl::GetFlag(FLAGS_absolute) ? report::Numbers::kAbsolute : report::Numbers::kRelative;
  Print(report::Ladder(session.trace(), options));
  const std::string capture = absl::GetFlag(FLAGS_pcapng);
  if (!capture.empty()) {
    report::PcapngOptions pcapng;
    pcapng.stack_name = stack.name;
    pcapng.violations = violations;
    absl::Status status = MakeFolderOf(capture);
    if (status.ok()) status = report::WritePcapng(capture, session.trace(), pcapng);
    if (!status.ok()) return Refuse(Message(status));
    Print(absl::StrCat("\ncapture: ", capture, "\n"));
  }
  Print(absl::StrFormat("\n%s %s: %s\ndigest: %016x\n", stack.name,
                        std::string(stack.stack->version()),
                        failed               ? "violation"
                        : violations.empty() ? "conforms"
                                             : "conforms but for what is known or a warning",
                        session.trace().digest()));
  return failed ? kViolations : kConforming;
}

int RunList(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(arguments, {});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kListHelp);
    return kConforming;
  }
  const std::string what = parsed->words.size() == 1 ? parsed->words[0] : "";
  if (what == "stacks") {
    for (const adapters::StackName& named : adapters::StackNames()) {
      Print(absl::StrFormat("%-12s %s\n", std::string(named.name), std::string(named.what)));
    }
  } else if (what == "cases") {
    for (const cases::Case& c : cases::AllCases()) {
      Print(absl::StrFormat("%-32s %s\n", std::string(c.name), std::string(c.title)));
    }
  } else if (what == "classics") {
    for (const cases::Play& play : cases::AllPlays()) {
      Print(absl::StrFormat("%-32s %s\n", std::string(play.name), std::string(play.title)));
    }
  } else if (what == "rules") {
    for (const rules::Rule& rule : rules::AllRules()) {
      Print(absl::StrFormat("%-40s %-6s %s: %s\n", std::string(rule.id),
                            std::string(rules::Name(rule.level)), std::string(rule.section),
                            std::string(rule.sentence)));
    }
  } else if (what == "requirements") {
    for (const requirements::Requirement& requirement : requirements::All()) {
      Print(absl::StrFormat("%-28s %-11s %s\n", std::string(requirement.id),
                            std::string(requirements::Name(requirement.level)),
                            std::string(requirement.summary)));
    }
  } else {
    return Refuse("list wants one of: stacks, cases, rules, requirements, classics");
  }
  return kConforming;
}

int RunShow(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(arguments, {});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kShowHelp);
    return kConforming;
  }
  if (parsed->words.size() != 1) return Refuse("show wants one NAME; see tcp-assay list classics");
  return Show(parsed->words[0]);
}

int RunSeeds(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(arguments, {});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kSeedsHelp);
    return kConforming;
  }
  if (parsed->words.size() != 1) return Refuse("seeds wants one FOLDER");
  absl::StatusOr<adapters::Stack> stack = adapters::OpenStack("reference", "");
  if (!stack.ok()) return Refuse(Message(stack.status()));
  std::error_code error;
  fs::create_directories(parsed->words[0], error);
  if (error) return Refuse(absl::StrCat(parsed->words[0], ": ", error.message()));
  driver::Session session(*stack->stack, stack->profile);
  int written = 0;
  for (const cases::Case& c : cases::AllCases()) {
    const cases::CaseRun run = cases::RunCase(c, false, session);
    if (!run.fits_scenario) continue;
    std::array<std::byte, scenario::kMostOctets> buffer;
    const wire::Octets octets = scenario::EncodeRecords(run.scenario, buffer);
    const fs::path path = fs::path(parsed->words[0]) / (std::string(c.name) + ".scenario");
    const absl::Status status = report::WriteFileAtomically(path.string(), octets);
    if (!status.ok()) return Refuse(Message(status));
    ++written;
  }
  Print(absl::StrCat(written, " seeds in ", parsed->words[0], "\n"));
  return kConforming;
}

}  // namespace assay::cli
