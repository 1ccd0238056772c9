#include "harness/rules/rule_kinds.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace assay::rules {

using observer::Reason;

Kinds::Kinds() {
  const auto set = [this](Reason reason, std::string_view id) {
    of_reason[static_cast<size_t>(reason)] = RuleNumber(id);
  };
  set(Reason::kData, "ack.within-half-a-second");
  set(Reason::kUnacceptable, "ack.answers-the-unacceptable");
  set(Reason::kBadAck, "ack.answers-what-was-never-sent");
  set(Reason::kChallenge, "challenge.answers-rst-and-syn");
  set(Reason::kNobody, "nobody.answers-with-rst");
  set(Reason::kUnsynchronized, "rst.answers-an-unacceptable-ack");
  set(Reason::kSyn, "handshake.syn-is-answered");
  set(Reason::kOpen, "open.sends-a-syn");
  set(Reason::kAbort, "abort.sends-rst");
  set(Reason::kOld, "paws.drop-is-acknowledged");
  set(Reason::kGap, "ack.tells-of-a-gap-at-once");
  set(Reason::kSecond, "ack.for-every-second-segment");
  set(Reason::kUnread, "close.resets-what-nobody-reads");

  const std::span<const Rule> rules = AllRules();
  for (size_t i = 0; i < rules.size(); ++i) {
    const auto number = static_cast<uint8_t>(i);
    if (rules[i].of_segment != nullptr) of_segment.push_back(number);
    by_given[static_cast<size_t>(rules[i].given)].Add(i);
    for (const Cause cause : {Cause::kStimulus, Cause::kTimer}) {
      if (rules[i].cause != cause && rules[i].cause != Cause::kEither) continue;
      for (size_t features = 0; features < of_emission[0].size(); ++features) {
        if ((rules[i].concerns & features) == 0) continue;
        Concerned& concerned = of_emission[static_cast<size_t>(cause)][features];
        if (rules[i].of_fact != nullptr) concerned.of_fact.Add(i);
        if (rules[i].of_belief == nullptr) continue;
        const Believing believing = rules[i].believing;
        if (believing != Believing::kNobody) concerned.of_belief.Add(i);
        if (believing != Believing::kConnection) concerned.of_nobody.Add(i);
      }
    }
    if (rules[i].of_silence == nullptr) continue;
    const bool debt = std::ranges::find(of_reason, i) != of_reason.end();
    (debt ? of_debt : of_progress).push_back(number);
  }
  address = RuleNumber("header.between-the-two-addresses");
  exact = RuleNumber("delivery.exact");
  received = RuleNumber("delivery.only-what-was-received");
  end = RuleNumber("delivery.end-only-after-fin");
  reset = RuleNumber("error.reset-only-if-gone");
  state = RuleNumber("state.reported-is-possible");
  option = RuleNumber("option.is-taken-while-it-lives");
}

const Kinds& RuleKinds() {
  static const Kinds kinds;
  return kinds;
}

}  // namespace assay::rules
