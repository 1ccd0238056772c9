#include "harness/driver/session.h"

#include <algorithm>
#include <utility>

#include "harness/scenario/stream.h"
#include "stack/wire/packet.h"

namespace assay::driver {
namespace {

using observer::Fate;
using observer::TraceKind;
using scenario::Event;
using scenario::EventKind;
using scenario::Fault;

constexpr size_t kPacketRoom = 65536;
// A stimulus may release a whole send buffer in segments of one octet; nothing legal releases more.
constexpr uint32_t kMostPacketsAtOnce = 100'000;
constexpr int kMostSteps = 20'000;
constexpr uint32_t kBacklog = 8;

}  // namespace

Session::Session(sut::StackUnderTest& stack, const observer::Profile& profile)
    : stack_(stack),
      profile_(profile),
      real_time_(!stack.capabilities().Has(sut::Capability::kVirtualTime)),
      polled_(kPacketRoom),
      reading_(kPacketRoom) {
  for (Made& made : recent_) made.room.resize(kPacketRoom);
}

bool Session::Begin(const scenario::Header& header) {
  header_ = header;
  config_ = sut::Config();
  const bool ipv6 = header.ipv6 && stack_.capabilities().Has(sut::Capability::kIpv6);
  if (ipv6) sut::UseIpv6(config_);
  config_.mtu = scenario::MtuOf(header.mtu, ipv6);
  config_.features = {
      .window_scale = header.window_scale, .sack = header.sack, .timestamps = header.timestamps};
  config_.use_iss = true;
  config_.iss = scenario::IssOf(header.stack_iss, scenario::kPlainStackIss);
  config_.seed = header.seed;
  offers_ = {
      .window_scale = header.window_scale, .sack = header.sack, .timestamps = header.timestamps};
  if (!stack_.Reset(config_)) return false;
  now_ = stack_.Now();

  const uint32_t iss = scenario::IssOf(header.tester_iss, scenario::kPlainTesterIss);
  trace_.Clear();
  events_ = 0;
  judge_.Begin(config_, profile_, iss);
  apps_.clear();
  listener_ = sut::kNoHandle;
  to_lose_ = 0;
  packets_ = 0;
  stopped_ = false;
  waited_ = longest_stall_ = Duration();
  gave_up_ = false;
  port_known_ = true;
  for (Made& made : recent_) made.packet = {};
  view_ = scenario::TesterView({config_.tester, kTesterPort}, {config_.stack, kStackPort}, iss,
                               config_.mtu);
  Open();
  return true;
}

void Session::Open() {
  if (header_.opening == scenario::Opening::kStackConnects) return Connect();
  const sut::Opened opened = stack_.Listen(kStackPort, kBacklog);
  listener_ = opened.handle;
  RecordCall(observer::Call::kListen, opened.handle, opened.error, kStackPort);
  if (opened.error == sut::CallError::kNone) judge_.OnListen(kStackPort);
  Annotate();
  Drain();
}

void Session::Connect() {
  if (apps_.full()) return;
  const sut::Opened opened = stack_.Connect(0, kTesterListens);
  RecordCall(observer::Call::kConnect, opened.handle, opened.error, kTesterListens);
  if (opened.error == sut::CallError::kNone) {
    judge_.OnConnect(opened.handle, 0, kTesterListens, now_);
    apps_.push_back({.handle = opened.handle});
    // The tester turns to the new connection unless it is in the middle of another.
    if (!view_.syn_sent && !view_.stack_syn_seen) {
      view_.tester.port = kTesterListens;
      view_.stack.port = 1;  // nobody's, until the stack's SYN tells
      port_known_ = false;
    }
  }
  Annotate();
  Drain();
}

void Session::Do(const Event& event) {
  if (stopped_) return;
  if (event.kind != EventKind::kTime) CatchUp();
  if (stopped_) return;
  switch (event.kind) {
    case EventKind::kSegment: {
      std::swap(recent_[0], recent_[1]);
      Made& made = recent_[0];
      made.packet = scenario::Resolve(event, offers_, now_, view_, made.room);
      return Deliver(made.packet);
    }
    case EventKind::kCall:
      return Call(event);
    case EventKind::kTime:
      if (event.twist == scenario::Twist::kThreeHours) return Elapse(scenario::kThreeHours, true);
      return Elapse(scenario::LengthOf(event.time), scenario::StopsAtOutput(event.time));
    case EventKind::kFault:
      switch (event.fault) {
        case Fault::kLoseOne:
          to_lose_ += 1;
          return;
        case Fault::kLoseThree:
          to_lose_ += 3;
          return;
        case Fault::kReplayLast:
        case Fault::kReplayBefore: {
          const wire::Octets packet = recent_[event.fault == Fault::kReplayLast ? 0 : 1].packet;
          if (!packet.empty()) Deliver(packet);
          return;
        }
      }
  }
}

void Session::Deliver(wire::Octets packet) {
  RecordPacket(TraceKind::kToStack, packet, Fate::kDelivered);
  judge_.OnArrival(observer::See(packet, now_));
  Annotate();
  stack_.Deliver(packet);
  Drain();
}

void Session::CatchUp() {
  if (!real_time_) return;
  const Instant before = now_;
  bool output = true;
  for (int step = 0; output && !stopped_ && step < kMostSteps; ++step) {
    stack_.Advance(Duration(), true);
    now_ = stack_.Now();
    judge_.OnTime(now_);
    const size_t seen = events_;
    Drain();
    output = events_ > seen;
  }
  longest_stall_ = std::max(longest_stall_, now_ - before);
}

void Session::Elapse(Duration duration, bool stop_at_output) {
  if (stopped_) return;
  Duration left = duration;
  if (real_time_) {
    left = std::min(left, patience_ - waited_);
    if (left < duration && !stop_at_output) return GiveUp();
  }
  for (int step = 0; left > Duration() && !stopped_; ++step) {
    if (step == kMostSteps) {
      judge_.OnFault("does not come to rest: output at 20000 moments of one wait", now_);
      stopped_ = true;
      return;
    }
    const Duration elapsed = stack_.Advance(left, true);
    left = left - elapsed;
    waited_ = waited_ + elapsed;
    now_ = stack_.Now();
    if (elapsed > Duration()) RecordTime(elapsed);
    judge_.OnTime(now_);
    if (elapsed > Duration()) Annotate();
    const size_t before = events_;
    Drain();
    const bool output = events_ > before;
    if (stop_at_output && output) return;
    if (elapsed == Duration() && !output) return;  // the stack refuses to let time pass
  }
  if (real_time_ && stop_at_output && waited_ >= patience_) GiveUp();
}

void Session::GiveUp() {
  if (stopped_ || judge_.tainted()) return;
  gave_up_ = stopped_ = true;
}

// Everything that the stack has to say now, and what the application then does, until both are
// quiet.
void Session::Drain() {
  packets_ = 0;
  do {
    if (!PollAll()) return;
  } while (ServeApplication());
  CheckFault();
  judge_.OnQuiet(now_);
  if (stopped_ || judge_.tainted()) return;
  for (const App& app : apps_) judge_.OnState(app.handle, stack_.State(app.handle), now_);
  Annotate();
}

bool Session::PollAll() {
  while (true) {
    const wire::Octets packet = stack_.Poll(polled_);
    if (packet.empty()) return true;
    if (++packets_ > kMostPacketsAtOnce) {
      judge_.OnFault("floods: more than 100000 packets for one stimulus", now_);
      stopped_ = true;
      return false;
    }
    const bool lost = to_lose_ > 0;
    if (lost) --to_lose_;
    RecordPacket(TraceKind::kFromStack, packet, lost ? Fate::kLost : Fate::kDelivered);
    const observer::SegmentSeen segment = observer::See(packet, now_);
    judge_.OnEmission(segment);
    if (!lost && segment.has_header()) {
      const wire::Header& header = segment.header;
      if (!port_known_ && header.syn() && header.destination_port == view_.tester.port) {
        view_.stack.port = header.source_port;
        port_known_ = true;
      }
      if (header.source_port == view_.stack.port && header.destination_port == view_.tester.port) {
        view_.Received(header, segment.len(), segment.options);
      }
    }
    Annotate();
  }
}

// True if the application did something that the stack may answer.
bool Session::ServeApplication() {
  bool acted = false;
  while (listener_ != sut::kNoHandle && !apps_.full()) {
    const sut::Accepted accepted = stack_.Accept(listener_);
    if (accepted.error != sut::CallError::kNone) break;
    RecordCall(observer::Call::kAccept, accepted.handle, accepted.error, accepted.from.port);
    judge_.OnAccept(accepted.handle, accepted.from, now_);
    apps_.push_back({.handle = accepted.handle});
    acted = true;
  }
  for (App& app : apps_) {
    if (!header_.reads_when_told) {
      while (Read(app, kPacketRoom)) acted = true;
    }
    if (header_.closes_at_end && app.ended && !app.closed) {
      Close(app);
      acted = true;
    }
  }
  return acted;
}

// Reads once; true if octets came.
bool Session::Read(App& app, size_t most) {
  if (app.closed || app.ended || app.error != sut::CallError::kNone) return false;
  const auto room = wire::MutableOctets(reading_).first(std::min(most, reading_.size()));
  const sut::Transfer answer = stack_.Recv(app.handle, room);
  if (answer.error == sut::CallError::kAgain) return false;
  const wire::Octets octets = wire::Octets(reading_).first(answer.octets);
  RecordCall(observer::Call::kReceive, app.handle, answer.error, answer.octets);
  judge_.OnReceive(app.handle, octets, answer, now_);
  if (answer.error != sut::CallError::kNone) {
    app.error = answer.error;
    return false;
  }
  if (answer.octets == 0) {
    app.ended = true;
    return false;
  }
  app.read += answer.octets;
  if (header_.echoes) Send(answer.octets, sut::kSendPush);
  return true;
}

void Session::Close(App& app) {
  app.closed = true;
  const sut::CallError answer = stack_.Close(app.handle);
  RecordCall(observer::Call::kClose, app.handle, answer, 0);
  judge_.OnClose(app.handle, answer, now_);
}

sut::Transfer Session::Send(size_t octets, uint32_t flags) {
  if (apps_.empty()) return {0, sut::CallError::kClosed};
  App& app = apps_.back();
  if (app.closed) return {0, sut::CallError::kClosed};
  const wire::Octets data =
      scenario::StreamOctets(scenario::Stream::kStack, app.sent, std::min(octets, kPacketRoom));
  const sut::Transfer answer = stack_.Send(app.handle, data, flags);
  RecordCall(observer::Call::kSend, app.handle, answer.error, answer.octets);
  judge_.OnSend(app.handle, answer, now_, flags);
  app.sent += answer.octets;
  return answer;
}

void Session::SetOption(sut::Option option, int64_t value) {
  if (apps_.empty() || apps_.back().closed) return;
  const sut::Handle handle = apps_.back().handle;
  const sut::CallError answer = stack_.SetOption(handle, option, value);
  if (answer == sut::CallError::kUnsupported) return;
  judge_.OnOption(handle, option, value, answer, now_);
  Drain();
}

void Session::Call(const Event& event) {
  if (event.call == scenario::Call::kConnect) return Connect();
  if (event.call == scenario::Call::kListen) {
    const sut::Opened opened = stack_.Listen(kStackPort, kBacklog);
    RecordCall(observer::Call::kListen, opened.handle, opened.error, kStackPort);
    if (opened.error == sut::CallError::kNone) {
      if (listener_ == sut::kNoHandle) listener_ = opened.handle;
      judge_.OnListen(kStackPort);
    }
    Annotate();
    return Drain();
  }
  if (apps_.empty()) return;
  App& app = apps_.back();
  const uint32_t octets = scenario::OctetsOf(event.length, view_, kPacketRoom);
  switch (event.twist) {
    case scenario::Twist::kUrgent:
      if (!stack_.capabilities().Has(sut::Capability::kUrgent)) break;
      Send(octets == 0 ? 100 : octets, sut::kSendPush | sut::kSendUrgent);
      Annotate();
      return Drain();
    case scenario::Twist::kTurnOffNagle:
      return SetOption(sut::Option::kNodelay, 1);
    case scenario::Twist::kTurnOnKeepAlive:
      return SetOption(sut::Option::kKeepalive, 1);
    case scenario::Twist::kSetUserTimeout:
      return SetOption(sut::Option::kUserTimeoutMs, 30'000);
    default:
      break;
  }
  switch (event.call) {
    case scenario::Call::kSend:
      Send(octets == 0 ? 100 : octets, sut::kSendPush);
      break;
    case scenario::Call::kReceive:
      Read(app, octets == 0 ? kPacketRoom : octets);
      break;
    case scenario::Call::kShutdown: {
      if (app.closed) return;
      const sut::CallError answer = stack_.ShutdownWrite(app.handle);
      RecordCall(observer::Call::kShutdown, app.handle, answer, 0);
      judge_.OnShutdown(app.handle, answer, now_);
      break;
    }
    case scenario::Call::kClose:
      if (app.closed) return;
      Close(app);
      break;
    case scenario::Call::kAbort: {
      if (app.closed) return;
      app.closed = true;
      const sut::CallError answer = stack_.Abort(app.handle);
      RecordCall(observer::Call::kAbort, app.handle, answer, 0);
      judge_.OnAbort(app.handle, answer, now_);
      break;
    }
    case scenario::Call::kListen:
    case scenario::Call::kConnect:
      break;
  }
  Annotate();
  Drain();
}

void Session::Recorded() { judge_.set_event(events_++); }

void Session::RecordPacket(TraceKind kind, wire::Octets packet, Fate fate) {
  if (recording_ == Recording::kOn) trace_.AddPacket(kind, now_, packet, fate);
  Recorded();
}

void Session::RecordCall(observer::Call call, sut::Handle handle, sut::CallError error,
                         uint64_t count) {
  if (recording_ == Recording::kOn) trace_.AddCall(now_, call, handle, error, count);
  Recorded();
}

void Session::RecordTime(Duration elapsed) {
  if (recording_ == Recording::kOn) trace_.AddTime(now_, elapsed);
  Recorded();
}

void Session::CheckFault() {
  const std::string_view fault = stack_.LastFault();
  if (fault.empty()) return;
  judge_.OnFault(fault, now_);
  stopped_ = true;
}

void Session::Annotate() {
  if (recording_ == Recording::kOff || trace_.events().empty()) return;
  trace_.last().stack_states = judge_.States();
  trace_.last().tester_state = view_.state();
}

void Session::End() {
  if (stopped_ || judge_.tainted()) return;
  waited_ = Duration();  // for this there is always patience
  // Longer than any reply may be held (MUST-40), so that what is owed has come due.
  Elapse(profile_.delayed_ack_max + profile_.tick * 2 + Duration::Milliseconds(1), false);
}

bool Session::Run(const scenario::Scenario& scenario) {
  if (!Begin(scenario.header)) return false;
  for (const Event& event : scenario.events) {
    if (stopped_ || judge_.tainted()) break;
    Do(event);
  }
  End();
  return true;
}

}  // namespace assay::driver
