#include "harness/scenario/stream.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace assay::scenario {
namespace {

TEST(Stream, APieceIsTheSameWhereverItIsCut) {
  const wire::Octets whole = StreamOctets(Stream::kStack, 4000, 1000);
  for (size_t cut : {1u, 92u, 93u, 94u, 999u}) {
    const wire::Octets tail = StreamOctets(Stream::kStack, 4000 + cut, 1000 - cut);
    EXPECT_TRUE(std::ranges::equal(whole.subspan(cut), tail)) << cut;
  }
}

TEST(Stream, APieceInTheWrongPlaceIsSeen) {
  const wire::Octets right = StreamOctets(Stream::kTester, 0, 64);
  for (uint64_t wrong : {1u, 2u, 4u, 536u, 1024u, 1460u, 4096u, 32768u}) {
    EXPECT_FALSE(std::ranges::equal(right, StreamOctets(Stream::kTester, wrong, 64))) << wrong;
  }
  EXPECT_FALSE(std::ranges::equal(right, StreamOctets(Stream::kStack, 0, 64)));
}

}  // namespace
}  // namespace assay::scenario
