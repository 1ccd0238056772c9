// Rule numbers by kind, so that each moment tries only the rules that can apply to it.

#ifndef ASSAY_HARNESS_RULES_RULE_KINDS_H_
#define ASSAY_HARNESS_RULES_RULE_KINDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/observer/hypothesis.h"

namespace assay::rules {

inline constexpr size_t kReasonCount = static_cast<size_t>(observer::Reason::kAbort) + 1;

// The rule that a debt of each reason stands for.
const std::array<size_t, kReasonCount>& RuleOfReason();

struct Kinds {
  std::vector<uint8_t> of_segment, of_fact, of_belief;
  std::vector<uint8_t> of_debt;      // of silence, where a reply is owed
  std::vector<uint8_t> of_progress;  // of silence, where there is something to send
  size_t address, exact, received, end, reset, state;  // those that the judge applies itself

  Kinds();
};

const Kinds& RuleKinds();

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RULE_KINDS_H_
