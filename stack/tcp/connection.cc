#include "stack/tcp/connection.h"

#include <algorithm>

namespace assay::tcp {

using spec::State;

namespace {

// The smallest shift with which a window of `capacity` can be offered.
uint8_t ScaleFor(uint32_t capacity) {
  uint8_t scale = 0;
  while (scale < 14 && capacity >> scale > 0xffff) ++scale;
  return scale;
}

}  // namespace

void Delete(Tcb& tcb, Effects& out) {
  tcb.state = State::kClosed;
  tcb.timer = {};
  tcb.unanswered_since = kNever;
  tcb.rtt.running = false;
  tcb.rcv.ack_now = false;
  tcb.rcv.held.clear();
  out.signals.push_back(Signal::kDeleted);
}

void DeleteAndFlush(Tcb& tcb, Signal why, Effects& out) {
  Discard(tcb);
  out.signals.push_back(why);
  Delete(tcb, out);
}

Tcb Unopened(const Policy& policy, SndSeq iss, uint16_t own_mss, uint16_t default_mss) {
  Tcb tcb;
  tcb.iss = iss;
  tcb.snd.una = tcb.snd.nxt = tcb.snd.ptr = tcb.snd.up = tcb.snd.push = iss;
  tcb.snd.end = iss + 1;
  tcb.snd.capacity = policy.send_buffer;
  tcb.snd.nagle = policy.nagle;
  tcb.rcv.capacity = policy.receive_buffer;
  tcb.rcv.wnd = std::min<uint32_t>(policy.receive_buffer, 0xffff);
  tcb.offer_scale = policy.window_scale;
  tcb.rcv.scale = policy.window_scale ? ScaleFor(policy.receive_buffer) : 0;
  tcb.rcv.mss = own_mss;
  tcb.default_mss = default_mss;
  tcb.snd.mss = std::min(default_mss, own_mss);
  //= 6298:2.1
  tcb.rtt.rto = policy.rto_initial;
  return tcb;
}

void ReturnToListen(Tcb& tcb, const Policy& policy, Effects& out) {
  const Tcb old = tcb;
  tcb = Unopened(policy, old.iss, old.rcv.mss, old.default_mss);
  tcb.state = State::kListen;
  tcb.origin = Origin::kPassive;
  tcb.snd.nagle = old.snd.nagle;
  tcb.user_timeout = old.user_timeout;
  out.signals.push_back(Signal::kReturnedToListen);
}

void EnterTimeWait(Tcb& tcb, const Policy& policy, Instant now) {
  tcb.state = State::kTimeWait;
  tcb.timer = {};
  tcb.unanswered_since = kNever;
  //= MUST-13
  tcb.timer.time_wait = now + policy.msl * 2;
}

void Discard(Tcb& tcb) {
  tcb.rcv.read = tcb.rcv.nxt - uint32_t{tcb.rcv.fin_taken};
  if (Before(tcb.rcv.up, tcb.rcv.read)) tcb.rcv.up = tcb.rcv.read;
}

void Establish(Tcb& tcb, const Policy& policy, Effects& out) {
  tcb.state = State::kEstablished;
  if (tcb.rtt.syn_resent && !tcb.rtt.sampled) {
    //= 6298:5.7
    tcb.rtt.rto = std::max(policy.rto_after_syn_loss, policy.rto_min);
  }
  out.signals.push_back(Signal::kEstablished);
}

std::optional<SegmentToSend> ResetFor(const wire::Segment& segment) {
  const wire::Header& seg = *segment.header;
  //= 3.10.7.1
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
  return reset;
}

}  // namespace assay::tcp
