// How much of its text a stack has in flight behind a loss, while duplicate ACKs come, and after it
// was idle: never more than the largest congestion window that the RFCs allow it.

#include <algorithm>

#include "harness/observer/congesting.h"
#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Congestion;
using Phase = observer::Congestion::Phase;

constexpr std::string_view kSlowStart[] = {"RFC5681-3.1-5", "RFC5681-3.1-8", "RFC5681-2-1",
                                           "RFC9293-MUST-19"};
constexpr std::string_view kAvoidance[] = {"RFC5681-3.1-6", "RFC5681-2-1", "RFC9293-MUST-19"};
constexpr std::string_view kInflation[] = {"RFC5681-3.2-5", "RFC5681-3.2-6", "RFC5681-4.3-1",
                                           "RFC6675-5-2"};
constexpr std::string_view kDeflation[] = {"RFC5681-3.2-7", "RFC5681-4.3-1", "RFC3042-2-1"};
constexpr std::string_view kLimited[] = {"RFC5681-3.2-3"};
constexpr std::string_view kNews[] = {"RFC5681-3.2-4", "RFC3042-2-1"};
constexpr std::string_view kIdle[] = {"RFC5681-4.1-1"};

bool IsBound(const Facts& facts, const Profile& profile, State state, const Emission& e) {
  return e.text > 1 && profile.standard_congestion && facts.congestion.window > 0 &&
         !facts.congestion.unsure && facts.least_peer_mss > 0 && !IsNobody(state) && e.has_place &&
         !e.header().rst() && !e.header().syn();
}

// How much of the stack's text is under way at least, this segment counted. What SACK reports is
// not, and what lies below it may be lost (RFC 6675, 4).
Offset InFlight(const Facts& facts, const Hypothesis& h, const Emission& e) {
  Offset from = std::max<Offset>(h.snd_una.hi, 1);
  if (facts.sack_agreed()) {
    from = std::max(from, facts.congestion.reported);
  }
  return e.seq + e.text - from;
}

// True once the ACKs since the loss are worth a round trip: from then on what is too much was added
// by them.
bool HasGrown(const Congestion& c) { return c.gained >= c.threshold; }

// What is counted in whole windows, or was counted before the loss, may be ahead of the bound.
template <Phase phase, bool grown, int segments>
Verdict JudgeWindow(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                    const Emission& e) {
  const Congestion& c = facts.congestion;
  if (c.phase != phase || !IsBound(facts, profile, state, e)) return Verdict::kNotApplicable;
  if (phase == Phase::kRecovered && HasGrown(c) != grown) return Verdict::kNotApplicable;
  // What was sent before goes out once more from the left edge on, after a time-out alone.
  if (phase != Phase::kTimedOut && e.seq + e.text <= facts.snd_max) return Verdict::kNotApplicable;
  const Offset slack = segments * LargestSegment(facts, profile);
  return Holds(InFlight(facts, h, e) <= c.window + c.inflated + slack);
}

// One of the first two duplicates in a row, with nothing else since that text could answer to.
bool AnswersDuplicate(const Facts& facts, const Profile& profile, State state, const Emission& e) {
  const Congestion& c = facts.congestion;
  // With quirks it may go by another window.
  const bool strays = facts.stray.least_window < observer::kUnbounded;
  return e.answers && c.in_row && c.duplicates <= 2 && !facts.told_too_big && !strays &&
         e.seq + e.text > facts.snd_max && IsBound(facts, profile, state, e);
}

Verdict JudgeLimited(const Facts& facts, const Profile& profile, State state, const Hypothesis&,
                     const Emission& e) {
  const Congestion& c = facts.congestion;
  // What SACK reports may begin a recovery at once (RFC 6675, 5).
  if (c.row_reports || !AnswersDuplicate(facts, profile, state, e)) return Verdict::kNotApplicable;
  // What was left of the window before, for less than a segment, comes on top.
  return Holds(e.seq + e.text - c.row_from < (c.row + 1) * LargestSegment(facts, profile));
}

Verdict JudgeNews(const Facts& facts, const Profile& profile, State state, const Hypothesis&,
                  const Emission& e) {
  if (!facts.offered_sack || !facts.stack_offered_sack || facts.options_unsure ||
      !AnswersDuplicate(facts, profile, state, e)) {
    return Verdict::kNotApplicable;
  }
  return Holds(facts.congestion.row_reports);
}

Verdict JudgeIdle(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                  const Emission& e) {
  const Congestion& c = facts.congestion;
  if (c.restart == observer::kUnbounded || e.seq + e.text <= facts.snd_max ||
      !IsBound(facts, profile, state, e)) {
    return Verdict::kNotApplicable;
  }
  return Holds(InFlight(facts, h, e) <= c.restart + c.inflated);
}

constexpr Rule kRules[] = {
    {.id = "congestion.slow-start-after-a-time-out",
     .sentence = "one segment in flight after a time-out, and one more for each ACK until half of "
                 "what was in flight is reached",
     .section = "RFC 5681, 3.1",
     .cites = kSlowStart,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeWindow<Phase::kTimedOut, true, 1>},
    {.id = "congestion.one-segment-a-round-trip",
     .sentence = "in congestion avoidance a window that grows by one segment a round trip",
     .section = "RFC 5681, 3.1",
     .cites = kAvoidance,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeWindow<Phase::kRecovered, true, 2>,
     .excused_by = Quirk::kHalvesCwnd},
    {.id = "recovery.one-segment-for-a-duplicate",
     .sentence =
         "in fast recovery half of what was in flight, and a segment for each duplicate ACK",
     .section = "RFC 5681, 3.2 and 4.3",
     .cites = kInflation,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeWindow<Phase::kRecovering, true, 1>,
     .excused_by = Quirk::kHalvesCwnd},
    {.id = "recovery.deflates-the-window",
     .sentence = "half of what was in flight at the loss, once the recovery is over",
     .section = "RFC 5681, 3.2 and 4.3",
     .cites = kDeflation,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeWindow<Phase::kRecovered, false, 2>,
     .excused_by = Quirk::kHalvesCwnd},
    {.id = "limited-transmit.one-segment-each",
     .sentence = "one new segment for each of the first two duplicate ACKs",
     .section = "RFC 5681, 3.2",
     .level = Level::kShould,
     .cites = kLimited,
     .concerns = kText,
     .given = Given::kDuplicate,
     .of_belief = JudgeLimited},
    {.id = "limited-transmit.only-on-news",
     .sentence =
         "no new segment for a duplicate ACK that reports nothing, where SACK was agreed on",
     .section = "RFC 3042, 2",
     .cites = kNews,
     .concerns = kText,
     .given = Given::kDuplicate,
     .of_belief = JudgeNews},
    {.id = "congestion.begins-anew-when-idle",
     .sentence = "no more than an initial window after an idle time longer than any RTO",
     .section = "RFC 5681, 4.1",
     .level = Level::kShould,
     .cites = kIdle,
     .concerns = kText,
     .given = Given::kIdleTime,
     .of_belief = JudgeIdle},
};

}  // namespace

std::span<const Rule> CongestionRules() { return kRules; }

}  // namespace assay::rules
