// Arithmetic on the circle of sequence numbers, most of all round the wrap; both directions.

#include <type_traits>

#include "gtest/gtest.h"
#include "properties/property.h"
#include "properties/wire_generators.h"
#include "rapidcheck.h"
#include "stack/wire/seq_num.h"

namespace assay::properties {
namespace {

using wire::RcvSeq;
using wire::SndSeq;

// One direction's numbers mean nothing to the other.
template <typename A, typename B>
concept Compares = requires(A a, B b) { Before(a, b); };
template <typename A, typename B>
concept Equals = requires(A a, B b) { a == b; };
template <typename A, typename B>
concept HasOrder = requires(A a, B b) { a < b; };
static_assert(Compares<SndSeq, SndSeq> && Equals<RcvSeq, RcvSeq>);
static_assert(!Compares<SndSeq, RcvSeq> && !Compares<RcvSeq, SndSeq>);
static_assert(!Equals<SndSeq, RcvSeq> && !std::is_convertible_v<uint32_t, SndSeq>);
static_assert(!HasOrder<SndSeq, SndSeq>);

constexpr uint32_t kHalf = 0x8000'0000;

// The operations under test, so that a wrong one can stand in their place.
template <typename Seq>
struct Operations {
  bool (*before)(Seq, Seq) = [](Seq a, Seq b) { return Before(a, b); };
  bool (*at_or_before)(Seq, Seq) = [](Seq a, Seq b) { return AtOrBefore(a, b); };
  bool (*in_window)(Seq, Seq, uint32_t) = [](Seq seq, Seq left, uint32_t size) {
    return InWindow(seq, left, size);
  };
};

template <typename Seq>
Seq AnyNumber() {
  return Seq((*AnySeq()).wire());
}

// Steps forward of less than half a circle.
rc::Gen<uint32_t> AnyStep() {
  return rc::gen::oneOf(rc::gen::inRange<uint32_t>(1, 65536),
                        rc::gen::element<uint32_t>(1, 2, kHalf - 2, kHalf - 1));
}

template <typename Seq>
void TagWrap(Seq from, uint32_t octets) {
  RC_TAG((from + octets).wire() < from.wire() ? "wraps" : "does not wrap");
}

template <typename Seq>
void MovingForwardIsAfter(const Operations<Seq>& is) {
  const Seq from = AnyNumber<Seq>();
  const uint32_t octets = *AnyStep();
  TagWrap(from, octets);
  RC_ASSERT(is.before(from, from + octets));
  RC_ASSERT(is.at_or_before(from, from + octets));
  RC_ASSERT(!is.before(from + octets, from));
  RC_ASSERT(!is.at_or_before(from + octets, from));
}

template <typename Seq>
void AWindowHoldsItsLeftEdgeAndNotItsRight(const Operations<Seq>& is) {
  const Seq from = AnyNumber<Seq>();
  const uint32_t octets = *AnyStep();
  TagWrap(from, octets);
  RC_ASSERT(is.in_window(from, from, octets));
  RC_ASSERT(is.in_window(from + octets - 1, from, octets));
  RC_ASSERT(!is.in_window(from + octets, from, octets));
  RC_ASSERT(!is.in_window(from - 1, from, octets));
  RC_ASSERT(!is.in_window(from, from, 0));
}

template <typename Seq>
void DistanceUndoesMoving() {
  const Seq from = AnyNumber<Seq>();
  const uint32_t octets = *AnyField<uint32_t>();
  TagWrap(from, octets);
  RC_ASSERT(Distance(from, from + octets) == octets);
  RC_ASSERT(from + octets - octets == from);
  Seq moved = from;
  moved += octets;
  RC_ASSERT(moved == from + octets);
}

// Of two different positions one is before the other, unless they are half a circle apart.
template <typename Seq>
void OrderIsTotalButForTheOppositeOfAPosition(const Operations<Seq>& is) {
  const Seq a = AnyNumber<Seq>();
  const Seq b(*rc::gen::oneOf(rc::gen::map(AnySeq(), [](SndSeq s) { return s.wire(); }),
                              rc::gen::just(a.wire()), rc::gen::just((a + kHalf).wire())));
  RC_TAG(a == b ? "same" : b == a + kHalf ? "opposite" : "apart");
  const int before = int{is.before(a, b)} + int{is.before(b, a)};
  RC_ASSERT(before == (a == b || b == a + kHalf ? 0 : 1));
  RC_ASSERT(is.at_or_before(a, b) == (a == b || is.before(a, b)));
}

PROPERTY(SeqNumProperty, MovingForwardIsAfter, 1) {
  MovingForwardIsAfter(Operations<SndSeq>());
  MovingForwardIsAfter(Operations<RcvSeq>());
}
PROPERTY(SeqNumProperty, AWindowHoldsItsLeftEdgeAndNotItsRight, 1) {
  AWindowHoldsItsLeftEdgeAndNotItsRight(Operations<SndSeq>());
  AWindowHoldsItsLeftEdgeAndNotItsRight(Operations<RcvSeq>());
}
PROPERTY(SeqNumProperty, DistanceUndoesMoving, 1) {
  DistanceUndoesMoving<SndSeq>();
  DistanceUndoesMoving<RcvSeq>();
}
PROPERTY(SeqNumProperty, OrderIsTotalButForTheOppositeOfAPosition, 1) {
  OrderIsTotalButForTheOppositeOfAPosition(Operations<SndSeq>());
  OrderIsTotalButForTheOppositeOfAPosition(Operations<RcvSeq>());
}

TEST(SeqNumMutant, OrderOnALineIsToldFromOrderOnACircle) {
  Operations<SndSeq> line;
  line.before = [](SndSeq a, SndSeq b) { return a.wire() < b.wire(); };
  EXPECT_NE(Falsified([&] { MovingForwardIsAfter(line); }, 100), "");
}

TEST(SeqNumMutant, SignedOrderFailsAtHalfACircle) {
  Operations<SndSeq> with_sign;
  with_sign.before = [](SndSeq a, SndSeq b) {
    return static_cast<int32_t>(a.wire() - b.wire()) < 0;
  };
  EXPECT_NE(Falsified([&] { OrderIsTotalButForTheOppositeOfAPosition(with_sign); }, 100), "");
}

TEST(SeqNumMutant, AWindowBetweenTwoNumbersFailsAtTheWrap) {
  Operations<SndSeq> line;
  line.in_window = [](SndSeq seq, SndSeq left, uint32_t size) {
    return seq.wire() >= left.wire() && seq.wire() < (left + size).wire();
  };
  EXPECT_NE(Falsified([&] { AWindowHoldsItsLeftEdgeAndNotItsRight(line); }, 100), "");
}

}  // namespace
}  // namespace assay::properties
