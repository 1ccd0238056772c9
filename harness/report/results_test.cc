#include "harness/report/results.h"

#include <array>
#include <set>

#include "gtest/gtest.h"

namespace assay::report {
namespace {

// From the least said to the worst.
constexpr std::array kVerdicts = {
    Verdict::kNotObservable, Verdict::kNotChecked, Verdict::kNotSupported,
    Verdict::kNotExercised,  Verdict::kPassed,     Verdict::kKnownDeviation,
    Verdict::kWarned,        Verdict::kFailed,
};

TEST(Verdict, HasANameOfItsOwn) {
  EXPECT_EQ(Name(Verdict::kPassed), "passed");
  EXPECT_EQ(Name(Verdict::kFailed), "failed");
  EXPECT_EQ(Name(Verdict::kKnownDeviation), "known deviation");
  EXPECT_EQ(Name(Verdict::kWarned), "warned");
  EXPECT_EQ(Name(Verdict::kNotExercised), "not exercised");
  EXPECT_EQ(Name(Verdict::kNotSupported), "not supported");
  EXPECT_EQ(Name(Verdict::kNotChecked), "not checked");
  EXPECT_EQ(Name(Verdict::kNotObservable), "not observable");
  std::set<std::string> names;
  for (Verdict v : kVerdicts) names.insert(Name(v));
  EXPECT_EQ(names.size(), kVerdicts.size());
}

TEST(Verdict, MergesToTheWorseWhateverTheOrder) {
  for (size_t a = 0; a < kVerdicts.size(); ++a) {
    for (size_t b = 0; b <= a; ++b) {
      EXPECT_EQ(Merged(kVerdicts[a], kVerdicts[b]), kVerdicts[a]);
      EXPECT_EQ(Merged(kVerdicts[b], kVerdicts[a]), kVerdicts[a]);
    }
  }
}

TEST(Verdict, OfAPassAndACheckThatNeverAppliedIsAPass) {
  EXPECT_EQ(Merged(Verdict::kNotExercised, Verdict::kPassed), Verdict::kPassed);
  EXPECT_EQ(Merged(Verdict::kNotChecked, Verdict::kNotExercised), Verdict::kNotExercised);
}

TEST(Verdict, OfAPassAndABrokenShouldIsAWarning) {
  EXPECT_EQ(Merged(Verdict::kPassed, Verdict::kWarned), Verdict::kWarned);
  EXPECT_EQ(Merged(Verdict::kFailed, Verdict::kKnownDeviation), Verdict::kFailed);
}

TEST(HeadOf, TellsTheFirstOfManyRequirements) {
  Violation violation;
  violation.rule = "rst.only";
  violation.level = "MUST";
  violation.section = "RFC 9293, 3.5.2";
  EXPECT_EQ(HeadOf(violation), "MUST broken: rst.only (RFC 9293, 3.5.2)");
  violation.requirements = {"A", "B", "C", "D"};
  EXPECT_EQ(HeadOf(violation), "MUST broken: rst.only (A, B, C, D; RFC 9293, 3.5.2)");
  violation.requirements.emplace_back("E");
  EXPECT_EQ(HeadOf(violation), "MUST broken: rst.only (A, B, C and 2 more; RFC 9293, 3.5.2)");
  violation.section.clear();
  EXPECT_EQ(HeadOf(violation), "MUST broken: rst.only (A, B, C and 2 more)");
}

TEST(HeadOf, AnExpectationHasNoRule) {
  Violation violation;
  violation.rule = "expectation";
  EXPECT_EQ(HeadOf(violation), "expectation not met");
}

}  // namespace
}  // namespace assay::report
