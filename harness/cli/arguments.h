// Arguments of a command line: Abseil flags and what stands between them.
//
// absl::ParseCommandLine ends the program with 1 on a mistake, which here means "violations found".
// So the words are read one by one into the same flags, and a mistake is an error with a sentence.

#ifndef ASSAY_HARNESS_CLI_ARGUMENTS_H_
#define ASSAY_HARNESS_CLI_ARGUMENTS_H_

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace assay::cli {

struct Arguments {
  std::vector<std::string> words;  // what is not a flag
  std::vector<std::string> flags;  // names of those that were given
  bool help = false;

  bool Has(std::string_view flag) const { return std::ranges::find(flags, flag) != flags.end(); }
};

// Reads `arguments` (without program and verb) into the flags. Only those in `allowed` may be
// given: a flag of another verb is refused by name. A flag whose value is a list gathers what it is
// given.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& arguments,
                                         std::initializer_list<std::string_view> allowed);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_ARGUMENTS_H_
