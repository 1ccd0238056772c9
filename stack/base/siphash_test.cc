#include "stack/base/siphash.h"

#include <array>

#include "gtest/gtest.h"

namespace assay {
namespace {

// The vectors that the authors publish: key 00..0f, input the first n octets of 00 01 02 ...
TEST(SipHash, MatchesThePublishedVectors) {
  const SipHashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::array<std::byte, 15> input{};
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::byte>(i);
  EXPECT_EQ(SipHash24(key, std::span(input).first(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(SipHash24(key, std::span(input).first(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(SipHash24(key, std::span(input).first(15)), 0xa129ca6149be45e5u);
}

TEST(SipHash, DependsOnTheKey) {
  EXPECT_NE(SipHash24({1, 2}, {}), SipHash24({1, 3}, {}));
  EXPECT_NE(SipHash24({1, 2}, {}), SipHash24({2, 2}, {}));
}

}  // namespace
}  // namespace assay
