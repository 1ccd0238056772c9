#include "harness/observer/offset.h"

#include <gtest/gtest.h>

#include "stack/base/prng.h"

namespace assay::observer {
namespace {

constexpr Offset kCircle = Offset{1} << 32;
constexpr Offset kHalf = Offset{1} << 31;

uint32_t Wire(Offset offset, uint32_t initial) { return initial + static_cast<uint32_t>(offset); }

TEST(Offset, UnwrapFindsTheOffsetThatIsNearest) {
  for (const uint32_t initial : {uint32_t{0}, uint32_t{1}, uint32_t{0x7fff'ffff},
                                 uint32_t{0x8000'0000}, uint32_t{0xffff'ffff}}) {
    for (const Offset near : {Offset{0}, Offset{1}, kHalf - 1, kHalf, kCircle - 1, kCircle,
                              kCircle + 1, 5 * kCircle - 1}) {
      for (const Offset away :
           {Offset{0}, Offset{1}, Offset{-1}, Offset{65'535}, kHalf - 1, -kHalf + 1, -kHalf}) {
        EXPECT_EQ(Unwrap(Wire(near + away, initial), initial, near), near + away)
            << initial << " " << near << " " << away;
      }
    }
  }
}

TEST(Offset, HalfACircleAwayIsBehind) {
  EXPECT_EQ(Unwrap(Wire(kHalf, 7), 7, 0), -kHalf);
  EXPECT_EQ(Unwrap(Wire(100 - kHalf, 7), 7, 100), 100 - kHalf);
}

TEST(Offset, UnwrapIsTheInverseOfWrappingWithinHalfACircle) {
  Prng prng(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto initial = static_cast<uint32_t>(prng.Next());
    const Offset near = prng.Below(0xffff'fffe) * Offset{3};
    const Offset offset = near + static_cast<int32_t>(static_cast<uint32_t>(prng.Next()));
    ASSERT_EQ(Unwrap(Wire(offset, initial), initial, near), offset);
  }
}

// The initial number of the stream says where offset 0 is, even one octet before the wrap.
TEST(Offset, AStreamGoesOnOverTheWrap) {
  constexpr uint32_t kInitial = 0xffff'ffff;
  for (Offset at = 0; at < 10; ++at) {
    EXPECT_EQ(Unwrap(static_cast<uint32_t>(kInitial + at), kInitial, 3), at);
  }
}

TEST(Range, TheHullHoldsBothAndNothingOutside) {
  for (Offset a = 0; a < 5; ++a) {
    for (Offset b = a; b < 5; ++b) {
      for (Offset c = 0; c < 5; ++c) {
        for (Offset d = c; d < 5; ++d) {
          const Range hull = Hull(Range{a, b}, Range{c, d});
          EXPECT_EQ(hull, Hull(Range{c, d}, Range{a, b}));
          for (Offset v = 0; v < 5; ++v) {
            if (Range{a, b}.Has(v) || Range{c, d}.Has(v)) {
              EXPECT_TRUE(hull.Has(v));
            }
          }
          EXPECT_TRUE(hull.lo == a || hull.lo == c);
          EXPECT_TRUE(hull.hi == b || hull.hi == d);
        }
      }
    }
  }
  EXPECT_TRUE(Range::At(3).certain());
  EXPECT_FALSE(Hull(Range::At(3), Range::At(4)).certain());
}

}  // namespace
}  // namespace assay::observer
