// Pair: two hosts with a wire between them, for tests and benchmarks.
//
// The wire delivers in order, at once or after a fixed delay, and a filter may lose packets.
// Nothing is random. The packets that went over it can be looked at one by one.

#ifndef ASSAY_STACK_HOST_PAIR_FOR_TEST_H_
#define ASSAY_STACK_HOST_PAIR_FOR_TEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "stack/host/host.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::host {

enum class Side : uint8_t { kA, kB };

constexpr Side Other(Side side) { return side == Side::kA ? Side::kB : Side::kA; }

class Pair {
 public:
  struct Crossing {
    Side from;
    wire::Header header;
    size_t text;
    bool lost;
  };

  explicit Pair(wire::IpFamily family = wire::IpFamily::kIpv4,
                const tcp::Policy& policy = tcp::Policy::Rfc9293())
      : Pair(ConfigOf(Side::kA, family, policy), ConfigOf(Side::kB, family, policy)) {}
  Pair(const Config& a, const Config& b) : hosts_{Host(a), Host(b)}, configs_{a, b} {}

  static Config ConfigOf(Side side, wire::IpFamily family,
                         const tcp::Policy& policy = tcp::Policy::Rfc9293()) {
    const auto last = static_cast<uint8_t>(side == Side::kA ? 1 : 2);
    Config config;
    config.address = family == wire::IpFamily::kIpv4
                         ? wire::IpAddress::V4(192, 0, 2, last)
                         : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, last});
    config.seed = last;
    config.policy = policy;
    return config;
  }

  Host& host(Side side) { return hosts_[side == Side::kA ? 0 : 1]; }
  Host& a() { return hosts_[0]; }
  Host& b() { return hosts_[1]; }
  wire::Endpoint At(Side side, uint16_t port) const {
    return {configs_[side == Side::kA ? 0 : 1].address, port};
  }

  void Reset() {
    hosts_[0].Reset(configs_[0]);
    hosts_[1].Reset(configs_[1]);
    log_.clear();
    to_lose_[0] = to_lose_[1] = 0;
  }

  // The next `n` packets from `side` are lost.
  void Lose(Side side, uint32_t n) { to_lose_[side == Side::kA ? 0 : 1] = n; }

  // Takes one packet that `side` has sent across; false if there is none.
  bool Cross(Side side) {
    const wire::Octets packet = host(side).Poll();
    if (packet.empty()) return false;
    uint32_t& to_lose = to_lose_[side == Side::kA ? 0 : 1];
    const bool lost = to_lose > 0;
    if (logging_) {
      const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
      log_.push_back({side, *segment.header, segment.payload.size(), lost});
    }
    if (lost) {
      --to_lose;
    } else {
      host(Other(side)).Deliver(packet);
    }
    return true;
  }

  // Until neither has anything to send. False if that does not happen within `limit` packets.
  bool Settle(int limit = 10'000) {
    bool any = true;
    while (any && limit > 0) {
      any = false;
      while (limit > 0 && Cross(Side::kA)) any = true, --limit;
      while (limit > 0 && Cross(Side::kB)) any = true, --limit;
    }
    return limit > 0;
  }

  // Moves both hosts on together, taking packets across as they are sent.
  void Pass(Duration duration) {
    const Instant end = hosts_[0].now() + duration;
    Settle();
    while (hosts_[0].now() < end) {
      Instant next = std::min(hosts_[0].NextTimer(), hosts_[1].NextTimer());
      next = std::max(hosts_[0].now(), std::min(next, end));
      const Duration step = next - hosts_[0].now();
      hosts_[0].Advance(step, Stop::kAtEnd);
      hosts_[1].Advance(step, Stop::kAtEnd);
      Settle();
    }
  }

  void set_logging(bool on) { logging_ = on; }
  const std::vector<Crossing>& log() const { return log_; }
  void ClearLog() { log_.clear(); }
  // What crossed, as "a:SYN b:SYN,ACK a:ACK".
  std::string Story() const {
    std::string out;
    for (const Crossing& c : log_) {
      if (!out.empty()) out += ' ';
      out += c.from == Side::kA ? "a:" : "b:";
      out += wire::ControlNames(c.header.control);
      if (c.text > 0) {
        out += '(';
        out += std::to_string(c.text);
        out += ')';
      }
      if (c.lost) out += "!";
    }
    return out;
  }

  // A connection from a to b's `port`, accepted. Handles of both ends.
  std::pair<Handle, Handle> Connect(uint16_t port = 80) {
    const Opened listener = b().Listen(port, 8);
    const Opened opened = a().Connect(0, At(Side::kB, port));
    Settle();
    const Accepted accepted = b().Accept(listener.handle);
    return {opened.handle, accepted.handle};
  }

 private:
  Host hosts_[2];
  Config configs_[2];
  uint32_t to_lose_[2] = {0, 0};
  bool logging_ = true;
  std::vector<Crossing> log_;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_PAIR_FOR_TEST_H_
