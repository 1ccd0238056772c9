// What all verbs share: how they print, open stacks and read files, and the flags that they take.

#ifndef ASSAY_HARNESS_CLI_TERMINAL_H_
#define ASSAY_HARNESS_CLI_TERMINAL_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/adapters/stacks.h"
#include "harness/report/styled_line.h"

ABSL_DECLARE_FLAG(std::vector<std::string>, stack);
ABSL_DECLARE_FLAG(std::string, profile);
ABSL_DECLARE_FLAG(std::string, filter);
ABSL_DECLARE_FLAG(uint64_t, scenarios);
ABSL_DECLARE_FLAG(uint64_t, seed);
ABSL_DECLARE_FLAG(std::string, junit);
ABSL_DECLARE_FLAG(std::string, pcapng);
ABSL_DECLARE_FLAG(bool, all);
ABSL_DECLARE_FLAG(bool, absolute);
ABSL_DECLARE_FLAG(std::string, save);
ABSL_DECLARE_FLAG(bool, packets_only);
ABSL_DECLARE_FLAG(bool, strict);
ABSL_DECLARE_FLAG(bool, slow);

namespace assay::cli {

// Colour where standard output is a terminal.
report::Colour Colours();
// To standard output.
void Print(const std::string& text);
// A line to standard error: progress.
void Say(const std::string& line);
std::string Message(const absl::Status& status);

// The stacks that --stack names, held to --profile; the reference if none is named.
absl::StatusOr<std::vector<adapters::Stack>> OpenStacks();
// Makes the folder that a file is to stand in.
absl::Status MakeFolderOf(const std::string& path);
// The octets of a file, or a sentence with its name in it.
absl::StatusOr<std::vector<std::byte>> ReadFile(const std::string& path);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_TERMINAL_H_
