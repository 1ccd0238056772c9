// The timestamps option: the clock of a connection, what it echoes, what it measures, and PAWS
// (RFC 7323, 3 to 5).
//
// Whether segments carry it is agreed with the SYNs; see TakeSynOptions in segment_arrives.cc.

#ifndef ASSAY_STACK_TCP_TIMESTAMPS_H_
#define ASSAY_STACK_TCP_TIMESTAMPS_H_

#include <optional>

#include "stack/base/time.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/options.h"

namespace assay::tcp {

// `a` was read from a timestamp clock before `b`.
constexpr bool IsOlder(uint32_t a, uint32_t b) { return b - a - 1 < 0x7fff'ffff; }

// TSval of what is sent now.
uint32_t TimestampClock(const Tcb& tcb, Instant now);
// Adds the option for a segment with these control bits, if it carries one.
void AddTimestamps(const Tcb& tcb, uint8_t control, Instant now, wire::OptionSet& options);

// The option of a RST by formula that answers a segment with these.
std::optional<wire::Timestamps> TimestampsForReset(const Policy& policy,
                                                   const wire::OptionSet& answered);

// What the option, or its absence, makes of a segment that arrives with neither SYN nor RST
// (kMissing), or without RST (kOld).
enum class TimestampCheck : uint8_t { kPass, kMissing, kOld };
TimestampCheck CheckTimestamps(const Tcb& tcb, const Policy& policy, uint8_t control,
                               const wire::OptionSet& options, Instant now);

// Moves TS.Recent on, if the acceptable segment that begins at `seq` is one that may do so.
void TakeTimestamp(Tcb& tcb, const Policy& policy, const wire::OptionSet& options, RcvSeq seq,
                   Instant now);

// How long ago what an ACK echoes was sent, at most rto_max; kNoEcho if the echo cannot be
// believed. Not an optional: made in memory and read back whole, that stalls at each ACK.
inline constexpr Duration kNoEcho = Duration::Nanoseconds(-1);
Duration EchoedAfter(const Tcb& tcb, const Policy& policy, const wire::OptionSet& options,
                     Instant now);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_TIMESTAMPS_H_
