#include "stack/tcp/segment_arrives.h"

#include <algorithm>

#include "stack/tcp/congestion.h"
#include "stack/tcp/connection.h"
#include "stack/tcp/keep_alive.h"
#include "stack/tcp/output.h"
#include "stack/tcp/reassembly.h"
#include "stack/tcp/rto.h"
#include "stack/tcp/timestamps.h"

namespace assay::tcp {
namespace {

using spec::State;

// The arrived segment in the connection's own spaces. Steps trim it as they go.
struct Seg {
  RcvSeq seq;
  SndSeq ack;
  uint32_t wnd;  // scaled
  uint16_t up;
  uint32_t text;       // octets of payload still to be looked at
  uint32_t text_from;  // where they stand in the payload
  bool syn, fin, rst, has_ack, urg;

  uint32_t len() const { return text + uint32_t{syn} + uint32_t{fin}; }
};

Seg Interpret(const Tcb& tcb, const SegmentArrived& arrived) {
  const wire::Header& header = *arrived.segment.header;
  //= MUST-1
  const uint32_t window = header.window;
  return Seg{.seq = RcvSeq(header.seq),
             .ack = SndSeq(header.ack),
             .wnd = header.syn() ? window : window << tcb.snd.scale,
             .up = header.urgent,
             .text = static_cast<uint32_t>(arrived.segment.payload.size()),
             .text_from = 0,
             .syn = header.syn(),
             .fin = header.fin(),
             .rst = header.rst(),
             .has_ack = header.has_ack(),
             .urg = header.urg()};
}

// What every step sees.
struct Arrival {
  Tcb& tcb;
  const Policy& policy;
  const SegmentArrived& arrived;
  Instant now;
  Effects& out;
};

enum class Next : uint8_t { kContinue, kDone };

// Whether the throttle lets one more answer through; counts it.
//= 5961:7
bool MayAnswer(const Arrival& a) {
  if (a.policy.challenge_limit == 0) return true;
  Tcb& tcb = a.tcb;
  if (tcb.challenges == 0 || a.now - tcb.challenged_since >= a.policy.challenge_period) {
    tcb.challenged_since = a.now;
    tcb.challenges = 0;
  }
  if (tcb.challenges == a.policy.challenge_limit) return false;
  ++tcb.challenges;
  return true;
}

// An ACK that answers what is wrong with a segment, within the throttle.
void Challenge(const Arrival& a) {
  if (MayAnswer(a)) a.tcb.rcv.ack_now = true;
}

// An ACK that answers a segment that is not acceptable. What carries no text may be such an answer
// itself: two ends out of step would go on for ever (1337:2, H2), but for the throttle.
//= P-3.5.2-SYNC-ACK
void Refuse(const Arrival& a, const Seg& seg) {
  if (seg.len() == 0 && seg.has_ack) {
    if (MayAnswer(a)) SendAnswer(a.tcb, seg.ack, seg.wnd, a.now, a.out);
  } else {
    a.tcb.rcv.ack_now = true;
  }
}

void TakeSynOptions(const Arrival& a) {
  Tcb& tcb = a.tcb;
  const wire::OptionSet& options = a.arrived.options;
  //= MUST-15
  //= MUST-16
  const uint16_t peer =
      options.mss.has_value() ? std::max(*options.mss, a.policy.mss_floor) : DefaultMss(tcb);
  tcb.snd.mss = std::min({peer, tcb.rcv.mss, tcb.snd.path_mss});
  if (tcb.offer_scale && options.window_scale.has_value()) {
    //= 7323:2.3
    tcb.snd.scale = std::min<uint8_t>(*options.window_scale, 14);
  } else {
    //= 7323:2.2
    tcb.offer_scale = false;
    tcb.snd.scale = 0;
    tcb.rcv.scale = 0;
  }
  //= RFC2018-4-1
  tcb.sack = tcb.sack && options.sack_permitted;
  //= 7323:3.2
  tcb.ts.on = tcb.ts.offer && options.timestamps.has_value();
  if (!tcb.ts.on) return;
  tcb.ts.recent = options.timestamps->value;
  tcb.ts.recent_at = a.now;
  tcb.snd.mss = EffectiveMss(tcb, tcb.snd.mss);
}

void TakeSyn(const Arrival& a, const Seg& seg) {
  Tcb& tcb = a.tcb;
  tcb.irs = seg.seq;
  tcb.rcv.nxt = seg.seq + 1;
  tcb.rcv.read = tcb.rcv.nxt;
  tcb.rcv.up = tcb.rcv.nxt;
  tcb.rcv.push = tcb.rcv.nxt;
  tcb.ts.last_ack_sent = tcb.rcv.nxt;
  TakeSynOptions(a);
  StartCongestion(tcb, a.policy);
}

void TakeWindow(Tcb& tcb, const Seg& seg) {
  tcb.snd.wnd = seg.wnd;
  tcb.snd.max_wnd = std::max(tcb.snd.max_wnd, seg.wnd);
  tcb.snd.wl1 = seg.seq;
  tcb.snd.wl2 = seg.ack;
}

// Takes a sample of the round-trip time, if `ack`, which moves SND.UNA, gives one. `flight`: what
// was outstanding when it came.
void Measure(const Arrival& a, uint32_t flight, SndSeq ack) {
  Tcb::Rtt& rtt = a.tcb.rtt;
  const bool ends = rtt.running && AtOrBefore(rtt.timed, ack);
  if (ends) rtt.running = false;
  //= 7323:4.1
  const Duration echoed = EchoedAfter(a.tcb, a.policy, a.arrived.options, a.now);
  if (echoed != kNoEcho) {
    // Every ACK gives a sample: each counts for less, so that a window of them counts for one.
    constexpr uint32_t kMost = 1024;
    const uint32_t share = flight / (2 * uint32_t{a.tcb.snd.mss}) + 1;
    TakeSample(rtt, a.policy, echoed, std::min(share, kMost));
  } else if (ends) {
    TakeSample(rtt, a.policy, a.now - rtt.started);
  }
}

// Moves SND.UNA to `ack`, and with it all that hangs on it.
void Advance(const Arrival& a, SndSeq ack) {
  Tcb& tcb = a.tcb;
  auto& snd = tcb.snd;
  const uint32_t flight = Distance(snd.una, snd.nxt);
  const uint32_t octets = Distance(snd.una, ack);
  snd.una = ack;
  Restart restart = Restart::kYes;
  if (snd.syn_outstanding) {
    snd.syn_outstanding = false;
    StartCongestion(tcb, a.policy);
  } else {
    restart = TakeProgress(tcb, a.policy, octets);
  }
  if (Before(snd.ptr, ack)) snd.ptr = ack;
  if (Before(snd.offered, ack)) snd.offered = ack;
  if (Before(snd.up, ack)) snd.up = ack;
  if (Before(snd.push, ack)) snd.push = ack;
  snd.held = false;
  tcb.rtt.retransmissions = 0;
  Measure(a, flight, ack);
  //= 6298:5.2
  //= 6298:5.3
  if (snd.una == snd.nxt) {
    tcb.timer.retransmission = kNever;
    tcb.unanswered_since = kNever;
  } else {
    if (restart == Restart::kYes) tcb.timer.retransmission = a.now + tcb.rtt.rto;
    tcb.unanswered_since = a.now;
  }
}

// --- 3.10.7.4: the states in which a segment has sequence numbers to be held against. ---

// Table 6.
//= P-3.4-ACCEPT
bool IsAcceptable(const Tcb& tcb, const Seg& seg) {
  const auto& rcv = tcb.rcv;
  const uint32_t len = seg.len();
  if (len == 0) return rcv.wnd == 0 ? seg.seq == rcv.nxt : InWindow(seg.seq, rcv.nxt, rcv.wnd);
  return InWindow(seg.seq, rcv.nxt, rcv.wnd) || InWindow(seg.seq + (len - 1), rcv.nxt, rcv.wnd);
}

// Takes off what lies outside the window.
//= P-3.10.7.4-TRIM
void Trim(const Tcb& tcb, Seg& seg) {
  const auto& rcv = tcb.rcv;
  if (Before(seg.seq, rcv.nxt)) {
    uint32_t old = Distance(seg.seq, rcv.nxt);
    seg.seq = rcv.nxt;
    if (seg.syn) {
      seg.syn = false;
      --old;
    }
    const uint32_t cut = std::min(old, seg.text);
    seg.text -= cut;
    seg.text_from += cut;
  }
  const uint32_t room = rcv.wnd - Distance(rcv.nxt, seg.seq);
  if (seg.text >= room) {
    seg.fin = false;
    seg.text = room;
  }
}

// The SYN,ACK that completes a simultaneous open stands at IRS, which Table 6 refuses although
// Figure 7 shows it accepted (RFC 793 erratum 3305). It is taken for the ACK that it carries. `seg`
// is a SYN at IRS while ours is outstanding.
bool CompletesSimultaneousOpen(const Tcb& tcb, const Seg& seg) {
  return seg.has_ack && tcb.origin == Origin::kActive && seg.ack == tcb.iss + 1;
}

// Before the first: what RFC 7323 wants of the timestamps option.
Next CheckAge(const Arrival& a, Seg& seg) {
  const uint8_t control = a.arrived.segment.header->control;
  switch (CheckTimestamps(a.tcb, a.policy, control, a.arrived.options, a.now)) {
    case TimestampCheck::kPass:
      return Next::kContinue;
    case TimestampCheck::kMissing:
      //= 7323:3.2
      return Next::kDone;
    case TimestampCheck::kOld:
      break;
  }
  //= 7323:5.3
  if (seg.syn && a.policy.syn == InWindowRule::kRfc5961) {
    Challenge(a);
  } else {
    Refuse(a, seg);
  }
  return Next::kDone;
}

// First, check the sequence number.
Next CheckSequence(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (seg.rst) {
    // RFC 5961, 3.2 looks at SEQ alone; what a RST carries counts for nothing.
    //= U-3.10.7.4-RST1
    //= SHLD-2
    const bool inside = seg.seq == tcb.rcv.nxt || InWindow(seg.seq, tcb.rcv.nxt, tcb.rcv.wnd);
    return inside ? Next::kContinue : Next::kDone;
  }
  if (tcb.snd.syn_outstanding && seg.syn && seg.seq == tcb.irs) {
    //= MUST-10
    if (CompletesSimultaneousOpen(tcb, seg)) {
      // What is left of it stands at RCV.NXT, and Table 6 has no objection to that.
      seg.syn = false;
      seg.seq += 1;
      Trim(tcb, seg);
      return Next::kContinue;
    }
    if (!seg.has_ack && tcb.state == State::kSynReceived &&
        a.policy.repeated_syn == RepeatedSyn::kSynAck) {
      tcb.congestion.syn_lost = true;
      SendSyn(tcb, a.now, a.out);
      return Next::kDone;
    }
  }
  if (!IsAcceptable(tcb, seg)) {
    //= 3.10.7.4#check-sequence
    if (tcb.rcv.wnd == 0 && seg.seq == tcb.rcv.nxt && !seg.syn) {
      // Only the text is refused: a valid ACK and an urgent pointer are taken all the same.
      //= MUST-66
      seg.text = 0;
      seg.fin = false;
      tcb.rcv.ack_now = true;
      return Next::kContinue;
    }
    if (tcb.state == State::kTimeWait && a.policy.restart_time_wait && seg.fin &&
        seg.seq + seg.len() == tcb.rcv.nxt) {
      tcb.timer.time_wait = a.now + a.policy.msl * 2;
    }
    if (seg.syn && a.policy.syn == InWindowRule::kRfc5961 && spec::IsSynchronized(tcb.state)) {
      Challenge(a);
    } else {
      Refuse(a, seg);
    }
    return Next::kDone;
  }
  if (seg.syn && a.policy.syn == InWindowRule::kRfc5961) {
    if (!Before(seg.seq, tcb.rcv.nxt)) return Next::kContinue;
    // Its text reaches into the window; the SYN itself does not.
    Challenge(a);
    return Next::kDone;
  }
  Trim(tcb, seg);
  return Next::kContinue;
}

// Second, check the RST bit.
Next CheckRst(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (!seg.rst) return Next::kContinue;
  //= 1337:3
  if (tcb.state == State::kTimeWait && a.policy.ignore_rst_in_time_wait) return Next::kDone;
  if (seg.seq != tcb.rcv.nxt && a.policy.rst == InWindowRule::kRfc5961) {
    //= 3.10.7.4#check-rst
    //= U-3.10.7.4-RST3
    //= 5961:3.2
    Challenge(a);
    return Next::kDone;
  }
  //= U-3.10.7.4-RST2
  //= RFC793-3.4-RSTWIN
  switch (tcb.state) {
    case State::kSynReceived:
      if (tcb.origin == Origin::kPassive) {
        ReturnToListen(tcb, a.policy, a.out);
      } else {
        DeleteAndFlush(tcb, Signal::kRefused, a.out);
      }
      break;
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait:
      // The user has closed and the peer has said all that it had to say: nothing is lost by it.
      Delete(tcb, a.out);
      break;
    default:
      //= MUST-12
      DeleteAndFlush(tcb, Signal::kReset, a.out);
      break;
  }
  return Next::kDone;
}

// Third, security and compartment: RFC 9293, A.1 lets both be ignored where nobody uses them.

// Fourth, check the SYN bit.
Next CheckSyn(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (!seg.syn) return Next::kContinue;
  if (tcb.state == State::kSynReceived && tcb.origin == Origin::kPassive) {
    //= 1122:4.2.2.20
    ReturnToListen(tcb, a.policy, a.out);
    return Next::kDone;
  }
  if (a.policy.syn == InWindowRule::kRfc5961) {
    //= 3.10.7.4#check-syn
    //= U-3.10.7.4-SYN1
    //= U-3.10.7.4-SYN2
    //= 5961:4.2
    Challenge(a);
    return Next::kDone;
  }
  //= RFC793-3.9-SYN
  SendReset(tcb, a.now, a.out);
  DeleteAndFlush(tcb, Signal::kReset, a.out);
  return Next::kDone;
}

// Fifth, check the ACK field. What it means depends on the state.

// A segment whose text and acknowledgment are both acceptable may move TS.Recent: one that is
// guessed would otherwise make all that the peer sends look old.
void NoteTimestamp(const Arrival& a) {
  const RcvSeq seq(a.arrived.segment.header->seq);
  TakeTimestamp(a.tcb, a.policy, a.arrived.options, seq, a.now);
}

Next CheckAckRange(const Arrival& a, const Seg& seg) {
  const auto& snd = a.tcb.snd;
  //= U-3.10.7.4-ACK2
  // Half a circle from SND.NXT is neither before nor after it: that, too, was never sent.
  if (!AtOrBefore(seg.ack, snd.nxt)) {
    a.tcb.rcv.ack_now = true;
    return Next::kDone;
  }
  //= MAY-12
  //= U-3.10.7.4-ACK1
  //= 5961:5.2
  if (a.policy.refuse_old_acks && Before(seg.ack, snd.una - snd.max_wnd)) {
    Challenge(a);
    return Next::kDone;
  }
  NoteTimestamp(a);
  return Next::kContinue;
}

// By RFC 5681, 2, with its erratum 5458: that it repeats SND.UNA is known.
//= RFC5681-2-2
bool IsDuplicate(const Arrival& a, const Seg& seg) {
  const auto& snd = a.tcb.snd;
  const wire::Segment& segment = a.arrived.segment;
  const bool text_outstanding = snd.una != snd.end && snd.una != snd.nxt;
  return text_outstanding && segment.payload.empty() && !segment.header->syn() &&
         !segment.header->fin() && seg.wnd == snd.wnd;
}

// What the ACK tells of the path, apart from how far it reaches.
void TakeReports(const Arrival& a, const Seg& seg, bool repeats) {
  Tcb& tcb = a.tcb;
  bool duplicate = false;
  if (tcb.sack) {
    const auto& blocks = a.arrived.options.sack;
    if (blocks.empty() || a.policy.congestion == Congestion::kNone) return;
    duplicate = Record(tcb.scoreboard, FlightOf(tcb), {blocks.begin(), blocks.size()}) > 0;
  } else {
    duplicate = repeats && IsDuplicate(a, seg);
  }
  if (duplicate) TakeDuplicate(tcb, a.policy);
}

// The ESTABLISHED processing that the later states share.
Next TakeAck(const Arrival& a, const Seg& seg) {
  Tcb& tcb = a.tcb;
  auto& snd = tcb.snd;
  if (CheckAckRange(a, seg) == Next::kDone) return Next::kDone;
  if (Before(seg.ack, snd.una)) return Next::kContinue;  // an old duplicate: ignored

  // FIN-WAIT-1 straight from SYN-RECEIVED: this ACK covers our SYN and brings the first window.
  const bool first = snd.syn_outstanding;
  const bool repeats = seg.ack == snd.una;
  if (!repeats) Advance(a, seg.ack);
  TakeReports(a, seg, repeats);
  if (tcb.timer.persist != kNever || snd.wnd == 0) {
    // The peer lives: it may keep the window closed as long as it likes.
    //= MUST-37
    if (tcb.timer.retransmission == kNever) tcb.unanswered_since = kNever;
    snd.unanswered_probes = 0;
  }
  // Erratum 4785: an ACK equal to SND.UNA updates the window too.
  //= 3.10.7.4#window-update
  //= P-3.8.6-WL
  if (first || Before(snd.wl1, seg.seq) || (snd.wl1 == seg.seq && AtOrBefore(snd.wl2, seg.ack))) {
    const bool opens = snd.wnd == 0 && seg.wnd > 0;
    TakeWindow(tcb, seg);
    if (opens) {
      // What was sent into the closed window has been refused; it goes with the rest now.
      LeaveRecovery(tcb);
      if (snd.una != snd.nxt) snd.ptr = snd.una;
      snd.held = false;
      tcb.timer.persist = kNever;
    }
  }
  return Next::kContinue;
}

Next CheckAck(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  //= P-3.10.7.4-NOACKBIT
  if (!seg.has_ack) return Next::kDone;
  switch (tcb.state) {
    case State::kSynReceived: {
      const bool acceptable = Before(tcb.snd.una, seg.ack) && AtOrBefore(seg.ack, tcb.snd.nxt);
      if (!acceptable) {
        //= 3.10.7.4#check-ack
        //= P-3.5.2-RST-UNSYNC
        SendResetAt(seg.ack, a.policy, a.arrived.options, a.out);
        return Next::kDone;
      }
      NoteTimestamp(a);
      Advance(a, seg.ack);
      Establish(tcb, a.policy, a.out);
      TakeWindow(tcb, seg);
      if (tcb.snd.fin_queued) tcb.state = State::kFinWait1;
      return Next::kContinue;
    }
    case State::kEstablished:
    case State::kCloseWait:
    case State::kFinWait2:
      return TakeAck(a, seg);
    case State::kFinWait1:
      if (tcb.snd.syn_outstanding && AtOrBefore(seg.ack, tcb.snd.una)) {
        // Straight from SYN-RECEIVED: nothing is taken from a peer that has not seen our SYN.
        tcb.rcv.ack_now = true;
        return Next::kDone;
      }
      if (TakeAck(a, seg) == Next::kDone) return Next::kDone;
      if (FinAcknowledged(tcb)) tcb.state = State::kFinWait2;
      return Next::kContinue;
    case State::kClosing:
      if (TakeAck(a, seg) == Next::kDone) return Next::kDone;
      if (FinAcknowledged(tcb)) EnterTimeWait(tcb, a.policy, a.now);
      return Next::kDone;
    case State::kLastAck:
      if (TakeAck(a, seg) == Next::kDone) return Next::kDone;
      if (FinAcknowledged(tcb)) {
        Delete(tcb, a.out);
        return Next::kDone;
      }
      return Next::kContinue;
    case State::kTimeWait:
      // The peer's FIN again is all that is expected; an ACK alone needs no answer, lest two ends
      // acknowledge each other for ever.
      if (seg.fin) {
        tcb.rcv.ack_now = true;
        if (a.policy.restart_time_wait) tcb.timer.time_wait = a.now + a.policy.msl * 2;
      }
      return Next::kDone;
    case State::kClosed:
    case State::kListen:
    case State::kSynSent:
      break;
  }
  CheckFailed(__FILE__, __LINE__, "a state of 3.10.7.4");
}

//= P-3.6-HALFCLOSE
bool Receives(State state) {
  return state == State::kEstablished || state == State::kFinWait1 || state == State::kFinWait2;
}

// Sixth, check the URG bit.
Next CheckUrg(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (!seg.urg || !Receives(tcb.state)) return Next::kContinue;
  // The pointer counts from the segment as it was sent, whatever has been trimmed off it.
  const wire::Header& header = *a.arrived.segment.header;
  const RcvSeq up = RcvSeq(header.seq) + uint32_t{header.syn()} + seg.up;
  //= MUST-31
  //= MUST-32
  //= 6093:5
  if (Before(tcb.rcv.up, up) && Before(tcb.rcv.read, up)) {
    tcb.rcv.up = up;
    a.out.signals.push_back(Signal::kUrgent);
  }
  return Next::kContinue;
}

// Seventh, process the segment text. A FIN is noted here and taken by the next step, when RCV.NXT
// has come to it: it may have arrived ahead of a gap.
Next ProcessText(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (!Receives(tcb.state) || seg.len() == 0) return Next::kContinue;
  auto& rcv = tcb.rcv;
  if (rcv.fin_known) {
    // The FIN has one place. What claims another, or lies behind it, is not the stream's.
    seg.fin = false;
    if (!Before(seg.seq, rcv.fin)) seg.text = 0;
    seg.text = std::min(seg.text, Distance(seg.seq, rcv.fin));
  }
  if (seg.text > 0 && rcv.reader_gone && a.policy.let_go == LetGo::kHalfDuplex) {
    //= SHLD-3
    SendReset(tcb, a.now, a.out);
    DeleteAndFlush(tcb, Signal::kReset, a.out);
    return Next::kDone;
  }
  const bool gap = seg.seq != rcv.nxt;
  if (gap) {
    //= MAY-13
    //= RFC5681-3.2-1
    //= RFC2018-4-3
    rcv.ack_now = true;
    //= SHLD-31
    if (!a.policy.hold_out_of_order) return Next::kContinue;
    if (seg.text > 0 && !Hold(tcb, seg.seq, seg.text)) return Next::kContinue;
  }
  if (seg.fin) {
    rcv.fin_known = true;
    rcv.fin = seg.seq + seg.text;
    DropHeldFrom(tcb, rcv.fin);
  }
  if (seg.text == 0) return Next::kContinue;
  const RcvSeq behind = seg.seq + seg.text;
  if (a.arrived.segment.header->psh() && Before(rcv.push, behind)) rcv.push = behind;
  a.out.store = {.from = seg.text_from, .to = {Distance(tcb.irs + 1, seg.seq), seg.text}};
  rcv.largest =
      static_cast<uint16_t>(std::min<uint32_t>(std::max<uint32_t>(rcv.largest, seg.text), rcv.mss));
  if (gap) return Next::kContinue;

  const bool fills_gap = !rcv.held.empty();
  const RcvSeq before = rcv.nxt;
  rcv.nxt += seg.text;
  if (fills_gap) TakeHeld(tcb);
  const uint32_t taken = Distance(before, rcv.nxt);
  rcv.wnd -= taken;
  if (rcv.reader_gone) Discard(tcb);
  rcv.unacked += taken;
  //= MUST-59
  //= SHLD-19
  //= RFC5681-4.2-2
  if (fills_gap || rcv.unacked >= 2 * uint32_t{rcv.largest} || a.policy.delayed_ack.ns() == 0) {
    rcv.ack_now = true;
  } else if (tcb.timer.delayed_ack == kNever) {
    //= SHLD-18
    //= MUST-40
    //= RFC5681-4.2-1
    tcb.timer.delayed_ack = a.now + a.policy.delayed_ack;
  }
  return Next::kContinue;
}

// Eighth, check the FIN bit: here, whether RCV.NXT has come to the peer's FIN, now or earlier sent.
Next CheckFin(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  auto& rcv = tcb.rcv;
  if (!Receives(tcb.state)) {
    if (seg.fin || seg.text > 0) rcv.ack_now = true;  // behind the FIN: the peer is out of step
    return Next::kContinue;
  }
  if (!rcv.fin_known || rcv.nxt != rcv.fin) return Next::kContinue;
  rcv.nxt += 1;
  rcv.wnd -= 1;
  rcv.fin_taken = true;
  rcv.held.clear();
  rcv.ack_now = true;
  a.out.signals.push_back(Signal::kEndOfStream);
  switch (tcb.state) {
    case State::kEstablished:
      tcb.state = State::kCloseWait;
      break;
    case State::kFinWait1:
      tcb.state = State::kClosing;
      break;
    case State::kFinWait2:
      EnterTimeWait(tcb, a.policy, a.now);
      break;
    default:
      break;
  }
  return Next::kContinue;
}

using Check = Next (*)(const Arrival&, Seg&);

// One after the other until one is done; says whether all went on. The compiler sees each.
template <Check... kSteps>
bool Run(const Arrival& a, Seg& seg) {
  return ((kSteps(a, seg) == Next::kContinue) && ...);
}

// The steps of RFC 9293, 3.10.7.4, in its order. The order is the specification. With the sixth
// 3.10.7.3 joins.
void RunFromSixth(const Arrival& a, Seg& seg) { Run<CheckUrg, ProcessText, CheckFin>(a, seg); }
void RunSteps(const Arrival& a, Seg& seg) {
  if (Run<CheckAge, CheckSequence, CheckRst, CheckSyn, CheckAck>(a, seg)) RunFromSixth(a, seg);
}

// --- 3.10.7.2: LISTEN. ---

void ArriveInListen(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (seg.rst) return;
  if (seg.has_ack) {
    //= 3.10.7.2#check-ack
    //= P-3.5.2-RST-UNSYNC
    SendResetAt(seg.ack, a.policy, a.arrived.options, a.out);
    return;
  }
  if (!seg.syn) return;
  // Text and FIN on the SYN are left for the peer to send again; the SYN,ACK covers the SYN alone.
  //= 3.10.7.2#check-syn
  //= P-3.5-DATA-BEFORE-EST
  // Whatever an earlier SYN left behind is not this peer's.
  tcb.offer_scale = a.policy.window_scale;
  tcb.rcv.scale = tcb.offer_scale ? ScaleFor(tcb.rcv.capacity) : 0;
  tcb.rtt = {};
  //= 6298:2.1
  tcb.rtt.rto = a.policy.rto_initial;
  tcb.snd.max_wnd = 0;
  tcb.challenges = 0;
  tcb.sack = a.policy.sack;
  tcb.congestion = {};
  TakeSyn(a, seg);
  tcb.origin = Origin::kPassive;
  tcb.state = State::kSynReceived;
  tcb.snd.path_mss = 0xffff;
  StartNumbers(tcb);
  seg.ack = tcb.iss;
  TakeWindow(tcb, seg);
  SendSyn(tcb, a.now, a.out);
}

// --- 3.10.7.3: SYN-SENT, in its order. ---

Next CheckAckInSynSent(const Arrival& a, Seg& seg) {
  if (!seg.has_ack) return Next::kContinue;
  const auto& snd = a.tcb.snd;
  if (Before(snd.una, seg.ack) && AtOrBefore(seg.ack, snd.nxt)) return Next::kContinue;
  //= 3.10.7.3#check-ack
  //= P-3.5.2-RST-UNSYNC
  if (!seg.rst) SendResetAt(seg.ack, a.policy, a.arrived.options, a.out);
  return Next::kDone;
}

Next CheckRstInSynSent(const Arrival& a, Seg& seg) {
  if (!seg.rst) return Next::kContinue;
  // With an acceptable ACK whatever its SEQ (erratum 8167); without one it means nothing.
  //= 3.10.7.3#check-rst
  //= U-3.10.7.3-1
  if (seg.has_ack) DeleteAndFlush(a.tcb, Signal::kRefused, a.out);
  return Next::kDone;
}

Next CheckSynInSynSent(const Arrival& a, Seg& seg) {
  Tcb& tcb = a.tcb;
  if (!seg.syn) return Next::kDone;
  TakeSyn(a, seg);
  if (!seg.has_ack) {
    // Simultaneous open.
    //= MUST-10
    tcb.state = State::kSynReceived;
    seg.ack = tcb.iss;
    TakeWindow(tcb, seg);
    SendSyn(tcb, a.now, a.out);
    return Next::kDone;
  }
  Advance(a, seg.ack);
  Establish(tcb, a.policy, a.out);
  //= 1122:4.2.2.20
  TakeWindow(tcb, seg);
  // What is queued rides on the ACK.
  //= U-3.10.7.3-2
  tcb.rcv.ack_now = true;
  seg.syn = false;
  seg.seq += 1;
  Trim(tcb, seg);
  RunFromSixth(a, seg);
  return Next::kDone;
}

}  // namespace

void SegmentArrives(Tcb& tcb, const Policy& policy, const SegmentArrived& arrived, Instant now,
                    Effects& out) {
  const Arrival a{tcb, policy, arrived, now, out};
  Seg seg = Interpret(tcb, arrived);
  switch (tcb.state) {
    case State::kClosed:
      if (const auto reset = ResetFor(policy, arrived)) out.segments.push_back(*reset);
      return;
    case State::kListen:
      ArriveInListen(a, seg);
      return;
    case State::kSynSent:
      Run<CheckAckInSynSent, CheckRstInSynSent, CheckSynInSynSent>(a, seg);
      break;
    default:
      RunSteps(a, seg);
      break;
  }
  HeardFromPeer(tcb);
  if (tcb.state != State::kClosed && tcb.state != State::kListen) Output(tcb, policy, now, out);
}

}  // namespace assay::tcp
