#include "harness/driver/pair.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "stack/base/check.h"
#include "stack/wire/packet.h"

namespace assay::driver {
namespace {

using observer::Fate;
using observer::TraceKind;
using sut::CallError;
using sut::Transfer;

constexpr size_t kLargestPacket = 65536;
// More than any figure needs: two hosts that answer each other for ever are a bug.
constexpr int kMostSteps = 100'000;

size_t Index(Side side) { return side == Side::kA ? 0 : 1; }

TraceKind KindFrom(Side side) {
  return side == Side::kA ? TraceKind::kToStack : TraceKind::kFromStack;
}

wire::Segment SegmentOf(wire::Octets packet) {
  return wire::DecodeSegment(wire::DecodePacket(packet).payload);
}

// What the octet at `offset` of a side's stream is: letters, so that a capture reads well.
std::byte StreamOctet(Side side, size_t offset) {
  const size_t first = side == Side::kA ? 'a' : 'A';
  return static_cast<std::byte>(first + offset % 26);
}

}  // namespace

Pair::Pair(sut::StackUnderTest& a, sut::StackUnderTest& b) : buffer_(kLargestPacket) {
  At(Side::kA).stack = &a;
  At(Side::kB).stack = &b;
}

bool Pair::Reset(const PairOptions& options) {
  options_ = options;
  now_ = {};
  next_ordinal_ = 0;
  flights_.clear();
  meddlings_ = {};
  copies_ = {};
  log_.clear();
  for (Side side : {Side::kA, Side::kB}) {
    Host& host = At(side);
    host = Host{.stack = host.stack,
                .port = side == Side::kA ? options.port_a : options.port_b,
                .sent = {},
                .received = {}};
    const sut::Capabilities& capabilities = host.stack->capabilities();
    for (sut::Capability c : {sut::Capability::kNextTimer, sut::Capability::kState,
                              sut::Capability::kSeedIss, sut::Capability::kVirtualTime}) {
      if (!capabilities.Has(c)) return false;
    }
    sut::Config config;
    if (side == Side::kA) std::swap(config.stack, config.tester);
    config.mtu = options.mtu;
    config.use_iss = true;
    config.iss = side == Side::kA ? options.iss_a : options.iss_b;
    config.seed = Index(side);
    if (!host.stack->Reset(config)) return false;
  }
  return true;
}

// --- User calls. ---

CallError Pair::Listen(Side side) {
  Host& host = At(side);
  const sut::Opened opened = host.stack->Listen(host.port, 1);
  host.listener = opened.handle;
  Call(side, observer::Call::kListen, opened.handle, opened.error, host.port);
  return opened.error;
}

CallError Pair::Connect(Side side) {
  Host& host = At(side);
  const uint16_t port = At(Other(side)).port;
  const sut::Opened opened = host.stack->Connect(host.port, port);
  if (opened.error == CallError::kNone) host.connection = opened.handle;
  Call(side, observer::Call::kConnect, opened.handle, opened.error, port);
  return opened.error;
}

Transfer Pair::Send(Side side, size_t octets, uint32_t flags) {
  Host& host = At(side);
  std::vector<std::byte> data(octets);
  for (size_t i = 0; i < octets; ++i) data[i] = StreamOctet(side, host.sent.size() + i);
  const Transfer moved = host.stack->Send(host.connection, data, flags);
  host.sent.insert(host.sent.end(), data.begin(),
                   data.begin() + static_cast<std::ptrdiff_t>(moved.octets));
  Call(side, observer::Call::kSend, host.connection, moved.error, moved.octets);
  return moved;
}

Transfer Pair::Receive(Side side, size_t most) {
  Host& host = At(side);
  const auto room = wire::MutableOctets(buffer_).first(std::min(most, buffer_.size()));
  const Transfer moved = host.stack->Recv(host.connection, room);
  const auto got = room.first(moved.octets);
  host.received.insert(host.received.end(), got.begin(), got.end());
  Call(side, observer::Call::kReceive, host.connection, moved.error, moved.octets);
  return moved;
}

CallError Pair::Shutdown(Side side) {
  const CallError error = At(side).stack->ShutdownWrite(At(side).connection);
  Call(side, observer::Call::kShutdown, At(side).connection, error, 0);
  return error;
}

CallError Pair::Close(Side side) {
  const CallError error = At(side).stack->Close(At(side).connection);
  Call(side, observer::Call::kClose, At(side).connection, error, 0);
  return error;
}

CallError Pair::Abort(Side side) {
  const CallError error = At(side).stack->Abort(At(side).connection);
  Call(side, observer::Call::kAbort, At(side).connection, error, 0);
  return error;
}

CallError Pair::SetOption(Side side, sut::Option option, int64_t value) {
  return At(side).stack->SetOption(At(side).connection, option, value);
}

void Pair::Call(Side side, observer::Call call, sut::Handle handle, CallError error,
                uint64_t count) {
  Entry& entry = Log(Happening::kCall, side);
  entry.event.kind = TraceKind::kCall;
  entry.event.call = call;
  entry.event.handle = handle;
  entry.event.error = error;
  entry.event.count = count;
  entry.event.by_tester = side == Side::kA;
  StampStates(entry);
  Collect();
}

// --- The log. ---

Pair::Entry& Pair::Log(Happening what, Side side) {
  Entry& entry = log_.emplace_back();
  entry.what = what;
  entry.side = side;
  entry.event.at = now_;
  return entry;
}

void Pair::StampStates(Entry& entry) {
  entry.event.tester_state = StateOf(Side::kA);
  entry.event.stack_states = spec::StateSet{StateOf(Side::kB)};
}

spec::State Pair::StateOf(Side side) {
  const Host& host = At(side);
  if (host.connection == sut::kNoHandle) {
    if (host.listener == sut::kNoHandle) return spec::State::kClosed;
    return host.embryonic ? spec::State::kSynReceived : spec::State::kListen;
  }
  return host.stack->State(host.connection).state;
}

// --- The wire. ---

void Pair::Collect() {
  for (Side side : {Side::kA, Side::kB}) {
    for (;;) {
      const wire::Octets packet = At(side).stack->Poll(buffer_);
      if (packet.empty()) break;
      Leave(side, packet);
    }
  }
}

void Pair::Leave(Side from, wire::Octets packet) {
  Host& host = At(from);
  const wire::Segment segment = SegmentOf(packet);
  if (segment.header.has_value() && segment.header->syn() && segment.header->has_ack()) {
    host.embryonic = true;
  }
  Entry& entry = Log(Happening::kLeft, from);
  entry.event.kind = KindFrom(from);
  entry.octets.assign(packet.begin(), packet.end());
  StampStates(entry);

  Flight& flight = flights_.emplace_back();
  flight.from = from;
  flight.arrives = now_ + options_.delay;
  flight.ordinal = next_ordinal_++;
  flight.left_at = log_.size() - 1;
  flight.octets.assign(packet.begin(), packet.end());
  std::deque<Meddling>& waiting = meddlings_[Index(from)];
  if (waiting.empty()) return;
  const Meddling meddling = std::move(waiting.front());
  waiting.pop_front();
  Apply(meddling, flights_.size() - 1);
}

size_t Pair::Oldest(Side from) const {
  size_t oldest = kNone;
  for (size_t i = 0; i < flights_.size(); ++i) {
    const Flight& flight = flights_[i];
    if (flight.from != from || flight.meddled) continue;
    if (oldest == kNone || flight.ordinal < flights_[oldest].ordinal) oldest = i;
  }
  return oldest;
}

void Pair::Meddle(Side from, Meddling meddling) {
  const size_t oldest = Oldest(from);
  if (oldest == kNone) {
    meddlings_[Index(from)].push_back(std::move(meddling));
  } else {
    Apply(meddling, oldest);
  }
}

void Pair::Apply(const Meddling& meddling, size_t index) {
  Flight& flight = flights_[index];
  flight.meddled = true;
  switch (meddling.deed) {
    case Deed::kLose:
      log_[flight.left_at].what = Happening::kLost;
      flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(index));
      return;
    case Deed::kHold:
      flight.held = true;
      return;
    case Deed::kCopy:
      copies_[Index(flight.from)].push_back(flight.octets);
      return;
    case Deed::kDamage:
      flight.octets.back() ^= std::byte{1};
      return;
    case Deed::kRewrite: {
      const wire::Packet packet = wire::DecodePacket(flight.octets);
      const wire::Segment segment = wire::DecodeSegment(packet.payload);
      ASSAY_CHECK(segment.header.has_value());
      const wire::Octets rewritten =
          wire::EncodeTcpPacket(packet.source, packet.destination, *segment.header,
                                meddling.options, segment.payload, buffer_);
      flight.octets.assign(rewritten.begin(), rewritten.end());
      return;
    }
  }
}

void Pair::Lose(Side from) { Meddle(from, {.deed = Deed::kLose, .options = {}}); }
void Pair::HoldBack(Side from) { Meddle(from, {.deed = Deed::kHold, .options = {}}); }
void Pair::KeepCopy(Side from) { Meddle(from, {.deed = Deed::kCopy, .options = {}}); }
void Pair::Damage(Side from) { Meddle(from, {.deed = Deed::kDamage, .options = {}}); }
void Pair::Rewrite(Side from, wire::Octets options) {
  ASSAY_CHECK(options.size() % 4 == 0 && options.size() <= wire::kOptionsMax);
  Meddle(from, {.deed = Deed::kRewrite, .options = {options.begin(), options.end()}});
}

void Pair::Release(Side from) {
  for (Flight& flight : flights_) {
    if (flight.from != from || !flight.held) continue;
    flight.held = false;
    flight.arrives = std::max(flight.arrives, now_);
  }
}

void Pair::DeliverCopy(Side from) {
  std::deque<std::vector<std::byte>>& copies = copies_[Index(from)];
  ASSAY_CHECK(!copies.empty());
  Flight& flight = flights_.emplace_back();
  flight.from = from;
  flight.arrives = now_;
  flight.ordinal = next_ordinal_++;
  flight.meddled = true;
  flight.octets = std::move(copies.front());
  copies.pop_front();
}

void Pair::Inject(Side from, const wire::Header& header, wire::Octets options,
                  wire::Octets payload) {
  wire::Header sent = header;
  sent.source_port = At(from).port;
  sent.destination_port = At(Other(from)).port;
  sut::Config config;
  if (from == Side::kA) std::swap(config.stack, config.tester);
  const wire::Octets packet =
      wire::EncodeTcpPacket(config.stack, config.tester, sent, options, payload, buffer_);
  copies_[Index(from)].emplace_front(packet.begin(), packet.end());
  DeliverCopy(from);
}

size_t Pair::NextArrival() const {
  size_t next = kNone;
  for (size_t i = 0; i < flights_.size(); ++i) {
    const Flight& flight = flights_[i];
    if (flight.held) continue;
    if (next == kNone || std::tie(flight.arrives, flight.ordinal) <
                             std::tie(flights_[next].arrives, flights_[next].ordinal)) {
      next = i;
    }
  }
  return next;
}

void Pair::Arrive(size_t index) {
  const Flight flight = std::move(flights_[index]);
  flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(index));
  const Side to = Other(flight.from);
  At(to).stack->Deliver(flight.octets);
  const wire::Segment segment = SegmentOf(flight.octets);
  if (segment.header.has_value() && segment.header->rst()) At(to).embryonic = false;
  Accept(to);
  const size_t arrived_at = log_.size();
  Entry& entry = Log(Happening::kArrived, flight.from);
  entry.event.kind = KindFrom(flight.from);
  entry.octets = flight.octets;
  entry.left_at = flight.left_at;
  Collect();
  // What it sent in answer tells the state of a connection that nobody has accepted yet.
  for (size_t i = arrived_at; i < log_.size(); ++i) StampStates(log_[i]);
}

void Pair::Accept(Side side) {
  Host& host = At(side);
  if (host.listener == sut::kNoHandle || host.connection != sut::kNoHandle) return;
  const sut::Accepted accepted = host.stack->Accept(host.listener);
  if (accepted.error == CallError::kNone) host.connection = accepted.handle;
}

// --- Time. ---

Instant Pair::NextTimer() const {
  return std::min(hosts_[0].stack->NextTimer(), hosts_[1].stack->NextTimer());
}

void Pair::MoveTo(Instant instant) {
  const Duration step = std::max(instant - now_, Duration());
  for (Host& host : hosts_) host.stack->Advance(step, false);
  now_ = now_ + step;
  if (step > Duration()) {
    Entry& entry = Log(Happening::kTime, Side::kA);
    entry.event.kind = TraceKind::kTime;
    entry.event.elapsed = step;
    StampStates(entry);
  }
  Collect();
}

Pair::Passed Pair::Step(Instant end) {
  const size_t arrival = NextArrival();
  const Instant arrives = arrival == kNone ? kNever : flights_[arrival].arrives;
  const Instant timer = NextTimer();
  if (std::min(arrives, timer) > end) return Passed::kNothing;
  if (timer <= arrives) {
    // A timer that ends as a packet arrives fires before it.
    if (timer == kNever) return Passed::kNothing;
    MoveTo(timer);
    return Passed::kTimer;
  }
  MoveTo(arrives);
  Arrive(NextArrival());
  return Passed::kArrival;
}

bool Pair::DeliverNext() {
  for (int i = 0; i < kMostSteps; ++i) {
    const size_t next = NextArrival();
    if (next == kNone) return false;
    if (Step(flights_[next].arrives) == Passed::kArrival) return true;
  }
  CheckFailed(__FILE__, __LINE__, "timers come to an end");
}

void Pair::Settle() {
  for (int i = 0; i < kMostSteps; ++i) {
    if (!DeliverNext()) return;
  }
  CheckFailed(__FILE__, __LINE__, "the wire falls quiet");
}

void Pair::Pass(Duration duration) {
  const Instant end = now_ + duration;
  for (int i = 0; i < kMostSteps; ++i) {
    if (Step(end) != Passed::kNothing) continue;
    if (now_ < end) MoveTo(end);
    return;
  }
  CheckFailed(__FILE__, __LINE__, "time passes");
}

bool Pair::PassToTimer() {
  for (int i = 0; i < kMostSteps; ++i) {
    switch (Step(kNever)) {
      case Passed::kNothing:
        return false;
      case Passed::kTimer:
        return true;
      case Passed::kArrival:
        break;
    }
  }
  CheckFailed(__FILE__, __LINE__, "a timer fires");
}

// --- The trace. ---

// One arrow at the arrival would say that the sender sent in the state that only what it heard in
// between brought it to; or that it sent first what it sent later.
bool Pair::IsDrawnApart(size_t left_at, size_t arrived_at) const {
  const Side from = log_[left_at].side;
  const auto state = [&](size_t i) {
    const observer::TraceEvent& event = log_[i].event;
    return from == Side::kA ? spec::StateSet{event.tester_state} : event.stack_states;
  };
  for (size_t i = left_at + 1; i < arrived_at; ++i) {
    const Entry& entry = log_[i];
    if (entry.what != Happening::kArrived) continue;
    if (entry.side != from) {
      if (state(i) != state(i - 1)) return true;
    } else if (entry.left_at == kNone || entry.left_at > left_at) {
      return true;
    }
  }
  return false;
}

observer::Trace Pair::Record() const {
  std::vector<size_t> arrival(log_.size(), kNone);
  for (size_t i = 0; i < log_.size(); ++i) {
    if (log_[i].what == Happening::kArrived && log_[i].left_at != kNone) {
      arrival[log_[i].left_at] = i;
    }
  }
  observer::Trace trace;
  for (size_t i = 0; i < log_.size(); ++i) {
    const Entry& entry = log_[i];
    const observer::TraceEvent& event = entry.event;
    switch (entry.what) {
      case Happening::kLeft:
        if (arrival[i] != kNone && !IsDrawnApart(i, arrival[i])) continue;
        trace.AddPacket(event.kind, event.at, entry.octets, Fate::kLeft);
        break;
      case Happening::kLost:
        trace.AddPacket(event.kind, event.at, entry.octets, Fate::kLost);
        break;
      case Happening::kArrived: {
        const bool apart = entry.left_at == kNone || IsDrawnApart(entry.left_at, i);
        trace.AddPacket(event.kind, event.at, entry.octets,
                        apart ? Fate::kArrived : Fate::kDelivered);
        break;
      }
      case Happening::kCall:
        trace.AddCall(event.at, event.call, event.handle, event.error, event.count);
        trace.last().by_tester = event.by_tester;
        break;
      case Happening::kTime:
        trace.AddTime(event.at, event.elapsed);
        break;
    }
    trace.last().tester_state = event.tester_state;
    trace.last().stack_states = event.stack_states;
  }
  return trace;
}

}  // namespace assay::driver
