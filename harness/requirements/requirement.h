// Requirement: what an RFC asks of a TCP, in our own words: one row of the registry.
//
// The registry knows what is asked, where and how strongly. It does not know whether anybody checks
// it: rules and cases cite ids, and ci/traceability.py draws the two together.
//
// Contract: rows live as long as the program and are in the order of requirements.tsv, which is the
// order of the RFCs; ids are stable and never reused.

#ifndef ASSAY_HARNESS_REQUIREMENTS_REQUIREMENT_H_
#define ASSAY_HARNESS_REQUIREMENTS_REQUIREMENT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay::requirements {

// The word that the RFC uses; kProse where it says how things are, with no word of RFC 2119.
enum class Level : uint8_t {
  kMust,
  kMustNot,
  kShould,
  kShouldNot,
  kRecommended,
  kMay,
  kProse,
};

// Which part of an endpoint it binds.
enum class Scope : uint8_t {
  kWireSender,
  kWireReceiver,
  kTimer,
  kUserCall,
  kIpLayer,
  kSecurity,
  kAdministration,
};

// What it takes to see it broken.
enum class Observability : uint8_t {
  kBlackBox,  // packets and user calls
  kGray,      // those, and virtual time or a knob of the stack
  kWhite,     // the inside of the stack
  kNone,      // nothing that a harness can do
};

struct Requirement {
  std::string_view id;        // "RFC9293-MUST-10", "RFC5961-3.2-1"
  std::string_view section;   // within its RFC: "3.10.7.4"
  std::string_view summary;   // one sentence
  std::string_view check;     // how a tester can see it
  std::string_view excepted;  // why nothing rules on it, or empty
  Level level;
  Scope scope;
  Observability observability;
};

std::span<const Requirement> All();

// Null for an id that the registry does not hold.
const Requirement* Find(std::string_view id);

// As the RFC and the table print them: "MUST NOT", "wire-sender", "black-box".
std::string_view Name(Level level);
std::string_view Name(Scope scope);
std::string_view Name(Observability observability);

// The number of the RFC that an id names: 9293 for "RFC9293-MUST-10".
int Rfc(const Requirement& requirement);

// "RFC 9293, 3.10.7.4".
std::string Citation(const Requirement& requirement);

}  // namespace assay::requirements

#endif  // ASSAY_HARNESS_REQUIREMENTS_REQUIREMENT_H_
