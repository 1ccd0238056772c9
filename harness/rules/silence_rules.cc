// What a stack owes: replies by their deadline, and progress while there is something to send.

#include <algorithm>

#include "harness/observer/pacing.h"
#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Debt;
using observer::Reason;

// Text counts whatever options stand before it.
constexpr std::string_view kData[] = {"RFC9293-MUST-40", "RFC5681-4.2-1", "RFC9293-MUST-5",
                                      "RFC9293-MUST-6",  "RFC7323-3.2-9", "RFC5482-3-1"};
constexpr std::string_view kUnacceptable[] = {"RFC9293-P-3.5.2-SYNC-ACK", "RFC9293-MAY-8"};
constexpr std::string_view kBadAck[] = {"RFC9293-P-3.5.2-SYNC-ACK",
                                        "RFC9293-U-3.10.7.4-ACK1",
                                        "RFC9293-U-3.10.7.4-ACK2",
                                        "RFC9293-MAY-12",
                                        "RFC5961-5.2-1",
                                        "RFC5961-5.2-2",
                                        "RFC5961-5.2-3"};
constexpr std::string_view kChallenge[] = {"RFC9293-U-3.10.7.4-RST3", "RFC9293-U-3.10.7.4-SYN1",
                                           "RFC5961-3.2-3", "RFC5961-4.2-1"};
constexpr std::string_view kOld[] = {"RFC7323-5.3-1", "RFC7323-5.3-2"};
constexpr std::string_view kGap[] = {"RFC5681-3.2-1", "RFC2018-4-3"};
constexpr std::string_view kSecond[] = {"RFC9293-SHLD-19", "RFC5681-4.2-2"};
constexpr std::string_view kNobody[] = {"RFC9293-P-3.5.2-RST-NOCONN"};
constexpr std::string_view kUnsynchronized[] = {"RFC9293-P-3.5.2-RST-UNSYNC"};
constexpr std::string_view kSyn[] = {"RFC9293-MUST-10", "RFC9293-MUST-42", "RFC7323-3.2-3"};
constexpr std::string_view kOpen[] = {"RFC9293-MUST-44"};
constexpr std::string_view kAbort[] = {"RFC9293-P-3.5.2-RST-NOCONN", "RFC6429-4-2"};
constexpr std::string_view kUnread[] = {"RFC9293-SHLD-3", "RFC9293-MAY-1"};
constexpr std::string_view kOutstanding[] = {"RFC9293-P-3.10.8-RTX", "RFC9293-P-3.6-FIN-RELIABLE",
                                             "RFC9293-MUST-20",      "RFC9293-MUST-23",
                                             "RFC9293-SHLD-16",      "RFC2018-8-2",
                                             "RFC2018-5.1-1",        "RFC6675-4-1"};
constexpr std::string_view kQueued[] = {"RFC9293-MUST-36", "RFC9293-MUST-35", "RFC9293-MUST-60"};

Verdict Overdue(const Debt& debt, Reason reason, Instant now) {
  if (debt.reason != reason) return Verdict::kNotApplicable;
  return now >= debt.deadline ? Verdict::kViolated : Verdict::kNotApplicable;
}

template <Reason reason>
Verdict JudgeAck(const Facts&, const Profile&, State, const Hypothesis& h, Instant now) {
  return Overdue(h.ack, reason, now);
}
template <Reason reason>
Verdict JudgeRst(const Facts&, const Profile&, State, const Hypothesis& h, Instant now) {
  return Overdue(h.rst, reason, now);
}
template <Reason reason>
Verdict JudgeSyn(const Facts&, const Profile&, State, const Hypothesis& h, Instant now) {
  const Verdict own = Overdue(h.syn, reason, now);
  return own != Verdict::kNotApplicable ? own : Overdue(h.ack, reason, now);
}

Verdict JudgeOutstanding(const Facts& facts, const Profile& profile, State state,
                         const Hypothesis& h, Instant now) {
  if (IsNobody(state) || state == State::kTimeWait || state == State::kFinWait2) {
    return Verdict::kNotApplicable;
  }
  if (facts.snd_max <= h.snd_una.hi || !facts.has_iss) return Verdict::kNotApplicable;
  return Holds(now - facts.last_sent <= observer::LongestSilence(facts, profile));
}

Verdict JudgeQueued(const Facts& facts, const Profile& profile, State state, const Hypothesis&,
                    Instant now) {
  switch (state) {
    case State::kEstablished:
    case State::kCloseWait:
    case State::kFinWait1:
    case State::kClosing:
    case State::kLastAck:
      break;
    default:
      return Verdict::kNotApplicable;
  }
  const bool fin_due = facts.fin_requested && facts.fin_at == observer::kNowhere;
  if (facts.snd_max >= facts.end_of_data() && !fin_due) return Verdict::kNotApplicable;
  const Instant since = std::max(facts.last_sent, facts.last_stimulus);
  return Holds(now - since <= observer::LongestSilence(facts, profile));
}

constexpr Rule kRules[] = {
    {.id = "ack.within-half-a-second",
     .sentence = "text and FIN acknowledged within 0.5 s",
     .section = "RFC 9293, 3.8.6.3",
     .cites = kData,
     .of_silence = JudgeAck<Reason::kData>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "ack.answers-the-unacceptable",
     .sentence = "an ACK for a segment that fails the sequence test",
     .section = "RFC 9293, 3.10.7.4, first",
     .level = Level::kProse,
     .cites = kUnacceptable,
     .of_silence = JudgeAck<Reason::kUnacceptable>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "ack.answers-what-was-never-sent",
     .sentence = "an ACK for a segment that acknowledges what was never sent",
     .section = "RFC 9293, 3.10.7.4, fifth",
     .level = Level::kProse,
     .cites = kBadAck,
     .of_silence = JudgeAck<Reason::kBadAck>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "challenge.answers-rst-and-syn",
     .sentence = "a challenge ACK for a RST in the window but not at RCV.NXT, and for a SYN",
     .section = "RFC 5961, 3.2 and 4.2",
     .cites = kChallenge,
     .of_silence = JudgeAck<Reason::kChallenge>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "paws.drop-is-acknowledged",
     .sentence = "an ACK for a segment whose timestamp is older than TS.Recent, and nothing taken",
     .section = "RFC 7323, 5.3",
     .level = Level::kProse,
     .cites = kOld,
     .of_silence = JudgeAck<Reason::kOld>},
    {.id = "ack.tells-of-a-gap-at-once",
     .sentence = "an ACK at once for text behind a gap",
     .section = "RFC 5681, 3.2",
     .level = Level::kShould,
     .cites = kGap,
     .of_silence = JudgeAck<Reason::kGap>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "ack.for-every-second-segment",
     .sentence = "an ACK at once for as much text as two full segments have",
     .section = "RFC 5681, 4.2",
     .level = Level::kShould,
     .cites = kSecond,
     .of_silence = JudgeAck<Reason::kSecond>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "nobody.answers-with-rst",
     .sentence = "a RST for a segment of no connection",
     .section = "RFC 9293, 3.10.7.1",
     .cites = kNobody,
     .of_silence = JudgeRst<Reason::kNobody>},
    {.id = "rst.answers-an-unacceptable-ack",
     .sentence =
         "a RST with SEQ=SEG.ACK for an unacceptable ACK in LISTEN, SYN-SENT and SYN-RECEIVED",
     .section = "RFC 9293, 3.5.2",
     .cites = kUnsynchronized,
     .of_silence = JudgeRst<Reason::kUnsynchronized>},
    {.id = "handshake.syn-is-answered",
     .sentence = "a SYN,ACK for a SYN in LISTEN and SYN-SENT, an ACK for a SYN,ACK in SYN-SENT",
     .section = "RFC 9293, 3.10.7.2 and 3.10.7.3",
     .cites = kSyn,
     .of_silence = JudgeSyn<Reason::kSyn>,
     .excused_by = Quirk::kAckLostBehindNagle},
    {.id = "open.sends-a-syn",
     .sentence = "a SYN at once for an active OPEN",
     .section = "RFC 9293, 3.10.1",
     .cites = kOpen,
     .of_silence = JudgeSyn<Reason::kOpen>},
    {.id = "abort.sends-rst",
     .sentence = "a RST for an ABORT of a connection that the peer knows of",
     .section = "RFC 9293, 3.10.5",
     .cites = kAbort,
     .of_silence = JudgeRst<Reason::kAbort>},
    {.id = "close.resets-what-nobody-reads",
     .sentence = "a RST where the user has closed and text is unread, or still arrives",
     .section = "RFC 9293, 3.6.1",
     .level = Level::kShould,
     .cites = kUnread,
     .of_silence = JudgeRst<Reason::kUnread>},
    {.id = "retransmission.goes-on",
     .sentence =
         "what is not acknowledged is sent again within the longest RTO, or given up after R2",
     .section = "RFC 9293, 3.8.1",
     .cites = kOutstanding,
     .of_silence = JudgeOutstanding,
     .excused_by = Quirk::kQueuedDataStalls},
    {.id = "sending.goes-on",
     .sentence = "what is queued is sent, or a closed window is probed",
     .section = "RFC 9293, 3.8.6.1",
     .cites = kQueued,
     .of_silence = JudgeQueued,
     .excused_by = Quirk::kQueuedDataStalls},
};

}  // namespace

std::span<const Rule> SilenceRules() { return kRules; }

}  // namespace assay::rules
