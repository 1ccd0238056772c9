#include "harness/adapters/linux/sandbox.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
// Behind net/if.h, whose names it repeats.
#include <linux/ethtool.h>
#include <linux/sockios.h>

namespace assay::adapters {
namespace {

constexpr char kStackDevice[] = "assay0";
constexpr char kTesterDevice[] = "assay1";
// Eight connections at a time is the most that a session has; the others are for what it opens and
// closes again.
constexpr size_t kSockets = 24;
constexpr size_t kMostDescriptors = kSockets + 2;
constexpr int kCaptureOctets = 8 << 20;
constexpr int kQueue = 4096;

// What the child tells: where it failed, or what it made.
struct Letter {
  int error = 0;  // errno
  char failed[96] = {};
  uint64_t name = 0;
  sockaddr_ll stack = {};
  std::array<int, kMostDescriptors> descriptors{};
};

// Everything here runs in the child of a process that may have threads: system calls and the stack,
// no allocation.
class Builder {
 public:
  Builder(const sut::Config& config, Wire wire) : config_(config), wire_(wire) {}

  // False once something failed: the letter says what.
  bool Build() {
    return Enter() && SetSwitches() && MakeDevice() && Configure() && OpenCapture() &&
           OpenSockets();
  }
  void Undo() {
    for (size_t i = 0; i < count_; ++i) close(letter_.descriptors[i]);
  }
  // The child's own.
  void CloseControl() { close(control_); }
  const Letter& letter() const { return letter_; }

 private:
  bool v6() const { return config_.stack.family() == wire::IpFamily::kIpv6; }

  bool Fail(const char* what) {
    letter_.error = errno;
    std::snprintf(letter_.failed, sizeof(letter_.failed), "%s", what);
    return false;
  }
  bool Check(int answer, const char* what) { return answer >= 0 || Fail(what); }

  bool Keep(int fd, const char* what) {
    if (fd < 0) return Fail(what);
    letter_.descriptors[count_++] = fd;
    return true;
  }

  static bool WriteFile(const char* path, const char* text) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const auto size = static_cast<ssize_t>(std::strlen(text));
    const bool written = write(fd, text, static_cast<size_t>(size)) == size;
    const int error = errno;
    close(fd);
    errno = error;
    return written;
  }

  bool Enter() {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    if (unshare(CLONE_NEWNET) != 0) {
      if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return Fail("unshare");
      // An unprivileged user may map itself, once it has given up setgroups.
      char map[64];
      WriteFile("/proc/self/setgroups", "deny");
      std::snprintf(map, sizeof(map), "0 %u 1", user);
      if (!WriteFile("/proc/self/uid_map", map)) return Fail("/proc/self/uid_map");
      std::snprintf(map, sizeof(map), "0 %u 1", group);
      if (!WriteFile("/proc/self/gid_map", map)) return Fail("/proc/self/gid_map");
    }
    struct stat space = {};
    if (stat("/proc/self/ns/net", &space) == 0) letter_.name = space.st_ino;
    return true;
  }

  bool SetSwitches() {
    struct Switch {
      const char* name;
      const char* value;
    };
    const Switch switches[] = {
        // As RFC 5681 has it, and not what paces: what is sent follows from what arrived.
        {"ipv4/tcp_congestion_control", "reno"},
        // No probe of a lost tail (RFC 8985) before the retransmission timer.
        {"ipv4/tcp_early_retrans", "0"},
        // No ACK of a gap waits for others, and so comes behind the next arrival.
        {"ipv4/tcp_comp_sack_nr", "0"},
        // Each segment gets its answer; the limits have tests of their own to come.
        {"ipv4/tcp_invalid_ratelimit", "0"},
        {"ipv4/tcp_challenge_ack_limit", "2147483647"},
        {"ipv4/icmp_ratelimit", "0"},
        {"ipv4/tcp_syncookies", "0"},
        {"ipv4/tcp_no_metrics_save", "1"},
        {"ipv4/tcp_tw_reuse", "0"},
        {"ipv4/tcp_autocorking", "0"},
        {"ipv4/tcp_ecn", "0"},
        {"ipv4/tcp_window_scaling", config_.features.window_scale ? "1" : "0"},
        {"ipv4/tcp_sack", config_.features.sack ? "1" : "0"},
        {"ipv4/tcp_timestamps", config_.features.timestamps ? "1" : "0"},
        {"ipv4/ip_unprivileged_port_start", "0"},
        {"ipv6/conf/default/accept_dad", "0"},
        {"ipv6/conf/default/router_solicitations", "0"},
        {"ipv6/conf/default/accept_ra", "0"},
        {"ipv6/conf/default/addr_gen_mode", "1"},
        {"ipv6/conf/default/disable_ipv6", v6() ? "0" : "1"},
    };
    for (const Switch& each : switches) {
      char path[96];
      std::snprintf(path, sizeof(path), "/proc/sys/net/%s", each.name);
      // Older kernels lack some of them, and one without IPv6 all of its.
      if (!WriteFile(path, each.value) && errno != ENOENT) return Fail(path);
    }
    return true;
  }

  // --- netlink ---

  void BeginMessage(uint16_t type, uint16_t flags) {
    message_.fill(std::byte{0});
    auto* header = reinterpret_cast<nlmsghdr*>(message_.data());
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    size_ = NLMSG_HDRLEN;
  }
  void Add(const void* octets, size_t size) {
    std::memcpy(message_.data() + size_, octets, size);
    size_ += (size + 3) & ~size_t{3};
  }
  // An attribute; its place, for one that holds others.
  size_t AddAttribute(uint16_t type, const void* octets = nullptr, size_t size = 0) {
    const size_t at = size_;
    const rtattr attribute = {static_cast<uint16_t>(RTA_LENGTH(size)), type};
    Add(&attribute, sizeof(attribute));
    if (size > 0) Add(octets, size);
    return at;
  }
  void AddText(uint16_t type, const char* text) { AddAttribute(type, text, std::strlen(text) + 1); }
  void EndAttribute(size_t at) {
    reinterpret_cast<rtattr*>(message_.data() + at)->rta_len = static_cast<uint16_t>(size_ - at);
  }
  bool SendMessage(const char* what) {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return Fail(what);
    reinterpret_cast<nlmsghdr*>(message_.data())->nlmsg_len = static_cast<uint32_t>(size_);
    ssize_t got = send(fd, message_.data(), size_, 0);
    if (got >= 0) got = recv(fd, message_.data(), message_.size(), 0);
    if (got >= 0) {
      const auto* header = reinterpret_cast<const nlmsghdr*>(message_.data());
      const auto* answer = reinterpret_cast<const nlmsgerr*>(message_.data() + NLMSG_HDRLEN);
      if (header->nlmsg_type == NLMSG_ERROR && answer->error != 0) {
        errno = -answer->error;
        got = -1;
      }
    }
    const int error = errno;
    close(fd);
    errno = error;
    return got >= 0 || Fail(what);
  }

  // --- devices ---

  bool MakeDevice() { return wire_ == Wire::kTun ? MakeTun() : MakeVeth(); }

  bool MakeTun() {
    const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (!Keep(tun, "/dev/net/tun")) return false;
    ifreq request = Request(kStackDevice);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (!Check(ioctl(tun, TUNSETIFF, &request), "TUNSETIFF")) return false;
    if (!OpenControl()) return false;
    request = Request(kStackDevice);
    request.ifr_qlen = kQueue;
    return Check(ioctl(control_, SIOCSIFTXQLEN, &request), "SIOCSIFTXQLEN");
  }

  // A discipline that paces would send later than the stack does; and to set one brings into use at
  // once what otherwise waits for the system to notice that the link is up.
  bool SetNoQueue(const char* name) {
    BeginMessage(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
    tcmsg discipline = {};
    discipline.tcm_family = AF_UNSPEC;
    discipline.tcm_ifindex = Index(name);
    discipline.tcm_parent = TC_H_ROOT;
    Add(&discipline, sizeof(discipline));
    AddText(TCA_KIND, "noqueue");
    return SendMessage("a device without queue");
  }

  bool MakeVeth() {
    if (!OpenControl()) return false;
    BeginMessage(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    const ifinfomsg link = {};
    Add(&link, sizeof(link));
    AddText(IFLA_IFNAME, kStackDevice);
    const size_t info = AddAttribute(IFLA_LINKINFO);
    AddText(IFLA_INFO_KIND, "veth");
    const size_t data = AddAttribute(IFLA_INFO_DATA);
    const size_t peer = AddAttribute(VETH_INFO_PEER);
    Add(&link, sizeof(link));
    AddText(IFLA_IFNAME, kTesterDevice);
    EndAttribute(peer);
    EndAttribute(data);
    EndAttribute(info);
    if (!SendMessage("a pair of Ethernet devices")) return false;
    for (const char* name : {kStackDevice, kTesterDevice}) {
      // What is captured is what would be on the wire: checksums filled in, segments cut.
      for (const uint32_t command : std::initializer_list<uint32_t>{
               ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO}) {
        ethtool_value off = {command, 0};
        ifreq request = Request(name);
        request.ifr_data = reinterpret_cast<char*>(&off);
        ioctl(control_, SIOCETHTOOL, &request);  // what a kernel cannot do is off
      }
    }
    const int in = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!Keep(in, "a packet socket")) return false;
    ifreq request = Request(kStackDevice);
    if (!Check(ioctl(control_, SIOCGIFHWADDR, &request), "SIOCGIFHWADDR")) return false;
    letter_.stack.sll_family = AF_PACKET;
    letter_.stack.sll_protocol = htons(v6() ? ETH_P_IPV6 : ETH_P_IP);
    letter_.stack.sll_ifindex = Index(kTesterDevice);
    letter_.stack.sll_halen = 6;
    std::memcpy(letter_.stack.sll_addr, request.ifr_hwaddr.sa_data, 6);
    return SetMtu(kTesterDevice) && Raise(kTesterDevice);
  }

  static ifreq Request(const char* name) {
    ifreq request = {};
    std::snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    return request;
  }
  bool OpenControl() {
    control_ = socket(v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return Check(control_, "a socket for the link");
  }
  int Index(const char* name) {
    ifreq request = Request(name);
    return ioctl(control_, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
  }
  bool SetMtu(const char* name) {
    ifreq request = Request(name);
    request.ifr_mtu = static_cast<int>(config_.mtu);
    return Check(ioctl(control_, SIOCSIFMTU, &request), "SIOCSIFMTU");
  }
  bool Raise(const char* name) {
    ifreq request = Request(name);
    // Without neighbours to ask for.
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_NOARP;
    return Check(ioctl(control_, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
  }

  bool Configure() {
    if (!SetMtu(kStackDevice) || !Raise(kStackDevice)) return false;
    if (!SetNoQueue(kStackDevice)) return false;
    if (wire_ == Wire::kVeth && !SetNoQueue(kTesterDevice)) return false;
    const wire::Octets address = config_.stack.octets();
    if (v6()) {
      struct {
        in6_addr address;
        uint32_t prefix;
        int index;
      } request = {};
      std::memcpy(&request.address, address.data(), 16);
      request.prefix = 64;
      request.index = Index(kStackDevice);
      return Check(ioctl(control_, SIOCSIFADDR, &request), "SIOCSIFADDR of IPv6") && AwaitAddress();
    }
    ifreq request = Request(kStackDevice);
    sockaddr_in socket_address = {};
    socket_address.sin_family = AF_INET;
    std::memcpy(&socket_address.sin_addr, address.data(), 4);
    std::memcpy(&request.ifr_addr, &socket_address, sizeof(socket_address));
    if (!Check(ioctl(control_, SIOCSIFADDR, &request), "SIOCSIFADDR")) return false;
    socket_address.sin_addr.s_addr = htonl(0xffff'ff00);
    std::memcpy(&request.ifr_netmask, &socket_address, sizeof(socket_address));
    return Check(ioctl(control_, SIOCSIFNETMASK, &request), "SIOCSIFNETMASK");
  }

  // An address of IPv6 is in use a moment after it is given: when a route says that it is local.
  bool AwaitAddress() {
    constexpr int kMostTries = 20'000;
    const timespec pause = {0, 100'000};
    for (int i = 0; i < kMostTries; ++i) {
      BeginMessage(RTM_GETROUTE, 0);
      rtmsg route = {};
      route.rtm_family = AF_INET6;
      route.rtm_dst_len = 128;
      Add(&route, sizeof(route));
      const wire::Octets address = config_.stack.octets();
      AddAttribute(RTA_DST, address.data(), address.size());
      if (!SendMessage("a route to the address")) return false;
      const auto* header = reinterpret_cast<const nlmsghdr*>(message_.data());
      if (header->nlmsg_type == RTM_NEWROUTE) {
        std::memcpy(&route, message_.data() + NLMSG_HDRLEN, sizeof(route));
        if (route.rtm_type == RTN_LOCAL) return true;
      }
      nanosleep(&pause, nullptr);
    }
    errno = ETIMEDOUT;
    return Fail("an address of IPv6");
  }

  bool OpenCapture() {
    const int out = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!Keep(out, "a packet socket")) return false;
    // Only what leaves the device.
    sock_filter outgoing[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffff'ffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const sock_fprog program = {std::size(outgoing), outgoing};
    if (!Check(setsockopt(out, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
               "SO_ATTACH_FILTER")) {
      return false;
    }
    const int on = 1;
    if (!Check(setsockopt(out, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)), "SO_TIMESTAMPNS")) {
      return false;
    }
    // More than a user may ask for, where that is allowed.
    if (setsockopt(out, SOL_SOCKET, SO_RCVBUFFORCE, &kCaptureOctets, sizeof(int)) != 0) {
      setsockopt(out, SOL_SOCKET, SO_RCVBUF, &kCaptureOctets, sizeof(int));
    }
    sockaddr_ll device = {};
    device.sll_family = AF_PACKET;
    device.sll_protocol = htons(ETH_P_ALL);
    device.sll_ifindex = Index(kStackDevice);
    return Check(bind(out, reinterpret_cast<const sockaddr*>(&device), sizeof(device)),
                 "bind of a packet socket");
  }

  bool OpenSockets() {
    for (size_t i = 0; i < kSockets; ++i) {
      const int fd =
          socket(v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (!Keep(fd, v6() ? "a socket of IPv6" : "a socket")) return false;
    }
    return true;
  }

  const sut::Config& config_;
  const Wire wire_;
  Letter letter_;
  size_t count_ = 0;
  int control_ = -1;
  alignas(nlmsghdr) std::array<std::byte, 1024> message_;
  size_t size_ = 0;
};

[[noreturn]] void BuildInChild(const sut::Config& config, Wire wire, int post) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Builder builder(config, wire);
  const bool built = builder.Build();
  builder.CloseControl();
  if (!built) builder.Undo();
  const auto sent = write(post, &builder.letter(), sizeof(Letter));
  _exit(built && sent == sizeof(Letter) ? 0 : 1);
}

absl::Status Unavailable(std::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat("no network namespace to put Linux on trial in: ",
                                             std::string(what), ": ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<Sandbox> MakeSandbox(const sut::Config& config, Wire wire) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Unavailable("pipe", errno);
  const FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  // It has our table of descriptors, and not a copy of it: what it opens is ours, and a socket that
  // we close while it is at work is closed.
  const auto child = static_cast<pid_t>(
      syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (child < 0) return Unavailable("clone", errno);
  if (child == 0) BuildInChild(config, wire, theirs.get());
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  Letter letter;
  pollfd post = {ours.get(), POLLIN, 0};
  if (poll(&post, 1, 0) != 1 || read(ours.get(), &letter, sizeof(letter)) != sizeof(letter)) {
    return absl::UnavailableError("the process that makes a network namespace ended early");
  }
  if (letter.error != 0) return Unavailable(letter.failed, letter.error);

  Sandbox sandbox;
  sandbox.wire = wire;
  sandbox.name = letter.name;
  sandbox.stack = letter.stack;
  sandbox.in = FileDescriptor(letter.descriptors[0]);
  sandbox.out = FileDescriptor(letter.descriptors[1]);
  for (size_t i = 2; i < letter.descriptors.size(); ++i) {
    sandbox.sockets.emplace_back(letter.descriptors[i]);
  }
  return sandbox;
}

absl::StatusOr<Wire> FindWire() {
  const sut::Config config;
  const absl::StatusOr<Sandbox> tun = MakeSandbox(config, Wire::kTun);
  if (tun.ok()) return Wire::kTun;
  const absl::StatusOr<Sandbox> veth = MakeSandbox(config, Wire::kVeth);
  if (veth.ok()) return Wire::kVeth;
  return absl::UnavailableError(absl::StrCat(std::string(tun.status().message()), "; nor by veth: ",
                                             std::string(veth.status().message())));
}

}  // namespace assay::adapters
