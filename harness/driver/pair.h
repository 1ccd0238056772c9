// Pair: two stacks with a wire between them, in virtual time, and a trace of what happened.
//
// It judges nothing and draws nothing. Side A is where the trace has its tester: what A sends goes
// kToStack, what B sends kFromStack, and A's calls are by_tester. One connection at a time.
//
// The contract:
//   1. Both stacks' clocks move together, from one timer or arrival to the next. Events are ordered
//      by (time, ordinal), and the same operations give the same trace.
//   2. A packet takes `delay` to cross; a packet that is lost is so when it leaves.
//   3. An operation on a packet means the oldest of that side that is under way and was not meddled
//      with yet, or else the next that the side sends.
//   4. A connection that has come to a listener is accepted as soon as it can be; that is not in
//   the
//      trace. A stack cannot be asked about a connection before that: it counts as SYN-RECEIVED
//      from its SYN,ACK on, until a RST arrives.

#ifndef ASSAY_HARNESS_DRIVER_PAIR_H_
#define ASSAY_HARNESS_DRIVER_PAIR_H_

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "harness/observer/trace.h"
#include "harness/sut/stack_under_test.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/wire/octets.h"
#include "stack/wire/segment.h"

namespace assay::driver {

enum class Side : uint8_t { kA, kB };

constexpr Side Other(Side side) { return side == Side::kA ? Side::kB : Side::kA; }

struct PairOptions {
  uint32_t iss_a = 100;
  uint32_t iss_b = 300;
  uint16_t port_a = 40000;
  uint16_t port_b = 80;
  uint32_t mtu = 1500;
  Duration delay = Duration::Milliseconds(50);
};

class Pair {
 public:
  // Both outlive the pair, tell their next timer and their states, and take an ISS.
  Pair(sut::StackUnderTest& a, sut::StackUnderTest& b);
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  // Two fresh hosts, nothing on the wire, time at 0. False if a stack cannot be reset to that.
  bool Reset(const PairOptions& options);

  // User calls, from a side's own port and to the other's. What they send is under way when they
  // return.
  sut::CallError Listen(Side side);
  sut::CallError Connect(Side side);
  // The next octets of the side's stream, as many as asked for; how many were taken.
  sut::Transfer Send(Side side, size_t octets, uint32_t flags = 0);
  sut::Transfer Receive(Side side, size_t most = 65536);
  sut::CallError Shutdown(Side side);
  sut::CallError Close(Side side);
  sut::CallError Abort(Side side);
  // Not in the trace.
  sut::CallError SetOption(Side side, sut::Option option, int64_t value);

  // The wire.
  void Lose(Side from);
  // It waits until Release(), and what was sent after it overtakes it.
  void HoldBack(Side from);
  void Release(Side from);
  // A copy stays behind in the network: an old duplicate, once it arrives.
  void KeepCopy(Side from);
  void DeliverCopy(Side from);
  // One bit of its last octet turns over on the way.
  void Damage(Side from);
  // It carries these options, whole words, in place of its own.
  void Rewrite(Side from, wire::Octets options);
  // A segment that `from` did not send, with its ports and addresses, arrives now.
  void Inject(Side from, const wire::Header& header, wire::Octets options = {},
              wire::Octets payload = {});

  // Time. Timers on the way fire.
  // Delivers the next packet under way, when it arrives; false if there is none.
  bool DeliverNext();
  // Delivers until no packet is under way.
  void Settle();
  // Goes on for this long.
  void Pass(Duration duration);
  // Goes on to the next timer of either side and lets it fire, delivering what arrives before it;
  // false if none is running by then.
  bool PassToTimer();

  Instant now() const { return now_; }
  spec::State StateOf(Side side);
  // All that its user has received, and all that its user has sent.
  wire::Octets received(Side side) const { return At(side).received; }
  wire::Octets sent(Side side) const { return At(side).sent; }

  // What happened since Reset(). A packet is one event, at its arrival, if it can be drawn as one
  // arrow there; it is two (kLeft, kArrived) if it crossed one that changed its sender's state, or
  // if it was overtaken.
  observer::Trace Record() const;

 private:
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();

  struct Host {
    sut::StackUnderTest* stack = nullptr;
    uint16_t port = 0;
    sut::Handle listener = sut::kNoHandle;
    sut::Handle connection = sut::kNoHandle;
    bool embryonic = false;  // a SYN,ACK left, and no RST came
    std::vector<std::byte> sent;
    std::vector<std::byte> received;
  };

  enum class Deed : uint8_t { kLose, kHold, kCopy, kDamage, kRewrite };
  struct Meddling {
    Deed deed = Deed::kLose;
    std::vector<std::byte> options;
  };

  struct Flight {
    Side from = Side::kA;
    Instant arrives;
    uint64_t ordinal = 0;
    bool held = false;
    bool meddled = false;
    size_t left_at = kNone;  // in the log
    std::vector<std::byte> octets;
  };

  enum class Happening : uint8_t { kLeft, kArrived, kLost, kCall, kTime };
  struct Entry {
    Happening what = Happening::kTime;
    Side side = Side::kA;  // who sent, or called
    observer::TraceEvent event;
    std::vector<std::byte> octets;
    size_t left_at = kNone;  // kArrived: the entry of its departure, if it had one
  };

  Host& At(Side side) { return hosts_[side == Side::kA ? 0 : 1]; }
  const Host& At(Side side) const { return hosts_[side == Side::kA ? 0 : 1]; }

  void Call(Side side, observer::Call call, sut::Handle handle, sut::CallError error,
            uint64_t count);
  Entry& Log(Happening what, Side side);
  void StampStates(Entry& entry);

  // Takes what both stacks have sent onto the wire.
  void Collect();
  void Leave(Side from, wire::Octets packet);
  void Meddle(Side from, Meddling meddling);
  void Apply(const Meddling& meddling, size_t flight);
  size_t Oldest(Side from) const;
  size_t NextArrival() const;
  void Arrive(size_t flight);
  void Accept(Side side);

  Instant NextTimer() const;
  void MoveTo(Instant instant);
  // The next timer or arrival no later than `end`; false if there is none.
  enum class Passed : uint8_t { kNothing, kTimer, kArrival };
  Passed Step(Instant end);

  bool IsDrawnApart(size_t left_at, size_t arrived_at) const;

  std::array<Host, 2> hosts_;
  PairOptions options_;
  Instant now_;
  uint64_t next_ordinal_ = 0;
  std::vector<Flight> flights_;
  std::array<std::deque<Meddling>, 2> meddlings_;
  std::array<std::deque<std::vector<std::byte>>, 2> copies_;
  std::vector<Entry> log_;
  std::vector<std::byte> buffer_;
};

}  // namespace assay::driver

#endif  // ASSAY_HARNESS_DRIVER_PAIR_H_
