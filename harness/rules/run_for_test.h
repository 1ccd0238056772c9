// RunForTest: one run told to a Judge by hand, for tests: what the peer sends, what the stack
// sends, what the user calls, and when all are quiet.
//
// It does nothing by itself: a stack that is silent is one for which nothing was written. Numbers
// are counted from the initial sequence numbers of the two ends, whatever those are.

#ifndef ASSAY_HARNESS_RULES_RUN_FOR_TEST_H_
#define ASSAY_HARNESS_RULES_RUN_FOR_TEST_H_

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/observer/profile.h"
#include "harness/rules/judge.h"
#include "harness/scenario/stream.h"
#include "harness/sut/stack_under_test.h"
#include "stack/base/time.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::rules {

// The options of a segment, by kind.
struct OptionsForTest {
  std::optional<uint16_t> mss = std::nullopt;
  std::optional<uint8_t> window_scale = std::nullopt;
  bool sack_permitted = false;
  std::optional<wire::Timestamps> timestamps = std::nullopt;
  std::vector<wire::SackBlock> sack = {};

  wire::OptionSet Set() const {
    wire::OptionSet set;
    set.mss = mss;
    set.window_scale = window_scale;
    set.sack_permitted = sack_permitted;
    set.timestamps = timestamps;
    for (const wire::SackBlock& block : sack) set.sack.push_back(block);
    return set;
  }
};

struct SegmentForTest {
  uint8_t control = wire::kAck;
  int64_t seq = 1;
  int64_t ack = 1;
  size_t text = 0;
  uint16_t window = 10'000;
  OptionsForTest options = {};
  std::vector<uint8_t> raw_options = {};  // instead of `options`, if there are any
  uint8_t reserved = 0;
  uint16_t urgent = 0;
};

struct RunOptions {
  bool ipv6 = false;
  uint32_t tester_iss = 1'000;
  uint32_t stack_iss = 5'000;
  observer::Profile profile = {};
};

class RunForTest {
 public:
  static constexpr uint16_t kStackPort = 80;
  static constexpr uint16_t kTesterPort = 40'000;
  static constexpr sut::Handle kHandle = 3;

  explicit RunForTest(const RunOptions& options = {}) : options_(options) {
    if (options.ipv6) sut::UseIpv6(config_);
    config_.features = {.window_scale = true, .sack = true, .timestamps = true};
    judge.Begin(config_, options.profile, options.tester_iss);
  }

  // --- the wire ---
  void Peer(const SegmentForTest& segment) { PeerRaw(Encode(segment, true)); }
  void Stack(const SegmentForTest& segment) { StackRaw(Encode(segment, false)); }
  void PeerRaw(const std::vector<std::byte>& packet) {
    judge.OnArrival(observer::See(packet, now));
  }
  void StackRaw(const std::vector<std::byte>& packet) {
    judge.OnEmission(observer::See(packet, now));
  }
  // An ICMP error: the packet with the stack's octet `seq` was larger than `mtu`.
  void TooBig(uint32_t mtu, int64_t seq) { ipv6() ? Icmp(2, 0, mtu, seq) : Icmp(3, 4, mtu, seq); }
  // Another: that packet found no route.
  void NoRoute(int64_t seq) { Icmp(ipv6() ? 1 : 3, 0, 0, seq); }
  void Icmp(uint8_t type, uint8_t code, uint32_t rest, int64_t seq) {
    const bool v6 = options_.ipv6;
    const size_t ip = wire::IpHeaderSize(config_.stack.family());
    std::vector<std::byte> packet(ip + 8 + ip + 8);
    wire::Packet outer;
    outer.source = config_.tester;
    outer.destination = config_.stack;
    outer.protocol = v6 ? wire::kProtocolIcmpV6 : wire::kProtocolIcmp;
    wire::EncodeIpHeader(outer, 16 + ip, packet);
    const wire::MutableOctets icmp = wire::MutableOctets(packet).subspan(ip);
    wire::OctetWriter writer(icmp);
    writer.U8(type);
    writer.U8(code);
    writer.U16(0);
    writer.U32(rest);
    wire::Packet quoted;
    quoted.source = config_.stack;
    quoted.destination = config_.tester;
    wire::EncodeIpHeader(quoted, 1'460, icmp.subspan(8));
    wire::OctetWriter tcp(icmp.subspan(8 + ip));
    tcp.U16(kStackPort);
    tcp.U16(kTesterPort);
    tcp.U32(options_.stack_iss + static_cast<uint32_t>(seq));
    uint64_t sum = wire::OnesComplementSum(icmp);
    if (v6) {
      sum += wire::OnesComplementSum(outer.source.octets());
      sum += wire::OnesComplementSum(outer.destination.octets()) + icmp.size() + outer.protocol;
    }
    wire::OctetWriter(icmp.subspan(2)).U16(static_cast<uint16_t>(~wire::FoldSum(sum)));
    PeerRaw(packet);
  }
  void Quiet() { judge.OnQuiet(now); }
  // Time passes, and nothing is said.
  void Wait(Duration duration) {
    now = now + duration;
    judge.OnTime(now);
  }
  void WaitInSilence(Duration duration) {
    Wait(duration);
    Quiet();
  }

  // --- the user ---
  void Listen() { judge.OnListen(kStackPort); }
  void Connect() { judge.OnConnect(kHandle, kStackPort, kTesterPort, now); }
  void Accept() { judge.OnAccept(kHandle, {config_.tester, kTesterPort}, now); }
  void Send(size_t octets, uint32_t flags = sut::kSendPush) {
    judge.OnSend(kHandle, {.octets = octets}, now, flags);
  }
  void FindsNoRoom() { judge.OnSend(kHandle, {.error = sut::CallError::kAgain}, now); }
  void Set(sut::Option option, int64_t value, sut::CallError answer = sut::CallError::kNone) {
    judge.OnOption(kHandle, option, value, answer, now);
  }
  // Small segments may follow one another from now on.
  void TurnOffNagle() { Set(sut::Option::kNodelay, 1); }
  // RECEIVE gives `octets` of the peer's stream, from `from` on.
  void Receive(size_t octets, int64_t from) {
    const wire::Octets text =
        scenario::StreamOctets(scenario::Stream::kTester, static_cast<uint64_t>(from), octets);
    judge.OnReceive(kHandle, text, {.octets = octets}, now);
  }
  void ReceiveAnswers(sut::CallError error) {
    judge.OnReceive(kHandle, {}, {.octets = 0, .error = error}, now);
  }
  void Shutdown() { judge.OnShutdown(kHandle, sut::CallError::kNone, now); }
  void Close() { judge.OnClose(kHandle, sut::CallError::kNone, now); }
  void Abort() { judge.OnAbort(kHandle, sut::CallError::kNone, now); }
  void Reports(spec::State state) { judge.OnState(kHandle, {.known = true, .state = state}, now); }

  // --- what most runs begin with ---
  // A passive open up to ESTABLISHED, accepted. `syn` and `syn_ack` are what the two SYNs carry.
  void Establish(const SegmentForTest& syn, const SegmentForTest& syn_ack) {
    Listen();
    Peer(syn);
    Stack(syn_ack);
    Quiet();
    Peer({.window = syn.window});
    Accept();
    Quiet();
  }
  void Establish() { Establish(Syn(), SynAck()); }
  // The user sends `octets`, and the stack does, as one segment behind `from`.
  void SendsText(size_t octets, int64_t from = 1) {
    Send(octets);
    Stack({.control = wire::kAck | wire::kPsh, .seq = from, .text = octets});
    Quiet();
  }
  // The first 100 octets are sent again after each of these waits, in seconds.
  void TimesOut(std::initializer_list<int> waits) {
    for (const int wait : waits) {
      Wait(Duration::Seconds(wait));
      Stack({.control = wire::kAck | wire::kPsh, .text = 100});
      Quiet();
    }
  }
  // The peer sends `octets` from `from` on, and the stack acknowledges them at once; nobody reads.
  void TakesText(size_t octets, int64_t from = 1) {
    Peer({.seq = from, .text = octets});
    const int64_t end = from + static_cast<int64_t>(octets);
    Stack({.ack = end, .window = static_cast<uint16_t>(10'001 - end)});
    Quiet();
  }
  // FIN-WAIT-2: the stack's FIN is acknowledged.
  void ReachFinWait2() {
    Establish();
    Shutdown();
    Stack({.control = wire::kFin | wire::kAck});
    Quiet();
    Peer({.ack = 2});
    Quiet();
  }
  void ReachCloseWait() {
    Establish();
    Peer({.control = wire::kFin | wire::kAck});
    Stack({.ack = 2});
    Quiet();
  }
  void ReachLastAck() {
    ReachCloseWait();
    Shutdown();
    Stack({.control = wire::kFin | wire::kAck, .ack = 2});
    Quiet();
  }
  // SYN-RECEIVED with timestamps, of which the peer's is `value` and the stack's 7.
  void TakesStampedSyn(uint32_t value) {
    SegmentForTest syn = Syn();
    SegmentForTest syn_ack = SynAck();
    syn.options.timestamps = wire::Timestamps{value, 0};
    syn_ack.options.timestamps = wire::Timestamps{7, value};
    Listen();
    Peer(syn);
    Stack(syn_ack);
    Quiet();
  }
  static SegmentForTest Syn(const OptionsForTest& options = {.mss = 1440}) {
    return {.control = wire::kSyn, .seq = 0, .options = options};
  }
  static SegmentForTest SynAck(const OptionsForTest& options = {.mss = 1440}) {
    return {.control = wire::kSyn | wire::kAck, .seq = 0, .options = options};
  }

  bool ipv6() const { return options_.ipv6; }
  uint32_t stack_iss() const { return options_.stack_iss; }
  // The ids of the rules that were found broken.
  std::vector<std::string> Broken() const {
    std::vector<std::string> ids;
    for (const Finding& finding : judge.findings()) ids.emplace_back(finding.rule->id);
    return ids;
  }
  // All that was found, for the message of a test that fails.
  std::string Report() const {
    std::string out;
    for (const Finding& f : judge.findings()) {
      out += std::string(f.rule->id) + ": saw " + f.seen + "; legal is: " + f.legal + "\n";
    }
    return out;
  }

  // A whole packet with a right checksum.
  std::vector<std::byte> Encode(const SegmentForTest& segment, bool of_peer) const {
    const uint32_t own = of_peer ? options_.tester_iss : options_.stack_iss;
    const uint32_t other = of_peer ? options_.stack_iss : options_.tester_iss;
    const wire::Header header{
        .source_port = of_peer ? kTesterPort : kStackPort,
        .destination_port = of_peer ? kStackPort : kTesterPort,
        .seq = own + static_cast<uint32_t>(segment.seq),
        .ack = (segment.control & wire::kAck) != 0 ? other + static_cast<uint32_t>(segment.ack) : 0,
        .offset_and_reserved = segment.reserved,
        .control = segment.control,
        .window = segment.window,
        .urgent = segment.urgent};
    const auto first =
        static_cast<uint64_t>(segment.seq) + ((segment.control & wire::kSyn) != 0 ? 1 : 0) - 1;
    const wire::Octets text =
        scenario::StreamOctets(of_peer ? scenario::Stream::kTester : scenario::Stream::kStack,
                               of_peer ? static_cast<uint32_t>(first) : first, segment.text);
    std::array<std::byte, wire::kOptionsMax> room{};
    wire::Octets options = wire::EncodeOptions(segment.options.Set(), room);
    if (!segment.raw_options.empty()) {
      options = std::as_bytes(std::span(segment.raw_options));
    }
    std::vector<std::byte> packet(wire::kIpv6Header + wire::kHeaderMin + 40 + segment.text);
    const wire::MutableOctets encoded = wire::EncodeTcpPacket(
        of_peer ? config_.tester : config_.stack, of_peer ? config_.stack : config_.tester, header,
        options, text, packet);
    packet.resize(encoded.size());
    return packet;
  }
  // The same packet, its TCP segment changed, the checksum mended.
  std::vector<std::byte> Changed(const SegmentForTest& segment,
                                 const std::function<void(wire::MutableOctets)>& change) const {
    std::vector<std::byte> packet = Encode(segment, false);
    const wire::MutableOctets octets =
        wire::MutableOctets(packet).subspan(wire::IpHeaderSize(config_.stack.family()));
    change(octets);
    wire::SealTcp(config_.stack, config_.tester, octets);
    return packet;
  }

  Judge judge;
  Instant now;

 private:
  RunOptions options_;
  sut::Config config_;
};

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RUN_FOR_TEST_H_
