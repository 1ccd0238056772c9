// FirstViolation: the first thing that is seen to be wrong with a stack, and how soon.
//
// The conformance cases come first, then random scenarios, each in every profile. A broken rule
// ends the search. An expectation of a case that is not met while every rule holds does not: it is
// told if no rule is found broken after it, since a rule would see the same in any scenario.

#ifndef ASSAY_HARNESS_CLI_FIRST_VIOLATION_H_
#define ASSAY_HARNESS_CLI_FIRST_VIOLATION_H_

#include <cstdint>
#include <span>
#include <string>

#include "harness/observer/profile.h"
#include "harness/sut/stack_under_test.h"

namespace assay::cli {

// A stack, and what it is held to. The stack outlives the search.
struct Accused {
  std::string profile_name;
  sut::StackUnderTest* stack = nullptr;
  observer::Profile profile;
};

struct Violation {
  enum class By : uint8_t {
    kNothing,
    kRule,
    kCase,         // an expectation of a case, and no rule
    kCannotReset,  // the stack refused to begin
  };
  By by = By::kNothing;
  std::string what = {};   // the rule's id or the case's name
  std::string level = {};  // "MUST"
  std::string where = {};  // "rfc9293 OPN-01/ipv4", "hardened seed 1234"
  uint64_t runs = 0;       // cases and scenarios, this one included
};

// "rule", "case": the word of reports.
std::string_view Name(Violation::By by);

// At most `scenarios` random scenarios in all, dealt out to the profiles in turn; `seed` chooses
// them. What is a known deviation of the stack counts for nothing.
Violation FindFirstViolation(std::span<const Accused> accused, uint64_t scenarios, uint64_t seed);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_FIRST_VIOLATION_H_
