#include "stack/tcp/effects.h"

#include "stack/base/check.h"

namespace assay::tcp {

std::string_view Name(Signal signal) {
  switch (signal) {
    case Signal::kEstablished:
      return "established";
    case Signal::kRefused:
      return "refused";
    case Signal::kReset:
      return "reset";
    case Signal::kTimedOut:
      return "timed out";
    case Signal::kUnreachable:
      return "unreachable";
    case Signal::kSoftError:
      return "soft error";
    case Signal::kReceived:
      return "received";
    case Signal::kDeliveryTrouble:
      return "delivery trouble";
    case Signal::kUrgent:
      return "urgent";
    case Signal::kEndOfStream:
      return "end of stream";
    case Signal::kReturnedToListen:
      return "returned to LISTEN";
    case Signal::kDeleted:
      return "deleted";
  }
  CheckFailed(__FILE__, __LINE__, "a Signal");
}

std::string_view Name(Answer answer) {
  switch (answer) {
    case Answer::kOk:
      return "ok";
    case Answer::kDoesNotExist:
      return "connection does not exist";
    case Answer::kAlreadyExists:
      return "connection already exists";
    case Answer::kClosing:
      return "connection closing";
    case Answer::kInsufficientResources:
      return "insufficient resources";
    case Answer::kRemoteUnspecified:
      return "remote socket unspecified";
    case Answer::kReset:
      return "connection reset";
    case Answer::kRefused:
      return "connection refused";
    case Answer::kTimedOut:
      return "connection aborted due to user timeout";
    case Answer::kUnreachable:
      return "destination unreachable";
  }
  CheckFailed(__FILE__, __LINE__, "an Answer");
}

}  // namespace assay::tcp
