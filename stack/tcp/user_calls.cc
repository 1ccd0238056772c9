#include "stack/tcp/user_calls.h"

#include <algorithm>

#include "stack/tcp/connection.h"
#include "stack/tcp/output.h"

namespace assay::tcp {

namespace {

// The peer pushed octets that have not been read.
bool PushAhead(const Tcb& tcb) { return Before(tcb.rcv.read, tcb.rcv.push); }

void Deliver(Tcb& tcb, uint32_t given, Effects& out) {
  auto& rcv = tcb.rcv;
  out.delivered = {Distance(tcb.irs + 1, rcv.read), given};
  rcv.read += given;
  //= MAY-17
  out.pushed = rcv.push == rcv.read;
  if (Before(rcv.push, rcv.read)) rcv.push = rcv.read;
  out.urgent = Before(rcv.read, rcv.up);
  if (Before(rcv.up, rcv.read)) rcv.up = rcv.read;
  WindowMayOpen(tcb);
}

}  // namespace

using spec::State;

void OpenCall(Tcb& tcb, const Policy& policy, const Open& call, Instant now, Effects& out) {
  const bool passive = call.mode == OpenMode::kPassive;
  // From LISTEN an OPEN may only go on to be active; what waits there is not disturbed.
  //= MUST-41
  if (tcb.state != State::kClosed && (tcb.state != State::kListen || passive)) {
    out.answer = Answer::kAlreadyExists;
    return;
  }
  if (!passive && call.remote == Flag::kNo) {
    out.answer = Answer::kRemoteUnspecified;
    return;
  }
  Given given;
  given.iss = call.iss;
  given.nagle = policy.nagle;
  given.wanted = tcb.rcv.wanted;  // RECEIVEs that wait in LISTEN go on waiting
  given.timestamp_offset = call.timestamp_offset;
  given.remote_given = call.remote == Flag::kYes;
  //= MUST-67
  //= 6691:2
  given.family = call.family;
  const uint32_t headers = HeadersOf(call.family);
  const uint32_t room = call.mtu > headers ? call.mtu - headers : 0;
  // The floor is for what peers say, and for links that IP does not run over.
  const uint32_t least = call.mtu >= LeastMtu(call.family) ? 1 : policy.mss_floor;
  given.mss = static_cast<uint16_t>(std::clamp<uint32_t>(room, least, 0xffff));
  StartAfresh(tcb, policy, given);
  if (passive) {
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
      if (!tcb.remote_given) {
        out.answer = Answer::kRemoteUnspecified;
        return;
      }
      break;
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
  if (tcb.state == State::kListen) StartNumbers(tcb);
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
  if (tcb.state == State::kListen) {
    // The passive OPEN becomes an active one; what was sent waits until it is ESTABLISHED.
    //= 3.10.2
    tcb.origin = Origin::kActive;
    tcb.state = State::kSynSent;
    SendSyn(tcb, now, out);
    return;
  }
  Output(tcb, policy, now, out);
}

void ReceiveCall(Tcb& tcb, const Policy& policy, const Receive& call, Instant now, Effects& out) {
  const uint32_t given = std::min(call.octets, Readable(tcb));
  const bool waits = call.queue == Queue::kYes && given < call.octets && !tcb.rcv.fin_taken &&
                     tcb.state != State::kClosed;
  if (tcb.rcv.wanted > 0) {
    // There is room for one in the queue, and it goes first.
    out.answer = Answer::kInsufficientResources;
  } else if (waits && !(given > 0 && PushAhead(tcb))) {
    //= 3.10.3
    tcb.rcv.wanted = call.octets;
  } else if (given > 0) {
    Deliver(tcb, given, out);
    if (tcb.rcv.ack_now) Output(tcb, policy, now, out);
  } else if (tcb.state == State::kClosed && !tcb.rcv.fin_taken) {
    out.answer = Answer::kDoesNotExist;
  } else if (tcb.rcv.fin_taken) {
    out.answer = Answer::kClosing;
  } else {
    out.answer = Answer::kInsufficientResources;
  }
}

void CompleteReceive(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  if (tcb.rcv.wanted == 0 || !spec::IsSynchronized(tcb.state)) return;
  const uint32_t given = std::min(tcb.rcv.wanted, Readable(tcb));
  const bool whole = given == tcb.rcv.wanted;
  if (!whole && !tcb.rcv.fin_taken && !(given > 0 && PushAhead(tcb))) return;
  tcb.rcv.wanted = 0;
  if (given == 0) {
    out.queued = Answer::kClosing;
    return;
  }
  Deliver(tcb, given, out);
  out.signals.push_back(Signal::kReceived);
  if (tcb.rcv.ack_now) Output(tcb, policy, now, out);
}

void FlushCall(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  //= MAY-14
  auto& snd = tcb.snd;
  if (tcb.state == State::kClosed || tcb.state == State::kListen) {
    out.answer = tcb.state == State::kClosed ? Answer::kDoesNotExist : Answer::kOk;
    return;
  }
  if (FinSent(tcb)) return;
  // Numbers that were sent, or that the peer has offered to take, stay as they are.
  const SndSeq first = snd.syn_outstanding ? tcb.iss + 1 : snd.una;
  const SndSeq edge = first + (snd.syn_outstanding ? 0 : snd.wnd);
  const SndSeq keep = Before(snd.nxt, edge) ? edge : snd.nxt;
  if (!Before(keep, snd.end)) return;
  snd.end = keep;
  if (Before(keep, snd.up)) snd.up = keep;
  if (Before(keep, snd.push)) snd.push = keep;
  if (spec::IsSynchronized(tcb.state)) Output(tcb, policy, now, out);
}

void CloseCall(Tcb& tcb, const Policy& policy, const Close& call, Instant now, Effects& out) {
  if (call.reader == Reader::kGone) {
    tcb.rcv.reader_gone = true;
    const bool open = tcb.state == State::kEstablished || tcb.state == State::kFinWait1 ||
                      tcb.state == State::kFinWait2 || tcb.state == State::kCloseWait;
    if (open && Readable(tcb) > 0 && policy.let_go == LetGo::kHalfDuplex) {
      //= SHLD-3
      //= MAY-1
      AbortCall(tcb, now, out);
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
      //= 3.10.4
      TellQueued(tcb, Answer::kClosing, out);
      Delete(tcb, out);
      return;
    case State::kSynReceived:
      // What was given to SEND goes first, and that cannot go before the handshake is over.
      tcb.snd.fin_queued = true;
      if (tcb.snd.end == tcb.iss + 1) tcb.state = State::kFinWait1;
      break;
    case State::kEstablished:
      //= P-3.6-FIN-RELIABLE
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

void AbortCall(Tcb& tcb, Instant now, Effects& out) {
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
      SendReset(tcb, now, out);
      break;
    default:
      break;
  }
  TellQueued(tcb, Answer::kReset, out);
  Discard(tcb);
  Delete(tcb, out);
}

void SetNagleCall(Tcb& tcb, const Policy& policy, const SetNagle& call, Instant now, Effects& out) {
  tcb.snd.nagle = call.on == Flag::kYes;
  if (spec::IsSynchronized(tcb.state)) Output(tcb, policy, now, out);
}

}  // namespace assay::tcp
