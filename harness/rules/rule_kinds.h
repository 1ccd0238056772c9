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

inline constexpr size_t kReasonCount = static_cast<size_t>(observer::Reason::kUnread) + 1;

// The rule that a debt of each reason stands for.
const std::array<size_t, kReasonCount>& RuleOfReason();

// A set of rule numbers.
class RuleSet {
 public:
  constexpr void Add(size_t rule) { words_[rule / 64] |= uint64_t{1} << (rule % 64); }
  constexpr bool Has(size_t rule) const { return (words_[rule / 64] >> (rule % 64) & 1u) != 0; }
  constexpr bool empty() const { return (words_[0] | words_[1]) == 0; }
  constexpr RuleSet& operator|=(const RuleSet& other) {
    words_[0] |= other.words_[0];
    words_[1] |= other.words_[1];
    return *this;
  }
  friend constexpr bool operator==(const RuleSet&, const RuleSet&) = default;

  // Calls f(number) for each rule of the set, in their order.
  template <typename F>
  constexpr void ForEach(F f) const {
    for (uint64_t rest = words_[0]; rest != 0; rest &= rest - 1) f(Lowest(rest));
    for (uint64_t rest = words_[1]; rest != 0; rest &= rest - 1) f(64 + Lowest(rest));
  }
  // The first of them; the set is not empty.
  constexpr size_t First() const {
    return words_[0] != 0 ? Lowest(words_[0]) : 64 + Lowest(words_[1]);
  }

 private:
  static constexpr size_t Lowest(uint64_t word) {
    return static_cast<size_t>(__builtin_ctzll(word));
  }

  std::array<uint64_t, 2> words_{};
  static_assert(kMostRules <= 128);
};

// The rules that an emission concerns: of facts, of beliefs of a connection, and of beliefs of
// none.
struct Concerned {
  RuleSet of_fact, of_belief, of_nobody;
};

struct Kinds {
  // By what sent the segment (kStimulus or kTimer), and by feature.
  std::array<std::array<Concerned, 8>, 2> of_emission{};
  std::vector<uint8_t> of_segment;
  std::vector<uint8_t> of_debt;      // of silence, where a reply is owed
  std::vector<uint8_t> of_progress;  // of silence, where there is something to send
  size_t address, exact, received, end, reset, state,
      option;  // those that the judge applies itself

  Kinds();

  // The rules that concern any of these features.
  Concerned Concerning(Cause cause, uint8_t features) const {
    const std::array<Concerned, 8>& by_feature = of_emission[static_cast<size_t>(cause)];
    Concerned all;
    for (unsigned rest = features; rest != 0; rest &= rest - 1) {
      const Concerned& one = by_feature[static_cast<size_t>(__builtin_ctz(rest))];
      all.of_fact |= one.of_fact;
      all.of_belief |= one.of_belief;
      all.of_nobody |= one.of_nobody;
    }
    return all;
  }
};

const Kinds& RuleKinds();

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RULE_KINDS_H_
