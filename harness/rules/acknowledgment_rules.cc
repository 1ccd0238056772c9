// What a stack acknowledges, how often, and the window that goes with it.

#include <algorithm>

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

constexpr std::string_view kReceived[] = {
    "RFC9293-P-3.4-ACCEPT",    "RFC9293-P-3.10.7.4-TRIM", "RFC9293-P-3.10.7.4-NOACKBIT",
    "RFC9293-U-3.10.7.4-SYN2", "RFC9293-U-3.10.7.4-ACK2", "RFC5961-4.2-2",
    "RFC9293-P-3.6-HALFCLOSE", "RFC9293-MUST-3",          "RFC9293-SHLD-31",
    "RFC7323-2.4-1",           "RFC7323-2.4-2",           "RFC7323-5.3-1"};
// What is acceptable is not answered as if it were not.
constexpr std::string_view kCause[] = {"RFC5681-4.2-3", "RFC9293-MUST-58", "RFC9293-P-3.4-ACCEPT"};
constexpr std::string_view kOpens[] = {"RFC9293-MUST-39"};
constexpr std::string_view kEdge[] = {"RFC9293-SHLD-14"};

Verdict JudgeReceived(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                      const Emission& e) {
  if (!e.header().has_ack() || e.header().rst() || e.header().syn() || IsNobody(state)) {
    return Verdict::kNotApplicable;
  }
  if (state == State::kSynSent) return Verdict::kViolated;
  const Offset ack = e.AckNear(facts, h);
  if (e.answers && (e.text > 0 || e.header().fin()) && h.before_text.Has(ack)) {
    return Verdict::kHeld;
  }
  return Holds(h.rcv_nxt.Has(ack) || h.earlier_ack.Has(ack));
}

// One for each arrival that asks for one; and when it says something new: a higher number, another
// window; and a probe, which asks for an answer itself.
Verdict JudgeCause(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                   const Emission& e) {
  if (!e.seg->is_pure_ack() || IsNobody(state) || state == State::kSynSent) {
    return Verdict::kNotApplicable;
  }
  if (h.ack_permits > 0 && e.seg->at <= h.permits_until) return Verdict::kHeld;
  const Offset ack = e.AckNear(facts, h);
  if (!facts.has_acked || ack > facts.last_ack) return Verdict::kHeld;
  if (ack + e.edge != facts.offered_edge) return Verdict::kHeld;
  // A keep-alive stands below SND.NXT, which may be SND.UNA.
  const bool idle = facts.snd_max == h.snd_una.hi && e.seq == facts.snd_max - 1;
  return Holds(!e.answers && (e.seq == h.snd_una.lo - 1 || idle));
}

Verdict JudgeEdge(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                  const Emission& e) {
  if (!e.header().has_ack() || e.header().rst() || e.header().syn() || IsNobody(state) ||
      state == State::kSynSent || !facts.has_acked) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.AckNear(facts, h) + e.edge + facts.rounding() >= facts.offered_edge);
}

// All that was taken is read, and nothing waits ahead of a gap.
Verdict JudgeOpens(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                   const Emission& e) {
  const bool open =
      state == State::kEstablished || state == State::kFinWait1 || state == State::kFinWait2;
  if (!e.header().has_ack() || e.header().rst() || e.header().syn()) return Verdict::kNotApplicable;
  if (!open || h.app_gone || !facts.has_acked || facts.window_saturated ||
      h.Behind(facts.app_read) < h.rcv_nxt.hi || !facts.fins.empty() ||
      facts.sent.End(0) > h.rcv_nxt.hi) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.edge + facts.rounding() >= std::min<Offset>(facts.syn_window / 4, 536));
}

constexpr Rule kRules[] = {
    {.id = "window.opens-once-all-is-read",
     .sentence = "a window of a segment, or of a part of the buffer, once all is read",
     .section = "RFC 9293, 3.8.6.2.2",
     .level = Level::kProse,
     .cites = kOpens,
     .concerns = kAnAck,
     .of_belief = JudgeOpens},
    {.id = "ack.number-is-what-was-received",
     .sentence = "ACK=RCV.NXT: all that was taken in order, and nothing that was not",
     .section = "RFC 9293, 3.10.7.4",
     .cites = kReceived,
     .concerns = kAnAck,
     .of_belief = JudgeReceived,
     .excused_by = Quirk::kMovedFin},
    {.id = "ack.only-with-cause",
     .sentence =
         "one pure ACK for a segment that asks for it; none for a pure ACK that is up to date",
     .section = "RFC 5681, 4.2",
     .level = Level::kMust,
     .cites = kCause,
     .concerns = kPureAck,
     .of_belief = JudgeCause,
     .excused_by = Quirk::kAnswersTwice},
    {.id = "window.right-edge-never-retreats",
     .sentence = "a right edge that does not move to the left",
     .section = "RFC 9293, 3.8.6",
     .level = Level::kShould,
     .cites = kEdge,
     .concerns = kAnAck,
     .of_belief = JudgeEdge,
     .excused_by = Quirk::kTimeWaitWindowWraps},
};

}  // namespace

std::span<const Rule> AcknowledgmentRules() { return kRules; }

}  // namespace assay::rules
