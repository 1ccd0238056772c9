// The bench of a host, driven by IP packets and sockets.
//
// A connection that a listener made has no name before ACCEPT: until then nothing but what it sends
// is seen of it.

#include <algorithm>
#include <array>

#include "stack/host/host.h"
#include "stack/host/row_bench_for_test.h"
#include "stack/host/transition_row_for_test.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp_for_test.h"
#include "stack/wire/packet.h"

namespace assay::host {
namespace {

constexpr uint16_t kOwnPort = 80;
constexpr uint16_t kPeerPort = 4000;

wire::IpAddress Address(wire::IpFamily family, uint8_t last) {
  return family == wire::IpFamily::kIpv4
             ? wire::IpAddress::V4(192, 0, 2, last)
             : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, last});
}

wire::IpAddress Special(wire::IpFamily family, std::string_view name) {
  const bool v4 = family == wire::IpFamily::kIpv4;
  if (name == "multicast") {
    return v4 ? wire::IpAddress::V4(224, 0, 0, 1)
              : wire::IpAddress::V6({0xff02, 0, 0, 0, 0, 0, 0, 1});
  }
  if (name == "unspecified") {
    return v4 ? wire::IpAddress::V4(0, 0, 0, 0) : wire::IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 0});
  }
  if (name == "broadcast" && v4) return wire::IpAddress::V4(255, 255, 255, 255);
  Malformed("not an address", name);
}

// The names that the answers of the RFC have, of which sockets tell only some apart.
std::set<std::string> NamesOf(Error error) {
  switch (error) {
    case Error::kNone:
      return {"ok"};
    case Error::kAgain:
      return {"error: insufficient resources"};
    case Error::kClosed:
      return {"error: connection does not exist", "error: connection closing"};
    case Error::kInUse:
      return {"error: connection already exists"};
    case Error::kNoResources:
      return {"error: insufficient resources"};
    case Error::kInvalid:
      // "Not connected", of a listener; and an address that is none.
      return {"error: remote socket unspecified", "error: invalid address",
              "error: insufficient resources"};
    case Error::kReset:
      return {"error: connection reset"};
    case Error::kRefused:
      return {"error: connection refused"};
    case Error::kTimedOut:
      return {"error: timed out"};
    case Error::kUnreachable:
      return {"error: unreachable"};
  }
  Malformed("not an error", "");
}

class HostBench : public RowBench {
 public:
  explicit HostBench(const Conditions& given) : RowBench(given), host_(HostConfig(given)) {}

  bool Has(std::string_view step, tcp::Origin origin) const override {
    if (conditions().family == wire::IpFamily::kIpv6 &&
        step.find("broadcast") != std::string_view::npos) {
      return false;  // IPv6 has no broadcast
    }
    const bool embryonic = origin == tcp::Origin::kPassive && handle_ == kNoHandle &&
                           listener_ != kNoHandle && !state().has_value();
    const bool segment = step.starts_with('<');
    if (embryonic && !segment && !step.starts_with("WAIT")) return false;
    // A listener is a thing of its own: it names no remote socket, and nothing else is in its way.
    const bool to_peer = step.starts_with("OPEN passive to");
    if (!to_peer && step == "OPEN passive" && handle_ != kNoHandle) return false;
    // IPv6 has none.
    if (step == "ICMP source quench" && conditions().family == wire::IpFamily::kIpv6) return false;
    return true;
  }
  bool Tells(std::string_view) const override { return true; }

  std::optional<spec::State> state() const override {
    if (handle_ != kNoHandle) {
      const spec::State now = host_.State(handle_);
      // Behind it the listener may have begun anew.
      const bool may_be_anew = now == spec::State::kClosed && listener_ != kNoHandle;
      return may_be_anew ? std::nullopt : std::optional(now);
    }
    if (listener_ == kNoHandle) return spec::State::kClosed;
    return syn_seen_ ? std::nullopt : std::optional(host_.State(listener_));
  }
  const tcp::Tcb* tcb() const override {
    if (handle_ != kNoHandle) return host_.TcbOf(handle_);
    return nullptr;
  }

  uint32_t NewOctets() override {
    Drain();
    const uint32_t all = given + drained_;
    return all > readable_before_ ? all - readable_before_ : 0;
  }

 protected:
  void Open(Mode mode, std::string_view to) override {
    if (mode == Mode::kPassive && !to.empty()) {
      const uint8_t last = to == "peer" ? 2 : 9;
      const Opened opened =
          host_.OpenPassive({{}, kOwnPort}, {Address(conditions().family, last), kPeerPort});
      Answered(NamesOf(opened.error));
      handle_ = opened.handle;
      return;
    }
    if (mode == Mode::kPassive) {
      const Opened opened = host_.Listen(full_ ? kOwnPort + 1 : kOwnPort, 1);
      Answered(NamesOf(opened.error));
      if (opened.error == Error::kNone) listener_ = opened.handle;
      return;
    }
    wire::Endpoint remote{Address(conditions().family, 2), kPeerPort};
    if (!to.empty()) remote.address = Special(conditions().family, to);
    if (to == "unspecified") remote.port = 0;
    const Opened opened = host_.Connect(full_ ? kOwnPort + 1 : kOwnPort, remote);
    Answered(NamesOf(opened.error));
    if (opened.error == Error::kNone) handle_ = opened.handle;
    Collect();
  }

  void Arrives(const RowSegment& segment) override {
    wire::Header header = segment.header;
    header.source_port = kPeerPort;
    header.destination_port = kOwnPort;
    Deliver(segment, header);
    if (header.syn()) syn_seen_ = true;
    Collect();
  }

  void Send(uint32_t octets, tcp::Flag urgent) override {
    const auto data = wire::Octets(text_).first(octets);
    Answered(NamesOf(host_.Send(Named(), data, tcp::Flag::kNo, urgent).error));
    Collect();
  }
  void Receive(uint32_t octets) override {
    const Transfer got = host_.Receive(Named(), wire::MutableOctets(text_).first(octets));
    const bool end = got.error == Error::kNone && got.octets == 0;
    Answered(end ? std::set<std::string>{"error: connection closing"} : NamesOf(got.error));
    given += static_cast<uint32_t>(got.octets);
    Collect();
  }
  void Close(tcp::Reader reader) override {
    const bool gone = reader == tcp::Reader::kGone || handle_ == kNoHandle;
    const Handle named = Named();
    Answered(NamesOf(gone ? host_.Close(named) : host_.Shutdown(named)));
    if (named == listener_) listener_ = kNoHandle;
    // A CLOSE before the handshake is over brings a state of those behind it, and opens nothing.
    if (named == handle_) open_ = open_ || host_.State(handle_) == spec::State::kFinWait1;
    Collect();
  }
  void Abort() override {
    const Handle named = Named();
    Answered(NamesOf(host_.Abort(named)));
    if (named == listener_) listener_ = kNoHandle;
    Collect();
  }
  void SetUserTimeout(Duration timeout) override { host_.SetUserTimeout(Named(), timeout); }

  void KeepAlive(Duration idle) override {
    host_.SetKeepAlive(Named(), tcp::Flag::kYes, idle);
    Collect();
  }
  void Status() override {
    const auto status = host_.StatusOf(Named());
    if (status.tcp.answer != tcp::Answer::kOk) {
      Answered({"error: " + std::string(tcp::Name(status.tcp.answer))});
    } else if (status.tcp.state == state()) {
      Answered({"ok"});
    }
  }
  void Icmp(wire::IcmpKind kind, uint32_t mtu) override {
    const wire::IpFamily family = conditions().family;
    const bool v4 = family == wire::IpFamily::kIpv4;
    uint8_t type = v4 ? 3 : 1;
    uint8_t code = 0;
    switch (kind) {
      case wire::IcmpKind::kPortUnreachable:
        code = v4 ? 3 : 4;
        break;
      case wire::IcmpKind::kHostUnreachable:
        code = v4 ? 1 : 3;
        break;
      case wire::IcmpKind::kPacketTooBig:
        type = v4 ? 3 : 2;
        code = v4 ? 4 : 0;
        break;
      default:
        type = 4;
        break;
    }
    wire::Header header;
    header.source_port = kOwnPort;
    header.destination_port = kPeerPort;
    header.control = wire::kAck;
    header.seq = Variables().at("SND.UNA");
    std::vector<std::byte> room(100);
    const auto about =
        wire::EncodeTcpPacket(Address(family, 1), Address(family, 2), header, {}, {}, room);
    const uint32_t rest = kind == wire::IcmpKind::kPacketTooBig ? mtu : 0;
    host_.Deliver(wire::EncodeIcmpError(Address(family, 7), type, code, rest, about, 60));
    Collect();
  }
  void Other(std::string_view step) override {
    if (step == "FULL") {
      full_ = true;
      for (uint16_t port = 1000;; ++port) {
        const Opened opened = host_.Connect(port, {Address(conditions().family, 3), 1});
        if (opened.error == Error::kNoResources) break;
      }
    } else if (step == "BACKLOG") {
      RowSegment segment;
      wire::Header header;
      header.control = wire::kSyn;
      header.source_port = kPeerPort + 1;
      header.destination_port = kOwnPort;
      Deliver(segment, header);
    } else if (step == "FORGE SYN") {
      Do("<SEQ=IRS><CTL=SYN>");
      sent.clear();
    } else {
      Malformed("not a step", step);
    }
    while (!host_.Poll().empty()) {
    }
  }

  Instant Now() const override { return host_.now(); }
  Instant NextTimer() const override { return host_.NextTimer(); }
  void AdvanceTo(Instant then) override {
    host_.Advance(then - host_.now(), Stop::kAtEnd);
    Collect();
  }
  void Baseline() override {
    const tcp::Tcb* block = tcb();
    readable_before_ = block == nullptr ? 0 : tcp::Readable(*block);
    ended_before_ = block != nullptr && block->rcv.fin_taken;
    drained_ = 0;
    drained_once_ = false;
  }

 private:
  static Config HostConfig(const Conditions& given) {
    Config host;
    host.address = Address(given.family, 1);
    host.max_connections = 4;
    host.use_first_iss = true;
    host.first_iss = given.iss;
    host.policy = given.policy;
    return host;
  }

  // What a call names: the connection, or else the listener.
  Handle Named() const { return handle_ != kNoHandle ? handle_ : listener_; }

  void Deliver(const RowSegment& segment, const wire::Header& header) {
    const wire::IpFamily family = conditions().family;
    const auto from = segment.from.empty() ? Address(family, 2) : Special(family, segment.from);
    const auto to = segment.to.empty() ? Address(family, 1) : Special(family, segment.to);
    std::vector<std::byte> room(wire::IpHeaderSize(family) + 60 + segment.text);
    const auto packet = wire::EncodeTcpPacket(from, to, header, segment.options,
                                              wire::Octets(text_).first(segment.text), room);
    const auto tcp_octets = packet.subspan(wire::IpHeaderSize(family));
    if (segment.offset.has_value()) {
      tcp_octets[12] = static_cast<std::byte>(*segment.offset << 4);
      wire::SealTcp(from, to, tcp_octets);
    }
    if (segment.checksum_bad) tcp_octets[16] ^= std::byte{0x55};
    host_.Deliver(packet);
  }

  void Collect() {
    for (;;) {
      const wire::Octets octets = host_.Poll();
      if (octets.empty()) break;
      const wire::Packet packet = wire::DecodePacket(octets);
      const wire::Segment segment = wire::DecodeSegment(packet.payload);
      if (packet.error != wire::PacketError::kNone || !segment.header.has_value() ||
          !wire::TcpChecksumIsRight(packet.source, packet.destination, packet.payload)) {
        Malformed("the host sends what is no packet", wire::Name(packet.error));
      }
      sent.push_back({.seq = segment.header->seq,
                      .ack = segment.header->ack,
                      .text = static_cast<uint32_t>(segment.payload.size()),
                      .window = segment.header->window,
                      .urgent = segment.header->urgent,
                      .control = segment.header->control});
    }
    if (handle_ == kNoHandle && listener_ != kNoHandle) {
      const Accepted accepted = host_.Accept(listener_);
      if (accepted.error == Error::kNone) {
        handle_ = accepted.handle;
        told.push_back("open ok");
      }
    } else if (handle_ != kNoHandle && !open_ && spec::IsSynchronized(host_.State(handle_))) {
      told.push_back("open ok");
    }
    if (handle_ == kNoHandle) return;
    open_ = open_ || spec::IsSynchronized(host_.State(handle_));
    const Error error = host_.ErrorOf(handle_);
    while (const auto report = host_.NextReport(handle_)) {
      if (report->kind == ReportKind::kSoftError) told.push_back("soft error");
      if (report->kind == ReportKind::kUrgent) told.push_back("urgent");
    }
    if (error == error_) return;
    error_ = error;
    if (error == Error::kReset) told.push_back("reset");
    if (error == Error::kRefused) told.push_back("refused");
    if (error == Error::kTimedOut) told.push_back("timed out");
    if (error == Error::kUnreachable) told.push_back("unreachable");
  }

  // Reads all there is, to its end.
  void Drain() {
    if (drained_once_ || handle_ == kNoHandle) return;
    drained_once_ = true;
    const Transfer got = host_.Receive(handle_, text_);
    drained_ = static_cast<uint32_t>(got.octets);
    if (got.error != Error::kNone || ended_before_) return;
    const Transfer more = got.octets == 0 ? got : host_.Receive(handle_, text_);
    if (more.octets == 0 && more.error == Error::kNone) told.push_back("closing");
  }

  static constexpr size_t kTextMax = 1 << 16;
  // Whatever is sent and received: rows count octets, and do not look at them.
  static inline std::array<std::byte, kTextMax> text_{};

  Host host_;
  Handle handle_ = kNoHandle;
  Handle listener_ = kNoHandle;
  Error error_ = Error::kNone;
  bool open_ = false;
  bool full_ = false;
  bool syn_seen_ = false;
  uint32_t readable_before_ = 0;
  uint32_t drained_ = 0;
  bool drained_once_ = false;
  bool ended_before_ = false;
};

}  // namespace

std::unique_ptr<RowBench> MakeHostBench(const RowBench::Conditions& given) {
  return std::make_unique<HostBench>(given);
}

}  // namespace assay::host
