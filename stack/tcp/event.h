// Event: what happens to one connection: a segment arrives, the user calls, time passes
// (RFC 9293, 3.10).
//
// Events are values; payload octets stay where they are and effects refer to them by position.

#ifndef ASSAY_STACK_TCP_EVENT_H_
#define ASSAY_STACK_TCP_EVENT_H_

#include <cstdint>
#include <variant>

#include "stack/base/time.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

// A segment of this connection, whose checksum and data offset are right. The header is there.
struct SegmentArrived {
  constexpr SegmentArrived() {}
  // Decoded where it stays: a segment that is decoded apart is copied, in pieces larger than it has
  // just been written in, and that stalls the processor.
  constexpr explicit SegmentArrived(wire::Octets octets) : segment(wire::DecodeSegment(octets)) {}

  wire::Segment segment;
  wire::OptionSet options;
};

enum class OpenMode : uint8_t { kActive, kPassive };

enum class Flag : uint8_t { kNo, kYes };

// OPEN (3.10.1). A passive one waits in LISTEN; tcb.iss may be set anew until a SYN arrives.
struct Open {
  OpenMode mode = OpenMode::kActive;
  wire::SndSeq iss = {};
  wire::IpFamily family = wire::IpFamily::kIpv4;
  uint32_t mtu = 1500;
  uint32_t timestamp_offset = 0;  // 7323:7
  Flag remote = Flag::kYes;       // whether the remote socket is given
};

// SEND (3.10.2) of that many octets.
struct Send {
  uint32_t octets = 0;
  Flag push = Flag::kNo;
  Flag urgent = Flag::kNo;
};

// RECEIVE (3.10.3) of at most that many octets. One that is queued is answered at once, and
// completed by the step that has them all, or a PUSH, or the end of the stream: kReceived.
enum class Queue : uint8_t { kNo, kYes };
struct Receive {
  uint32_t octets = 0;
  Queue queue = Queue::kNo;
};

// CLOSE (3.10.4): no more to send. With kGone the application lets go of the connection altogether.
enum class Reader : uint8_t { kStays, kGone };
struct Close {
  Reader reader = Reader::kStays;
};

// ABORT (3.10.5).
struct Abort {};

// FLUSH (3.9.1.7): what was given to SEND and lies right of the send window is forgotten.
struct Flush {};

//= MUST-17
struct SetNagle {
  Flag on = Flag::kYes;
};

// R2 of this connection; 0 takes back to the policy's.
//= MUST-21
struct SetUserTimeout {
  Duration timeout;
};

// Keep-alive for this connection; an `idle` of 0 is the policy's.
struct SetKeepAlive {
  Flag on = Flag::kYes;
  Duration idle = {};
};

// Whether soft errors are signalled.
//= SHLD-20
struct SetErrorReports {
  Flag on = Flag::kYes;
};

// An ICMP error quotes a segment of this connection, whose SEQ was `seq`. `mtu`: see IcmpError.
struct IcmpArrived {
  wire::IcmpKind kind = wire::IcmpKind::kHostUnreachable;
  wire::SndSeq seq = {};
  uint32_t mtu = 0;
};

// It is now as late as the step says; timers that are due fire.
struct TimePassed {};

using Event = std::variant<SegmentArrived, Open, Send, Receive, Close, Abort, Flush, SetNagle,
                           SetUserTimeout, SetKeepAlive, SetErrorReports, IcmpArrived, TimePassed>;

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_EVENT_H_
