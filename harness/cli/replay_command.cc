#include <array>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/cli/arguments.h"
#include "harness/cli/commands.h"
#include "harness/cli/terminal.h"
#include "harness/driver/session.h"
#include "harness/report/file_write.h"
#include "harness/report/ladder.h"
#include "harness/report/pcapng.h"
#include "harness/report/violation_of.h"
#include "harness/scenario/generate.h"
#include "harness/scenario/record.h"

namespace assay::cli {
namespace {

constexpr char kReplayHelp[] =
    R"(usage: tcp-assay replay FILE [--stack NAME] [flags]
       tcp-assay replay --seed N [--stack NAME] [flags]

Runs one scenario (a crash file of a fuzzer, or the random one of a seed that `tcp-assay check`
named) on a stack and prints what happened as a ladder diagram, the rule that was broken, and a
digest of the trace: the same scenario on the same stack gives the same digest. Exits 0 if the stack
conforms, 1 if a rule is broken, 2 if FILE cannot be read.

  --stack NAME       the stack (default: reference)
  --profile NAME     rfc793, rfc9293, hardened or discovered
  --pcapng FILE      a capture of the run, for Wireshark
  --absolute         absolute sequence numbers in the diagram
  --save FILE        write the scenario there
  --packets-only     judge by packets and the answers of calls, not by the state that a stack reports
  --strict           warnings fail as well
)";

absl::StatusOr<scenario::Scenario> ReadScenario(const std::string& path) {
  const absl::StatusOr<std::vector<std::byte>> octets = ReadFile(path);
  if (!octets.ok()) return octets.status();
  const std::string wrong = scenario::CheckRecords(*octets);
  if (!wrong.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", wrong));
  return scenario::DecodeRecords(*octets);
}

}  // namespace

int RunReplay(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(
      arguments,
      {"stack", "profile", "seed", "pcapng", "absolute", "save", "packets-only", "strict"});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kReplayHelp);
    return kConforming;
  }
  if (parsed->words.size() + (parsed->Has("seed") ? 1 : 0) != 1)
    return Refuse("replay wants one FILE, or --seed N; see tcp-assay replay --help");
  const absl::StatusOr<scenario::Scenario> scenario =
      parsed->Has("seed") ? scenario::RandomScenario(absl::GetFlag(FLAGS_seed))
                          : ReadScenario(parsed->words[0]);
  if (!scenario.ok()) return Refuse(Message(scenario.status()));
  absl::StatusOr<std::vector<adapters::Stack>> stacks = OpenStacks();
  if (!stacks.ok()) return Refuse(Message(stacks.status()));
  if (stacks->size() != 1) return Refuse("replay takes one stack");
  adapters::Stack& stack = stacks->front();

  driver::Session session(*stack.stack, stack.profile);
  if (!session.Run(*scenario)) {
    return Refuse(absl::StrCat(stack.name, " cannot be reset to what the scenario asks for"));
  }
  const std::string save = absl::GetFlag(FLAGS_save);
  if (!save.empty()) {
    std::array<std::byte, scenario::kMostOctets> room;
    const absl::Status status =
        report::WriteFileAtomically(save, scenario::EncodeRecords(*scenario, room));
    if (!status.ok()) return Refuse(Message(status));
  }
  std::vector<report::Violation> violations;
  bool failed = false;
  for (const rules::Finding& finding : session.judge().findings()) {
    violations.push_back(report::ViolationOf(finding));
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

}  // namespace assay::cli
