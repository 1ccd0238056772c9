// What is sent again, and in what order, while losses are made good: by SACK (RFC 6675), and
// without it (RFC 6582).

#include <algorithm>

#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"
#include "harness/observer/reporting.h"
#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Congestion;
using observer::Reports;
using Phase = observer::Congestion::Phase;

constexpr std::string_view kLowestHole[] = {"RFC6675-4-2", "RFC6675-4-1"};
constexpr std::string_view kLostFirst[] = {"RFC6675-4-3"};
constexpr std::string_view kRescue[] = {"RFC6675-4-4"};
constexpr std::string_view kBegins[] = {"RFC6675-5-1"};
constexpr std::string_view kNotAgain[] = {"RFC6675-5.1-1"};
constexpr std::string_view kNotBelow[] = {"RFC6582-3.2-2"};
constexpr std::string_view kPartial[] = {"RFC6582-3.2-1"};

// Text with a cause in what has just come, from a stack whose SND.UNA is known.
bool IsAnswer(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
              const Emission& e) {
  return e.text > 1 && e.answers && e.has_place && !e.header().syn() && !e.header().rst() &&
         profile.standard_congestion && !IsNobody(state) && h.snd_una.certain() &&
         h.snd_una.lo > 0 && e.seq >= h.snd_una.lo && !facts.congestion.unsure &&
         !(e.seq == h.snd_una.lo && observer::MayBeTimed(facts, profile, e));
}
// And all that SACK told it is.
bool GoesByReports(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                   const Emission& e) {
  return !facts.reports.blocks.empty() && IsAnswer(facts, profile, state, h, e) &&
         ReportsAreKnown(facts, h.snd_una.lo);
}
bool IsAgain(const Facts& facts, const Emission& e) { return e.seq + e.text <= facts.snd_max; }

Verdict JudgeLowestHole(const Facts& facts, const Profile& profile, State state,
                        const Hypothesis& h, const Emission& e) {
  const Reports& reports = facts.reports;
  if (!GoesByReports(facts, profile, state, h, e) || !IsAgain(facts, e) || e.seq < reports.resent) {
    return Verdict::kNotApplicable;
  }
  if (reports.blocks.Covers(e.seq, e.seq + e.text)) return Verdict::kViolated;
  const bool in_recovery = h.snd_una.lo < reports.recovery;
  const Offset hole = in_recovery ? reports.FirstHole(h.snd_una.lo) : h.snd_una.lo;
  return Holds(e.seq <= hole || hole >= reports.highest());
}

Verdict JudgeLostFirst(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                       const Emission& e) {
  const Reports& reports = facts.reports;
  if (h.snd_una.lo >= reports.recovery || IsAgain(facts, e) ||
      !GoesByReports(facts, profile, state, h, e)) {
    return Verdict::kNotApplicable;
  }
  const Reports::Above above = reports.Behind(reports.FirstHole(h.snd_una.lo));
  const bool lost = above.pieces >= 3 || above.octets > 2 * LargestSegment(facts, profile);
  return Holds(!lost);
}

Verdict JudgeRescue(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                    const Emission& e) {
  const Reports& reports = facts.reports;
  if (h.snd_una.lo >= reports.recovery || !IsAgain(facts, e) ||
      !GoesByReports(facts, profile, state, h, e)) {
    return Verdict::kNotApplicable;
  }
  if (e.seq >= reports.resent && e.seq < reports.highest()) return Verdict::kNotApplicable;
  return Holds(reports.out_of_turn == 0);
}

// Below that a recovery has no cause yet: too few duplicates, and too little reported.
Verdict JudgeBegins(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                    const Emission& e) {
  const Offset una = h.snd_una.lo;
  if (!facts.pace.plain || !IsAgain(facts, e) || !IsAnswer(facts, profile, state, h, e) ||
      e.seq != una || una < facts.congestion.unsettled || una < facts.reports.recovery ||
      !ReportsAreKnown(facts, una)) {
    return Verdict::kNotApplicable;
  }
  if (facts.congestion.duplicates >= 3) return Verdict::kHeld;
  const Reports::Above above = facts.reports.Behind(una);
  // Whatever headers and options take off a segment.
  const Offset link = profile.mtu > 0 ? Offset{profile.mtu} - 60 : 536;
  const Offset least = std::max<Offset>(1, std::min<Offset>(facts.least_peer_mss, link) - 40);
  return Holds(above.pieces >= 3 || above.octets > 2 * least);
}

// After a time-out, and before all of then is acknowledged, duplicates tell nothing: what went out
// again does not go once more.
template <bool sack>
Verdict JudgeNotAgain(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                      const Emission& e) {
  const Congestion& c = facts.congestion;
  const bool once_more = c.gained == 0 || e.seq + e.text <= c.repeated;
  if (c.phase != Phase::kTimedOut || !once_more || !c.in_row || c.row < 2 || facts.told_too_big ||
      h.snd_una.lo >= c.unsettled || !facts.pace.edge_is_sure || facts.sack_agreed() != sack ||
      !IsAnswer(facts, profile, state, h, e)) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seq > h.snd_una.lo);
}

// The hole behind the one that is filled, at once (RFC 6582, 3.2, step 3).
Verdict JudgePartial(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                     Instant now) {
  const Congestion& c = facts.congestion;
  const bool strays = facts.stray.least_window < observer::kUnbounded;
  if (!c.partial || c.unsure || strays || IsNobody(state) || state == State::kTimeWait ||
      !profile.standard_congestion || facts.sack_agreed()) {
    return Verdict::kNotApplicable;
  }
  if (h.snd_una != observer::Range::At(c.partial_una) || !facts.pace.edge_is_sure ||
      facts.pace.edge < facts.snd_max || facts.told_too_big ||
      c.partial_una >= facts.end_of_data()) {
    return Verdict::kNotApplicable;
  }
  return Holds(c.partial_answered || now <= c.partial_at);
}

constexpr Rule kRules[] = {
    {.id = "sack.sends-the-lowest-hole-again",
     .sentence = "of what SACK does not report the lowest that was not sent again, and nothing "
                 "that it reports",
     .section = "RFC 6675, 4",
     .cites = kLowestHole,
     .concerns = kText,
     .given = Given::kReports,
     .of_belief = JudgeLowestHole},
    {.id = "sack.what-is-lost-before-what-is-new",
     .sentence = "new text only once all that is lost by SACK's word was sent again",
     .section = "RFC 6675, 4",
     .cites = kLostFirst,
     .concerns = kText,
     .given = Given::kReports,
     .of_belief = JudgeLostFirst},
    {.id = "sack.one-rescue-at-most",
     .sentence =
         "in a recovery nothing sent again twice, or from behind all that SACK reports, but "
         "for one segment",
     .section = "RFC 6675, 4",
     .level = Level::kShould,
     .cites = kRescue,
     .concerns = kText,
     .given = Given::kReports,
     .of_belief = JudgeRescue},
    {.id = "sack.recovers-at-three",
     .sentence = "a recovery at the third duplicate since SND.UNA moved, or where more than two "
                 "segments are reported above it",
     .section = "RFC 6675, 5",
     .cites = kBegins,
     .concerns = kText,
     .given = Given::kRepetition,
     .of_belief = JudgeBegins},
    {.id = "sack.no-recovery-after-a-time-out",
     .sentence = "no recovery by duplicates until what was outstanding at the time-out is "
                 "acknowledged",
     .section = "RFC 6675, 5.1",
     .cites = kNotAgain,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeNotAgain<true>},
    {.id = "fast-retransmit.not-after-a-time-out",
     .sentence = "no fast retransmit of what was outstanding at the time-out",
     .section = "RFC 6582, 3.2",
     .level = Level::kProse,
     .cites = kNotBelow,
     .concerns = kText,
     .given = Given::kLoss,
     .of_belief = JudgeNotAgain<false>,
     .excused_by = Quirk::kRecoversAfterTimeout},
    {.id = "fast-retransmit.goes-on-at-a-partial-ack",
     .sentence = "the first segment that a partial ACK leaves, sent again at once",
     .section = "RFC 6582, 3.2",
     .level = Level::kProse,
     .cites = kPartial,
     .of_silence = JudgePartial,
     .excused_by = Quirk::kEndsAtPartialAck},
};

}  // namespace

std::span<const Rule> RecoveryRules() { return kRules; }

}  // namespace assay::rules
