// What the passing of time does to the beliefs: what may have died, and what must have.

#include "harness/observer/connection.h"

#include <algorithm>
#include <optional>

#include "harness/observer/pacing.h"

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

}  // namespace

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

}  // namespace assay::observer
