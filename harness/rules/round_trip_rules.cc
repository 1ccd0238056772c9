// That the retransmission timer follows the round trips that the stack measured (RFC 6298).

#include <algorithm>

#include "harness/observer/pacing.h"
#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

constexpr std::string_view kSamples[] = {"RFC6298-2.3-1", "RFC6298-2.3-2", "RFC6298-2.2-1",
                                         "RFC6298-1-1"};
constexpr std::string_view kLostSyn[] = {"RFC6298-5.7-1"};

// What a clock that is read in ticks makes of three samples and a time-out.
Duration Slack(const Profile& profile, Duration of) { return profile.tick * 4 + of / 20; }

// It is the first of what the first time-out sends again.
bool IsFirst(const Facts& facts, const Profile& profile, const Emission& e) {
  return profile.virtual_time && e.text > 0 && !e.header().syn() && facts.pace.resends == 0 &&
         IsTimedResend(facts, e);
}

Verdict JudgeSamples(const Facts& facts, const Profile& profile, const Emission& e) {
  const observer::RoundTrip& trip = facts.round_trip;
  if (trip.spoiled || !trip.timing || facts.offered_timestamps || !IsFirst(facts, profile, e)) {
    return Verdict::kNotApplicable;
  }
  // A cap of the RTO (RFC 6298, 2.5).
  const Duration least = std::min(trip.LeastRto(), Duration::Seconds(60));
  if (least == Duration()) return Verdict::kNotApplicable;
  return Holds(e.seg->at - trip.since + Slack(profile, least) >= least);
}

// Nothing was measured: the SYN was sent twice, and no text is acknowledged.
Verdict JudgeLostSyn(const Facts& facts, const Profile& profile, const Emission& e) {
  if (facts.pace.syn_resends == 0 || facts.pace.measured || facts.offered_timestamps ||
      facts.window_ack > 1 || !IsFirst(facts, profile, e)) {
    return Verdict::kNotApplicable;
  }
  constexpr Duration kLeast = Duration::Seconds(3);
  return Holds(e.seg->at - facts.first_sent + Slack(profile, kLeast) >= kLeast);
}

constexpr Rule kRules[] = {
    {.id = "rto.follows-the-samples",
     .sentence = "no time-out before SRTT + 4 RTTVAR of the round trips so far, RTTVAR moved by a "
                 "quarter before SRTT by an eighth",
     .section = "RFC 6298, 2.3",
     .cites = kSamples,
     .concerns = kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeSamples,
     .excused_by = Quirk::kAveragesFromZero},
    {.id = "rto.three-seconds-after-a-lost-syn",
     .sentence = "3 s at least for the first text, where the SYN was sent again",
     .section = "RFC 6298, 5.7",
     .cites = kLostSyn,
     .concerns = kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeLostSyn,
     .excused_by = Quirk::kSamplesAnyAck},
};

}  // namespace

std::span<const Rule> RoundTripRules() { return kRules; }

}  // namespace assay::rules
