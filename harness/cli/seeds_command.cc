#include <array>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/cli/arguments.h"
#include "harness/cli/commands.h"
#include "harness/cli/terminal.h"
#include "harness/driver/session.h"
#include "harness/report/file_write.h"
#include "harness/scenario/record.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kSeedsHelp[] =
    R"(usage: tcp-assay seeds FOLDER

Writes the scenario of each conformance case into FOLDER as NAME.scenario, for a fuzzer to start
from.
)";

}  // namespace

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
