// Connection: what an outsider may conclude of one four-tuple: facts and beliefs, kept in step.
//
// Stimuli (segments that arrive, calls, time) make successors; what the stack sends is judged by
// the rules, which drop the hypotheses that it contradicts, and Note then narrows those that are
// left. Nothing here decides that something is wrong.

#ifndef ASSAY_HARNESS_OBSERVER_CONNECTION_H_
#define ASSAY_HARNESS_OBSERVER_CONNECTION_H_

#include <array>
#include <cstdint>

#include "harness/observer/emission.h"
#include "harness/observer/facts.h"
#include "harness/observer/hypothesis.h"
#include "harness/observer/profile.h"
#include "harness/observer/segment_seen.h"
#include "harness/observer/trace.h"
#include "harness/sut/stack_under_test.h"
#include "stack/wire/icmp.h"

namespace assay::observer {

class Connection {
 public:
  // A four-tuple of which nothing is known: LISTEN if somebody listens on the stack's port.
  void Begin(const wire::Endpoint& stack, const wire::Endpoint& tester, bool listening,
             uint32_t default_mss);
  // The same for an active OPEN: SYN-SENT, its SYN owed.
  void BeginActive(const wire::Endpoint& stack, const wire::Endpoint& tester, uint32_t default_mss,
                   Instant now, const Profile& profile);

  const wire::Endpoint& stack() const { return stack_; }
  const wire::Endpoint& tester() const { return tester_; }
  void set_stack_port(uint16_t port) { stack_.port = port; }
  // No packet is about it any more.
  void Retire() { tester_.port = 0; }
  // Both incarnations may be open.
  bool IsAmbiguous() const { return HasLiveConnection(0) && HasLiveConnection(1); }
  // Both are of one active OPEN, of which it is not known which SYN it took.
  bool IsOfOneOpen() const { return one_open_; }
  // Nothing but CLOSED or LISTEN is possible.
  bool IsIdle() const { return !HasLiveConnection(0) && !HasLiveConnection(1); }
  void set_listening() { listening_ = true; }
  bool listening() const { return listening_; }
  spec::State nobody() const { return listening_ ? spec::State::kListen : spec::State::kClosed; }

  Beliefs& beliefs() { return beliefs_[current_]; }
  const Beliefs& beliefs() const { return beliefs_[current_]; }
  Facts& facts(size_t incarnation) { return facts_[incarnation]; }
  const Facts& facts(size_t incarnation) const { return facts_[incarnation]; }

  // True once the observer knows too little to judge: it says nothing rather than something wrong.
  bool lost() const { return lost_; }
  void Lose() { lost_ = true; }

  // --- stimuli ---
  void Arrive(const SegmentSeen& segment, const Profile& profile);
  void ArriveIcmp(const wire::IcmpError& error, Instant now, const Profile& profile);
  void CallSend(size_t incarnation, uint64_t octets, uint32_t flags);
  void CallOption(size_t incarnation, sut::Option option, int64_t value);
  void CallShutdown(size_t incarnation, Instant now, const Profile& profile);
  void CallClose(size_t incarnation, Instant now, const Profile& profile);
  void CallAbort(size_t incarnation, Instant now, const Profile& profile);
  void Stimulated(Instant now);
  // No ISS of this four-tuple is known.
  // An ISS that the stack chose, and when.
  struct Iss {
    bool known = false;
    uint32_t value = 0;
    Instant at;
    bool by_clock = false;  // for these two ends, and not given, nor asked for by a TIME-WAIT
  };
  const Iss& last_iss() const { return last_iss_; }
  void set_last_iss(const Iss& iss) { last_iss_ = iss; }
  // Time has come to `now`: what may have died does, TIME-WAIT that must be over is.
  void Elapse(Instant now, const Profile& profile);
  // What is known to die before its time may have died now.
  void DieEarly(Instant now, const Profile& profile) {
    if (!profile.quirks.empty()) DieByQuirks(now, profile);
  }
  // The stack is quiet: an ABORT has taken effect, replies of a kind that is sent at once are
  // overdue.
  void Quiesce();

  // --- what the stack sent ---
  Emission Look(size_t incarnation, const SegmentSeen& segment, bool answers) const;
  // Narrows the hypothesis in one slot by an emission that it permits. May move it to another
  // state.
  void Narrow(size_t lane, size_t incarnation, spec::State state, const Emission& emission,
              const Profile& profile);
  // Notes the emission among the facts; once, after all slots were judged. `looks`: as each
  // incarnation of which anything is believed sees it, which the first SYN changes.
  void Note(std::array<Emission, kIncarnations>& looks, const Profile& profile);

  // Changes when the place of an incarnation is taken by a new one.
  uint32_t generation(size_t incarnation) const { return generations_[incarnation]; }
  // The incarnation that has got furthest: what an accepted handle is about.
  size_t Furthest() const;

 private:
  void Swap() { current_ = 1 - current_; }
  Beliefs& next() { return beliefs_[1 - current_]; }
  // A bit for each state of a connection that is believed possible.
  uint16_t LiveConnections(size_t incarnation) const {
    constexpr uint16_t kNobodyBits = 1u << static_cast<unsigned>(spec::State::kClosed) |
                                     1u << static_cast<unsigned>(spec::State::kListen);
    return static_cast<uint16_t>(beliefs().live(incarnation) & ~kNobodyBits);
  }
  // Whatever is believed, there is text that the user has not read.
  bool IsSurelyUnread(size_t incarnation) const;
  bool HasLiveConnection(size_t incarnation) const { return LiveConnections(incarnation) != 0; }
  // Anything is believed of it, be it that there is none.
  bool IsLive(size_t incarnation) const { return beliefs().live(incarnation) != 0; }
  void NoteStimulus(Instant now);
  void DieByQuirks(Instant now, const Profile& profile);
  size_t FreshFor(size_t incarnation, spec::State state, const SegmentSeen& segment);
  void NoteArrival(size_t incarnation, const SegmentSeen& segment, const Profile& profile);
  static bool NoteStray(Facts& facts, const SegmentSeen& segment, Offset seq, Offset ack,
                        bool half_open, const Profile& profile);
  // The lowest SND.UNA that any hypothesis of each incarnation has.
  std::array<Offset, kIncarnations> SurelyAcknowledged() const;
  void PrepareFresh(size_t fresh, const SegmentSeen& segment);
  // What all hypotheses of a connection hold between them.
  struct Bounds {
    Range snd_una = {kUnbounded, 0};
    Offset rcv_nxt = 0;  // the highest that is certain
  };
  Bounds BoundsOf(size_t incarnation) const;

  wire::Endpoint stack_;
  wire::Endpoint tester_;
  // The newest ISS, and when it was seen.
  Iss last_iss_;
  bool listening_ = false;
  bool lost_ = false;
  bool one_open_ = false;
  uint32_t default_mss_ = 536;
  std::array<uint32_t, kIncarnations> generations_{};
  size_t current_ = 0;
  std::array<Facts, kIncarnations> facts_;
  std::array<Beliefs, 2> beliefs_;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_CONNECTION_H_
