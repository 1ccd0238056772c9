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

uint16_t FeaturesOf(const observer::SegmentSeen& segment) {
  const wire::Header& header = segment.header;
  uint16_t features = 0;
  const auto add = [&features](Feature feature, bool has) {
    features = static_cast<uint16_t>(features | (has ? feature : 0));
  };
  add(kNeitherSynNorRst, !header.syn() && !header.rst());
  add(kASyn, header.syn());
  add(kAFin, header.fin());
  add(kARst, header.rst());
  add(kText, !segment.payload.empty());
  add(kAnAck, header.has_ack() && !header.syn() && !header.rst());
  add(kPureAck, segment.is_pure_ack());
  add(kTimestamps, segment.options.timestamps.has_value());
  add(kSackBlocks, !segment.options.sack.empty());
  add(kUrgentPointer, header.urg());
  return features;
}

uint32_t GivenIn(const Facts& facts, const Emission& e) {
  const observer::Congestion& congestion = facts.congestion;
  const observer::Pace& pace = facts.pace;
  const observer::Latest& latest = facts.latest;
  uint32_t given = 1u << static_cast<unsigned>(Given::kAlways);
  const auto add = [&given](Given one, bool holds) {
    given |= uint32_t{holds} << static_cast<unsigned>(one);
  };
  add(Given::kAgreedTimestamps, facts.timestamps_agreed());
  add(Given::kOddStamp,
      latest.unstamped_end != observer::kNowhere || latest.outdated_end != observer::kNowhere);
  add(Given::kLoss, congestion.phase != observer::Congestion::Phase::kOpening);
  add(Given::kDuplicate, congestion.in_row);
  add(Given::kReports, !facts.reports.blocks.empty());
  add(Given::kRepetition, e.text > 0 && e.seq + e.text <= facts.snd_max);
  add(Given::kIdleTime, congestion.restart < observer::kUnbounded);
  add(Given::kTimeOut, pace.collapse_lasts);
  add(Given::kOwnReports, !facts.sacked.empty());
  add(Given::kUrgentData, !facts.urgent_ends.empty());
  add(Given::kPathMtu, facts.path_mtu != 0);
  add(Given::kReuse, latest.reuse != observer::Reuse::kUnknown);
  add(Given::kSmallSteps, pace.silly_steps > 0);
  add(Given::kSmallerWindow, pace.edge_is_sure && pace.edge < facts.send_edge);
  add(Given::kSmallSegment, pace.small_end > 1);
  return given;
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
