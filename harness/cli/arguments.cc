#include "harness/cli/arguments.h"

#include <algorithm>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace assay::cli {

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& arguments,
                                         std::initializer_list<std::string_view> allowed) {
  Arguments out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--help" || word == "-h") {
      out.help = true;
      continue;
    }
    if (!word.starts_with("--") || word == "--") {
      if (word.size() > 1 && word[0] == '-') {
        return absl::InvalidArgumentError(absl::StrCat("unknown flag \"", word, "\""));
      }
      out.words.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    absl::CommandLineFlag* flag =
        absl::FindCommandLineFlag(absl::StrReplaceAll(name, {{"-", "_"}}));
    if (flag == nullptr || std::ranges::find(allowed, name) == allowed.end()) {
      std::vector<std::string> names;
      for (std::string_view each : allowed) names.push_back(absl::StrCat("--", std::string(each)));
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag \"--", name, "\"; there are: ", absl::StrJoin(names, ", ")));
    }
    std::string value;
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (flag->IsOfType<bool>()) {
      value = "true";
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("\"--", name, "\" wants a value"));
    }
    // A list that is given twice is one longer list.
    if (flag->IsOfType<std::vector<std::string>>() && out.Has(name)) {
      value = absl::StrCat(flag->CurrentValue(), ",", value);
    }
    out.flags.push_back(name);
    std::string error;
    if (!flag->ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(absl::StrCat("\"--", name, "=", value, "\": ", error));
    }
  }
  return out;
}

}  // namespace assay::cli
