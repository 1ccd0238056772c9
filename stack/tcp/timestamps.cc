#include "stack/tcp/timestamps.h"

#include <algorithm>

#include "stack/wire/segment.h"

namespace assay::tcp {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

Duration Tick(const Tcb& tcb) { return Duration::Milliseconds(tcb.ts.tick_ms); }

// TS.Recent says nothing any more once the peer's clock may have come half round since.
bool IsOutdated(const Tcb& tcb, const Policy& policy, Instant now) {
  //= 7323:5.5
  return now - tcb.ts.recent_at > policy.timestamps_outdated;
}

}  // namespace

uint32_t TimestampClock(const Tcb& tcb, Instant now) {
  //= 7323:4.1
  //= 7323:5.4
  //= 7323:7
  const auto ticks = static_cast<uint32_t>(now.ns() / (kMillisecond * tcb.ts.tick_ms));
  return tcb.ts.offset + ticks;
}

void AddTimestamps(const Tcb& tcb, uint8_t control, Instant now, wire::OptionSet& options) {
  const bool ack = (control & wire::kAck) != 0;
  const bool offers = tcb.ts.offer && (control & wire::kSyn) != 0 && !ack;
  //= 7323:3.2
  if (!tcb.ts.on && !offers) return;
  options.timestamps = {.value = TimestampClock(tcb, now), .echo = ack ? tcb.ts.recent : 0};
}

std::optional<wire::Timestamps> TimestampsForReset(const Policy& policy,
                                                   const wire::OptionSet& answered) {
  if (!policy.timestamps || !answered.timestamps.has_value()) return std::nullopt;
  //= 7323:5.2
  return wire::Timestamps{0, answered.timestamps->value};
}

TimestampCheck CheckTimestamps(const Tcb& tcb, const Policy& policy, uint8_t control,
                               const wire::OptionSet& options, Instant now) {
  // What was not agreed on is ignored, and a RST counts whatever it carries.
  //= 7323:5.2
  if (!tcb.ts.on || (control & wire::kRst) != 0) return TimestampCheck::kPass;
  if (!options.timestamps.has_value()) {
    // A SYN without the option is one of another incarnation: it is challenged like any other.
    const bool exempt = (control & wire::kSyn) != 0 || !policy.drop_without_timestamps;
    return exempt ? TimestampCheck::kPass : TimestampCheck::kMissing;
  }
  //= 7323:5.3
  const bool old = IsOlder(options.timestamps->value, tcb.ts.recent);
  return old && !IsOutdated(tcb, policy, now) ? TimestampCheck::kOld : TimestampCheck::kPass;
}

void TakeTimestamp(Tcb& tcb, const Policy& policy, const wire::OptionSet& options, RcvSeq seq,
                   Instant now) {
  if (!tcb.ts.on || !options.timestamps.has_value()) return;
  const uint32_t value = options.timestamps->value;
  //= 7323:5.2
  if (IsOlder(value, tcb.ts.recent) && !IsOutdated(tcb, policy, now)) return;
  // An ACK that is held back echoes the earliest segment that it acknowledges; one that tells of a
  // gap, the last segment before the gap.
  //= 7323:4.3
  if (!AtOrBefore(seq, tcb.ts.last_ack_sent)) return;
  tcb.ts.recent = value;
  tcb.ts.recent_at = now;
}

Duration EchoedAfter(const Tcb& tcb, const Policy& policy, const wire::OptionSet& options,
                     Instant now) {
  if (!tcb.ts.on || !options.timestamps.has_value()) return kNoEcho;
  const uint32_t clock = TimestampClock(tcb, now);
  const uint32_t echo = options.timestamps->echo;
  if (IsOlder(clock, echo)) return kNoEcho;  // not sent yet
  return std::min(Tick(tcb) * int64_t{clock - echo}, policy.rto_max);
}

}  // namespace assay::tcp
