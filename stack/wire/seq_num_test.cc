#include "stack/wire/seq_num.h"

#include <type_traits>

#include "gtest/gtest.h"

namespace assay::wire {
namespace {

template <typename A, typename B>
concept Equates = requires(A a, B b) { a == b; };
template <typename A, typename B>
concept Orders = requires(A a, B b) { a < b; } || requires(A a, B b) { a <= b; } ||
                 requires(A a, B b) { a > b; } || requires(A a, B b) { a <=> b; };
template <typename A, typename B>
concept Subtracts = requires(A a, B b) { a - b; };
template <typename A, typename B>
concept Adds = requires(A a, B b) { a + b; };
template <typename A, typename B>
concept Measures = requires(A a, B b) { Distance(a, b); };
template <typename A, typename B>
concept ComesBefore =
    requires(A a, B b) { Before(a, b); } || requires(A a, B b) { AtOrBefore(a, b); };
template <typename A, typename B>
concept Windows = requires(A a, B b) { InWindow(a, b, uint32_t{1}); };

// What compiles within one direction ...
static_assert(Equates<SndSeq, SndSeq> && Equates<RcvSeq, RcvSeq>);
static_assert(Measures<SndSeq, SndSeq> && ComesBefore<SndSeq, SndSeq> && Windows<SndSeq, SndSeq>);
static_assert(Adds<SndSeq, uint32_t> && Subtracts<SndSeq, uint32_t>);

// ... does not between the two: SEG.ACK and RCV.NXT count different octets.
static_assert(!Equates<SndSeq, RcvSeq>);
static_assert(!Measures<SndSeq, RcvSeq>);
static_assert(!ComesBefore<SndSeq, RcvSeq>);
static_assert(!Windows<SndSeq, RcvSeq>);
static_assert(!std::is_convertible_v<SndSeq, RcvSeq> && !std::is_constructible_v<SndSeq, RcvSeq>);

// A circle has no order, and positions are neither numbers nor added to each other.
static_assert(!Orders<SndSeq, SndSeq> && !Orders<SndSeq, RcvSeq> && !Orders<SndSeq, uint32_t>);
static_assert(!Subtracts<SndSeq, SndSeq> && !Adds<SndSeq, SndSeq>);
static_assert(!Equates<SndSeq, uint32_t>);
static_assert(!std::is_convertible_v<uint32_t, SndSeq> && !std::is_convertible_v<SndSeq, uint32_t>);
static_assert(std::is_trivially_copyable_v<SndSeq> && sizeof(SndSeq) == 4);

constexpr uint32_t kHalf = 0x8000'0000;

TEST(SeqNum, AdditionAndSubtractionGoRoundTheCircle) {
  EXPECT_EQ(SndSeq(0xffff'ffff) + 1, SndSeq(0));
  EXPECT_EQ(SndSeq(0) - 1, SndSeq(0xffff'ffff));
  SndSeq seq(0xffff'fff0);
  seq += 0x20;
  EXPECT_EQ(seq.wire(), 0x10u);
}

TEST(SeqNum, DistanceIsCountedForward) {
  EXPECT_EQ(Distance(SndSeq(7), SndSeq(7)), 0u);
  EXPECT_EQ(Distance(SndSeq(0xffff'ffff), SndSeq(1)), 2u);
  EXPECT_EQ(Distance(SndSeq(1), SndSeq(0xffff'ffff)), 0xffff'fffeu);
}

// Every relation at every edge, seen from origins on both sides of the wrap and of the half circle.
TEST(SeqNum, OrderIsDecidedByTheDistanceAlone) {
  struct Case {
    uint32_t ahead;
    bool before;
    bool after;
  };
  constexpr Case kCases[] = {
      {0, false, false},          {1, true, false},           {2, true, false},
      {0x7fff'fffe, true, false}, {kHalf - 1, true, false},   {kHalf, false, false},
      {kHalf + 1, false, true},   {0xffff'fffe, false, true}, {0xffff'ffff, false, true},
  };
  for (const uint32_t origin : {0u, 1u, kHalf - 1, kHalf, kHalf + 1, 0xffff'fffeu, 0xffff'ffffu}) {
    const SndSeq a(origin);
    for (const Case& c : kCases) {
      SCOPED_TRACE(testing::Message() << origin << " + " << c.ahead);
      const SndSeq b = a + c.ahead;
      EXPECT_EQ(Before(a, b), c.before);
      EXPECT_EQ(Before(b, a), c.after);
      EXPECT_EQ(AtOrBefore(a, b), c.before || c.ahead == 0);
      EXPECT_EQ(AtOrBefore(b, a), c.after || c.ahead == 0);
    }
  }
}

TEST(SeqNum, AWindowHoldsItsLeftEdgeAndNotItsRight) {
  for (const uint32_t left : {0u, 100u, kHalf, 0xffff'ffffu, 0xffff'fff8u}) {
    SCOPED_TRACE(left);
    const RcvSeq edge(left);
    EXPECT_FALSE(InWindow(edge - 1, edge, 16));
    EXPECT_TRUE(InWindow(edge, edge, 16));
    EXPECT_TRUE(InWindow(edge + 15, edge, 16));
    EXPECT_FALSE(InWindow(edge + 16, edge, 16));
  }
}

TEST(SeqNum, NothingLiesInAnEmptyWindow) {
  EXPECT_FALSE(InWindow(RcvSeq(5), RcvSeq(5), 0));
  EXPECT_FALSE(InWindow(RcvSeq(4), RcvSeq(5), 0));
}

TEST(SeqNum, AWindowMayBeLargerThanHalfACircle) {
  EXPECT_TRUE(InWindow(RcvSeq(0) - 2, RcvSeq(0), 0xffff'ffff));
  EXPECT_FALSE(InWindow(RcvSeq(0) - 1, RcvSeq(0), 0xffff'ffff));
}

}  // namespace
}  // namespace assay::wire
