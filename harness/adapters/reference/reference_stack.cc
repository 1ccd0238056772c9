#include "harness/adapters/reference/reference_stack.h"

#include <algorithm>

#include "stack/host/host.h"

namespace assay::adapters {
namespace {

using sut::CallError;
using sut::Handle;

constexpr uint32_t kMaxConnections = 64;

CallError ErrorFrom(host::Error error) {
  switch (error) {
    case host::Error::kNone:
      return CallError::kNone;
    case host::Error::kAgain:
      return CallError::kAgain;
    case host::Error::kReset:
      return CallError::kReset;
    case host::Error::kRefused:
      return CallError::kRefused;
    case host::Error::kTimedOut:
      return CallError::kTimedOut;
    case host::Error::kUnreachable:
      return CallError::kUnreachable;
    case host::Error::kClosed:
      return CallError::kClosed;
    case host::Error::kInUse:
      return CallError::kInUse;
    case host::Error::kNoResources:
      return CallError::kNoResources;
    case host::Error::kInvalid:
      return CallError::kInvalid;
  }
  return CallError::kInvalid;
}

sut::Capabilities CapabilitiesOf(const tcp::Policy& policy) {
  using enum sut::Capability;
  sut::Capabilities caps;
  for (sut::Capability c : {kVirtualTime, kSyncOutput, kListen, kConnect, kHalfClose, kAbort,
                            kState, kExactReset, kSeedIss, kNextTimer, kRecvPause, kIpv4, kIpv6,
                            kUrgent, kWindowScale, kNodelay, kStandardCongestion}) {
    caps.bits |= static_cast<uint32_t>(c);
  }
  if (policy.timestamps) caps.bits |= static_cast<uint32_t>(kTimestamps);
  if (policy.sack) caps.bits |= static_cast<uint32_t>(kSack);
  if (!policy.push_every_send) caps.bits |= static_cast<uint32_t>(kPush);
  caps.receive_buffer = policy.receive_buffer;
  caps.send_buffer = policy.send_buffer;
  caps.mss_floor = policy.mss_floor;
  caps.max_connections = kMaxConnections;
  caps.two_msl = policy.msl * 2;
  caps.delayed_ack_max = policy.delayed_ack;
  caps.rto_min = policy.rto_min;
  return caps;
}

class ReferenceStack final : public sut::StackUnderTest {
 public:
  explicit ReferenceStack(const tcp::Policy& policy)
      : policy_(policy), capabilities_(CapabilitiesOf(policy)), host_(HostConfig(sut::Config{})) {}

  std::string_view name() const override { return "reference"; }
  std::string_view version() const override { return "0.1"; }
  const sut::Capabilities& capabilities() const override { return capabilities_; }

  bool Reset(const sut::Config& config) override {
    tester_ = config.tester;
    host_.Reset(HostConfig(config));
    return true;
  }

  void Deliver(wire::Octets packet) override { host_.Deliver(packet); }

  wire::Octets Poll(wire::MutableOctets out) override { return host_.PollInto(out); }

  Instant Now() override { return host_.now(); }
  Duration Advance(Duration duration, bool stop_at_output) override {
    return host_.Advance(duration, stop_at_output ? host::Stop::kAtOutput : host::Stop::kAtEnd);
  }
  Instant NextTimer() override { return host_.NextTimer(); }

  sut::Opened Listen(uint16_t port, uint32_t backlog) override {
    return OpenedFrom(host_.Listen(port, backlog));
  }
  sut::Opened Connect(uint16_t local_port, uint16_t remote_port) override {
    return OpenedFrom(host_.Connect(local_port, {tester_, remote_port}));
  }
  sut::Accepted Accept(Handle listener) override {
    const host::Accepted accepted = host_.Accept(listener);
    return {accepted.handle, accepted.from, ErrorFrom(accepted.error)};
  }
  sut::Transfer Send(Handle handle, wire::Octets data, uint32_t flags) override {
    const auto flag = [flags](uint32_t bit) {
      return (flags & bit) != 0 ? tcp::Flag::kYes : tcp::Flag::kNo;
    };
    return TransferFrom(host_.Send(handle, data, flag(sut::kSendPush), flag(sut::kSendUrgent)));
  }
  sut::Transfer Recv(Handle handle, wire::MutableOctets out) override {
    return TransferFrom(host_.Receive(handle, out));
  }
  CallError ShutdownWrite(Handle handle) override { return ErrorFrom(host_.Shutdown(handle)); }
  CallError Close(Handle handle) override { return ErrorFrom(host_.Close(handle)); }
  CallError Abort(Handle handle) override { return ErrorFrom(host_.Abort(handle)); }

  sut::ReportedState State(Handle handle) override { return {true, host_.State(handle)}; }
  CallError Error(Handle handle) override { return ErrorFrom(host_.ErrorOf(handle)); }
  CallError SetOption(Handle handle, sut::Option option, int64_t value) override {
    switch (option) {
      case sut::Option::kNodelay:
        return ErrorFrom(host_.SetNagle(handle, value != 0 ? tcp::Flag::kNo : tcp::Flag::kYes));
      case sut::Option::kUserTimeoutMs:
        return ErrorFrom(host_.SetUserTimeout(handle, Duration::Milliseconds(value)));
      case sut::Option::kKeepalive:
        return ErrorFrom(host_.SetKeepAlive(handle, value != 0 ? tcp::Flag::kYes : tcp::Flag::kNo));
    }
    return CallError::kUnsupported;
  }
  std::string_view LastFault() override { return {}; }

 private:
  host::Config HostConfig(const sut::Config& config) const {
    host::Config out;
    out.address = config.stack;
    out.mtu = config.mtu;
    out.seed = config.seed;
    out.use_first_iss = config.use_iss;
    out.first_iss = config.iss;
    out.max_connections = kMaxConnections;
    out.policy = policy_;
    out.policy.window_scale = config.features.window_scale;
    out.policy.timestamps = policy_.timestamps && config.features.timestamps;
    out.policy.sack = policy_.sack && config.features.sack;
    return out;
  }
  static sut::Opened OpenedFrom(const host::Opened& opened) {
    return {opened.handle, ErrorFrom(opened.error)};
  }
  static sut::Transfer TransferFrom(const host::Transfer& transfer) {
    return {transfer.octets, ErrorFrom(transfer.error)};
  }

  tcp::Policy policy_;
  sut::Capabilities capabilities_;
  wire::IpAddress tester_;
  host::Host host_;
};

}  // namespace

tcp::Policy PolicyFor(std::string_view profile) {
  if (profile == "rfc793") return tcp::Policy::Rfc793();
  if (profile == "hardened") return tcp::Policy::Hardened();
  return tcp::Policy::Rfc9293();
}

std::unique_ptr<sut::StackUnderTest> MakeReferenceStack(const tcp::Policy& policy) {
  return std::make_unique<ReferenceStack>(policy);
}

}  // namespace assay::adapters
