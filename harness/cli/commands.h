// The verbs of tcp-assay. Each takes the words behind it and returns the program's exit code.

#ifndef ASSAY_HARNESS_CLI_COMMANDS_H_
#define ASSAY_HARNESS_CLI_COMMANDS_H_

#include <string>
#include <vector>

namespace assay::cli {

inline constexpr int kConforming = 0;
inline constexpr int kViolations = 1;
inline constexpr int kWrongUse = 2;

int RunCheck(const std::vector<std::string>& arguments);
int RunDiscover(const std::vector<std::string>& arguments);
int RunReplay(const std::vector<std::string>& arguments);
int RunList(const std::vector<std::string>& arguments);
int RunShow(const std::vector<std::string>& arguments);
int RunSeeds(const std::vector<std::string>& arguments);

// One line on standard error, with the program's name before it; returns kWrongUse.
int Refuse(const std::string& sentence);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_COMMANDS_H_
