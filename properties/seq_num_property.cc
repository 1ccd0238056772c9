// Arithmetic on the circle of sequence numbers, most of all round the wrap.

#include "gtest/gtest.h"
#include "properties/wire_generators.h"
#include "rapidcheck/gtest.h"
#include "stack/wire/seq_num.h"

namespace assay::properties {
namespace {

using wire::SndSeq;

constexpr uint32_t kHalf = 0x8000'0000;

// Steps forward of less than half a circle.
rc::Gen<uint32_t> AnyStep() {
  return rc::gen::oneOf(rc::gen::inRange<uint32_t>(1, 65536),
                        rc::gen::element<uint32_t>(1, 2, kHalf - 2, kHalf - 1));
}

void TagWrap(SndSeq from, uint32_t octets) {
  RC_TAG((from + octets).wire() < from.wire() ? "wraps" : "does not wrap");
}

RC_GTEST_PROP(SeqNumProperty, MovingForwardIsAfter, ()) {
  const SndSeq from = *AnySeq();
  const uint32_t octets = *AnyStep();
  TagWrap(from, octets);
  RC_ASSERT(Before(from, from + octets));
  RC_ASSERT(AtOrBefore(from, from + octets));
  RC_ASSERT(!Before(from + octets, from));
  RC_ASSERT(!AtOrBefore(from + octets, from));
}

RC_GTEST_PROP(SeqNumProperty, AWindowHoldsItsLeftEdgeAndNotItsRight, ()) {
  const SndSeq from = *AnySeq();
  const uint32_t octets = *AnyStep();
  TagWrap(from, octets);
  RC_ASSERT(InWindow(from, from, octets));
  RC_ASSERT(InWindow(from + octets - 1, from, octets));
  RC_ASSERT(!InWindow(from + octets, from, octets));
  RC_ASSERT(!InWindow(from - 1, from, octets));
}

RC_GTEST_PROP(SeqNumProperty, DistanceUndoesMoving, ()) {
  const SndSeq from = *AnySeq();
  const uint32_t octets = *AnyField<uint32_t>();
  TagWrap(from, octets);
  RC_ASSERT(Distance(from, from + octets) == octets);
  RC_ASSERT(from + octets - octets == from);
  SndSeq moved = from;
  moved += octets;
  RC_ASSERT(moved == from + octets);
}

// Of two different positions one is before the other, unless they are half a circle apart.
RC_GTEST_PROP(SeqNumProperty, OrderIsTotalButForTheOppositeOfAPosition, ()) {
  const SndSeq a = *AnySeq();
  const SndSeq b = *rc::gen::oneOf(AnySeq(), rc::gen::just(a), rc::gen::just(a + kHalf));
  RC_TAG(a == b ? "same" : b == a + kHalf ? "opposite" : "apart");
  const int before = int{Before(a, b)} + int{Before(b, a)};
  RC_ASSERT(before == (a == b || b == a + kHalf ? 0 : 1));
}

}  // namespace
}  // namespace assay::properties
