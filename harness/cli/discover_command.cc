#include "harness/cases/discovery.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "harness/cli/arguments.h"
#include "harness/cli/commands.h"
#include "harness/cli/terminal.h"

namespace assay::cli {
namespace {

constexpr char kDiscoverHelp[] =
    R"(usage: tcp-assay discover [--stack NAME[,NAME ...]]

Asks each stack which of the choices that the RFCs leave it has made, a short dialogue for each, and
prints the answers. check --profile discovered holds a stack to them. Nothing is judged; exits 0.

  --stack NAME       a stack of `tcp-assay list stacks`, or the path of a shim library (.so)
)";

}  // namespace

int RunDiscover(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Arguments> parsed = ParseArguments(arguments, {"stack"});
  if (!parsed.ok()) return Refuse(Message(parsed.status()));
  if (parsed->help) {
    Print(kDiscoverHelp);
    return kConforming;
  }
  if (!parsed->words.empty()) {
    return Refuse(
        absl::StrCat("discover takes no \"", parsed->words[0], "\"; did you mean --stack?"));
  }
  const absl::StatusOr<std::vector<adapters::Stack>> stacks = OpenStacks();
  if (!stacks.ok()) return Refuse(Message(stacks.status()));
  bool first = true;
  for (const adapters::Stack& stack : *stacks) {
    Print(absl::StrCat(first ? "" : "\n", stack.name, " ", std::string(stack.stack->version()),
                       "\n", cases::ToString(cases::Discover(*stack.stack))));
    first = false;
  }
  return kConforming;
}

}  // namespace assay::cli
