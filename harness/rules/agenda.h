// Agenda: the rules to try on emissions that are alike, and how often each applied.
//
// Which rules concern an emission follows from what sent it, from its features and from what is
// given (rule.h): they are sorted out once for all that have these in common. Nearly all of those
// are judged alike, too, so that what applied is counted as a whole.

#ifndef ASSAY_HARNESS_RULES_AGENDA_H_
#define ASSAY_HARNESS_RULES_AGENDA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "harness/rules/rule.h"
#include "harness/rules/rule_kinds.h"

namespace assay::rules {

// Which of an agenda's rules applied: a bit for each, in its order.
struct Applied {
  uint64_t of_fact = 0;
  uint64_t of_belief = 0;
  friend constexpr bool operator==(const Applied&, const Applied&) = default;
};

// How often each rule applied, by its number.
using Counts = std::array<uint64_t, kMostRules>;

class Agenda {
 public:
  template <typename Judge>
  struct Item {
    Judge judge;
    uint8_t number;
  };
  // What is not a rule of facts, or of beliefs, is left out.
  Agenda(const RuleSet& of_fact, const RuleSet& of_belief);

  const std::vector<Item<decltype(Rule::of_fact)>>& of_fact() const { return of_fact_; }
  const std::vector<Item<decltype(Rule::of_belief)>>& of_belief() const { return of_belief_; }

  // One emission, to which these applied.
  void Count(const Applied& applied, Counts& counts) {
    if (applied != last_) {
      Settle(counts);
      last_ = applied;
    }
    ++times_;
  }
  // Adds to `counts` what was counted and not added yet.
  void Settle(Counts& counts);
  RuleSet RulesOf(const Applied& applied) const;

 private:
  std::vector<Item<decltype(Rule::of_fact)>> of_fact_;
  std::vector<Item<decltype(Rule::of_belief)>> of_belief_;
  Applied last_;
  uint64_t times_ = 0;
};

class Agendas {
 public:
  Agendas() = default;
  Agendas(const Agendas&) = delete;
  Agendas& operator=(const Agendas&) = delete;

  // Of an emission with these features, where a connection is believed to be: `given` has a bit
  // for each Given.
  Agenda& OfConnection(Cause cause, uint16_t features, uint32_t given) {
    return At(Key(cause, features) | given << kGivenShift);
  }
  // The same where none is.
  Agenda& OfNobody(Cause cause, uint16_t features) { return At(Key(cause, features)); }

  void Settle(Counts& counts);

 private:
  // Kinds of emissions in a run of many scenarios: some hundred.
  static constexpr size_t kAtHand = 1024;
  static constexpr unsigned kGivenShift = kFeatures + 1;
  static_assert(kGivenShift + kGivenCount <= 32);
  // Given::kAlways has a bit, so that no key of a connection is one of nobody.
  static constexpr uint32_t Key(Cause cause, uint16_t features) {
    return features | (cause == Cause::kTimer ? 1u << kFeatures : 0);
  }
  struct AtHand {
    uint32_t key = UINT32_MAX;
    Agenda* agenda = nullptr;
  };

  Agenda& At(uint32_t key) {
    AtHand& at_hand = at_hand_[key * 0x9e3779b1u >> 22];
    if (at_hand.key != key) at_hand = {key, &Find(key)};
    return *at_hand.agenda;
  }
  Agenda& Find(uint32_t key);

  std::array<AtHand, kAtHand> at_hand_;
  std::unordered_map<uint32_t, Agenda> all_;
};

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_AGENDA_H_
