#include "harness/observer/profile.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace assay::observer {
namespace {

TEST(Profile, NamesOfQuirksRoundTrip) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kQuirkCount; ++i) {
    const auto quirk = static_cast<Quirk>(i);
    EXPECT_FALSE(Name(quirk).empty()) << i;
    EXPECT_TRUE(names.insert(Name(quirk)).second) << Name(quirk);
    EXPECT_EQ(QuirkNamed(Name(quirk)), quirk) << Name(quirk);
  }
}

TEST(Profile, WhatIsNoQuirkHasNone) {
  for (std::string_view name : {"", "fin", "fin.moved ", "FIN.MOVED", "fin.moved\t"}) {
    EXPECT_EQ(QuirkNamed(name), std::nullopt) << name;
  }
}

TEST(ProfileDeathTest, AQuirkThatDoesNotExistHasNoName) {
  EXPECT_DEATH(Name(static_cast<Quirk>(kQuirkCount)), "");
}

TEST(Profile, ASetHoldsEachQuirkByItself) {
  QuirkSet all;
  for (size_t i = 0; i < kQuirkCount; ++i) {
    QuirkSet one;
    one.Add(static_cast<Quirk>(i));
    for (size_t j = 0; j < kQuirkCount; ++j) {
      EXPECT_EQ(one.Has(static_cast<Quirk>(j)), i == j) << i << " " << j;
    }
    all = all | one;
  }
  for (size_t i = 0; i < kQuirkCount; ++i) EXPECT_TRUE(all.Has(static_cast<Quirk>(i)));
  EXPECT_TRUE(QuirkSet().empty());
}

}  // namespace
}  // namespace assay::observer
