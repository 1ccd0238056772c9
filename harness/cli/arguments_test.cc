#include "harness/cli/arguments.h"

#include <cstdint>

#include "absl/flags/flag.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

ABSL_FLAG(std::vector<std::string>, test_names, {}, "a list");
ABSL_FLAG(uint64_t, test_number, 7, "a number");
ABSL_FLAG(bool, test_switch, false, "a switch");

namespace assay::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::initializer_list<std::string_view> kAllowed = {"test_names", "test_number",
                                                              "test_switch"};

TEST(Arguments, WordsAndFlagsMix) {
  const auto parsed = ParseArguments({"one", "--test_number=12", "--test_switch", "two"}, kAllowed);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->words, ElementsAre("one", "two"));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 12u);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
}

TEST(Arguments, AListThatIsGivenTwiceIsOneLongerList) {
  ASSERT_TRUE(ParseArguments({"--test_names", "a,b", "--test_names=c"}, kAllowed).ok());
  EXPECT_THAT(absl::GetFlag(FLAGS_test_names), ElementsAre("a", "b", "c"));
}

TEST(Arguments, MistakesAreNamed) {
  EXPECT_THAT(std::string(ParseArguments({"--nosuch"}, kAllowed).status().message()),
              HasSubstr("unknown flag \"--nosuch\"; there are: --test_names"));
  EXPECT_THAT(std::string(ParseArguments({"-x"}, kAllowed).status().message()),
              HasSubstr("unknown flag \"-x\""));
  EXPECT_THAT(std::string(ParseArguments({"--test_number=abc"}, kAllowed).status().message()),
              HasSubstr("--test_number=abc"));
  EXPECT_THAT(std::string(ParseArguments({"--test_number"}, kAllowed).status().message()),
              HasSubstr("wants a value"));
  EXPECT_THAT(std::string(ParseArguments({"--test_switch"}, {}).status().message()),
              HasSubstr("unknown flag"));
}

TEST(Arguments, HelpIsNoFlag) {
  EXPECT_TRUE(ParseArguments({"--help"}, {})->help);
  EXPECT_TRUE(ParseArguments({"-h"}, {})->help);
}

}  // namespace
}  // namespace assay::cli
