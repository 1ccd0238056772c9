#include "harness/scenario/mutate.h"

#include <algorithm>
#include <utility>

#include "harness/scenario/generate.h"
#include "harness/scenario/stretch.h"

namespace assay::scenario {
namespace {

uint32_t Index(const Scenario& scenario, Prng& prng) {
  return prng.Below(static_cast<uint32_t>(scenario.events.size()));
}

void MutateHeader(Header& header, Prng& prng) {
  switch (prng.Below(11)) {
    case 0:
      header.opening = header.opening == Opening::kStackListens ? Opening::kStackConnects
                                                                : Opening::kStackListens;
      break;
    case 1:
      header.ipv6 = !header.ipv6;
      break;
    case 2:
      header.reads_when_told = !header.reads_when_told;
      break;
    case 3:
      header.closes_at_end = !header.closes_at_end;
      break;
    case 4:
      header.echoes = !header.echoes;
      break;
    case 5:
      header.mtu = static_cast<uint8_t>(prng.Below(8));
      break;
    case 6:
      header.stack_iss = static_cast<uint8_t>(prng.Below(16));
      break;
    case 7:
      header.tester_iss = static_cast<uint8_t>(prng.Below(16));
      break;
    case 8:
      header.window_scale = !header.window_scale;
      break;
    case 9:
      header.sack = !header.sack;
      break;
    case 10:
      header.timestamps = !header.timestamps;
      break;
  }
}

// Draws one field anew from the generator's words, or moves a fine distance by one.
void MutateField(Event& event, Prng& prng) {
  if (prng.OneIn(10)) {
    event.twist = prng.OneIn(2) ? Twist::kNone : GenerateTwist(event.kind, prng);
    return;
  }
  Event drawn;
  do {
    drawn = GenerateEvent(prng);
  } while (drawn.kind != event.kind);
  if (event.kind != EventKind::kSegment) {
    if (event.kind == EventKind::kCall && prng.OneIn(2)) {
      event.length = drawn.length;
    } else {
      event = drawn;
    }
    return;
  }
  const auto step = static_cast<int16_t>(prng.OneIn(2) ? 1 : -1);
  const auto move = [step](int16_t fine, int limit) {
    return static_cast<int16_t>(std::clamp<int>(fine + step, -limit, limit - 1));
  };
  switch (prng.Below(12)) {
    case 0:
    case 1:
      event.polite = drawn.polite;
      event.control = drawn.control;
      break;
    case 2:
      event.seq_base = drawn.seq_base;
      break;
    case 3:
      event.ack_base = drawn.ack_base;
      break;
    case 4:
      event.seq_delta = drawn.seq_delta;
      break;
    case 5:
      event.ack_delta = drawn.ack_delta;
      break;
    case 6:
      event.seq_delta.fine = move(event.seq_delta.fine, 2048);
      break;
    case 7:
      event.ack_delta.fine = move(event.ack_delta.fine, 2048);
      break;
    case 8:
      event.length = drawn.length;
      break;
    case 9:
      event.window = static_cast<uint8_t>(prng.Next());
      break;
    case 10:
      event.options = static_cast<uint8_t>(prng.Next());
      break;
    case 11:
      event.lie = prng.OneIn(2) ? Lie::kNone : static_cast<Lie>(1 + prng.Below(7));
      break;
  }
}

void MutateOnce(Scenario& scenario, size_t most, Prng& prng) {
  auto& events = scenario.events;
  const bool room = events.size() < most;
  const uint32_t kind = prng.Below(94);
  if (events.empty()) {
    if (room) events.push_back(GenerateEvent(prng));
    return;
  }
  const uint32_t at = Index(scenario, prng);
  if (kind < 26) {
    MutateField(events[at], prng);
  } else if (kind < 48) {
    if (room) events.Insert(prng.OneIn(2) ? events.size() : at, GenerateEvent(prng));
  } else if (kind < 58) {
    events.Erase(at, at + 1);
  } else if (kind < 67) {
    size_t where = prng.OneIn(2) ? events.size() : at;
    const auto insert = [&](const auto& more) {
      for (const Event& event : more) {
        if (events.size() < most) events.Insert(where++, event);
      }
    };
    if (prng.OneIn(8)) {
      insert(GenerateStretch(scenario.header, prng));
    } else {
      insert(GeneratePhrase(prng));
    }
  } else if (kind < 75) {
    if (room) events.Insert(at, Event(events[at]));
  } else if (kind < 80) {
    const uint32_t other = Index(scenario, prng);
    std::swap(events[at], events[other]);
  } else if (kind < 85) {
    events[at] = GenerateEvent(prng);
  } else if (kind < 90) {
    MutateHeader(scenario.header, prng);
  } else {
    events.Erase(at, events.size());
  }
}

}  // namespace

void Mutate(Scenario& scenario, size_t most_events, Prng& prng) {
  const size_t most = std::min(most_events, kMostEvents);
  int rounds = 1;
  while (rounds < 6 && prng.OneIn(2)) ++rounds;
  for (int i = 0; i < rounds; ++i) MutateOnce(scenario, most, prng);
}

Scenario CrossOver(const Scenario& a, const Scenario& b, Prng& prng) {
  Scenario child;
  child.header = prng.OneIn(4) ? b.header : a.header;
  const size_t most = std::max(a.events.size(), b.events.size());
  const auto put = [&](const Scenario& from, size_t begin, size_t end) {
    for (size_t i = begin; i < end && child.events.size() < most; ++i) {
      child.events.push_back(from.events[i]);
    }
  };
  const size_t head = prng.Below(static_cast<uint32_t>(a.events.size() + 1));
  put(a, 0, head);
  const size_t b_size = b.events.size();
  const size_t begin =
      prng.OneIn(2) ? std::min(head, b_size) : prng.Below(static_cast<uint32_t>(b_size + 1));
  const size_t end = begin + prng.Below(static_cast<uint32_t>(b_size - begin + 1));
  put(b, begin, end);
  if (prng.OneIn(2)) put(a, head, a.events.size());
  return child;
}

}  // namespace assay::scenario
