#include "harness/sut/stack_under_test.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness/sut/assay_shim.h"

namespace assay::sut {
namespace {

TEST(Name, TellsEachCapabilityApart) {
  std::set<std::string> names;
  for (int bit = 0; bit <= 19; ++bit) {
    names.insert(std::string(Name(static_cast<Capability>(1u << bit))));
  }
  EXPECT_EQ(names.size(), 20u);
  EXPECT_FALSE(names.contains("unknown capability"));
  EXPECT_EQ(Name(static_cast<Capability>(1u << 20)), "unknown capability");
}

TEST(Name, PrintsErrorsAsWordsAndInventedOnesAsNumbers) {
  EXPECT_EQ(Name(CallError::kNone), "ok");
  EXPECT_EQ(Name(CallError::kAgain), "again");
  EXPECT_EQ(Name(CallError::kUnsupported), "unsupported");
  EXPECT_EQ(Name(static_cast<CallError>(-11)), "error -11");
}

TEST(StackUnderTest, HasTheNumbersOfTheShimInterface) {
  EXPECT_EQ(static_cast<uint32_t>(Capability::kVirtualTime), ASSAY_CAP_VIRTUAL_TIME);
  EXPECT_EQ(static_cast<uint32_t>(Capability::kRecvPause), ASSAY_CAP_RECV_PAUSE);
  EXPECT_EQ(static_cast<uint32_t>(Capability::kPush), ASSAY_CAP_PUSH);
  EXPECT_EQ(static_cast<uint32_t>(Capability::kStandardCongestion), ASSAY_CAP_STANDARD_CONGESTION);
  EXPECT_EQ(static_cast<int32_t>(CallError::kUnsupported), ASSAY_UNSUPPORTED);
  EXPECT_EQ(static_cast<int32_t>(Option::kUserTimeoutMs), ASSAY_OPT_USER_TIMEOUT_MS);
  EXPECT_EQ(static_cast<int32_t>(spec::State::kTimeWait), ASSAY_STATE_TIME_WAIT);
  EXPECT_EQ(static_cast<uint32_t>(kSendUrgent), ASSAY_SEND_URGENT);
}

TEST(UseIpv6, SetsBothAddresses) {
  Config config;
  UseIpv6(config);
  EXPECT_EQ(config.stack.ToString(), "2001:db8::1");
  EXPECT_EQ(config.tester.ToString(), "2001:db8::2");
}

}  // namespace
}  // namespace assay::sut
