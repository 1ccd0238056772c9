// Case: one row of the conformance catalogue, as a dialogue.

#ifndef ASSAY_HARNESS_CASES_CASE_H_
#define ASSAY_HARNESS_CASES_CASE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/dialogue.h"
#include "harness/observer/profile.h"
#include "harness/observer/trace.h"
#include "harness/rules/judge.h"
#include "harness/scenario/event.h"
#include "harness/sut/stack_under_test.h"

namespace assay::cases {

// A choice of the profile without which a case does not apply.
enum class Presumes : uint8_t {
  kNothing,
  kChallengedReset,  // a RST in the window is challenged (RFC 5961, 3.2)
  kChallengedSyn,    // a SYN in a synchronized state is challenged (RFC 5961, 4.2)
  kThrottle,         // how often is challenged has a limit (RFC 5961, 7)
  kCheckedQuotes,    // an ICMP error counts only for what is in flight (RFC 5927, 4.1)
};

struct Case {
  std::string_view name;  // stable: the catalogue's id, or "classic.NAME"
  std::string_view area;
  std::string_view title;  // one sentence: what must happen
  std::span<const std::string_view> requirements;
  rules::Level level = rules::Level::kMust;
  scenario::Header header = {};
  uint32_t needs = 0;  // sut::Capability bits
  Presumes presumes = Presumes::kNothing;
  void (*run)(Dialogue&) = nullptr;
};

// All cases, in the order of the catalogue; the classics last.
std::span<const Case> AllCases();
const Case* FindCase(std::string_view name);

// By area.
std::span<const Case> SegmentCases();
std::span<const Case> OpeningCases();
std::span<const Case> TransferCases();
std::span<const Case> CongestionCases();
std::span<const Case> RecoveryCases();
std::span<const Case> KeepAliveCases();
std::span<const Case> ResetCases();
std::span<const Case> ClosingCases();
std::span<const Case> IcmpCases();
std::span<const Case> ClassicCases();

enum class Outcome : uint8_t { kPassed, kFailed, kKnown, kWarned, kNotSupported, kGaveUp };

// What one case did to one stack over one family.
struct CaseRun {
  Outcome outcome = Outcome::kPassed;
  std::string failure;   // the unmet expectation, or empty
  size_t failed_at = 0;  // index into the trace's events
  std::string missing;   // the capability that the stack lacks, or the choice made otherwise
  std::vector<rules::Finding> findings;
  observer::Trace trace;
  scenario::Scenario scenario;  // the steps, if they fit
  bool fits_scenario = false;
  uint64_t digest = 0;
};

// An expectation that is not met behind a known deviation found in the same run is known too.
CaseRun RunCase(const Case& c, bool ipv6, driver::Session& session);

// What the stack lacks for the case, or what its profile chooses otherwise; or empty.
std::string MissingFor(const Case& c, bool ipv6, const sut::Capabilities& capabilities,
                       const observer::Profile& profile);

}  // namespace assay::cases

#endif  // ASSAY_HARNESS_CASES_CASE_H_
