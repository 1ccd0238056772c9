#include "harness/observer/connection.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "harness/observer/arrival.h"
#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"
#include "harness/observer/reporting.h"

namespace assay::observer {
namespace {

using spec::State;

bool HasSomethingOutstanding(State state, const Facts& facts, const Hypothesis& h) {
  return state != State::kTimeWait && state != State::kFinWait2 && !IsNobody(state) &&
         facts.snd_max > h.snd_una.lo;
}

// Since when a window that may be closed is probed with an octet that was acknowledged before, and
// no answer comes. An ACK that was perhaps ignored does not surely open it.
std::optional<Instant> ProbesInVainSince(State state, const Facts& facts, const Hypothesis& h) {
  if (!facts.probed || IsNobody(state)) return std::nullopt;
  if (facts.pace.edge_is_sure && facts.pace.edge > h.snd_una.hi) return std::nullopt;
  if (facts.snd_max >= facts.end_of_data()) return std::nullopt;
  return facts.first_probe;
}

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

}  // namespace

void Connection::Begin(const wire::Endpoint& stack, const wire::Endpoint& tester, bool listening,
                       uint32_t default_mss) {
  stack_ = stack;
  tester_ = tester;
  listening_ = listening;
  lost_ = false;
  one_open_ = false;
  default_mss_ = default_mss;
  ++generations_[0];
  ++generations_[1];
  // What is said of an incarnation that is not live is never read, and is made anew when it begins.
  std::construct_at(&facts_[0]);
  beliefs_[0].Clear();
  beliefs_[1].Clear();
  current_ = 0;
  beliefs().Put(0, 0, nobody(), Hypothesis());
}

void Connection::BeginActive(const wire::Endpoint& stack, const wire::Endpoint& tester,
                             uint32_t default_mss, Instant now, const Profile& profile) {
  Begin(stack, tester, false, default_mss);
  beliefs().Clear();
  Hypothesis h;
  h.origin = kActiveOrigin;
  h.snd_una = Range::At(0);
  h.syn = {now + profile.tick, 0, Reason::kOpen};
  h.syn_permits = 1;
  h.since = now;
  facts_[0].peer_mss = default_mss;
  facts_[0].has_earlier = last_iss_.known;
  facts_[0].earlier_iss = last_iss_.value;
  facts_[0].earlier_at = last_iss_.at;
  facts_[0].earlier_is_by_clock = last_iss_.by_clock;
  beliefs().Put(0, 0, State::kSynSent, h);
}

size_t Connection::Furthest() const {
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    const uint16_t live = beliefs().live(inc);
    if (live >> static_cast<unsigned>(State::kEstablished) != 0) return inc;
  }
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (HasLiveConnection(inc)) return inc;
  }
  return 0;
}

// Where a SYN taken in `state` begins its incarnation.
size_t Connection::FreshFor(size_t incarnation, State state, const SegmentSeen& segment) {
  const Facts& facts = facts_[incarnation];
  if (state == State::kSynSent) {
    constexpr uint16_t kSynSentBit = 1u << static_cast<unsigned>(State::kSynSent);
    const bool alone = (LiveConnections(incarnation) & ~kSynSentBit) == 0;
    if (!facts.has_irs || facts.irs == segment.header.seq || alone) return incarnation;
  }
  if (!HasLiveConnection(1 - incarnation)) return 1 - incarnation;
  if (!HasLiveConnection(incarnation)) return incarnation;
  lost_ = true;
  return 1 - incarnation;
}

void Connection::PrepareFresh(size_t fresh, const SegmentSeen& segment) {
  Facts& facts = facts_[fresh];
  const wire::OptionSet& options = segment.options;
  facts.has_irs = true;
  facts.irs = segment.header.seq;
  facts.sent.Clear();
  facts.fins.clear();
  facts.stray.octets.Clear();
  facts.crowded_at = kNowhere;
  facts.least_mss = std::min<uint32_t>(facts.least_mss, options.mss.value_or(0xffff));
  facts.has_acked = false;
  facts.offered_edge = facts.largest_edge = 1 + facts.syn_window;
  facts.read_since_offer = 0;
  facts.window_saturated = facts.syn_window == 0xffff;
  facts.app_read = 0;
  facts.peer_mss = options.mss.value_or(static_cast<uint16_t>(default_mss_));
  facts.least_peer_mss = facts.peer_mss;
  facts.offered_scale = options.window_scale.has_value();
  facts.tester_shift = std::min<uint8_t>(options.window_scale.value_or(0), 14);
  facts.offered_sack = options.sack_permitted;
  facts.offered_timestamps = options.timestamps.has_value();
  facts.options_unsure = !options.well_formed;
  facts.stamps.recent = facts.stamps.perhaps = {};
  if (options.timestamps.has_value()) {
    facts.newest_timestamp = options.timestamps->value;
    facts.stamps.recent.Be(options.timestamps->value);
    facts.stamps.perhaps.Be(options.timestamps->value);
  }
  facts.sacked.Clear();
  facts.last_arrival = facts.last_heard = facts.last_stimulus = segment.at;
  const auto text = static_cast<Offset>(segment.payload.size());
  facts.sent.Add(1, 1 + text);
  if (segment.header.fin()) facts.fins.push_back(1 + text);
  const Offset window = segment.header.window;
  facts.send_edge = std::max(facts.send_edge, 1 + window);
  facts.last_edge = 1 + window;
  facts.window_in_force = window;
  facts.window_seq = facts.window_ack = 0;
  facts.largest_window = std::max(facts.largest_window, window);
}

namespace {

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
  if (sure && stamps.perhaps.NoneNewerThan(value)) {
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

// What a SYN in TIME-WAIT is, of which nothing is doubtful (RFC 6191, 2).
Reuse ReuseOf(const SegmentSeen& segment, const Facts& facts, const Hypothesis& h,
              const Profile& profile) {
  const wire::Header& header = segment.header;
  if (header.has_ack() || header.rst() || header.fin() || !segment.options.well_formed ||
      facts.options_unsure || facts.timestamps_leapt || !h.rcv_nxt.certain() ||
      !profile.reopens_time_wait) {
    return Reuse::kUnknown;
  }
  const Offset seq = Unwrap(header.seq, facts.irs, h.rcv_nxt.lo);
  constexpr Offset kFar = Offset{1} << 30;
  const bool above = seq > h.rcv_nxt.lo && seq < h.rcv_nxt.lo + kFar;
  const bool below = seq < h.rcv_nxt.lo && seq > h.rcv_nxt.lo - kFar;
  const Reuse by_seq = above ? Reuse::kNew : below ? Reuse::kOld : Reuse::kUnknown;
  const auto& timestamps = segment.options.timestamps;
  if (!timestamps.has_value() || !profile.timestamps) return by_seq;
  if (!facts.timestamps_agreed()) return Reuse::kNew;
  const uint32_t value = timestamps->value;
  const Stamps& stamps = facts.stamps;
  if (!stamps.recent.known() || !stamps.perhaps.known()) return Reuse::kUnknown;
  const auto both = [&stamps](auto holds) { return holds(stamps.recent) && holds(stamps.perhaps); };
  if (both([value](const StampSet& set) { return set.AllNewerThan(value); })) return Reuse::kOld;
  const bool none_newer = both([value](const StampSet& set) { return set.NoneNewerThan(value); }) &&
                          !IsOlderStamp(value, facts.newest_timestamp);
  if (!none_newer) return Reuse::kUnknown;
  if (both([value](const StampSet& set) { return set.AllNewerThan(value - 1); })) return by_seq;
  return both([value](const StampSet& set) { return !set.Has(value); }) ? Reuse::kNew
                                                                        : Reuse::kUnknown;
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
  facts.probed = false;
  facts.pace.probes = 0;
  const wire::Header& header = segment.header;
  facts.may_look_old = false;
  facts.stamps.surely_old = false;
  if (facts.unanswered < UINT8_MAX) ++facts.unanswered;
  facts.trigger = kNowhere;
  if (segment.options.mss.has_value()) {
    facts.least_mss = std::min<uint32_t>(facts.least_mss, *segment.options.mss);
    facts.least_peer_mss = std::min<uint32_t>(facts.least_peer_mss, *segment.options.mss);
    // By such an MSS the congestion window grows as well.
    if (profile.quirks.Has(Quirk::kMssFromAnySegment)) facts.congestion.unsure = true;
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
    NoteAck(segment, ack, highest_ack, pace.edge_is_sure && ack + window == pace.edge,
            next && !facts.may_look_old, profile, facts);
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
    const bool sure = newest && next;
    const bool was_open = pace.edge_is_sure && pace.edge > highest_ack;
    if (pace.edge_is_sure && (!sure || ack + window < pace.edge)) pace.plain = false;
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
    facts.last_edge = ack + window;
    if (ack > 1 && window > 0 && window < facts.longest_text && facts.last_edge < facts.snd_max) {
      facts.stray.cut_short_at = ack;
    }
    facts.send_edge = std::max(facts.send_edge, ack + facts.window_in_force);
    facts.largest_window = std::max(facts.largest_window, window);
    if (ack > 0) {
      facts.largest_rtt = std::max(facts.largest_rtt, segment.at - facts.first_sent);
    }
  }
}

void Connection::NoteStimulus(Instant now) {
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (!IsLive(inc)) continue;
    Facts& facts = facts_[inc];
    facts.last_stimulus = now;
    facts.congestion.was_in_row = facts.congestion.in_row;
    facts.congestion.in_row = false;
  }
}

void Connection::Stimulated(Instant now) {
  NoteStimulus(now);
  beliefs().ForEach([](size_t, size_t, State, Hypothesis& h) { h.before_text = Range{1, 0}; });
}

void Connection::Arrive(const SegmentSeen& segment, const Profile& profile) {
  NoteStimulus(segment.at);
  // The highest SND.UNA that any hypothesis of each incarnation has.
  std::array<Offset, kIncarnations> una_before{};
  beliefs().ForEach([&](size_t, size_t inc, State state, Hypothesis& h) {
    h.before_text = h.earlier_ack = Range{1, 0};
    h.rst_forms.clear();
    h.rst_any = h.rst_or_ack = false;
    if (!h.aborting) h.rst_in_flight = false;
    if (!IsNobody(state)) una_before[inc] = std::max(una_before[inc], h.snd_una.hi);
  });
  if (segment.discards()) return;
  const auto& timestamps = segment.options.timestamps;
  const bool stamped = timestamps.has_value() && segment.options.well_formed;
  const uint32_t stamp = stamped ? timestamps->value : 0;
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (!IsLive(inc)) continue;
    Latest& latest = facts_[inc].latest;
    latest.stamped = stamped;
    latest.stamp = stamp;
    latest.unstamped_end = latest.outdated_end = kNowhere;
    latest.reuse = Reuse::kUnknown;
  }
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (HasLiveConnection(inc)) NoteArrival(inc, segment, profile);
  }

  const wire::Header& header = segment.header;
  const bool begins = header.syn() && !header.rst();
  std::array<std::array<uint8_t, spec::kStateCount>, kIncarnations> fresh{};
  if (begins) {
    std::array<bool, kIncarnations> prepared{};
    std::array<bool, kIncarnations> may_reopen{};
    for (size_t inc = 0; inc < kIncarnations; ++inc) {
      const uint16_t live = beliefs().live(inc);
      for (State state : {State::kListen, State::kTimeWait, State::kSynSent}) {
        if (((live >> static_cast<unsigned>(state)) & 1u) == 0) continue;
        if (state != State::kSynSent && header.has_ack()) continue;
        if (state == State::kTimeWait && !listening_) continue;
        const size_t target = FreshFor(inc, state, segment);
        fresh[inc][static_cast<size_t>(state)] = static_cast<uint8_t>(target);
        if (state == State::kTimeWait) may_reopen[target] = true;
        if (prepared[target]) continue;
        prepared[target] = true;
        if (state == State::kSynSent) {
          if (target != inc) {
            facts_[target] = facts_[inc];
            ++generations_[target];
            one_open_ = true;
          }
        } else {
          constexpr uint16_t kTimeWaitBit = 1u << static_cast<unsigned>(State::kTimeWait);
          const bool reopens = state == State::kTimeWait && live == kTimeWaitBit;
          const uint32_t nxt = facts_[inc].iss + static_cast<uint32_t>(facts_[inc].snd_max);
          Reuse reuse = Reuse::kUnknown;
          if (reopens && beliefs().LaneIsEmpty(1)) {
            reuse = ReuseOf(segment, facts_[inc], beliefs().At(0, inc, state), profile);
          }
          facts_[inc].latest.reuse = reuse;
          Facts& begun = *std::construct_at(&facts_[target]);
          begun.latest.reuse = reuse;
          begun.has_earlier = last_iss_.known;
          begun.earlier_iss = last_iss_.value;
          begun.earlier_at = last_iss_.at;
          begun.earlier_is_by_clock = last_iss_.by_clock;
          begun.reopens = reopens;
          begun.reopened_nxt = nxt;
          ++generations_[target];
          one_open_ = false;
        }
        PrepareFresh(target, segment);
      }
    }
    for (size_t inc = 0; inc < kIncarnations; ++inc) {
      if (prepared[inc]) facts_[inc].may_reopen = may_reopen[inc];
    }
  }
  if (lost_) return;

  next().Clear();
  beliefs().ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    const Successors out{.next = &next(),
                         .lane = lane,
                         .incarnation = inc,
                         .fresh = fresh[inc][static_cast<size_t>(state)],
                         .nobody = nobody(),
                         .listening = listening_};
    ArriveAt(state, h, facts_[inc], profile, segment, out);
  });
  Swap();
  // What is the head now is another one, for which the time to give up begins anew.
  if (!header.has_ack()) return;
  const std::array<Offset, kIncarnations> surely = SurelyAcknowledged();
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (surely[inc] < kUnbounded && surely[inc] > una_before[inc]) {
      facts_[inc].first_sent = segment.at;
      facts_[inc].pace.resends = 0;
      NoteProgress(segment, surely[inc], surely[inc] - una_before[inc], profile, facts_[inc]);
      NoteReportsBelow(surely[inc], facts_[inc]);
      facts_[inc].round_trip.Acknowledge(surely[inc], segment.at);
    } else if (facts_[inc].round_trip.doubtful) {
      facts_[inc].round_trip.spoiled = true;
    }
  }
}

std::array<Offset, kIncarnations> Connection::SurelyAcknowledged() const {
  std::array<Offset, kIncarnations> least;
  least.fill(kUnbounded);
  beliefs().ForEach([&](size_t, size_t inc, State state, const Hypothesis& h) {
    if (!IsNobody(state)) least[inc] = std::min(least[inc], h.snd_una.lo);
  });
  return least;
}

// An ICMP error about something that the stack sent. A soft one ends nothing (MUST-56); a hard one
// may (SHLD-26; RFC 5927, 5), and source quench is nothing at all (MUST-55).
void Connection::ArriveIcmp(const wire::IcmpError& error, Instant now, const Profile& profile) {
  Stimulated(now);
  const bool hard = error.kind == wire::IcmpKind::kProtocolUnreachable ||
                    error.kind == wire::IcmpKind::kPortUnreachable;
  if (error.kind == wire::IcmpKind::kPacketTooBig) {
    for (size_t inc = 0; inc < kIncarnations; ++inc) {
      Facts& facts = facts_[inc];
      const Offset quoted = facts.has_iss ? Unwrap(error.seq, facts.iss, facts.snd_max) : kNowhere;
      bool in_flight = quoted > 0 && quoted < facts.snd_max && HasLiveConnection(inc);
      beliefs().ForEach([&](size_t, size_t i, State state, const Hypothesis& h) {
        if (i == inc) {
          in_flight = in_flight && state >= State::kEstablished && quoted >= h.snd_una.hi;
        }
      });
      // No host is held to less than every link can carry (RFC 8200, 5), or to what some take for
      // the least that is true (RFC 5927, 7).
      const bool ipv4 = stack_.address.family() == wire::IpFamily::kIpv4;
      const uint32_t said = std::max<uint32_t>(error.mtu, ipv4 ? 576 : 1280);
      // What names less than any link carries may be dropped as a lie (RFC 1191, 3; RFC 8201, 4).
      const bool credible = error.mtu >= (ipv4 ? 68 : 1280);
      if (in_flight && credible && (facts.path_mtu == 0 || said < facts.path_mtu)) {
        facts.path_mtu = said;
      }
      // What did not get through is sent again in smaller segments (RFC 1191, 6.5).
      facts.pace.plain = false;
      facts.told_too_big = true;
    }
  }
  const bool soft = !hard && error.kind != wire::IcmpKind::kSourceQuench &&
                    error.kind != wire::IcmpKind::kPacketTooBig;
  const bool quirky = soft && profile.quirks.Has(Quirk::kOpenDiesOfSoftError);
  const bool of_ipv4 = stack_.address.family() == wire::IpFamily::kIpv4;
  if (!hard && !quirky) return;
  const Beliefs before = beliefs();
  before.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    const bool of_syn_ack = of_ipv4 && error.seq == facts_[inc].iss;
    const bool opening =
        state == State::kSynSent ||
        (state == State::kSynReceived && ((h.origin & kActiveOrigin) != 0 || of_syn_ack));
    if (IsNobody(state) || (quirky && !opening)) return;
    Hypothesis dead = h;
    dead.ack = dead.rst = dead.syn = {};
    dead.rst_in_flight = true;
    dead.since = now;
    if (quirky) dead.quirks.Add(Quirk::kOpenDiesOfSoftError);
    beliefs().Put(quirky ? 1 : lane, inc, nobody(), dead);
  });
}

void Connection::Elapse(Instant now, const Profile& profile) {
  // What was a reply to the last stimulus no longer is.
  Beliefs& all = beliefs();
  BoundedVector<std::array<size_t, 3>, kLanes * kIncarnations * spec::kStateCount> dying;
  all.ForEach([&](size_t lane, size_t inc, State state, Hypothesis& h) {
    const Facts& facts = facts_[inc];
    h.rst_forms.clear();
    h.rst_any = false;
    const std::array<size_t, 3> slot = {lane, inc, static_cast<size_t>(state)};
    if (state == State::kTimeWait) {
      const Duration slack = std::max(profile.tick * 2, profile.two_msl / 20);
      if (now >= h.time_wait_since + profile.two_msl - slack) dying.push_back(slot);
      return;
    }
    Duration give_up = GiveUpAfter(state, profile);
    // The user may have chosen another limit (3.9.1.2, 3.8.3).
    if (facts.user_timeout > Duration()) give_up = std::min(give_up, facts.user_timeout);
    if (HasSomethingOutstanding(state, facts, h) && now - facts.first_sent >= give_up) {
      dying.push_back(slot);
    } else if (const auto since = ProbesInVainSince(state, facts, h);
               since.has_value() && now - *since >= give_up) {
      dying.push_back(slot);
    } else if (state == State::kFinWait2 && h.app_gone &&
               now - h.since >= profile.fin_wait_2_limit) {
      dying.push_back(slot);
    } else if (facts.pace.keep_alives >= 2) {
      dying.push_back(slot);  // one that is not answered is no proof (MUST-29)
    }
  });
  for (const auto& [lane, inc, index] : dying) {
    const auto state = static_cast<State>(index);
    Hypothesis dead = all.At(lane, inc, state);
    const bool over =
        state == State::kTimeWait && now > dead.time_wait_latest + profile.two_msl +
                                               std::max(profile.tick * 2, profile.two_msl / 20);
    if (over) all.Drop(lane, inc, state);
    dead.ack = dead.rst = dead.syn = {};
    dead.rst_in_flight = state != State::kTimeWait;  // RST on giving up is optional (3.8.3)
    dead.since = now;
    all.Put(lane, inc, nobody(), dead);
  }
  DieEarly(now, profile);
}

void Connection::DieByQuirks(Instant now, const Profile& profile) {
  Beliefs& all = beliefs();
  BoundedVector<std::array<size_t, 3>, kLanes * kIncarnations * spec::kStateCount> early;
  const auto early_quirk = [&](State state) -> std::optional<Quirk> {
    switch (state) {
      case State::kSynSent:
        return Quirk::kSynDiesEarly;
      case State::kSynReceived:
        return Quirk::kSynReceivedDiesEarly;
      case State::kFinWait2:
        return Quirk::kFinWait2DiesEarly;
      case State::kLastAck:
        return Quirk::kLastAckDiesEarly;
      case State::kTimeWait:
        return Quirk::kTimeWaitDiesEarly;
      default:
        return std::nullopt;
    }
  };
  all.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    std::optional<Quirk> quirk = early_quirk(state);
    const Facts& facts = facts_[inc];
    // Not every arrival counts as one.
    if (!quirk.has_value() && facts.keep_alive && !IsNobody(state) &&
        now - h.since >= profile.keep_alive_idle) {
      quirk = Quirk::kKeepAliveDiesEarly;
    }
    // Early is not at once; a half-open connection outlives a few time-outs.
    if (state == State::kSynReceived && now - h.since < Duration::Seconds(15)) return;
    if (now <= h.since) return;
    if (quirk.has_value() && profile.quirks.Has(*quirk)) {
      early.push_back({lane, inc, static_cast<size_t>(state)});
    }
  });
  for (const auto& [lane, inc, index] : early) {
    const auto state = static_cast<State>(index);
    Hypothesis dead = all.At(lane, inc, state);
    dead.ack = dead.rst = dead.syn = {};
    dead.rst_in_flight = true;
    dead.quirks.Add(early_quirk(state).value_or(Quirk::kKeepAliveDiesEarly));
    all.Put(1, inc, nobody(), dead);
  }
}

void Connection::Quiesce() {
  Beliefs& all = beliefs();
  BoundedVector<std::array<size_t, 3>, kLanes * kIncarnations * spec::kStateCount> gone;
  all.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    if (h.aborting) gone.push_back({lane, inc, static_cast<size_t>(state)});
  });
  for (const auto& [lane, inc, index] : gone) {
    const auto state = static_cast<State>(index);
    Hypothesis dead = all.At(lane, inc, state);
    all.Drop(lane, inc, state);
    dead.aborting = false;
    dead.rst = {};
    all.Put(lane, inc, nobody(), dead);
  }
}

Emission Connection::Look(size_t incarnation, const SegmentSeen& segment, bool answers) const {
  const Facts& facts = facts_[incarnation];
  Emission emission;
  emission.seg = &segment;
  emission.text = static_cast<Offset>(segment.payload.size());
  emission.answers = answers;
  emission.has_place = facts.has_iss || segment.header.syn();
  if (facts.has_iss) emission.seq = Unwrap(segment.header.seq, facts.iss, facts.snd_max);
  const bool scaled = !segment.header.syn() && facts.offered_scale && facts.stack_offered_scale;
  emission.edge = static_cast<Offset>(segment.header.window) << (scaled ? facts.stack_shift : 0);
  return emission;
}

void Connection::Narrow(size_t lane, size_t incarnation, State state, const Emission& emission,
                        const Profile& profile) {
  Hypothesis& h = beliefs().At(lane, incarnation, state);
  const Facts& facts = facts_[incarnation];
  const wire::Header& header = emission.header();
  if (header.rst()) {
    h.rst = {};
    h.rst_forms.clear();
    if (h.ack.reason != Reason::kData) h.ack = {};
    const bool kills = h.rst_in_flight || h.aborting;
    h.rst_in_flight = false;
    if (kills && !IsNobody(state)) {
      Hypothesis dead = h;
      dead.aborting = false;
      dead.ack = dead.syn = {};
      dead.since = emission.seg->at;
      beliefs().Drop(lane, incarnation, state);
      beliefs().Put(lane, incarnation, nobody(), dead);
    }
    return;
  }
  if (header.syn()) {
    if (!header.has_ack() || emission.AckNear(facts, h) >= h.syn.value) h.syn = {};
    if (emission.answers && h.syn_permits > 0) --h.syn_permits;
  }
  if (header.fin() && state == State::kCloseWait) {
    const Hypothesis closing = h;
    beliefs().Drop(lane, incarnation, state);
    beliefs().Put(lane, incarnation, State::kLastAck, closing);
    return Narrow(lane, incarnation, State::kLastAck, emission, profile);
  }
  if (!header.has_ack()) return;
  const Offset ack = emission.AckNear(facts, h);
  if (h.earlier_ack.Has(ack)) {          // says nothing of what was taken since
    if (h.rcv_nxt.Has(ack)) h.ack = {};  // or says all
    h.earlier_ack = Range{1, 0};
    if (h.ack_permits > 0) --h.ack_permits;
    return;
  }
  const bool let_go_first =
      emission.answers && (emission.text > 0 || header.fin()) && h.before_text.Has(ack);
  if (!let_go_first) h.before_text = Range{1, 0};
  if (!header.syn() && !let_go_first) h.rcv_nxt = Range::At(ack);
  if (h.rst_or_ack) h.rst = {};
  if (h.ack.owed() && ack >= h.ack.value) {
    h.ack = {};
    if (ack < h.rcv_nxt.lo) {
      h.ack = {emission.seg->at + profile.delayed_ack_max + profile.tick, h.rcv_nxt.lo,
               Reason::kData};
    }
  }
  if (emission.seg->is_pure_ack() && h.ack_permits > 0) --h.ack_permits;
}

Connection::Bounds Connection::BoundsOf(size_t incarnation) const {
  Bounds bounds;
  beliefs().ForEach([&](size_t, size_t inc, State state, const Hypothesis& h) {
    if (inc != incarnation || IsNobody(state)) return;
    bounds.snd_una = Hull(bounds.snd_una, h.snd_una);
    bounds.rcv_nxt = std::max(bounds.rcv_nxt, h.rcv_nxt.lo);
  });
  return bounds;
}

void Connection::Note(const SegmentSeen& segment, bool answers, const Profile& profile) {
  const bool quirks = !profile.quirks.empty();
  const wire::Header& header = segment.header;
  if (header.rst()) return;
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (!HasLiveConnection(inc)) continue;
    Facts& facts = facts_[inc];
    if (header.syn() && !facts.has_iss) {
      facts.has_iss = true;
      facts.iss = header.seq;
      last_iss_ = {true, header.seq, segment.at,
                   !facts.may_reopen && profile.given_iss != header.seq};
    }
    if (!facts.has_iss) continue;
    const Emission emission = Look(inc, segment, answers);
    const Bounds bounds = BoundsOf(inc);
    if (header.syn()) {
      facts.syn_window = header.window;
      facts.least_mss = std::min<uint32_t>(facts.least_mss, segment.options.mss.value_or(0xffff));
      facts.stack_offered_scale = segment.options.window_scale.has_value();
      facts.stack_shift = std::min<uint8_t>(segment.options.window_scale.value_or(0), 14);
      facts.stack_offered_timestamps = segment.options.timestamps.has_value();
      facts.stack_offered_sack = segment.options.sack_permitted;
      facts.stack_mss = segment.options.mss.value_or(static_cast<uint16_t>(default_mss_));
    }
    if (segment.options.timestamps.has_value()) {
      facts.stamps.seen = true;
      facts.stamps.value = segment.options.timestamps->value;
      facts.stamps.at = segment.at;
    }
    if (emission.end() > emission.seq) {
      const Range una = bounds.snd_una;
      // No round trip need be measured of what probes a closed window.
      const bool first = una == Range::At(facts.snd_max) && (answers || emission.text > 1);
      facts.round_trip.Send(emission.end(), first || header.syn(), segment.at);
      if (!header.syn()) {
        NoteCongestion(facts, emission, una, profile);
        NoteResent(facts, emission, una);
      }
    }
    NotePace(facts, emission, profile);
    const Offset end = emission.end();
    const bool probe = end <= facts.snd_max && !answers;
    if (probe && emission.text == 1 && !facts.probed) {
      facts.probed = true;
      facts.first_probe = segment.at;
    }
    facts.longest_text = std::max(facts.longest_text, emission.text);
    if (emission.text > 0) facts.text_end = end - (header.fin() ? 1 : 0);
    if (quirks && end > emission.seq) {
      const bool again = end <= facts.snd_max && (header.syn() || segment.at > facts.last_sent);
      const bool of_closed_window = emission.text == 1 && facts.last_edge < end;
      if (again && !of_closed_window) {
        facts.stray.resends = static_cast<uint8_t>(std::min(facts.stray.resends + 1, 255));
        facts.stray.resent_syn = facts.stray.resent_syn || header.syn();
      }
      if (!facts.stray.timing || (again && !of_closed_window)) {
        facts.stray.timing = true;
        facts.stray.timed_seq = emission.seq;
        facts.stray.timed_since = segment.at;
      }
    }
    facts.stray.piece_end = emission.text > 0 ? emission.seq + emission.text : kNowhere;
    facts.stray.urgent = header.urg() ? header.urgent : uint16_t{0};
    if (end > facts.snd_max) {
      std::array<Offset, 4>& ends = facts.stray.newest_ends;
      std::ranges::rotate(ends, ends.begin() + 1);
      ends.back() = end;
      const bool idle = bounds.snd_una.lo >= facts.snd_max;
      if (idle || facts.snd_max == 0) {
        facts.first_sent = segment.at;
        facts.last_gap = Duration();
        facts.pace.resends = 0;
      }
      facts.snd_max = end;
      facts.last_sent = segment.at;
    } else if (end > emission.seq || probe) {
      // Several at one instant are one time-out.
      if (segment.at > facts.last_sent) facts.last_gap = segment.at - facts.last_sent;
      facts.last_sent = segment.at;
    }
    // One that is sent in the middle of the data is no end of it.
    if (header.fin() && facts.fin_at == kNowhere && end > facts.end_of_data()) {
      facts.fin_at = end - 1;
    }
    if (!header.has_ack() || !facts.has_irs) continue;
    const Offset ack = Unwrap(header.ack, facts.irs, bounds.rcv_nxt);
    const Offset edge = ack + emission.edge;
    const bool stands = emission.edge <= facts.offered_edge - facts.last_ack;
    facts.last_ack = facts.has_acked ? std::max(facts.last_ack, ack) : ack;
    facts.unanswered = 0;
    facts.trigger = kNowhere;
    if (facts.stack_offered_sack) facts.latest.Acknowledged();
    if (!segment.options.sack.empty()) {
      const wire::SackBlock& first = segment.options.sack[0];
      facts.latest.named = {Unwrap(first.left, facts.irs, ack),
                            Unwrap(first.right, facts.irs, ack)};
    }
    if (!facts.sacked.empty()) facts.sacked.DropBelow(ack);
    for (const wire::SackBlock& block : segment.options.sack) {
      const Offset left = Unwrap(block.left, facts.irs, ack);
      const Offset right = Unwrap(block.right, facts.irs, ack);
      facts.sacked.Add(std::max(left, ack), right);
    }
    if (facts.has_acked && !header.syn()) {
      const Offset step = ack + emission.edge - facts.largest_edge;
      // The least that the sending MSS may be, options taken off.
      const Offset mss = Offset{std::min({facts.stack_mss, facts.least_peer_mss, 536u})} - 40;
      const bool small = step > 0 && step < std::min(mss, (facts.largest_edge - ack) / 2);
      // What the field cannot say finer is no step of the stack's (RFC 7323, 2.4).
      // Behind a field that is full the true edge may have been further already.
      if (step > facts.rounding() && header.window != 0xffff) {
        Pace& pace = facts.pace;
        pace.window_stands = stands && (pace.silly_steps == 0 || pace.window_stands);
        pace.silly_steps = small ? static_cast<uint8_t>(pace.silly_steps + 1) : 0;
      }
    }
    facts.has_acked = true;
    // What the edge moved by was told; of the rest the stack may say nothing yet (3.8.6.2.2).
    const Offset told = std::max<Offset>(0, edge - facts.largest_edge);
    facts.read_since_offer = std::max<Offset>(0, facts.read_since_offer - told);
    facts.offered_edge = edge;
    facts.largest_edge = std::max(facts.largest_edge, edge);
    facts.window_saturated = header.window == 0xffff;
    if (segment.is_pure_ack() && answers) facts.last_answer = segment.at;
  }
}

}  // namespace assay::observer
