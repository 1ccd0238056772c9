#include "stack/spec/transition.h"

#include <queue>

#include "gtest/gtest.h"

namespace assay::spec {
namespace {

using enum State;

TEST(Transitions, EveryStateIsReachedFromClosedAndLeadsBackToIt) {
  for (bool forward : {true, false}) {
    StateSet seen{kClosed};
    std::queue<State> todo({kClosed});
    for (; !todo.empty(); todo.pop()) {
      for (const Transition& t : Transitions()) {
        const State here = forward ? t.from : t.to;
        const State there = forward ? t.to : t.from;
        if (here != todo.front() || seen.Has(there)) continue;
        seen.Add(there);
        todo.push(there);
      }
    }
    for (State s : kAllStates) EXPECT_TRUE(seen.Has(s)) << Name(s);
  }
}

TEST(Transitions, NoneIsListedTwiceAndNoneStays) {
  for (const Transition& a : Transitions()) {
    EXPECT_NE(a.from, a.to) << Name(a.from);
    int same = 0;
    for (const Transition& b : Transitions()) {
      same += a.from == b.from && a.to == b.to && a.cause == b.cause;
    }
    EXPECT_EQ(same, 1) << Name(a.from) << " to " << Name(a.to) << " by " << Name(a.cause);
    EXPECT_FALSE(a.section.empty());
  }
}

TEST(Transitions, OneSegmentMayDoSeveralThings) {
  EXPECT_TRUE(IsLegal(kSynReceived, kCloseWait, Cause::kSegment));
  EXPECT_TRUE(IsLegal(kSynSent, kCloseWait, Cause::kSegment));
  EXPECT_TRUE(IsLegal(kFinWait1, kTimeWait, Cause::kSegment));
}

TEST(Transitions, WhatTheFigureDoesNotDrawIsIllegal) {
  EXPECT_FALSE(IsLegal(kEstablished, kTimeWait, Cause::kSegment));
  EXPECT_FALSE(IsLegal(kEstablished, kLastAck));
  EXPECT_FALSE(IsLegal(kCloseWait, kEstablished));
  EXPECT_FALSE(IsLegal(kLastAck, kTimeWait)) << "erratum 8916 asked for it and was rejected";
  EXPECT_FALSE(IsLegal(kFinWait2, kClosing));
  EXPECT_FALSE(IsLegal(kClosed, kEstablished));
  EXPECT_FALSE(IsLegal(kListen, kEstablished));
  EXPECT_FALSE(IsLegal(kTimeWait, kEstablished, Cause::kSegment));
}

TEST(Transitions, StayingIsLegal) {
  for (State s : kAllStates) EXPECT_TRUE(IsLegal(s, s));
}

}  // namespace
}  // namespace assay::spec
