// Trace: what happened in one run, in order, as an outsider saw it.
//
// Packets in both directions, user calls with their answers, and time. Nothing in it is a
// conclusion; those are the observer's. Packets are kept as octets in one buffer, so that recording
// a run allocates nothing once the trace has grown, and the digest of a trace is the digest of a
// run.

#ifndef ASSAY_HARNESS_OBSERVER_TRACE_H_
#define ASSAY_HARNESS_OBSERVER_TRACE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/sut/stack_under_test.h"
#include "stack/base/digest.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/wire/octets.h"

namespace assay::observer {

enum class TraceKind : uint8_t {
  kToStack,    // a packet delivered to the stack
  kFromStack,  // a packet that the stack sent
  kCall,       // a user call and its answer
  kTime,       // time passed
};

enum class Call : uint8_t {
  kListen,
  kConnect,
  kAccept,
  kSend,
  kReceive,
  kShutdown,  // CLOSE in the RFC's sense: no more to send
  kClose,     // the application lets go of the connection
  kAbort,
};

std::string_view Name(Call call);

// What became of a packet on the wire. Most packets are one event. Where two hosts talk, a packet
// may be two: it leaves, other things happen, it arrives; a duplicate out of the network only
// arrives.
enum class Fate : uint8_t { kDelivered, kLost, kLeft, kArrived };

struct TraceEvent {
  TraceKind kind = TraceKind::kTime;
  Fate fate = Fate::kDelivered;
  Instant at;
  // kToStack, kFromStack: where the packet's octets lie in the trace.
  size_t octets_at = 0;
  size_t octets_size = 0;
  // kCall.
  Call call = Call::kListen;
  int32_t handle = sut::kNoHandle;
  sut::CallError error = sut::CallError::kNone;
  uint64_t count = 0;      // octets moved; the port, for kListen and kConnect
  bool by_tester = false;  // the user of the tester's end called, where two hosts talk
  // kTime: how long.
  Duration elapsed;
  // What the tester knew of the stack after the event: the states it may be in (the observer's
  // conclusion, for reports), and of itself.
  spec::StateSet stack_states;
  spec::State tester_state = spec::State::kClosed;
};

class Trace {
 public:
  void Clear();

  void AddPacket(TraceKind kind, Instant at, wire::Octets packet, Fate fate);
  void AddCall(Instant at, Call call, int32_t handle, sut::CallError error, uint64_t count);
  void AddTime(Instant at, Duration elapsed);

  const std::vector<TraceEvent>& events() const { return events_; }
  TraceEvent& last() { return events_.back(); }
  wire::Octets packet(const TraceEvent& event) const {
    return wire::Octets(octets_).subspan(event.octets_at, event.octets_size);
  }

  // Of everything but the conclusions.
  uint64_t digest() const;

 private:
  std::vector<TraceEvent> events_;
  std::vector<std::byte> octets_;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_TRACE_H_
