#include "harness/observer/connection.h"

#include <algorithm>
#include <memory>

#include "harness/observer/arrival.h"
#include "harness/observer/congesting.h"
#include "harness/observer/reporting.h"

namespace assay::observer {
namespace {

using spec::State;

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
  facts.least_peer_mss = std::min(facts.peer_mss, facts.stray.mss);
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
  facts.least_edge = 1 + window;
  facts.window_in_force = window;
  facts.window_seq = facts.window_ack = 0;
  facts.largest_window = std::max(facts.largest_window, window);
}

namespace {

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
      facts_[inc].first_sent = facts_[inc].timer_from = segment.at;
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

}  // namespace assay::observer
