#include "stack/tcp/connection.h"

#include <algorithm>

#include "stack/tcp/timestamps.h"

namespace assay::tcp {

using spec::State;

uint8_t ScaleFor(uint32_t capacity) {
  uint8_t scale = 0;
  while (scale < 14 && capacity >> scale > 0xffff) ++scale;
  return scale;
}

void StartNumbers(Tcb& tcb) {
  auto& snd = tcb.snd;
  snd.una = snd.nxt = snd.ptr = snd.offered = snd.up = snd.push = tcb.iss;
  snd.end = tcb.iss + 1;
}

void TellQueued(Tcb& tcb, Answer answer, Effects& out) {
  const bool sends = tcb.state != State::kListen && !FinAcknowledged(tcb) &&
                     tcb.snd.una != tcb.snd.end &&
                     !(tcb.snd.syn_outstanding && tcb.snd.end == tcb.iss + 1);
  if (tcb.rcv.wanted > 0 || sends) out.queued = answer;
  tcb.rcv.wanted = 0;
}

void Delete(Tcb& tcb, Effects& out) {
  tcb.state = State::kClosed;
  tcb.timer = {};
  tcb.more_to_send = false;
  tcb.keep_alive.probes = 0;
  tcb.unanswered_since = kNever;
  tcb.rtt.running = false;
  tcb.rcv.ack_now = false;
  tcb.rcv.held.clear();
  out.signals.push_back(Signal::kDeleted);
}

namespace {

Answer AnswerFor(Signal why) {
  switch (why) {
    case Signal::kRefused:
      return Answer::kRefused;
    case Signal::kUnreachable:
      return Answer::kUnreachable;
    default:
      return Answer::kReset;
  }
}

}  // namespace

void DeleteAndFlush(Tcb& tcb, Signal why, Effects& out) {
  TellQueued(tcb, AnswerFor(why), out);
  Discard(tcb);
  out.signals.push_back(why);
  Delete(tcb, out);
}

Given GivenTo(const Tcb& tcb) {
  return {.iss = tcb.iss,
          .nagle = tcb.snd.nagle,
          .mss = tcb.rcv.mss,
          .wanted = tcb.rcv.wanted,
          .timestamp_offset = tcb.ts.offset,
          .keep_alive_idle_ms = tcb.keep_alive.idle_ms,
          .keep_alive = tcb.keep_alive.on,
          .family = tcb.family,
          .reports_errors = tcb.reports_errors,
          .remote_given = tcb.remote_given,
          .user_timeout = tcb.user_timeout};
}

void StartAfresh(Tcb& tcb, const Policy& policy, const Given& given) {
  tcb = Tcb{};
  tcb.iss = given.iss;
  tcb.snd.nagle = given.nagle;
  tcb.rcv.mss = given.mss;
  tcb.rcv.wanted = given.wanted;
  tcb.ts.offset = given.timestamp_offset;
  tcb.keep_alive.idle_ms = given.keep_alive_idle_ms;
  tcb.keep_alive.on = given.keep_alive;
  tcb.family = given.family;
  tcb.reports_errors = given.reports_errors;
  tcb.remote_given = given.remote_given;
  tcb.user_timeout = given.user_timeout;
  // What the policy says.
  StartNumbers(tcb);
  tcb.snd.capacity = policy.send_buffer;
  tcb.snd.mss = std::min(DefaultMss(tcb), tcb.rcv.mss);
  tcb.rcv.capacity = policy.receive_buffer;
  tcb.rcv.wnd = std::min<uint32_t>(policy.receive_buffer, 0xffff);
  tcb.ts.offer = policy.timestamps;
  tcb.ts.tick_ms = static_cast<uint16_t>(policy.timestamp_tick.ns() / 1'000'000);
  tcb.sack = policy.sack;
  tcb.offer_scale = policy.window_scale;
  tcb.rcv.scale = policy.window_scale ? ScaleFor(policy.receive_buffer) : 0;
  //= 6298:2.1
  tcb.rtt.rto = policy.rto_initial;
}

void ReturnToListen(Tcb& tcb, const Policy& policy, Effects& out) {
  if (tcb.snd.fin_queued) {
    TellQueued(tcb, Answer::kReset, out);
    Delete(tcb, out);
    return;
  }
  if (tcb.snd.end != tcb.iss + 1) out.queued = Answer::kReset;  // SENDs; RECEIVEs wait on
  StartAfresh(tcb, policy, GivenTo(tcb));
  tcb.state = State::kListen;
  tcb.origin = Origin::kPassive;
  out.signals.push_back(Signal::kReturnedToListen);
}

void EnterTimeWait(Tcb& tcb, const Policy& policy, Instant now) {
  tcb.state = State::kTimeWait;
  tcb.timer = {};
  tcb.more_to_send = false;
  tcb.keep_alive.probes = 0;
  tcb.unanswered_since = kNever;
  //= MUST-13
  tcb.timer.time_wait = now + policy.msl * 2;
}

void Discard(Tcb& tcb) {
  tcb.rcv.read = tcb.rcv.nxt - uint32_t{tcb.rcv.fin_taken};
  if (Before(tcb.rcv.up, tcb.rcv.read)) tcb.rcv.up = tcb.rcv.read;
  if (Before(tcb.rcv.push, tcb.rcv.read)) tcb.rcv.push = tcb.rcv.read;
}

void Establish(Tcb& tcb, const Policy& policy, Effects& out) {
  tcb.state = State::kEstablished;
  if (tcb.rtt.syn_resent && !tcb.rtt.sampled) {
    //= 6298:5.7
    tcb.rtt.rto = std::max(policy.rto_after_syn_loss, policy.rto_min);
  }
  out.signals.push_back(Signal::kEstablished);
}

std::optional<SegmentToSend> ResetFor(const Policy& policy, const SegmentArrived& arrived) {
  const wire::Segment& segment = arrived.segment;
  const wire::Header& seg = *segment.header;
  //= 3.10.7.1
  //= P-3.5.2-NO-RST-FOR-RST
  //= P-3.5.2-RST-NOCONN
  if (seg.rst()) return std::nullopt;
  SegmentToSend reset;
  if (seg.has_ack()) {
    reset.seq = SndSeq(seg.ack);
    reset.control = wire::kRst;
  } else {
    reset.seq = SndSeq(0);
    reset.ack = RcvSeq(seg.seq) + segment.len();
    reset.control = wire::kRst | wire::kAck;
  }
  reset.options.timestamps = TimestampsForReset(policy, arrived.options);
  return reset;
}

}  // namespace assay::tcp
