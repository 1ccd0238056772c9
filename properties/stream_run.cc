#include "properties/stream_run.h"

#include <algorithm>
#include <string_view>

#include "stack/base/prng.h"
#include "stack/tcp/invariants.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::properties {
namespace {

using host::Error;
using host::Host;
using host::kNoHandle;
using spec::State;

constexpr uint16_t kPortOfA = 1000;
constexpr uint16_t kPortOfB = 80;
constexpr uint32_t kMostPacketsAtOnce = 50'000;
// How long after the wire is whole again everything must have arrived, and both ends have closed.
constexpr Duration kHealsWithin = Duration::Seconds(900);
constexpr Duration kRound = Duration::Milliseconds(50);

std::byte OctetAt(Side side, uint32_t offset) {
  return static_cast<std::byte>(Prng(uint64_t{offset} << 1 | Index(side)).Next());
}

wire::IpAddress AddressOf(Side side, wire::IpFamily family) {
  const auto last = static_cast<uint8_t>(1 + Index(side));
  return family == wire::IpFamily::kIpv4
             ? wire::IpAddress::V4(192, 0, 2, last)
             : wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, last});
}

host::Config ConfigOf(const StreamPlan& plan, Side side) {
  const StreamPlan::End& end = plan.ends[Index(side)];
  host::Config config;
  config.address = AddressOf(side, plan.family);
  config.mtu = end.mtu;
  config.seed = 1 + Index(side);
  config.use_first_iss = true;
  config.first_iss = end.first_iss;
  config.max_connections = 4;
  config.policy = end.policy.policy();
  return config;
}

bool IsEmpty(const wire::Segment& segment) {
  return segment.payload.empty() && !segment.header->syn() && !segment.header->fin();
}

constexpr std::array<std::string_view, kVerbs> kVerbNames = {
    "SEND", "SEND pushed", "SEND urgent", "RECEIVE", "CLOSE", "Nagle", "nothing"};

}  // namespace

void showValue(const StreamPlan& plan, std::ostream& out) {
  out << (plan.family == wire::IpFamily::kIpv4 ? "IPv4" : "IPv6") << ", " << plan.delay_ms
      << " ms of delay, "
      << (plan.opening == Opening::kOneListens ? "a opens, b listens" : "both open");
  for (const Side side : {Side::kA, Side::kB}) {
    const StreamPlan::End& end = plan.ends[Index(side)];
    out << "\n  " << Letter(side) << ": sends " << end.goal << ", reads " << end.reads
        << " at a time, MTU " << end.mtu << ", ISS " << end.first_iss << ", policy ";
    showValue(end.policy, out);
  }
  for (const Fault& fault : plan.faults) {
    out << "\n  ";
    showValue(fault, out);
  }
  for (const UserAct& act : plan.acts) {
    out << "\n  " << Letter(act.who) << ": " << kVerbNames[static_cast<size_t>(act.verb)] << ' '
        << act.octets << ", then " << act.then_ms << " ms";
  }
}

StreamRun::StreamRun(const StreamPlan& plan)
    : plan_(plan),
      hosts_{{Host(ConfigOf(plan, Side::kA)), Host(ConfigOf(plan, Side::kB))}},
      wire_(Duration::Milliseconds(plan.delay_ms), plan.faults),
      room_(1 << 16) {
  if (plan.opening == Opening::kOneListens) {
    users_[1].listener = hosts_[1].Listen(kPortOfB, 2).handle;
  } else {
    users_[1].handle = hosts_[1].Connect(kPortOfB, endpoint(Side::kA)).handle;
  }
  users_[0].handle = hosts_[0].Connect(kPortOfA, endpoint(Side::kB)).handle;
  Collect(Side::kA, false, 0);
  Collect(Side::kB, false, 0);
}

wire::Endpoint StreamRun::endpoint(Side side) const {
  return {AddressOf(side, plan_.family), side == Side::kA ? kPortOfA : kPortOfB};
}

void StreamRun::Break(const std::string& what) {
  if (broken_.empty()) broken_ = what + Where();
}

std::string StreamRun::Where() const {
  std::string where;
  for (const Side side : {Side::kA, Side::kB}) {
    const User& user = users_[Index(side)];
    where += std::string("; ") + Letter(side) + " is in " +
             std::string(spec::Name(host(side).State(user.handle))) + ", has said " +
             std::to_string(user.said) + ", heard " + std::to_string(user.heard);
  }
  return where + "; " + std::to_string((hosts_[0].now() - Instant()).ns() / 1'000'000) + " ms";
}

// --- The network. ---

void StreamRun::Collect(Side side, bool answer, uint32_t chain) {
  Host& host = hosts_[Index(side)];
  uint32_t empty = 0;
  for (wire::Octets packet = host.Poll(); !packet.empty(); packet = host.Poll()) {
    const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
    uint32_t note = 0;
    if (IsEmpty(segment)) {
      ++empty;
      note = answer ? chain + 1 : 0;
      longest_chain_ = std::max(longest_chain_, note);
      if (note > kLongestChain) Break("empty segments answer one another without end");
    }
    digest_.Add(packet);
    digest_.Add(static_cast<uint64_t>((host.now() - Instant()).ns()));
    if (packet.size() > plan_.ends[Index(side)].mtu) Break("a packet is larger than the MTU");
    if (++packets_at_once_ > kMostPacketsAtOnce) {
      Break("packets without end at one instant");
      break;
    }
    wire_.Send(side, packet, host.now(), note);
  }
  // An ACK, and a RST where the text that it acknowledged goes nowhere.
  if (answer && empty > 2) Break("one packet draws several empty ones");
  Check(side);
}

void StreamRun::Check(Side side) {
  const tcp::Tcb* block = tcb(side);
  if (block == nullptr) return;
  const auto names = tcp::CheckInvariants(*block);
  if (!names.empty()) Break(Letter(side) + std::string(" breaks ") + std::string(names[0]));
}

void StreamRun::Arrive(const FaultyWire::Arrival& arrival) {
  hosts_[Index(arrival.to)].Deliver(arrival.octets);
  Collect(arrival.to, true, arrival.note);
}

void StreamRun::Pass(Duration duration) {
  const Instant end = hosts_[0].now() + duration;
  while (broken_.empty()) {
    if (const auto arrival = wire_.Receive(hosts_[0].now())) {
      Arrive(*arrival);
      continue;
    }
    const Instant now = hosts_[0].now();
    if (now == end) break;
    const Instant timer = std::min(hosts_[0].NextTimer(), hosts_[1].NextTimer());
    const Instant next = std::clamp(std::min(timer, wire_.Next()), now, end);
    if (next > now) packets_at_once_ = 0;
    for (Host& host : hosts_) host.Advance(next - now, host::Stop::kAtEnd);
    for (const Side side : {Side::kA, Side::kB}) Collect(side, false, 0);
  }
}

// --- The users. ---

void StreamRun::Accept() {
  User& user = users_[Index(Side::kB)];
  if (user.listener == kNoHandle || user.handle != kNoHandle) return;
  user.handle = hosts_[Index(Side::kB)].Accept(user.listener).handle;
}

void StreamRun::Send(Side side, uint32_t octets, tcp::Flag push, tcp::Flag urgent) {
  User& user = users_[Index(side)];
  const uint32_t left = plan_.ends[Index(side)].goal - user.said;
  octets = std::min({octets, left, static_cast<uint32_t>(room_.size())});
  if (user.handle == kNoHandle || user.closed || octets == 0) return;
  for (uint32_t i = 0; i < octets; ++i) room_[i] = OctetAt(side, user.said + i);
  const host::Transfer sent =
      hosts_[Index(side)].Send(user.handle, wire::Octets(room_).first(octets), push, urgent);
  if (sent.error != Error::kNone && sent.error != Error::kAgain) Break("SEND is refused");
  user.said += static_cast<uint32_t>(sent.octets);
  Collect(side, false, 0);
}

void StreamRun::Receive(Side side, uint32_t octets) {
  User& user = users_[Index(side)];
  octets = std::min(octets, static_cast<uint32_t>(room_.size()));
  if (user.handle == kNoHandle || user.ended || octets == 0) return;
  const host::Transfer got =
      hosts_[Index(side)].Receive(user.handle, wire::MutableOctets(room_).first(octets));
  if (got.error != Error::kNone && got.error != Error::kAgain) Break("RECEIVE is refused");
  for (size_t i = 0; i < got.octets; ++i) {
    if (room_[i] != OctetAt(Other(side), user.heard)) {
      Break("octet " + std::to_string(user.heard) + " of " + Letter(Other(side)) + " is another");
      return;
    }
    ++user.heard;
  }
  const User& peer = users_[Index(Other(side))];
  if (user.heard > peer.said) Break("more is heard than was said");
  if (got.octets == 0 && got.error == Error::kNone) {
    user.ended = true;
    if (!peer.closed || user.heard != peer.said) Break("the stream ends before its end");
  }
  Collect(side, false, 0);
}

void StreamRun::Close(Side side) {
  User& user = users_[Index(side)];
  // Before the peer is heard of, CLOSE forgets what was said.
  if (user.handle == kNoHandle || user.closed) return;
  const State state = host(side).State(user.handle);
  if (state == State::kSynSent) return;
  if (hosts_[Index(side)].Shutdown(user.handle) != Error::kNone) Break("CLOSE is refused");
  user.closed = true;
  plan_.ends[Index(side)].goal = user.said;
  Collect(side, false, 0);
}

void StreamRun::Act(const UserAct& act) {
  using tcp::Flag;
  User& user = users_[Index(act.who)];
  switch (act.verb) {
    case Verb::kSend:
      Send(act.who, act.octets, Flag::kNo, Flag::kNo);
      break;
    case Verb::kSendPushed:
      Send(act.who, act.octets, Flag::kYes, Flag::kNo);
      break;
    case Verb::kSendUrgent:
      Send(act.who, act.octets, Flag::kYes, Flag::kYes);
      break;
    case Verb::kReceive:
      Receive(act.who, act.octets);
      break;
    case Verb::kClose:
      Close(act.who);
      break;
    case Verb::kNagle:
      if (user.handle == kNoHandle) break;
      hosts_[Index(act.who)].SetNagle(user.handle, act.octets % 2 == 0 ? Flag::kNo : Flag::kYes);
      Collect(act.who, false, 0);
      break;
    case Verb::kWait:
      break;
  }
}

void StreamRun::Chaos(const std::function<void(size_t)>& after_act) {
  for (size_t i = 0; i < plan_.acts.size() && broken_.empty(); ++i) {
    Accept();
    Act(plan_.acts[i]);
    if (after_act) after_act(i);
    Pass(Duration::Milliseconds(plan_.acts[i].then_ms));
  }
}

bool StreamRun::Done() const {
  return std::ranges::all_of(users_, [](const User& u) { return u.closed && u.ended; });
}

void StreamRun::Rest() {
  wire_.Heal();
  const Instant healed = hosts_[0].now();
  while (broken_.empty() && !Done()) {
    if (hosts_[0].now() - healed > kHealsWithin) {
      Break("the wire is whole, and not everything arrives");
      return;
    }
    Accept();
    for (const Side side : {Side::kA, Side::kB}) {
      const User& user = users_[Index(side)];
      const StreamPlan::End& end = plan_.ends[Index(side)];
      Send(side, end.goal - user.said, tcp::Flag::kYes, tcp::Flag::kNo);
      Receive(side, end.reads);
      if (user.said == end.goal) Close(side);
    }
    Pass(kRound);
  }
  healing_ = hosts_[0].now() - healed;
  if (!broken_.empty()) return;
  // What may still run: TIME-WAIT, a FIN that is sent again, and a half-open connection that an old
  // SYN has made.
  Duration longest;
  for (const StreamPlan::End& end : plan_.ends) {
    const tcp::Policy policy = end.policy.policy();
    longest = std::max(longest, policy.msl * 2 + policy.r2_syn + policy.r2 + policy.rto_max * 2);
  }
  Pass(longest);
  for (const Side side : {Side::kA, Side::kB}) {
    const host::Handle handle = users_[Index(side)].handle;
    if (host(side).State(handle) != State::kClosed) Break("an end does not come to CLOSED");
    if (host(side).ErrorOf(handle) != Error::kNone) Break("an end closes with an error");
    if (host(side).NextTimer() != kNever) Break("a timer is left");
  }
}

}  // namespace assay::properties
