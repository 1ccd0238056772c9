// What a segment that reached the stack adds to the facts.

#include "harness/observer/connection.h"

#include <algorithm>
#include <optional>

#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"
#include "harness/observer/reporting.h"

namespace assay::observer {
namespace {

using spec::State;

// Which arrivals a stack may drop for their timestamp, or for the want of one. What it remembers as
// TS.Recent is at most the newest that was sent.
void NoteTimestamp(const std::optional<wire::Timestamps>& timestamps, Facts& facts) {
  facts.may_look_old = facts.timestamps_leapt || !timestamps.has_value();
  if (!timestamps.has_value()) return;
  constexpr uint32_t kLeap = 1u << 30;
  const uint32_t ahead = timestamps->value - facts.newest_timestamp;
  if (ahead > kLeap) facts.may_look_old = true;
  // From a leap that is taken for progress, what follows is a leap back, and so round the circle.
  if (ahead > kLeap && ahead < UINT32_MAX - kLeap) facts.timestamps_leapt = true;
  if (ahead <= kLeap) facts.newest_timestamp = timestamps->value;
}

// What is said of TS.Recent by a segment in the stack's window, or not (RFC 7323, 4.3 and 5.3).
// `sure`: it is taken, whatever else; its text begins at the octet that is expected next.
void NoteStamp(const SegmentSeen& segment, Offset seq, bool sure, Facts& facts) {
  Stamps& stamps = facts.stamps;
  stamps.surely_old = false;
  if (!facts.timestamps_agreed() || !segment.options.timestamps.has_value()) return;
  const uint32_t value = segment.options.timestamps->value;
  if (stamps.perhaps.known() && stamps.perhaps.AllNewerThan(value)) {
    stamps.surely_old = !facts.timestamps_leapt;
    return;
  }
  if (!facts.has_acked || seq > facts.last_ack) return stamps.perhaps.Add(value);
  // Of more than there is room for only the newest of all is surely newer than each.
  const bool newest = stamps.perhaps.known()
                          ? stamps.perhaps.NoneNewerThan(value)
                          : !facts.timestamps_leapt && value == facts.newest_timestamp;
  if (sure && newest) {
    stamps.recent.Be(value);
    // An ACK alone was no reason once (RFC 1323, 4.2.2).
    if (!segment.payload.empty()) return stamps.perhaps.Be(value);
    return stamps.perhaps.Add(value);
  }
  stamps.recent.Add(value);
  stamps.perhaps.Add(value);
}

// The same after so long an idle time that TS.Recent is not to be compared with. The text does not
// say so as a MUST: whoever compares all the same may drop it.
void NoteOutdated(const SegmentSeen& segment, Offset seq, Facts& facts) {
  const uint32_t value = segment.options.timestamps->value;
  facts.timestamps_leapt = false;
  facts.may_look_old = true;
  if (facts.has_acked && seq > facts.last_ack) return;
  facts.stamps.recent.Add(value);
  facts.stamps.perhaps.Add(value);
}

}  // namespace

// What the segment adds that means something to a stack with quirks alone. False if there is no
// room for it.
bool Connection::NoteStray(Facts& facts, const SegmentSeen& segment, Offset seq, Offset ack,
                           bool half_open, const Profile& profile) {
  const wire::Header& header = segment.header;
  const auto text = static_cast<Offset>(segment.payload.size());
  if (header.has_ack() && !header.syn() && facts.has_iss) {
    if (ack > facts.snd_max || ack < std::max<Offset>(facts.window_ack, half_open ? 0 : 1)) {
      facts.stray.window = std::max<Offset>(facts.stray.window, header.window);
      facts.stray.least_window = std::min<Offset>(facts.stray.least_window, header.window);
      if (ack > facts.snd_max) {
        facts.stray.bad_seq = std::max(facts.stray.bad_seq, seq);
        facts.stray.bad_ack = std::max(facts.stray.bad_ack, ack);
        if (header.window == 0 && profile.quirks.Has(Quirk::kWindowFromBadAck)) {
          facts.stray.shut = true;
        }
      }
    } else if (ack > facts.window_ack && ack > (half_open ? 0 : 1)) {
      facts.stray.resends = 0;
      facts.stray.resent_syn = false;
    }
    if (facts.stray.timing && ack > facts.stray.timed_seq) {
      facts.stray.rtt = std::max(facts.stray.rtt, segment.at - facts.stray.timed_since);
      facts.stray.timing = false;
    }
  }
  const Offset edge = facts.may_edge();
  const bool taken = header.syn() && header.has_ack() && half_open &&
                     profile.quirks.Has(Quirk::kSynReceivedTakesSynAck);
  if (taken) facts.stray.syn_at = std::max<Offset>(seq, 1);
  const bool as_text = taken && seq > 0;
  const bool beyond = !header.syn() && seq < edge && seq + text > edge &&
                      profile.quirks.Has(Quirk::kTakesTextBeyondWindow);
  if (as_text) {
    // The SYN is an octet of text, and of SYN and FIN only one counts.
    facts.stray.octets.Add(seq, seq + 1 + text);
  } else if (beyond) {
    facts.stray.octets.Add(edge, seq + text);
  }
  if (facts.stray.octets.widened()) return false;
  if (!header.fin() || !(as_text || beyond)) return true;
  const Offset fin = seq + text;
  return std::ranges::find(facts.fins, fin) != facts.fins.end() || facts.fins.TryPush(fin);
}

// What the segment adds to the facts of a connection that exists.
void Connection::NoteArrival(size_t incarnation, const SegmentSeen& segment,
                             const Profile& profile) {
  Facts& facts = facts_[incarnation];
  const Duration idle = segment.at - facts.last_arrival;
  facts.last_arrival = segment.at;
  facts.pace.probes = 0;
  const wire::Header& header = segment.header;
  // No other answers a probe (3.8.6.1).
  if (header.has_ack() && !header.syn() && !header.rst()) facts.probed = false;
  facts.may_look_old = false;
  facts.stamps.surely_old = false;
  if (facts.unanswered < UINT8_MAX) ++facts.unanswered;
  facts.trigger = kNowhere;
  if (segment.options.mss.has_value()) {
    facts.least_mss = std::min<uint32_t>(facts.least_mss, *segment.options.mss);
    facts.least_peer_mss = std::min<uint32_t>(facts.least_peer_mss, *segment.options.mss);
    // By such an MSS the congestion window grows as well.
    if (profile.quirks.Has(Quirk::kMssFromAnySegment)) {
      facts.congestion.unsure = true;
      if (!facts.has_irs) {
        facts.stray.mss = std::min<uint32_t>(facts.stray.mss, *segment.options.mss);
      }
    }
  }
  if (!facts.has_irs || header.rst()) return;
  if (facts.offered_timestamps && facts.stack_offered_timestamps) {
    NoteTimestamp(segment.options.timestamps, facts);
  }
  // TS.Recent says nothing any more (RFC 7323, 5.5); an hour is between the two that count time.
  const bool outdated = facts.timestamps_agreed() && segment.options.timestamps.has_value() &&
                        idle > Duration::Seconds(24 * 24 * 3600 + 3600);
  if (outdated) facts.newest_timestamp = segment.options.timestamps->value;
  Offset near = 0;
  Offset least = kUnbounded;  // the least that the stack may expect
  Offset far = 0;             // and the furthest
  bool synchronized = false;
  bool certain = true;  // every hypothesis expects the same octet next
  bool half_open = false;
  bool open = true;  // in every one of them text may still be taken
  Range una = {kUnbounded, 0};
  beliefs().ForEach([&](size_t, size_t inc, State state, const Hypothesis& h) {
    if (inc != incarnation || IsNobody(state) || state == State::kSynSent) return;
    open = open && state != State::kTimeWait && state != State::kClosing &&
           state != State::kLastAck && state != State::kCloseWait;
    half_open = half_open || state == State::kSynReceived;
    if (synchronized && near != h.rcv_nxt.lo) certain = false;
    certain = certain && h.rcv_nxt.certain();
    near = std::max(near, h.rcv_nxt.lo);
    least = std::min(least, h.rcv_nxt.lo);
    far = std::max(far, h.rcv_nxt.hi);
    una = Hull(una, h.snd_una);
    synchronized = true;
  });
  if (!synchronized) return;
  const Offset seq = Unwrap(header.seq, facts.irs, near);
  // Of two SYNs of one connection a stack may take its options from either.
  if (header.syn() && segment.options.mss.has_value()) {
    facts.congestion.unsure = facts.congestion.unsure || *segment.options.mss > facts.peer_mss;
    facts.peer_mss = std::max<uint32_t>(facts.peer_mss, *segment.options.mss);
  }
  if (header.syn() && facts.offered_timestamps != segment.options.timestamps.has_value()) {
    facts.options_unsure = true;
  }
  const bool trusting = profile.quirks.Has(Quirk::kAckBitNotTested) ||
                        profile.quirks.Has(Quirk::kTakesTextWithBadAck) ||
                        profile.quirks.Has(Quirk::kFinWait2IgnoresAck);
  const Offset ack = facts.has_iss ? Unwrap(header.ack, facts.iss, facts.snd_max) : 0;
  const bool ack_in_range = header.has_ack() && ack <= facts.snd_max;
  const bool echo_counts = half_open && segment.options.timestamps.has_value() &&
                           profile.quirks.Has(Quirk::kSynReceivedRefusesEcho);
  // Nothing in the segment or in what is known of the stack keeps it from being taken.
  const bool plain = certain && !header.syn() && ack_in_range && ack >= facts.window_ack &&
                     ack > 0 && segment.options.well_formed && !echo_counts;
  const auto octets = static_cast<Offset>(segment.payload.size());
  const bool next = plain && seq == near && (segment.len() == 0 || seq < facts.must_edge());
  // Whether what is refused counts as heard is open.
  if (next) {
    facts.last_heard = segment.at;
    facts.pace.keep_alives = 0;
  }
  if (facts.stack_offered_sack) {
    facts.latest.Arrive(seq, seq + static_cast<Offset>(segment.len()));
  }
  if (outdated) {
    NoteOutdated(segment, seq, facts);
  } else {
    NoteStamp(segment, seq, next && open, facts);
  }
  if (facts.timestamps_agreed() && next && open && octets > 0 &&
      seq + octets <= facts.must_edge() && facts.has_acked && facts.last_ack == near &&
      facts.fins.empty()) {
    if (!segment.options.timestamps.has_value()) facts.latest.unstamped_end = seq + octets;
    if (outdated) facts.latest.outdated_end = seq + octets;
  }
  if (plain && open && octets > 0 && seq > near && seq + octets <= facts.must_edge() &&
      facts.unanswered == 1 && !facts.may_look_old && facts.fins.empty()) {
    facts.trigger = seq;
  }
  // Text on a SYN counts where the SYN may: again in SYN-RECEIVED.
  // A SYN left of the window is trimmed off by those who do not challenge it.
  const bool trims = !profile.challenges_syn && seq < far;
  if ((!header.syn() || seq == 0 || trims) && (ack_in_range || trusting)) {
    const Offset first = seq + (header.syn() ? 1 : 0);
    const auto text = static_cast<Offset>(segment.payload.size());
    facts.sent.Add(std::max<Offset>(first, 1), std::min(first + text, facts.may_edge()));
    if (facts.sent.widened()) lost_ = true;
    if (facts.is_crowded()) facts.crowded_at = facts.last_ack;
    const Offset fin = first + text;
    if (header.fin() && fin >= least && fin <= facts.may_edge() &&
        std::ranges::find(facts.fins, fin) == facts.fins.end() && !facts.fins.TryPush(fin)) {
      lost_ = true;
    }
  }
  if (!profile.quirks.empty() && !NoteStray(facts, segment, seq, ack, half_open, profile)) {
    lost_ = true;
  }
  // Windows: what the stack may have taken as its send window.
  if (header.has_ack() && ack_in_range && facts.has_iss) {
    const Offset window = static_cast<Offset>(header.window)
                          << (header.syn() || !(facts.offered_scale && facts.stack_offered_scale)
                                  ? 0
                                  : facts.tester_shift);
    Pace& pace = facts.pace;
    const Offset highest_ack = facts.window_ack;
    // Older than what SND.WL1 and SND.WL2 surely are: its window is passed over.
    const bool passed_over = pace.edge_is_sure && !header.syn() && seq < pace.edge_seq &&
                             seq + static_cast<Offset>(segment.len()) <= least &&
                             ack <= pace.edge_ack && profile.quirks.empty();
    // What was acknowledged, if that was taken.
    NoteAck(segment, ack, std::min(highest_ack, una.lo),
            pace.edge_is_sure && ack + window == pace.edge, next && !facts.may_look_old, profile,
            facts);
    const bool taken = next && !facts.may_look_old;
    if (facts.congestion.window > 0) {
      NoteCongestionAck(segment, ack, una, pace.edge_is_sure && ack + window == pace.edge, taken,
                        profile, facts);
    }
    facts.round_trip.doubtful = ack > una.lo;
    if (!segment.options.sack.empty()) NoteReports(segment, ack, una, taken, facts);
    if (passed_over) return;
    // A window that WL1 and WL2 refuse leaves the old one in force, now from the new SND.UNA on.
    // Only a segment that is surely taken, and surely newer, surely replaces it.
    const bool newest = !header.syn() && segment.options.well_formed && certain && seq == near &&
                        !facts.may_look_old && seq >= facts.window_seq && ack >= facts.window_ack;
    // Older than what a stack may have taken from an ACK of what was never sent.
    const bool shadowed = profile.quirks.Has(Quirk::kWindowFromBadAck) &&
                          seq <= facts.stray.bad_seq && ack <= facts.stray.bad_ack;
    const bool sure = newest && next && !shadowed;
    const bool was_open = pace.edge_is_sure && pace.edge > highest_ack;
    const Offset edge_before = pace.edge_is_sure ? pace.edge : facts.send_edge;
    if ((pace.edge_is_sure && !sure) || ack + window < edge_before) pace.plain = false;
    if (sure) {
      facts.largest_taken = std::max(facts.largest_taken, window);
      // It may stay closed as long as it likes; what is beyond it is not timed out (3.8.6).
      if (window == 0) facts.first_sent = std::max(facts.first_sent, segment.at);
      const bool closes = was_open && window == 0 && ack >= facts.snd_max;
      if (closes) pace.closed_at = segment.at;
      pace.closed = window == 0 && (closes || (pace.closed && pace.edge_is_sure));
      pace.edge = ack + window;
      pace.edge_seq = seq;
      pace.edge_ack = ack;
    }
    pace.edge_is_sure = sure;
    const bool newer = seq > facts.window_seq || ack > facts.window_ack;
    Offset& kept = facts.stray.kept_edge;
    kept = sure && newer ? ack + window : std::max(kept, ack + window);
    facts.window_in_force = newest ? window : std::max(facts.window_in_force, window);
    facts.window_seq = std::max(facts.window_seq, seq);
    facts.window_ack = std::max(facts.window_ack, ack);
    facts.least_edge = sure ? ack + window : std::min(facts.least_edge, ack + window);
    if (ack > 1 && window > 0 && window < facts.longest_text && ack + window < facts.snd_max) {
      facts.stray.cut_short_at = ack;
    }
    facts.send_edge = std::max(facts.send_edge, ack + facts.window_in_force);
    facts.largest_window = std::max(facts.largest_window, window);
    if (ack > 0) {
      facts.largest_rtt = std::max(facts.largest_rtt, segment.at - facts.first_sent);
    }
  }
}

}  // namespace assay::observer
