// Congestion: how much may be in flight, by what the ACKs tell (RFC 5681; RFC 6582 without SACK,
// RFC 6675 with it; RFC 3042, RFC 6928).
//
// It keeps Tcb::Congestion and sends nothing: what is to be sent again at once is noted, and
// output.cc sends it. How long to wait is rto.h's.

#ifndef ASSAY_STACK_TCP_CONGESTION_H_
#define ASSAY_STACK_TCP_CONGESTION_H_

#include <algorithm>

#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

// SND.MSS is known; and again when our SYN is acknowledged, which it may not have been at once.
void StartCongestion(Tcb& tcb, const Policy& policy);
// SND.UNA has moved by `octets`. Says whether the retransmission timer starts anew.
enum class Restart : uint8_t { kNo, kYes };
Restart TakeProgress(Tcb& tcb, const Policy& policy, uint32_t octets);
// A duplicate ACK: by RFC 5681, 2, or with SACK one that reports what was not known (RFC 6675, 2).
void TakeDuplicate(Tcb& tcb, const Policy& policy);
// The retransmission timer ran out; tcb.rtt.retransmissions counts it.
void Collapse(Tcb& tcb, const Policy& policy);
// The peer's window was closed and all from SND.UNA on is about to be sent again.
void LeaveRecovery(Tcb& tcb);
// Nothing has been sent for longer than an RTO.
void RestartAfterIdle(Tcb& tcb, const Policy& policy);
// May a segment with `text` octets, which cwnd does not cover, leave from snd.ptr all the same?
bool AllowsBeyondCwnd(const Tcb& tcb, const Policy& policy, uint32_t text);

inline Flight FlightOf(const Tcb& tcb) { return {tcb.snd.una, tcb.snd.nxt, tcb.snd.mss}; }
inline bool RecoversBySack(const Tcb& tcb) { return tcb.congestion.recovering && tcb.sack; }

// May a segment with `text` octets leave from snd.ptr? In a recovery with SACK the scoreboard
// rules, and this says yes.
inline bool CongestionAllows(const Tcb& tcb, const Policy& policy, uint32_t text) {
  const uint32_t flight = Distance(tcb.snd.una, tcb.snd.ptr);
  //= RFC5681-2-1
  return flight + std::max<uint32_t>(text, 1) <= tcb.congestion.cwnd ||
         AllowsBeyondCwnd(tcb, policy, text);
}

// That segment is about to leave.
inline void CountLimitedTransmit(Tcb& tcb, uint32_t text) {
  auto& c = tcb.congestion;
  if (c.dup_acks == 0 || c.recovering) return;
  if (Distance(tcb.snd.una, tcb.snd.ptr) + text > c.cwnd) c.limited += text;
}

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_CONGESTION_H_
