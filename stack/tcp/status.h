// STATUS (RFC 9293, 3.10.6): what a connection is like now, as a value.
//
// Sockets, the connection's name and the DS field are the host's to add.

#ifndef ASSAY_STACK_TCP_STATUS_H_
#define ASSAY_STACK_TCP_STATUS_H_

#include <cstdint>
#include <optional>

#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/icmp.h"

namespace assay::tcp {

struct Status {
  Answer answer = Answer::kOk;  // kDoesNotExist in CLOSED; then nothing else counts
  spec::State state = spec::State::kClosed;
  uint32_t receive_window = 0;
  uint32_t send_window = 0;
  uint32_t awaiting_acknowledgment = 0;  // octets sent
  uint32_t waiting_to_be_sent = 0;       // octets given to SEND and not sent
  uint32_t pending_receipt = 0;          // octets that RECEIVE could give out
  uint32_t urgent_ahead = 0;  // octets up to the end of the peer's urgent data: 0 if there is none
  uint32_t urgent_unacknowledged = 0;  // the same of one's own
  uint32_t max_segment = 0;            // Eff.snd.MSS
  Duration transmission_timeout;       // R2
  Duration retransmission_timeout;     // RTO
  std::optional<wire::IcmpKind> soft_error;
};

Status StatusOf(const Tcb& tcb, const Policy& policy);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_STATUS_H_
