#include "harness/sut/shim_stack.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "stack/base/check.h"

namespace assay::sut {
namespace {

constexpr int32_t kLowestError = ASSAY_UNSUPPORTED;

constexpr bool IsKnownError(int64_t answer) { return answer < 0 && answer >= kLowestError; }

absl::Status Refuse(const std::string& origin, std::string_view why) {
  return absl::FailedPreconditionError(absl::StrFormat("%s: %s", origin, why));
}

assay_address ToShim(const wire::IpAddress& address) {
  assay_address out{};
  out.family = address.family() == wire::IpFamily::kIpv4 ? 4 : 6;
  std::memcpy(out.octets, address.octets().data(), address.octets().size());
  return out;
}

assay_config ToShim(const Config& config) {
  assay_config out{};
  out.stack = ToShim(config.stack);
  out.tester = ToShim(config.tester);
  out.mtu = config.mtu;
  out.features = (config.features.window_scale ? uint32_t{ASSAY_FEATURE_WINDOW_SCALE} : 0) |
                 (config.features.sack ? uint32_t{ASSAY_FEATURE_SACK} : 0) |
                 (config.features.timestamps ? uint32_t{ASSAY_FEATURE_TIMESTAMPS} : 0);
  out.iss = config.iss;
  out.use_iss = config.use_iss ? 1 : 0;
  out.seed = config.seed;
  return out;
}

const uint8_t* In(wire::Octets octets) { return reinterpret_cast<const uint8_t*>(octets.data()); }
uint8_t* Out(wire::MutableOctets octets) { return reinterpret_cast<uint8_t*>(octets.data()); }

class ShimStack final : public StackUnderTest {
 public:
  ShimStack(const assay_shim* shim, const Capabilities& capabilities)
      : shim_(shim), name_(shim->name), capabilities_(capabilities) {
    if (shim->version != nullptr) version_ = shim->version;
  }
  ~ShimStack() override { CloseStack(); }
  ShimStack(const ShimStack&) = delete;
  ShimStack& operator=(const ShimStack&) = delete;

  std::string_view name() const override { return name_; }
  std::string_view version() const override { return version_; }
  const Capabilities& capabilities() const override { return capabilities_; }

  bool Reset(const Config& config) override {
    if (config.stack.family() != config.tester.family()) return false;
    if (!capabilities_.Has(config.stack.family() == wire::IpFamily::kIpv4 ? Capability::kIpv4
                                                                          : Capability::kIpv6)) {
      return false;
    }
    Forget();
    family_ = config.stack.family();
    const assay_config wanted = ToShim(config);
    if (stack_ != nullptr && shim_->reset(stack_, &wanted) == 0) return true;
    CloseStack();
    stack_ = shim_->open(&wanted);
    return stack_ != nullptr;
  }

  void Deliver(wire::Octets packet) override {
    if (stack_ != nullptr) shim_->deliver(stack_, In(packet), packet.size());
  }

  wire::Octets Poll(wire::MutableOctets out) override {
    if (stack_ == nullptr) return {};
    const int64_t size = shim_->poll(stack_, Out(out), out.size());
    if (size == ASSAY_INVALID) {
      Fault(absl::StrFormat("poll dropped a packet of more than %u octets", out.size()));
      return {};
    }
    if (size < 0 || static_cast<uint64_t>(size) > out.size()) {
      Fault(absl::StrFormat("poll answered %d for a buffer of %u octets", size, out.size()));
      return {};
    }
    return out.first(static_cast<size_t>(size));
  }

  Instant Now() override {
    if (stack_ == nullptr) return now_;
    const Instant now = Instant::FromNanoseconds(shim_->now(stack_));
    if (now < now_) {
      Fault(absl::StrFormat("time ran backwards: now answered %d ns after %d ns", now.ns(),
                            now_.ns()));
      return now_;
    }
    if (now > now_ && capabilities_.Has(Capability::kVirtualTime)) {
      Fault(absl::StrFormat("virtual time moved outside advance: now answered %d ns after %d ns",
                            now.ns(), now_.ns()));
    }
    now_ = now;
    return now_;
  }

  Duration Advance(Duration duration, bool stop_at_output) override {
    ASSAY_CHECK(duration >= Duration());
    if (stack_ == nullptr) return duration;
    const int64_t asked = duration.ns();
    int64_t passed =
        shim_->advance(stack_, asked, stop_at_output ? uint32_t{ASSAY_ADVANCE_STOP_AT_OUTPUT} : 0);
    const bool virtual_time = capabilities_.Has(Capability::kVirtualTime);
    if (passed < 0 || (virtual_time && passed > asked)) {
      Fault(absl::StrFormat("advance by %d ns answered %d ns", asked, passed));
      passed = std::clamp<int64_t>(passed, 0, asked);
    } else if (virtual_time && passed < asked && !stop_at_output) {
      Fault(absl::StrFormat("advance by %d ns stopped after %d ns unasked", asked, passed));
    }
    if (virtual_time) now_ = now_ + Duration::Nanoseconds(passed);
    return Duration::Nanoseconds(passed);
  }

  Instant NextTimer() override {
    if (stack_ == nullptr || shim_->next_timer == nullptr) return kNever;
    const int64_t at = shim_->next_timer(stack_);
    if (at == -1) return kNever;
    if (at < now_.ns() && (at < 0 || capabilities_.Has(Capability::kVirtualTime))) {
      Fault(absl::StrFormat("next_timer answered %d ns at %d ns", at, now_.ns()));
      return now_;
    }
    return Instant::FromNanoseconds(at);
  }

  Opened Listen(uint16_t port, uint32_t backlog) override {
    if (stack_ == nullptr) return {.error = CallError::kClosed};
    return NewHandle("listen", shim_->listen(stack_, port, backlog));
  }

  Opened Connect(uint16_t local_port, uint16_t remote_port) override {
    if (stack_ == nullptr) return {.error = CallError::kClosed};
    return NewHandle("connect", shim_->connect(stack_, local_port, remote_port));
  }

  Accepted Accept(Handle listener) override {
    Accepted accepted;
    accepted.error = CallError::kClosed;
    if (stack_ == nullptr) return accepted;
    assay_peer peer{};
    const Opened opened = NewHandle("accept", shim_->accept(stack_, listener, &peer));
    accepted.handle = opened.handle;
    accepted.error = opened.error;
    if (opened.error != CallError::kNone) return accepted;
    accepted.from.port = peer.port;
    const uint32_t family = family_ == wire::IpFamily::kIpv4 ? 4 : 6;
    const size_t size = family == 4 ? 4 : 16;
    if (peer.address.family != family) {
      Fault(absl::StrFormat("accept answered an address of family %u, not %u", peer.address.family,
                            family));
      std::memset(peer.address.octets, 0, sizeof peer.address.octets);
    }
    accepted.from.address =
        wire::IpAddress::FromOctets(std::as_bytes(std::span(peer.address.octets, size)));
    return accepted;
  }

  Transfer Send(Handle handle, wire::Octets data, uint32_t flags) override {
    if (stack_ == nullptr) return {.error = CallError::kClosed};
    return Moved("send", shim_->send(stack_, handle, In(data), data.size(), flags), data.size());
  }

  Transfer Recv(Handle handle, wire::MutableOctets out) override {
    if (stack_ == nullptr) return {.error = CallError::kClosed};
    return Moved("recv", shim_->recv(stack_, handle, Out(out), out.size()), out.size());
  }

  CallError ShutdownWrite(Handle handle) override {
    if (stack_ == nullptr) return CallError::kClosed;
    return Answer("shutdown_wr", shim_->shutdown_wr(stack_, handle));
  }
  CallError Close(Handle handle) override {
    if (stack_ == nullptr) return CallError::kClosed;
    return Answer("close_handle", shim_->close_handle(stack_, handle));
  }
  CallError Abort(Handle handle) override {
    if (stack_ == nullptr) return CallError::kClosed;
    return Answer("abort", shim_->abort(stack_, handle));
  }

  ReportedState State(Handle handle) override {
    if (stack_ == nullptr || shim_->state == nullptr) return {};
    const int32_t state = shim_->state(stack_, handle);
    if (state == ASSAY_STATE_UNKNOWN) return {};
    if (state < 0 || state >= static_cast<int32_t>(spec::kStateCount)) {
      Fault(absl::StrFormat("state answered %d", state));
      return {};
    }
    return {.known = true, .state = static_cast<spec::State>(state)};
  }

  CallError Error(Handle handle) override {
    if (stack_ == nullptr || shim_->error == nullptr) return CallError::kNone;
    return Answer("error", shim_->error(stack_, handle));
  }

  CallError SetOption(Handle handle, Option option, int64_t value) override {
    if (stack_ == nullptr || shim_->setopt == nullptr) return CallError::kUnsupported;
    return Answer("setopt", shim_->setopt(stack_, handle, static_cast<int32_t>(option), value));
  }

  // The stack's own words come first: what the shim answered after an assertion is its consequence.
  std::string_view LastFault() override {
    if (stack_ != nullptr && shim_->last_fault != nullptr) {
      const char* fault = shim_->last_fault(stack_);
      if (fault != nullptr) return fault;
    }
    return fault_;
  }

 private:
  // The first fault is the telling one.
  void Fault(std::string what) {
    if (fault_.empty()) fault_ = std::move(what);
  }

  void Forget() {
    fault_.clear();
    handles_.clear();
    now_ = Instant();
  }

  void CloseStack() {
    if (stack_ != nullptr) shim_->close(stack_);
    stack_ = nullptr;
  }

  Opened NewHandle(std::string_view call, int32_t answer) {
    if (answer < 0) return {.error = Answer(call, answer)};
    if (std::find(handles_.begin(), handles_.end(), answer) != handles_.end()) {
      Fault(absl::StrFormat("%s gave out handle %d twice", call, answer));
    } else {
      handles_.push_back(answer);
    }
    return {.handle = answer};
  }

  Transfer Moved(std::string_view call, int64_t answer, size_t size) {
    if (answer >= 0 && static_cast<uint64_t>(answer) <= size) {
      return {.octets = static_cast<size_t>(answer)};
    }
    if (IsKnownError(answer)) return {.error = static_cast<CallError>(answer)};
    Fault(absl::StrFormat("%s answered %d for %u octets", call, answer, size));
    return {.error = CallError::kInvalid};
  }

  CallError Answer(std::string_view call, int32_t answer) {
    if (answer >= 0) return CallError::kNone;
    if (!IsKnownError(answer)) Fault(absl::StrFormat("%s answered %d", call, answer));
    return static_cast<CallError>(answer);
  }

  const assay_shim* shim_;
  assay_stack* stack_ = nullptr;  // null only where `open` refused; calls then answer kClosed
  std::string name_;
  std::string version_;
  Capabilities capabilities_;
  wire::IpFamily family_ = wire::IpFamily::kIpv4;
  Instant now_;                  // what the stack's clock last said, or must say in virtual time
  std::vector<Handle> handles_;  // given out since the last reset
  std::string fault_;
};

}  // namespace

absl::Status CheckShim(const assay_shim* shim, const std::string& origin) {
  if (shim == nullptr) {
    return Refuse(origin, absl::StrFormat("assay_shim_get answered NULL for ABI version %u",
                                          ASSAY_SHIM_ABI_VERSION));
  }
  // Nothing behind these two numbers can be trusted until they agree.
  if (shim->abi_version != ASSAY_SHIM_ABI_VERSION) {
    return Refuse(origin, absl::StrFormat("the shim has ABI version %u; this program wants %u",
                                          shim->abi_version, ASSAY_SHIM_ABI_VERSION));
  }
  if (shim->struct_size != sizeof(assay_shim)) {
    return Refuse(origin, absl::StrFormat("struct assay_shim has %u octets; this program wants %u",
                                          shim->struct_size, sizeof(assay_shim)));
  }
  if (shim->name == nullptr || shim->name[0] == '\0') {
    return Refuse(origin, "the shim has no name");
  }
  const std::pair<const char*, bool> required[] = {
      {"caps", shim->caps != nullptr},
      {"open", shim->open != nullptr},
      {"close", shim->close != nullptr},
      {"reset", shim->reset != nullptr},
      {"deliver", shim->deliver != nullptr},
      {"poll", shim->poll != nullptr},
      {"now", shim->now != nullptr},
      {"advance", shim->advance != nullptr},
      {"listen", shim->listen != nullptr},
      {"connect", shim->connect != nullptr},
      {"accept", shim->accept != nullptr},
      {"send", shim->send != nullptr},
      {"recv", shim->recv != nullptr},
      {"shutdown_wr", shim->shutdown_wr != nullptr},
      {"close_handle", shim->close_handle != nullptr},
      {"abort", shim->abort != nullptr},
  };
  for (const auto& [name, present] : required) {
    if (!present) {
      return Refuse(origin, absl::StrFormat("the required function %s is missing", name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StackUnderTest>> OpenShim(const assay_shim* shim,
                                                         const std::string& origin) {
  if (absl::Status status = CheckShim(shim, origin); !status.ok()) return status;

  assay_caps caps{};
  shim->caps(&caps);
  const Capabilities capabilities{
      .bits = caps.bits,
      .receive_buffer = caps.receive_buffer,
      .send_buffer = caps.send_buffer,
      .mss_floor = caps.mss_floor,
      .max_connections = caps.max_connections,
      .timer_quantum = Duration::Nanoseconds(caps.timer_quantum_ns),
      .two_msl = Duration::Nanoseconds(caps.two_msl_ns),
      .delayed_ack_max = Duration::Nanoseconds(caps.delayed_ack_max_ns),
      .rto_min = Duration::Nanoseconds(caps.rto_min_ns),
  };
  const std::pair<const char*, int64_t> times[] = {
      {"timer_quantum_ns", caps.timer_quantum_ns},
      {"two_msl_ns", caps.two_msl_ns},
      {"delayed_ack_max_ns", caps.delayed_ack_max_ns},
      {"rto_min_ns", caps.rto_min_ns},
  };
  for (const auto& [name, ns] : times) {
    if (ns < 0) return Refuse(origin, absl::StrFormat("caps answered %s %d", name, ns));
  }
  if (capabilities.Has(Capability::kState) && shim->state == nullptr) {
    return Refuse(origin, "caps promises ASSAY_CAP_STATE, but the function state is missing");
  }
  if (capabilities.Has(Capability::kNextTimer) && shim->next_timer == nullptr) {
    return Refuse(origin,
                  "caps promises ASSAY_CAP_NEXT_TIMER, but the function next_timer is missing");
  }
  Config config;
  if (!capabilities.Has(Capability::kIpv4)) {
    if (!capabilities.Has(Capability::kIpv6)) {
      return Refuse(origin, "caps promises neither ASSAY_CAP_IPV4 nor ASSAY_CAP_IPV6");
    }
    UseIpv6(config);
  }

  auto stack = std::make_unique<ShimStack>(shim, capabilities);
  if (!stack->Reset(config)) return Refuse(origin, "open answered NULL");
  return stack;
}

absl::StatusOr<std::unique_ptr<StackUnderTest>> LoadShim(const std::string& path) {
  // Without a slash dlopen would look everywhere but in the current folder.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  // Never closed: a library that brings a runtime of its own (Go's, say) cannot be unloaded.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return absl::NotFoundError(
        absl::StrFormat("cannot load the shim: %s", why != nullptr ? why : file.c_str()));
  }
  void* symbol = dlsym(library, "assay_shim_get");
  if (symbol == nullptr) {
    return Refuse(file, "no symbol assay_shim_get, so this is no shim");
  }
  const auto get = reinterpret_cast<decltype(&assay_shim_get)>(symbol);
  return OpenShim(get(ASSAY_SHIM_ABI_VERSION), file);
}

}  // namespace assay::sut
