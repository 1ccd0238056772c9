// What the stack sent: how it narrows the beliefs, and what it adds to the facts.

#include "harness/observer/connection.h"

#include <algorithm>
#include <array>

#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"
#include "harness/observer/reporting.h"

namespace assay::observer {
namespace {

using spec::State;

// What the stack's SYN says of it.
void NoteSyn(const SegmentSeen& segment, uint32_t default_mss, Facts& facts) {
  const wire::OptionSet& options = segment.options;
  facts.syn_window = segment.header.window;
  facts.least_mss = std::min<uint32_t>(facts.least_mss, options.mss.value_or(0xffff));
  facts.stack_offered_scale = options.window_scale.has_value();
  facts.stack_shift = std::min<uint8_t>(options.window_scale.value_or(0), 14);
  facts.stack_offered_timestamps = options.timestamps.has_value();
  facts.stack_offered_sack = options.sack_permitted;
  facts.stack_mss = options.mss.value_or(static_cast<uint16_t>(default_mss));
}

// The same of what a stack with quirks sends: what it may take a round trip from.
void NoteStrayTimer(const Emission& e, Facts& facts) {
  const Offset end = e.end();
  if (end <= e.seq) return;
  Stray& stray = facts.stray;
  const Instant at = e.seg->at;
  // What an ACK lets go again leaves the measurement alone.
  const bool again =
      end <= facts.snd_max && (e.header().syn() || (at > facts.last_sent && !e.answers));
  const bool of_closed_window = e.text == 1 && facts.least_edge < end;
  if (again && !of_closed_window) {
    stray.resends = static_cast<uint8_t>(std::min(stray.resends + 1, 255));
    stray.resent_syn = stray.resent_syn || e.header().syn();
  }
  if (!stray.timing || (again && !of_closed_window)) {
    stray.timing = true;
    stray.timed_seq = e.seq;
    stray.timed_since = at;
  }
}

// How far the stack has got in its own stream, and when. `all_acked`: nothing was outstanding.
void NoteSent(const Emission& e, bool all_acked, Facts& facts) {
  const wire::Header& header = e.header();
  const Instant at = e.seg->at;
  const Offset end = e.end();
  const bool probe = end <= facts.snd_max && !e.answers;
  if (probe && e.text == 1 && !facts.probed) {
    facts.probed = true;
    facts.first_probe = at;
  }
  facts.longest_text = std::max(facts.longest_text, e.text);
  if (e.text > 0) facts.text_end = end - (header.fin() ? 1 : 0);
  facts.stray.piece_end = e.text > 0 ? e.seq + e.text : kNowhere;
  facts.stray.urgent = header.urg() ? header.urgent : uint16_t{0};
  if (end > facts.snd_max) {
    std::array<Offset, 4>& ends = facts.stray.newest_ends;
    std::ranges::rotate(ends, ends.begin() + 1);
    ends.back() = end;
    if (all_acked || facts.snd_max == 0) {
      facts.first_sent = facts.timer_from = at;
      facts.last_gap = Duration();
      facts.pace.resends = 0;
    }
    facts.snd_max = end;
    facts.last_sent = at;
  } else if (end > e.seq || probe) {
    // Several at one instant are one time-out. What is new does not start the timer again.
    if (at > facts.last_sent) facts.last_gap = at - std::min(facts.last_sent, facts.timer_from);
    facts.timer_from = at;
    facts.last_sent = at;
  }
  // One that is sent in the middle of the data is no end of it.
  if (header.fin() && facts.fin_at == kNowhere && end > facts.end_of_data()) facts.fin_at = end - 1;
}

// What it acknowledges and reports, and the window that it offers with that.
void NoteAcknowledgment(const Emission& e, Offset ack, Facts& facts) {
  const SegmentSeen& segment = *e.seg;
  const wire::Header& header = e.header();
  const Offset edge = ack + e.edge;
  const bool stands = e.edge <= facts.offered_edge - facts.last_ack;
  facts.last_ack = facts.has_acked ? std::max(facts.last_ack, ack) : ack;
  facts.unanswered = 0;
  facts.trigger = kNowhere;
  if (facts.stack_offered_sack) facts.latest.Acknowledged();
  if (!facts.sacked.empty()) facts.sacked.DropBelow(ack);
  const auto& blocks = segment.options.sack;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Offset left = Unwrap(blocks[i].left, facts.irs, ack);
    const Offset right = Unwrap(blocks[i].right, facts.irs, ack);
    if (i == 0) facts.latest.named = {left, right};
    facts.sacked.Add(std::max(left, ack), right);
  }
  if (facts.has_acked && !header.syn()) {
    const Offset step = edge - facts.largest_edge;
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
  if (segment.is_pure_ack() && e.answers) facts.last_answer = segment.at;
}

}  // namespace

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

void Connection::Note(std::array<Emission, kIncarnations>& looks, const Profile& profile) {
  for (size_t inc = 0; inc < kIncarnations; ++inc) {
    if (!HasLiveConnection(inc)) continue;
    const SegmentSeen& segment = *looks[inc].seg;
    const wire::Header& header = segment.header;
    if (header.rst()) return;
    Facts& facts = facts_[inc];
    const bool first = header.syn() && !facts.has_iss;
    if (first) {
      facts.has_iss = true;
      facts.iss = header.seq;
      last_iss_ = {true, header.seq, segment.at,
                   !facts.may_reopen && profile.given_iss != header.seq};
    }
    if (!facts.has_iss) continue;
    Emission& emission = looks[inc];
    if (first) emission = Look(inc, segment, emission.answers);
    const Bounds bounds = BoundsOf(inc);
    if (header.syn()) NoteSyn(segment, default_mss_, facts);
    if (segment.options.timestamps.has_value()) {
      facts.stamps.seen = true;
      facts.stamps.value = segment.options.timestamps->value;
      facts.stamps.at = segment.at;
    }
    if (emission.end() > emission.seq) {
      const Range una = bounds.snd_una;
      // No round trip need be measured of what probes a closed window.
      const bool fresh = una == Range::At(facts.snd_max) && (emission.answers || emission.text > 1);
      facts.round_trip.Send(emission.end(), fresh || header.syn(), segment.at);
      if (!header.syn()) {
        NoteCongestion(facts, emission, una, profile);
        NoteResent(facts, emission, una);
      }
    }
    NotePace(facts, emission, profile);
    if (!profile.quirks.empty()) NoteStrayTimer(emission, facts);
    NoteSent(emission, bounds.snd_una.lo >= facts.snd_max, facts);
    if (!header.has_ack() || !facts.has_irs) continue;
    NoteAcknowledgment(emission, Unwrap(header.ack, facts.irs, bounds.rcv_nxt), facts);
  }
}

}  // namespace assay::observer
