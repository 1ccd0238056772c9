// StackUnderTest: the whole surface between Assay and a TCP stack, as C++.
//
// It mirrors assay_shim.h one to one, and its rules are the contract here as well: calls run the
// stack to quiescence, never block, and time moves only in Advance. Nothing here judges; a stack
// that answers nonsense is found out by the driver and the rules.

#ifndef ASSAY_HARNESS_SUT_STACK_UNDER_TEST_H_
#define ASSAY_HARNESS_SUT_STACK_UNDER_TEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"

namespace assay::sut {

// What a stack and its shim can do; the values are those of ASSAY_CAP_....
enum class Capability : uint32_t {
  kVirtualTime = 1u << 0,
  kSyncOutput = 1u << 1,
  kListen = 1u << 2,
  kConnect = 1u << 3,
  kHalfClose = 1u << 4,
  kAbort = 1u << 5,
  kState = 1u << 6,
  kExactReset = 1u << 7,
  kSeedIss = 1u << 8,
  kNextTimer = 1u << 9,
  kRecvPause = 1u << 10,
  kIpv4 = 1u << 11,
  kIpv6 = 1u << 12,
  kUrgent = 1u << 13,
  kWindowScale = 1u << 14,
  kSack = 1u << 15,
  kTimestamps = 1u << 16,
  kNodelay = 1u << 17,
  kPush = 1u << 18,
  kStandardCongestion = 1u << 19,
};

std::string_view Name(Capability capability);

struct Capabilities {
  uint32_t bits = 0;
  uint32_t receive_buffer = 0;
  uint32_t send_buffer = 0;
  uint32_t mss_floor = 0;
  uint32_t max_connections = 0;
  Duration timer_quantum;
  Duration two_msl;
  Duration delayed_ack_max;
  Duration rto_min;

  bool Has(Capability c) const { return (bits & static_cast<uint32_t>(c)) != 0; }
};

struct Features {
  bool window_scale = false;
  bool sack = false;
  bool timestamps = false;
  friend bool operator==(const Features&, const Features&) = default;
};

struct Config {
  wire::IpAddress stack = wire::IpAddress::V4(192, 0, 2, 1);
  wire::IpAddress tester = wire::IpAddress::V4(192, 0, 2, 2);
  uint32_t mtu = 1500;
  Features features;
  bool use_iss = false;
  uint32_t iss = 0;
  uint64_t seed = 0;
  friend bool operator==(const Config&, const Config&) = default;
};

// The same two addresses of IPv6: 2001:db8::1 and 2001:db8::2.
void UseIpv6(Config& config);

// Answers of user calls; the values are those of ASSAY_AGAIN and its neighbours.
enum class CallError : int32_t {
  kNone = 0,
  kAgain = -1,
  kReset = -2,
  kRefused = -3,
  kTimedOut = -4,
  kClosed = -5,
  kInUse = -6,
  kNoResources = -7,
  kInvalid = -8,
  kUnreachable = -9,
  kUnsupported = -10,
};

// "again", "reset": the word that reports print. Any value that a shim invents is "error N".
std::string Name(CallError error);

// True for the answers after which the connection is gone.
constexpr bool EndsConnection(CallError error) {
  return error == CallError::kReset || error == CallError::kRefused ||
         error == CallError::kTimedOut || error == CallError::kUnreachable;
}

using Handle = int32_t;
inline constexpr Handle kNoHandle = -1;

enum SendFlags : uint32_t { kSendPush = 1, kSendUrgent = 2 };

// What recv and send answer: octets moved, or an error. recv with 0 octets and no error is the end
// of the stream.
struct Transfer {
  size_t octets = 0;
  CallError error = CallError::kNone;
};

struct Accepted {
  Handle handle = kNoHandle;
  wire::Endpoint from;
  CallError error = CallError::kNone;
};

struct Opened {
  Handle handle = kNoHandle;
  CallError error = CallError::kNone;
};

// A state that the stack reports itself; kUnknown where it cannot tell.
struct ReportedState {
  bool known = false;
  spec::State state = spec::State::kClosed;
};

enum class Option : int32_t { kNodelay = 1, kKeepalive = 2, kUserTimeoutMs = 3 };

class StackUnderTest {
 public:
  virtual ~StackUnderTest() = default;

  virtual std::string_view name() const = 0;
  virtual std::string_view version() const = 0;
  virtual const Capabilities& capabilities() const = 0;

  // Back to a fresh stack with this configuration, time at 0. False if it cannot be had.
  virtual bool Reset(const Config& config) = 0;

  virtual void Deliver(wire::Octets packet) = 0;
  // The next packet that the stack sent, written to the front of `out`; empty if there is none.
  // `out` holds 64 KiB.
  virtual wire::Octets Poll(wire::MutableOctets out) = 0;
  virtual Instant Now() = 0;
  virtual Duration Advance(Duration duration, bool stop_at_output) = 0;
  // kNever if none is running or the stack cannot tell.
  virtual Instant NextTimer() = 0;

  virtual Opened Listen(uint16_t port, uint32_t backlog) = 0;
  virtual Opened Connect(uint16_t local_port, uint16_t remote_port) = 0;
  virtual Accepted Accept(Handle listener) = 0;
  virtual Transfer Send(Handle handle, wire::Octets data, uint32_t flags) = 0;
  virtual Transfer Recv(Handle handle, wire::MutableOctets out) = 0;
  virtual CallError ShutdownWrite(Handle handle) = 0;
  virtual CallError Close(Handle handle) = 0;
  virtual CallError Abort(Handle handle) = 0;

  virtual ReportedState State(Handle handle) = 0;
  virtual CallError Error(Handle handle) = 0;
  virtual CallError SetOption(Handle handle, Option option, int64_t value) = 0;
  // What went wrong inside the stack, or empty.
  virtual std::string_view LastFault() = 0;
};

}  // namespace assay::sut

#endif  // ASSAY_HARNESS_SUT_STACK_UNDER_TEST_H_
