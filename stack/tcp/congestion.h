// Congestion: how much may be in flight, by what the ACKs tell (RFC 5681; RFC 6582 without SACK,
// RFC 6675 with it; RFC 3042, RFC 6928).
//
// It keeps Tcb::Congestion and sends nothing: what is to be sent again at once is noted, and
// output.cc sends it. How long to wait is rto.h's.

#ifndef ASSAY_STACK_TCP_CONGESTION_H_
#define ASSAY_STACK_TCP_CONGESTION_H_

#include "stack/base/time.h"
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
// The retransmission timer ran out; tcb.retransmissions counts it.
void Collapse(Tcb& tcb, const Policy& policy);
// The peer's window was closed and all from SND.UNA on is about to be sent again.
void LeaveRecovery(Tcb& tcb);
// Something new is about to be sent while nothing is in flight.
void RestartAfterIdle(Tcb& tcb, const Policy& policy, Instant now);

// May a segment with `text` octets leave from snd.ptr? In a recovery with SACK the scoreboard
// rules, and this says yes.
bool CongestionAllows(const Tcb& tcb, const Policy& policy, uint32_t text);
// That segment is about to leave.
void CountLimitedTransmit(Tcb& tcb, uint32_t text);

inline Flight FlightOf(const Tcb& tcb) { return {tcb.snd.una, tcb.snd.nxt, tcb.snd.mss}; }
inline bool RecoversBySack(const Tcb& tcb) { return tcb.congestion.recovering && tcb.sack; }

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_CONGESTION_H_
