#include "absl/strings/str_format.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/cases/play.h"
#include "harness/cli/arguments.h"
#include "harness/cli/commands.h"
#include "harness/cli/terminal.h"
#include "harness/requirements/requirement.h"
#include "harness/rules/rule.h"

namespace assay::cli {
namespace {

constexpr char kListHelp[] =
    R"(usage: tcp-assay list stacks|cases|rules|requirements|classics

Prints what there is, a line each.
)";

}  // namespace

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

}  // namespace assay::cli
