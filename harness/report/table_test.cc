#include "harness/report/table.h"

#include <sstream>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/report/harmless_text.h"

namespace assay::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RequirementResult Requirement(std::string id, Verdict verdict, uint64_t exercised = 0,
                              uint64_t violated = 0) {
  return {.id = std::move(id),
          .level = "MUST",
          .section = "RFC 9293, 3.10",
          .summary = "A sender does what the section says",
          .verdict = verdict,
          .exercised = exercised,
          .violated = violated,
          .evidence = ""};
}

StackResults Lwip() {
  StackResults stack;
  stack.stack = "lwip";
  stack.version = "2.1.3";
  stack.requirements = {Requirement("RFC9293-MUST-2", Verdict::kPassed, 1204),
                        Requirement("RFC7323-TS-1", Verdict::kNotSupported),
                        Requirement("RFC9293-MUST-10", Verdict::kFailed, 20, 3),
                        Requirement("RFC9293-MUST-11", Verdict::kNotObservable),
                        Requirement("RFC9293-MUST-12", Verdict::kNotChecked)};
  return stack;
}

StackResults Reference() {
  StackResults stack;
  stack.stack = "reference";
  stack.requirements = {Requirement("RFC9293-MUST-2", Verdict::kPassed, 7),
                        Requirement("RFC9293-MUST-10", Verdict::kKnownDeviation, 20, 3),
                        Requirement("RFC9293-MUST-12", Verdict::kNotChecked),
                        Requirement("RFC9293-MUST-99", Verdict::kWarned, 5, 1)};
  return stack;
}

CaseResult Case(std::string name, std::string area, Verdict verdict) {
  CaseResult result;
  result.name = std::move(name);
  result.area = std::move(area);
  result.title = "A SYN to a listener is answered";
  result.verdict = verdict;
  return result;
}

void ExpectFits(const std::string& table, size_t width) {
  std::istringstream in(table);
  for (std::string line; std::getline(in, line);) EXPECT_LE(Columns(line), width) << line;
}

TEST(RequirementTable, PutsStacksSideBySideUnderTheirRfc) {
  const StackResults stacks[] = {Lwip(), Reference()};
  EXPECT_EQ(RequirementTable(stacks, {}), &R"(
  requirement  level  section  summary                              lwip          reference
                                                                    2.1.3

RFC 9293
  MUST-2       MUST   3.10     A sender does what the section says  passed 1204   passed 7
  MUST-10      MUST   3.10     A sender does what the section says  FAILED 3      known
  MUST-11      MUST   3.10     A sender does what the section says  unobservable
  MUST-12      MUST   3.10     A sender does what the section says  -             -
  MUST-99      MUST   3.10     A sender does what the section says                warned 1

RFC 7323
  TS-1         MUST   3.10     A sender does what the section says  unsupported

  failed                                                            1             0
  warned                                                            0             1
  known deviation                                                   0             1
  passed                                                            1             1
  not supported                                                     1             0
  not checked                                                       1             1
  not observable                                                    1             0
  all                                                               5             4

passed N: applied N times and never broken. FAILED N, warned N: broken N times. known: broken as the
list of known deviations says. unexercised: checked, but nothing made it apply. -: nothing checks it
yet.
)"[1]);
}

TEST(RequirementTable, LeavesOutWhatNothingChecksInAnyStack) {
  const StackResults stacks[] = {Lwip(), Reference()};
  const std::string table = RequirementTable(stacks, {.unchecked = Unchecked::kLeaveOut});
  EXPECT_THAT(table, Not(HasSubstr("MUST-11")));
  EXPECT_THAT(table, Not(HasSubstr("MUST-12")));
  EXPECT_THAT(table, HasSubstr("MUST-10"));
  EXPECT_THAT(table, HasSubstr("TS-1"));  // unsupported is checked
  EXPECT_THAT(table, HasSubstr("2 rows are left out"));
  // The totals still count them.
  EXPECT_THAT(table, HasSubstr("not observable"));
}

TEST(RequirementTable, FitsInTheWidthAsked) {
  std::vector<StackResults> stacks = {Lwip(), Reference(), Lwip(), Reference(), Lwip()};
  stacks[0].requirements[0].summary.append(200, 'x');
  for (size_t width : {60u, 80u, 100u, 132u}) {
    ExpectFits(RequirementTable(stacks, {.width = width}), width);
  }
}

TEST(RequirementTable, GivesStacksThatDoNotFitATableOfTheirOwn) {
  std::vector<StackResults> stacks(5, Reference());
  for (size_t i = 0; i < stacks.size(); ++i) stacks[i].stack = "stack-number-" + std::to_string(i);
  const std::string table = RequirementTable(stacks, {.width = 100});
  for (const StackResults& stack : stacks) EXPECT_THAT(table, HasSubstr(stack.stack));
  size_t heads = 0;
  for (size_t at = 0; (at = table.find("summary", at)) != std::string::npos; ++at) ++heads;
  EXPECT_GT(heads, 1u);
  EXPECT_LT(heads, stacks.size());
}

TEST(RequirementTable, IsTheSameTableInColour) {
  const StackResults stacks[] = {Lwip()};
  std::string coloured = RequirementTable(stacks, {.colour = Colour::kAnsi});
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mFAILED 3\x1b[0m"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mpassed 1204\x1b[0m"));
  for (size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, RequirementTable(stacks, {}));
}

TEST(RequirementTable, NeverShowsAnUnexercisedRequirementAsPassed) {
  StackResults stack = Lwip();
  stack.requirements = {Requirement("RFC9293-MUST-2", Verdict::kNotExercised)};
  const std::string table = RequirementTable({&stack, 1}, {});
  EXPECT_THAT(table, HasSubstr("  unexercised\n"));
  EXPECT_THAT(table, HasSubstr("not exercised "));
}

TEST(RequirementTable, OfNothingSaysSo) {
  EXPECT_THAT(RequirementTable({}, {}), HasSubstr("nothing to show"));
  const StackResults stack = {.stack = "s", .version = "", .cases = {}, .requirements = {}};
  EXPECT_THAT(RequirementTable({&stack, 1}, {}), HasSubstr("nothing to show"));
}

TEST(CaseTable, ShowsUnderACaseWhatBrokeOrWhyItDidNotRun) {
  StackResults stack = Lwip();
  stack.cases = {Case("OPN-01", "opening", Verdict::kPassed),
                 Case("CLS-01", "closing", Verdict::kNotSupported),
                 Case("OPN-02", "opening", Verdict::kFailed)};
  stack.cases[1].reason = "the shim has no half-close";
  Violation violation;
  violation.rule = "rst.only-when-called-for";
  violation.level = "MUST";
  violation.seen = "the stack sent nothing for 1 s";
  stack.cases[2].violations = {violation};
  EXPECT_EQ(CaseTable({&stack, 1}, {}), &R"(
  case    title                            lwip
                                           2.1.3

opening
  OPN-01  A SYN to a listener is answered  passed
  OPN-02  A SYN to a listener is answered  FAILED
    >> rst.only-when-called-for: the stack sent nothing for 1 s

closing
  CLS-01  A SYN to a listener is answered  unsupported
    >> the shim has no half-close

  failed                                   1
  passed                                   1
  not supported                            1
  all                                      3
)"[1]);
}

TEST(CaseTable, SaysOfWhichStackANoteIs) {
  std::vector<StackResults> stacks = {Lwip(), Reference()};
  for (StackResults& stack : stacks) {
    stack.cases = {Case("OPN-01", "opening", Verdict::kNotExercised)};
    stack.cases[0].reason = "no answer within 1 s";
  }
  const std::string table = CaseTable(stacks, {});
  EXPECT_THAT(table, HasSubstr(">> lwip: no answer"));
  EXPECT_THAT(table, HasSubstr(">> reference: no answer"));
}

TEST(CaseTable, MakesStringsFromAStackHarmless) {
  StackResults stack = Lwip();
  stack.cases = {Case("OPN-01\x1b[2J", "opening\r", Verdict::kFailed)};
  stack.cases[0].reason = "fault: \xff\n\x07";
  const std::string table = CaseTable({&stack, 1}, {});
  for (char c : table) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_THAT(table, HasSubstr("OPN-01\\x1b[2J"));
  EXPECT_THAT(table, HasSubstr("fault: \\xff \\x07"));
}

}  // namespace
}  // namespace assay::report
