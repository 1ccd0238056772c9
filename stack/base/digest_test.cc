#include "stack/base/digest.h"

#include <array>

#include "gtest/gtest.h"

namespace assay {
namespace {

TEST(Digest, IsFnv1a) {
  Digest digest;
  EXPECT_EQ(digest.value(), 0xcbf29ce484222325u);
  const std::array<std::byte, 1> a{std::byte{'a'}};
  digest.Add(a);
  EXPECT_EQ(digest.value(), 0xaf63dc4c8601ec8cu);
}

TEST(Digest, ANumberIsItsOctetsLowestFirst) {
  Digest number;
  number.Add(uint64_t{0x0807060504030201});
  Digest octets;
  const std::array<std::byte, 8> eight{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                       std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};
  octets.Add(eight);
  EXPECT_EQ(number.value(), octets.value());
}

}  // namespace
}  // namespace assay
