// Rule numbers by kind, so that each moment tries only the rules that can apply to it.

#ifndef ASSAY_HARNESS_RULES_RULE_KINDS_H_
#define ASSAY_HARNESS_RULES_RULE_KINDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/observer/hypothesis.h"
#include "harness/rules/rule.h"

namespace assay::rules {

inline constexpr size_t kReasonCount = static_cast<size_t>(observer::Reason::kAbort) + 1;

// The rule that a debt of each reason stands for.
const std::array<size_t, kReasonCount>& RuleOfReason();

// A set of rule numbers, the lowest bit for rule 0.
using RuleSet = uint64_t;
static_assert(kMostRules <= 64);

// Calls f(number) for each rule of a set, in their order.
template <typename F>
void ForEachRule(RuleSet set, F f) {
  for (; set != 0; set &= set - 1) f(static_cast<size_t>(__builtin_ctzll(set)));
}

struct Kinds {
  // By feature: the rules that concern it, of facts, of beliefs of a connection, and of beliefs of
  // none.
  std::array<RuleSet, 8> of_fact{}, of_belief{}, of_nobody{};
  std::vector<uint8_t> of_segment;
  std::vector<uint8_t> of_debt;      // of silence, where a reply is owed
  std::vector<uint8_t> of_progress;  // of silence, where there is something to send
  size_t address, exact, received, end, reset, state;  // those that the judge applies itself

  Kinds();

  // The rules that concern any of these features.
  static RuleSet Concerning(const std::array<RuleSet, 8>& by_feature, uint8_t features) {
    RuleSet set = 0;
    for (unsigned rest = features; rest != 0; rest &= rest - 1) {
      set |= by_feature[static_cast<size_t>(__builtin_ctz(rest))];
    }
    return set;
  }
};

const Kinds& RuleKinds();

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RULE_KINDS_H_
