#include "harness/rules/rule.h"

#include <vector>

#include "stack/base/check.h"

namespace assay::rules {

std::string_view Name(Level level) {
  switch (level) {
    case Level::kMust:
      return "MUST";
    case Level::kShould:
      return "SHOULD";
    case Level::kProse:
      return "PROSE";
  }
  CheckFailed(__FILE__, __LINE__, "a Level");
}

uint8_t FeaturesOf(const observer::SegmentSeen& segment) {
  const wire::Header& header = segment.header;
  uint8_t features = 0;
  const auto add = [&features](Feature feature, bool has) {
    features = static_cast<uint8_t>(features | (has ? feature : 0));
  };
  add(kNeitherSynNorRst, !header.syn() && !header.rst());
  add(kASyn, header.syn());
  add(kAFin, header.fin());
  add(kARst, header.rst());
  add(kText, !segment.payload.empty());
  add(kAnAck, header.has_ack() && !header.syn() && !header.rst());
  add(kPureAck, segment.is_pure_ack());
  add(kSackOrTimestamps, !segment.options.sack.empty() || segment.options.timestamps.has_value());
  return features;
}

std::span<const Rule> AllRules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> rules;
    for (auto topic :
         {HeaderRules(), ResetRules(), StampRules(), HandshakeRules(), StreamRules(),
          AcknowledgmentRules(), OptionRules(), PaceRules(), CongestionRules(), RecoveryRules(),
          RoundTripRules(), DuplicateRules(), SilenceRules(), ApplicationRules()}) {
      rules.insert(rules.end(), topic.begin(), topic.end());
    }
    ASSAY_CHECK(rules.size() <= kMostRules);
    return rules;
  }();
  return all;
}

size_t RuleNumber(std::string_view id) {
  const std::span<const Rule> rules = AllRules();
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].id == id) return i;
  }
  CheckFailed(__FILE__, __LINE__, "the id of a rule");
}

}  // namespace assay::rules
