// When a stack may send a RST, and with which numbers.

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

constexpr std::string_view kNobody[] = {"RFC9293-P-3.5.2-RST-NOCONN",
                                        "RFC9293-MUST-13",
                                        "RFC9293-U-3.10.7.4-RST2",
                                        "RFC5961-3.2-2",
                                        "RFC9293-SHLD-2",
                                        "RFC9293-MUST-66",
                                        "RFC9293-U-3.10.7.3-1",
                                        "RFC5961-4.2-3",
                                        "RFC7323-5.2-3",
                                        "RFC793-3.9-SYN",
                                        "RFC793-3.4-RSTWIN",
                                        "RFC9293-MUST-57"};
constexpr std::string_view kCause[] = {"RFC9293-P-3.5.2-SYNC-ACK",
                                       "RFC9293-P-3.5.2-NO-RST-FOR-RST",
                                       "RFC9293-U-3.10.7.4-RST1",
                                       "RFC5961-3.2-1",
                                       "RFC5961-3.2-4",
                                       "RFC7323-3.2-8",
                                       "RFC9293-MUST-37",
                                       "RFC9293-MUST-41",
                                       "RFC9293-SHLD-11",
                                       "RFC9293-SHLD-17",
                                       "RFC6429-4-1"};
constexpr std::string_view kNumbers[] = {"RFC9293-P-3.5.2-RST-NOCONN",
                                         "RFC9293-P-3.5.2-RST-UNSYNC"};

bool MayReset(const Hypothesis& h) { return h.rst_any || h.rst_in_flight || !h.rst_forms.empty(); }

Verdict JudgeNobody(const Facts&, const Profile&, State state, const Hypothesis& h,
                    const Emission& e) {
  if (state != State::kClosed && state != State::kListen) return Verdict::kNotApplicable;
  return Holds(e.header().rst() || (e.seg->is_pure_ack() && !h.earlier_ack.empty()));
}

Verdict JudgeCause(const Facts&, const Profile&, State, const Hypothesis& h, const Emission& e) {
  if (!e.header().rst()) return Verdict::kNotApplicable;
  return Holds(MayReset(h));
}

Verdict JudgeNumbers(const Facts& facts, const Profile&, State, const Hypothesis& h,
                     const Emission& e) {
  if (!e.header().rst() || !MayReset(h)) return Verdict::kNotApplicable;
  if (h.rst_any) return Verdict::kHeld;
  for (const observer::AllowedRst& form : h.rst_forms) {
    if (e.header().seq != form.seq) continue;
    if (e.header().has_ack() ? e.header().ack == form.ack : !form.needs_ack) return Verdict::kHeld;
  }
  // ABORT and its kin: anywhere that the peer can still place.
  if (h.rst_in_flight && facts.has_iss) {
    return Holds(e.seq >= h.snd_una.lo - 1 && e.seq <= facts.snd_max);
  }
  return Verdict::kViolated;
}

constexpr Rule kRules[] = {
    {.id = "nobody.answers-only-with-rst",
     .sentence = "nothing but a RST where no connection is: the connection is gone or never was",
     .section = "RFC 9293, 3.10.7.1",
     .cites = kNobody,
     .believing = Believing::kNobody,
     .of_belief = JudgeNobody},
    {.id = "rst.only-when-called-for",
     .sentence =
         "a RST only for a segment of nobody, an unacceptable ACK before ESTABLISHED, or an ABORT; "
         "never for a RST",
     .section = "RFC 9293, 3.5.2",
     .cites = kCause,
     .concerns = kARst,
     .believing = Believing::kEither,
     .of_belief = JudgeCause},
    {.id = "rst.numbers-come-from-the-segment",
     .sentence = "SEQ=SEG.ACK; without an ACK SEQ=0, ACK=SEG.SEQ+SEG.LEN; for an ABORT SEQ=SND.NXT",
     .section = "RFC 9293, 3.5.2",
     .cites = kNumbers,
     .concerns = kARst,
     .believing = Believing::kEither,
     .of_belief = JudgeNumbers,
     .excused_by = Quirk::kResetCountsSynFinOnce},
};

}  // namespace

std::span<const Rule> ResetRules() { return kRules; }

}  // namespace assay::rules
