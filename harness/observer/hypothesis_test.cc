#include "harness/observer/hypothesis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "stack/base/prng.h"

namespace assay::observer {
namespace {

using spec::State;

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

Debt AnyDebt(Prng& prng) {
  if (prng.OneIn(3)) return {};
  return {At(prng.Below(10)), prng.Below(10), Reason::kData};
}

Hypothesis AnyHypothesis(Prng& prng) {
  Hypothesis h;
  h.rcv_nxt = Range::At(prng.Below(10));
  h.rcv_nxt.hi += prng.Below(5);
  h.snd_una = Range::At(prng.Below(10));
  h.snd_una.hi += prng.Below(5);
  h.ack = AnyDebt(prng);
  h.rst = AnyDebt(prng);
  h.syn = AnyDebt(prng);
  for (uint32_t i = prng.Below(4); i > 0; --i) h.rst_forms.push_back({prng.Below(4), 0, false});
  h.rst_any = prng.OneIn(8);
  h.rst_in_flight = prng.OneIn(2);
  h.rst_or_ack = prng.OneIn(2);
  h.aborting = prng.OneIn(2);
  h.app_gone = prng.OneIn(2);
  h.ack_permits = static_cast<uint8_t>(prng.Below(4));
  h.syn_permits = static_cast<uint8_t>(prng.Below(2));
  h.permits_until = At(prng.Below(10));
  h.time_wait_since = At(prng.Below(10));
  h.time_wait_latest = h.time_wait_since + Duration::Seconds(prng.Below(10));
  h.since = At(prng.Below(10));
  h.origin = static_cast<uint8_t>(1 + prng.Below(3));
  if (prng.OneIn(2)) h.quirks.Add(static_cast<Quirk>(prng.Below(kQuirkCount)));
  return h;
}

// What `whole` owes, `part` owes as well, no later and no less.
void ExpectNoStrongerDebt(const Debt& whole, const Debt& part) {
  if (!whole.owed()) return;
  ASSERT_TRUE(part.owed());
  EXPECT_GE(whole.deadline, part.deadline);
  EXPECT_LE(whole.value, part.value);
}

bool Allows(const Hypothesis& h, const AllowedRst& form) {
  return h.rst_any || std::ranges::any_of(h.rst_forms, [&form](const AllowedRst& each) {
           return each.seq == form.seq && each.ack == form.ack && each.needs_ack == form.needs_ack;
         });
}

// `whole` forbids nothing that `part` permits, and owes nothing that `part` does not.
void ExpectWeaker(const Hypothesis& whole, const Hypothesis& part) {
  EXPECT_EQ(Hull(whole.rcv_nxt, part.rcv_nxt), whole.rcv_nxt);
  EXPECT_EQ(Hull(whole.snd_una, part.snd_una), whole.snd_una);
  ExpectNoStrongerDebt(whole.ack, part.ack);
  ExpectNoStrongerDebt(whole.rst, part.rst);
  ExpectNoStrongerDebt(whole.syn, part.syn);
  for (const AllowedRst& form : part.rst_forms) EXPECT_TRUE(Allows(whole, form));
  EXPECT_GE(whole.rst_any, part.rst_any);
  EXPECT_GE(whole.rst_in_flight, part.rst_in_flight);
  EXPECT_GE(whole.rst_or_ack, part.rst_or_ack);
  EXPECT_LE(whole.aborting, part.aborting);
  EXPECT_GE(whole.app_gone, part.app_gone);
  EXPECT_GE(whole.ack_permits, part.ack_permits);
  EXPECT_GE(whole.syn_permits, part.syn_permits);
  EXPECT_GE(whole.permits_until, part.permits_until);
  EXPECT_LE(whole.time_wait_since, part.time_wait_since);
  EXPECT_GE(whole.time_wait_latest, part.time_wait_latest);
  EXPECT_LE(whole.since, part.since);
  EXPECT_EQ(whole.origin | part.origin, whole.origin);
  EXPECT_EQ(whole.quirks | part.quirks, whole.quirks);
}

TEST(Hypothesis, AJoinIsWeakerThanBoth) {
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    Prng prng(seed);
    const Hypothesis a = AnyHypothesis(prng);
    const Hypothesis b = AnyHypothesis(prng);
    const Hypothesis joined = Join(a, b);
    ExpectWeaker(joined, a);
    ExpectWeaker(joined, b);
    // And no weaker than it must be.
    EXPECT_TRUE(joined.rcv_nxt.lo == a.rcv_nxt.lo || joined.rcv_nxt.lo == b.rcv_nxt.lo);
    EXPECT_TRUE(joined.rcv_nxt.hi == a.rcv_nxt.hi || joined.rcv_nxt.hi == b.rcv_nxt.hi);
    EXPECT_EQ(joined.ack.owed(), a.ack.owed() && b.ack.owed());
    EXPECT_EQ(joined.ack_permits, std::max(a.ack_permits, b.ack_permits));
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(Hypothesis, ADebtThatOnlyOneOwesIsNotOwed) {
  Hypothesis owes;
  owes.ack = {At(1), 100, Reason::kData};
  EXPECT_FALSE(Join(owes, Hypothesis()).ack.owed());
  EXPECT_FALSE(Join(Hypothesis(), owes).ack.owed());
  Hypothesis later;
  later.ack = {At(2), 200, Reason::kData};
  const Debt joined = Join(owes, later).ack;
  EXPECT_EQ(joined.deadline, At(2));
  EXPECT_EQ(joined.value, 100);
}

TEST(Hypothesis, MoreFormsOfRstThanThereIsRoomForAllowAny) {
  Hypothesis a;
  Hypothesis b;
  for (uint32_t i = 0; i < 2; ++i) {
    a.rst_forms.push_back({i, 0, false});
    b.rst_forms.push_back({10 + i, 0, false});
  }
  EXPECT_TRUE(Join(a, b).rst_any);
}

TEST(Beliefs, ASecondHypothesisInASlotIsJoined) {
  Beliefs beliefs;
  Hypothesis h;
  h.rcv_nxt = Range::At(1);
  beliefs.Put(0, 0, State::kEstablished, h);
  h.rcv_nxt = Range::At(5);
  beliefs.Put(0, 0, State::kEstablished, h);
  EXPECT_EQ(beliefs.At(0, 0, State::kEstablished).rcv_nxt, (Range{1, 5}));
  // A slot that was dropped begins anew.
  beliefs.Drop(0, 0, State::kEstablished);
  EXPECT_TRUE(beliefs.empty());
  beliefs.Put(0, 0, State::kEstablished, h);
  EXPECT_EQ(beliefs.At(0, 0, State::kEstablished).rcv_nxt, Range::At(5));
}

TEST(Beliefs, SlotsOfLanesIncarnationsAndStatesAreApart) {
  Beliefs beliefs;
  Offset value = 1;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    for (size_t inc = 0; inc < kIncarnations; ++inc) {
      for (State state : spec::kAllStates) {
        Hypothesis h;
        h.rcv_nxt = Range::At(value++);
        beliefs.Put(lane, inc, state, h);
      }
    }
  }
  std::vector<Offset> seen;
  beliefs.ForEach([&](size_t, size_t, State, const Hypothesis& h) {
    EXPECT_TRUE(h.rcv_nxt.certain());
    seen.push_back(h.rcv_nxt.lo);
  });
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.size(), kLanes * kIncarnations * spec::kStateCount);
}

TEST(Beliefs, ASlotMayBeDroppedWhileAllAreVisited) {
  Beliefs beliefs;
  for (State state : spec::kAllStates) beliefs.Put(0, 0, state, Hypothesis());
  int visited = 0;
  beliefs.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis&) {
    ++visited;
    if (state != State::kListen) beliefs.Drop(lane, inc, state);
  });
  EXPECT_EQ(visited, 11);
  EXPECT_EQ(beliefs.States(), spec::StateSet({State::kListen}));
}

TEST(Beliefs, WhatAQuirkExplainedIsBelievedFromThenOn) {
  Beliefs beliefs;
  beliefs.Put(0, 0, State::kEstablished, Hypothesis());
  Hypothesis quirky;
  quirky.quirks.Add(Quirk::kMovedFin);
  beliefs.Put(1, 1, State::kCloseWait, quirky);
  EXPECT_EQ(beliefs.States(), spec::StateSet({State::kEstablished, State::kCloseWait}));
  beliefs.Promote();
  EXPECT_TRUE(beliefs.LaneIsEmpty(1));
  EXPECT_FALSE(beliefs.Live(0, 0, State::kEstablished));
  ASSERT_TRUE(beliefs.Live(0, 1, State::kCloseWait));
  // It is reported once: from here on it rests on nothing.
  EXPECT_TRUE(beliefs.At(0, 1, State::kCloseWait).quirks.empty());
}

}  // namespace
}  // namespace assay::observer
