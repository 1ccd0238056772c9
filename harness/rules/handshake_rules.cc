// Opening: who may send a SYN, and what a SYN,ACK says.

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

constexpr std::string_view kWhen[] = {"RFC9293-MUST-10", "RFC9293-MUST-11", "RFC6056-2.2-1"};
constexpr std::string_view kAckOfSyn[] = {"RFC9293-P-3.5-DATA-BEFORE-EST", "RFC9293-P-3.4-SEQ"};
constexpr std::string_view kOneIss[] = {"RFC9293-MUST-22", "RFC1122-4.2.3.1-1"};
constexpr std::string_view kAnswersASyn[] = {"RFC5681-4.2-3"};
constexpr std::string_view kIssMoves[] = {"RFC9293-MUST-8", "RFC9293-SHLD-1", "RFC6528-3-1"};
constexpr std::string_view kReopens[] = {"RFC9293-MAY-2"};
constexpr std::string_view kMssOffered[] = {"RFC9293-SHLD-5", "RFC9293-MUST-14"};
constexpr std::string_view kScaleAnswer[] = {"RFC7323-2.2-3", "RFC7323-2.2-2"};
constexpr std::string_view kScaleTaken[] = {"RFC7323-2.3-1"};
constexpr std::string_view kTimestampAnswer[] = {"RFC7323-3.2-4", "RFC7323-3.2-9"};

Verdict JudgeWhen(const Facts&, const Profile&, State state, const Hypothesis& h,
                  const Emission& e) {
  if (!e.header().syn() || IsNobody(state)) return Verdict::kNotApplicable;
  // A CLOSE in SYN-RECEIVED leaves the SYN unacknowledged in FIN-WAIT-1 (3.10.4); in ESTABLISHED
  // only what a known deviation took for its ACK does.
  if ((state == State::kFinWait1 || state == State::kEstablished) && h.snd_una.lo == 0) {
    return Holds(e.header().has_ack());
  }
  return Holds(state == (e.header().has_ack() ? State::kSynReceived : State::kSynSent));
}

Verdict JudgeAckOfSyn(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                      const Emission& e) {
  if (!e.header().syn() || !e.header().has_ack() || state != State::kSynReceived) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.AckNear(facts, h) == 1);
}

Verdict JudgeOneIss(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.header().syn() || !facts.has_iss) return Verdict::kNotApplicable;
  return Holds(e.header().seq == facts.iss);
}

// A SYN,ACK comes when a SYN came, or when its timer fires.
Verdict JudgeAnswersASyn(const Facts&, const Profile&, State state, const Hypothesis& h,
                         const Emission& e) {
  if (!e.header().syn() || !e.header().has_ack() || state != State::kSynReceived || !e.answers) {
    return Verdict::kNotApplicable;
  }
  return Holds(h.syn_permits > 0);
}

Verdict JudgeMssOffered(const Facts&, const Profile&, const Emission& e) {
  if (!e.header().syn()) return Verdict::kNotApplicable;
  return Holds(e.seg->options.mss.has_value());
}

Verdict JudgeScaleAnswer(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.header().syn() || !e.header().has_ack() || !e.seg->options.window_scale.has_value()) {
    return Verdict::kNotApplicable;
  }
  return Holds(facts.offered_scale);
}

// On the first; one that comes again may do without options.
Verdict JudgeScaleTaken(const Facts& facts, const Profile& profile, const Emission& e) {
  if (!e.header().syn() || !e.header().has_ack() || facts.has_iss || !facts.offered_scale ||
      facts.options_unsure || !profile.window_scale) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seg->options.window_scale.has_value());
}

Verdict JudgeTimestampAnswer(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.seg->options.timestamps.has_value() || e.header().rst()) return Verdict::kNotApplicable;
  if (e.header().syn() && !e.header().has_ack()) return Verdict::kNotApplicable;
  return Holds(facts.offered_timestamps);
}

// The clock part of an ISN moves on between two attempts.
Verdict JudgeIssMoves(const Facts& facts, const Profile& profile, const Emission& e) {
  if (!e.header().syn() || facts.has_iss || !facts.has_earlier) return Verdict::kNotApplicable;
  // What a run gives may be given again.
  if (profile.given_iss == facts.earlier_iss) return Verdict::kNotApplicable;
  if (e.seg->at - facts.earlier_at < Duration::Milliseconds(1)) return Verdict::kNotApplicable;
  return Holds(e.header().seq != facts.earlier_iss);
}

// The clock of RFC 9293 ticks every 4 us; one that is 64 times faster still has half its circle
// before it for two minutes.
Verdict JudgeIssForward(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.header().syn() || facts.has_iss || !facts.earlier_is_by_clock) {
    return Verdict::kNotApplicable;
  }
  const Duration since = e.seg->at - facts.earlier_at;
  if (since < Duration::Milliseconds(1) || since > Duration::Seconds(100)) {
    return Verdict::kNotApplicable;
  }
  return Holds(static_cast<int32_t>(e.header().seq - facts.earlier_iss) >= 0);
}

Verdict JudgeReopens(const Facts& facts, const Profile&, State state, const Hypothesis&,
                     const Emission& e) {
  if (!e.header().syn()) return Verdict::kNotApplicable;
  const auto above = [&e](uint32_t nxt) { return static_cast<int32_t>(e.header().seq - nxt) >= 0; };
  if (state == State::kTimeWait) {
    // It may have been left by the SYN that this answers.
    const uint32_t nxt = facts.iss + static_cast<uint32_t>(facts.snd_max);
    return above(nxt) ? Verdict::kNotApplicable : Verdict::kViolated;
  }
  if (facts.has_iss || !facts.reopens) return Verdict::kNotApplicable;
  return Holds(above(facts.reopened_nxt));
}

constexpr Rule kRules[] = {
    {.id = "handshake.iss-moves-on",
     .sentence = "another ISS for another connection between the same two hosts",
     .section = "RFC 9293, 3.4.1",
     .cites = kIssMoves,
     .concerns = kASyn,
     .of_fact = JudgeIssMoves},
    {.id = "handshake.iss-goes-forward",
     .sentence = "an ISS ahead of the one that the same two ends had shortly before",
     .section = "RFC 9293, 3.4.1",
     .level = Level::kShould,
     .cites = kIssMoves,
     .concerns = kASyn,
     .of_fact = JudgeIssForward},
    {.id = "time-wait.reopens-above-the-old",
     .sentence = "an ISS above all that the connection in TIME-WAIT sent",
     .section = "RFC 9293, 3.6.1",
     .cites = kReopens,
     .concerns = kASyn,
     .of_belief = JudgeReopens},
    {.id = "syn.only-while-opening",
     .sentence = "SYN in SYN-SENT, SYN,ACK in SYN-RECEIVED, and no SYN in any other state",
     .section = "RFC 9293, 3.10.7",
     .cites = kWhen,
     .concerns = kASyn,
     .of_belief = JudgeWhen},
    {.id = "handshake.syn-ack-acknowledges-the-syn",
     .sentence = "a SYN,ACK with ACK=IRS+1: the SYN and nothing that came with it",
     .section = "RFC 9293, 3.10.7.2",
     .cites = kAckOfSyn,
     .concerns = kASyn,
     .of_belief = JudgeAckOfSyn},
    {.id = "handshake.one-iss-per-attempt",
     .sentence = "a SYN that is sent again with the same sequence number",
     .section = "RFC 9293, 3.8.1",
     .cites = kOneIss,
     .concerns = kASyn,
     .of_fact = JudgeOneIss},
    {.id = "handshake.syn-ack-answers-a-syn",
     .sentence = "one SYN,ACK for a SYN, and again when the timer fires",
     .section = "RFC 9293, 3.10.7",
     .cites = kAnswersASyn,
     .concerns = kASyn,
     .of_belief = JudgeAnswersASyn},
    {.id = "handshake.offers-its-mss",
     .sentence = "an MSS option on every SYN",
     .section = "RFC 9293, 3.7.1",
     .level = Level::kShould,
     .cites = kMssOffered,
     .concerns = kASyn,
     .of_fact = JudgeMssOffered},
    {.id = "options.window-scale-only-if-offered",
     .sentence = "window scale on a SYN,ACK only if the SYN carried it",
     .section = "RFC 7323, 2.2",
     .cites = kScaleAnswer,
     .concerns = kASyn,
     .of_fact = JudgeScaleAnswer},
    {.id = "options.window-scale-is-taken-up",
     .sentence =
         "window scale on the SYN,ACK that answers a SYN with it, where it is not turned off",
     .section = "RFC 7323, 2.3",
     .level = Level::kShould,
     .cites = kScaleTaken,
     .concerns = kASyn,
     .of_fact = JudgeScaleTaken},
    {.id = "options.timestamps-only-if-offered",
     .sentence = "timestamps only if the peer's SYN carried them",
     .section = "RFC 7323, 3.2",
     .cites = kTimestampAnswer,
     .concerns = kTimestamps,
     .of_fact = JudgeTimestampAnswer},
};

}  // namespace

std::span<const Rule> HandshakeRules() { return kRules; }

}  // namespace assay::rules
