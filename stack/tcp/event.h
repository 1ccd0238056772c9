// Event: what happens to one connection: a segment arrives, the user calls, time passes
// (RFC 9293, 3.10).
//
// Events are values; payload octets stay where they are and effects refer to them by position.

#ifndef ASSAY_STACK_TCP_EVENT_H_
#define ASSAY_STACK_TCP_EVENT_H_

#include <cstdint>
#include <variant>

#include "stack/base/time.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

// A segment of this connection, whose checksum and data offset are right. The header is there.
struct SegmentArrived {
  wire::Segment segment;
  wire::OptionSet options;
};

enum class OpenMode : uint8_t { kActive, kPassive };

// OPEN (3.10.1). A passive one waits in LISTEN; tcb.iss may be set anew until a SYN arrives.
struct Open {
  OpenMode mode = OpenMode::kActive;
  wire::SndSeq iss;
  wire::IpFamily family = wire::IpFamily::kIpv4;
  uint32_t mtu = 1500;
  uint32_t timestamp_offset = 0;  // 7323:7
};

enum class Flag : uint8_t { kNo, kYes };

// SEND (3.10.2) of that many octets.
struct Send {
  uint32_t octets = 0;
  Flag push = Flag::kNo;
  Flag urgent = Flag::kNo;
};

// RECEIVE (3.10.3) of at most that many octets.
struct Receive {
  uint32_t octets = 0;
};

// CLOSE (3.10.4): no more to send. With kGone the application lets go of the connection altogether.
enum class Reader : uint8_t { kStays, kGone };
struct Close {
  Reader reader = Reader::kStays;
};

// ABORT (3.10.5).
struct Abort {};

//= MUST-17
struct SetNagle {
  Flag on = Flag::kYes;
};

// R2 of this connection; 0 takes back to the policy's.
//= MUST-21
struct SetUserTimeout {
  Duration timeout;
};

// It is now as late as the step says; timers that are due fire.
struct TimePassed {};

using Event = std::variant<SegmentArrived, Open, Send, Receive, Close, Abort, SetNagle,
                           SetUserTimeout, TimePassed>;

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_EVENT_H_
