#include "harness/rules/rule.h"

#include <array>
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

namespace {

// The features that follow from the control bits: those of kPureAck if there is no text.
constexpr auto kOfControl = [] {
  std::array<uint16_t, 256> all{};
  for (size_t i = 0; i < all.size(); ++i) {
    const wire::Header header{.control = static_cast<uint8_t>(i)};
    const bool neither = !header.syn() && !header.rst();
    const bool ack = neither && header.has_ack();
    all[i] = static_cast<uint16_t>((neither ? kNeitherSynNorRst : 0) | (header.syn() ? kASyn : 0) |
                                   (header.fin() ? kAFin : 0) | (header.rst() ? kARst : 0) |
                                   (ack ? kAnAck : 0) | (ack && !header.fin() ? kPureAck : 0) |
                                   (header.urg() ? kUrgentPointer : 0));
  }
  return all;
}();

}  // namespace

uint16_t FeaturesOf(const observer::SegmentSeen& segment) {
  const bool text = !segment.payload.empty();
  const int of_control = kOfControl[segment.header.control] & ~(text ? kPureAck : 0);
  return static_cast<uint16_t>(of_control | (text ? kText : 0) |
                               (segment.options.timestamps.has_value() ? kTimestamps : 0) |
                               (!segment.options.sack.empty() ? kSackBlocks : 0));
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
