// What timestamps decide: which text is taken, what a RST carries, and which SYN may open a
// connection out of TIME-WAIT.

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Reason;
using observer::Reuse;

constexpr std::string_view kMissing[] = {"RFC7323-3.2-7"};
constexpr std::string_view kOutdated[] = {"RFC7323-5.5-1"};
constexpr std::string_view kReset[] = {"RFC7323-5.2-2"};
constexpr std::string_view kNew[] = {"RFC6191-2-1", "RFC6191-2-2", "RFC6191-2-3",
                                     "RFC6191-2-4", "RFC6191-2-5", "RFC9293-SHLD-4"};
constexpr std::string_view kOld[] = {"RFC6191-2-6"};

Offset AckOf(const Facts& facts, const Emission& e) {
  return observer::Unwrap(e.header().ack, facts.irs, facts.last_ack);
}
// With timestamps, as they were agreed on.
bool IsStampedAck(const Emission& e) {
  return e.header().has_ack() && !e.header().syn() && !e.header().rst() &&
         e.seg->options.timestamps.has_value();
}

Verdict JudgeMissing(const Facts& facts, const Profile&, const Emission& e) {
  const Offset end = facts.latest.unstamped_end;
  if (end == observer::kNowhere || !IsStampedAck(e)) return Verdict::kNotApplicable;
  return Holds(AckOf(facts, e) < end);
}

Verdict JudgeOutdated(const Facts& facts, const Profile&, const Emission& e) {
  const Offset end = facts.latest.outdated_end;
  if (end == observer::kNowhere || !IsStampedAck(e)) return Verdict::kNotApplicable;
  return Holds(AckOf(facts, e) >= end);
}

// Of nobody's: a connection's RST has the connection's timestamps.
Verdict JudgeReset(const Facts& facts, const Profile&, State, const Hypothesis& h,
                   const Emission& e) {
  if (!e.header().rst() || !e.answers || !e.seg->options.timestamps.has_value() ||
      h.rst.reason != Reason::kNobody || !facts.latest.stamped) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seg->options.timestamps->value == 0 &&
               e.seg->options.timestamps->echo == facts.latest.stamp);
}

Verdict JudgeNew(const Facts& facts, const Profile&, State state, const Hypothesis&,
                 const Emission& e) {
  if (facts.latest.reuse != Reuse::kNew || !e.answers) return Verdict::kNotApplicable;
  if (state == State::kTimeWait && e.seg->is_pure_ack()) return Verdict::kViolated;
  return state == State::kSynReceived && e.header().syn() ? Verdict::kHeld
                                                          : Verdict::kNotApplicable;
}

// What opened the connection, in the states of the old one and of the new.
Verdict JudgeOld(const Facts& facts, const Profile&, State state, const Hypothesis&,
                 const Emission& e) {
  if (facts.latest.reuse == Reuse::kUnknown || !e.answers || !e.header().syn() ||
      (state != State::kSynReceived && state != State::kTimeWait)) {
    return Verdict::kNotApplicable;
  }
  return Holds(facts.latest.reuse == Reuse::kNew);
}

constexpr Rule kRules[] = {
    {.id = "timestamps.what-lacks-them-is-dropped",
     .sentence = "no text taken from a segment without the timestamps that were agreed on",
     .section = "RFC 7323, 3.2",
     .level = Level::kShould,
     .cites = kMissing,
     .concerns = kTimestamps,
     .given = Given::kOddStamp,
     .of_fact = JudgeMissing,
     .excused_by = Quirk::kTakesUnstamped},
    {.id = "timestamps.outdated-when-long-idle",
     .sentence = "text taken whatever its timestamp, after more than 24 idle days",
     .section = "RFC 7323, 5.5",
     .level = Level::kProse,
     .cites = kOutdated,
     .concerns = kTimestamps,
     .given = Given::kOddStamp,
     .of_fact = JudgeOutdated},
    {.id = "timestamps.of-a-rst-from-nobody",
     .sentence = "TSval=0 and as TSecr what it answers, if a RST of no connection has timestamps",
     .section = "RFC 7323, 5.2",
     .level = Level::kShould,
     .cites = kReset,
     .concerns = kARst,
     .believing = Believing::kNobody,
     .of_belief = JudgeReset},
    {.id = "time-wait.reopens-for-a-new-syn",
     .sentence =
         "a SYN,ACK for a SYN that is newer by its timestamp, or by its SEQ where that does "
         "not tell",
     .section = "RFC 6191, 2",
     .level = Level::kShould,
     .cites = kNew,
     .concerns = kPureAck | kASyn,
     .given = Given::kReuse,
     .of_belief = JudgeNew,
     .excused_by = Quirk::kTimeWaitResetsSyn},
    {.id = "time-wait.stays-for-an-old-syn",
     .sentence = "no SYN,ACK for a SYN that is old by its timestamp, or by its SEQ where that does "
                 "not tell",
     .section = "RFC 6191, 2",
     .level = Level::kShould,
     .cites = kOld,
     .concerns = kASyn,
     .given = Given::kReuse,
     .of_belief = JudgeOld},
};

}  // namespace

std::span<const Rule> StampRules() { return kRules; }

}  // namespace assay::rules
