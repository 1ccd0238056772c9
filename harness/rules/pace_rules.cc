// How much a stack sends at once, in segments of what size, and when its timers may fire.

#include <algorithm>

#include "harness/observer/pacing.h"
#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Pace;

constexpr std::string_view kEarly[] = {"RFC6298-1-1", "RFC6298-2.1-1", "RFC6298-2.4-1",
                                       "RFC6298-5-1", "RFC6298-5.1-1", "RFC9293-MUST-18"};
constexpr std::string_view kRoundTrip[] = {"RFC6298-4-1", "RFC6298-3-1", "RFC6298-2.2-1"};
constexpr std::string_view kDoubles[] = {"RFC6298-5.5-1", "RFC6298-2.5-1", "RFC1122-4.2.3.1-1",
                                         "RFC9293-MUST-19", "RFC9293-MUST-22"};
constexpr std::string_view kOneSegment[] = {"RFC5681-3.1-8"};
constexpr std::string_view kLeftEdge[] = {"RFC9293-P-3.10.8-RTX", "RFC2018-5-1"};
constexpr std::string_view kFlight[] = {"RFC5681-2-1",    "RFC5681-3.1-1", "RFC5681-3.1-2",
                                        "RFC5681-3.1-3",  "RFC5681-3.1-5", "RFC6928-2-1",
                                        "RFC9293-MUST-19"};
constexpr std::string_view kThree[] = {"RFC5681-3.2-2", "RFC5681-2-2"};
constexpr std::string_view kFast[] = {"RFC5681-3.2-2", "RFC5681-3.2-5"};
constexpr std::string_view kProbeGap[] = {"RFC9293-SHLD-30", "RFC9293-MUST-36"};
constexpr std::string_view kFirstProbe[] = {"RFC9293-SHLD-29"};
constexpr std::string_view kOpenWindow[] = {"RFC9293-MUST-1", "RFC1122-4.2.2.20-g",
                                            "RFC9293-SHLD-28"};
constexpr std::string_view kKeepAlive[] = {"RFC9293-MUST-24", "RFC9293-MUST-25", "RFC9293-MUST-26",
                                           "RFC9293-MUST-28"};
constexpr std::string_view kKeepAliveText[] = {"RFC9293-SHLD-12"};
constexpr std::string_view kNagle[] = {"RFC9293-SHLD-7"};
constexpr std::string_view kNoDelay[] = {"RFC9293-MUST-17"};
constexpr std::string_view kSillySender[] = {"RFC9293-MUST-38", "RFC9293-SHLD-27",
                                             "RFC9293-SHLD-28"};
constexpr std::string_view kSillyReceiver[] = {"RFC9293-MUST-39"};
constexpr std::string_view kPush[] = {"RFC9293-MUST-61"};
constexpr std::string_view kUrgentPoints[] = {"RFC9293-MUST-62", "RFC793-3.1-UP"};
constexpr std::string_view kUrgentTold[] = {"RFC9293-MUST-30", "RFC6093-5-1"};
constexpr std::string_view kUserTimeout[] = {"RFC9293-P-3.10.8-USERTO", "RFC9293-MUST-21"};
constexpr std::string_view kShrunk[] = {"RFC9293-SHLD-15", "RFC7323-2.4-3", "RFC9293-MUST-34"};

// What a clock that is read in ticks may add to, or take off, an interval.
Duration Slack(const Profile& profile, Duration of) { return profile.tick * 2 + of / 20; }

// It is the first of what this time-out sends again.
bool Begins(const Facts& facts, const Emission& e) {
  return facts.pace.resends == 0 || e.seg->at > facts.pace.resent_at;
}
Duration Waited(const Facts& facts, const Emission& e) {
  return e.seg->at - (facts.pace.resends == 0 ? facts.first_sent : facts.pace.resent_at);
}

// While a recovery may last its own retransmissions start the timer, or do not.
bool TimerIsKnown(const Facts& facts) { return facts.window_ack >= facts.pace.recover; }

Verdict JudgeEarly(const Facts& facts, const Profile& profile, const Emission& e) {
  if (!IsTimedResend(facts, e) || !Begins(facts, e) || !TimerIsKnown(facts)) {
    return Verdict::kNotApplicable;
  }
  return Holds(Waited(facts, e) + Slack(profile, profile.rto_min) >= profile.rto_min);
}

Verdict JudgeRoundTrip(const Facts& facts, const Profile& profile, const Emission& e) {
  if (!IsTimedResend(facts, e) || !Begins(facts, e) || !TimerIsKnown(facts) ||
      !facts.pace.measured || facts.stack_offered_timestamps) {
    return Verdict::kNotApplicable;
  }
  // A cap of the RTO may lie below the round trip (RFC 6298, 2.5).
  const Duration least = std::min(facts.pace.least_rtt, Duration::Seconds(60));
  return Holds(Waited(facts, e) + Slack(profile, least) >= least);
}

Verdict JudgeDoubles(const Facts& facts, const Profile& profile, const Emission& e) {
  const Pace& pace = facts.pace;
  if (!IsTimedResend(facts, e) || pace.resends == 0 || e.seg->at == pace.resent_at ||
      pace.gap == Duration() || facts.last_stimulus >= pace.resent_at || !TimerIsKnown(facts)) {
    return Verdict::kNotApplicable;
  }
  const Duration doubled = std::min(pace.gap * 2, Duration::Seconds(60));
  return Holds(e.seg->at - pace.resent_at + Slack(profile, doubled) >= doubled);
}

Verdict JudgeOneSegment(const Facts& facts, const Profile& profile, State state,
                        const Hypothesis& h, const Emission& e) {
  if (e.text == 0 || !facts.pace.collapse_lasts || e.header().rst() || IsNobody(state) ||
      facts.least_peer_mss == 0) {
    return Verdict::kNotApplicable;
  }
  if (IsProbe(facts, e) || e.text == 1) return Verdict::kNotApplicable;
  return Holds(e.seq + e.text - h.snd_una.hi <= facts.MostSmss(profile.mss_floor));
}

// Whatever SACK has reported: what is not acknowledged may have been dropped again.
Verdict JudgeLeftEdge(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                      const Emission& e) {
  if (IsNobody(state) || !IsTimedResend(facts, e) || !Begins(facts, e) || e.header().syn()) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seq <= h.snd_una.hi);
}

Verdict JudgeFlight(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                    const Emission& e) {
  const Offset end = e.seq + e.text;
  if (IsNobody(state) || e.text <= 1 || e.header().rst() || !e.has_place || e.header().syn() ||
      end <= facts.snd_max || facts.least_peer_mss == 0 || facts.congestion.unsure) {
    return Verdict::kNotApplicable;
  }
  // Another congestion control may find that the time-out was for nothing (RFC 5682).
  if (facts.pace.collapsed && !profile.standard_congestion) return Verdict::kNotApplicable;
  // What SACK reports is not in flight (RFC 6675, 5).
  if (facts.sack_agreed()) return Verdict::kNotApplicable;
  const Offset una = std::max<Offset>(h.snd_una.hi, 1);
  const Offset most = facts.pace.MostInFlight(facts.MostSmss(profile.mss_floor));
  // A recovery that began behind a time-out leaves more.
  const observer::Congestion& c = facts.congestion;
  return Holds(end - una <= std::max(most, c.window + c.inflated));
}

// Sent again as an answer, with no time-out, recovery or refusal by a window to have begun it.
Verdict JudgeThree(const Facts& facts, const Profile& profile, const Emission& e) {
  const Pace& pace = facts.pace;
  if (e.text == 0 || !e.answers || e.header().syn() || e.header().rst() || !e.has_place ||
      e.seq + e.text > facts.snd_max || !pace.plain || !pace.edge_is_sure || facts.sack_agreed() ||
      MayBeTimed(facts, profile, e)) {
    return Verdict::kNotApplicable;
  }
  // With a quirk the window of a bad ACK lets go what probes have sent already.
  const bool stray = facts.stray.bad_ack >= facts.window_ack;
  if (stray && profile.quirks.Has(Quirk::kWindowFromBadAck)) return Verdict::kNotApplicable;
  return Holds(pace.duplicates >= 3);
}

Verdict JudgeFast(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                  Instant now) {
  const Pace& pace = facts.pace;
  // With quirks it may go by another window.
  const bool strays = facts.stray.least_window < observer::kUnbounded;
  if (!pace.fast_due || strays || IsNobody(state) || state == State::kTimeWait) {
    return Verdict::kNotApplicable;
  }
  if (!h.snd_una.certain() || h.snd_una.lo != facts.window_ack) return Verdict::kNotApplicable;
  return Holds(now <= pace.fast_due_at);
}

Verdict JudgeProbeGap(const Facts& facts, const Profile& profile, const Emission& e) {
  const Pace& pace = facts.pace;
  if (!IsProbe(facts, e) || pace.probes < 2 || facts.last_stimulus > pace.probed_at) {
    return Verdict::kNotApplicable;
  }
  const Duration least = std::min(pace.probe_gap, Duration::Seconds(60));
  return Holds(e.seg->at - pace.probed_at + Slack(profile, least) >= least);
}

Verdict JudgeFirstProbe(const Facts& facts, const Profile& profile, const Emission& e) {
  const Pace& pace = facts.pace;
  if (!IsProbe(facts, e) || pace.probes > 0 || !pace.closed ||
      facts.snd_max >= facts.end_of_data()) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seg->at - pace.closed_at + Slack(profile, profile.rto_min) >= profile.rto_min);
}

// The probe's single octet, with more behind it, where the window has room for all.
Verdict JudgeOpenWindow(const Facts& facts, const Profile& profile, const Emission& e) {
  const Pace& pace = facts.pace;
  if (e.text != 1 || e.answers || e.header().fin() || !pace.edge_is_sure || !e.has_place ||
      e.seq + 1 >= facts.end_of_data() || e.seq < facts.snd_max) {
    return Verdict::kNotApplicable;
  }
  const Offset smss = facts.MostSmss(profile.mss_floor);
  if (facts.peer_mss <= 1 || pace.edge - pace.edge_ack < smss || pace.edge - e.seq < smss) {
    return Verdict::kNotApplicable;
  }
  return Verdict::kViolated;
}

// By a timer, with nothing to send: an empty segment or an octet of garbage below SND.NXT.
bool IsKeepAlive(const Facts& facts, const Hypothesis& h, State state, const Emission& e) {
  if (IsNobody(state) || state == State::kTimeWait || e.answers || e.header().rst() ||
      e.header().syn() || e.header().fin() || !e.has_place || !h.snd_una.certain()) {
    return false;
  }
  const bool nothing = facts.snd_max == h.snd_una.lo && facts.snd_max >= facts.end_of_data() &&
                       (!facts.fin_requested || facts.fin_at != observer::kNowhere);
  return nothing && e.seq == facts.snd_max - 1 && e.text <= 1;
}

Verdict JudgeKeepAlive(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                       const Emission& e) {
  if (!IsKeepAlive(facts, h, state, e)) return Verdict::kNotApplicable;
  if (!facts.keep_alive) return Verdict::kViolated;
  const Duration idle = profile.keep_alive_idle;
  return Holds(e.seg->at - facts.last_heard + Slack(profile, idle) >= idle);
}

Verdict JudgeKeepAliveText(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                           const Emission& e) {
  if (!IsKeepAlive(facts, h, state, e)) return Verdict::kNotApplicable;
  return Holds(e.text == 0);
}

// Small, the last of the queue, and another like it not acknowledged yet: no variant allows it.
Verdict JudgeNagle(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                   const Emission& e) {
  const Pace& pace = facts.pace;
  if (IsNobody(state) || e.text == 0 || !e.answers || e.header().syn() || e.header().fin() ||
      e.header().rst() || e.header().urg() || !e.has_place || facts.no_delay ||
      facts.send_refused || e.seq < facts.snd_max || !IsSmall(facts, profile, e)) {
    return Verdict::kNotApplicable;
  }
  if (e.seq + e.text != facts.end_of_data() || !pace.edge_is_sure || facts.fin_requested ||
      e.seq + e.text >= pace.edge || pace.small_end <= 1 || !pace.plain || pace.duplicates > 0) {
    return Verdict::kNotApplicable;
  }
  return Holds(pace.small_end <= h.snd_una.hi);
}

// With the switch thrown nothing waits for an ACK that the two windows do not ask for.
Verdict JudgeNoDelay(const Facts& facts, const Profile& profile, State state, const Hypothesis& h,
                     Instant now) {
  const Pace& pace = facts.pace;
  if (!facts.no_delay || (state != State::kEstablished && state != State::kCloseWait) ||
      !pace.plain || !pace.edge_is_sure || !h.snd_una.certain() || facts.least_peer_mss < 64 ||
      facts.end_of_data() <= facts.snd_max || facts.unpushed) {
    return Verdict::kNotApplicable;
  }
  // All of it together is less than a segment, and inside the window.
  const Offset all = facts.end_of_data() - h.snd_una.lo;
  constexpr Offset kMostHeaders = 40 + 60;
  const Offset fits = profile.mtu == 0 ? 500 : Offset{profile.mtu} - kMostHeaders;
  if (all >= std::min<Offset>({facts.least_peer_mss, fits, 500}) ||
      facts.end_of_data() > pace.edge || pace.edge - pace.edge_ack < 1'000) {
    return Verdict::kNotApplicable;
  }
  return Holds(now <= facts.last_stimulus + profile.tick * 2);
}

Verdict JudgeSillySender(const Facts& facts, const Profile& profile, const Emission& e) {
  if (e.text == 0 || !e.answers || e.header().syn() || e.header().rst() || !e.has_place ||
      e.seq < facts.snd_max || e.seq + e.text >= facts.end_of_data()) {
    return Verdict::kNotApplicable;
  }
  if (!IsSmall(facts, profile, e) || !IsSilly(facts, e)) return Verdict::kHeld;
  return Holds(facts.pace.silly_texts < 2);
}

Verdict JudgeSillyReceiver(const Facts& facts, const Profile&, const Emission& e) {
  if (!facts.has_acked || !e.header().has_ack() || e.header().syn() || e.header().rst() ||
      facts.pace.silly_steps == 0) {
    return Verdict::kNotApplicable;
  }
  return Holds(facts.pace.silly_steps < 3);
}

Verdict JudgePush(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || e.header().syn() || e.header().rst() || !e.has_place) {
    return Verdict::kNotApplicable;
  }
  const Offset end = e.seq + e.text;
  // A probe is no part of the queue's end, even where it is all of it.
  const bool probe = e.text == 1 && !e.answers;
  if (end <= facts.snd_max || end != facts.end_of_data() || facts.unpushed || probe) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.header().psh());
}

Verdict JudgeShrunk(const Facts& facts, const Profile&, const Emission& e) {
  const Pace& pace = facts.pace;
  if (e.text == 0 || e.header().syn() || e.header().rst() || !e.has_place || !pace.edge_is_sure) {
    return Verdict::kNotApplicable;
  }
  const Offset end = e.seq + e.text;
  if (end <= facts.snd_max || pace.edge >= facts.send_edge) return Verdict::kNotApplicable;
  return Holds(end <= pace.edge || (e.text == 1 && !e.answers));
}

// The pointer names the octet behind what was given to SEND as urgent, or as far as it reaches.
Verdict JudgeUrgentPoints(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.header().urg() || e.header().rst() || e.header().syn() || !e.has_place ||
      facts.urgent_unsure) {
    return Verdict::kNotApplicable;
  }
  const Offset to = e.seq + e.header().urgent;
  for (const Offset end : facts.urgent_ends) {
    if (to == end || (e.header().urgent == 65535 && to < end)) return Verdict::kHeld;
  }
  return Verdict::kViolated;
}

Verdict JudgeUrgentTold(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || e.header().syn() || e.header().rst() || !e.has_place ||
      facts.urgent_ends.empty() || facts.urgent_unsure || e.seq < facts.snd_max ||
      e.seq >= facts.urgent_ends.back()) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.header().urg());
}

// The timer that fires behind it ends the connection, and sends nothing again.
Verdict JudgeUserTimeout(const Facts& facts, const Profile& profile, const Emission& e) {
  if (facts.user_timeout == Duration() || !IsTimedResend(facts, e)) return Verdict::kNotApplicable;
  const Duration limit = facts.user_timeout;
  const Instant since = std::max(facts.first_sent, facts.last_stimulus);
  return Holds(e.seg->at - since <= limit + Slack(profile, limit));
}

constexpr Rule kRules[] = {
    {.id = "urgent.points-behind-it",
     .sentence =
         "URG only for what the user called urgent, SEQ and pointer naming the octet behind",
     .section = "RFC 9293, 3.8.5",
     .cites = kUrgentPoints,
     .concerns = kUrgentPointer,
     .of_fact = JudgeUrgentPoints,
     .excused_by = Quirk::kUrgentCopied},
    {.id = "urgent.is-announced",
     .sentence = "URG on text up to the end of what the user called urgent",
     .section = "RFC 9293, 3.8.5",
     .cites = kUrgentTold,
     .concerns = kText,
     .given = Given::kUrgentData,
     .of_fact = JudgeUrgentTold},
    {.id = "user-timeout.ends-the-connection",
     .sentence = "nothing sent again once the user's timeout has passed without an ACK",
     .section = "RFC 9293, 3.10.8",
     .level = Level::kProse,
     .cites = kUserTimeout,
     .concerns = kASyn | kAFin | kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeUserTimeout},
    {.id = "rto.not-before-its-minimum",
     .sentence = "a retransmission by the timer no earlier than the least RTO after the head was "
                 "sent, or after the ACK that made it the head",
     .section = "RFC 6298, 2 and 5",
     .level = Level::kShould,
     .cites = kEarly,
     .concerns = kASyn | kAFin | kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeEarly},
    {.id = "rto.longer-than-a-round-trip",
     .sentence = "an RTO above the least round trip that was measured",
     .section = "RFC 6298, 2",
     .cites = kRoundTrip,
     .concerns = kASyn | kAFin | kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeRoundTrip,
     .excused_by = Quirk::kSamplesAnyAck},
    {.id = "rto.doubles",
     .sentence = "each time-out twice as long as the one before, up to a cap of 60 s or more",
     .section = "RFC 6298, 5",
     .cites = kDoubles,
     .concerns = kASyn | kAFin | kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeDoubles,
     .excused_by = Quirk::kSynWithoutBackoff},
    {.id = "rto.begins-at-the-left-edge",
     .sentence = "a time-out that sends again from SND.UNA on",
     .section = "RFC 9293, 3.10.8",
     .cites = kLeftEdge,
     .concerns = kAFin | kText,
     .cause = Cause::kTimer,
     .of_belief = JudgeLeftEdge,
     .excused_by = Quirk::kWindowFromBadAck,
     .or_by = Quirk::kSmallWhereFull},
    {.id = "rto.one-segment-after-it",
     .sentence = "one segment after a time-out, until an ACK comes",
     .section = "RFC 5681, 3.1",
     .cites = kOneSegment,
     .concerns = kText,
     .given = Given::kTimeOut,
     .of_belief = JudgeOneSegment,
     .excused_by = Quirk::kMssFromAnySegment},
    {.id = "congestion.window-not-exceeded",
     .sentence = "no more in flight than the initial window and what ACKs have added to it",
     .section = "RFC 5681, 3.1",
     .cites = kFlight,
     .concerns = kText,
     .of_belief = JudgeFlight,
     .excused_by = Quirk::kInitialWindowAfterLoss},
    {.id = "fast-retransmit.not-before-three",
     .sentence = "a retransmission without a time-out at the third duplicate ACK and not before",
     .section = "RFC 5681, 3.2",
     .level = Level::kShould,
     .cites = kThree,
     .concerns = kText,
     .cause = Cause::kStimulus,
     .given = Given::kRepetition,
     .of_fact = JudgeThree},
    {.id = "fast-retransmit.at-the-third",
     .sentence = "the head sent again at the third duplicate ACK, without waiting for the timer",
     .section = "RFC 5681, 3.2",
     .level = Level::kShould,
     .cites = kFast,
     .of_silence = JudgeFast,
     .excused_by = Quirk::kNewSeqIsNoDuplicate},
    {.id = "probe.gaps-do-not-shrink",
     .sentence = "probes of a closed window that come no faster than before",
     .section = "RFC 9293, 3.8.6.1",
     .level = Level::kShould,
     .cites = kProbeGap,
     .concerns = kNeitherSynNorRst,
     .cause = Cause::kTimer,
     .of_fact = JudgeProbeGap},
    {.id = "probe.first-after-an-rto",
     .sentence = "the first probe of a closed window no earlier than the least RTO",
     .section = "RFC 9293, 3.8.6.1",
     .level = Level::kShould,
     .cites = kFirstProbe,
     .concerns = kNeitherSynNorRst,
     .cause = Cause::kTimer,
     .of_fact = JudgeFirstProbe},
    {.id = "probe.of-a-closed-window-alone",
     .sentence =
         "text as the window has room for it, and the single octet of a probe only where it "
         "is closed",
     .section = "RFC 9293, 3.8.6.1",
     .cites = kOpenWindow,
     .concerns = kText,
     .cause = Cause::kTimer,
     .of_fact = JudgeOpenWindow,
     .excused_by = Quirk::kWindowFromBadAck},
    {.id = "keep-alive.only-if-asked-and-idle",
     .sentence = "keep-alives only where the user turned them on, and after two idle hours",
     .section = "RFC 9293, 3.8.4",
     .cites = kKeepAlive,
     .concerns = kNeitherSynNorRst,
     .cause = Cause::kTimer,
     .of_belief = JudgeKeepAlive},
    {.id = "keep-alive.has-no-text",
     .sentence = "a keep-alive without an octet of text",
     .section = "RFC 9293, 3.8.4",
     .level = Level::kShould,
     .cites = kKeepAliveText,
     .concerns = kNeitherSynNorRst,
     .cause = Cause::kTimer,
     .of_belief = JudgeKeepAliveText},
    {.id = "nagle.one-small-segment",
     .sentence = "a small segment only once the small segment before it is acknowledged",
     .section = "RFC 9293, 3.7.4",
     .level = Level::kShould,
     .cites = kNagle,
     .concerns = kText,
     .cause = Cause::kStimulus,
     .given = Given::kSmallSegment,
     .of_belief = JudgeNagle,
     .excused_by = Quirk::kSmallWhereFull},
    {.id = "nagle.not-where-it-is-off",
     .sentence = "small segments at once where the user turned Nagle's algorithm off",
     .section = "RFC 9293, 3.7.4",
     .cites = kNoDelay,
     .of_silence = JudgeNoDelay,
     .excused_by = Quirk::kWindowFromBadAck},
    {.id = "text.no-silly-segments",
     .sentence = "full segments while there is more to send, or half the largest window at least",
     .section = "RFC 9293, 3.8.6.2.1",
     .cites = kSillySender,
     .concerns = kText,
     .cause = Cause::kStimulus,
     .of_fact = JudgeSillySender,
     .excused_by = Quirk::kMssFromAnySegment,
     .or_by = Quirk::kCutWhenQueued},
    {.id = "window.no-silly-steps",
     .sentence = "a right edge that moves by a full segment or by half the buffer",
     .section = "RFC 9293, 3.8.6.2.2",
     .cites = kSillyReceiver,
     .concerns = kAnAck,
     .given = Given::kSmallSteps,
     .of_fact = JudgeSillyReceiver,
     .excused_by = Quirk::kWindowStands},
    {.id = "push.on-the-last-of-the-queue",
     .sentence = "PSH on the segment that ends what the user gave to SEND",
     .section = "RFC 9293, 3.9.1.2",
     .cites = kPush,
     .concerns = kText,
     .of_fact = JudgePush},
    {.id = "window.no-new-data-after-it-shrank",
     .sentence = "no new text beyond a right edge that was moved to the left",
     .section = "RFC 9293, 3.8.6",
     .level = Level::kShould,
     .cites = kShrunk,
     .concerns = kText,
     .given = Given::kSmallerWindow,
     .of_fact = JudgeShrunk,
     .excused_by = Quirk::kIgnoresSmallerWindow,
     .or_by = Quirk::kWindowFromBadAck},
};

}  // namespace

std::span<const Rule> PaceRules() { return kRules; }

}  // namespace assay::rules
