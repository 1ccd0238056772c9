// What a stack may put into its stream, where, and how much of it.

#include <algorithm>
#include <cstring>

#include "harness/rules/rule.h"
#include "harness/scenario/stream.h"

namespace assay::rules {
namespace {

constexpr std::string_view kDataStates[] = {"RFC9293-P-3.6-HALFCLOSE", "RFC9293-P-3.5.2-SYNC-ACK"};
constexpr std::string_view kGiven[] = {"RFC9293-P-3.6-FIN-RELIABLE"};
constexpr std::string_view kSame[] = {"RFC9293-P-INCONS-RTX"};
constexpr std::string_view kContiguous[] = {"RFC9293-P-3.10.8-RTX", "RFC9293-P-3.4-SEQ",
                                            "RFC6675-5-3"};
constexpr std::string_view kFinAsked[] = {"RFC9293-P-3.6-HALFCLOSE"};
constexpr std::string_view kFinPlace[] = {"RFC9293-P-3.6-FIN-RELIABLE", "RFC9293-P-INCONS-RTX"};
constexpr std::string_view kOffered[] = {
    "RFC9293-P-3.8-WINLIMIT", "RFC9293-MUST-34",    "RFC7323-2.4-3",
    "RFC7323-2.2-4",          "RFC7323-2.2-5",      "RFC7323-2.3-2",
    "RFC7323-2.3-3",          "RFC1122-4.2.2.20-c", "RFC9293-P-3.8.6-WL"};
constexpr std::string_view kMss[] = {"RFC9293-MUST-14", "RFC9293-MUST-15", "RFC9293-MUST-16",
                                     "RFC6691-2-2",     "RFC9293-MUST-4",  "RFC9293-MUST-6",
                                     "RFC9293-MUST-64"};
constexpr std::string_view kSack[] = {"RFC2018-4-1"};

Verdict JudgeDataStates(const Facts&, const Profile&, State state, const Hypothesis&,
                        const Emission& e) {
  if (e.text == 0 || e.header().rst() || IsNobody(state)) return Verdict::kNotApplicable;
  switch (state) {
    case State::kEstablished:
    case State::kFinWait1:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck:
      return Verdict::kHeld;
    case State::kSynSent:
    case State::kSynReceived:
      return Holds(e.header().syn());  // data may ride on a SYN (3.5)
    default:
      return Verdict::kViolated;
  }
}

Offset FirstOctet(const Emission& e) { return e.seq + (e.header().syn() ? 1 : 0); }

Verdict JudgeGiven(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || e.header().rst() || !e.has_place) return Verdict::kNotApplicable;
  const Offset first = FirstOctet(e);
  // A probe may carry one octet that was acknowledged before, or none that means anything (3.8.4).
  return Holds(first >= 0 && first + e.text <= facts.end_of_data());
}

Verdict JudgeSame(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || e.header().rst() || !e.has_place) return Verdict::kNotApplicable;
  const Offset first = FirstOctet(e);
  if (first < 1 || first + e.text > facts.end_of_data()) return Verdict::kNotApplicable;
  const wire::Octets given = scenario::StreamOctets(
      scenario::Stream::kStack, static_cast<uint64_t>(first - 1), static_cast<size_t>(e.text));
  return Holds(std::memcmp(e.seg->payload.data(), given.data(), given.size()) == 0);
}

// The probe of a closed window with the first octet of a segment that is acknowledged in part, and
// so is still queued whole.
bool ProbesWithAnOldOctet(const Facts& facts, const Hypothesis& h, const Emission& e) {
  if (e.answers || e.text != 1 || e.header().fin()) return false;
  const Offset longest = std::max<Offset>({facts.peer_mss, 536, facts.longest_text});
  return facts.least_edge <= h.snd_una.hi && e.seq > h.snd_una.lo - longest;
}

// SND.UNA <= SEQ <= SND.MAX, or one octet before for a probe; a retransmission may begin below what
// was acknowledged, but must reach it.
Verdict JudgeContiguous(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                        const Emission& e) {
  if (e.header().rst() || e.header().syn() || IsNobody(state) || !e.has_place) {
    return Verdict::kNotApplicable;
  }
  if (e.seq > facts.snd_max) return Verdict::kViolated;
  return Holds(e.end() >= h.snd_una.lo - 1 || ProbesWithAnOldOctet(facts, h, e));
}

Verdict JudgeFinAsked(const Facts& facts, const Profile&, State state, const Hypothesis&,
                      const Emission& e) {
  if (!e.header().fin() || IsNobody(state)) return Verdict::kNotApplicable;
  // CLOSE-WAIT lasts until all that was queued is segmentized (3.10.4).
  if (state == State::kCloseWait) return Holds(facts.fin_requested);
  return Holds(state == State::kFinWait1 || state == State::kClosing || state == State::kLastAck);
}

Verdict JudgeFinPlace(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.header().fin() || !e.has_place) return Verdict::kNotApplicable;
  const Offset at = e.end() - 1;
  return Holds(at == facts.end_of_data() &&
               (facts.fin_at == observer::kNowhere || facts.fin_at == at));
}

Verdict JudgeOffered(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || e.header().rst() || !e.has_place) return Verdict::kNotApplicable;
  const Offset end = FirstOctet(e) + e.text;
  if (end <= facts.snd_max) return Verdict::kNotApplicable;  // nothing new: MAY-7
  if (end <= facts.send_edge) return Verdict::kHeld;
  return Holds(e.text == 1 && end <= facts.send_edge + 1);  // the probe's octet (3.8.6.1)
}

Verdict JudgeMss(const Facts& facts, const Profile& profile, const Emission& e) {
  if (e.text == 0 || e.header().rst() || !facts.has_irs) return Verdict::kNotApplicable;
  if (facts.peer_mss == 0) return Verdict::kNotApplicable;  // means nothing: each stack has its own
  const auto options = static_cast<Offset>(e.header().data_offset()) * 4 - 20;
  const Offset mss = std::max<Offset>(facts.peer_mss, profile.mss_floor);
  return Holds(e.text <= std::max<Offset>(1, mss - options));
}

Verdict JudgeSack(const Facts& facts, const Profile&, const Emission& e) {
  if (e.seg->options.sack.empty()) return Verdict::kNotApplicable;
  return Holds(facts.offered_sack);
}

constexpr Rule kRules[] = {
    {.id = "data.only-in-data-states",
     .sentence =
         "text in ESTABLISHED and CLOSE-WAIT, sent again until the FIN is acknowledged, else none",
     .section = "RFC 9293, 3.10.2",
     .cites = kDataStates,
     .concerns = kText,
     .of_belief = JudgeDataStates,
     .excused_by = Quirk::kSynSentSendsData},
    {.id = "stream.only-what-was-given",
     .sentence = "octets that the application gave to SEND",
     .section = "RFC 9293, 3.10.2",
     .cites = kGiven,
     .concerns = kText,
     .of_fact = JudgeGiven},
    {.id = "stream.same-octet-for-a-number",
     .sentence =
         "for each sequence number the octet that the application gave, whenever it is sent",
     .section = "RFC 9293, 3.4",
     .cites = kSame,
     .concerns = kText,
     .of_fact = JudgeSame},
    {.id = "seq.continues-the-stream",
     .sentence = "SEQ no further than SND.NXT and nothing wholly below SND.UNA-1",
     .section = "RFC 9293, 3.4",
     .cites = kContiguous,
     .concerns = kNeitherSynNorRst,
     .of_belief = JudgeContiguous,
     .excused_by = Quirk::kWindowFromBadAck},
    {.id = "fin.only-after-close",
     .sentence = "a FIN only after CLOSE, and no more once it is acknowledged",
     .section = "RFC 9293, 3.10.4",
     .cites = kFinAsked,
     .concerns = kAFin,
     .of_belief = JudgeFinAsked},
    {.id = "fin.stands-behind-all-data",
     .sentence = "the FIN behind the last octet given to SEND, always at the same number",
     .section = "RFC 9293, 3.10.4",
     .cites = kFinPlace,
     .concerns = kAFin,
     .of_fact = JudgeFinPlace,
     .excused_by = Quirk::kEarlyFin},
    {.id = "window.new-data-inside-it",
     .sentence = "new text inside SND.UNA+SND.WND, the one octet of a probe aside",
     .section = "RFC 9293, 3.8.6",
     .cites = kOffered,
     .concerns = kText,
     .of_fact = JudgeOffered,
     .excused_by = Quirk::kWindowFromBadAck},
    {.id = "mss.not-exceeded",
     .sentence = "text and options within the MSS that the peer offered, or the default",
     .section = "RFC 9293, 3.7.1",
     .cites = kMss,
     .concerns = kText,
     .of_fact = JudgeMss,
     .excused_by = Quirk::kMssFromAnySegment},
    {.id = "options.sack-only-if-permitted",
     .sentence = "SACK blocks only to a peer that permitted them",
     .section = "RFC 2018, 4",
     .cites = kSack,
     .concerns = kSackBlocks,
     .of_fact = JudgeSack},
};

}  // namespace

std::span<const Rule> StreamRules() { return kRules; }

}  // namespace assay::rules
