// SEGMENT ARRIVES in SYN-SENT and SYN-RECEIVED (RFC 9293, 3.10.7.3 and 3.10.7.4).

#include "harness/observer/arrival_parts.h"

namespace assay::observer {
namespace {

using spec::State;

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

}  // namespace

void ArriveAtSynReceived(const Hypothesis& h, const Arrival& a) {
  constexpr State kState = State::kSynReceived;
  const wire::Header& header = a.seg.header;
  if (header.rst()) return ArriveReset(kState, h, a);
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

}  // namespace assay::observer
