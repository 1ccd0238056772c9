// SEGMENT ARRIVES as an outsider must read it: which states the stack may be in afterwards.
//
// For one hypothesis and one segment that reached the stack, writes all the hypotheses that the
// RFCs allow next, with what is then owed, permitted and forbidden. Where the texts leave a choice,
// or where it is not known what the stack believes, there is more than one. It judges nothing.

#ifndef ASSAY_HARNESS_OBSERVER_ARRIVAL_H_
#define ASSAY_HARNESS_OBSERVER_ARRIVAL_H_

#include "harness/observer/facts.h"
#include "harness/observer/hypothesis.h"
#include "harness/observer/profile.h"
#include "harness/observer/segment_seen.h"
#include "stack/spec/state.h"

namespace assay::observer {

// Where successors go. `lane` 1 is for those that rest on a quirk.
struct Successors {
  Beliefs* next = nullptr;
  size_t lane = 0;
  size_t incarnation = 0;
  // The incarnation that a SYN taken in LISTEN or TIME-WAIT begins; its facts are ready.
  size_t fresh = 0;
  // LISTEN if somebody listens on the port, else CLOSED: what is left when a connection is gone.
  spec::State nobody = spec::State::kClosed;
  bool listening = false;

  void Put(spec::State state, const Hypothesis& h) const { next->Put(lane, incarnation, state, h); }
  void PutFresh(spec::State state, const Hypothesis& h) const { next->Put(lane, fresh, state, h); }
  void PutQuirk(spec::State state, Hypothesis h, Quirk quirk) const {
    h.quirks.Add(quirk);
    next->Put(1, incarnation, state, h);
  }
};

// Where a FIN of the peer's leads, when ours is not acknowledged (3.10.7.4, eighth).
spec::State AfterFin(spec::State state);

// `facts` are those of the hypothesis's incarnation, with this segment already noted in them.
void ArriveAt(spec::State state, const Hypothesis& h, const Facts& facts, const Profile& profile,
              const SegmentSeen& segment, const Successors& out);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_ARRIVAL_H_
