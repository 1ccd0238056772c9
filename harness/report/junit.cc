#include "harness/report/junit.h"

#include <libxml/tree.h>
#include <libxml/xmlwriter.h>

#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/report/file_write.h"
#include "harness/report/harmless_text.h"
#include "harness/report/ladder.h"
#include "stack/base/check.h"

namespace assay::report {
namespace {

// What a testcase element becomes.
enum class Outcome : uint8_t { kPassed, kFailed, kSkipped };

Outcome OutcomeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
    case Verdict::kKnownDeviation:
    case Verdict::kWarned:
      return Outcome::kPassed;
    case Verdict::kFailed:
      return Outcome::kFailed;
    case Verdict::kNotObservable:
    case Verdict::kNotChecked:
    case Verdict::kNotSupported:
    case Verdict::kNotExercised:
      return Outcome::kSkipped;
  }
  CheckFailed(__FILE__, __LINE__, "a Verdict");
}

// libxml2's writer over a buffer in memory. It fails only for want of memory, or on a mistake of
// ours, and checks no characters: each string is made harmless on its way in.
class XmlWriter {
 public:
  XmlWriter() : buffer_(xmlBufferCreate()), writer_(xmlNewTextWriterMemory(buffer_.get(), 0)) {
    ASSAY_CHECK(buffer_ != nullptr && writer_ != nullptr);
    Done(xmlTextWriterSetIndent(writer_.get(), 1));
    Done(xmlTextWriterStartDocument(writer_.get(), nullptr, "UTF-8", nullptr));
  }

  void Begin(const char* element) { Done(xmlTextWriterStartElement(writer_.get(), Xml(element))); }
  void End() { Done(xmlTextWriterEndElement(writer_.get())); }
  void Attribute(const char* name, std::string_view value) {
    const std::string text = Harmless(value);
    Done(xmlTextWriterWriteAttribute(writer_.get(), Xml(name), Xml(text.c_str())));
  }
  void Text(std::string_view value) {
    const std::string text = Harmless(value, LineBreaks::kKeep);
    Done(xmlTextWriterWriteString(writer_.get(), Xml(text.c_str())));
  }

  std::string Finish() {
    Done(xmlTextWriterEndDocument(writer_.get()));
    writer_.reset();  // flushes
    const auto* octets = reinterpret_cast<const char*>(xmlBufferContent(buffer_.get()));
    return {octets, static_cast<size_t>(xmlBufferLength(buffer_.get()))};
  }

 private:
  static const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
  static void Done(int written) { ASSAY_CHECK(written >= 0); }

  struct Free {
    void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
    void operator()(xmlTextWriter* writer) const { xmlFreeTextWriter(writer); }
  };
  std::unique_ptr<xmlBuffer, Free> buffer_;
  std::unique_ptr<xmlTextWriter, Free> writer_;
};

struct Counts {
  uint64_t tests = 0;
  uint64_t failures = 0;
  uint64_t skipped = 0;
  double seconds = 0;

  void Add(Verdict verdict, double took) {
    ++tests;
    failures += OutcomeOf(verdict) == Outcome::kFailed ? 1 : 0;
    skipped += OutcomeOf(verdict) == Outcome::kSkipped ? 1 : 0;
    seconds += took;
  }
};

std::string Seconds(double seconds) { return absl::StrFormat("%.6f", seconds); }

void WriteCounts(XmlWriter& xml, const Counts& counts) {
  xml.Attribute("tests", absl::StrCat(counts.tests));
  xml.Attribute("failures", absl::StrCat(counts.failures));
  xml.Attribute("errors", "0");
  xml.Attribute("skipped", absl::StrCat(counts.skipped));
  xml.Attribute("time", Seconds(counts.seconds));
}

void WriteProperty(XmlWriter& xml, const char* name, const std::string& value) {
  if (value.empty()) return;
  xml.Begin("property");
  xml.Attribute("name", name);
  xml.Attribute("value", value);
  xml.End();
}

void WriteSuiteProperties(XmlWriter& xml, const StackResults& stack) {
  xml.Begin("properties");
  WriteProperty(xml, "stack", stack.stack);
  WriteProperty(xml, "version", stack.version);
  WriteProperty(xml, "scenarios", absl::StrCat(stack.scenarios));
  xml.End();
}

// One line for lists of failures.
std::string Headline(const Violation& violation) {
  std::string out = absl::StrCat(violation.rule, ": ", violation.seen);
  return violation.known.empty() ? out
                                 : absl::StrCat("known deviation ", violation.known, ", ", out);
}

std::string Story(const Violation& violation) {
  std::string out = absl::StrCat(violation.level, " broken: ", violation.rule, "\n");
  const auto line = [&](const char* title, const std::string& text) {
    if (!text.empty()) absl::StrAppend(&out, "  ", title, text, "\n");
  };
  line("requirements  ", absl::StrJoin(violation.requirements, ", "));
  line("section       ", violation.section);
  line("seen          ", violation.seen);
  line("legal         ", violation.legal);
  line("known         ", violation.known);
  return out;
}

std::string Story(const StackResults& stack, const CaseResult& result) {
  std::string out;
  for (const Violation& violation : result.violations)
    absl::StrAppend(&out, Story(violation), "\n");
  if (!result.trace.events().empty()) {
    out += Ladder(result.trace, {.right_name = stack.stack, .violations = result.violations});
  }
  if (!result.pcapng.empty()) absl::StrAppend(&out, "\ncapture: ", result.pcapng, "\n");
  return out;
}

void WriteFailure(XmlWriter& xml, const std::string& type, const std::string& message,
                  const std::string& story) {
  xml.Begin("failure");
  xml.Attribute("type", type);
  xml.Attribute("message", message);
  xml.Text(story);
  xml.End();
}

void WriteSkipped(XmlWriter& xml, Verdict verdict, const std::string& reason) {
  xml.Begin("skipped");
  xml.Attribute("message",
                reason.empty() ? Name(verdict) : absl::StrCat(Name(verdict), ": ", reason));
  xml.End();
}

void WriteOutput(XmlWriter& xml, const std::string& text) {
  if (text.empty()) return;
  xml.Begin("system-out");
  xml.Text(text);
  xml.End();
}

void BeginTestcase(XmlWriter& xml, const std::string& classname, const std::string& name,
                   double seconds) {
  xml.Begin("testcase");
  xml.Attribute("classname", classname);
  xml.Attribute("name", name);
  xml.Attribute("time", Seconds(seconds));
}

void WriteCase(XmlWriter& xml, const StackResults& stack, const CaseResult& result) {
  BeginTestcase(xml, absl::StrCat(stack.stack, ".cases.", result.area), result.name,
                result.seconds);
  xml.Begin("properties");
  WriteProperty(xml, "title", result.title);
  WriteProperty(xml, "verdict", Name(result.verdict));
  WriteProperty(xml, "requirements", absl::StrJoin(result.requirements, " "));
  xml.End();
  switch (OutcomeOf(result.verdict)) {
    case Outcome::kFailed: {
      const bool told = !result.violations.empty();
      std::string message = told ? Headline(result.violations.front()) : result.reason;
      if (result.violations.size() > 1) {
        absl::StrAppend(&message, " (and ", result.violations.size() - 1, " more)");
      }
      WriteFailure(xml, told ? result.violations.front().rule : "failed", message,
                   Story(stack, result));
      break;
    }
    case Outcome::kSkipped:
      WriteSkipped(xml, result.verdict, result.reason);
      break;
    case Outcome::kPassed:
      if (result.verdict != Verdict::kPassed) WriteOutput(xml, Story(stack, result));
      break;
  }
  xml.End();
}

void WriteRequirement(XmlWriter& xml, const StackResults& stack, const RequirementResult& result) {
  BeginTestcase(xml, absl::StrCat(stack.stack, ".requirements"), result.id, 0);
  xml.Begin("properties");
  WriteProperty(xml, "level", result.level);
  WriteProperty(xml, "section", result.section);
  WriteProperty(xml, "summary", result.summary);
  WriteProperty(xml, "verdict", Name(result.verdict));
  WriteProperty(xml, "exercised", absl::StrCat(result.exercised));
  WriteProperty(xml, "violated", absl::StrCat(result.violated));
  WriteProperty(xml, "evidence", result.evidence);
  xml.End();
  const std::string told =
      absl::StrCat(result.summary, " (", result.section, "): violated ", result.violated, " of ",
                   result.exercised, " times",
                   result.evidence.empty() ? "" : absl::StrCat(", seen by ", result.evidence));
  switch (OutcomeOf(result.verdict)) {
    case Outcome::kFailed:
      WriteFailure(xml, result.level, told, told);
      break;
    case Outcome::kSkipped:
      WriteSkipped(xml, result.verdict, result.summary);
      break;
    case Outcome::kPassed:
      if (result.verdict != Verdict::kPassed) {
        WriteOutput(xml, absl::StrCat(Name(result.verdict), ": ", told, "\n"));
      }
      break;
  }
  xml.End();
}

template <typename Results, typename Write>
void WriteSuite(XmlWriter& xml, const StackResults& stack, const char* name, const Counts& counts,
                const Results& results, Write write) {
  xml.Begin("testsuite");
  xml.Attribute("name", absl::StrCat(stack.stack, ".", name));
  WriteCounts(xml, counts);
  WriteSuiteProperties(xml, stack);
  for (const auto& result : results) write(xml, stack, result);
  xml.End();
}

}  // namespace

std::string JunitOf(std::span<const StackResults> stacks) {
  Counts all;
  XmlWriter xml;
  for (const StackResults& stack : stacks) {
    for (const CaseResult& r : stack.cases) all.Add(r.verdict, r.seconds);
    for (const RequirementResult& r : stack.requirements) all.Add(r.verdict, 0);
  }
  xml.Begin("testsuites");
  xml.Attribute("name", "tcp-assay");
  WriteCounts(xml, all);
  for (const StackResults& stack : stacks) {
    Counts cases;
    for (const CaseResult& r : stack.cases) cases.Add(r.verdict, r.seconds);
    WriteSuite(xml, stack, "cases", cases, stack.cases, WriteCase);
    Counts requirements;
    for (const RequirementResult& r : stack.requirements) requirements.Add(r.verdict, 0);
    WriteSuite(xml, stack, "requirements", requirements, stack.requirements, WriteRequirement);
  }
  xml.End();
  return xml.Finish();
}

absl::Status WriteJunit(const std::string& path, std::span<const StackResults> stacks) {
  return WriteFileAtomically(path, JunitOf(stacks));
}

}  // namespace assay::report
