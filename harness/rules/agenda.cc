#include "harness/rules/agenda.h"

#include <span>

#include "stack/base/check.h"

namespace assay::rules {

Agenda::Agenda(const RuleSet& of_fact, const RuleSet& of_belief) {
  const std::span<const Rule> rules = AllRules();
  of_fact.ForEach(
      [&](size_t n) { of_fact_.push_back({rules[n].of_fact, static_cast<uint8_t>(n)}); });
  of_belief.ForEach(
      [&](size_t n) { of_belief_.push_back({rules[n].of_belief, static_cast<uint8_t>(n)}); });
  ASSAY_CHECK(of_fact_.size() <= 64 && of_belief_.size() <= 64);
}

void Agenda::Settle(Counts& counts) {
  if (times_ == 0) return;
  RulesOf(last_).ForEach([&](size_t n) { counts[n] += times_; });
  times_ = 0;
}

RuleSet Agenda::RulesOf(const Applied& applied) const {
  RuleSet rules;
  const auto add = [&rules](uint64_t bits, const auto& items) {
    for (; bits != 0; bits &= bits - 1) {
      rules.Add(items[static_cast<size_t>(__builtin_ctzll(bits))].number);
    }
  };
  add(applied.of_fact, of_fact_);
  add(applied.of_belief, of_belief_);
  return rules;
}

Agenda& Agendas::Find(uint32_t key) {
  const auto found = all_.find(key);
  if (found != all_.end()) return found->second;
  const Kinds& kinds = RuleKinds();
  const Cause cause = (key >> kFeatures & 1u) != 0 ? Cause::kTimer : Cause::kStimulus;
  const Concerned& concerned =
      kinds.Concerning(cause, static_cast<uint16_t>(key & ((1u << kFeatures) - 1)));
  const uint32_t given = key >> kGivenShift;
  if (given == 0) return all_.try_emplace(key, RuleSet(), concerned.of_nobody).first->second;
  const RuleSet enough = kinds.Enough(given);
  return all_.try_emplace(key, concerned.of_fact & enough, concerned.of_belief & enough)
      .first->second;
}

void Agendas::Settle(Counts& counts) {
  for (auto& [key, agenda] : all_) agenda.Settle(counts);
}

}  // namespace assay::rules
