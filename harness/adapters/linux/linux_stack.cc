#include "harness/adapters/linux/linux_stack.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "stack/base/check.h"
#include "stack/wire/packet.h"

namespace assay::adapters {
namespace {

using sut::CallError;
using sut::Capability;
using sut::Handle;
using sut::Transfer;

constexpr size_t kPacketRoom = 65536;
// tcp_min_snd_mss is 48 at least. On a link that has no room for so much every segment with text is
// lost inside the kernel, and the acknowledgment with it that it took for sent.
constexpr uint32_t kLeastMtu = 20 + 20 + 48;

int64_t ClockNs(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// How far the clock on the wall, by which the kernel stamps packets, is ahead of the one that only
// runs forward.
int64_t WallAhead() {
  constexpr int64_t kAtOnce = 20'000;
  while (true) {
    const int64_t before = ClockNs(CLOCK_MONOTONIC);
    const int64_t wall = ClockNs(CLOCK_REALTIME);
    const int64_t after = ClockNs(CLOCK_MONOTONIC);
    if (after - before < kAtOnce) return wall - before;
  }
}

// The kernel begins to stamp packets a little after the first socket has asked for it, and ends
// with the last: as long as this process runs, one asks.
void KeepStamps() {
  static const FileDescriptor keeper = [] {
    FileDescriptor made(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(made.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    return made;
  }();
}

CallError FromErrno(int error) {
  switch (error) {
    case 0:
      return CallError::kNone;
    case EAGAIN:
    case EINPROGRESS:
    case EALREADY:
    case EINTR:
      return CallError::kAgain;
    case ECONNRESET:
      return CallError::kReset;
    case ECONNREFUSED:
      return CallError::kRefused;
    case ETIMEDOUT:
      return CallError::kTimedOut;
    case EPIPE:
    case ENOTCONN:
    case EBADF:
    case ECONNABORTED:
      return CallError::kClosed;
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case EISCONN:
      return CallError::kInUse;
    case ENOBUFS:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return CallError::kNoResources;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return CallError::kUnreachable;
    case EOPNOTSUPP:
      return CallError::kUnsupported;
    default:
      return CallError::kInvalid;
  }
}

// TCP_INFO numbers the states as include/net/tcp_states.h of the kernel does.
std::optional<spec::State> FromKernel(uint8_t state) {
  using spec::State;
  static constexpr std::array<State, 13> kStates = {
      State::kClosed,     State::kEstablished, State::kSynSent,  State::kSynReceived,
      State::kFinWait1,   State::kFinWait2,    State::kTimeWait, State::kClosed,
      State::kCloseWait,  State::kLastAck,     State::kListen,   State::kClosing,
      State::kSynReceived};
  if (state == 0 || state >= kStates.size()) return std::nullopt;
  return kStates[state];
}

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress AddressOf(const wire::IpAddress& address, uint16_t port) {
  SocketAddress out;
  if (address.family() == wire::IpFamily::kIpv4) {
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.octets().data(), 4);
    std::memcpy(&out.storage, &in, sizeof(in));
    out.size = sizeof(in);
  } else {
    sockaddr_in6 in = {};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, address.octets().data(), 16);
    std::memcpy(&out.storage, &in, sizeof(in));
    out.size = sizeof(in);
  }
  return out;
}

wire::Endpoint EndpointOf(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in = {};
    std::memcpy(&in, &storage, sizeof(in));
    const auto octets = std::as_bytes(std::span(&in.sin_addr.s_addr, 1));
    return {wire::IpAddress::FromOctets(octets), ntohs(in.sin_port)};
  }
  sockaddr_in6 in = {};
  std::memcpy(&in, &storage, sizeof(in));
  const auto octets = std::as_bytes(std::span(in.sin6_addr.s6_addr));
  return {wire::IpAddress::FromOctets(octets), ntohs(in.sin6_port)};
}

void Switch(int fd, int level, int option, int value = 1) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

class LinuxStack : public sut::StackUnderTest {
 public:
  explicit LinuxStack(Wire wire) : wire_(wire), room_(kPacketRoom) {
    KeepStamps();
    utsname machine = {};
    uname(&machine);
    version_ = machine.release;
    for (Capability each :
         {Capability::kSyncOutput, Capability::kListen, Capability::kConnect,
          Capability::kHalfClose, Capability::kAbort, Capability::kState, Capability::kRecvPause,
          Capability::kIpv4, Capability::kIpv6, Capability::kUrgent, Capability::kWindowScale,
          Capability::kSack, Capability::kTimestamps, Capability::kNodelay}) {
      capabilities_.bits |= static_cast<uint32_t>(each);
    }
    capabilities_.receive_buffer = 65536;
    capabilities_.send_buffer = 16384;
    // tcp_min_snd_mss: an MSS below it is treated as this, less 12 for options.
    capabilities_.mss_floor = 48;
    capabilities_.max_connections = 16;
    // Of the timers' wheel a level is up to an eighth late, and a busy machine later than that.
    capabilities_.timer_quantum = Duration::Milliseconds(100);
    capabilities_.two_msl = Duration::Seconds(60);                // TCP_TIMEWAIT_LEN
    capabilities_.delayed_ack_max = Duration::Milliseconds(200);  // TCP_DELACK_MAX
    capabilities_.rto_min = Duration::Milliseconds(200);
  }

  std::string_view name() const override { return "linux"; }
  std::string_view version() const override { return version_; }
  const sut::Capabilities& capabilities() const override { return capabilities_; }

  bool Reset(const sut::Config& config) override {
    sockets_.clear();
    sandbox_ = Sandbox();
    sent_.clear();
    unused_ = 0;
    fault_.clear();
    config_ = config;
    if (config.mtu < kLeastMtu) return false;
    absl::StatusOr<Sandbox> made = MakeSandbox(config, wire_);
    if (!made.ok()) return false;
    sandbox_ = *std::move(made);
    began_ = ClockNs(CLOCK_MONOTONIC);
    now_ = called_ = Instant();
    return true;
  }

  void Deliver(wire::Octets packet) override {
    if (sandbox_.wire == Wire::kTun) {
      // A packet of neither family is refused, as a wire loses it.
      static_cast<void>(write(sandbox_.in.get(), packet.data(), packet.size()));
    } else {
      static_cast<void>(sendto(sandbox_.in.get(), packet.data(), packet.size(), 0,
                               reinterpret_cast<const sockaddr*>(&sandbox_.stack),
                               sizeof(sandbox_.stack)));
    }
    Called();
  }

  wire::Octets Poll(wire::MutableOctets out) override {
    Capture();
    if (sent_.empty() || sent_.front().at > std::max(now_, called_)) return {};
    const std::vector<std::byte>& octets = sent_.front().octets;
    const size_t size = std::min(octets.size(), out.size());
    std::memcpy(out.data(), octets.data(), size);
    sent_.pop_front();
    return out.first(size);
  }

  Instant Now() override { return now_; }

  Duration Advance(Duration duration, bool stop_at_output) override {
    const Instant from = now_;
    const Instant until = duration > Duration() ? now_ + duration : std::max(now_, Clock());
    while (true) {
      Capture();
      if (stop_at_output && !sent_.empty() && sent_.front().at <= until) {
        now_ = std::max(now_, sent_.front().at);
        break;
      }
      const Duration left = until - Clock();
      if (left <= Duration()) {
        // What was sent before the end is in the buffer by now.
        Capture();
        const bool more = stop_at_output && !sent_.empty() && sent_.front().at <= until;
        now_ = more ? std::max(now_, sent_.front().at) : until;
        break;
      }
      Sleep(left, stop_at_output && sent_.empty());
    }
    return now_ - from;
  }

  Instant NextTimer() override { return kNever; }

  sut::Opened Listen(uint16_t port, uint32_t backlog) override {
    Socket* socket = TakeSocket();
    if (socket == nullptr) return {sut::kNoHandle, CallError::kNoResources};
    SocketAddress address = AddressOf(config_.stack, port);
    const int fd = socket->fd.get();
    const bool listens =
        bind(fd, address.get(), address.size) == 0 && listen(fd, static_cast<int>(backlog)) == 0;
    return Open(*socket, listens ? 0 : errno);
  }

  sut::Opened Connect(uint16_t local_port, uint16_t remote_port) override {
    Socket* socket = TakeSocket();
    if (socket == nullptr) return {sut::kNoHandle, CallError::kNoResources};
    const int fd = socket->fd.get();
    if (local_port != 0) {
      SocketAddress own = AddressOf(config_.stack, local_port);
      if (bind(fd, own.get(), own.size) != 0) return Open(*socket, errno);
    }
    SocketAddress address = AddressOf(config_.tester, remote_port);
    const bool connects = connect(fd, address.get(), address.size) == 0 || errno == EINPROGRESS;
    return Open(*socket, connects ? 0 : errno);
  }

  sut::Accepted Accept(Handle listener) override {
    const Socket* socket = Find(listener);
    if (socket == nullptr) return {sut::kNoHandle, {}, CallError::kClosed};
    sockaddr_storage from = {};
    socklen_t size = sizeof(from);
    const int fd = accept4(socket->fd.get(), reinterpret_cast<sockaddr*>(&from), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = errno;
    Called();
    if (fd < 0) return {sut::kNoHandle, {}, FromErrno(error)};
    sockets_.push_back({FileDescriptor(fd)});
    return {static_cast<Handle>(sockets_.size() - 1), EndpointOf(from), CallError::kNone};
  }

  Transfer Send(Handle handle, wire::Octets data, uint32_t flags) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return {0, CallError::kClosed};
    const int how = MSG_NOSIGNAL | ((flags & sut::kSendUrgent) != 0 ? MSG_OOB : 0);
    return Moved(*socket, send(socket->fd.get(), data.data(), data.size(), how));
  }

  Transfer Recv(Handle handle, wire::MutableOctets out) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return {0, CallError::kClosed};
    return Moved(*socket, recv(socket->fd.get(), out.data(), out.size(), 0));
  }

  CallError ShutdownWrite(Handle handle) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return CallError::kClosed;
    const int error = shutdown(socket->fd.get(), SHUT_WR) == 0 ? 0 : errno;
    if (error == 0) socket->shut = true;
    Called();
    return FromErrno(error);
  }

  CallError Close(Handle handle) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return CallError::kClosed;
    socket->fd.Close();
    Called();
    return CallError::kNone;
  }

  CallError Abort(Handle handle) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return CallError::kClosed;
    const linger at_once = {1, 0};
    setsockopt(socket->fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    return Close(handle);
  }

  // While the socket is open. What is left of a connection in TIME-WAIT is no socket's any more:
  // to the one that it was, the kernel says CLOSED.
  sut::ReportedState State(Handle handle) override {
    const Socket* socket = Find(handle);
    if (socket == nullptr) return {};
    tcp_info info = {};
    socklen_t size = sizeof(info);
    if (getsockopt(socket->fd.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
    const std::optional<spec::State> state = FromKernel(info.tcpi_state);
    if (!state.has_value() || (*state == spec::State::kClosed && socket->shut)) return {};
    return {true, *state};
  }

  CallError Error(Handle handle) override {
    Socket* socket = Find(handle);
    if (socket == nullptr) return CallError::kNone;
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(socket->fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) socket->error = FromErrno(error);
    return socket->error;
  }

  CallError SetOption(Handle handle, sut::Option option, int64_t value) override {
    const Socket* socket = Find(handle);
    if (socket == nullptr) return CallError::kClosed;
    const auto number = static_cast<int>(value);
    int name = 0;
    int level = IPPROTO_TCP;
    switch (option) {
      case sut::Option::kNodelay:
        name = TCP_NODELAY;
        break;
      case sut::Option::kKeepalive:
        level = SOL_SOCKET;
        name = SO_KEEPALIVE;
        break;
      case sut::Option::kUserTimeoutMs:
        name = TCP_USER_TIMEOUT;
        break;
    }
    const int error =
        setsockopt(socket->fd.get(), level, name, &number, sizeof(number)) == 0 ? 0 : errno;
    Called();
    return FromErrno(error);
  }

  std::string_view LastFault() override { return fault_; }

 private:
  struct Socket {
    FileDescriptor fd;
    bool shut = false;
    CallError error = CallError::kNone;
  };

  struct Sent {
    Instant at;
    std::vector<std::byte> octets;
  };

  Instant Clock() const { return Instant::FromNanoseconds(ClockNs(CLOCK_MONOTONIC) - began_); }
  void Called() { called_ = Clock(); }

  Socket* Find(Handle handle) {
    if (handle < 0 || static_cast<size_t>(handle) >= sockets_.size()) return nullptr;
    Socket& socket = sockets_[static_cast<size_t>(handle)];
    return socket.fd.open() ? &socket : nullptr;
  }

  // The next of those that the sandbox brought.
  Socket* TakeSocket() {
    if (unused_ == sandbox_.sockets.size()) return nullptr;
    sockets_.push_back({std::move(sandbox_.sockets[unused_++])});
    const int fd = sockets_.back().fd.get();
    // What is urgent is received in line, also by those that a listener accepts.
    Switch(fd, SOL_SOCKET, SO_OOBINLINE);
    Switch(fd, SOL_SOCKET, SO_REUSEADDR);
    return &sockets_.back();
  }

  sut::Opened Open(Socket& socket, int error) {
    Called();
    if (error != 0) {
      socket.fd.Close();
      return {sut::kNoHandle, FromErrno(error)};
    }
    return {static_cast<Handle>(sockets_.size() - 1), CallError::kNone};
  }

  Transfer Moved(Socket& socket, ssize_t octets) {
    const int error = octets < 0 ? errno : 0;
    Called();
    if (error == 0) return {static_cast<size_t>(octets), CallError::kNone};
    const CallError answer = FromErrno(error);
    if (sut::EndsConnection(answer)) socket.error = answer;
    return {0, answer};
  }

  // Takes what the kernel has captured.
  void Capture() {
    while (CaptureOne()) {
    }
    if (sandbox_.wire != Wire::kTun) return;
    // The same packets once more; what the device has no room for is lost to the capture too.
    while (read(sandbox_.in.get(), room_.data(), room_.size()) > 0) {
    }
  }

  bool CaptureOne() {
    iovec octets = {room_.data(), room_.size()};
    alignas(cmsghdr) std::array<std::byte, 256> control;
    msghdr message = {};
    message.msg_iov = &octets;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(sandbox_.out.get(), &message, 0);
    if (size < 0) return false;
    const wire::Octets packet = wire::Octets(room_).first(static_cast<size_t>(size));
    // The rest is ICMP, and the groups that IPv6 joins.
    if (wire::DecodePacket(packet).error == wire::PacketError::kNotTcp) return true;
    Instant at = Clock();
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec stamp = {};
      std::memcpy(&stamp, CMSG_DATA(each), sizeof(stamp));
      const int64_t ns = int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec;
      at = std::min(at, Instant::FromNanoseconds(ns - WallAhead() - began_));
    }
    const Instant before = sent_.empty() ? Instant() : sent_.back().at;
    sent_.push_back({std::max(at, before), {packet.begin(), packet.end()}});
    return true;
  }

  void Sleep(Duration duration, bool until_output) const {
    const timespec time = {duration.ns() / 1'000'000'000, duration.ns() % 1'000'000'000};
    pollfd out = {sandbox_.out.get(), POLLIN, 0};
    ppoll(&out, until_output ? 1 : 0, &time, nullptr);
  }

  const Wire wire_;
  std::string version_;
  sut::Capabilities capabilities_;
  sut::Config config_;
  Sandbox sandbox_;
  std::vector<Socket> sockets_;  // by handle
  size_t unused_ = 0;            // of the sandbox's sockets, the next
  std::deque<Sent> sent_;        // captured and not yet polled
  std::vector<std::byte> room_;
  int64_t began_ = 0;  // of the monotonic clock
  Instant now_;
  Instant called_;  // when the last call returned
  std::string fault_;
};

}  // namespace

std::unique_ptr<sut::StackUnderTest> MakeLinuxStack(Wire wire) {
  return std::make_unique<LinuxStack>(wire);
}

absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> MakeLinuxStack() {
  // Asked once: it costs two namespaces, and does not change while a program runs.
  static const absl::StatusOr<Wire> wire = FindWire();
  if (!wire.ok()) return wire.status();
  return MakeLinuxStack(*wire);
}

}  // namespace assay::adapters
