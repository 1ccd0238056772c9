#include "stack/tcp/output.h"

#include <algorithm>

#include "stack/tcp/congestion.h"
#include "stack/tcp/keep_alive.h"
#include "stack/tcp/reassembly.h"
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

// Where an ACK without text stands. SND.NXT; but behind a probe of a closed window it would be
// dropped unread, and two ends that probe each other would never hear of one another (RFC 9293,
// A.2). SND.WND has no say: an older ACK that was overtaken takes a window back that the peer has
// long filled, and what stands there is as unacceptable.
SndSeq AckSeq(const Tcb& tcb) { return tcb.snd.offered; }

// How many SACK blocks what is sent now carries: as many as there are and as fit.
size_t BlocksToSend(const Tcb& tcb) {
  if (!tcb.sack) return 0;
  const size_t timestamps = tcb.ts.on ? 10 : 0;
  return std::min(tcb.rcv.held.size(), (wire::kOptionsMax - 2 - timestamps) / 8);
}

// How much text a segment may carry now: options go at its cost.
//= RFC6691-2-2
uint32_t RoomForText(const Tcb& tcb) {
  if (tcb.rcv.held.empty()) return tcb.snd.mss;
  const size_t blocks = BlocksToSend(tcb);
  // Beside timestamps the option's two octets take the place of padding.
  const size_t header = tcb.ts.on ? 0 : 4;
  const auto options = static_cast<uint32_t>(blocks > 0 ? header + 8 * blocks : 0);
  return std::max<uint32_t>(tcb.snd.mss, options + 1) - options;
}

// Adds a segment to `out`.
SegmentToSend& Form(Tcb& tcb, SndSeq seq, uint8_t control, uint32_t text, Instant now,
                    Effects& out) {
  SegmentToSend& segment = out.segments.Append();
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
    if (!tcb.rcv.held.empty() && !syn && (control & kRst) == 0) {
      //= RFC2018-4-2
      //= RFC2018-3-1
      segment.options.sack = NewestHeld(tcb, BlocksToSend(tcb));
    }
  }
  AddTimestamps(tcb, control, now, segment.options);
  // The window of a SYN is never scaled (RFC 7323, 2.2).
  const uint32_t window = syn ? tcb.rcv.wnd : tcb.rcv.wnd >> tcb.rcv.scale;
  segment.window = static_cast<uint16_t>(std::min<uint32_t>(window, 0xffff));
  const bool urgent = tcb.snd.up != tcb.snd.una && Before(seq, tcb.snd.up);
  if (!syn && (control & kRst) == 0 && urgent) {
    //= MUST-62
    //= RFC793-3.1-UP
    segment.control |= kUrg;
    segment.urgent = static_cast<uint16_t>(std::min<uint32_t>(Distance(seq, tcb.snd.up), 0xffff));
  }
  return segment;
}

void StartRetransmission(Tcb& tcb, Instant now) {
  //= 6298:5.1
  //= RFC6298-5-1
  if (tcb.timer.retransmission != kNever) return;
  tcb.timer.retransmission = now + tcb.rtt.rto;
  if (tcb.unanswered_since == kNever) tcb.unanswered_since = now;
}

// Records that [seq, seq + size) of sequence space is on its way.
void Sent(Tcb& tcb, SndSeq seq, uint32_t size, Instant now) {
  const SndSeq behind = seq + size;
  tcb.snd.ptr = behind;
  tcb.congestion.sent_at = now;
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
  if (Before(tcb.snd.offered, behind)) tcb.snd.offered = behind;
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
  Form(tcb, seq, control, text, now, out);
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

// Sends of `octets`, which were sent before, as much as a segment takes and the window allows. The
// place to go on from stays. Behind what was sent; at the left edge of `octets` if nothing was.
SndSeq SendAgain(Tcb& tcb, const Policy& policy, const SeqRange& octets, Instant now,
                 Effects& out) {
  auto& snd = tcb.snd;
  const uint32_t before = Distance(snd.una, octets.left);
  const uint32_t usable = snd.wnd > before ? snd.wnd - before : 0;
  const uint32_t size = std::min({octets.size, usable, RoomForText(tcb) + 1});
  if (size == 0) return octets.left;
  const uint32_t left = Distance(octets.left, snd.end);
  const uint32_t text = std::min({size, left, RoomForText(tcb)});
  const bool fin = text == left && size > text && FinSent(tcb);
  const SndSeq ptr = snd.ptr;
  SendText(tcb, octets.left, text, fin, now, out);
  const SndSeq behind = snd.ptr;
  if (Before(snd.ptr, ptr)) snd.ptr = ptr;
  if (tcb.sack && policy.rearm_in_recovery) tcb.timer.retransmission = now + tcb.rtt.rto;
  return behind;
}

// Fast retransmit, and what a partial ACK shows to be lost.
bool SendAtUna(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  auto& board = tcb.scoreboard;
  tcb.congestion.resend = false;
  const SndSeq una = tcb.snd.una;
  const SndSeq behind = SendAgain(tcb, policy, MissingFrom(board, FlightOf(tcb), una), now, out);
  board.high_rxt = behind;
  board.rescue_rxt = behind;
  return behind != una;
}

bool SendQueued(Tcb& tcb, const Policy& policy, Instant now, Small small, Effects& out);

// RFC 6675, 5, step C: NextSeg() says what is next, as long as a segment more may be under way.
bool SendByScoreboard(Tcb& tcb, const Policy& policy, Instant now, Small small, Effects& out) {
  auto& board = tcb.scoreboard;
  const Flight flight = FlightOf(tcb);
  //= RFC6675-5-2
  if (Pipe(board, flight) + flight.smss > tcb.congestion.cwnd) return false;
  const auto send_again = [&](const SeqRange& octets) {
    const SndSeq behind = SendAgain(tcb, policy, octets, now, out);
    if (Before(board.high_rxt, behind)) board.high_rxt = behind;
    return behind != octets.left;
  };
  //= RFC6675-4-2
  if (const auto lost = FirstLost(board, flight)) return send_again(*lost);
  //= RFC6675-4-3
  if (SendQueued(tcb, policy, now, small, out)) return true;
  //= RFC6675-4-4
  if (const auto missing = FirstMissing(board, flight)) return send_again(*missing);
  if (!Before(board.rescue_rxt, tcb.snd.una)) return false;
  board.rescue_rxt = tcb.congestion.recover;
  const auto highest = HighestMissing(board, flight, RoomForText(tcb));
  return highest.has_value() && SendAgain(tcb, policy, *highest, now, out) != highest->left;
}

// Sends the next segment if there is one to send and it may be sent; says whether it did.
bool SendNext(Tcb& tcb, const Policy& policy, Instant now, Small small, Effects& out) {
  if (tcb.congestion.recovering) {
    if (tcb.congestion.resend && SendAtUna(tcb, policy, now, out)) return true;
    if (tcb.sack) return SendByScoreboard(tcb, policy, now, small, out);
  }
  if (tcb.snd.ptr == tcb.snd.end && !tcb.snd.fin_queued) return false;
  return SendQueued(tcb, policy, now, small, out);
}

// From snd.ptr on: what is new and, after a time-out, what was sent before.
bool SendQueued(Tcb& tcb, const Policy& policy, Instant now, Small small, Effects& out) {
  auto& snd = tcb.snd;
  uint32_t room = RoomForText(tcb);
  if (Before(snd.ptr, snd.nxt) && !tcb.scoreboard.sacked.empty()) {
    // RFC 6675, 5.1: what the peer has reported since the time-out is passed over.
    const SeqRange missing = MissingFrom(tcb.scoreboard, FlightOf(tcb), snd.ptr);
    snd.ptr = missing.left;
    if (missing.size > 0) room = std::min(room, missing.size);
  }
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
  const uint32_t text = std::min({queued, usable, room});
  if (snd.una == snd.nxt && now - tcb.congestion.sent_at > tcb.rtt.rto) {
    RestartAfterIdle(tcb, policy);
  }
  // A segment goes whole or not at all: cwnd makes none small.
  if (!CongestionAllows(tcb, policy, text)) return false;
  const bool last = text == queued;
  const bool fin = last && snd.fin_queued && usable > text;
  if (text < room && small == Small::kWithhold && !Before(snd.ptr, snd.nxt)) {
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
  CountLimitedTransmit(tcb, text);
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
  tcb.snd.probes = 0;
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
  // What is reported by SACK alone keeps its place: the peer may give it up again.
  //= RFC2018-8-2
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
  tcb.more_to_send = false;
  while (SendsText(tcb)) {
    if (out.segments.full()) {
      tcb.more_to_send = true;
      break;
    }
    if (!SendNext(tcb, policy, now, small, out)) break;
    small = Small::kWithhold;
  }
  //= MUST-58
  //= RFC5681-4.2-3
  if (tcb.rcv.ack_now) {
    if (out.segments.full()) {
      tcb.more_to_send = true;
    } else {
      Form(tcb, AckSeq(tcb), kAck, 0, now, out);
    }
  }
  ArrangeTimers(tcb, now);
  ArrangeKeepAlive(tcb, policy, now);
}

void SendAnswer(Tcb& tcb, SndSeq ack, uint32_t wnd, Instant now, Effects& out) {
  const auto& snd = tcb.snd;
  SndSeq seq = AckSeq(tcb);
  const bool possible = AtOrBefore(snd.una, ack) && AtOrBefore(ack, snd.nxt);
  if (possible && !snd.syn_outstanding) {
    const uint32_t ahead = Before(ack, seq) ? Distance(ack, seq) : 0;
    // What the peer has all of stands at its RCV.NXT, which Table 6 takes even if nothing else.
    seq = ack + std::min(ahead, std::max<uint32_t>(wnd, 1) - 1);
  }
  Form(tcb, seq, kAck, 0, now, out);
}

void SendSyn(Tcb& tcb, Instant now, Effects& out) {
  const uint8_t control = tcb.state == State::kSynReceived || tcb.state == State::kFinWait1
                              ? uint8_t{kSyn | kAck}
                              : uint8_t{kSyn};
  SegmentToSend& segment = Form(tcb, tcb.iss, control, 0, now, out);
  //= MUST-14
  //= MUST-65
  //= SHLD-5
  //= MAY-3
  segment.options.mss = tcb.rcv.mss;
  //= RFC2018-2-1
  segment.options.sack_permitted = tcb.sack;
  //= 7323:2.2
  if (tcb.offer_scale) segment.options.window_scale = tcb.rcv.scale;
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
  const uint32_t text = std::min({sent_text, RoomForText(tcb), std::max<uint32_t>(snd.wnd, 1)});
  const bool fin = text == sent_text && FinSent(tcb);
  SendText(tcb, snd.una, text, fin, now, out);
}

void SendProbe(Tcb& tcb, Instant now, Effects& out) {
  const bool text = tcb.snd.una != tcb.snd.end;
  const SndSeq offered = tcb.snd.offered;
  SendText(tcb, tcb.snd.una, uint32_t{text}, !text, now, out);
  tcb.snd.offered = offered;
  tcb.rtt.running = false;
}

void SendKeepAlive(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  // A number that the peer has taken already: it must answer, and has nothing to take.
  //= SHLD-12
  SegmentToSend& probe = Form(tcb, tcb.snd.nxt - 1, kAck, 0, now, out);
  //= MAY-6
  if (policy.keep_alive_octet) probe.garbage = 1;
}

void SendReset(Tcb& tcb, Instant now, Effects& out) {
  Form(tcb, tcb.snd.nxt, kRst | kAck, 0, now, out);
}

void SendResetAt(SndSeq seq, const Policy& policy, const wire::OptionSet& answered, Effects& out) {
  SegmentToSend reset;
  reset.seq = seq;
  reset.options.timestamps = TimestampsForReset(policy, answered);
  reset.control = kRst;
  out.segments.push_back(reset);
}

}  // namespace assay::tcp
