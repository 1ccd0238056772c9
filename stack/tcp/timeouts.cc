#include "stack/tcp/timeouts.h"

#include <algorithm>

#include "stack/tcp/congestion.h"
#include "stack/tcp/connection.h"
#include "stack/tcp/keep_alive.h"
#include "stack/tcp/output.h"
#include "stack/tcp/rto.h"

namespace assay::tcp {
namespace {

using spec::State;

// R2 (3.8.3): how long what stands at SND.UNA may go unanswered.
Duration GiveUpAfter(const Tcb& tcb, const Policy& policy) {
  //= MUST-21
  if (tcb.user_timeout.ns() > 0) return tcb.user_timeout;
  //= MUST-23
  //= SHLD-11
  return tcb.snd.syn_outstanding ? std::max(policy.r2, policy.r2_syn) : policy.r2;
}

bool GivesUp(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  if (tcb.unanswered_since == kNever) return false;
  //= P-3.10.8-USERTO
  if (now - tcb.unanswered_since < GiveUpAfter(tcb, policy)) return false;
  //= MUST-20
  if (tcb.state == State::kSynReceived && tcb.origin == Origin::kPassive) {
    ReturnToListen(tcb, policy, out);
  } else {
    TellQueued(tcb, Answer::kTimedOut, out);
    out.signals.push_back(Signal::kTimedOut);
    Delete(tcb, out);
  }
  return true;
}

void Retransmit(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  tcb.timer.retransmission = kNever;
  if (GivesUp(tcb, policy, now, out)) return;
  //= SHLD-10
  if (++tcb.rtt.retransmissions == policy.r1) out.signals.push_back(Signal::kDeliveryTrouble);
  tcb.rtt.running = false;
  //= 6298:5.5
  //= 6298:5.6
  BackOff(tcb.rtt, policy);
  //= 6298:5.4
  if (tcb.snd.syn_outstanding) {
    //= MUST-22
    //= RFC1122-4.2.3.1-1
    tcb.rtt.syn_resent = true;
    tcb.congestion.syn_lost = true;
    SendSyn(tcb, now, out);
  } else {
    Collapse(tcb, policy);
    //= RFC2018-5-1
    //= P-3.10.8-RTX
    SendOldest(tcb, policy, now, out);
    tcb.snd.held = true;
  }
}

void Probe(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  tcb.timer.persist = kNever;
  //= SHLD-17
  //= 6429:4
  // Probes are far between: a few that are lost say little.
  const bool many = tcb.snd.unanswered_probes >= policy.r2_probes || tcb.user_timeout.ns() > 0;
  if (many && GivesUp(tcb, policy, now, out)) return;
  if (tcb.unanswered_since == kNever) tcb.unanswered_since = now;
  //= MUST-36
  SendProbe(tcb, now, out);
  //= SHLD-30
  if (tcb.snd.probes < 16) ++tcb.snd.probes;
  if (tcb.snd.unanswered_probes < 255) ++tcb.snd.unanswered_probes;
  const Duration wait = std::min(tcb.rtt.rto * (int64_t{1} << tcb.snd.probes), policy.persist_max);
  tcb.timer.persist = now + wait;
}

}  // namespace

void TimersFire(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  if (tcb.timer.time_wait <= now) {
    Delete(tcb, out);
    return;
  }
  if (tcb.timer.retransmission <= now) Retransmit(tcb, policy, now, out);
  if (tcb.timer.keep_alive <= now) KeepAliveFires(tcb, policy, now, out);
  if (tcb.timer.persist <= now) Probe(tcb, policy, now, out);
  if (tcb.timer.delayed_ack <= now) {
    tcb.timer.delayed_ack = kNever;
    tcb.rcv.ack_now = true;
  }
  Small small = Small::kWithhold;
  if (tcb.timer.override_sws <= now) {
    tcb.timer.override_sws = kNever;
    small = Small::kSend;
  }
  if (tcb.state != State::kClosed && tcb.state != State::kListen) {
    Output(tcb, policy, now, out, small);
  }
}

}  // namespace assay::tcp
