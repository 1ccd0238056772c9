// SEGMENT ARRIVES in the synchronized states (RFC 9293, 3.10.7.4).

#include "harness/observer/arrival_parts.h"

#include <algorithm>

namespace assay::observer {
namespace {

using spec::State;

// An ACK is owed at once; it replaces one that may wait.
void OweAtOnce(Hypothesis& h, const Arrival& a, Reason reason) {
  if (h.ack.owed() && h.ack.deadline <= a.soon()) return;
  h.ack = {a.soon(), h.rcv_nxt.lo, reason};
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

// CLOSE came while text waited to be sent again for three duplicates, and all of it is
// acknowledged.
bool LosesFin(const Hypothesis& h, const Arrival& a) {
  return a.facts.fin_at == kNowhere && a.facts.fin_requested &&
         h.snd_una.lo == a.facts.end_of_data() && a.facts.pace.recover == h.snd_una.lo;
}

// The FIN then counts as acknowledged; with the rest of the segment, if that is taken.
void LoseFin(State state, const Hypothesis& h, const Arrival& a, bool takes_rest) {
  if (!a.profile.quirks.Has(Quirk::kFinLost) || !LosesFin(h, a)) return;
  Hypothesis quirky = h;
  quirky.quirks.Add(Quirk::kFinLost);
  quirky.since = a.seg.at;
  if (state == State::kLastAck) return Die(quirky, a.InQuirksLane());
  if (state == State::kFinWait1) {
    state = State::kFinWait2;
  } else if (state == State::kClosing) {
    state = State::kTimeWait;
    EnterTimeWait(quirky, a);
  } else {
    return;
  }
  if (takes_rest) return TakeTextAndFin(state, quirky, a.InQuirksLane());
  a.InQuirksLane().out.Put(state, quirky);
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
  if (!newer) return;
  Hypothesis moved = h;
  moved.snd_una.lo = a.ack;
  LoseFin(state, moved, a, false);
  if (!a.CoversFin(a.ack)) return;
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

// Right behind text, or a FIN, that may have been kept ahead of a gap.
bool EndsSackBlock(const Arrival& a) {
  return a.facts.sent.EndOfRunFrom(a.seq - 1) >= a.seq ||
         std::ranges::find(a.facts.fins, a.seq - 1) != a.facts.fins.end();
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
  if (a.len == 0 && a.seq == a.facts.offered_edge &&
      a.profile.quirks.Has(Quirk::kAnswersAtClosedWindow)) {
    Hypothesis quirky = h;
    quirky.quirks.Add(Quirk::kAnswersAtClosedWindow);
    Permit(quirky, a);
    TakeAckAndRest(state, quirky, a.InQuirksLane());
  }
  Hypothesis taken = h;
  TakeAckAndRest(state, taken, a);
}

}  // namespace

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

void TakeAckAndRest(State state, Hypothesis& h, const Arrival& a) {
  if (a.ack <= a.facts.snd_max && a.ack > h.snd_una.lo) {
    h.snd_una.lo = a.ack;
    h.snd_una.hi = std::max(h.snd_una.hi, a.ack);
  }
  const bool covers = a.CoversFin(h.snd_una.lo);
  LoseFin(state, h, a, true);
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

void ArriveReset(State state, const Hypothesis& h, const Arrival& a) {
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
    Die(h, a);
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
  if (a.seq < may) Die(h, a);
  if (at_edge || h.rcv_nxt.Has(a.seq)) a.out.Put(state, alive);
}

void ArriveAtSynchronized(State state, const Hypothesis& h, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  if (header.rst()) return ArriveReset(state, h, a);
  if (header.syn()) {
    ArriveSyn(state, h, a);
    if (a.profile.challenges_syn || a.seq >= h.rcv_nxt.hi || a.len == 1) return;
    // A SYN left of the window whose text reaches into it is trimmed off (3.10.7.4, first).
    return ArriveWithoutSyn(
        state, h, {a.facts, a.profile, a.seg, a.out, a.seq + 1, a.ack, a.text, a.len - 1});
  }
  ArriveWithoutSyn(state, h, a);
}

}  // namespace assay::observer
