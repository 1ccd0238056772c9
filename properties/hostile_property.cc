// A peer that sends any octets in any order, a user who calls anything, time that jumps: nothing
// crashes or hangs, the invariants of every TCB hold after each event, each stimulus draws a
// bounded answer, memory is bounded, and in the end everything comes to rest.

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "properties/general_generators.h"
#include "properties/policy_generators.h"
#include "properties/property.h"
#include "properties/wire_generators.h"
#include "rapidcheck.h"
#include "stack/host/host.h"
#include "stack/spec/transition.h"
#include "stack/tcp/invariants.h"
#include "stack/wire/checksum.h"
#include "stack/wire/packet.h"

namespace assay::properties {
namespace {

using host::Handle;
using host::Host;
using host::kNoHandle;
using spec::State;
using wire::Octets;
using wire::OctetVector;

constexpr uint16_t kPort = 80;
constexpr uint32_t kMaxConnections = 6;
// Of one stimulus, or of hours in which only timers fire.
constexpr uint32_t kMostPackets = 100'000;

// What a number of the hostile peer's is counted from.
enum class Base : uint8_t { kExpected, kLeftOfWindow, kRightEdge, kAcknowledged, kSent, kZero };
constexpr std::array<std::string_view, 6> kBaseNames = {"RCV.NXT", "RCV.NXT-1", "RCV.NXT+RCV.WND",
                                                        "SND.UNA", "SND.NXT",   "0"};

struct Number {
  Base base = Base::kExpected;
  int32_t delta = 0;
};

enum class Stimulus : uint8_t { kSegment, kOctets, kCall, kTime };
enum class Call : uint8_t {
  kConnect,
  kAccept,
  kSend,
  kReceive,
  kShutdown,
  kClose,
  kAbort,
  kNagle,
  kUserTimeout
};
constexpr std::array<std::string_view, 9> kCallNames = {
    "OPEN", "accept", "SEND", "RECEIVE", "CLOSE", "close", "ABORT", "Nagle", "user timeout"};

struct Hostility {
  Stimulus what = Stimulus::kSegment;
  // A segment.
  uint8_t port = 0;  // which of the peer's
  uint8_t control = 0;
  Number seq = {};
  Number ack = {};
  uint16_t window = 0;
  uint16_t urgent = 0;
  uint32_t text = 0;
  Bytes options = {};  // or any octets at all
  bool wrong_checksum = false;
  // A call.
  Call call = Call::kSend;
  uint32_t which = 0;  // handle
  uint32_t octets = 0;
  uint32_t ms = 0;
};

void showValue(const Number& number, std::ostream& out) {
  out << kBaseNames[static_cast<size_t>(number.base)] << '+' << number.delta;
}

void showValue(const Hostility& h, std::ostream& out) {
  switch (h.what) {
    case Stimulus::kSegment:
      out << "\n  port " << int{h.port} << ": " << wire::ControlNames(h.control) << " SEQ ";
      showValue(h.seq, out);
      out << " ACK ";
      showValue(h.ack, out);
      out << " window " << h.window << " urgent " << h.urgent << " text " << h.text << " options "
          << wire::ToHex(h.options.view()) << (h.wrong_checksum ? ", wrong checksum" : "");
      break;
    case Stimulus::kOctets:
      out << "\n  octets " << wire::ToHex(h.options.view());
      break;
    case Stimulus::kCall:
      out << "\n  " << kCallNames[static_cast<size_t>(h.call)] << " on handle " << h.which << ", "
          << h.octets;
      break;
    case Stimulus::kTime:
      out << "\n  " << h.ms << " ms";
      break;
  }
}

struct HostilePlan {
  wire::IpFamily family = wire::IpFamily::kIpv4;
  bool opened = false;  // port 0 has been accepted, port 1 connected to
  PolicyChoice policy;
  uint32_t first_iss = 0;
  std::vector<Hostility> events;
};

void showValue(const HostilePlan& plan, std::ostream& out) {
  out << (plan.family == wire::IpFamily::kIpv4 ? "IPv4" : "IPv6") << ", ISS " << plan.first_iss
      << (plan.opened ? ", ports 0 and 1 ESTABLISHED" : "") << ", policy ";
  showValue(plan.policy, out);
  for (const Hostility& h : plan.events) showValue(h, out);
}

rc::Gen<Number> AnyNumber(bool of_seq) {
  const auto base = of_seq ? rc::gen::weightedElement<Base>({{8, Base::kExpected},
                                                             {1, Base::kLeftOfWindow},
                                                             {2, Base::kRightEdge},
                                                             {1, Base::kZero}})
                           : rc::gen::weightedElement<Base>(
                                 {{4, Base::kAcknowledged}, {8, Base::kSent}, {1, Base::kZero}});
  const auto delta = rc::gen::weightedOneOf<int32_t>(
      {{6, rc::gen::just(0)},
       {3, rc::gen::inRange(-2, 3)},
       {2, rc::gen::inRange(-3000, 3000)},
       {1, rc::gen::inRange(-70'000, 70'000)},
       {1, rc::gen::element<int32_t>(INT32_MAX, INT32_MIN, INT32_MIN + 1)}});
  return rc::gen::construct<Number>(base, delta);
}

rc::Gen<Hostility> AnyHostility() {
  using wire::kAck;
  using wire::kFin;
  using wire::kPsh;
  using wire::kRst;
  using wire::kSyn;
  using wire::kUrg;
  const auto control = rc::gen::weightedOneOf<uint8_t>(
      {{6, OneOf<uint8_t>(kAck, kAck, kAck, kAck, kAck | kPsh, kAck | kPsh, kAck | kPsh,
                          kAck | kFin, kAck | kUrg, kSyn, kSyn | kAck, kRst)},
       {1, rc::gen::arbitrary<uint8_t>()}});
  const auto text = rc::gen::weightedOneOf<uint32_t>({{3, rc::gen::just(uint32_t{0})},
                                                      {3, rc::gen::inRange<uint32_t>(1, 2000)},
                                                      {1, rc::gen::inRange<uint32_t>(1, 60'000)}});
  const auto window = rc::gen::weightedOneOf<uint16_t>(
      {{1, rc::gen::inRange<uint16_t>(0, 3)}, {2, AnyField<uint16_t>()}});
  // Few, because a list of them takes longer to draw than all the rest.
  const auto options = rc::gen::weightedOneOf<Bytes>(
      {{3, rc::gen::just(Bytes{})}, {1, rc::gen::resize(6, AnyOptionList())}});
  const auto segment = rc::gen::build<Hostility>(
      rc::gen::set(&Hostility::what, rc::gen::just(Stimulus::kSegment)),
      rc::gen::set(&Hostility::port, rc::gen::inRange<uint8_t>(0, 3)),
      rc::gen::set(&Hostility::control, control), rc::gen::set(&Hostility::seq, AnyNumber(true)),
      rc::gen::set(&Hostility::ack, AnyNumber(false)), rc::gen::set(&Hostility::window, window),
      rc::gen::set(&Hostility::urgent, AnyField<uint16_t>()), rc::gen::set(&Hostility::text, text),
      rc::gen::set(&Hostility::options, options),
      rc::gen::set(&Hostility::wrong_checksum,
                   rc::gen::weightedElement<bool>({{19, false}, {1, true}})));
  const auto octets = rc::gen::build<Hostility>(
      rc::gen::set(&Hostility::what, rc::gen::just(Stimulus::kOctets)),
      rc::gen::set(&Hostility::options, rc::gen::oneOf(AnyOctets(80), AnyPacket())));
  const auto call = rc::gen::build<Hostility>(
      rc::gen::set(&Hostility::what, rc::gen::just(Stimulus::kCall)),
      rc::gen::set(&Hostility::call,
                   OneOf<Call>(0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 7, 8)),
      rc::gen::set(&Hostility::which, rc::gen::inRange<uint32_t>(0, 8)),
      rc::gen::set(&Hostility::port, rc::gen::inRange<uint8_t>(0, 3)),
      rc::gen::set(&Hostility::octets, rc::gen::oneOf(rc::gen::inRange<uint32_t>(0, 3000),
                                                      rc::gen::inRange<uint32_t>(0, 70'000))));
  const auto time = rc::gen::build<Hostility>(
      rc::gen::set(&Hostility::what, rc::gen::just(Stimulus::kTime)),
      rc::gen::set(&Hostility::ms, rc::gen::weightedOneOf<uint32_t>(
                                       {{4, rc::gen::inRange<uint32_t>(0, 1500)},
                                        {1, rc::gen::inRange<uint32_t>(0, 400'000)}})));
  return rc::gen::weightedOneOf<Hostility>({{12, segment}, {1, octets}, {4, call}, {2, time}});
}

rc::Gen<HostilePlan> AnyHostilePlan() {
  const auto iss = rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<uint32_t>(0, 70'000), [](uint32_t n) { return -n; }),
      rc::gen::arbitrary<uint32_t>());
  return MostlyLarge(rc::gen::construct<HostilePlan>(
      OneOf<wire::IpFamily>(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
      rc::gen::weightedElement<bool>({{1, false}, {4, true}}), AnyPolicy(), iss,
      UpTo(80, AnyHostility())));
}

class HostileRun {
 public:
  // `most_empty`: how many empty segments one stimulus may draw.
  explicit HostileRun(const HostilePlan& plan, uint32_t most_empty = 2)
      : config_(ConfigOf(plan)), host_(config_), most_empty_(most_empty) {
    handles_.push_back(host_.Listen(kPort, 3).handle);
    if (!plan.opened) return;
    Play({{.port = 0, .control = wire::kSyn, .window = 20'000}});
    Play({{.port = 0, .control = wire::kAck, .ack = {Base::kSent, 0}, .window = 20'000},
          {.what = Stimulus::kCall, .call = Call::kAccept},
          {.what = Stimulus::kCall, .port = 1, .call = Call::kConnect},
          {.port = 1,
           .control = wire::kSyn | wire::kAck,
           .ack = {Base::kSent, 0},
           .window = 20'000}});
    ASSAY_CHECK(handles_.size() == 3 && host_.State(handles_[1]) == State::kEstablished &&
                host_.State(handles_[2]) == State::kEstablished);
  }

  void Play(const std::vector<Hostility>& events) {
    for (const Hostility& event : events) {
      if (!broken_.empty()) return;
      Note();
      Do(event);
      Hear(event.what);
      Check(event.what != Stimulus::kTime);
    }
  }

  // With nobody to talk to all of it ends, but for what waits for ever by right.
  void Rest() {
    host_.Advance(Duration::Seconds(7200), host::Stop::kAtEnd);
    Hear(Stimulus::kTime);
    Check(false);
    for (const Handle handle : handles_) {
      const State state = host_.State(handle);
      if (state == State::kSynSent || state == State::kSynReceived || state == State::kFinWait1 ||
          state == State::kClosing || state == State::kLastAck || state == State::kTimeWait) {
        Break("does not come to rest in " + std::string(spec::Name(state)));
      }
    }
  }

  const std::string& broken() const { return broken_; }
  const std::set<State>& seen() const { return seen_; }

 private:
  struct Known {
    uint32_t expected = 0xffff'8000;  // of ours, by the host: its RCV.NXT
    uint32_t window = 0;
    uint32_t sent = 0;  // by the host: its SND.NXT
    uint32_t acknowledged = 0;
  };

  static host::Config ConfigOf(const HostilePlan& plan) {
    host::Config config;
    config.address = plan.family == wire::IpFamily::kIpv4
                         ? wire::IpAddress::V4(192, 0, 2, 1)
                         : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1});
    config.seed = 9293;
    config.use_first_iss = true;
    config.first_iss = plan.first_iss;
    config.max_connections = kMaxConnections;
    config.policy = plan.policy.policy();
    return config;
  }

  wire::IpAddress Peer() const {
    return config_.address.family() == wire::IpFamily::kIpv4
               ? wire::IpAddress::V4(192, 0, 2, 2)
               : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});
  }

  void Break(const std::string& what) {
    if (broken_.empty()) broken_ = what;
  }

  static Octets Text() {
    static const OctetVector text = wire::Ramp(70'000);
    return text;
  }
  // To write to; what was there before is never read.
  static wire::MutableOctets Room() {
    static OctetVector room(1 << 16);
    return room;
  }

  static uint32_t Resolve(const Number& number, const Known& known) {
    const auto from = [&]() -> uint32_t {
      switch (number.base) {
        case Base::kExpected:
          return known.expected;
        case Base::kLeftOfWindow:
          return known.expected - 1;
        case Base::kRightEdge:
          return known.expected + known.window;
        case Base::kAcknowledged:
          return known.acknowledged;
        case Base::kSent:
          return known.sent;
        case Base::kZero:
          return 0;
      }
      return 0;
    };
    return from() + static_cast<uint32_t>(number.delta);
  }

  void Do(const Hostility& event) {
    switch (event.what) {
      case Stimulus::kSegment:
        DeliverSegment(event);
        break;
      case Stimulus::kOctets:
        host_.Deliver(event.options.view());
        break;
      case Stimulus::kCall:
        DoCall(event);
        break;
      case Stimulus::kTime:
        host_.Advance(Duration::Milliseconds(event.ms), host::Stop::kAtEnd);
        break;
    }
  }

  void DeliverSegment(const Hostility& event) {
    const Known& known = known_[event.port];
    wire::Header header;
    header.source_port = static_cast<uint16_t>(5000 + event.port);
    header.destination_port = kPort;
    header.control = event.control;
    header.seq = Resolve(event.seq, known);
    header.ack = Resolve(event.ack, known);
    header.window = event.window;
    header.urgent = event.urgent;
    OctetVector options = event.options.octets;
    options.resize(options.size() / 4 * 4);
    const wire::MutableOctets packet = wire::EncodeTcpPacket(
        Peer(), config_.address, header, options, Text().first(event.text), Room());
    if (event.wrong_checksum) packet.back() ^= std::byte{1};
    host_.Deliver(packet);
  }

  void DoCall(const Hostility& event) {
    const Handle handle = handles_[event.which % handles_.size()];
    const bool listener = handle == handles_[0];
    const tcp::Flag flag = event.octets % 2 == 0 ? tcp::Flag::kNo : tcp::Flag::kYes;
    switch (event.call) {
      case Call::kConnect:
        Add(host_.Connect(kPort, {Peer(), static_cast<uint16_t>(5000 + event.port)}).handle);
        break;
      case Call::kAccept:
        Add(host_.Accept(handles_[0]).handle);
        break;
      case Call::kSend:
        host_.Send(handle, Text().first(std::min<size_t>(event.octets, Text().size())), flag,
                   event.octets % 5 == 0 ? tcp::Flag::kYes : tcp::Flag::kNo);
        break;
      case Call::kReceive:
        host_.Receive(handle, Room().first(1 + event.octets % 60'000));
        break;
      case Call::kShutdown:
        host_.Shutdown(handle);
        break;
      case Call::kClose:
        if (!listener) host_.Close(handle);
        break;
      case Call::kAbort:
        if (!listener) host_.Abort(handle);
        break;
      case Call::kNagle:
        host_.SetNagle(handle, flag);
        break;
      case Call::kUserTimeout:
        host_.SetUserTimeout(handle, Duration::Milliseconds(event.octets));
        break;
    }
  }

  void Add(Handle handle) {
    if (handle != kNoHandle) handles_.push_back(handle);
  }

  // What a peer learns from what the host sends; and how much that is.
  void Hear(Stimulus what) {
    uint32_t packets = 0;
    uint32_t empty = 0;
    uint64_t text = 0;
    uint32_t resets = 0;
    for (Octets packet = host_.Poll(); !packet.empty(); packet = host_.Poll()) {
      const wire::Packet decoded = wire::DecodePacket(packet);
      const wire::Segment segment = wire::DecodeSegment(decoded.payload);
      const wire::Header& header = *segment.header;
      if (++packets > kMostPackets) Break("packets without end");
      if (packet.size() > config_.mtu) Break("a packet is larger than the MTU");
      if (!wire::TcpChecksumIsRight(decoded.source, decoded.destination, decoded.payload)) {
        Break("a packet goes out with a wrong checksum");
      }
      text += segment.payload.size();
      empty += uint32_t{segment.len() == 0};
      resets += uint32_t{header.rst()};
      Known& known = known_[(header.destination_port - 5000u) % known_.size()];
      if (header.rst()) continue;
      known.sent = header.seq + segment.len();
      known.acknowledged = header.seq;
      if (header.has_ack()) {
        known.expected = header.ack;
        known.window = header.window;
      }
    }
    // Time that jumps fires many timers; its answers are bounded by what retransmission allows.
    if (what == Stimulus::kTime) return;
    if (empty > most_empty_)
      Break("one stimulus draws " + std::to_string(empty) + " empty segments");
    if (resets > 1) Break("one stimulus draws several RSTs");
    if (text > config_.policy.send_buffer) Break("one stimulus draws more than a buffer of text");
  }

  void Note() {
    before_.clear();
    for (const Handle handle : handles_) before_.push_back(host_.State(handle));
  }

  void Check(bool one_event) {
    for (size_t i = 0; i < handles_.size(); ++i) {
      const State now = host_.State(handles_[i]);
      seen_.insert(now);
      if (const tcp::Tcb* tcb = host_.TcbOf(handles_[i])) {
        for (const std::string_view name : tcp::CheckInvariants(*tcb)) Break(std::string(name));
      }
      if (one_event && i < before_.size() && !spec::IsLegal(before_[i], now)) {
        Break(std::string(spec::Name(before_[i])) + " to " + std::string(spec::Name(now)));
      }
    }
  }

  host::Config config_;
  Host host_;
  uint32_t most_empty_;
  std::vector<Handle> handles_;
  std::vector<State> before_;
  std::set<State> seen_;
  std::array<Known, 3> known_;
  std::string broken_;
};

PROPERTY(HostileProperty, NothingThatAPeerOrAUserDoesBreaksTheHost, 2) {
  const HostilePlan plan = *AnyHostilePlan();
  HostileRun run(plan);
  run.Play(plan.events);
  run.Rest();
  std::string deepest = "CLOSED";
  for (const State state :
       {State::kSynSent, State::kSynReceived, State::kEstablished, State::kFinWait1,
        State::kCloseWait, State::kFinWait2, State::kClosing, State::kLastAck, State::kTimeWait}) {
    if (run.seen().contains(state)) deepest = std::string(spec::Name(state));
  }
  RC_TAG("as far as " + deepest);
  RC_ASSERT(run.broken() == "");
}

// The alarm rings: no host is as silent as this.
TEST(HostileMutant, TooNarrowABoundIsBroken) {
  const std::string said = Falsified(
      [] {
        const HostilePlan plan = *AnyHostilePlan();
        HostileRun run(plan, 0);
        run.Play(plan.events);
        RC_ASSERT(run.broken() == "");
      },
      200);
  EXPECT_THAT(said, testing::HasSubstr("one stimulus draws 1 empty segments"));
}

}  // namespace
}  // namespace assay::properties
