#include "harness/observer/arrival.h"

#include "harness/observer/arrival_parts.h"

namespace assay::observer {
namespace {

using spec::State;

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

}  // namespace

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
