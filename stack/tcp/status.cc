#include "stack/tcp/status.h"

namespace assay::tcp {

using spec::State;

Status StatusOf(const Tcb& tcb, const Policy& policy) {
  Status status;
  status.state = tcb.state;
  if (tcb.state == State::kClosed) {
    status.answer = Answer::kDoesNotExist;
    return status;
  }
  status.transmission_timeout = tcb.user_timeout > Duration() ? tcb.user_timeout : policy.r2;
  status.retransmission_timeout = tcb.rtt.rto;
  status.receive_window = tcb.rcv.wnd;
  status.soft_error = tcb.soft_error;
  if (tcb.state == State::kListen) return status;

  status.send_window = tcb.snd.wnd;
  status.max_segment = tcb.snd.mss;
  // SYN and FIN are no octets of the user's.
  if (!FinAcknowledged(tcb)) {
    const SndSeq una = tcb.snd.syn_outstanding ? tcb.iss + 1 : tcb.snd.una;
    const SndSeq nxt = FinSent(tcb) ? tcb.snd.end : tcb.snd.nxt;
    status.awaiting_acknowledgment = Distance(una, nxt);
    status.waiting_to_be_sent = Distance(nxt, tcb.snd.end);
    if (Before(una, tcb.snd.up)) status.urgent_unacknowledged = Distance(una, tcb.snd.up);
  }
  if (tcb.state == State::kSynSent) return status;
  status.pending_receipt = Readable(tcb);
  //= MUST-33
  status.urgent_ahead = Distance(tcb.rcv.read, tcb.rcv.up);
  return status;
}

}  // namespace assay::tcp
