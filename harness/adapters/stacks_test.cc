#include "harness/adapters/stacks.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assay::adapters {
namespace {

using ::testing::HasSubstr;

TEST(Stacks, EveryNamedStackOpens) {
  for (const StackName& named : StackNames()) {
    const absl::StatusOr<Stack> stack = OpenStack(std::string(named.name), "");
    // What this machine does not let us have is told apart from what went wrong.
    if (named.clock == Clock::kReal && absl::IsUnavailable(stack.status())) continue;
    ASSERT_TRUE(stack.ok()) << stack.status();
    EXPECT_EQ(stack->name, named.name);
    EXPECT_EQ(stack->another != nullptr, named.clock == Clock::kReal);
    EXPECT_FALSE(std::string(stack->stack->version()).empty());
  }
}

TEST(Stacks, AnUnknownNameListsThoseThatThereAre) {
  const absl::StatusOr<Stack> stack = OpenStack("nosuch", "");
  ASSERT_FALSE(stack.ok());
  EXPECT_THAT(std::string(stack.status().message()), HasSubstr("there are: reference"));
}

TEST(Stacks, AnUnknownProfileListsThoseThatThereAre) {
  const absl::StatusOr<Stack> stack = OpenStack("reference", "nosuch");
  ASSERT_FALSE(stack.ok());
  EXPECT_THAT(std::string(stack.status().message()), HasSubstr("rfc793, rfc9293, hardened"));
}

TEST(Known, ATableIsReadLineByLine) {
  const auto known = ParseKnown(
      "quirk\trequirement\treason\twhere\n"
      "syn-sent.ignores-syn\tRFC9293-MUST-10\tno simultaneous open\tsrc/core/tcp_in.c:901\n");
  ASSERT_TRUE(known.ok()) << known.status();
  ASSERT_EQ(known->size(), 1u);
  EXPECT_EQ((*known)[0].quirk, observer::Quirk::kSynSentIgnoresSyn);
}

TEST(Known, AMistakeIsNamedWithItsLine) {
  EXPECT_EQ(ParseKnown("heading\nnosuch\ta\tb\tc\n").status().message(),
            "known.tsv:2: no quirk is named \"nosuch\"");
  EXPECT_EQ(ParseKnown("heading\nfin.moved\tRFC1-X\tb\tc\n").status().message(),
            "known.tsv:2: no requirement \"RFC1-X\"");
  EXPECT_EQ(ParseKnown("heading\na\tb\n").status().message(), "known.tsv:2: 2 fields, not 4");
}

}  // namespace
}  // namespace assay::adapters
