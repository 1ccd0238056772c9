// What the user's calls make of the beliefs about a connection (RFC 9293, 3.10.1 to 3.10.5).

#include "harness/observer/connection.h"

#include <algorithm>

namespace assay::observer {
namespace {

using spec::State;

// States in which an ABORT after the exchange of SYNs sends a RST (3.10.5).
bool AbortSendsRst(State state) {
  return state == State::kSynReceived || state == State::kEstablished ||
         state == State::kFinWait1 || state == State::kFinWait2 || state == State::kCloseWait;
}

// States that the peer's FIN leads to: it is the last octet before RCV.NXT, and nobody reads it.
bool HasTakenFin(State state) {
  return state == State::kCloseWait || state == State::kClosing || state == State::kLastAck ||
         state == State::kTimeWait;
}

}  // namespace

void Connection::CallSend(size_t incarnation, uint64_t octets, uint32_t flags) {
  Facts& facts = facts_[incarnation];
  facts.app_sent += static_cast<Offset>(octets);
  constexpr Offset kSmallWindow = 1'000;
  if (facts.largest_taken < kSmallWindow) facts.stray.cut_end = facts.end_of_data();
  facts.congestion.in_row = false;  // what is sent now has this cause
  if ((flags & sut::kSendPush) == 0) facts.unpushed = true;
  if ((flags & sut::kSendUrgent) != 0 && octets > 0) {
    if (!facts.urgent_ends.TryPush(facts.end_of_data())) facts.urgent_unsure = true;
  }
}

void Connection::CallOption(size_t incarnation, sut::Option option, int64_t value) {
  Facts& facts = facts_[incarnation];
  facts.congestion.in_row = false;
  switch (option) {
    case sut::Option::kNodelay:
      facts.no_delay = value != 0;
      break;
    case sut::Option::kKeepalive:
      facts.keep_alive = value != 0;
      break;
    case sut::Option::kUserTimeoutMs:
      facts.user_timeout = Duration::Milliseconds(value);
      break;
  }
}

void Connection::CallShutdown(size_t incarnation, Instant now, const Profile& profile) {
  static_cast<void>(profile);
  Stimulated(now);
  facts_[incarnation].fin_requested = true;
  next().Clear();
  beliefs().ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& before) {
    Hypothesis h = before;
    const auto put = [&](State to) {
      if (to != state) h.since = now;
      next().Put(lane, inc, to, h);
    };
    if (inc != incarnation) return put(state);
    switch (state) {
      case State::kEstablished:
        return put(State::kFinWait1);
      case State::kCloseWait:
        put(State::kCloseWait);  // until all that was queued is segmentized (3.10.4)
        return put(State::kLastAck);
      case State::kSynReceived:
        put(State::kSynReceived);  // queued until ESTABLISHED, if a SEND was issued
        return put(State::kFinWait1);
      case State::kSynSent:
        put(State::kSynSent);
        h.syn = {};
        return put(nobody());
      default:
        return put(state);
    }
  });
  Swap();
}

bool Connection::IsSurelyUnread(size_t incarnation) const {
  bool sure = HasLiveConnection(incarnation);
  beliefs().ForEach([&](size_t, size_t inc, State state, const Hypothesis& h) {
    if (inc != incarnation || IsNobody(state)) return;
    const bool open = state == State::kEstablished || state == State::kFinWait1 ||
                      state == State::kFinWait2 || state == State::kCloseWait;
    const Offset fin = HasTakenFin(state) ? 1 : 0;
    sure =
        sure && open && h.hole == kNowhere && h.rcv_nxt.lo - 1 - fin > facts_[incarnation].app_read;
  });
  return sure;
}

void Connection::CallClose(size_t incarnation, Instant now, const Profile& profile) {
  const bool unread = [&] {
    bool any = false;
    beliefs().ForEach([&](size_t, size_t inc, State state, const Hypothesis& h) {
      if (inc == incarnation && !IsNobody(state)) {
        const Offset fin = HasTakenFin(state) ? 1 : 0;
        any = any || h.rcv_nxt.hi - 1 - fin > facts_[incarnation].app_read;
      }
    });
    return any;
  }();
  const bool resets = profile.half_duplex_close && IsSurelyUnread(incarnation);
  CallShutdown(incarnation, now, profile);
  const Beliefs& before = next();  // what was believed until now
  beliefs().ForEach([&](size_t, size_t inc, State state, Hypothesis& h) {
    if (inc != incarnation) return;
    h.app_gone = true;
    if (resets && !IsNobody(state)) OweReset(h, now + profile.tick, Reason::kUnread);
  });
  if (resets) return;
  before.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    if (inc != incarnation || IsNobody(state)) return;
    Hypothesis dead = h;
    dead.since = now;
    dead.ack = dead.rst = dead.syn = {};
    if (state == State::kSynSent) {
      beliefs().Put(lane, inc, nobody(), dead);  // 3.10.4: the TCB is deleted, no RST
      return;
    }
    // The hole counts as unread for ever. What was queued may be seen to go out before the RST.
    if (h.hole != kNowhere && AbortSendsRst(state)) {
      Hypothesis aborting = h;
      aborting.aborting = true;
      aborting.rst_in_flight = true;
      beliefs().Put(lane, inc, state, aborting);
    }
    // Data that nobody has read: RST instead of FIN, or after it (3.6.1, SHLD-3). In SYN-RECEIVED,
    // {FIN, RST, nothing}.
    if ((unread && state != State::kTimeWait) || state == State::kSynReceived) {
      dead.rst_in_flight = true;
      beliefs().Put(lane, inc, nobody(), dead);
    }
  });
}

void Connection::CallAbort(size_t incarnation, Instant now, const Profile& profile) {
  Stimulated(now);
  next().Clear();
  beliefs().ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& before) {
    if (inc != incarnation || IsNobody(state)) return next().Put(lane, inc, state, before);
    Hypothesis dead = before;
    dead.since = now;
    dead.ack = dead.rst = dead.syn = {};
    dead.rst_in_flight = state != State::kSynSent;
    if (state == State::kSynSent && profile.quirks.Has(Quirk::kSynSentAbortSendsRst)) {
      Hypothesis quirky = dead;
      quirky.rst_in_flight = true;
      quirky.quirks.Add(Quirk::kSynSentAbortSendsRst);
      next().Put(1, inc, nobody(), quirky);
    }
    if (AbortSendsRst(state)) {
      // Alive until its RST is seen: a held ACK may still come before it.
      Hypothesis aborting = before;
      OweReset(aborting, now + profile.tick, Reason::kAbort);
      next().Put(lane, inc, state, aborting);
      return;
    }
    next().Put(lane, inc, nobody(), dead);
    if (state == State::kTimeWait) next().Put(lane, inc, state, before);
  });
  Swap();
}

}  // namespace assay::observer
