#include "stack/tcp/congestion.h"

#include <algorithm>

namespace assay::tcp {
namespace {

// The largest window that can be offered (RFC 7323, 2.3): a limit that limits nothing.
constexpr uint32_t kUnlimited = 0xffffu << 14;

uint32_t InitialWindowOf(const Tcb& tcb, const Policy& policy) {
  const uint32_t smss = tcb.snd.mss;
  //= RFC5681-3.1-3
  if (tcb.congestion.syn_lost) return smss;
  switch (policy.initial_window) {
    case InitialWindow::kRfc5681:
      //= RFC5681-3.1-1
      return smss > 2190 ? 2 * smss : smss > 1095 ? 3 * smss : 4 * smss;
    case InitialWindow::kRfc6928:
      //= RFC6928-2-1
      return std::min(10 * smss, std::max<uint32_t>(2 * smss, 14600));
  }
  CheckFailed(__FILE__, __LINE__, "an InitialWindow");
}

void Grow(Tcb& tcb, uint32_t octets) {
  auto& c = tcb.congestion;
  const uint32_t smss = tcb.snd.mss;
  if (c.cwnd >= kUnlimited) return;
  if (c.cwnd < c.ssthresh) {
    //= RFC5681-3.1-5
    c.cwnd += std::min(octets, smss);
    return;
  }
  // Congestion avoidance by octets counted: a segment more for each window of them.
  //= RFC5681-3.1-6
  c.acked += octets;
  if (c.acked < c.cwnd) return;
  c.acked = std::min(c.acked - c.cwnd, c.cwnd);
  c.cwnd += smss;
}

// Half of FlightSize; what limited transmit added to it does not count.
uint32_t Halved(const Tcb& tcb) {
  const auto& snd = tcb.snd;
  // What stands behind ptr was lost, or refused by a closed window: it is not in flight.
  const uint32_t flight = Distance(snd.una, snd.ptr);
  const uint32_t counted = flight - std::min(flight, tcb.congestion.limited);
  //= RFC5681-3.1-4
  //= RFC5681-3.1-7
  return std::max(counted / 2, 2 * uint32_t{snd.mss});
}

void EnterRecovery(Tcb& tcb) {
  auto& c = tcb.congestion;
  //= RFC5681-3.2-2
  //= RFC5681-3.2-5
  //= RFC5681-4.3-1
  c.ssthresh = Halved(tcb);
  c.cwnd = tcb.sack ? c.ssthresh : c.ssthresh + kDupThresh * tcb.snd.mss;
  c.acked = 0;
  c.recover = tcb.snd.nxt;
  c.recovering = true;
  c.first_partial_seen = false;
  c.resend = true;
  if (tcb.sack) tcb.snd.ptr = tcb.snd.nxt;
}

void Deflate(Tcb& tcb, const Policy& policy) {
  auto& c = tcb.congestion;
  if (tcb.sack) return;  // was not inflated
  //= RFC5681-3.2-7
  c.cwnd = c.ssthresh;
  if (policy.full_ack == FullAck::kNoBurst) {
    //= 6582:3.2
    const uint32_t smss = tcb.snd.mss;
    const uint32_t flight = Distance(tcb.snd.una, tcb.snd.nxt);
    c.cwnd = std::min(c.ssthresh, std::max(flight, smss) + smss);
  }
}

// RFC 6582, 3.2, step 3: the hole behind the one that is filled is sent again at once.
Restart TakePartial(Tcb& tcb, const Policy& policy, uint32_t octets) {
  auto& c = tcb.congestion;
  const uint32_t smss = tcb.snd.mss;
  //= RFC6582-3.2-1
  c.resend = true;
  c.cwnd -= std::min(octets, c.cwnd);
  if (octets >= smss) c.cwnd += smss;
  c.cwnd = std::max(c.cwnd, smss);
  const bool first = !c.first_partial_seen;
  c.first_partial_seen = true;
  return first || policy.partial_ack_timer == PartialAckTimer::kEachRestarts ? Restart::kYes
                                                                             : Restart::kNo;
}

}  // namespace

void StartCongestion(Tcb& tcb, const Policy& policy) {
  auto& c = tcb.congestion;
  c.ssthresh = kUnlimited;
  //= RFC5681-3.1-2
  c.cwnd = policy.congestion == Congestion::kNone ? kUnlimited : InitialWindowOf(tcb, policy);
  c.recover = tcb.iss;
}

Restart TakeProgress(Tcb& tcb, const Policy& policy, uint32_t octets) {
  auto& c = tcb.congestion;
  if (policy.congestion == Congestion::kNone) return Restart::kYes;
  //= RFC6675-5-1
  c.dup_acks = 0;
  c.limited = 0;
  if (tcb.sack && (c.recovering || !tcb.scoreboard.sacked.empty())) {
    Forget(tcb.scoreboard, tcb.snd.una);
  }
  if (c.recovering) {
    if (Before(tcb.snd.una, c.recover)) {
      return tcb.sack ? Restart::kYes : TakePartial(tcb, policy, octets);
    }
    //= RFC6675-5-3
    c.recovering = false;
    c.resend = false;
    Deflate(tcb, policy);
  } else {
    Grow(tcb, octets);
  }
  // It must not fall half a circle behind.
  if (Before(c.recover, tcb.snd.una)) c.recover = tcb.snd.una - 1;
  return Restart::kYes;
}

void TakeDuplicate(Tcb& tcb, const Policy& policy) {
  auto& c = tcb.congestion;
  // Answers to probes of a closed window repeat themselves and tell of no loss.
  if (policy.congestion == Congestion::kNone || tcb.snd.wnd == 0) return;
  if (c.recovering) {
    if (tcb.sack) return;
    //= RFC5681-3.2-6
    c.cwnd += tcb.snd.mss;
    if (policy.limit_inflation) {
      c.cwnd = std::min(c.cwnd, c.ssthresh + Distance(tcb.snd.una, tcb.snd.nxt));
    }
    c.cwnd = std::min(c.cwnd, kUnlimited);
    return;
  }
  if (c.dup_acks < UINT8_MAX) ++c.dup_acks;
  if (tcb.sack) {
    tcb.scoreboard.high_rxt = tcb.snd.una;
    //= RFC6675-5.1-1
    if (Before(tcb.snd.una, c.recover)) return;
    if (c.dup_acks >= kDupThresh || IsLost(tcb.scoreboard, FlightOf(tcb), tcb.snd.una)) {
      EnterRecovery(tcb);
    }
    return;
  }
  //= RFC6582-3.2-2
  if (c.dup_acks == kDupThresh && Before(c.recover, tcb.snd.una)) EnterRecovery(tcb);
}

void Collapse(Tcb& tcb, const Policy& policy) {
  auto& c = tcb.congestion;
  if (policy.congestion == Congestion::kNone) return;
  // What is lost again says nothing new of the path: ssthresh stays as the first time-out left it.
  if (tcb.rtt.retransmissions == 1) c.ssthresh = Halved(tcb);
  //= RFC5681-3.1-8
  //= MUST-19
  c.cwnd = tcb.snd.mss;
  c.acked = 0;
  c.limited = 0;
  c.dup_acks = 0;
  c.recovering = false;
  c.resend = false;
  c.recover = tcb.snd.nxt;
  // The peer may have dropped what it reported.
  //= RFC2018-5.1-1
  tcb.scoreboard.sacked.clear();
}

void LeaveRecovery(Tcb& tcb) {
  auto& c = tcb.congestion;
  if (!c.recovering) return;
  c.recovering = false;
  c.resend = false;
  c.dup_acks = 0;
  if (!tcb.sack) c.cwnd = c.ssthresh;
}

void RestartAfterIdle(Tcb& tcb, const Policy& policy) {
  auto& c = tcb.congestion;
  if (!policy.restart_after_idle || policy.congestion == Congestion::kNone) return;
  //= RFC5681-4.1-1
  c.cwnd = std::min(c.cwnd, InitialWindowOf(tcb, policy));
}

bool AllowsBeyondCwnd(const Tcb& tcb, const Policy& policy, uint32_t text) {
  const auto& c = tcb.congestion;
  const auto& snd = tcb.snd;
  if (RecoversBySack(tcb)) return true;
  uint32_t limit = c.cwnd;
  uint32_t flight = Distance(snd.una, snd.ptr);
  if (Before(snd.ptr, snd.nxt)) {
    // After a time-out: what the peer has reported since is passed over, and not in flight.
    if (!tcb.scoreboard.sacked.empty()) flight -= ReportedBelow(tcb.scoreboard, snd.ptr);
  } else if (c.dup_acks > 0 && policy.limited_transmit) {
    if (tcb.sack) {
      //= RFC3042-2-1
      //= RFC5681-3.2-4
      if (Pipe(tcb.scoreboard, FlightOf(tcb)) + snd.mss <= c.cwnd) return true;
    } else if (!c.recovering) {
      //= RFC5681-3.2-3
      limit += std::min<uint32_t>(c.dup_acks, 2) * snd.mss;
    }
  }
  return flight + std::max<uint32_t>(text, 1) <= limit;
}

}  // namespace assay::tcp
