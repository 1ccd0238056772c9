// The parts of SEGMENT ARRIVES that its files share (arrival.h says what it is).

#ifndef ASSAY_HARNESS_OBSERVER_ARRIVAL_PARTS_H_
#define ASSAY_HARNESS_OBSERVER_ARRIVAL_PARTS_H_

#include <cstdint>

#include "harness/observer/arrival.h"

namespace assay::observer {

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

// --- what a hypothesis then permits and owes ---
void Permit(Hypothesis& h, const Arrival& a, uint8_t acks = 1);
// An ACK is owed by the deadline; the earlier of two debts stays.
void Owe(Hypothesis& h, const Arrival& a, Reason reason);
// The RST formulae of 3.5.2 and 3.10.7.1.
AllowedRst Formula(const Arrival& a);
void AllowRst(Hypothesis& h, const AllowedRst& form);
void OweRst(Hypothesis& h, const Arrival& a, Reason reason);
// SYN and FIN together may count as one octet in the RST (a quirk).
void PutResetCountingOnce(spec::State state, const Hypothesis& before, const Arrival& a);
// Nobody is there any more.
void Die(const Hypothesis& h, const Arrival& a);

// --- the steps ---
// A SYN was taken in LISTEN (or in TIME-WAIT): SYN-RECEIVED in a fresh incarnation.
void TakeSynPassively(const Hypothesis& before, const Arrival& a);
// First: the four cases of the acceptability test, for a window that is known to lie between the
// edge last offered and the furthest that the stack may honour.
Answer IsAcceptable(const Hypothesis& h, const Arrival& a);
// Second: RST in a state beyond SYN-SENT.
void ArriveReset(spec::State state, const Hypothesis& h, const Arrival& a);
// Fifth: the acknowledgment moves SND.UNA, and the state with it.
void TakeAckAndRest(spec::State state, Hypothesis& h, const Arrival& a);
// Seventh and eighth: text and FIN, in a state that may take them. Makes the successor of `h`.
void TakeTextAndFin(spec::State state, Hypothesis& h, const Arrival& a);

// --- by state ---
void ArriveAtSynSent(const Hypothesis& before, const Arrival& a);
void ArriveAtSynReceived(const Hypothesis& h, const Arrival& a);
void ArriveAtSynchronized(spec::State state, const Hypothesis& h, const Arrival& a);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_ARRIVAL_PARTS_H_
