// Hypothesis: what the stack may believe, given that it is in one state; and Beliefs, all of them.
//
// There is one slot for each (lane, incarnation, state). What cannot be known inside it is an
// interval; two hypotheses that meet in a slot are joined by the hull, so a set only ever grows by
// joining: precision is lost, soundness is not, and nothing needs pruning by guess.

#ifndef ASSAY_HARNESS_OBSERVER_HYPOTHESIS_H_
#define ASSAY_HARNESS_OBSERVER_HYPOTHESIS_H_

#include <cstdint>
#include <type_traits>

#include "harness/observer/offset.h"
#include "harness/observer/profile.h"
#include "stack/base/bounded_vector.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"

namespace assay::observer {

// CLOSED or LISTEN: there is no connection.
constexpr bool IsNobody(spec::State state) {
  return state == spec::State::kClosed || state == spec::State::kListen;
}

// Why a reply is owed: names the rule that is broken when it does not come.
enum class Reason : uint8_t {
  kNone,
  kData,            // text or a FIN was taken (3.8.6.3)
  kUnacceptable,    // the sequence test failed (3.10.7.4, first)
  kBadAck,          // an acknowledgment of what was never sent (3.10.7.4, fifth)
  kChallenge,       // RFC 5961
  kNobody,          // a segment for a connection that does not exist (3.5.2, group 1)
  kUnsynchronized,  // an unacceptable ACK in a non-synchronized state (3.5.2, group 2)
  kSyn,             // a SYN was taken
  kOpen,            // an active OPEN
  kAbort,           // ABORT
  kOld,             // a timestamp older than another (RFC 7323, 5.3)
  kGap,             // text behind a gap (RFC 5681, 3.2)
  kSecond,          // as much text as two full segments have (3.8.6.3)
  kUnread,          // CLOSE over unread text, or text after CLOSE (3.6.1)
};

struct Debt {
  Instant deadline = kNever;
  Offset value = 0;  // for an ACK: the least number that pays it
  Reason reason = Reason::kNone;
  constexpr bool owed() const { return reason != Reason::kNone; }
};

// A RST that may be sent now, in the numbers of the wire.
struct AllowedRst {
  uint32_t seq = 0;
  uint32_t ack = 0;  // what its ACK number must be if it has the ACK bit
  bool needs_ack = false;
  friend constexpr bool operator==(const AllowedRst&, const AllowedRst&) = default;
};

// A hole of which only that it may be there is known.
inline constexpr Offset kSomewhere = -2;

enum OriginBits : uint8_t { kActiveOrigin = 1, kPassiveOrigin = 2 };

struct Hypothesis {
  Range rcv_nxt;
  Range snd_una;
  Debt ack;
  Debt rst;
  Debt syn;
  BoundedVector<AllowedRst, 3> rst_forms;  // until the next stimulus
  bool rst_any = false;                    // more forms are allowed than there is room for
  bool rst_in_flight = false;  // a RST with SEQ in [SND.UNA, SND.MAX] may be sent (ABORT)
  bool rst_or_ack = false;     // an ACK pays the RST debt as well
  bool aborting = false;       // ABORT was called and its RST not seen: gone when the window closes
  bool app_gone = false;       // nobody will read again
  // A place in the tester's stream that holds no octet for the application, because the stack took
  // a SYN for one (a quirk).
  Offset hole = kNowhere;
  // One ACK of this number may still come, from before the last arrival was taken: some stacks
  // answer a segment before they look at its text.
  Range earlier_ack = {1, 0};  // empty
  // RCV.NXT before the text of the last arrival was taken: what its acknowledgment let go out may
  // still carry that number.
  Range before_text = {1, 0};  // empty
  uint8_t ack_permits = 0;     // pure ACKs that may be sent without another cause
  uint8_t syn_permits = 0;     // SYN,ACKs that may be sent at once
  Instant permits_until;
  Instant time_wait_since;   // the earliest entry
  Instant time_wait_latest;  // the latest restart
  Instant since;             // entry into the state, the earliest
  uint8_t origin = 0;        // OriginBits; both after a join
  QuirkSet quirks;           // those that this hypothesis rests on

  // Behind the last of the first `octets` that the application gets.
  constexpr Offset Behind(Offset octets) const {
    return 1 + octets + (hole > 0 && hole <= octets ? 1 : 0);
  }
};

static_assert(std::is_trivially_copyable_v<Hypothesis>);

// A RST ends the connection, and is owed. What was held may still come before it.
void OweReset(Hypothesis& h, Instant deadline, Reason reason);

// The weakest of two: what either allows is allowed, only what both owe is owed.
Hypothesis Join(const Hypothesis& a, const Hypothesis& b);

inline constexpr size_t kIncarnations = 2;
// Lane 0 holds what the RFCs allow; lane 1 what only a quirk of the profile explains.
inline constexpr size_t kLanes = 2;

class Beliefs {
 public:
  Beliefs() {}
  // What is not live is neither made nor copied: most of the slots, most of the time.
  Beliefs(const Beliefs& other) { *this = other; }
  Beliefs& operator=(const Beliefs& other) {
    live_ = other.live_;
    for (uint64_t rest = live_; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<unsigned>(__builtin_ctzll(rest));
      slots_[bit] = other.slots_[bit];
    }
    return *this;
  }

  void Clear() { live_ = 0; }
  // Puts a hypothesis into its slot, joined with what is there.
  void Put(size_t lane, size_t incarnation, spec::State state, const Hypothesis& hypothesis);

  // The live states, a bit each.
  uint16_t live(size_t lane, size_t incarnation) const {
    return static_cast<uint16_t>(live_ >> FirstBit(lane, incarnation));
  }
  // The same in either lane.
  uint16_t live(size_t incarnation) const {
    return static_cast<uint16_t>((live_ | live_ >> FirstBit(1, 0)) >> FirstBit(0, incarnation));
  }
  bool Live(size_t lane, size_t incarnation, spec::State state) const {
    return ((live_ >> BitOf(lane, incarnation, state)) & 1u) != 0;
  }
  void Drop(size_t lane, size_t incarnation, spec::State state) {
    Drop(Bit(lane, incarnation, state));
  }
  // A slot as a bit of a set of slots, and what is done with such a set.
  static constexpr uint64_t Bit(size_t lane, size_t incarnation, spec::State state) {
    return uint64_t{1} << BitOf(lane, incarnation, state);
  }
  void Drop(uint64_t slots) { live_ &= ~slots; }
  bool LaneIsEmptyWithout(size_t lane, uint64_t slots) const {
    return static_cast<uint32_t>((live_ & ~slots) >> FirstBit(lane, 0)) == 0;
  }
  Hypothesis& At(size_t lane, size_t incarnation, spec::State state) {
    return slots_[BitOf(lane, incarnation, state)];
  }
  const Hypothesis& At(size_t lane, size_t incarnation, spec::State state) const {
    return slots_[BitOf(lane, incarnation, state)];
  }
  bool LaneIsEmpty(size_t lane) const { return LaneIsEmptyWithout(lane, 0); }
  bool empty() const { return live_ == 0; }
  // Makes lane 1 lane 0: what a quirk explained is where the stack is now.
  void Promote();
  // The states of all live slots.
  spec::StateSet States() const {
    return spec::StateSet::FromBits(
        static_cast<uint16_t>(live(0, 0) | live(0, 1) | live(1, 0) | live(1, 1)));
  }

  // Calls f(lane, incarnation, state, hypothesis) for each slot that is live now; f may drop it.
  template <typename F>
  void ForEach(F f) {
    for (uint64_t rest = live_; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<unsigned>(__builtin_ctzll(rest));
      f(size_t{bit / kStride / kIncarnations}, size_t{bit / kStride % kIncarnations},
        static_cast<spec::State>(bit % kStride), slots_[bit]);
    }
  }
  template <typename F>
  void ForEach(F f) const {
    const_cast<Beliefs*>(this)->ForEach([&f](size_t lane, size_t inc, spec::State state,
                                             const Hypothesis& h) { f(lane, inc, state, h); });
  }

 private:
  // One word says which slots are live, since it is asked for on every event: sixteen bits for the
  // states of a lane and incarnation.
  static constexpr unsigned kStride = 16;
  static_assert(spec::kStateCount <= kStride && kIncarnations * kStride == 32 && kLanes == 2);
  static constexpr unsigned FirstBit(size_t lane, size_t incarnation) {
    return static_cast<unsigned>(lane * kIncarnations + incarnation) * kStride;
  }
  static constexpr unsigned BitOf(size_t lane, size_t incarnation, spec::State state) {
    return FirstBit(lane, incarnation) + static_cast<unsigned>(state);
  }

  union {
    Hypothesis slots_[kLanes * kIncarnations * kStride];
  };
  uint64_t live_ = 0;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_HYPOTHESIS_H_
