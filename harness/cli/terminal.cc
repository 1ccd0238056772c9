#include "harness/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "harness/cases/discovery.h"
#include "harness/cli/commands.h"
#include "harness/sut/reticent_stack.h"

ABSL_FLAG(std::vector<std::string>, stack, {}, "stacks under test, by name or path of a shim");
ABSL_FLAG(std::string, profile, "", "rfc793, rfc9293, hardened or discovered");
ABSL_FLAG(std::string, filter, "", "only cases whose name has this in it");
ABSL_FLAG(uint64_t, scenarios, 2000, "random scenarios beside the cases");
ABSL_FLAG(uint64_t, seed, 1, "of the random scenarios");
ABSL_FLAG(std::string, junit, "", "write the results as JUnit XML to this file");
ABSL_FLAG(std::string, pcapng, "", "check: folder for a capture of each case; replay: a file");
ABSL_FLAG(bool, all, false, "show every requirement, also those that nothing checks");
ABSL_FLAG(bool, absolute, false, "absolute sequence numbers");
ABSL_FLAG(std::string, save, "", "write the scenario to this file");
ABSL_FLAG(bool, packets_only, false, "not by the state that a stack reports");
ABSL_FLAG(bool, strict, false, "warnings fail as well");
ABSL_FLAG(bool, slow, false, "in real time, wait for minutes where a case does");

namespace assay::cli {

namespace fs = std::filesystem;

report::Colour Colours() {
  return isatty(STDOUT_FILENO) != 0 ? report::Colour::kAnsi : report::Colour::kNone;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

std::string Message(const absl::Status& status) { return std::string(status.message()); }

int Refuse(const std::string& sentence) {
  Say(absl::StrCat("tcp-assay: ", sentence));
  return kWrongUse;
}

namespace {

void KeepStatesBack(adapters::Stack& stack) {
  stack.stack = std::make_unique<sut::ReticentStack>(std::move(stack.stack));
  if (!stack.another) return;
  stack.another = [another = std::move(stack.another)] {
    return std::make_unique<sut::ReticentStack>(another());
  };
}

}  // namespace

absl::StatusOr<std::vector<adapters::Stack>> OpenStacks() {
  std::vector<std::string> names = absl::GetFlag(FLAGS_stack);
  if (names.empty()) names = {"reference"};
  std::vector<adapters::Stack> stacks;
  const std::string profile = absl::GetFlag(FLAGS_profile);
  const bool discovered = profile == adapters::kDiscovered;
  for (const std::string& name : names) {
    absl::StatusOr<adapters::Stack> stack = adapters::OpenStack(name, discovered ? "" : profile);
    if (!stack.ok()) return stack.status();
    if (absl::GetFlag(FLAGS_packets_only)) KeepStatesBack(*stack);
    if (discovered) cases::HoldTo(cases::Discover(*stack->stack), stack->profile);
    stacks.push_back(*std::move(stack));
  }
  return stacks;
}

absl::Status MakeFolderOf(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder.string(), ": ", error.message()));
  return absl::OkStatus();
}

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

}  // namespace assay::cli
