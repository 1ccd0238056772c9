#include "properties/state_model.h"

#include <algorithm>
#include <array>

namespace assay::properties {

using enum spec::State;

std::string_view Name(Happening happening) {
  constexpr std::array<std::string_view, kHappenings> kNames = {
      "OPEN active", "OPEN passive",   "SEND",          "RECEIVE",     "CLOSE", "ABORT",
      "SYN",         "SYN in window",  "SYN,ACK",       "ACK",         "text",  "FIN",
      "text again",  "RST at RCV.NXT", "RST in window", "RST outside", "2 MSL"};
  return kNames[static_cast<size_t>(happening)];
}

std::string_view Name(Reply reply) {
  constexpr std::array<std::string_view, 7> kNames = {
      "none",    "ok",          "does not exist",    "already exists",
      "closing", "nothing now", "remote unspecified"};
  return kNames[static_cast<size_t>(reply)];
}

void showValue(const StateEvent& event, std::ostream& out) {
  out << Name(event.what);
  if (event.octets > 0) out << ' ' << event.octets;
  const bool segment = event.what >= Happening::kSynAck && event.what <= Happening::kTextAgain;
  if (!segment) return;
  out << (event.acking == Acking::kAll          ? ", acknowledges all"
          : event.acking == Acking::kNothingNew ? ", acknowledges nothing new"
                                                : ", acknowledges the future");
}

void StateModel::Apply(const StateEvent& event) {
  reply = Reply::kNone;
  answers_rst = false;
  may_not_exist = false;
  if (event.what <= Happening::kAbort) {
    Call(event);
    return;
  }
  if (event.what == Happening::kTwoMslPass) {
    if (state == kTimeWait && flaw != Flaw::kTimeWaitIsForever) Gone(false);
    return;
  }
  switch (state) {
    case kClosed:
      ArriveInClosed(event);
      break;
    case kListen:
      ArriveInListen(event);
      break;
    case kSynSent:
      ArriveInSynSent(event);
      break;
    default:
      ArriveLater(event);
      break;
  }
}

// --- 3.10.1 to 3.10.5. ---

void StateModel::Call(const StateEvent& event) {
  reply = Reply::kOk;
  switch (event.what) {
    case Happening::kOpenActive:
    case Happening::kOpenPassive: {
      // From LISTEN an OPEN may only go on to be active.
      if (state != kClosed && (state != kListen || event.what == Happening::kOpenPassive)) {
        reply = Reply::kAlreadyExists;
        return;
      }
      const StateModel old = *this;
      *this = StateModel{.rfc5961 = old.rfc5961,
                         .ignores_rst_in_time_wait = old.ignores_rst_in_time_wait,
                         .flaw = old.flaw};
      reply = Reply::kOk;
      passive = event.what == Happening::kOpenPassive;
      state = passive ? kListen : kSynSent;
      return;
    }
    case Happening::kSend:
      if (state == kClosed) {
        reply = Reply::kDoesNotExist;
      } else if (state == kListen) {
        reply = Reply::kRemoteUnspecified;
      } else if (state == kSynSent || state == kEstablished ||
                 (state == kSynReceived && !close_waits) || state == kCloseWait ||
                 (state == kLastAck && flaw == Flaw::kSendAfterFin)) {
        said += event.octets;
      } else {
        reply = Reply::kClosing;
      }
      return;
    case Happening::kReceive:
      Receive(event.octets);
      return;
    case Happening::kClose:
      Close();
      return;
    default:
      break;
  }
  // ABORT.
  if (state == kClosed) {
    reply = Reply::kDoesNotExist;
    return;
  }
  answers_rst = state == kSynReceived || state == kEstablished || state == kFinWait1 ||
                state == kFinWait2 || state == kCloseWait;
  Gone(true);
}

void StateModel::Receive(uint32_t octets) {
  if (unread > 0) {
    unread -= std::min(octets, unread);
  } else if (state == kClosed) {
    reply = Reply::kDoesNotExist;
    may_not_exist = true;
  } else {
    reply = fin_taken ? Reply::kClosing : Reply::kNothingNow;
  }
}

void StateModel::Close() {
  switch (state) {
    case kClosed:
      reply = Reply::kDoesNotExist;
      return;
    case kListen:
    case kSynSent:
      Gone(false);
      return;
    case kSynReceived:
      if (said > 0) {
        close_waits = true;
      } else {
        state = kFinWait1;
        fin_sent = true;
      }
      return;
    case kEstablished:
      state = kFinWait1;
      fin_sent = true;
      return;
    case kCloseWait:
      state = flaw == Flaw::kCloseWaitClosesAsActive ? kFinWait1 : kLastAck;
      fin_sent = true;
      return;
    default:
      reply = Reply::kClosing;
      return;
  }
}

// --- 3.10.7. ---

void StateModel::ArriveInClosed(const StateEvent& event) {
  answers_rst = event.what != Happening::kRstExact && event.what != Happening::kRstNear &&
                event.what != Happening::kRstOutside;
}

void StateModel::ArriveInListen(const StateEvent& event) {
  switch (event.what) {
    case Happening::kRstExact:
    case Happening::kRstNear:
    case Happening::kRstOutside:
      return;
    case Happening::kSyn:
      state = kSynReceived;
      return;
    case Happening::kSynInWindow:
      // To LISTEN it is a SYN like any other; the events leave it out.
      return;
    default:
      answers_rst = true;  // an ACK
      return;
  }
}

void StateModel::ArriveInSynSent(const StateEvent& event) {
  switch (event.what) {
    case Happening::kRstExact:
      Gone(true);
      return;
    case Happening::kSyn:
      state = kSynReceived;
      return;
    case Happening::kSynAck:
      if (event.acking != Acking::kAll) {
        answers_rst = true;
        return;
      }
      syn_heard = true;
      state = kEstablished;
      TakeText(event.octets);
      return;
    case Happening::kAck:
    case Happening::kText:
    case Happening::kFin:
      answers_rst = event.acking != Acking::kAll;
      return;
    default:
      return;
  }
}

void StateModel::ArriveLater(const StateEvent& event) {
  const bool just_begun = state == kSynReceived;
  switch (event.what) {
    case Happening::kRstNear:
      if (rfc5961 && flaw != Flaw::kNearRstKills) return;
      [[fallthrough]];
    case Happening::kRstExact:
      if (state == kTimeWait && ignores_rst_in_time_wait) return;
      Reset();
      return;
    case Happening::kSynInWindow:
      if (just_begun && passive) {
        ReturnToListen();
        return;
      }
      if (rfc5961) return;
      answers_rst = true;
      Gone(true);
      return;
    case Happening::kFin:
      if (fin_taken) return;  // left of the window, as all that was sent before
      break;
    case Happening::kAck:
    case Happening::kText:
      break;
    default:
      // The SYN again, a RST outside, text again: an ACK at most. A SYN,ACK that completes a
      // simultaneous open is taken for its ACK.
      if (event.what == Happening::kSynAck && event.acking == Acking::kAll && !passive &&
          !syn_heard) {
        break;
      }
      return;
  }
  if (just_begun || !syn_heard) {
    // The first ACK must be of our SYN.
    if (event.acking != Acking::kAll) {
      answers_rst = just_begun;
      return;
    }
    syn_heard = true;
    if (just_begun) state = kEstablished;
    if (close_waits) {
      state = kFinWait1;
      fin_sent = true;
    }
  } else {
    if (event.acking == Acking::kTheFuture) return;
    TakeAck(event.acking);
  }
  if (event.what == Happening::kText || event.what == Happening::kFin) TakeText(event.octets);
  if (event.what == Happening::kFin) TakeFin();
}

void StateModel::TakeAck(Acking acking) {
  if (acking != Acking::kAll || !fin_sent) return;
  switch (state) {
    case kFinWait1:
      state = kFinWait2;
      return;
    case kClosing:
      state = kTimeWait;
      return;
    case kLastAck:
      Gone(false);
      return;
    default:
      return;
  }
}

void StateModel::TakeText(uint32_t octets) {
  const bool takes = state == kEstablished || state == kFinWait1 || state == kFinWait2 ||
                     (state == kCloseWait && flaw == Flaw::kTextAfterClose);
  if (!takes) return;
  received += octets;
  unread += octets;
}

void StateModel::TakeFin() {
  switch (state) {
    case kEstablished:
      state = kCloseWait;
      break;
    case kFinWait1:
      state = flaw == Flaw::kSimultaneousCloseIsOver ? kTimeWait : kClosing;
      break;
    case kFinWait2:
      state = flaw == Flaw::kFinWait2Closes ? kClosed : kTimeWait;
      break;
    default:
      return;
  }
  fin_taken = true;
  if (flaw == Flaw::kUnreadIsLost) unread = 0;
}

void StateModel::Reset() {
  if (state == kSynReceived && passive && flaw != Flaw::kPassiveResetCloses) {
    ReturnToListen();
    return;
  }
  // The user has closed and the peer has said all: nothing is lost.
  Gone(state != kClosing && state != kLastAck && state != kTimeWait);
}

// What was said was for another peer; a user who has closed does not want the next one either.
void StateModel::ReturnToListen() {
  if (close_waits) {
    Gone(true);
    return;
  }
  state = kListen;
  said = 0;
}

void StateModel::Gone(bool flush) {
  state = kClosed;
  if (flush) unread = 0;
}

}  // namespace assay::properties
