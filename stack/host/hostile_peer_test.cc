// A peer that sends anything, a user that calls anything, time that jumps: the invariants of every
// TCB hold after each event, no state changes in a way that the RFC does not know, and everything
// comes to rest.

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "stack/base/prng.h"
#include "stack/host/host.h"
#include "stack/host/pair_for_test.h"
#include "stack/spec/transition.h"
#include "stack/tcp/invariants.h"
#include "stack/wire/options.h"

namespace assay::host {
namespace {

using spec::State;

class Hostile {
 public:
  Hostile(uint64_t seed, const tcp::Policy& policy)
      : prng_(seed),
        config_(Pair::ConfigOf(Side::kA, wire::IpFamily::kIpv4, policy)),
        host_(Prepared(config_, prng_)) {}

  void Run(int events) {
    handles_.push_back(host_.Listen(80, 3).handle);
    for (int i = 0; i < events && !testing::Test::HasFailure(); ++i) {
      Note();
      switch (prng_.Below(8)) {
        case 0:
          Call();
          break;
        case 1:
          host_.Advance(
              Duration::Milliseconds(prng_.OneIn(4) ? prng_.Below(300'000) : prng_.Below(700)),
              Stop::kAtEnd);
          break;
        default:
          Segment();
          break;
      }
      Hear();
      Check(i);
    }
    // With nobody to talk to, all of it ends, but for what waits for ever by right.
    host_.Advance(Duration::Seconds(3600), Stop::kAtEnd);
    Check(-1);
    for (Handle h : handles_) {
      const State state = host_.State(h);
      EXPECT_TRUE(state != State::kSynSent && state != State::kSynReceived &&
                  state != State::kFinWait1 && state != State::kClosing &&
                  state != State::kLastAck && state != State::kTimeWait)
          << spec::Name(state);
    }
  }

 private:
  static Config& Prepared(Config& config, Prng& prng) {
    config.use_first_iss = prng.OneIn(2);
    config.first_iss = static_cast<uint32_t>(-prng.Below(70'000));
    config.seed = prng.Next();
    config.max_connections = 6;
    if (prng.OneIn(2)) config.policy.receive_buffer = config.policy.send_buffer = 4096;
    return config;
  }

  Handle AnyHandle() { return handles_[prng_.Below(static_cast<uint32_t>(handles_.size()))]; }

  void Call() {
    const Handle h = AnyHandle();
    const auto flag = [&] { return prng_.OneIn(4) ? tcp::Flag::kYes : tcp::Flag::kNo; };
    switch (prng_.Below(9)) {
      case 0:
        if (const Opened o = host_.Connect(80, {Peer(), AnyPort()}); o.handle >= 0) {
          handles_.push_back(o.handle);
        }
        break;
      case 1:
        if (const Accepted a = host_.Accept(handles_[0]); a.handle >= 0) {
          handles_.push_back(a.handle);
        }
        break;
      case 2:
      case 3:
        host_.Send(h, wire::Octets(octets_).first(prng_.Below(prng_.OneIn(3) ? 70'000 : 2000)),
                   flag(), flag());
        break;
      case 4:
        host_.Receive(h, wire::MutableOctets(octets_).first(1 + prng_.Below(9000)));
        break;
      case 5:
        host_.Shutdown(h);
        break;
      case 6:
        if (h != handles_[0]) host_.Close(h);
        break;
      case 7:
        if (h != handles_[0] && prng_.OneIn(3)) host_.Abort(h);
        break;
      case 8:
        host_.SetNagle(h, flag());
        break;
    }
  }

  wire::IpAddress Peer() const { return wire::IpAddress::V4(192, 0, 2, 2); }
  uint16_t AnyPort() { return static_cast<uint16_t>(5000 + prng_.Below(3)); }
  static uint32_t Near(Prng& prng, uint32_t number) {
    switch (prng.Below(4)) {
      case 0:
        return number + prng.Below(3) - 1;
      case 1:
        return number + prng.Below(70'000) - 10'000;
      default:
        return number;
    }
  }

  void Segment() {
    const uint16_t port = AnyPort();
    Known& known = known_[port - 5000u];
    wire::Header header;
    header.source_port = port;
    header.destination_port = 80;
    static constexpr uint8_t kUsual[] = {
        wire::kSyn, wire::kSyn | wire::kAck, wire::kAck,
        wire::kAck, wire::kAck | wire::kPsh, wire::kAck | wire::kFin,
        wire::kRst, wire::kAck | wire::kUrg};
    header.control =
        prng_.OneIn(4) ? static_cast<uint8_t>(prng_.Below(64)) : kUsual[prng_.Below(8)];
    header.seq = Near(prng_, known.next);
    header.ack = Near(prng_, prng_.OneIn(2) ? known.heard : known.acked);
    header.window = static_cast<uint16_t>(prng_.OneIn(4) ? prng_.Below(4) : prng_.Below(65'536));
    header.urgent = static_cast<uint16_t>(prng_.Below(3000));
    wire::OptionSet options;
    if (prng_.OneIn(2)) options.mss = static_cast<uint16_t>(prng_.Below(3000));
    if (prng_.OneIn(2)) options.window_scale = static_cast<uint8_t>(prng_.Below(20));
    std::array<std::byte, wire::kOptionsMax> option_octets;
    const size_t text = prng_.OneIn(2) ? 0 : prng_.Below(prng_.OneIn(4) ? 60'000 : 3000);
    host_.Deliver(wire::EncodeTcpPacket(
        Peer(), config_.address, header,
        header.syn() ? wire::Octets(wire::EncodeOptions(options, option_octets)) : wire::Octets(),
        wire::Octets(octets_).first(text), packet_));
  }

  // What a peer would learn from what the host sends.
  void Hear() {
    for (wire::Octets packet = host_.Poll(); !packet.empty(); packet = host_.Poll()) {
      const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
      const wire::Header& header = *segment.header;
      ASSERT_LE(packet.size(), config_.mtu);
      Known& known = known_[(header.destination_port - 5000u) % 3];
      if (header.rst()) continue;
      known.heard = header.seq + segment.len();
      known.acked = header.seq;
      if (header.has_ack()) known.next = header.ack;
    }
  }

  void Note() {
    before_.clear();
    for (Handle h : handles_) before_.push_back(host_.State(h));
  }

  void Check(int event) {
    for (size_t i = 0; i < handles_.size(); ++i) {
      const tcp::Tcb* tcb = host_.TcbOf(handles_[i]);
      if (tcb != nullptr) {
        std::string broken;
        for (std::string_view name : tcp::CheckInvariants(*tcb)) broken += std::string(name) + " ";
        ASSERT_EQ(broken, "") << "event " << event;
      }
      if (event >= 0 && i < before_.size()) {
        const State now = host_.State(handles_[i]);
        // A long time may hold several events.
        const bool legal = spec::IsLegal(before_[i], now) || now == State::kClosed;
        ASSERT_TRUE(legal) << spec::Name(before_[i]) << " to " << spec::Name(now);
      }
    }
  }

  struct Known {
    uint32_t next = 0xffff'8000;
    uint32_t heard = 0;
    uint32_t acked = 0;
  };

  Prng prng_;
  Config config_;
  Host host_;
  std::vector<Handle> handles_;
  std::vector<State> before_;
  std::array<Known, 3> known_;
  std::vector<std::byte> octets_ = std::vector<std::byte>(70'000);
  std::vector<std::byte> packet_ = std::vector<std::byte>(65'536);
};

TEST(HostilePeerTest, NothingBreaksTheInvariants) {
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    tcp::Policy policy = tcp::Policy::Rfc9293();
    if (seed % 4 == 1) policy = tcp::Policy::Rfc793();
    if (seed % 4 == 2) policy = tcp::Policy::Hardened();
    if (seed % 4 == 3) {
      policy.let_go = tcp::LetGo::kHalfDuplex;
      policy.push_every_send = false;
      policy.window_scale = true;
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    Hostile(seed, policy).Run(120);
    if (HasFailure()) return;
  }
}

// Two hosts over a wire that loses one packet in `n`: safety while it does, and once it is whole
// again, progress: every octet arrives once and in order, and both ends close.
TEST(LossyPairTest, EveryOctetArrivesAndBothEndsClose) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Prng prng(seed);
    const auto family = prng.OneIn(2) ? wire::IpFamily::kIpv4 : wire::IpFamily::kIpv6;
    Config a = Pair::ConfigOf(Side::kA, family);
    Config b = Pair::ConfigOf(Side::kB, family);
    for (Config* config : {&a, &b}) {
      config->use_first_iss = true;
      config->first_iss = static_cast<uint32_t>(-prng.Below(60'000));
      config->policy.receive_buffer = 1u << (10 + prng.Below(7));
      config->policy.window_scale = prng.OneIn(2);
      // Whoever loses this much may give up by right; that is not what is asked here.
      config->policy.r2 = config->policy.r2_syn = Duration::Seconds(3600);
      config->mtu = prng.OneIn(2) ? 1500 : 576;
    }
    Pair pair(a, b);
    const Handle listener = pair.b().Listen(80, 1).handle;
    const std::array<Handle, 2> handle_of_a = {pair.a().Connect(0, pair.At(Side::kB, 80)).handle,
                                               kNoHandle};
    Handle handles[2] = {handle_of_a[0], kNoHandle};
    std::array<std::string, 2> said;
    std::array<std::string, 2> heard;
    std::array<size_t, 2> goal = {prng.Below(40'000), prng.Below(40'000)};
    std::array<bool, 2> closed = {false, false};
    std::array<bool, 2> ended = {false, false};
    for (int round = 0; round < 3000; ++round) {
      if (handles[1] == kNoHandle) handles[1] = pair.b().Accept(listener).handle;
      for (size_t i = 0; i < 2; ++i) {
        const Side side = i == 0 ? Side::kA : Side::kB;
        if (handles[i] == kNoHandle) continue;
        if (said[i].size() < goal[i]) {
          std::string more(std::min<size_t>(goal[i] - said[i].size(), 1 + prng.Below(5000)), '\0');
          for (char& c : more) c = static_cast<char>(prng.Next());
          more.resize(
              pair.host(side)
                  .Send(handles[i], std::as_bytes(std::span(more)), tcp::Flag::kNo, tcp::Flag::kNo)
                  .octets);
          said[i] += more;
        } else if (!closed[i] && spec::IsSynchronized(pair.host(side).State(handles[i]))) {
          // In SYN-SENT a CLOSE would forget what was said.
          closed[i] = pair.host(side).Shutdown(handles[i]) == Error::kNone;
        }
        if (prng.OneIn(2)) {
          std::string text(1 + prng.Below(4000), '\0');
          const Transfer got =
              pair.host(side).Receive(handles[i], std::as_writable_bytes(std::span(text)));
          heard[i] += text.substr(0, got.octets);
          ended[i] = ended[i] || (got.octets == 0 && got.error == Error::kNone);
        }
        const tcp::Tcb* tcb = pair.host(side).TcbOf(handles[i]);
        ASSERT_TRUE(tcb == nullptr || tcp::CheckInvariants(*tcb).empty());
      }
      const bool lossy = round < 200;
      pair.Lose(Side::kA, lossy && prng.OneIn(4) ? 1 + prng.Below(2) : 0);
      pair.Lose(Side::kB, lossy && prng.OneIn(4) ? 1 + prng.Below(2) : 0);
      pair.Pass(Duration::Milliseconds(prng.Below(1500)));
      if (ended[0] && ended[1]) break;
    }
    const auto where = [&] {
      return pair.Story() + std::string(spec::Name(pair.a().State(handles[0]))) + ", " +
             std::string(spec::Name(pair.b().State(handles[1]))) + "; heard " +
             std::to_string(heard[0].size()) + " of " + std::to_string(said[1].size()) + " and " +
             std::to_string(heard[1].size()) + " of " + std::to_string(said[0].size());
    };
    ASSERT_TRUE(heard[0] == said[1]) << where();
    ASSERT_TRUE(heard[1] == said[0]) << where();
    ASSERT_EQ(said[0].size(), goal[0]);
    ASSERT_EQ(said[1].size(), goal[1]);
    ASSERT_TRUE(ended[0] && ended[1]);
    pair.Pass(Duration::Seconds(600));
    ASSERT_EQ(pair.a().State(handles[0]), State::kClosed);
    ASSERT_EQ(pair.b().State(handles[1]), State::kClosed);
  }
}

}  // namespace
}  // namespace assay::host
