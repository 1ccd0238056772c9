#include "harness/scenario/generate.h"

#include <array>

#include "harness/scenario/stretch.h"
#include "stack/base/check.h"

namespace assay::scenario {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

Delta GenerateDelta(Prng& prng) {
  Delta delta;
  if (prng.Below(3) != 0) return delta;
  const uint32_t kind = prng.Below(16);
  if (kind < 9) return delta;
  if (kind < 12) {
    delta.fine = static_cast<int16_t>(prng.Between(-3, 3));
  } else if (kind < 13) {
    delta.fine = static_cast<int16_t>(prng.Between(-2048, 2047));
  } else {
    delta.unit = static_cast<Unit>(prng.Below(16));
    delta.fine = static_cast<int16_t>(prng.Between(-1, 1));
  }
  return delta;
}

Length GenerateLength(Prng& prng) {
  Length length;
  const uint32_t kind = prng.Below(16);
  if (kind < 8) return length;
  if (kind < 11) {
    length.fine = static_cast<int16_t>(prng.Between(1, 20));
  } else if (kind < 13) {
    length.fine = static_cast<int16_t>(prng.Between(1, 1500));
  } else {
    length.unit = static_cast<LengthUnit>(1 + prng.Below(3));
    length.fine = static_cast<int16_t>(prng.Between(-1, 1));
  }
  return length;
}

Event GenerateSegment(Prng& prng) {
  static constexpr std::array<uint8_t, 14> kFlags = {
      kAck,        kAck,        kAck, kAck,        kPsh | kAck, kPsh | kAck, kFin | kAck,
      kFin | kAck, kFin | kAck, kSyn, kSyn | kAck, kRst,        kRst | kAck, kAck | kUrg};
  Event event;
  const uint32_t kind = prng.Below(20);
  if (kind >= 5) {
    event.polite = false;
    event.control = kind < 19 ? kFlags[kind - 5] : static_cast<uint8_t>(prng.Below(64));
  }
  if (prng.OneIn(4)) event.seq_base = static_cast<SeqBase>(1 + prng.Below(5));
  if (prng.OneIn(4)) event.ack_base = static_cast<AckBase>(1 + prng.Below(5));
  event.seq_delta = GenerateDelta(prng);
  event.ack_delta = GenerateDelta(prng);
  event.length = GenerateLength(prng);
  if (prng.OneIn(3)) event.window = static_cast<uint8_t>(prng.Next());
  if (prng.OneIn(3)) event.options = static_cast<uint8_t>(prng.Next());
  if (prng.OneIn(12)) event.lie = static_cast<Lie>(1 + prng.Below(7));
  return event;
}

}  // namespace

Event GenerateEvent(Prng& prng) {
  static constexpr std::array<Call, 15> kCalls = {
      Call::kSend,    Call::kSend,    Call::kSend,    Call::kSend,     Call::kSend,
      Call::kReceive, Call::kReceive, Call::kReceive, Call::kShutdown, Call::kShutdown,
      Call::kClose,   Call::kClose,   Call::kClose,   Call::kAbort,    Call::kConnect};
  static constexpr std::array<TimeWord, 16> kTimes = {TimeWord::kUntilOutput10s,
                                                      TimeWord::kUntilOutput10s,
                                                      TimeWord::kUntilOutput10s,
                                                      TimeWord::kUntilOutput10s,
                                                      TimeWord::k250ms,
                                                      TimeWord::k250ms,
                                                      TimeWord::k1ms,
                                                      TimeWord::k10ms,
                                                      TimeWord::k500ms,
                                                      TimeWord::k1s,
                                                      TimeWord::k3s,
                                                      TimeWord::k20s,
                                                      TimeWord::k75s,
                                                      TimeWord::k120s,
                                                      TimeWord::k241s,
                                                      TimeWord::kUntilOutput250s};
  const uint32_t kind = prng.Below(16);
  if (kind < 10) return GenerateSegment(prng);
  if (kind < 13) {
    Event event = Calls(kCalls[prng.Below(kCalls.size())]);
    event.length = GenerateLength(prng);
    return event;
  }
  if (kind < 15) return Wait(kTimes[prng.Below(kTimes.size())]);
  return Fails(static_cast<Fault>(prng.Below(4)));
}

Twist GenerateTwist(EventKind kind, Prng& prng) {
  switch (kind) {
    case EventKind::kSegment:
      return static_cast<Twist>(1 + prng.Below(14));
    case EventKind::kCall:
      return static_cast<Twist>(15 + prng.Below(4));
    case EventKind::kTime:
      // A stack that counts every tick takes its time over it.
      return prng.OneIn(8) ? Twist::kThreeHours : Twist::kNone;
    case EventKind::kFault:
      return Twist::kNone;
  }
  CheckFailed(__FILE__, __LINE__, "an EventKind");
}

Phrase GeneratePhrase(Prng& prng) {
  Phrase phrase;
  const auto octets = static_cast<int16_t>(prng.Between(1, 1460));
  switch (prng.Below(9)) {
    case 0:  // a handshake
      phrase.push_back(Polite());
      phrase.push_back(Polite());
      break;
    case 1:  // the tester closes
      phrase.push_back(Flags(kFin | kAck));
      phrase.push_back(Polite());
      break;
    case 2:  // the stack closes
      phrase.push_back(Polite());
      phrase.push_back(Calls(Call::kShutdown));
      phrase.push_back(Polite());
      break;
    case 3:  // both do: the tester's FIN does not acknowledge the stack's
      phrase.push_back(Calls(Call::kShutdown));
      phrase.push_back(Flags(kFin | kAck));
      phrase.back().ack_delta.fine = -1;
      phrase.push_back(Polite());
      break;
    case 4:  // data that has to be sent again
      phrase.push_back(Calls(Call::kSend, octets));
      phrase.push_back(Wait(TimeWord::kUntilOutput10s));
      break;
    case 5:  // data, and data ahead of a gap
      phrase.push_back(Polite(octets));
      phrase.push_back(Polite(octets));
      phrase.back().seq_delta.fine = static_cast<int16_t>(prng.Between(1, 100));
      break;
    case 6:  // a gap and what fills it
      phrase.push_back(Polite(octets));
      phrase.back().seq_delta.fine = 100;
      phrase.push_back(Polite(100));
      break;
    case 7:
      phrase.push_back(Wait(TimeWord::kUntilOutput10s));
      phrase.push_back(Wait(TimeWord::kUntilOutput10s));
      break;
    case 8: {  // of much data the first is lost, and what follows calls for duplicate ACKs
      phrase.push_back(Fails(prng.OneIn(2) ? Fault::kLoseOne : Fault::kLoseThree));
      phrase.push_back(Calls(Call::kSend));
      phrase.back().length.unit = LengthUnit::kWindow;
      for (uint32_t acks = 3 + prng.Below(4); acks > 0; --acks) phrase.push_back(Polite());
      break;
    }
  }
  return phrase;
}

namespace {

// A stretch behind a plain handshake, in place of what stood there, so that what follows meets what
// it led to.
void Lead(Scenario& scenario, Prng& prng) {
  const Stretch stretch = GenerateStretch(scenario.header, prng);
  size_t at = 0;
  const auto put = [&](const Event& event) {
    if (at < scenario.events.size()) {
      scenario.events[at++] = event;
    } else if (scenario.events.TryPush(event)) {
      ++at;
    }
  };
  // Some begin with a SYN of their own.
  if (stretch[0].control != kSyn) {
    put(Polite());
    put(Polite());
  }
  for (const Event& event : stretch) put(event);
}

}  // namespace

Scenario GenerateScenario(Prng& prng, size_t events) {
  Scenario scenario;
  Header& header = scenario.header;
  if (prng.OneIn(3)) header.opening = Opening::kStackConnects;
  header.ipv6 = prng.OneIn(4);
  header.reads_when_told = prng.OneIn(4);
  header.closes_at_end = prng.OneIn(4);
  header.echoes = prng.OneIn(6);
  header.mtu = static_cast<uint8_t>(prng.Below(8));
  header.stack_iss = static_cast<uint8_t>(prng.Below(16));
  header.tester_iss = static_cast<uint8_t>(prng.Below(16));
  if (prng.OneIn(4)) {
    header.window_scale = prng.OneIn(2);
    header.sack = prng.OneIn(2);
  }
  header.seed = static_cast<uint8_t>(prng.Next());
  if (!prng.OneIn(8)) {
    scenario.events.push_back(Polite());
    scenario.events.push_back(Polite());
  }
  while (scenario.events.size() < events && !scenario.events.full()) {
    if (!prng.OneIn(4)) {
      scenario.events.push_back(GenerateEvent(prng));
      continue;
    }
    for (const Event& event : GeneratePhrase(prng)) scenario.events.TryPush(event);
  }
  // Drawn last, so that it leaves what was drawn before as it is.
  header.timestamps = prng.OneIn(4);
  if (prng.OneIn(8)) {
    for (Event& event : scenario.events) {
      if (prng.OneIn(6)) event.twist = GenerateTwist(event.kind, prng);
    }
  }
  if (prng.OneIn(6)) Lead(scenario, prng);
  return scenario;
}

Scenario RandomScenario(uint64_t seed) {
  Prng prng(seed);
  return GenerateScenario(prng, 4 + prng.Below(20));
}

}  // namespace assay::scenario
