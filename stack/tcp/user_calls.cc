#include "stack/tcp/user_calls.h"

#include <algorithm>

#include "stack/tcp/connection.h"
#include "stack/tcp/output.h"
#include "stack/wire/packet.h"

namespace assay::tcp {

using spec::State;

void OpenCall(Tcb& tcb, const Policy& policy, const Open& call, Instant now, Effects& out) {
  if (tcb.state != State::kClosed && tcb.state != State::kListen) {
    out.answer = Answer::kAlreadyExists;
    return;
  }
  //= MUST-67
  const auto headers = static_cast<uint32_t>(wire::IpHeaderSize(call.family) + wire::kHeaderMin);
  const uint32_t room = call.mtu > headers ? call.mtu - headers : 0;
  const uint32_t own_mss = std::clamp<uint32_t>(room, policy.mss_floor, 0xffff);
  //= MUST-15
  const uint16_t default_mss = call.family == wire::IpFamily::kIpv4 ? 536 : 1220;
  tcb = Unopened(policy, call.iss, static_cast<uint16_t>(own_mss), default_mss);
  if (call.mode == OpenMode::kPassive) {
    tcb.origin = Origin::kPassive;
    tcb.state = State::kListen;
    return;
  }
  tcb.origin = Origin::kActive;
  tcb.state = State::kSynSent;
  SendSyn(tcb, now, out);
}

void SendCall(Tcb& tcb, const Policy& policy, const Send& call, Instant now, Effects& out) {
  switch (tcb.state) {
    case State::kClosed:
      out.answer = Answer::kDoesNotExist;
      return;
    case State::kListen:
      out.answer = Answer::kRemoteUnspecified;
      return;
    case State::kSynSent:
    case State::kSynReceived:
    case State::kEstablished:
    case State::kCloseWait:
      if (!tcb.snd.fin_queued) break;
      [[fallthrough]];
    default:
      out.answer = Answer::kClosing;
      return;
  }
  auto& snd = tcb.snd;
  const uint32_t taken = std::min(call.octets, Writable(tcb));
  if (taken < call.octets && taken == 0) {
    out.answer = Answer::kInsufficientResources;
    return;
  }
  out.accepted = {Distance(tcb.iss + 1, snd.end), taken};
  snd.end += taken;
  // A call that was taken in part is pushed and made urgent when its rest comes.
  if (taken == call.octets && call.push == Flag::kYes) snd.push = snd.end;
  //= MUST-30
  if (call.urgent == Flag::kYes) snd.up = snd.end;
  Output(tcb, policy, now, out);
}

void ReceiveCall(Tcb& tcb, const Policy& policy, const Receive& call, Instant now, Effects& out) {
  const uint32_t given = std::min(call.octets, Readable(tcb));
  if (given == 0) {
    if (tcb.state == State::kClosed && !tcb.rcv.fin_taken) {
      out.answer = Answer::kDoesNotExist;
    } else if (tcb.rcv.fin_taken) {
      out.answer = Answer::kClosing;
    } else {
      out.answer = Answer::kInsufficientResources;
    }
    return;
  }
  out.delivered = {Distance(tcb.irs + 1, tcb.rcv.read), given};
  tcb.rcv.read += given;
  if (Before(tcb.rcv.up, tcb.rcv.read)) tcb.rcv.up = tcb.rcv.read;
  WindowMayOpen(tcb);
  if (tcb.rcv.ack_now) Output(tcb, policy, now, out);
}

void CloseCall(Tcb& tcb, const Policy& policy, const Close& call, Instant now, Effects& out) {
  if (call.reader == Reader::kGone) {
    tcb.rcv.reader_gone = true;
    const bool open = tcb.state == State::kEstablished || tcb.state == State::kFinWait1 ||
                      tcb.state == State::kFinWait2 || tcb.state == State::kCloseWait;
    if (open && Readable(tcb) > 0 && policy.let_go == LetGo::kHalfDuplex) {
      //= SHLD-3
      AbortCall(tcb, out);
      return;
    }
    Discard(tcb);
    WindowMayOpen(tcb);
  }
  switch (tcb.state) {
    case State::kClosed:
      out.answer = Answer::kDoesNotExist;
      return;
    case State::kListen:
    case State::kSynSent:
      Delete(tcb, out);
      return;
    case State::kSynReceived:
      // What was given to SEND goes first, and that cannot go before the handshake is over.
      tcb.snd.fin_queued = true;
      if (tcb.snd.end == tcb.iss + 1) tcb.state = State::kFinWait1;
      break;
    case State::kEstablished:
      tcb.snd.fin_queued = true;
      tcb.state = State::kFinWait1;
      break;
    case State::kCloseWait:
      // LAST-ACK when the FIN is on its way (1122:4.2.2.20).
      if (tcb.snd.fin_queued) out.answer = Answer::kClosing;
      tcb.snd.fin_queued = true;
      break;
    default:
      out.answer = Answer::kClosing;
      break;
  }
  Output(tcb, policy, now, out);
}

void AbortCall(Tcb& tcb, Effects& out) {
  switch (tcb.state) {
    case State::kClosed:
      out.answer = Answer::kDoesNotExist;
      return;
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
      //= 3.10.5
      SendReset(tcb, out);
      break;
    default:
      break;
  }
  Discard(tcb);
  Delete(tcb, out);
}

void SetNagleCall(Tcb& tcb, const Policy& policy, const SetNagle& call, Instant now, Effects& out) {
  tcb.snd.nagle = call.on == Flag::kYes;
  if (spec::IsSynchronized(tcb.state)) Output(tcb, policy, now, out);
}

}  // namespace assay::tcp
