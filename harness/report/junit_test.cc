#include "harness/report/junit.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/report/ladder.h"
#include "harness/report/trace_fixture.h"

namespace assay::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A document read back by libxml2's parser, which is strict about characters where its writer is
// not.
class Document {
 public:
  explicit Document(const std::string& text)
      : doc_(xmlReadMemory(text.data(), static_cast<int>(text.size()), "junit.xml", nullptr,
                           XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)) {}

  bool is_well_formed() const { return doc_ != nullptr; }

  // The text of all nodes that an XPath expression finds.
  std::vector<std::string> Find(const std::string& path) const {
    std::vector<std::string> texts;
    if (doc_ == nullptr) return texts;
    const std::unique_ptr<xmlXPathContext, Free> context(xmlXPathNewContext(doc_.get()));
    const std::unique_ptr<xmlXPathObject, Free> found(
        xmlXPathEval(reinterpret_cast<const xmlChar*>(path.c_str()), context.get()));
    if (found == nullptr || found->nodesetval == nullptr) return texts;
    for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
      xmlChar* content = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
      texts.emplace_back(reinterpret_cast<const char*>(content));
      xmlFree(content);
    }
    return texts;
  }

 private:
  struct Free {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
    void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
    void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
  };
  std::unique_ptr<xmlDoc, Free> doc_;
};

CaseResult Case(std::string name, Verdict verdict) {
  CaseResult result;
  result.name = std::move(name);
  result.area = "opening";
  result.title = "A SYN to a listener is answered";
  result.requirements = {"RFC9293-MUST-10", "RFC9293-MUST-11"};
  result.verdict = verdict;
  result.seconds = 0.25;
  return result;
}

RequirementResult Requirement(std::string id, Verdict verdict) {
  return {.id = std::move(id),
          .level = "MUST",
          .section = "RFC 9293, 3.10",
          .summary = "A sender does what the section says",
          .verdict = verdict,
          .exercised = 12,
          .violated = 3,
          .evidence = "rst.only-when-called-for"};
}

StackResults Stack() {
  StackResults stack;
  stack.stack = "lwip";
  stack.version = "2.1.3";
  stack.scenarios = 1000;
  return stack;
}

Violation UncalledForReset() {
  return {.rule = "rst.only-when-called-for",
          .level = "MUST",
          .requirements = {"RFC9293-MUST-10"},
          .section = "RFC 9293, 3.10.7.4",
          .seen = "an RST for a segment in the window",
          .legal = "an ACK",
          .known = "",
          .event = 0};
}

Document Read(const StackResults& stack) { return Document(JunitOf({&stack, 1})); }

TEST(Junit, HasASuiteOfCasesAndOneOfRequirementsForEachStack) {
  std::vector<StackResults> stacks = {Stack(), Stack()};
  stacks[1].stack = "reference";
  stacks[0].cases = {Case("OPN-01", Verdict::kPassed), Case("OPN-02", Verdict::kFailed)};
  stacks[0].requirements = {Requirement("RFC9293-MUST-10", Verdict::kFailed),
                            Requirement("RFC9293-MUST-11", Verdict::kNotExercised)};
  const Document doc(JunitOf(stacks));
  ASSERT_TRUE(doc.is_well_formed());
  EXPECT_THAT(
      doc.Find("/testsuites/testsuite/@name"),
      ElementsAre("lwip.cases", "lwip.requirements", "reference.cases", "reference.requirements"));
  EXPECT_THAT(doc.Find("//testsuite/@tests"), ElementsAre("2", "2", "0", "0"));
  EXPECT_THAT(doc.Find("//testsuite/@failures"), ElementsAre("1", "1", "0", "0"));
  EXPECT_THAT(doc.Find("//testsuite/@skipped"), ElementsAre("0", "1", "0", "0"));
  EXPECT_THAT(doc.Find("//testsuite[1]/@time"), ElementsAre("0.500000"));
  EXPECT_THAT(doc.Find("/testsuites/@tests"), ElementsAre("4"));
  EXPECT_THAT(doc.Find("/testsuites/@failures"), ElementsAre("2"));
  EXPECT_THAT(doc.Find("//testcase/@name"),
              ElementsAre("OPN-01", "OPN-02", "RFC9293-MUST-10", "RFC9293-MUST-11"));
  EXPECT_THAT(doc.Find("//testsuite[1]/properties/property[@name='version']/@value"),
              ElementsAre("2.1.3"));
}

TEST(Junit, MakesAFailureOfWhatFailedAndOfNothingElse) {
  const std::vector<Verdict> verdicts = {Verdict::kNotObservable, Verdict::kNotChecked,
                                         Verdict::kNotSupported,  Verdict::kNotExercised,
                                         Verdict::kPassed,        Verdict::kKnownDeviation,
                                         Verdict::kWarned,        Verdict::kFailed};
  StackResults stack = Stack();
  for (Verdict v : verdicts) {
    stack.cases.push_back(Case(Name(v), v));
    stack.cases.back().violations = {UncalledForReset()};
    stack.requirements.push_back(Requirement(Name(v), v));
  }
  const Document doc = Read(stack);
  EXPECT_THAT(doc.Find("//testcase[failure]/@name"), ElementsAre("failed", "failed"));
  for (const char* suite : {"lwip.cases", "lwip.requirements"}) {
    const std::string in = "//testsuite[@name='" + std::string(suite) + "']";
    EXPECT_THAT(doc.Find(in + "/testcase[skipped]/@name"),
                ElementsAre("not observable", "not checked", "not supported", "not exercised"));
    EXPECT_THAT(doc.Find(in + "/testcase[system-out]/@name"),
                ElementsAre("known deviation", "warned"));
    EXPECT_THAT(doc.Find(in + "/testcase[not(failure or skipped or system-out)]/@name"),
                ElementsAre("passed"));
  }
}

TEST(Junit, TellsAFailureInOneLineAndThenWhole) {
  TraceFixture f;
  f.FromStack({.control = wire::kRst, .seq = 1});
  StackResults stack = Stack();
  stack.cases = {Case("OPN-01", Verdict::kFailed)};
  stack.cases[0].violations = {UncalledForReset(), UncalledForReset()};
  stack.cases[0].trace = f.trace;
  stack.cases[0].pcapng = "OPN-01.pcapng";
  const Document doc = Read(stack);
  EXPECT_THAT(doc.Find("//failure/@type"), ElementsAre("rst.only-when-called-for"));
  EXPECT_THAT(doc.Find("//failure/@message"),
              ElementsAre("rst.only-when-called-for: an RST for a segment in the window "
                          "(and 1 more)"));
  ASSERT_EQ(doc.Find("//failure").size(), 1u);
  const std::string body = doc.Find("//failure")[0];
  EXPECT_THAT(body, HasSubstr("section       RFC 9293, 3.10.7.4\n"));
  EXPECT_THAT(body, HasSubstr("legal         an ACK\n"));
  EXPECT_THAT(body, HasSubstr("capture: OPN-01.pcapng"));
  // The arrows of the ladder hold markup; it comes back as it was drawn.
  const std::string ladder =
      Ladder(f.trace, {.right_name = "lwip", .violations = stack.cases[0].violations});
  EXPECT_THAT(ladder, HasSubstr("|<-- RST"));
  EXPECT_THAT(body, HasSubstr(ladder));
}

TEST(Junit, FailsACaseThatHasOnlyAReason) {
  StackResults stack = Stack();
  stack.cases = {Case("OPN-01", Verdict::kFailed)};
  stack.cases[0].reason = "the stack crashed with signal 11";
  EXPECT_THAT(Read(stack).Find("//failure/@message"),
              ElementsAre("the stack crashed with signal 11"));
}

TEST(Junit, SaysWhyACaseWasSkipped) {
  StackResults stack = Stack();
  stack.cases = {Case("CLS-01", Verdict::kNotSupported), Case("CLS-02", Verdict::kNotExercised)};
  stack.cases[0].reason = "the shim has no half-close";
  EXPECT_THAT(Read(stack).Find("//skipped/@message"),
              ElementsAre("not supported: the shim has no half-close", "not exercised"));
}

TEST(Junit, BringsMarkupBackAsItWas) {
  const std::string markup = "<a href=\"x\">&amp; ']]> \xC3\xA9</a>";
  StackResults stack = Stack();
  stack.stack = markup;
  stack.version = markup;
  stack.cases = {Case(markup, Verdict::kFailed)};
  stack.cases[0].violations = {UncalledForReset()};
  stack.cases[0].violations[0].seen = markup;
  const Document doc = Read(stack);
  ASSERT_TRUE(doc.is_well_formed());
  EXPECT_THAT(doc.Find("//testsuite[1]/properties/property[@name='version']/@value"),
              ElementsAre(markup));
  EXPECT_THAT(doc.Find("//testcase/@name"), ElementsAre(markup));
  EXPECT_THAT(doc.Find("//failure")[0], HasSubstr("seen          " + markup + "\n"));
  EXPECT_THAT(doc.Find("//a"), IsEmpty());
}

TEST(Junit, IsWellFormedWhateverAStackSays) {
  // Every octet, alone and before a letter, in each place that a string of a stack can get to.
  for (int octet = 0; octet < 256; ++octet) {
    const std::string text = {static_cast<char>(octet), 'x', static_cast<char>(octet)};
    StackResults stack = Stack();
    stack.version = text;
    stack.cases = {Case(text, Verdict::kFailed), Case(text, Verdict::kNotSupported)};
    stack.cases[0].violations = {UncalledForReset()};
    stack.cases[0].violations[0].seen = text;
    stack.cases[1].reason = text;
    const Document doc = Read(stack);
    ASSERT_TRUE(doc.is_well_formed()) << octet;
    EXPECT_EQ(doc.Find("//testcase").size(), 2u) << octet;
  }
}

TEST(Junit, ShowsControlCharactersAndBrokenUtf8) {
  StackResults stack = Stack();
  stack.cases = {Case("OPN-01", Verdict::kNotSupported)};
  stack.cases[0].reason = std::string("\x1b[2J\0 \xff \xED\xA0\x80 \xEF\xBF\xBF", 15);
  const Document doc = Read(stack);
  ASSERT_TRUE(doc.is_well_formed());
  EXPECT_THAT(doc.Find("//skipped/@message"),
              ElementsAre("not supported: \\x1b[2J\\x00 \\xff \\xed\\xa0\\x80 \\uffff"));
}

TEST(Junit, IsAFileWrittenWhole) {
  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "assay_junit_test.xml";
  StackResults stack = Stack();
  stack.cases = {Case("OPN-01", Verdict::kPassed)};
  ASSERT_TRUE(WriteJunit(path, {&stack, 1}).ok());
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  EXPECT_EQ(text.str(), JunitOf({&stack, 1}));
  EXPECT_THAT(text.str(), HasSubstr("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
  EXPECT_FALSE(WriteJunit("/nonexistent/junit.xml", {&stack, 1}).ok());
}

}  // namespace
}  // namespace assay::report
