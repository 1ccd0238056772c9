#include "stack/tcp/effects.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string_view>

namespace assay::tcp {
namespace {

TEST(NameTest, TheUsersErrorsAreThoseOf391) {
  constexpr std::array<std::pair<Answer, std::string_view>, 10> kNames = {{
      {Answer::kOk, "ok"},
      {Answer::kDoesNotExist, "connection does not exist"},
      {Answer::kAlreadyExists, "connection already exists"},
      {Answer::kClosing, "connection closing"},
      {Answer::kInsufficientResources, "insufficient resources"},
      {Answer::kRemoteUnspecified, "remote socket unspecified"},
      {Answer::kReset, "connection reset"},
      {Answer::kRefused, "connection refused"},
      {Answer::kTimedOut, "connection aborted due to user timeout"},
      {Answer::kUnreachable, "destination unreachable"},
  }};
  for (const auto& [answer, name] : kNames) EXPECT_EQ(Name(answer), name);
}

TEST(NameTest, EverySignalHasOneOfItsOwn) {
  std::set<std::string_view> names;
  for (uint8_t i = 0; i <= static_cast<uint8_t>(Signal::kDeleted); ++i) {
    EXPECT_FALSE(Name(static_cast<Signal>(i)).empty());
    names.insert(Name(static_cast<Signal>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Signal::kDeleted) + 1);
}

}  // namespace
}  // namespace assay::tcp
