// StateModel: the eleven states as Figure 5 and 3.10 of RFC 9293 tell them, and no more.
//
// Written from the RFC alone, to hold the stack against: it knows no windows, no timers and no
// numbers beyond how much was said. It is right for a peer whose window never closes and for a
// user who has at most a segment's worth of text outstanding, so that a CLOSE is heard at once.

#ifndef ASSAY_PROPERTIES_STATE_MODEL_H_
#define ASSAY_PROPERTIES_STATE_MODEL_H_

#include <cstdint>
#include <ostream>
#include <string_view>

#include "stack/spec/state.h"

namespace assay::properties {

// What happens to the connection.
enum class Happening : uint8_t {
  // User calls.
  kOpenActive,
  kOpenPassive,
  kSend,
  kReceive,
  kClose,
  kAbort,
  // Segments. What they acknowledge is an Acking.
  kSyn,          // with the number that the peer begins with
  kSynInWindow,  // another, in the window
  kSynAck,       // begins, and acknowledges our SYN
  kAck,
  kText,
  kFin,         // with text, if there is any
  kTextAgain,   // what was sent before
  kRstExact,    // at RCV.NXT; in SYN-SENT it acknowledges our SYN
  kRstNear,     // in the window and not at RCV.NXT
  kRstOutside,  // left of the window; in SYN-SENT it acknowledges nothing
  kTwoMslPass,
};
inline constexpr size_t kHappenings = 17;
std::string_view Name(Happening happening);

enum class Acking : uint8_t {
  kAll,         // that was heard, a FIN too
  kNothingNew,  // what was acknowledged before
  kTheFuture,   // more than was ever sent
};

struct StateEvent {
  Happening what = Happening::kAck;
  Acking acking = Acking::kAll;
  uint32_t octets = 0;
};
void showValue(const StateEvent& event, std::ostream& out);

enum class Reply : uint8_t {
  kNone,  // no call
  kOk,
  kDoesNotExist,
  kAlreadyExists,
  kClosing,
  kNothingNow,
  kRemoteUnspecified,
};
std::string_view Name(Reply reply);

// A wrong turn, for the mutants: the properties must notice each.
enum class Flaw : uint8_t {
  kNone,
  kFinWait2Closes,           // a FIN in FIN-WAIT-2 goes to CLOSED
  kSimultaneousCloseIsOver,  // a FIN in FIN-WAIT-1 goes to TIME-WAIT without an ACK of ours
  kCloseWaitClosesAsActive,  // CLOSE in CLOSE-WAIT goes to FIN-WAIT-1
  kPassiveResetCloses,       // a RST in passive SYN-RECEIVED goes to CLOSED
  kNearRstKills,             // as RFC 793 had it
  kTextAfterClose,           // text is taken in CLOSE-WAIT
  kSendAfterFin,             // SEND is taken in LAST-ACK
  kUnreadIsLost,             // a FIN flushes what is unread
  kTimeWaitIsForever,
};

struct StateModel {
  // Policies that the model knows of.
  bool rfc5961 = true;
  bool ignores_rst_in_time_wait = false;
  Flaw flaw = Flaw::kNone;

  spec::State state = spec::State::kClosed;
  bool passive = false;
  bool close_waits = false;  // CLOSE in SYN-RECEIVED with text queued
  bool syn_heard = false;    // of ours, by the peer
  bool fin_taken = false;    // the peer's
  bool fin_sent = false;     // ours
  uint32_t received = 0;     // octets of the peer's stream
  uint32_t unread = 0;
  uint32_t said = 0;  // by the user, since the OPEN

  // What the last event had for an answer.
  Reply reply = Reply::kNone;
  bool answers_rst = false;
  bool may_not_exist = false;  // RECEIVE on what is gone: closing and not existing say the same

  void Apply(const StateEvent& event);

 private:
  void Call(const StateEvent& event);
  void Receive(uint32_t octets);
  void Close();
  void ArriveInClosed(const StateEvent& event);
  void ArriveInListen(const StateEvent& event);
  void ArriveInSynSent(const StateEvent& event);
  void ArriveLater(const StateEvent& event);
  void TakeAck(Acking acking);
  void TakeText(uint32_t octets);
  void TakeFin();
  void Reset();
  void ReturnToListen();
  void Gone(bool flush);
};

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_STATE_MODEL_H_
