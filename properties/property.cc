#include "properties/property.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "rapidcheck.h"

namespace assay::properties {
namespace {

const rc::detail::Configuration& Configured() {
  // What the caller has set stays; RapidCheck reads it once.
  static const bool set = setenv("RC_PARAMS", ASSAY_RC_PARAMS, 0) == 0;
  static_cast<void>(set);
  return rc::detail::configuration();
}

// Of what is meant to fail nobody need hear.
class Silence : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

rc::detail::TestMetadata ThisTest() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  return {std::string(info->test_suite_name()) + "/" + info->name(), info->name()};
}

}  // namespace

void MustHold(const Property& property, int share) {
  rc::detail::TestParams params = Configured().testParams;
  params.maxSuccess = std::max(1, params.maxSuccess / share);
  std::cout << "seed=" << params.seed << " cases=" << params.maxSuccess << '\n';
  const auto result =
      rc::detail::checkProperty(rc::detail::toProperty(property), ThisTest(), params);
  std::ostringstream said;
  rc::detail::printResultMessage(result, said);
  if (result.is<rc::detail::SuccessResult>()) {
    std::cout << said.str() << '\n';
  } else {
    FAIL() << said.str() << "\nseed=" << params.seed;
  }
}

std::string Falsified(const Property& property, int cases, Shrinking shrinking) {
  rc::detail::TestParams params = Configured().testParams;
  params.maxSuccess = cases;
  params.disableShrinking = shrinking == Shrinking::kOff;
  Silence silence;
  const auto result =
      rc::detail::checkProperty(rc::detail::toProperty(property), ThisTest(), params, silence, {});
  if (!result.is<rc::detail::FailureResult>()) return "";
  std::ostringstream said;
  rc::detail::printResultMessage(result, said);
  return said.str();
}

}  // namespace assay::properties
