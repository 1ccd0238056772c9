// Rule numbers by kind, so that each moment tries only the rules that can apply to it.

#ifndef ASSAY_HARNESS_RULES_RULE_KINDS_H_
#define ASSAY_HARNESS_RULES_RULE_KINDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/observer/hypothesis.h"
#include "harness/rules/rule.h"
#include "stack/base/index_set.h"

namespace assay::rules {

inline constexpr size_t kReasonCount = static_cast<size_t>(observer::Reason::kUnread) + 1;

// A set of rule numbers.
using RuleSet = IndexSet<kMostRules>;

// The rules that an emission concerns: of facts, of beliefs of a connection, and of beliefs of
// none.
struct Concerned {
  RuleSet of_fact, of_belief, of_nobody;
};

struct Kinds {
  // By what sent the segment (kStimulus or kTimer), and by its features.
  std::array<std::array<Concerned, size_t{1} << kFeatures>, 2> of_emission{};
  // Those that need what is given; of each.
  std::array<RuleSet, kGivenCount> by_given{};
  // The rule that a debt of each reason stands for.
  std::array<size_t, kReasonCount> of_reason{};
  std::vector<uint8_t> of_segment;
  std::vector<uint8_t> of_debt;      // of silence, where a reply is owed
  std::vector<uint8_t> of_progress;  // of silence, where there is something to send
  size_t address, exact, received, end, reset, state,
      option;  // those that the judge applies itself

  Kinds();

  // The rules that concern any of these features.
  const Concerned& Concerning(Cause cause, uint16_t features) const {
    return of_emission[static_cast<size_t>(cause)][features];
  }
  // The rules that what is given is enough for: a bit of `given` for each Given.
  RuleSet Enough(uint32_t given) const {
    RuleSet all;
    for (uint32_t rest = given; rest != 0; rest &= rest - 1) {
      all |= by_given[static_cast<size_t>(__builtin_ctz(rest))];
    }
    return all;
  }
};

const Kinds& RuleKinds();

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RULE_KINDS_H_
