#include "stack/tcp/output.h"

#include <algorithm>

#include "stack/tcp/keep_alive.h"
#include "stack/tcp/timestamps.h"
#include "stack/wire/segment.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

uint32_t StreamOffset(const Tcb& tcb, SndSeq seq) { return Distance(tcb.iss + 1, seq); }

// The step by which a receiver may move its right edge (MUST-39).
uint32_t WindowStep(const Tcb& tcb) {
  return std::min<uint32_t>(tcb.rcv.capacity / 2, tcb.rcv.mss);
}

void AdvanceRightEdge(Tcb& tcb) {
  const uint32_t offerable = OfferableWindow(tcb);
  //= MUST-39
  //= SHLD-14
  //= RFC7323-2.4-1
  //= RFC7323-2.4-2
  if (offerable >= tcb.rcv.wnd + WindowStep(tcb)) tcb.rcv.wnd = offerable;
}

// Where an ACK without text stands. SND.NXT; but if the peer has taken back a window that octets
// were sent into, a segment behind its right edge would be dropped unread, and two ends that probe
// each other would never hear of one another (RFC 9293, A.2).
SndSeq AckSeq(const Tcb& tcb) {
  const uint32_t flight = Distance(tcb.snd.una, tcb.snd.nxt);
  if (tcb.snd.syn_outstanding) return tcb.snd.nxt;
  return tcb.snd.una + std::min(flight, tcb.snd.wnd);
}

SegmentToSend Form(Tcb& tcb, SndSeq seq, uint8_t control, uint32_t text, Instant now) {
  SegmentToSend segment;
  segment.seq = seq;
  segment.control = control;
  //= P-INCONS-RTX
  if (text > 0) segment.text = {StreamOffset(tcb, seq), text};
  const bool syn = (control & kSyn) != 0;
  if ((control & kAck) != 0) {
    if (!syn && !tcb.rcv.fin_taken) AdvanceRightEdge(tcb);
    segment.ack = tcb.rcv.nxt;
    tcb.ts.last_ack_sent = tcb.rcv.nxt;
    tcb.rcv.ack_now = false;
    tcb.rcv.unacked = 0;
    tcb.timer.delayed_ack = kNever;
  }
  segment.options.timestamps = TimestampsFor(tcb, control, now);
  // The window of a SYN is never scaled (RFC 7323, 2.2).
  const uint32_t window = syn ? tcb.rcv.wnd : tcb.rcv.wnd >> tcb.rcv.scale;
  segment.window = static_cast<uint16_t>(std::min<uint32_t>(window, 0xffff));
  const bool urgent = tcb.snd.up != tcb.snd.una && Before(seq, tcb.snd.up);
  if (!syn && (control & kRst) == 0 && urgent) {
    //= MUST-62
    segment.control |= kUrg;
    segment.urgent = static_cast<uint16_t>(std::min<uint32_t>(Distance(seq, tcb.snd.up), 0xffff));
  }
  return segment;
}

void StartRetransmission(Tcb& tcb, Instant now) {
  //= 6298:5.1
  if (tcb.timer.retransmission != kNever) return;
  tcb.timer.retransmission = now + tcb.rtt.rto;
  if (tcb.unanswered_since == kNever) tcb.unanswered_since = now;
}

// Records that [seq, seq + size) of sequence space is on its way.
void Sent(Tcb& tcb, SndSeq seq, uint32_t size, Instant now) {
  const SndSeq behind = seq + size;
  tcb.snd.ptr = behind;
  if (seq != tcb.snd.nxt) {
    // Karn: what is sent again is not timed, nor is what waits behind it.
    //= 6298:3
    tcb.rtt.running = false;
  } else if (!tcb.rtt.running) {
    tcb.rtt.running = true;
    tcb.rtt.timed = behind;
    tcb.rtt.started = now;
  }
  if (Before(tcb.snd.nxt, behind)) tcb.snd.nxt = behind;
  StartRetransmission(tcb, now);
}

void SendText(Tcb& tcb, SndSeq seq, uint32_t text, bool fin, Instant now, Effects& out) {
  //= P-3.8-ACKALWAYS
  uint8_t control = kAck;
  const SndSeq behind = seq + text;
  if (text > 0) {
    // What was pushed is pushed on, and so is what empties the queue.
    //= MUST-60
    //= MUST-61
    const bool pushed = Before(seq, tcb.snd.push) && AtOrBefore(tcb.snd.push, behind);
    if (pushed || behind == tcb.snd.end) control |= kPsh;
  }
  if (fin) control |= kFin;
  out.segments.push_back(Form(tcb, seq, control, text, now));
  Sent(tcb, seq, text + uint32_t{fin}, now);
  if (fin && tcb.state == State::kCloseWait) {
    //= 3.10.4
    tcb.state = State::kLastAck;
  }
}

bool SendsText(const Tcb& tcb) {
  switch (tcb.state) {
    case State::kEstablished:
    case State::kFinWait1:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck:
      return !tcb.snd.held;
    default:
      return false;
  }
}

// Sends the next segment if there is one to send and it may be sent; says whether it did.
bool SendNext(Tcb& tcb, const Policy& policy, Instant now, Small small, Effects& out) {
  auto& snd = tcb.snd;
  if (snd.fin_queued && snd.ptr == snd.end + 1) return false;
  const uint32_t queued = Distance(snd.ptr, snd.end);
  if (queued == 0 && !snd.fin_queued) return false;
  const uint32_t flight = Distance(snd.una, snd.ptr);
  // The window may have shrunk below what is in flight.
  //= MUST-34
  //= SHLD-15
  //= P-3.8-WINLIMIT
  //= RFC7323-2.4-3
  const uint32_t usable = snd.wnd > flight ? snd.wnd - flight : 0;
  if (usable == 0) return false;

  //= SHLD-27
  //= SHLD-28
  const uint32_t text = std::min({queued, usable, uint32_t{snd.mss}});
  const bool last = text == queued;
  const bool fin = last && snd.fin_queued && usable > text;
  if (text < snd.mss && small == Small::kWithhold && !Before(snd.ptr, snd.nxt)) {
    //= MUST-38
    //= SHLD-7
    const bool urgent = Before(snd.ptr, snd.up);
    const bool at_once = snd.ptr == snd.una || !snd.nagle || snd.fin_queued || urgent;
    //= MAY-15
    //= MAY-16
    const bool pushed =
        policy.push_every_send || snd.fin_queued || urgent || AtOrBefore(snd.end, snd.push);
    const bool large = text > 0 && uint64_t{text} * 2 >= snd.max_wnd;
    if (!at_once || !((last && pushed) || large)) {
      if (snd.ptr == snd.una && tcb.timer.override_sws == kNever) {
        tcb.timer.override_sws = now + policy.override_sws;
      }
      return false;
    }
  }
  tcb.timer.override_sws = kNever;
  SendText(tcb, snd.ptr, text, fin, now, out);
  return true;
}

// While the window is closed, probes take the place of retransmissions.
void ArrangeTimers(Tcb& tcb, Instant now) {
  const auto& snd = tcb.snd;
  if (!spec::IsSynchronized(tcb.state) || tcb.state == State::kTimeWait ||
      tcb.snd.syn_outstanding) {
    return;
  }
  const bool outstanding = snd.una != snd.end + uint32_t{snd.fin_queued};
  //= MUST-35
  if (outstanding && snd.wnd == 0) {
    tcb.timer.retransmission = kNever;
    //= SHLD-29
    if (tcb.timer.persist == kNever) tcb.timer.persist = now + tcb.rtt.rto;
    return;
  }
  tcb.timer.persist = kNever;
  tcb.probes = 0;
  if (snd.una == snd.nxt) {
    //= 6298:5.2
    tcb.timer.retransmission = kNever;
    tcb.unanswered_since = kNever;
  } else {
    StartRetransmission(tcb, now);
  }
}

}  // namespace

uint32_t Writable(const Tcb& tcb) {
  if (tcb.snd.fin_queued) return 0;
  const SndSeq first = tcb.snd.syn_outstanding ? tcb.iss + 1 : tcb.snd.una;
  return tcb.snd.capacity - Distance(first, tcb.snd.end);
}

uint16_t EffectiveMss(const Tcb& tcb, uint16_t mss) {
  //= MUST-16
  return tcb.ts.on ? static_cast<uint16_t>(mss - wire::kTimestampsOnWordsSize) : mss;
}

uint32_t OfferableWindow(const Tcb& tcb) {
  const uint32_t unread = Distance(tcb.rcv.read, tcb.rcv.nxt);
  //= MAY-8
  const uint32_t room = tcb.rcv.capacity > unread ? tcb.rcv.capacity - unread : 0;
  return std::min(room, uint32_t{0xffff} << tcb.rcv.scale);
}

void WindowMayOpen(Tcb& tcb) {
  if (tcb.rcv.fin_taken || !spec::IsSynchronized(tcb.state)) return;
  const uint32_t offerable = OfferableWindow(tcb);
  if (offerable < tcb.rcv.wnd + WindowStep(tcb)) return;
  // A sender with room to go on hears of more with the next ACK; one that is short of it, at once.
  const uint32_t more = offerable - tcb.rcv.wnd;
  if (tcb.rcv.wnd < tcb.rcv.mss || more >= 2 * uint32_t{tcb.rcv.mss} ||
      more >= tcb.rcv.capacity / 2) {
    tcb.rcv.ack_now = true;
  }
}

void Output(Tcb& tcb, const Policy& policy, Instant now, Effects& out, Small small) {
  tcb.timer.output = kNever;
  while (SendsText(tcb)) {
    if (out.segments.full()) {
      tcb.timer.output = now;
      break;
    }
    if (!SendNext(tcb, policy, now, small, out)) break;
    small = Small::kWithhold;
  }
  //= MUST-58
  if (tcb.rcv.ack_now) {
    if (out.segments.full()) {
      tcb.timer.output = now;
    } else {
      out.segments.push_back(Form(tcb, AckSeq(tcb), kAck, 0, now));
    }
  }
  ArrangeTimers(tcb, now);
  ArrangeKeepAlive(tcb, policy, now);
}

void SendSyn(Tcb& tcb, Instant now, Effects& out) {
  const uint8_t control = tcb.state == State::kSynReceived || tcb.state == State::kFinWait1
                              ? uint8_t{kSyn | kAck}
                              : uint8_t{kSyn};
  SegmentToSend segment = Form(tcb, tcb.iss, control, 0, now);
  //= MUST-14
  //= MUST-65
  //= SHLD-5
  //= MAY-3
  segment.options.mss = tcb.rcv.mss;
  //= 7323:2.2
  if (tcb.offer_scale) segment.options.window_scale = tcb.rcv.scale;
  out.segments.push_back(segment);
  tcb.snd.syn_outstanding = true;
  const SndSeq ptr = tcb.snd.ptr;
  Sent(tcb, tcb.iss, 1, now);
  if (Before(tcb.snd.ptr, ptr)) tcb.snd.ptr = ptr;
}

void SendOldest(Tcb& tcb, const Policy&, Instant now, Effects& out) {
  auto& snd = tcb.snd;
  const uint32_t sent_text = Distance(snd.una, FinSent(tcb) ? snd.end : snd.nxt);
  //= MAY-7
  //= SHLD-16
  //= RFC7323-2.4-4
  const uint32_t text = std::min({sent_text, uint32_t{snd.mss}, std::max<uint32_t>(snd.wnd, 1)});
  const bool fin = text == sent_text && FinSent(tcb);
  SendText(tcb, snd.una, text, fin, now, out);
}

void SendProbe(Tcb& tcb, Instant now, Effects& out) {
  const bool text = tcb.snd.una != tcb.snd.end;
  SendText(tcb, tcb.snd.una, uint32_t{text}, !text, now, out);
  tcb.rtt.running = false;
}

void SendKeepAlive(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  // A number that the peer has taken already: it must answer, and has nothing to take.
  //= SHLD-12
  SegmentToSend probe = Form(tcb, tcb.snd.nxt - 1, kAck, 0, now);
  //= MAY-6
  if (policy.keep_alive_octet) probe.garbage = 1;
  out.segments.push_back(probe);
}

void SendReset(Tcb& tcb, Instant now, Effects& out) {
  out.segments.push_back(Form(tcb, tcb.snd.nxt, kRst | kAck, 0, now));
}

void SendResetAt(SndSeq seq, const Policy& policy, const wire::OptionSet& answered, Effects& out) {
  SegmentToSend reset;
  reset.seq = seq;
  reset.options.timestamps = TimestampsForReset(policy, answered);
  reset.control = kRst;
  out.segments.push_back(reset);
}

}  // namespace assay::tcp
