// Changes of state that several events share, and what goes with them.

#ifndef ASSAY_STACK_TCP_CONNECTION_H_
#define ASSAY_STACK_TCP_CONNECTION_H_

#include <optional>

#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::tcp {

// Octets of IP and TCP headers, options aside.
inline uint32_t HeadersOf(wire::IpFamily family) {
  return static_cast<uint32_t>(wire::IpHeaderSize(family) + wire::kHeaderMin);
}
// No link that IP runs over carries less (RFC 791, 3.2; RFC 8200, 5).
inline uint32_t LeastMtu(wire::IpFamily family) {
  return family == wire::IpFamily::kIpv4 ? 68 : 1280;
}
// The MSS of a peer that says nothing.
//= MUST-15
inline uint16_t DefaultMss(const Tcb& tcb) {
  return tcb.family == wire::IpFamily::kIpv4 ? 536 : 1220;
}
// The smallest shift with which a window of `capacity` can be offered.
uint8_t ScaleFor(uint32_t capacity);
// Numbers of our own, from tcb.iss on; nothing has been sent.
void StartNumbers(Tcb& tcb);
// What SENDs and RECEIVEs are told that are queued when their connection ends.
void TellQueued(Tcb& tcb, Answer answer, Effects& out);
// CLOSED: all timers stop and what is unsent is forgotten; what is unread can still be read.
void Delete(Tcb& tcb, Effects& out);
// The same after a RST: the receive queue is flushed too (3.10.7.4, second).
void DeleteAndFlush(Tcb& tcb, Signal why, Effects& out);

// What OPEN was told, and what the user has said since.
struct Given {
  SndSeq iss;
  bool nagle = true;
  uint16_t mss = 0;  // what our MSS option says
  uint32_t wanted = 0;
  uint32_t timestamp_offset = 0;
  uint32_t keep_alive_idle_ms = 0;
  bool keep_alive = false;
  wire::IpFamily family = wire::IpFamily::kIpv4;
  bool reports_errors = true;
  bool remote_given = false;
  Duration user_timeout;
};
Given GivenTo(const Tcb& tcb);
// As OPEN makes it, in CLOSED: nothing sent or received.
void StartAfresh(Tcb& tcb, const Policy& policy, const Given& given);
// A passive open that came to nothing: LISTEN as OPEN left it, unless its user has closed it.
void ReturnToListen(Tcb& tcb, const Policy& policy, Effects& out);
void EnterTimeWait(Tcb& tcb, const Policy& policy, Instant now);
// What is unread is read by nobody.
void Discard(Tcb& tcb);
void Establish(Tcb& tcb, const Policy& policy, Effects& out);

// The RST that answers a segment for which there is no connection; none answers a RST.
std::optional<SegmentToSend> ResetFor(const Policy& policy, const SegmentArrived& arrived);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_CONNECTION_H_
