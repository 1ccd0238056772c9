#include "stack/host/ring.h"

#include <gtest/gtest.h>

#include <array>

namespace assay::host {
namespace {

TEST(RingTest, WhatIsWrittenIsReadOverTheEndAndNothingIsNothing) {
  std::array<std::byte, 8> octets{};
  Ring ring(octets);
  const std::array<std::byte, 5> written = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                            std::byte{5}};
  ring.Write(6, written);
  ring.Write(0xffff'ffff, {});
  std::array<std::byte, 5> read{};
  ring.Read(6, read);
  EXPECT_EQ(read, written);
  EXPECT_EQ(ring.Piece(6, 5).size(), 2u);
  ring.Read(6, wire::MutableOctets(read).first(0));
  EXPECT_EQ(read, written);
}

}  // namespace
}  // namespace assay::host
