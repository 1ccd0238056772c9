#include "harness/cli/arguments.h"
#include "harness/cli/commands.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"

namespace assay::cli {
namespace {

constexpr char kShowHelp[] =
    R"(usage: tcp-assay show NAME

Runs a classic of the textbooks between two hosts, both the reference TCP, and draws it as a ladder
with the state of both ends in the outer columns. `tcp-assay list classics` names them.
)";

}  // namespace

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

}  // namespace assay::cli
