// Trial: a run that breaks one rule and no other, and a run that nearly does; for tests.

#ifndef ASSAY_HARNESS_RULES_TRIAL_FOR_TEST_H_
#define ASSAY_HARNESS_RULES_TRIAL_FOR_TEST_H_

#include <span>
#include <string_view>

#include "harness/rules/run_for_test.h"

namespace assay::rules {

struct Trial {
  std::string_view rule;
  void (*breaks)(RunForTest&);
  void (*nearly)(RunForTest&);
  observer::Profile profile = {};
};

// Each of the rules that its file is about; together, of all.
std::span<const Trial> HandshakeTrials();
std::span<const Trial> StreamTrials();
std::span<const Trial> SilenceTrials();
std::span<const Trial> ApplicationTrials();
std::span<const Trial> OptionTrials();
std::span<const Trial> PaceTrials();
std::span<const Trial> CongestionTrials();
std::span<const Trial> RecoveryTrials();
std::span<const Trial> RoundTripTrials();
std::span<const Trial> StampTrials();
std::span<const Trial> DuplicateTrials();

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_TRIAL_FOR_TEST_H_
