// What a run of checks found, as plain values: the one set of results that every report is made of.
//
// Nothing here judges or formats. Strings may come from a stack or a file; whoever prints them
// escapes them for the format.

#ifndef ASSAY_HARNESS_REPORT_RESULTS_H_
#define ASSAY_HARNESS_REPORT_RESULTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "harness/observer/trace.h"

namespace assay::report {

// Worst last, so that the verdict of a requirement is the largest of its checks'.
enum class Verdict : uint8_t {
  kNotObservable,  // cannot be seen from outside
  kNotChecked,     // nothing here checks it yet
  kNotSupported,   // the stack or its shim lacks the capability
  kNotExercised,   // checks exist and none of them applied: never reads as a pass
  kPassed,
  kKnownDeviation,  // broken as the adapter's known.tsv says
  kWarned,          // a SHOULD broken
  kFailed,
};

std::string Name(Verdict verdict);

// Of two checks of one thing: the worse counts, and a pass outweighs a check that never applied.
Verdict Merged(Verdict a, Verdict b);

// One broken rule, or one unmet expectation of a case.
struct Violation {
  std::string rule;                       // "rst.only-when-called-for", or "expectation"
  std::string level;                      // MUST, SHOULD, PROSE
  std::vector<std::string> requirements;  // ids of the registry
  std::string section;                    // "RFC 9293, 3.10.7.4"
  std::string seen;                       // one sentence with the numbers in it
  std::string legal;                      // what would have been legal
  std::string known;                      // the name of the known deviation, or empty
  size_t event = 0;                       // index into the trace's events
};
// "MUST broken: rst.only-when-called-for (RFC5961-3.2-1, ... and 4 more; RFC 9293, 3.5.2)": of many
// requirements the first three; ci/traceability.txt and JUnit have them all.
std::string HeadOf(const Violation& violation);

struct CaseResult {
  std::string name;   // stable: "OPN-01", "classic.three-way-handshake"
  std::string area;   // the catalogue's area
  std::string title;  // one sentence
  std::vector<std::string> requirements;
  Verdict verdict = Verdict::kNotExercised;
  std::string reason;  // why not supported or not exercised
  double seconds = 0;  // of real time
  std::vector<Violation> violations;
  observer::Trace trace;
  std::string pcapng;  // the capture's file, or empty
};

struct RequirementResult {
  std::string id;  // "RFC9293-MUST-10"
  std::string level;
  std::string section;
  std::string summary;
  Verdict verdict = Verdict::kNotChecked;
  uint64_t exercised = 0;  // how often a rule that cites it applied, or a case ran
  uint64_t violated = 0;
  std::string evidence;  // the rule or case that decided the verdict
};

// All that one stack was put through in one run.
struct StackResults {
  std::string stack;       // "lwip"
  std::string version;     // "2.1.3"
  uint64_t scenarios = 0;  // random ones, beside the cases
  std::vector<CaseResult> cases;
  std::vector<RequirementResult> requirements;
};

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_RESULTS_H_
