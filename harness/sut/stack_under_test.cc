#include "harness/sut/stack_under_test.h"

namespace assay::sut {

std::string_view Name(Capability capability) {
  switch (capability) {
    case Capability::kVirtualTime:
      return "virtual time";
    case Capability::kSyncOutput:
      return "synchronous output";
    case Capability::kListen:
      return "listen";
    case Capability::kConnect:
      return "connect";
    case Capability::kHalfClose:
      return "half-close";
    case Capability::kAbort:
      return "abort";
    case Capability::kState:
      return "state";
    case Capability::kExactReset:
      return "exact reset";
    case Capability::kSeedIss:
      return "seeded ISS";
    case Capability::kNextTimer:
      return "next timer";
    case Capability::kRecvPause:
      return "receive pause";
    case Capability::kIpv4:
      return "IPv4";
    case Capability::kIpv6:
      return "IPv6";
    case Capability::kUrgent:
      return "urgent";
    case Capability::kWindowScale:
      return "window scale";
    case Capability::kSack:
      return "SACK";
    case Capability::kTimestamps:
      return "timestamps";
    case Capability::kNodelay:
      return "nodelay";
    case Capability::kPush:
      return "push";
    case Capability::kStandardCongestion:
      return "standard congestion control";
  }
  return "unknown capability";
}

std::string Name(CallError error) {
  switch (error) {
    case CallError::kNone:
      return "ok";
    case CallError::kAgain:
      return "again";
    case CallError::kReset:
      return "reset";
    case CallError::kRefused:
      return "refused";
    case CallError::kTimedOut:
      return "timed out";
    case CallError::kClosed:
      return "closed";
    case CallError::kInUse:
      return "in use";
    case CallError::kNoResources:
      return "no resources";
    case CallError::kInvalid:
      return "invalid";
    case CallError::kUnreachable:
      return "unreachable";
    case CallError::kUnsupported:
      return "unsupported";
  }
  return "error " + std::to_string(static_cast<int32_t>(error));
}

void UseIpv6(Config& config) {
  config.stack = wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1});
  config.tester = wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});
}

}  // namespace assay::sut
