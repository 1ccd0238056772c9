#include "harness/observer/trace.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <set>
#include <vector>

namespace assay::observer {
namespace {

std::vector<std::byte> Octets(std::initializer_list<int> values) {
  std::vector<std::byte> octets;
  for (const int value : values) octets.push_back(static_cast<std::byte>(value));
  return octets;
}

Instant At(int64_t ns) { return Instant::FromNanoseconds(ns); }

// One event of each kind.
Trace Sample() {
  Trace trace;
  trace.AddCall(At(0), Call::kListen, 0, sut::CallError::kNone, 7);
  trace.AddPacket(TraceKind::kToStack, At(1), Octets({1, 2, 3}), Fate::kDelivered);
  trace.AddPacket(TraceKind::kFromStack, At(1), Octets({4, 5}), Fate::kDelivered);
  trace.AddTime(At(10), Duration::Nanoseconds(9));
  return trace;
}

TEST(Trace, TheSameRunHasTheSameDigest) {
  EXPECT_EQ(Sample().digest(), Sample().digest());
  Trace again = Sample();
  again.Clear();
  EXPECT_EQ(again.digest(), Trace().digest());
  EXPECT_TRUE(again.events().empty());
}

// Each thing that is recorded, changed by the least that it can be.
TEST(Trace, TheDigestChangesWithAnythingThatIsRecorded) {
  const std::vector<std::function<void(Trace&)>> last_events = {
      [](Trace&) {},
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({1}), Fate::kDelivered); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({0}), Fate::kDelivered); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({}), Fate::kDelivered); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({1, 0}), Fate::kDelivered); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(21), Octets({1}), Fate::kDelivered); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({1}), Fate::kLost); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({1}), Fate::kLeft); },
      [](Trace& t) { t.AddPacket(TraceKind::kToStack, At(20), Octets({1}), Fate::kArrived); },
      [](Trace& t) { t.AddPacket(TraceKind::kFromStack, At(20), Octets({1}), Fate::kDelivered); },
      [](Trace& t) { t.AddCall(At(20), Call::kSend, 1, sut::CallError::kNone, 5); },
      [](Trace& t) { t.AddCall(At(20), Call::kReceive, 1, sut::CallError::kNone, 5); },
      [](Trace& t) { t.AddCall(At(20), Call::kSend, 2, sut::CallError::kNone, 5); },
      [](Trace& t) { t.AddCall(At(20), Call::kSend, 1, sut::CallError::kReset, 5); },
      [](Trace& t) { t.AddCall(At(20), Call::kSend, 1, sut::CallError::kNone, 6); },
      [](Trace& t) {
        t.AddCall(At(20), Call::kSend, 1, sut::CallError::kNone, 5);
        t.last().by_tester = true;
      },
      [](Trace& t) { t.AddTime(At(20), Duration::Nanoseconds(1)); },
      [](Trace& t) { t.AddTime(At(20), Duration::Nanoseconds(2)); },
  };
  std::set<uint64_t> digests;
  for (const auto& add : last_events) {
    Trace trace = Sample();
    add(trace);
    EXPECT_TRUE(digests.insert(trace.digest()).second) << "number " << digests.size();
  }
}

TEST(Trace, TheDigestTellsWhereOnePacketEndsAndTheNextBegins) {
  Trace one;
  one.AddPacket(TraceKind::kToStack, At(0), Octets({1, 2}), Fate::kDelivered);
  one.AddPacket(TraceKind::kToStack, At(0), Octets({3}), Fate::kDelivered);
  Trace other;
  other.AddPacket(TraceKind::kToStack, At(0), Octets({1}), Fate::kDelivered);
  other.AddPacket(TraceKind::kToStack, At(0), Octets({2, 3}), Fate::kDelivered);
  EXPECT_NE(one.digest(), other.digest());
}

TEST(Trace, TheOrderOfEventsCounts) {
  Trace one;
  one.AddPacket(TraceKind::kToStack, At(0), Octets({1}), Fate::kDelivered);
  one.AddPacket(TraceKind::kToStack, At(0), Octets({2}), Fate::kDelivered);
  Trace other;
  other.AddPacket(TraceKind::kToStack, At(0), Octets({2}), Fate::kDelivered);
  other.AddPacket(TraceKind::kToStack, At(0), Octets({1}), Fate::kDelivered);
  EXPECT_NE(one.digest(), other.digest());
}

TEST(Trace, ConclusionsAreNoPartOfTheDigest) {
  Trace trace = Sample();
  trace.last().stack_states.Add(spec::State::kEstablished);
  trace.last().tester_state = spec::State::kListen;
  EXPECT_EQ(trace.digest(), Sample().digest());
}

TEST(Trace, KeepsThePacketsAsTheyWere) {
  const Trace trace = Sample();
  const auto packet = [&trace](size_t event) {
    const wire::Octets octets = trace.packet(trace.events()[event]);
    return std::vector<std::byte>(octets.begin(), octets.end());
  };
  EXPECT_EQ(packet(1), Octets({1, 2, 3}));
  EXPECT_EQ(packet(2), Octets({4, 5}));
  EXPECT_TRUE(packet(0).empty());
}

TEST(Trace, CallsHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Call::kAbort); ++i) {
    EXPECT_TRUE(names.insert(Name(static_cast<Call>(i))).second);
  }
}

}  // namespace
}  // namespace assay::observer
