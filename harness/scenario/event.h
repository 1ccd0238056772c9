// Scenario: a header and up to 32 events, as values.
//
// An event says what happens next: the tester sends a segment, the application calls, time passes,
// the wire misbehaves. The fields of a segment are relative to what the tester knows at that moment
// (a base and a delta), so that a scenario goes as deep against a stack with other numbers, and a
// changed event leaves the rest in step. All defaults together are "polite": what a well-behaved
// peer does next. Records (record.h) and C++ are two forms of these values; resolve.h turns them
// into packets. Every value of every field has a meaning.

#ifndef ASSAY_HARNESS_SCENARIO_EVENT_H_
#define ASSAY_HARNESS_SCENARIO_EVENT_H_

#include <cstdint>
#include <string_view>

#include "stack/base/bounded_vector.h"
#include "stack/base/time.h"
#include "stack/wire/segment.h"

namespace assay::scenario {

enum class EventKind : uint8_t { kSegment, kCall, kTime, kFault };

// What a segment lies about besides its numbers.
enum class Lie : uint8_t {
  kNone,
  kBadChecksum,
  kTruncated,  // the end of the packet is missing, the IP length says so
  kBadOffset,  // a data offset below 5 or beyond the segment
  kReservedBits,
  kOtherPort,   // from another port of the tester
  kClosedPort,  // to a port of the stack that nobody has opened
  kRawOptions,  // up to 40 octets of options drawn from a seed
};

// What else may be with an event. Of a segment: how it came, and from where. Each twist means
// something for one kind of event, and nothing for the others.
enum class Twist : uint8_t {
  kNone,
  // A segment.
  kFromGroup,         // from a multicast address
  kFromNowhere,       // from the unspecified address
  kFromLoopback,      // from the loopback address
  kToGroup,           // to a multicast address
  kOldTimestamp,      // its timestamp is older than those before
  kLateTimestamp,     // and newer by an hour
  kWithoutTimestamp,  // there is none, though it was agreed on
  // An ICMP error instead of the segment, about the octet of the stack's that ACK would name. The
  // options word is the MTU, counted in 8 octets.
  kNetUnreachable,
  kHostUnreachable,
  kProtocolUnreachable,
  kPortUnreachable,
  kPacketTooBig,
  kTimeExceeded,
  kSourceQuench,
  // A call: SEND of urgent data; and instead of the call an option.
  kUrgent,
  kTurnOffNagle,
  kTurnOnKeepAlive,
  kSetUserTimeout,  // 30 s
  // Time: three hours.
  kThreeHours,
};
inline constexpr size_t kTwistCount = 20;

constexpr bool IsIcmp(Twist twist) {
  return twist >= Twist::kNetUnreachable && twist <= Twist::kSourceQuench;
}
constexpr EventKind KindOf(Twist twist) {
  if (twist == Twist::kThreeHours) return EventKind::kTime;
  return twist >= Twist::kUrgent ? EventKind::kCall : EventKind::kSegment;
}

enum class SeqBase : uint8_t {
  kNext,            // the next octet that the tester has not sent
  kUnacknowledged,  // the first that the stack has not acknowledged
  kIss,
  kRightEdge,  // of the window that the stack offered
  kLast,       // where the tester's last segment began
  kZero,
};

enum class AckBase : uint8_t {
  kExpected,      // the next octet expected from the stack
  kHighest,       // behind the highest octet that the stack sent
  kIrs,           // the stack's ISS
  kAcknowledged,  // what the tester acknowledged last
  kLastStart,     // where the stack's last segment began
  kZero,
};

// Units in which a delta is counted, beside single octets.
enum class Unit : uint8_t {
  kNone,
  kMss,
  kMinusMss,
  kTwoMss,
  kHalfWindow,
  kWindow,
  kMinusWindow,
  kInFlight,
  kMinusInFlight,
  kPlus64Ki,
  kMinus64Ki,
  kPlus1Gi,
  kMinus1Gi,
  kHalfCircle,  // 2^31
  kLastLength,
  kMinusLastLength,
};

// A distance: one unit and a few octets, -2048 to 2047.
struct Delta {
  Unit unit = Unit::kNone;
  int16_t fine = 0;
  friend constexpr bool operator==(const Delta&, const Delta&) = default;
};

enum class LengthUnit : uint8_t { kNone, kMss, kWindow, kHalfWindow };

// A number of octets: one unit and -8192 to 8191, never below 0.
struct Length {
  LengthUnit unit = LengthUnit::kNone;
  int16_t fine = 0;
  friend constexpr bool operator==(const Length&, const Length&) = default;
};

enum class Call : uint8_t { kSend, kReceive, kShutdown, kClose, kAbort, kListen, kConnect };

// How long time passes.
enum class TimeWord : uint8_t {
  kUntilOutput10s,  // until the stack sends something, at most 10 s
  k250ms,
  k1ms,
  k10ms,
  k500ms,
  k1s,
  k3s,
  k20s,
  k75s,
  k120s,
  k241s,
  kUntilOutput250s,
};
inline constexpr size_t kTimeWordCount = 12;

Duration LengthOf(TimeWord word);
inline constexpr Duration kThreeHours = Duration::Seconds(3 * 3600);
constexpr bool StopsAtOutput(TimeWord word) {
  return word == TimeWord::kUntilOutput10s || word == TimeWord::kUntilOutput250s;
}

enum class Fault : uint8_t {
  kLoseOne,       // the next packet of the stack is lost
  kLoseThree,     // the next three are
  kReplayLast,    // the tester's last packet arrives again
  kReplayBefore,  // the one before it does
};

struct Event {
  EventKind kind = EventKind::kSegment;

  // kSegment.
  Lie lie = Lie::kNone;
  bool polite = true;   // control bits as a well-behaved peer would set them
  uint8_t control = 0;  // if not polite
  SeqBase seq_base = SeqBase::kNext;
  AckBase ack_base = AckBase::kExpected;
  Delta seq_delta;
  Delta ack_delta;
  uint8_t window = 0;  // a word: WindowOf
  uint8_t options =
      0;  // a word: on SYN SynOptions, else the urgent pointer or the raw options' seed

  // kSegment: of the payload. kCall: of the data to send (0: 100 octets) or receive (0: all).
  Length length;

  Call call = Call::kSend;
  TimeWord time = TimeWord::kUntilOutput10s;
  Fault fault = Fault::kLoseOne;
  Twist twist = Twist::kNone;  // one of this kind

  friend constexpr bool operator==(const Event&, const Event&) = default;
};

// The value of the window field: below 64: 65535; below 128: (word - 64) x 64; else (word-128)^2
// x 4.
constexpr uint16_t WindowOf(uint8_t word) {
  if (word < 64) return 65535;
  if (word < 128) return static_cast<uint16_t>((word - 64) * 64);
  return static_cast<uint16_t>((word - 128) * (word - 128) * 4);
}
// The word whose window is the largest that is at most `window`.
uint8_t WindowWord(uint16_t window);

// What the options word says on a SYN; 0 is a plain MSS of 1460.
struct SynOptions {
  bool mss_present = true;
  uint16_t mss = 1460;
  bool window_scale = false;
  uint8_t shift = 0;
  bool sack_permitted = false;
  bool timestamps = false;
};
SynOptions SynOptionsOf(uint8_t word);
// The word with this MSS (one of 1460, 536, 100, 64, 1, 8960, 0, 65535) and nothing else.
uint8_t MssWord(uint16_t mss);

// The urgent pointer that the options word stands for: 0 to 127 as it is, then (word-128)^2 x 4.
constexpr uint16_t UrgentOf(uint8_t word) {
  return word < 128 ? word : static_cast<uint16_t>((word - 128) * (word - 128) * 4);
}

enum class Opening : uint8_t { kStackListens, kStackConnects };

struct Header {
  Opening opening = Opening::kStackListens;
  bool ipv6 = false;
  bool reads_when_told = false;  // data not read closes the window
  bool closes_at_end = false;    // CLOSE as soon as the peer's stream has ended
  bool echoes = false;           // what is read is sent back
  uint8_t mtu = 0;               // a word: MtuOf
  uint8_t stack_iss = 0;         // a word: IssOf
  uint8_t tester_iss = 0;        // a word: IssOf
  bool window_scale = false;
  bool sack = false;
  bool timestamps = false;
  uint8_t seed = 0;
  friend constexpr bool operator==(const Header&, const Header&) = default;
};

// 1500, 576, 1280, 9000, 68; never below 1280 for IPv6.
uint32_t MtuOf(uint8_t word, bool ipv6);

// Six of sixteen words are the plain value; the others lie at the edges of the circle and its half.
uint32_t IssOf(uint8_t word, uint32_t plain);
inline constexpr uint32_t kPlainStackIss = 1'000'000'000;
inline constexpr uint32_t kPlainTesterIss = 100'000'000;

inline constexpr size_t kMostEvents = 32;

struct Scenario {
  Header header;
  BoundedVector<Event, kMostEvents> events;
};

bool operator==(const Scenario& a, const Scenario& b);

// The C++ form: events by name. Each returns an Event whose fields can be set further.
Event Polite(int16_t octets = 0);
Event Flags(uint8_t control, int16_t octets = 0);
Event Calls(Call call, int16_t octets = 0);
Event Wait(TimeWord word);
Event Fails(Fault fault);

std::string_view Name(Lie lie);
std::string_view Name(Call call);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_EVENT_H_
