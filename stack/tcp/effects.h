// Effects: what one step asks its caller to do, as values.
//
// Nothing here has been done yet: the caller sends the segments in their order, moves octets
// between its buffers, and passes signals on. Stream offsets count octets from the first behind the
// SYN, modulo 2^32, so that a ring buffer whose size is a power of two needs no other bookkeeping.

#ifndef ASSAY_STACK_TCP_EFFECTS_H_
#define ASSAY_STACK_TCP_EFFECTS_H_

#include <cstdint>
#include <string_view>

#include "stack/base/bounded_vector.h"
#include "stack/wire/options.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

struct StreamRange {
  uint32_t offset = 0;
  uint32_t size = 0;
  friend constexpr bool operator==(const StreamRange&, const StreamRange&) = default;
};

struct SegmentToSend {
  // Not in the header's order: what is written in two pieces and at once copied as one stalls.
  wire::RcvSeq ack;
  wire::SndSeq seq;
  StreamRange text;     // of the send stream
  uint8_t garbage = 0;  // octets of no stream behind the text
  uint16_t window = 0;
  uint16_t urgent = 0;
  uint8_t control = 0;
  wire::OptionSet options;
};

// Text of the arrived segment that goes into the receive buffer.
struct Store {
  uint32_t from = 0;  // position in the segment's payload
  StreamRange to;     // of the receive stream
};

// What the user is told (RFC 9293, 3.9.1 and 3.10.7).
enum class Signal : uint8_t {
  kEstablished,
  kRefused,           // a RST answered our SYN
  kReset,             // a RST, or a SYN in the window, ended the connection
  kTimedOut,          // R2 was exceeded
  kUnreachable,       // ICMP said so, and the connection ended
  kDeliveryTrouble,   // R1 was reached: IP should look for another way
  kSoftError,         // ICMP told of trouble that may pass: tcb.soft_error
  kUrgent,            // urgent data lies ahead, or more of it
  kReceived,          // a queued RECEIVE is complete: `delivered`
  kEndOfStream,       // the peer's FIN: "connection closing"
  kReturnedToListen,  // a passive open came to nothing
  kDeleted,           // the TCB is gone: state CLOSED
};

std::string_view Name(Signal signal);

// How a user call was answered (3.9.1).
enum class Answer : uint8_t {
  kOk,
  kDoesNotExist,
  kAlreadyExists,
  kClosing,
  kInsufficientResources,
  kRemoteUnspecified,
  // Of calls that were queued, when their connection ends.
  kReset,
  kRefused,
  kTimedOut,
  kUnreachable,
};

std::string_view Name(Answer answer);

struct Effects {
  BoundedVector<SegmentToSend, 8> segments;
  BoundedVector<Signal, 8> signals;
  Store store;            // from the segment that arrived
  StreamRange accepted;   // by SEND: where its octets go
  StreamRange delivered;  // by RECEIVE: where its octets are
  bool pushed = false;    // MAY-17: and whether the peer pushed the last of them
  bool urgent = false;    // and whether urgent data lies ahead of them (3.10.3)
  Answer answer = Answer::kOk;
  Answer queued = Answer::kOk;  // what SENDs and RECEIVEs that were queued are told

  constexpr void clear() {
    segments.clear();
    signals.clear();
    store = {};
    accepted = {};
    delivered = {};
    pushed = false;
    urgent = false;
    answer = Answer::kOk;
    queued = Answer::kOk;
  }
};

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_EFFECTS_H_
