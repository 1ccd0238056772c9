#include "stack/host/row_scenario_for_test.h"

#include <algorithm>
#include <array>
#include <span>

#include "stack/host/host.h"
#include "stack/wire/packet.h"

namespace assay::host {
namespace {

using spec::State;

// Two ends that go on for ever are stopped, and have failed.
constexpr int kPacketLimit = 400;

constexpr std::array<uint16_t, 2> kPorts = {4000, 80};

struct Crossed {
  size_t side;
  SentSegment segment;
};

class Scenario {
 public:
  Scenario(wire::IpFamily family, const tcp::Policy& policy) {
    for (size_t side : {0u, 1u}) {
      const auto last = static_cast<uint8_t>(side + 1);
      ends_[side].config.address = family == wire::IpFamily::kIpv4
                                       ? wire::IpAddress::V4(192, 0, 2, last)
                                       : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, last});
      ends_[side].config.seed = last;
      ends_[side].config.policy = policy;
      ends_[side].host.Reset(ends_[side].config);
    }
  }

  void Do(std::string_view step) {
    if (step == "CONNECT") {
      for (std::string_view part : {"B OPEN passive", "A OPEN active", "DELIVER"}) Do(part);
      crossed_.clear();
      for (End& end : ends_) {
        end.path = {StateOf(end)};
        end.told.clear();
      }
    } else if (step == "DELIVER") {
      DeliverAll();
    } else if (step == "RELEASE") {
      for (const Kept& kept : kept_) Carry(kept.side, kept.octets);
      kept_.clear();
    } else if (TakePrefix(step, "CARRY ")) {
      const size_t side = SideOf(step);
      Carry(side, NextFrom(side));
    } else if (TakePrefix(step, "DELAY ")) {
      const size_t side = SideOf(step);
      kept_.push_back({side, NextFrom(side)});
    } else if (TakePrefix(step, "LOSE ")) {
      ends_[SideOf(step)].loses_next = true;
    } else if (TakePrefix(step, "OVERHEAR ")) {
      const size_t side = SideOf(step);
      for (auto octets = NextFrom(side); !octets.empty(); octets = NextFrom(side)) {
        Log(side, octets);
      }
    } else if (TakePrefix(step, "FORGE ")) {
      Forge(SideOf(step.substr(0, 1)), step.substr(2));
    } else if (step.starts_with("WAIT")) {
      Wait(Duration::Milliseconds(MillisecondsIn(step)));
    } else {
      Call(SideOf(step.substr(0, 1)), step.substr(2));
    }
    Look();
  }

  bool loops() const { return static_cast<int>(crossed_.size()) >= kPacketLimit; }
  const std::vector<Crossed>& crossed() const { return crossed_; }
  const std::vector<State>& path(size_t side) const { return ends_[side].path; }

  // What both users were told, as "A open ok".
  std::vector<std::string> Told() {
    std::vector<std::string> all;
    for (size_t side : {0u, 1u}) {
      End& end = ends_[side];
      uint32_t octets = 0;
      std::vector<std::byte> room(1 << 16);
      while (end.handle != kNoHandle) {
        const Transfer got = end.host.Receive(end.handle, room);
        octets += static_cast<uint32_t>(got.octets);
        if (got.octets > 0) continue;
        if (got.error == Error::kNone) end.told.push_back("closing");
        break;
      }
      if (octets > 0) end.told.push_back("data " + std::to_string(octets));
      for (const std::string& token : end.told) all.push_back((side == 0 ? "A " : "B ") + token);
    }
    return all;
  }

 private:
  struct End {
    Host host{Config{}};
    Config config;
    Handle handle = kNoHandle;
    Handle listener = kNoHandle;
    bool loses_next = false;
    bool open = false;
    Error error = Error::kNone;
    std::vector<State> path;
    std::vector<std::string> told;
  };
  struct Kept {
    size_t side;
    std::vector<std::byte> octets;
  };

  static size_t SideOf(std::string_view name) {
    if (name == "A") return 0;
    if (name == "B") return 1;
    Malformed("neither A nor B", name);
  }

  wire::Endpoint At(size_t side) const { return {ends_[side].config.address, kPorts[side]}; }

  static State StateOf(const End& end) {
    if (end.handle != kNoHandle) return end.host.State(end.handle);
    return end.listener == kNoHandle ? State::kClosed : end.host.State(end.listener);
  }

  void Call(size_t side, std::string_view call) {
    End& end = ends_[side];
    if (call == "OPEN passive") {
      end.listener = end.host.Listen(kPorts[side], 4).handle;
    } else if (call == "OPEN active") {
      end.handle = end.host.Connect(kPorts[side], At(1 - side)).handle;
    } else if (call == "OPEN self") {
      end.handle = end.host.Connect(kPorts[side], At(side)).handle;
    } else if (call == "CLOSE") {
      end.host.Shutdown(end.handle);
    } else if (call.starts_with("SEND")) {
      const std::vector<std::byte> text(NumberIn(call));
      end.host.Send(end.handle, text, tcp::Flag::kNo, tcp::Flag::kNo);
    } else if (call.starts_with("WAIT")) {
      end.host.Advance(Duration::Milliseconds(MillisecondsIn(call)), Stop::kAtEnd);
    } else if (TakePrefix(call, "REBOOT")) {
      Config config = end.config;
      // As after a time: another clock, and so other initial sequence numbers.
      config.seed += 1000;
      if (TakePrefix(call, "at ")) {
        config.use_first_iss = true;
        config.first_iss = Evaluate(call, Variables());
      }
      end.host.Reset(config);
      end.handle = end.listener = kNoHandle;
      end.open = false;
      end.error = Error::kNone;
      end.path.clear();
    } else {
      Malformed("not a call", call);
    }
  }

  Values Variables() const {
    Values values;
    for (size_t side : {0u, 1u}) {
      const tcp::Tcb* tcb = ends_[side].host.TcbOf(ends_[side].handle);
      if (tcb == nullptr) continue;
      const std::string name = side == 0 ? "A." : "B.";
      values[name + "SND.NXT"] = tcb->snd.nxt.wire();
      values[name + "RCV.NXT"] = tcb->rcv.nxt.wire();
    }
    return values;
  }

  std::vector<std::byte> NextFrom(size_t side) {
    const wire::Octets octets = ends_[side].host.Poll();
    return {octets.begin(), octets.end()};
  }

  void Log(size_t side, wire::Octets octets) {
    const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(octets).payload);
    crossed_.push_back({side,
                        {.seq = segment.header->seq,
                         .ack = segment.header->ack,
                         .text = static_cast<uint32_t>(segment.payload.size()),
                         .window = segment.header->window,
                         .urgent = segment.header->urgent,
                         .control = segment.header->control}});
  }

  // Takes a packet across; false if there is none.
  bool Carry(size_t side, const std::vector<std::byte>& octets) {
    if (octets.empty()) return false;
    if (ends_[side].loses_next) {
      ends_[side].loses_next = false;
      return true;
    }
    Log(side, octets);
    const bool to_self = wire::DecodePacket(octets).destination == ends_[side].config.address;
    ends_[to_self ? side : 1 - side].host.Deliver(octets);
    Look();
    return true;
  }

  // One packet of each side by turns, so that what both send at once crosses.
  void DeliverAll() {
    while (!loops()) {
      const auto a = NextFrom(0);
      const auto b = NextFrom(1);
      const bool from_a = Carry(0, a);
      const bool from_b = Carry(1, b);
      if (!from_a && !from_b) return;
    }
  }

  void Forge(size_t side, std::string_view text) {
    const Values values = Variables();
    wire::Header header;
    header.source_port = kPorts[side];
    header.destination_port = kPorts[1 - side];
    header.window = 0xffff;
    uint32_t size = 0;
    for (const auto& [name, value, at_least] : ParseSegment(text).fields) {
      if (name == "SEQ") header.seq = Evaluate(value, values);
      if (name == "ACK") header.ack = Evaluate(value, values);
      if (name == "CTL") header.control = ParseControl(value).required;
      if (name == "TEXT") size = Evaluate(value, values);
    }
    const std::vector<std::byte> payload(size);
    std::vector<std::byte> room(100 + size);
    const auto packet =
        wire::EncodeTcpPacket(At(side).address, At(1 - side).address, header, {}, payload, room);
    Carry(side, {packet.begin(), packet.end()});
  }

  // Both ends together, packets crossing as they are sent.
  void Wait(Duration duration) {
    Instant now = std::max(ends_[0].host.now(), ends_[1].host.now());
    for (End& end : ends_) end.host.Advance(now - end.host.now(), Stop::kAtEnd);
    const Instant end = now + duration;
    DeliverAll();
    while (now < end && !loops()) {
      const Instant next = std::min(ends_[0].host.NextTimer(), ends_[1].host.NextTimer());
      const Instant then = std::clamp(next, now, end);
      for (End& one : ends_) one.host.Advance(then - now, Stop::kAtEnd);
      now = then;
      DeliverAll();
      Look();
    }
  }

  // Accepts what there is to accept, and notes what has changed.
  void Look() {
    for (End& end : ends_) {
      if (end.listener != kNoHandle) {
        const Accepted accepted = end.host.Accept(end.listener);
        if (accepted.error == Error::kNone) {
          end.handle = accepted.handle;
          end.open = false;
          end.error = Error::kNone;
        }
      }
      const State state = StateOf(end);
      if (end.path.empty() || end.path.back() != state) end.path.push_back(state);
      if (end.handle == kNoHandle) continue;
      if (!end.open && spec::IsSynchronized(state)) {
        end.open = true;
        end.told.push_back("open ok");
      }
      const Error error = end.host.ErrorOf(end.handle);
      if (error == end.error) continue;
      end.error = error;
      if (error == Error::kReset) end.told.push_back("reset");
      if (error == Error::kRefused) end.told.push_back("refused");
      if (error == Error::kTimedOut) end.told.push_back("timed out");
    }
  }

  std::array<End, 2> ends_;
  std::vector<Crossed> crossed_;
  std::vector<Kept> kept_;
};

size_t TakeSide(std::string_view& text) {
  if (TakePrefix(text, "A ")) return 0;
  if (TakePrefix(text, "B ")) return 1;
  Malformed("neither A nor B", text);
}

// The states of the row in their order, others between them; the last of them is the end.
bool PathIs(std::string_view names, const std::vector<State>& path) {
  size_t at = 0;
  std::string_view last;
  for (std::string_view name : Split(names, ">")) {
    if (!StateNamed(name).has_value()) Malformed("not a state", names);
    while (at < path.size() && Name(path[at]) != name) ++at;
    if (at == path.size()) return false;
    last = name;
  }
  return Name(path.back()) == last;
}

bool CrossedFrom(const std::vector<std::string_view>& wanted, size_t want,
                 const std::vector<Crossed>& crossed, size_t at, const Values& values) {
  if (want == wanted.size()) return at == crossed.size();
  std::string_view text = wanted[want];
  const size_t side = TakeSide(text);
  const SegmentPattern pattern = ParseSegment(text);
  Values bound = values;
  if (at < crossed.size() && crossed[at].side == side &&
      Matches(pattern, crossed[at].segment, bound, Names::kAreBound) &&
      CrossedFrom(wanted, want + 1, crossed, at + 1, bound)) {
    return true;
  }
  return pattern.optional && CrossedFrom(wanted, want + 1, crossed, at, values);
}

bool CrossedIs(std::string_view sends, const std::vector<Crossed>& crossed) {
  constexpr std::string_view kRepeated = "repeated:";
  const size_t at = sends.find(kRepeated);
  std::vector<std::string_view> wanted;
  if (at == std::string_view::npos) return CrossedFrom(Split(sends, ";"), 0, crossed, 0, {});
  if (at > 0) wanted = Split(sends.substr(0, sends.rfind(';', at)), ";");
  const auto again = Split(sends.substr(at + kRepeated.size()), ";");
  do {
    wanted.insert(wanted.end(), again.begin(), again.end());
  } while (wanted.size() < crossed.size());
  return CrossedFrom(wanted, 0, crossed, 0, {});
}

std::string JudgeScenario(const TransitionRow& row, Scenario& scenario) {
  if (scenario.loops()) return "it does not come to an end";
  for (std::string_view path : Split(row.next, ";")) {
    const size_t side = TakeSide(path);
    if (!PathIs(path, scenario.path(side))) {
      std::string told;
      for (State state : scenario.path(side)) told += std::string(Name(state)) + " ";
      return "the states are " + told + "and not " + std::string(path);
    }
  }
  if (!CrossedIs(row.sends, scenario.crossed())) {
    std::string told;
    for (const Crossed& one : scenario.crossed()) {
      told += (one.side == 0 ? "A " : "B ") + Tell(one.segment) + "; ";
    }
    return "what crosses is " + told + "and not " + row.sends;
  }
  std::vector<std::string> want;
  for (std::string_view token : Split(row.tells, ";")) {
    if (token != "none") want.emplace_back(token);
  }
  std::vector<std::string> have = scenario.Told();
  std::sort(want.begin(), want.end());
  std::sort(have.begin(), have.end());
  if (want == have) return "";
  std::string told;
  for (const std::string& token : have) told += token + "; ";
  return "it tells " + told + "and not " + row.tells;
}

}  // namespace

RowReport DriveScenario(const TransitionRow& row, const tcp::Policy& policy) {
  RowReport report;
  for (wire::IpFamily family : {wire::IpFamily::kIpv4, wire::IpFamily::kIpv6}) {
    Scenario scenario(family, policy);
    for (std::string_view step : Split(row.drive, ";")) scenario.Do(step);
    ++report.runs;
    const std::string wrong = JudgeScenario(row, scenario);
    if (wrong.empty()) continue;
    report.failures.push_back(row.id + (family == wire::IpFamily::kIpv4 ? " IPv4: " : " IPv6: ") +
                              wrong);
  }
  return report;
}

}  // namespace assay::host
