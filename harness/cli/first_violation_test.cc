#include "harness/cli/first_violation.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "harness/adapters/reference/reference_stack.h"
#include "harness/adapters/stacks.h"
#include "harness/sut/reticent_stack.h"
#include "harness/sut/tampered_stack.h"
#include "stack/wire/packet.h"

namespace assay::cli {
namespace {

using sut::Capability;

adapters::Stack Reference() {
  auto stack = adapters::OpenStack("reference", "");
  EXPECT_TRUE(stack.ok()) << stack.status();
  return *std::move(stack);
}

Violation FirstOf(sut::StackUnderTest& stack, const observer::Profile& profile) {
  return FindFirstViolation(std::vector<Accused>{{"rfc9293", &stack, profile}}, 500, 1);
}

// A reference whose TCP headers are changed on their way out, checksum and all.
template <typename Change>
std::unique_ptr<sut::StackUnderTest> Changed(adapters::Stack& reference, Change change) {
  return std::make_unique<sut::TamperedStack>(
      std::move(reference.stack), [change](wire::MutableOctets out, size_t size) {
        const wire::Packet packet = wire::DecodePacket(out.first(size));
        const auto header = wire::DecodeHeader(packet.payload);
        if (!header.has_value()) return size;
        const auto segment = out.subspan(size - packet.payload.size(), packet.payload.size());
        change(*header, segment);
        wire::SealTcp(packet.source, packet.destination, segment);
        return size;
      });
}

TEST(FirstViolation, OfAStackThatObeysIsNothing) {
  adapters::Stack reference = Reference();
  const Violation found = FirstOf(*reference.stack, reference.profile);
  EXPECT_EQ(found.by, Violation::By::kNothing) << found.what << " " << found.where;
  EXPECT_GT(found.runs, 500u);
}

TEST(FirstViolation, OfAStackThatDoesNotTellItsStateIsNothingEither) {
  adapters::Stack reference = Reference();
  sut::ReticentStack reticent(std::move(reference.stack));
  EXPECT_FALSE(reticent.capabilities().Has(Capability::kState));
  EXPECT_TRUE(reticent.capabilities().Has(Capability::kConnect));
  EXPECT_FALSE(reticent.State(0).known);
  EXPECT_EQ(FirstOf(reticent, reference.profile).by, Violation::By::kNothing);
}

TEST(FirstViolation, NamesTheRuleAndStopsThere) {
  adapters::Stack reference = Reference();
  const auto stack =
      Changed(reference, [](const wire::Header& header, wire::MutableOctets segment) {
        if (header.has_ack() && !header.syn() && !header.rst()) {
          wire::OctetWriter(segment.subspan(8)).U32(header.ack + 1);
        }
      });
  const Violation found = FirstOf(*stack, reference.profile);
  EXPECT_EQ(found.by, Violation::By::kRule);
  EXPECT_EQ(found.what, "ack.number-is-what-was-received");
  EXPECT_EQ(found.level, "MUST");
  EXPECT_TRUE(found.where.starts_with("rfc9293 ")) << found.where;
  EXPECT_LT(found.runs, 50u);
}

// No rule asks for text behind a gap to be kept, which a stack need not do; a case does.
TEST(FirstViolation, IsOfACaseWhereNoRuleIsBroken) {
  tcp::Policy policy = tcp::Policy::Rfc9293();
  policy.hold_out_of_order = false;
  const auto stack = adapters::MakeReferenceStack(policy);
  const Violation found = FirstOf(*stack, Reference().profile);
  EXPECT_EQ(found.by, Violation::By::kCase) << found.what;
  EXPECT_EQ(found.what, "DAT-02");
  EXPECT_EQ(found.where, "rfc9293 DAT-02/ipv4");
}

}  // namespace
}  // namespace assay::cli
