#include "harness/observer/congesting.h"

#include <algorithm>

#include "harness/observer/pacing.h"

namespace assay::observer {
namespace {

using Phase = Congestion::Phase;

// Of several answers that the RFCs allow, the one that leaves the largest window.
Offset Half(const Facts& facts, Offset una, Offset smss) {
  return std::max((facts.snd_max - una) / 2, 2 * smss);
}

// What one ACK may add (RFC 5681, 3.1; RFC 3465, 2.2 with L=2): a round trip's ACKs a segment, once
// ssthresh is passed.
void Grow(Congestion& c, Offset octets, Offset smss) {
  const Offset slow_start = std::max(smss, std::min(octets, 2 * smss));
  if (c.restart < kUnbounded) c.restart += slow_start;
  // The first ACK in a recovery deflates, and adds nothing.
  const bool deflates = c.phase == Phase::kRecovering && c.gained == 0;
  c.gained += octets;
  if (deflates) return;
  if (c.window <= c.threshold) {
    c.window += slow_start;
    return;
  }
  const Offset avoidance = (smss * std::max(smss, octets) + c.window - 1) / c.window;
  c.window = std::max(c.window + std::min(avoidance, slow_start), c.threshold + slow_start);
}

// What a recovery, or a time-out, that may have begun without being seen leaves.
void MayHalve(Facts& facts, Offset una, Offset smss) {
  Congestion& c = facts.congestion;
  const Offset half = Half(facts, una, smss);
  c.window = std::max(c.window, half);
  if (c.threshold < kUnbounded) c.threshold = std::max(c.threshold, half);
}

void Begin(const Facts& facts, const Profile& profile, Congestion& c) {
  const Offset smss = LargestSegment(facts, profile);
  const bool lost = facts.pace.syn_resends > 1 &&
                    !profile.quirks.Has(Quirk::kInitialWindowAfterLoss);  // RFC 5681, 3.1
  c.window = lost ? smss : Pace::InitialWindow(smss);
}

}  // namespace

Offset LargestSegment(const Facts& facts, const Profile& profile) {
  const Offset smss = facts.MostSmss(profile.mss_floor);
  if (profile.mtu <= 40 || profile.quirks.Has(Quirk::kMssFromAnySegment)) return smss;
  return std::max<Offset>(std::min<Offset>(smss, profile.mtu - 40), profile.mss_floor);
}

void NoteCongestionAck(const SegmentSeen& segment, Offset ack, Range una, bool same_window,
                       bool sure, const Profile& profile, Facts& facts) {
  Congestion& c = facts.congestion;
  const Offset smss = LargestSegment(facts, profile);
  una.lo = std::max<Offset>(una.lo, 1);
  if (ack > una.lo) Grow(c, ack - una.lo, smss);
  const wire::OptionSet& options = segment.options;
  const bool knew = c.reported > una.lo;
  for (const wire::SackBlock& block : options.sack) {
    c.reported = std::max(c.reported, Unwrap(block.right, facts.iss, ack));
  }
  if (ack > una.hi || una.lo >= facts.snd_max) return;
  if (c.duplicates < UINT8_MAX) ++c.duplicates;
  c.inflated += smss;
  if (c.duplicates == 3) c.inflated = std::max(c.inflated, 3 * smss);
  MayHalve(facts, una.lo, smss);
  c.recover = facts.snd_max;
  if (!sure || !una.certain() || ack != una.lo || !segment.is_pure_ack() || !same_window) return;
  if (!c.was_in_row) {
    c.row = 0;
    c.row_from = facts.snd_max;
    c.row_reports = knew;
  }
  if (c.row < UINT8_MAX) ++c.row;
  c.in_row = true;
  c.row_reports = c.row_reports || !options.sack.empty();
}

void NoteProgress(const SegmentSeen& segment, Offset una, Offset octets, const Profile& profile,
                  Facts& facts) {
  Congestion& c = facts.congestion;
  // What tells of new octets is a duplicate, whatever else it acknowledges (RFC 6675, 5).
  c.duplicates = facts.sack_agreed() && !segment.options.sack.empty() ? 1 : 0;
  const Offset smss = LargestSegment(facts, profile);
  // A partial ACK takes off what it acknowledges, but for a segment (RFC 6582, 3.2, step 3).
  c.partial = c.phase == Phase::kRecovering && una < c.ends;
  c.partial_answered = false;
  c.partial_at = facts.last_arrival;
  c.partial_una = una;
  c.inflated = una < c.recover ? std::max<Offset>(0, c.inflated - octets + smss) : 0;
  if (c.phase == Phase::kRecovering && una >= c.ends) {
    c.phase = Phase::kRecovered;
    c.gained = 0;
  }
}

void NoteCongestion(Facts& facts, const Emission& e, Range una, const Profile& profile) {
  Congestion& c = facts.congestion;
  if (e.text == 0) return;
  if (c.window == 0) Begin(facts, profile, c);
  const Offset smss = LargestSegment(facts, profile);
  const Offset end = e.seq + e.text;
  una.lo = std::max<Offset>(una.lo, 1);
  if (end > facts.snd_max) {
    // More than any RTO since anything was sent (RFC 5681, 4.1).
    const bool idle = facts.snd_max > 1 && una.lo >= facts.snd_max &&
                      e.seg->at - facts.last_sent > LongestSilence(facts, profile);
    if (idle) c.restart = Pace::InitialWindow(smss);
    return;
  }
  const bool oldest = e.seq <= una.lo && end > una.hi;
  if (oldest) c.partial_answered = true;
  if (!e.answers) {
    const Pace& pace = facts.pace;
    c.ends = 0;  // no recovery outlives it
    const bool more = pace.resends > 0 && e.seg->at == pace.resent_at;
    c.repeated = more ? std::max(c.repeated, end) : end;
    if (more) return;
    MayHalve(facts, una.lo, smss);
    c.unsettled = c.recover = facts.snd_max;
    if (!oldest || !IsTimeOut(facts, e)) return;
    const Offset half = Half(facts, una.lo, smss);
    c.threshold = pace.resends == 0 ? half : std::max(c.threshold, half);
    // With a quirk a recovery goes on, and ends with half of what the window was, with all that
    // duplicates lent it.
    const bool forgets = profile.quirks.Has(Quirk::kRecoversAfterTimeout);
    c.window = forgets ? std::max(half, (c.window + c.beyond + c.inflated) / 2) : smss;
    c.inflated = c.beyond = 0;
    c.duplicates = std::min<uint8_t>(c.duplicates, 2);
    c.gained = 0;
    c.phase = Phase::kTimedOut;
    return;
  }
  c.repeated = std::max(c.repeated, end);
  if (!c.in_row || c.duplicates < 3 || !oldest || una.lo < c.unsettled ||
      !facts.pace.edge_is_sure) {
    return;
  }
  const Offset half = Half(facts, una.lo, smss);
  c.beyond = std::max<Offset>(0, c.window / 2 - half);
  c.threshold = c.window = half;
  c.inflated = c.duplicates * smss;
  c.unsettled = c.recover = c.ends = facts.snd_max;
  c.gained = 0;
  c.phase = Phase::kRecovering;
}

}  // namespace assay::observer
