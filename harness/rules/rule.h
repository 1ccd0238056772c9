// Rule: one claim about a stack, judged from outside.
//
// A rule is a value: an id that is the claim, a sentence, what it cites, a level, and one judging
// function. It returns a verdict and asserts nothing, so that one rule serves tests, fuzzers and
// reports. It says when it applies; each time is counted, so that "passed" without being exercised
// never reads as passed. It accepts all that the RFCs allow.

#ifndef ASSAY_HARNESS_RULES_RULE_H_
#define ASSAY_HARNESS_RULES_RULE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "harness/observer/emission.h"
#include "harness/observer/profile.h"
#include "harness/observer/segment_seen.h"
#include "stack/spec/state.h"

namespace assay::rules {

// What rules speak of.
using observer::Emission;
using observer::Facts;
using observer::Hypothesis;
using observer::IsNobody;
using observer::Offset;
using observer::Profile;
using observer::Quirk;
using spec::State;

enum class Level : uint8_t {
  kMust,    // breaks a MUST, or something without which the protocol does not work
  kShould,  // breaks a SHOULD: a warning
  kProse,   // departs from the text where it uses no keyword: a warning
};

std::string_view Name(Level level);

enum class Verdict : uint8_t { kNotApplicable, kHeld, kViolated };

// What a segment may have that a rule is about. Most segments have little, so most rules need not
// be tried on them.
enum Feature : uint16_t {
  kNeitherSynNorRst = 1 << 0,
  kASyn = 1 << 1,
  kAFin = 1 << 2,
  kARst = 1 << 3,
  kText = 1 << 4,
  kAnAck = 1 << 5,    // and neither SYN nor RST
  kPureAck = 1 << 6,  // nothing else
  kTimestamps = 1 << 7,
  kSackBlocks = 1 << 8,
  kUrgentPointer = 1 << 9,
};
inline constexpr size_t kFeatures = 10;
inline constexpr uint16_t kAnything = kNeitherSynNorRst | kASyn | kARst;
uint16_t FeaturesOf(const observer::SegmentSeen& segment);

// What must have come before for a rule to apply, where most runs have little of it: the rules that
// need it are not tried without it.
enum class Given : uint8_t {
  kAlways,
  kAgreedTimestamps,
  kOddStamp,       // the last arrival had none of the timestamps agreed on, or outdated ones
  kLoss,           // one that the stack surely acted upon
  kDuplicate,      // the last arrival is surely a duplicate ACK
  kReports,        // SACK told the stack of something not acknowledged yet
  kRepetition,     // all of the text was sent before
  kIdleTime,       // longer than any RTO
  kTimeOut,        // and no ACK since
  kOwnReports,     // the stack told by SACK of something that it has not acknowledged yet
  kUrgentData,     // the user called some urgent
  kPathMtu,        // an ICMP error named one
  kReuse,          // a SYN met TIME-WAIT
  kSmallSteps,     // of the window's edge
  kSmallerWindow,  // than was offered once
  kSmallSegment,   // the stack sent one
};
inline constexpr size_t kGivenCount = 16;
// A bit for each that holds.
uint32_t GivenIn(const Facts& facts, const Emission& emission);

// Why a segment is sent: because of a stimulus, because of a timer, or either.
enum class Cause : uint8_t { kStimulus, kTimer, kEither };

// Which beliefs a rule is about: those of a connection, those of none (CLOSED and LISTEN), or both.
enum class Believing : uint8_t { kConnection, kNobody, kEither };

struct Rule {
  std::string_view id;        // "ack.only-with-cause"
  std::string_view sentence;  // in the RFC's terms, what holds: it completes "legal is: ..."
  std::string_view section;   // "RFC 9293, 3.10.7.4"
  Level level = Level::kMust;
  std::span<const std::string_view> cites;  // ids of the registry

  // Exactly one of these is set, or none for a rule that the judge applies itself (user calls).
  // Of the segment alone, whatever is believed; where it has no defect and no SACK block, of
  // nothing but its control bits.
  Verdict (*of_segment)(const observer::SegmentSeen&) = nullptr;
  // What a segment must have one of for the next two to apply.
  uint16_t concerns = kAnything;
  Cause cause = Cause::kEither;
  Given given = Given::kAlways;
  Believing believing = Believing::kConnection;
  // Of an emission and one incarnation's facts.
  Verdict (*of_fact)(const Facts&, const Profile&, const Emission&) = nullptr;
  // Of an emission and one hypothesis; violated when it contradicts every live one.
  Verdict (*of_belief)(const Facts&, const Profile&, State, const Hypothesis&,
                       const Emission&) = nullptr;
  // Of a moment at which the stack is silent.
  Verdict (*of_silence)(const Facts&, const Profile&, State, const Hypothesis&,
                        Instant now) = nullptr;

  // A known deviation that explains a violation of this rule by what the stack sent.
  std::optional<Quirk> excused_by = std::nullopt;
  std::optional<Quirk> or_by = std::nullopt;  // another that does
};

// All rules, in the order in which they are tried; an index into it is a rule's number.
std::span<const Rule> AllRules();

inline constexpr size_t kMostRules = 128;

// The number of the rule with this id; a rule that does not exist is a mistake.
size_t RuleNumber(std::string_view id);

// The rules by topic.
std::span<const Rule> HeaderRules();
std::span<const Rule> HandshakeRules();
std::span<const Rule> ResetRules();
std::span<const Rule> AcknowledgmentRules();
std::span<const Rule> OptionRules();
std::span<const Rule> PaceRules();
std::span<const Rule> CongestionRules();
std::span<const Rule> RecoveryRules();
std::span<const Rule> RoundTripRules();
std::span<const Rule> StampRules();
std::span<const Rule> DuplicateRules();
std::span<const Rule> StreamRules();
std::span<const Rule> SilenceRules();
std::span<const Rule> ApplicationRules();

// A verdict from a condition.
constexpr Verdict Holds(bool condition) { return condition ? Verdict::kHeld : Verdict::kViolated; }

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_RULE_H_
