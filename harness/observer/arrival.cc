#include "harness/observer/arrival.h"

#include <algorithm>

namespace assay::observer {
namespace {

using spec::State;

enum class Answer : uint8_t { kNo, kMaybe, kYes };

// The segment in the offsets of one incarnation.
struct Arrival {
  const Facts& facts;
  const Profile& profile;
  const SegmentSeen& seg;
  Successors out;
  Offset seq = 0;   // SEG.SEQ
  Offset ack = 0;   // SEG.ACK
  Offset text = 0;  // octets of text
  Offset len = 0;   // SEG.LEN

  Offset end() const { return seq + len; }
  bool has_ack() const { return seg.header.has_ack(); }
  Instant deadline() const { return seg.at + profile.delayed_ack_max + profile.tick; }
  Instant soon() const { return seg.at + profile.tick; }
  // The same, with successors that rest on a quirk.
  Arrival InQuirksLane() const {
    Arrival other = *this;
    other.out.lane = 1;
    return other;
  }
  // In (ISS, SND.NXT]: acknowledges something that was sent.
  bool AckIsOfWhatWasSent() const { return has_ack() && ack > 0 && ack <= facts.snd_max; }
  bool CoversFin(Offset value) const { return facts.fin_at != kNowhere && value > facts.fin_at; }
};

void Permit(Hypothesis& h, const Arrival& a, uint8_t acks = 1) {
  h.ack_permits = static_cast<uint8_t>(std::min(3, h.ack_permits + acks));
  h.permits_until = a.deadline();
}

// An ACK is owed by the deadline; the earlier of two debts stays.
void Owe(Hypothesis& h, const Arrival& a, Reason reason) {
  if (a.profile.throttle > Duration() && reason != Reason::kData &&
      a.seg.at - a.facts.last_answer < a.profile.throttle) {
    return;
  }
  if (h.ack.owed()) return;
  h.ack = {a.deadline(), h.rcv_nxt.lo, reason};
}

// An ACK is owed at once; it replaces one that may wait.
void OweAtOnce(Hypothesis& h, const Arrival& a, Reason reason) {
  if (h.ack.owed() && h.ack.deadline <= a.soon()) return;
  h.ack = {a.soon(), h.rcv_nxt.lo, reason};
}

// The RST formulae of 3.5.2 and 3.10.7.1.
AllowedRst Formula(const Arrival& a) {
  const uint32_t end = a.seg.header.seq + a.seg.len();
  if (a.has_ack()) return {a.seg.header.ack, end, false};
  return {0, end, true};
}

void AllowRst(Hypothesis& h, const AllowedRst& form) {
  if (!h.rst_forms.TryPush(form)) h.rst_any = true;
}

void OweRst(Hypothesis& h, const Arrival& a, Reason reason) {
  AllowRst(h, Formula(a));
  h.rst = {a.soon(), 0, reason};
}

// SYN and FIN together may count as one octet in the RST (a quirk).
void PutResetCountingOnce(State state, const Hypothesis& before, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  if (!header.syn() || !header.fin() || !a.profile.quirks.Has(Quirk::kResetCountsSynFinOnce)) {
    return;
  }
  Hypothesis quirky = before;
  AllowedRst form = Formula(a);
  --form.ack;
  AllowRst(quirky, form);
  a.out.PutQuirk(state, quirky, Quirk::kResetCountsSynFinOnce);
}

// Nobody is there any more.
void Die(const Hypothesis& h, const Arrival& a) {
  Hypothesis dead = h;
  dead.ack = dead.rst = dead.syn = {};
  dead.ack_permits = dead.syn_permits = 0;
  dead.since = a.seg.at;
  a.out.Put(a.out.nobody, dead);
}

// The same by a known deviation, perhaps with a RST as the answer.
void DieByQuirk(const Hypothesis& h, const Arrival& a, Quirk quirk) {
  Hypothesis quirky = h;
  quirky.quirks.Add(quirk);
  Die(quirky, a.InQuirksLane());
}
void ResetByQuirk(const Hypothesis& h, const Arrival& a, Quirk quirk) {
  Hypothesis quirky = h;
  AllowRst(quirky, Formula(a));
  DieByQuirk(quirky, a, quirk);
}
// The same where what the acknowledgment lets go out comes before the RST.
void ResetByQuirk(State state, const Hypothesis& h, const Arrival& a, Quirk quirk) {
  ResetByQuirk(h, a, quirk);
  Hypothesis quirky = h;
  AllowRst(quirky, Formula(a));
  quirky.rst_in_flight = true;
  a.out.PutQuirk(state, quirky, quirk);
}

// What is left of a connection in FIN-WAIT-2 that nobody will read from: some stacks keep little of
// it, and look at little of what still comes.
bool IsRemnant(State state, const Hypothesis& h) { return state == State::kFinWait2 && h.app_gone; }

bool HasTakenFin(State state) {
  return state == State::kCloseWait || state == State::kClosing || state == State::kLastAck;
}

// Options that cannot be delimited: ignored, the segment dropped whatever else it is, or a RST, all
// are legal (MUST-7).
void MayDropForOptions(State state, const Hypothesis& h, const Arrival& a) {
  if (a.seg.options.well_formed) return;
  Hypothesis dropped = h;
  if (!IsNobody(state) && !a.seg.header.rst()) Permit(dropped, a);
  a.out.Put(state, dropped);
  if (a.seg.header.rst()) return;
  Hypothesis reset = h;
  AllowRst(reset, Formula(a));
  Die(reset, a);
}

// A segment that lacks the timestamps that were agreed on, or is older than another: dropped, with
// an ACK or without (RFC 7323, 3.2 and 5.3). One without them is taken by some. True if it must be
// dropped.
bool DropsForTimestamp(State state, const Hypothesis& h, const Arrival& a) {
  if (!a.facts.may_look_old || IsNobody(state) || state == State::kSynSent) return false;
  Hypothesis dropped = h;
  Permit(dropped, a);
  if (state == State::kTimeWait) dropped.time_wait_latest = a.seg.at;
  const wire::Header& header = a.seg.header;
  const bool must = a.facts.stamps.surely_old && a.len > 0 && header.has_ack() && !header.syn() &&
                    !header.rst() && state != State::kSynReceived && state != State::kTimeWait &&
                    a.seg.options.well_formed;
  if (must) Owe(dropped, a, Reason::kOld);
  a.out.Put(state, dropped);
  return must;
}

// ---------------------------------------------------------------------------------------------
// CLOSED and LISTEN

void ArriveAtClosed(const Hypothesis& before, const Arrival& a) {
  Hypothesis h = before;
  if (!a.seg.header.rst()) {
    OweRst(h, a, Reason::kNobody);
    PutResetCountingOnce(State::kClosed, before, a);
    if (!a.has_ack() && a.profile.quirks.Has(Quirk::kResetIgnoresAckBit)) {
      Hypothesis quirky = before;
      AllowRst(quirky, {a.seg.header.ack, a.seg.header.seq + a.seg.len(), true});
      AllowRst(quirky, {a.seg.header.ack, a.seg.header.seq + a.seg.len() - 1, true});
      a.out.PutQuirk(State::kClosed, quirky, Quirk::kResetIgnoresAckBit);
    }
  }
  a.out.Put(State::kClosed, h);
}

// A SYN was taken in LISTEN (or in TIME-WAIT): SYN-RECEIVED in a fresh incarnation.
void TakeSynPassively(const Hypothesis& before, const Arrival& a) {
  Hypothesis h;
  h.quirks = before.quirks;
  h.origin = kPassiveOrigin;
  h.rcv_nxt = {1, 1 + a.text};
  h.snd_una = Range::At(0);
  h.syn = {a.soon(), 1, Reason::kSyn};
  h.syn_permits = 1;
  h.permits_until = a.deadline();
  h.since = a.seg.at;
  a.out.PutFresh(State::kSynReceived, h);
}

void ArriveAtListen(const Hypothesis& before, const Arrival& a) {
  Hypothesis h = before;
  const wire::Header& header = a.seg.header;
  if (header.rst()) return a.out.Put(State::kListen, h);
  if (header.has_ack()) {
    OweRst(h, a, Reason::kUnsynchronized);
    PutResetCountingOnce(State::kListen, before, a);
    return a.out.Put(State::kListen, h);
  }
  if (!header.syn()) return a.out.Put(State::kListen, h);
  TakeSynPassively(before, a);
  // SYN+FIN is a legal request that several stacks drop on principle.
  if (header.fin()) a.out.Put(State::kListen, h);
}

// ---------------------------------------------------------------------------------------------
// Synchronized states, from the fifth check on

// What text the segment adds: where RCV.NXT may be now.
Range AfterText(const Hypothesis& h, const Arrival& a) {
  Range next = h.rcv_nxt;
  const Offset from = a.seq;
  const Offset to = a.seq + a.text;
  // In order and wholly inside what was last offered: it must be taken, up to where a FIN that is
  // held ends the stream.
  if (a.text > 0 && from <= next.lo && to > next.lo && to <= a.facts.must_edge()) {
    Offset end = to;
    for (Offset fin : a.facts.fins) {
      if (fin >= next.lo) end = std::min(end, fin);
    }
    next.lo = std::max(next.lo, end);
  }
  const bool beyond = h.quirks.Has(Quirk::kTakesTextBeyondWindow) || h.hole == kSomewhere;
  const Offset run = a.facts.EndOfRun(next.hi, beyond, false);
  next.hi = std::max(next.hi, std::min(run, a.facts.may_edge()));
  next.hi = std::max(next.hi, next.lo);
  return next;
}

bool TakesText(State state) {
  return state == State::kEstablished || state == State::kFinWait1 || state == State::kFinWait2;
}

void EnterTimeWait(Hypothesis& h, const Arrival& a) {
  h.time_wait_since = a.seg.at;
  h.time_wait_latest = a.seg.at;
}

// Ahead of what may be a gap: something stands right behind a FIN.
bool HasMoreBehindFin(const Hypothesis& h, const Facts& facts) {
  return std::ranges::any_of(facts.fins, [&](Offset fin) {
    return fin > h.rcv_nxt.lo && facts.EndOfRun(fin + 1, false, true) > fin + 1;
  });
}

// Seventh and eighth: text and FIN, in a state that may take them. Makes the successor of `h`.
void TakeTextAndFin(State state, Hypothesis& h, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  if (!TakesText(state)) {
    if (HasTakenFin(state) && a.seq < h.rcv_nxt.lo && a.seq + a.text > h.rcv_nxt.lo &&
        a.profile.quirks.Has(Quirk::kResetsTextAcrossFin)) {
      ResetByQuirk(state, h, a, Quirk::kResetsTextAcrossFin);
    }
    if (state == State::kTimeWait) h.time_wait_latest = a.seg.at;
    if (a.len > 0 || state == State::kTimeWait || state == State::kLastAck) Permit(h, a);
    // A FIN sent again is acknowledged again.
    if (header.fin() && a.end() <= h.rcv_nxt.lo) Owe(h, a, Reason::kUnacceptable);
    return a.out.Put(state, h);
  }
  const Range before = h.rcv_nxt;
  if (a.len > 0) h.before_text = before;
  if (!a.facts.stray.octets.empty() && a.profile.quirks.Has(Quirk::kTakesTextBeyondWindow) &&
      !h.quirks.Has(Quirk::kTakesTextBeyondWindow)) {
    Hypothesis quirky = h;
    quirky.quirks.Add(Quirk::kTakesTextBeyondWindow);
    if (AfterText(quirky, a).hi > AfterText(h, a).hi || a.facts.sack_agreed()) {
      TakeTextAndFin(state, quirky, a.InQuirksLane());
    }
  }
  if (a.len > 0 && a.profile.quirks.Has(Quirk::kTakesBehindFin) &&
      !h.quirks.Has(Quirk::kTakesBehindFin) && HasMoreBehindFin(h, a.facts)) {
    Hypothesis quirky = h;
    quirky.quirks.Add(Quirk::kTakesBehindFin);
    TakeTextAndFin(state, quirky, a.InQuirksLane());
  }
  if (a.len > 0) Permit(h, a);
  h.rcv_nxt = AfterText(h, a);

  const bool surely_new = a.text > 0 && h.rcv_nxt.lo > before.hi && a.facts.fins.empty();
  if (h.app_gone && a.profile.half_duplex_close && surely_new) {
    OweReset(h, a.soon(), Reason::kUnread);
    AllowRst(h, Formula(a));
    return a.out.Put(state, h);
  }
  // Nobody will read it (3.6.1, MAY-1): such a stack resets. A FIN behind a gap tells of text too.
  if (h.app_gone && a.len > 0 && a.seq + a.text > before.lo) {
    Hypothesis reset = h;
    AllowRst(reset, Formula(a));
    reset.rst_in_flight = true;
    Die(reset, a);
    // What the acknowledgment lets go out may come before it.
    AllowRst(h, Formula(a));
    h.rst_in_flight = true;
  }

  // A FIN may be the next thing to take, from this segment or from one held before.
  bool surely = false;
  for (Offset fin : a.facts.fins) {
    if (fin < before.lo || fin > h.rcv_nxt.hi) continue;
    Hypothesis taken = h;
    taken.rcv_nxt = Range::At(fin + 1);
    const bool now = header.fin() && fin == a.seq + a.text;
    // With a closed window the literal test refuses a bare FIN; some take it.
    const bool fits = fin < a.facts.offered_edge;
    const State after = AfterFin(state);
    Permit(taken, a);
    Owe(taken, a, Reason::kData);
    if (taken.ack.reason == Reason::kData) taken.ack.value = std::min(taken.ack.value, fin + 1);
    taken.since = a.seg.at;
    if (after == State::kTimeWait) EnterTimeWait(taken, a);
    a.out.Put(after, taken);
    const Offset run = a.facts.EndOfRun(fin + 1, false, true);
    if (a.profile.quirks.Has(Quirk::kTakesBehindFin) && run > fin + 1) {
      taken.rcv_nxt = Range::At(run);
      a.out.PutQuirk(after, taken, Quirk::kTakesBehindFin);
    }
    // Of two FINs at different numbers a stack may hold to either.
    const bool only = a.facts.fins.size() == 1;
    if (now && fits && only && a.seq <= before.lo && h.rcv_nxt.lo == fin) surely = true;
  }
  if (surely) return;

  if (h.rcv_nxt.lo > before.lo) {
    Owe(h, a, Reason::kData);
    const bool second =
        a.facts.has_acked && h.rcv_nxt.lo - a.facts.last_ack >= 2 * Offset{a.facts.stack_mss};
    if (second && !h.app_gone) OweAtOnce(h, a, Reason::kSecond);
  } else if (a.text > 0 && a.seq > before.hi && a.end() <= a.facts.must_edge() && !h.app_gone &&
             !a.facts.may_look_old && a.facts.fins.empty()) {
    OweAtOnce(h, a, Reason::kGap);
  } else if (a.len > 0 && a.end() <= before.lo) {
    Owe(h, a, Reason::kUnacceptable);
  }
  a.out.Put(state, h);
}

// Fifth: the acknowledgment moves SND.UNA, and the state with it.
void TakeAckAndRest(State state, Hypothesis& h, const Arrival& a) {
  if (a.ack <= a.facts.snd_max && a.ack > h.snd_una.lo) {
    h.snd_una.lo = a.ack;
    h.snd_una.hi = std::max(h.snd_una.hi, a.ack);
  }
  const bool covers = a.CoversFin(h.snd_una.lo);
  if (state == State::kFinWait1 && covers) {
    state = State::kFinWait2;
    h.since = a.seg.at;
  } else if (state == State::kClosing) {
    if (covers) {
      state = State::kTimeWait;
      EnterTimeWait(h, a);
    }
  } else if (state == State::kLastAck && covers) {
    return Die(h, a);
  }
  TakeTextAndFin(state, h, a);
}

// The segment failed the sequence test, or may have: nothing of it is taken but perhaps its
// acknowledgment.
void PutRefused(State state, const Hypothesis& before, const Arrival& a, bool owes) {
  Hypothesis h = before;
  Permit(h, a);
  if (state == State::kTimeWait) h.time_wait_latest = a.seg.at;
  // What TIME-WAIT owes is an answer to a FIN or text that comes again.
  if (owes && a.has_ack() && (state != State::kTimeWait || a.len > 0)) {
    Owe(h, a, Reason::kUnacceptable);
  }
  const bool newer = a.AckIsOfWhatWasSent() && a.ack > h.snd_una.lo;
  if (newer) h.snd_una.hi = std::max(h.snd_una.hi, a.ack);
  a.out.Put(state, h);
  if (!newer || !a.CoversFin(a.ack)) return;
  Hypothesis moved = h;
  moved.snd_una.lo = a.ack;
  moved.since = a.seg.at;
  if (state == State::kFinWait1) {
    a.out.Put(State::kFinWait2, moved);
    if (moved.app_gone && a.text > 0 && !a.seg.header.fin() &&
        a.profile.quirks.Has(Quirk::kFinWait1DropsText)) {
      moved.ack = before.ack;
      a.out.PutQuirk(State::kFinWait2, moved, Quirk::kFinWait1DropsText);
    }
  } else if (state == State::kClosing) {
    EnterTimeWait(moved, a);
    a.out.Put(State::kTimeWait, moved);
  } else if (state == State::kLastAck) {
    Die(moved, a);
  }
}

// First: the four cases of the acceptability test, for a window that is known to lie between the
// edge last offered and the furthest that the stack may honour.
Answer IsAcceptable(const Hypothesis& h, const Arrival& a) {
  const Offset must = a.facts.must_edge();
  const Offset may = a.facts.may_edge();
  const Range r = h.rcv_nxt;
  if (a.len == 0) {
    if (a.seq < r.lo) return Answer::kNo;
    if (r.certain() && a.seq == r.lo) return Answer::kYes;
    if (a.seq >= r.hi && a.seq < must) return Answer::kYes;
    if (a.seq > r.hi && a.seq > may) return Answer::kNo;
    return Answer::kMaybe;  // the right edge itself is read both ways
  }
  if (a.end() <= r.lo) return Answer::kNo;
  if (a.seq >= std::max(may, r.hi + 1)) return Answer::kNo;
  if (may <= r.lo) {
    // The window is closed; a bare FIN at RCV.NXT is taken by some.
    return a.text == 0 && r.Has(a.seq) ? Answer::kMaybe : Answer::kNo;
  }
  const Offset last = a.end() - 1;
  const bool first_in = a.seq >= r.hi && a.seq < must;
  const bool last_in = last >= r.hi && last < must;
  return first_in || last_in ? Answer::kYes : Answer::kMaybe;
}

// Right behind text, or a FIN, that may have been kept ahead of a gap.
bool EndsSackBlock(const Arrival& a) {
  return a.facts.sent.EndOfRunFrom(a.seq - 1) >= a.seq ||
         std::ranges::find(a.facts.fins, a.seq - 1) != a.facts.fins.end();
}

// Second: RST in a state beyond SYN-SENT. `dead` puts what is left when it kills.
template <typename Dead>
void ArriveReset(State state, const Hypothesis& h, const Arrival& a, Dead dead) {
  const Answer answer = IsAcceptable(h, a);
  if (IsRemnant(state, h)) {
    if (answer != Answer::kNo && a.profile.quirks.Has(Quirk::kFinWait2TakesAnyRst)) {
      DieByQuirk(h, a, Quirk::kFinWait2TakesAnyRst);
    }
    if (answer != Answer::kYes && a.profile.quirks.Has(Quirk::kFinWait2AnswersReset)) {
      Hypothesis answering = h;
      Permit(answering, a);
      a.out.PutQuirk(state, answering, Quirk::kFinWait2AnswersReset);
    }
  }
  // The test of a RST is SEQ against the window, whatever it carries (RFC 5961, erratum 4845).
  const Offset may = std::max(a.facts.may_edge(), h.rcv_nxt.hi + 1);
  if (a.seq < h.rcv_nxt.lo || a.seq > may) {
    if (HasTakenFin(state) && h.rcv_nxt.Has(a.seq + 1) &&
        a.profile.quirks.Has(Quirk::kResetBehindFin)) {
      DieByQuirk(h, a, Quirk::kResetBehindFin);
    }
    if (a.seq < h.rcv_nxt.lo && a.end() >= a.facts.last_ack &&
        a.profile.quirks.Has(Quirk::kResetLeftOfWindow)) {
      Hypothesis challenging = h;
      Permit(challenging, a);
      a.out.PutQuirk(state, challenging, Quirk::kResetLeftOfWindow);
    }
    // Text that reaches into the window makes the segment acceptable without the RST being so.
    a.out.Put(state, h);
    if (answer != Answer::kNo) {
      Hypothesis challenged = h;
      Permit(challenged, a);
      a.out.Put(state, challenged);
    }
    return;
  }
  if (h.rcv_nxt.Has(a.seq)) {
    dead();
    if (state == State::kTimeWait) a.out.Put(state, h);  // RFC 1337
    if (h.rcv_nxt.certain()) return;
  }
  if (a.facts.offered_sack && EndsSackBlock(a) && a.profile.quirks.Has(Quirk::kResetAtSackEdge)) {
    DieByQuirk(h, a, Quirk::kResetAtSackEdge);
  }
  const bool at_edge = a.seq >= a.facts.offered_edge;
  Hypothesis alive = h;
  if (a.profile.challenges_reset) {
    if (a.seq < std::max(may, h.rcv_nxt.hi + 1)) Permit(alive, a);
    if (!at_edge && !h.rcv_nxt.Has(a.seq) && state != State::kTimeWait) {
      Owe(alive, a, Reason::kChallenge);
    }
    a.out.Put(state, alive);
    if (a.seq == may && a.profile.quirks.Has(Quirk::kResetOnRightEdge)) {
      Permit(alive, a);
      a.out.PutQuirk(state, alive, Quirk::kResetOnRightEdge);
    }
    return;
  }
  if (a.seq < may) dead();
  if (at_edge || h.rcv_nxt.Has(a.seq)) a.out.Put(state, alive);
}

// Fourth: SYN in a synchronized state.
void ArriveSyn(State state, const Hypothesis& h, const Arrival& a) {
  const bool in_window = IsAcceptable(h, a) != Answer::kNo;
  if (state == State::kTimeWait) {
    Hypothesis stays = h;
    Permit(stays, a);
    stays.time_wait_latest = a.seg.at;
    a.out.Put(state, stays);
    if (a.out.listening && !a.has_ack() && a.profile.reopens_time_wait) {
      TakeSynPassively(h, a);
      // TIME-WAIT has gone, and LISTEN may drop it; see there.
      if (a.seg.header.fin()) Die(h, a);
    }
    if (!a.profile.challenges_syn) {
      Hypothesis reset = h;
      AllowRst(reset, Formula(a));
      reset.rst_in_flight = true;
      Die(reset, a);
    }
    if (a.profile.quirks.Has(Quirk::kTimeWaitResetsSyn)) {
      Hypothesis quirky = h;
      AllowRst(quirky, Formula(a));
      AllowRst(quirky, {a.seg.header.ack, a.seg.header.seq + a.seg.len(), false});
      if (a.seg.header.fin()) {
        AllowRst(quirky, {a.seg.header.ack, a.seg.header.seq + a.seg.len() - 1, false});
      }
      a.out.PutQuirk(state, quirky, Quirk::kTimeWaitResetsSyn);
    }
    return;
  }
  if (IsRemnant(state, h) && a.profile.quirks.Has(Quirk::kFinWait2ResetsSyn)) {
    // One that begins left of the window is not even answered.
    a.out.PutQuirk(state, h, Quirk::kFinWait2ResetsSyn);
    if (in_window) ResetByQuirk(h, a, Quirk::kFinWait2ResetsSyn);
  }
  Hypothesis challenged = h;
  Permit(challenged, a);
  if (state == State::kFinWait1 && h.snd_una.lo == 0 && a.seq == 0 && a.AckIsOfWhatWasSent()) {
    // CLOSE came before the simultaneous open was over: its SYN,ACK may count as the ACK it is.
    Hypothesis open = challenged;
    open.snd_una = {0, std::max(h.snd_una.hi, a.ack)};
    a.out.Put(state, open);
    TakeAckAndRest(state, open, {a.facts, a.profile, a.seg, a.out, 1, a.ack, a.text, a.len - 1});
  }
  if (a.profile.challenges_syn || !in_window) {
    Owe(challenged, a, in_window ? Reason::kChallenge : Reason::kUnacceptable);
    a.out.Put(state, challenged);
    return;
  }
  Hypothesis reset = h;
  AllowRst(reset, Formula(a));
  AllowRst(reset, {0, a.seg.header.seq + a.seg.len(), true});
  reset.rst_in_flight = true;
  Die(reset, a);
  if (IsAcceptable(h, a) == Answer::kMaybe) a.out.Put(state, challenged);
}

void ArriveWithoutSyn(State state, const Hypothesis& h, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  const Answer acceptable = IsAcceptable(h, a);
  if (acceptable == Answer::kNo) {
    // Just beyond the offered edge the true window may begin again; what lies left of RCV.NXT, or
    // far to the right, is refused by every stack.
    const bool clear = a.end() <= h.rcv_nxt.lo || a.len == 0 ||
                       a.seq > a.facts.may_edge() + 65535 || h.rcv_nxt.Has(a.seq);
    if (a.has_ack() && a.ack > a.facts.snd_max && a.profile.quirks.Has(Quirk::kAnswersTwice)) {
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kAnswersTwice);
      Permit(quirky, a);
      PutRefused(state, quirky, a.InQuirksLane(), clear);
    }
    if (h.app_gone && a.len > 0 && a.seq == a.facts.may_edge() &&
        a.profile.quirks.Has(Quirk::kRightEdgeIsInside)) {
      ResetByQuirk(state, h, a, Quirk::kRightEdgeIsInside);
    }
    return PutRefused(state, h, a, clear);
  }
  if (!header.has_ack()) {
    if (acceptable == Answer::kMaybe) {
      PutRefused(state, h, a, false);
    } else {
      a.out.Put(state, h);
    }
    if (a.profile.quirks.Has(Quirk::kAckBitNotTested)) {
      // Taken as if the ACK field counted: as an acknowledgment or as one that is ignored.
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kAckBitNotTested);
      Permit(quirky, a);
      Hypothesis ignoring = quirky;
      TakeTextAndFin(state, ignoring, a.InQuirksLane());
      TakeAckAndRest(state, quirky, a.InQuirksLane());
    }
    return;
  }
  if (a.ack > a.facts.snd_max) {
    Hypothesis refused = h;
    Permit(refused, a);
    if (state == State::kTimeWait) refused.time_wait_latest = a.seg.at;
    if (acceptable == Answer::kYes && state != State::kTimeWait) Owe(refused, a, Reason::kBadAck);
    a.out.Put(state, refused);
    if (IsRemnant(state, h) && a.profile.quirks.Has(Quirk::kFinWait2IgnoresAck)) {
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kFinWait2IgnoresAck);
      a.out.PutQuirk(state, quirky, Quirk::kFinWait2IgnoresAck);
      TakeTextAndFin(state, quirky, a.InQuirksLane());
    }
    if (a.profile.quirks.Has(Quirk::kTakesTextWithBadAck)) {
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kTakesTextWithBadAck);
      Permit(quirky, a, 2);
      quirky.earlier_ack = h.rcv_nxt;
      TakeTextAndFin(state, quirky, a.InQuirksLane());
    }
    return;
  }
  // Far below SND.UNA, or before anything was sent: dropped with a challenge, or the acknowledgment
  // alone is ignored (MAY-12). Whoever does the former does it below any maximum of SND.WND.
  const Offset most = std::max(a.facts.largest_window, Offset{65535} << a.facts.tester_shift);
  if (a.profile.refuses_old_acks && acceptable == Answer::kYes && a.ack < h.snd_una.lo - most &&
      state != State::kTimeWait) {
    Hypothesis refused = h;
    Permit(refused, a);
    Owe(refused, a, Reason::kBadAck);
    return a.out.Put(state, refused);
  }
  const bool too_old = a.ack <= 0 || a.ack < h.snd_una.hi - a.facts.largest_window;
  if (acceptable == Answer::kMaybe || too_old) PutRefused(state, h, a, false);
  Hypothesis taken = h;
  TakeAckAndRest(state, taken, a);
}

void ArriveAtSynchronized(State state, const Hypothesis& h, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  if (header.rst()) {
    return ArriveReset(state, h, a, [&] { Die(h, a); });
  }
  if (header.syn()) {
    ArriveSyn(state, h, a);
    if (a.profile.challenges_syn || a.seq >= h.rcv_nxt.hi || a.len == 1) return;
    // A SYN left of the window whose text reaches into it is trimmed off (3.10.7.4, first).
    return ArriveWithoutSyn(
        state, h, {a.facts, a.profile, a.seg, a.out, a.seq + 1, a.ack, a.text, a.len - 1});
  }
  ArriveWithoutSyn(state, h, a);
}

// ---------------------------------------------------------------------------------------------
// SYN-RECEIVED

void Establish(const Hypothesis& before, const Arrival& a) {
  Hypothesis h = before;
  h.syn = {};
  h.syn_permits = 0;
  h.since = a.seg.at;
  // A CLOSE that came before waits for this moment (3.10.4).
  TakeAckAndRest(a.facts.fin_requested ? State::kFinWait1 : State::kEstablished, h, a);
}

// A SYN,ACK taken for an ACK: its SYN is the first octet of its text, which the application never
// gets, and of SYN and FIN only one counts.
void TakeSynAckAsAck(const Hypothesis& before, const Arrival& a) {
  Hypothesis h = before;
  h.quirks.Add(Quirk::kSynReceivedTakesSynAck);
  h.syn = {};
  h.syn_permits = 0;
  h.since = a.seg.at;
  h.snd_una = Range::At(a.ack);
  h.rcv_nxt = Range::At(before.rcv_nxt.lo);
  Permit(h, a);
  State state = a.facts.fin_requested ? State::kFinWait1 : State::kEstablished;
  const Offset next = h.rcv_nxt.lo;
  const Offset end = a.seq + 1 + a.text;
  const Offset edge = a.facts.offered_edge;
  if (end <= next || a.seq >= edge) {
    Owe(h, a, Reason::kUnacceptable);
    return a.out.Put(state, h);
  }
  if (a.seq > next) {
    h.hole = kSomewhere;  // if what comes before it leaves it there
    return a.out.Put(state, h);
  }
  const bool fin = a.seg.header.fin() && end <= edge;
  h.rcv_nxt = Range::At(std::min(end, edge));
  if (a.text > 0 || !fin) h.hole = next;
  Owe(h, a, Reason::kData);
  if (fin) state = AfterFin(state);
  a.out.Put(state, h);
}

void ResetHalfOpen(const Hypothesis& h, const Arrival& a) { Die(h, a); }

void ArriveAtSynReceived(const Hypothesis& h, const Arrival& a) {
  constexpr State kState = State::kSynReceived;
  const wire::Header& header = a.seg.header;
  if (header.rst()) {
    return ArriveReset(kState, h, a, [&] { ResetHalfOpen(h, a); });
  }
  const Answer acceptable = IsAcceptable(h, a);
  const bool ack_good = a.AckIsOfWhatWasSent();
  const bool ack_bad = header.has_ack() && !ack_good;

  Hypothesis stays = h;
  Permit(stays, a);
  if (ack_bad) AllowRst(stays, Formula(a));  // two of two stacks test the ACK first

  if (a.facts.offered_timestamps && a.facts.stack_offered_timestamps &&
      a.seg.options.timestamps.has_value() &&
      a.profile.quirks.Has(Quirk::kSynReceivedRefusesEcho)) {
    a.out.PutQuirk(kState, stays, Quirk::kSynReceivedRefusesEcho);
  }

  if (header.syn()) {
    if (ack_bad) PutResetCountingOnce(kState, h, a);
    if (ack_good && a.profile.quirks.Has(Quirk::kSynReceivedTakesSynAck)) {
      TakeSynAckAsAck(h, a.InQuirksLane());
    }
    if (a.seq == 0) {
      // The same SYN again; or, in a simultaneous open, the SYN,ACK of Figure 7.
      stays.syn_permits = 1;
      // With text it is acceptable once the SYN is trimmed off, and then dropped for want of an
      // ACK.
      if (!ack_bad && a.len == 1) Owe(stays, a, Reason::kUnacceptable);
      a.out.Put(kState, stays);
      // Where nobody else opened, a SYN,ACK there is an old segment, but for what follows the SYN.
      if (ack_good && ((h.origin & kActiveOrigin) != 0 || a.len > 1)) {
        Hypothesis open = stays;
        open.ack = {};
        // The text begins behind the SYN.
        Establish(open, {a.facts, a.profile, a.seg, a.out, 1, a.ack, a.text, a.len - 1});
        Hypothesis without_text = open;
        without_text.syn_permits = 0;
        without_text.syn = {};
        without_text.snd_una = Range::At(a.ack);
        a.out.Put(a.facts.fin_requested ? State::kFinWait1 : State::kEstablished, without_text);
      }
      return;
    }
    if (acceptable != Answer::kYes) {
      if (acceptable == Answer::kNo && !ack_bad) Owe(stays, a, Reason::kUnacceptable);
      a.out.Put(kState, stays);
    }
    if (!a.profile.challenges_syn && a.seq < 0 && acceptable != Answer::kNo) {
      // A SYN left of the window whose text reaches into it is trimmed off (3.10.7.4, first).
      a.out.Put(kState, stays);
      if (ack_good)
        Establish(h, {a.facts, a.profile, a.seg, a.out, a.seq + 1, a.ack, a.text, a.len - 1});
    }
    if (a.profile.quirks.Has(Quirk::kSynReceivedIgnoresSyn)) {
      a.out.PutQuirk(kState, h, Quirk::kSynReceivedIgnoresSyn);
    }
    if (acceptable == Answer::kNo) return;
    if (h.origin & kPassiveOrigin) {
      Die(h, a);  // back to LISTEN, silently (erratum 8710)
      Hypothesis reset = h;
      AllowRst(reset, Formula(a));
      reset.rst_in_flight = true;
      Die(reset, a);
      Hypothesis challenged = stays;
      if (acceptable == Answer::kYes && !ack_bad) Owe(challenged, a, Reason::kChallenge);
      a.out.Put(kState, challenged);
    }

    if (h.origin & kActiveOrigin) {
      if (a.profile.challenges_syn) {
        Hypothesis challenged = stays;
        Owe(challenged, a, Reason::kChallenge);
        a.out.Put(kState, challenged);
      } else {
        Hypothesis reset = h;
        AllowRst(reset, Formula(a));
        reset.rst_in_flight = true;
        Die(reset, a);
      }
    }
    return;
  }

  if (!header.has_ack()) {
    if (acceptable != Answer::kYes) {
      a.out.Put(kState, stays);
    } else {
      a.out.Put(kState, h);
    }
    if (a.profile.quirks.Has(Quirk::kAckBitNotTested) && a.ack > 0 && a.ack <= a.facts.snd_max) {
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kAckBitNotTested);
      Establish(quirky, a.InQuirksLane());
    }
    return;
  }
  if (ack_bad) {
    if (a.ack == 0 && (h.origin & kActiveOrigin) != 0 &&
        a.profile.quirks.Has(Quirk::kSynReceivedTakesIssAck)) {
      Hypothesis quirky = h;
      quirky.quirks.Add(Quirk::kSynReceivedTakesIssAck);
      quirky.snd_una = {0, 1};
      Establish(quirky, a.InQuirksLane());
    }
    if (acceptable == Answer::kYes) {
      stays.rst = {a.soon(), 0, Reason::kUnsynchronized};
      stays.rst_or_ack = true;
    }
    return a.out.Put(kState, stays);
  }
  if (acceptable != Answer::kYes) {
    if (acceptable == Answer::kNo) Owe(stays, a, Reason::kUnacceptable);
    a.out.Put(kState, stays);
    // The acknowledgment of an old segment may count although the segment does not: trimmed of what
    // is old, it is that acknowledgment. Right of the window nothing is left of it.
    Hypothesis open = h;
    open.snd_una = Range::At(a.ack);
    open.syn = {};
    open.syn_permits = 0;
    open.since = a.seg.at;
    Permit(open, a);
    const State state = a.facts.fin_requested ? State::kFinWait1 : State::kEstablished;
    if (acceptable != Answer::kNo || a.seq <= h.rcv_nxt.hi) {
      a.out.Put(state, open);
    } else if (a.seq == a.facts.may_edge() && a.profile.quirks.Has(Quirk::kRightEdgeIsInside)) {
      a.out.PutQuirk(state, open, Quirk::kRightEdgeIsInside);
    } else if (a.profile.quirks.Has(Quirk::kSynReceivedSkipsSequence)) {
      a.out.PutQuirk(state, open, Quirk::kSynReceivedSkipsSequence);
    }
  }
  if (acceptable != Answer::kNo) Establish(h, a);
}

// ---------------------------------------------------------------------------------------------
// SYN-SENT

void ArriveAtSynSent(const Hypothesis& before, const Arrival& a) {
  constexpr State kState = State::kSynSent;
  const wire::Header& header = a.seg.header;
  Hypothesis h = before;
  const bool ack_good = a.AckIsOfWhatWasSent();
  if (header.has_ack() && !ack_good) {
    if (!header.rst()) {
      OweRst(h, a, Reason::kUnsynchronized);
      PutResetCountingOnce(kState, before, a);
    }
    return a.out.Put(kState, h);
  }
  if (header.rst()) {
    if (ack_good) {
      // Of data that went out too early the RST must acknowledge all.
      if (a.ack < a.facts.snd_max && a.profile.quirks.Has(Quirk::kSynSentSendsData)) {
        a.out.PutQuirk(kState, h, Quirk::kSynSentSendsData);
      }
      return Die(h, a);
    }
    a.out.Put(kState, h);
    const Offset field = Unwrap(header.ack, a.facts.iss, a.facts.snd_max);
    if (a.profile.quirks.Has(Quirk::kSynSentTakesResetWithoutAck) && field > 0 &&
        field <= a.facts.snd_max) {
      a.out.PutQuirk(a.out.nobody, h, Quirk::kSynSentTakesResetWithoutAck);
    }
    return;
  }
  if (!header.syn()) {
    a.out.Put(kState, h);  // an acceptable ACK alone changes nothing; so does the rest
    if (ack_good && a.profile.quirks.Has(Quirk::kSynSentResetsBareAck)) {
      Hypothesis quirky = h;
      AllowRst(quirky, Formula(a));
      quirky.syn_permits = 1;
      a.out.PutQuirk(kState, quirky, Quirk::kSynSentResetsBareAck);
    }
    return;
  }
  h.origin = kActiveOrigin;
  h.since = a.seg.at;
  h.rcv_nxt = Range::At(1);
  h.syn = {};
  if (!header.has_ack()) {
    // Simultaneous open (MUST-10). Text and FIN are held, or dropped and sent again.
    h.rcv_nxt.hi = 1 + a.text;
    h.syn = {a.soon(), 1, Reason::kSyn};
    h.syn_permits = 1;
    h.permits_until = a.deadline();
    a.out.PutFresh(State::kSynReceived, h);
    if (a.profile.quirks.Has(Quirk::kSynSentIgnoresSyn)) {
      a.out.PutQuirk(kState, before, Quirk::kSynSentIgnoresSyn);
    }
    return;
  }
  if (a.ack > 1 && a.profile.quirks.Has(Quirk::kSynSentSendsData)) {
    // What went out too early is then taken for something that was never sent.
    Hypothesis quirky = before;
    AllowRst(quirky, Formula(a));
    quirky.syn_permits = 1;
    a.out.PutQuirk(kState, quirky, Quirk::kSynSentSendsData);
  }
  h.snd_una = Range::At(a.ack);
  // The SYN itself is acknowledged at once; text and FIN with it or a little later, in one ACK or
  // two.
  Permit(h, a, 2);
  h.ack = {a.deadline(), 1, Reason::kSyn};
  Successors fresh = a.out;
  fresh.incarnation = a.out.fresh;
  Arrival rest{a.facts, a.profile, a.seg, fresh, 1, a.ack, a.text, a.len - 1};
  const State open = a.facts.fin_requested ? State::kFinWait1 : State::kEstablished;
  if (a.len == 1) return fresh.Put(open, h);
  // Text behind a SYN is either taken or dropped as a whole.
  fresh.Put(open, h);
  TakeTextAndFin(open, h, rest);
}

}  // namespace

State AfterFin(State state) {
  switch (state) {
    case State::kEstablished:
      return State::kCloseWait;
    case State::kFinWait1:
      return State::kClosing;
    case State::kFinWait2:
      return State::kTimeWait;
    default:
      return state;
  }
}

void ArriveAt(State state, const Hypothesis& h, const Facts& facts, const Profile& profile,
              const SegmentSeen& segment, const Successors& out) {
  Arrival a{facts, profile, segment, out};
  a.text = static_cast<Offset>(segment.payload.size());
  a.len = segment.len();
  if (facts.has_irs) a.seq = Unwrap(segment.header.seq, facts.irs, h.rcv_nxt.lo);
  if (facts.has_iss) a.ack = Unwrap(segment.header.ack, facts.iss, facts.snd_max);
  MayDropForOptions(state, h, a);
  if (DropsForTimestamp(state, h, a)) return;
  switch (state) {
    case State::kClosed:
      return ArriveAtClosed(h, a);
    case State::kListen:
      return ArriveAtListen(h, a);
    case State::kSynSent:
      return ArriveAtSynSent(h, a);
    case State::kSynReceived:
      return ArriveAtSynReceived(h, a);
    default:
      return ArriveAtSynchronized(state, h, a);
  }
}

}  // namespace assay::observer
