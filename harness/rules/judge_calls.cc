// The judge's ears for user calls: what they do to the beliefs, and what their answers rule out.

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "harness/observer/arrival.h"
#include "harness/rules/judge.h"
#include "harness/rules/rule_kinds.h"
#include "harness/scenario/stream.h"

namespace assay::rules {
namespace {

using observer::AfterFin;
using observer::Beliefs;
using observer::Connection;

}  // namespace

void Judge::OnListen(uint16_t port) { observer_.Listens(port); }

void Judge::OnConnect(sut::Handle handle, uint16_t local_port, uint16_t remote_port, Instant now) {
  if (tainted_) return;
  observer_.Connects(handle, local_port, remote_port, now);
  answering_ = true;
}

void Judge::OnAccept(sut::Handle handle, const wire::Endpoint& from, Instant) {
  observer_.Accepts(handle, from);
}

template <typename Seen, typename Keep>
[[gnu::noinline]] void Judge::Prune(Connection& connection, size_t bound, size_t rule, Instant now,
                                    Seen seen, Keep keep) {
  ++tally_.applied[rule];
  Beliefs& beliefs = connection.beliefs();
  Contradictions contradictions;
  bool others = false;
  beliefs.ForEach([&](size_t lane, size_t inc, State state, Hypothesis& h) {
    // What is believed of another incarnation says nothing about this handle.
    if (inc != bound && !IsNobody(state)) {
      others = true;
      return;
    }
    if (!keep(state, h, connection.facts(bound)))
      contradictions.push_back({static_cast<uint8_t>(rule), state, static_cast<uint8_t>(lane),
                                static_cast<uint8_t>(inc)});
  });
  if (contradictions.empty()) return;
  if (others) return;  // the handle's own incarnation may be gone: nothing is certain
  const Beliefs before = beliefs;
  for (const Contradiction& c : contradictions) beliefs.Drop(c.lane, c.incarnation, c.state);
  if (connection.IsIdle() && observer_.profile().quirks.Has(Quirk::kMovedFin) &&
      !connection.facts(bound).fins.empty()) {
    // A FIN may have been taken where nobody put it.
    for (const Contradiction& c : contradictions) {
      Hypothesis moved = before.At(c.lane, c.incarnation, c.state);
      const State after = AfterFin(c.state);
      if (after == c.state) continue;
      moved.quirks.Add(Quirk::kMovedFin);
      ++moved.rcv_nxt.hi;  // what was taken for text may have been the FIN
      moved.time_wait_since = moved.time_wait_latest = now;
      if (keep(after, moved, connection.facts(bound))) beliefs.Put(1, c.incarnation, after, moved);
    }
  }
  Conclude(connection, before, contradictions, nullptr, now, seen());
}

void Judge::OnSend(sut::Handle handle, const sut::Transfer& answer, Instant now, uint32_t flags) {
  if (tainted_) return;
  answering_ = true;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost()) return;
  connection->Stimulated(now);
  if (answer.error == sut::CallError::kNone) {
    connection->CallSend(bound, answer.octets, flags);
  } else if (answer.error == sut::CallError::kAgain) {
    connection->facts(bound).send_refused = true;
  } else if (sut::EndsConnection(answer.error)) {
    Prune(
        *connection, bound, kinds_.reset, now,
        [&] {
          return std::string(absl::StrCat("send answered \"", sut::Name(answer.error), "\""));
        },
        [](State state, const Hypothesis&, const Facts&) { return IsNobody(state); });
  }
}

void Judge::OnReceive(sut::Handle handle, wire::Octets octets, const sut::Transfer& answer,
                      Instant now) {
  if (tainted_) return;
  answering_ = true;
  if (answer.error == sut::CallError::kAgain) return;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost()) return;
  Facts& facts = connection->facts(bound);
  const Kinds& kinds = kinds_;
  if (answer.error != sut::CallError::kNone) {
    if (!sut::EndsConnection(answer.error)) return;
    return Prune(
        *connection, bound, kinds.reset, now,
        [&] {
          return std::string(absl::StrCat("recv answered \"", sut::Name(answer.error), "\""));
        },
        [](State state, const Hypothesis&, const Facts&) { return IsNobody(state); });
  }
  if (answer.octets == 0) {
    facts.end_read = true;
    return Prune(
        *connection, bound, kinds.end, now,
        [&] { return std::string("recv answered the end of the stream"); },
        [](State state, const Hypothesis&, const Facts&) {
          return IsNobody(state) || state == State::kCloseWait || state == State::kClosing ||
                 state == State::kLastAck || state == State::kTimeWait;
        });
  }
  const Offset before = facts.app_read;
  facts.app_read += static_cast<Offset>(answer.octets);
  facts.read_since_offer += static_cast<Offset>(answer.octets);
  const uint64_t at =
      scenario::TesterOffset(facts.irs + 1 + static_cast<uint32_t>(before), tester_iss_);
  const wire::Octets sent = scenario::StreamOctets(scenario::Stream::kTester, at, octets.size());
  const bool exact = std::memcmp(octets.data(), sent.data(), sent.size()) == 0;
  Prune(
      *connection, bound, kinds.exact, now,
      [&] {
        return std::string(absl::StrCat("recv answered ", octets.size(), " octets from offset ",
                                        before, " that are not what was sent there"));
      },
      [&](State state, const Hypothesis& h, const Facts&) {
        // Once the connection is gone nothing else tells what it was like.
        if (IsNobody(state) && facts.stray.syn_at > 0 &&
            IsOfStream(octets, facts, before, facts.stray.syn_at)) {
          return true;
        }
        if (h.hole == observer::kNowhere) return exact;
        return h.hole == observer::kSomewhere || IsOfStream(octets, facts, before, h.hole);
      });
  if (tainted_) return;
  Prune(
      *connection, bound, kinds.received, now,
      [&] {
        return std::string(absl::StrCat("recv answered octets up to offset ", facts.app_read));
      },
      [](State state, Hypothesis& h, const Facts& f) {
        if (IsNobody(state)) return true;
        if (state == State::kSynSent || state == State::kSynReceived) return false;
        if (h.rcv_nxt.hi < h.Behind(f.app_read)) return false;
        h.rcv_nxt.lo = std::max(h.rcv_nxt.lo, h.Behind(f.app_read));
        return true;
      });
}

bool Judge::IsOfStream(wire::Octets octets, const Facts& facts, Offset given, Offset hole) const {
  const auto stands_at = [&](wire::Octets part, Offset first) {
    const uint64_t at =
        scenario::TesterOffset(facts.irs + 1 + static_cast<uint32_t>(first), tester_iss_);
    return std::ranges::equal(part,
                              scenario::StreamOctets(scenario::Stream::kTester, at, part.size()));
  };
  const auto size = static_cast<Offset>(octets.size());
  const Offset whole = hole > 0 ? std::clamp<Offset>(hole - 1 - given, 0, size) : size;
  return stands_at(octets.first(static_cast<size_t>(whole)), given) &&
         stands_at(octets.subspan(static_cast<size_t>(whole)), given + whole + 1);
}

void Judge::OnOption(sut::Handle handle, sut::Option option, int64_t value, sut::CallError answer,
                     Instant now) {
  if (tainted_) return;
  answering_ = true;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost()) return;
  connection->Stimulated(now);
  if (answer == sut::CallError::kNone) connection->CallOption(bound, option, value);
  Prune(
      *connection, bound, kinds_.option, now,
      [&] { return absl::StrCat("an option was answered \"", sut::Name(answer), "\""); },
      [answer](State state, const Hypothesis& h, const Facts&) {
        return answer == sut::CallError::kNone || IsNobody(state) || h.app_gone;
      });
}

void Judge::OnShutdown(sut::Handle handle, sut::CallError answer, Instant now) {
  if (tainted_) return;
  answering_ = true;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost() || answer != sut::CallError::kNone) return;
  connection->CallShutdown(bound, now, observer_.profile());
}

void Judge::OnClose(sut::Handle handle, sut::CallError answer, Instant now) {
  if (tainted_) return;
  answering_ = true;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost() || answer != sut::CallError::kNone) return;
  connection->CallClose(bound, now, observer_.profile());
}

void Judge::OnAbort(sut::Handle handle, sut::CallError answer, Instant now) {
  if (tainted_) return;
  answering_ = true;
  const auto [connection, bound] = observer_.OfCall(handle);
  if (connection == nullptr || connection->lost() || answer != sut::CallError::kNone) return;
  connection->CallAbort(bound, now, observer_.profile());
}

void Judge::OnState(sut::Handle handle, const sut::ReportedState& reported, Instant now) {
  if (tainted_ || !reported.known) return;
  const auto [connection, bound] = observer_.OfReport(handle);
  if (connection == nullptr || connection->lost()) return;
  const State told = reported.state;
  const Beliefs& believed = connection->beliefs();
  const auto only = static_cast<uint16_t>(1u << static_cast<unsigned>(told));
  if (believed.LaneIsEmpty(1) && believed.live(0, bound) == only &&
      believed.live(0, 1 - bound) == 0) {
    ++tally_.applied[kinds_.state];
    return;
  }
  if (told == State::kLastAck && connection->facts(bound).fin_requested) {
    // CLOSE-WAIT was left when the last of what was queued went out.
    Beliefs& beliefs = connection->beliefs();
    for (size_t lane = 0; lane < observer::kLanes; ++lane) {
      if (!beliefs.Live(lane, bound, State::kCloseWait)) continue;
      const Hypothesis moved = beliefs.At(lane, bound, State::kCloseWait);
      beliefs.Put(lane, bound, State::kLastAck, moved);
    }
  }
  Prune(
      *connection, bound, kinds_.state, now,
      [&] {
        return std::string(absl::StrCat("the stack reports ", std::string(spec::Name(told))));
      },
      [told](State state, const Hypothesis&, const Facts&) {
        return IsNobody(told) ? IsNobody(state) : state == told;
      });
}

}  // namespace assay::rules
