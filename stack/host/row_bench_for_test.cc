#include "stack/host/row_bench_for_test.h"

#include <algorithm>
#include <array>

#include "stack/base/check.h"
#include "stack/host/transition_row_for_test.h"
#include "stack/wire/options.h"

namespace assay::host {
namespace {

using spec::State;
using tcp::Origin;

// What the peer's clock says.
constexpr uint32_t kFirstStamp = 5000;
// What a step waits for at most.
constexpr Duration kPatience = Duration::Seconds(3600);

// An option of a bad length as a row names it.
std::vector<std::byte> BadOption(std::string_view what) {
  uint8_t length = 40;
  if (what == "length 0") {
    length = 0;
  } else if (what == "length 1") {
    length = 1;
  } else if (what != "past the header") {
    Malformed("not an option", what);
  }
  return {std::byte{2}, std::byte{length}, std::byte{0}, std::byte{0}};
}

uint32_t Milliseconds(Instant then, Instant now) {
  return then == kNever ? 0 : static_cast<uint32_t>((then - now).ns() / 1'000'000);
}

Instant tcp::Tcb::Timers::* TimerNamed(std::string_view name) {
  if (name == "retransmission") return &tcp::Tcb::Timers::retransmission;
  if (name == "persist") return &tcp::Tcb::Timers::persist;
  if (name == "delayed ACK") return &tcp::Tcb::Timers::delayed_ack;
  if (name == "time-wait") return &tcp::Tcb::Timers::time_wait;
  if (name == "keep-alive") return &tcp::Tcb::Timers::keep_alive;
  Malformed("not a timer", name);
}

wire::IcmpKind IcmpNamed(std::string_view name) {
  if (name == "hard error") return wire::IcmpKind::kPortUnreachable;
  if (name == "soft error") return wire::IcmpKind::kHostUnreachable;
  if (name == "packet too big") return wire::IcmpKind::kPacketTooBig;
  if (name == "source quench") return wire::IcmpKind::kSourceQuench;
  Malformed("not an ICMP error", name);
}

}  // namespace

void RowBench::Bring(State state, Origin origin) {
  const bool passive = origin == Origin::kPassive;
  switch (state) {
    case State::kClosed:
      return;
    case State::kListen:
      Do("OPEN passive");
      return;
    case State::kSynSent:
      Do("OPEN active");
      return;
    case State::kSynReceived:
      Bring(passive ? State::kListen : State::kSynSent, origin);
      Do("<SEQ=IRS><CTL=SYN>");
      return;
    case State::kEstablished:
      if (passive) {
        Bring(State::kSynReceived, origin);
        Do("<SEQ=RCV.NXT><ACK=SND.NXT><CTL=ACK>");
      } else {
        Bring(State::kSynSent, origin);
        Do("<SEQ=IRS><ACK=SND.NXT><CTL=SYN,ACK>");
      }
      return;
    case State::kFinWait1:
      Bring(State::kEstablished, origin);
      Do("CLOSE");
      return;
    case State::kFinWait2:
      Bring(State::kFinWait1, origin);
      Do("<SEQ=RCV.NXT><ACK=SND.NXT><CTL=ACK>");
      return;
    case State::kCloseWait:
      Bring(State::kEstablished, origin);
      Do("<SEQ=RCV.NXT><ACK=SND.NXT><CTL=FIN,ACK>");
      return;
    case State::kClosing:
      Bring(State::kFinWait1, origin);
      Do("<SEQ=RCV.NXT><ACK=SND.UNA><CTL=FIN,ACK>");
      return;
    case State::kLastAck:
      Bring(State::kCloseWait, origin);
      Do("CLOSE");
      return;
    case State::kTimeWait:
      Bring(State::kFinWait2, origin);
      Do("<SEQ=RCV.NXT><ACK=SND.NXT><CTL=FIN,ACK>");
      return;
  }
}

Values RowBench::Variables() const {
  const uint32_t iss = conditions_.iss;
  const uint32_t irs = conditions_.irs;
  const State now = state().value_or(State::kSynReceived);
  const tcp::Tcb* block = tcb();
  if (block == nullptr || now == State::kClosed || now == State::kListen) {
    // Before the handshake, or in it.
    const bool begun = !state().has_value();
    return {{"ISS", iss},
            {"IRS", irs},
            {"SND.UNA", iss},
            {"SND.NXT", iss + uint32_t{begun}},
            {"SND.END", iss + 1},
            {"SND.WND", peer_window_},
            {"MAX.SND.WND", peer_window_},
            {"RCV.NXT", irs + uint32_t{begun}},
            {"RCV.WND", conditions_.policy.receive_buffer},
            {"TS.RECENT", kFirstStamp},
            {"RTO", 1000}};
  }
  const auto& snd = block->snd;
  const auto& rcv = block->rcv;
  const bool synchronizing = now == State::kSynSent;
  return {{"ISS", block->iss.wire()},
          {"IRS", synchronizing ? irs : block->irs.wire()},
          {"SND.UNA", snd.una.wire()},
          {"SND.NXT", snd.nxt.wire()},
          {"SND.END", snd.end.wire()},
          {"SND.WND", snd.wnd},
          {"SND.WL1", snd.wl1.wire()},
          {"SND.WL2", snd.wl2.wire()},
          {"SND.UP", snd.up.wire()},
          {"MAX.SND.WND", snd.max_wnd},
          {"RCV.NXT", synchronizing ? irs : rcv.nxt.wire()},
          {"RCV.WND", rcv.wnd},
          {"RCV.UP", rcv.up.wire()},
          {"TS.RECENT", stamps_ ? block->ts.recent : kFirstStamp},
          {"RTO", static_cast<uint32_t>(block->rtt.rto.ns() / 1'000'000)},
          {"TIMER.TIME-WAIT", Milliseconds(block->timer.time_wait, Now())},
          {"TIMER.RETRANSMISSION", Milliseconds(block->timer.retransmission, Now())}};
}

void RowBench::Forget() {
  sent.clear();
  told.clear();
  answers.clear();
  given = 0;
  arrived.reset();
  Baseline();
}

void RowBench::Answered(std::set<std::string> names) {
  if (answers.empty()) answers = std::move(names);
}

RowSegment RowBench::Form(std::string_view text) {
  const Values values = Variables();
  RowSegment segment;
  const SegmentPattern pattern = ParseSegment(text);
  segment.header.window = peer_window_;
  wire::OptionSet options;
  if (stamps_) options.timestamps = wire::Timestamps{kFirstStamp, 0};
  for (const auto& [name, value, at_least] : pattern.fields) {
    if (name == "SEQ") {
      segment.header.seq = Evaluate(value, values);
    } else if (name == "ACK") {
      segment.header.ack = Evaluate(value, values);
    } else if (name == "CTL") {
      segment.header.control = ParseControl(value).required;
    } else if (name == "TEXT") {
      segment.text = Evaluate(value, values);
    } else if (name == "WND") {
      segment.header.window = static_cast<uint16_t>(Evaluate(value, values));
    } else if (name == "UP") {
      segment.header.urgent = static_cast<uint16_t>(Evaluate(value, values));
    } else if (name == "OPT" && value == "no timestamp") {
      options.timestamps.reset();
    } else if (name == "OPT") {
      segment.options = BadOption(value);
    } else if (name == "TSVAL") {
      options.timestamps = wire::Timestamps{Evaluate(value, values), 0};
    } else if (name == "SUM") {
      segment.checksum_bad = true;
    } else if (name == "OFFSET") {
      segment.offset = static_cast<uint8_t>(Evaluate(value, values));
    } else if (name == "FROM") {
      segment.from = value;
    } else if (name == "TO") {
      segment.to = value;
    } else {
      Malformed("not a field of a segment", text);
    }
  }
  if (segment.header.syn()) options.mss = uint16_t{1460};
  if (segment.options.empty()) {
    std::array<std::byte, wire::kOptionsMax> octets;
    const auto encoded = wire::EncodeOptions(options, octets);
    segment.options.assign(encoded.begin(), encoded.end());
  }
  peer_window_ = segment.header.window;
  return segment;
}

void RowBench::Wait(Duration duration) {
  const Instant end = Now() + duration;
  while (NextTimer() <= end) AdvanceTo(NextTimer());
  if (Now() < end) AdvanceTo(end);
}

Done RowBench::TimeOut(std::string_view what) {
  if (what == "R2" || what == "user") {
    // All that goes out before the end of it is sent again, and rows of their own speak of that.
    const auto before = state();
    const Instant end = Now() + kPatience;
    while (state() == before && NextTimer() <= end) {
      sent.clear();
      AdvanceTo(NextTimer());
    }
    return state() == before ? Done::kCannotHappen : Done::kYes;
  }
  const auto timer = TimerNamed(what);
  const tcp::Tcb* block = tcb();
  if (block == nullptr || block->timer.*timer == kNever) return Done::kCannotHappen;
  const Instant then = block->timer.*timer;
  AdvanceTo(then);
  return Done::kYes;
}

Done RowBench::Do(std::string_view step) {
  if (step.starts_with('<')) {
    arrived = Form(step);
    Arrives(*arrived);
  } else if (TakePrefix(step, "OPEN active")) {
    TakePrefix(step, "to");
    Open(Mode::kActive, step);
  } else if (TakePrefix(step, "OPEN passive")) {
    TakePrefix(step, "to");
    Open(Mode::kPassive, step);
  } else if (step.starts_with("SEND")) {
    Send(NumberIn(step), step.ends_with("URGENT") ? tcp::Flag::kYes : tcp::Flag::kNo);
  } else if (step.starts_with("RECEIVE")) {
    Receive(NumberIn(step));
  } else if (step == "CLOSE") {
    Close(tcp::Reader::kStays);
  } else if (step == "CLOSE for good") {
    Close(tcp::Reader::kGone);
  } else if (step == "ABORT") {
    Abort();
  } else if (step.starts_with("USER-TIMEOUT")) {
    SetUserTimeout(Duration::Milliseconds(MillisecondsIn(step)));
  } else if (step.starts_with("KEEP-ALIVE")) {
    KeepAlive(Duration::Milliseconds(MillisecondsIn(step)));
  } else if (step == "STATUS") {
    Status();
  } else if (TakePrefix(step, "ICMP ")) {
    // The smallest MTU of an IPv6 path, or less.
    const uint32_t mtu = conditions_.family == wire::IpFamily::kIpv4 ? 600 : 1280;
    Icmp(IcmpNamed(step), mtu);
  } else if (step.starts_with("WAIT")) {
    Wait(Duration::Milliseconds(MillisecondsIn(step)));
  } else if (TakePrefix(step, "TIMEOUT")) {
    return TimeOut(step);
  } else if (step == "GIVEN LISTEN") {
    // Whoever has the step has a listener behind each connection of passive origin.
  } else if (TakePrefix(step, "GIVEN")) {
    const auto sides = Split(step, "=");
    if (sides.size() != 2) Malformed("not an equation", step);
    const Values values = Variables();
    if (Evaluate(sides[0], values) != Evaluate(sides[1], values)) return Done::kCannotHappen;
  } else {
    Other(step);
  }
  return Done::kYes;
}

}  // namespace assay::host
