#include "harness/report/numbering.h"

#include "gtest/gtest.h"
#include "harness/report/trace_fixture.h"

namespace assay::report {
namespace {

TEST(Numbering, CountsFromTheFirstSynOfEachDirection) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1});
  f.ToStack({.control = wire::kSyn, .seq = 500});
  const Numbering numbering(f.trace);
  ASSERT_EQ(numbering.connections().size(), 1u);
  const Connection& c = numbering.connections()[0];
  EXPECT_EQ(c.tester, f.tester);
  EXPECT_EQ(c.stack, f.stack);
  EXPECT_TRUE(c.from_tester.has_iss);
  EXPECT_EQ(c.from_tester.base, TraceFixture::kTesterIss);
  EXPECT_EQ(c.from_stack.base, TraceFixture::kStackIss);
}

TEST(Numbering, TakesASynOverNumbersSeenBefore) {
  TraceFixture f;
  f.ToStack({.seq = 77, .ack = 5});
  f.ToStack({.control = wire::kSyn});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1});
  const Connection c = Numbering(f.trace).connections()[0];
  EXPECT_EQ(c.from_tester.base, TraceFixture::kTesterIss);
  EXPECT_EQ(c.from_stack.base, TraceFixture::kStackIss);
}

TEST(Numbering, CountsTheFirstNumberAsOneWhereNoSynWasSeen) {
  TraceFixture f;
  f.ToStack({.seq = 77, .ack = 5});
  const Connection c = Numbering(f.trace).connections()[0];
  EXPECT_FALSE(c.from_tester.has_iss);
  EXPECT_EQ(Relative(f.tester_iss + 77, c.from_tester.base), 1);
  // Learned from the acknowledgment alone.
  EXPECT_TRUE(c.from_stack.has_base);
  EXPECT_EQ(Relative(f.stack_iss + 5, c.from_stack.base), 1);
}

TEST(Numbering, KeepsConnectionsApart) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  f.tester.port = 40001;
  f.tester_iss = 9'000;
  f.ToStack({.control = wire::kSyn});
  f.FromStack({.control = wire::kRst | wire::kAck, .ack = 1});
  f.Passes(Duration::Seconds(1));
  f.Raw(observer::TraceKind::kToStack, {});
  const Numbering numbering(f.trace);
  ASSERT_EQ(numbering.connections().size(), 2u);
  EXPECT_EQ(numbering.connections()[1].from_tester.base, 9'000u);
  EXPECT_EQ(numbering.ConnectionOf(0), 0u);
  EXPECT_EQ(numbering.ConnectionOf(1), 1u);
  EXPECT_EQ(numbering.ConnectionOf(2), 1u);
  EXPECT_EQ(numbering.ConnectionOf(3), std::nullopt);
  EXPECT_EQ(numbering.ConnectionOf(4), std::nullopt);
}

TEST(Numbering, IsRelativeAcrossTheWrapAndBelowTheBase) {
  EXPECT_EQ(Relative(5, 0xffff'fffb), 10);
  EXPECT_EQ(Relative(0xffff'fffb, 5), -10);
}

}  // namespace
}  // namespace assay::report
