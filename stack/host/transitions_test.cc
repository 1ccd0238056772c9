// Every row of stack/spec/transitions.tsv against the reference stack: its next state, what it
// sends and sets, and what it tells its user. And the checker against rows that are wrong.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "stack/host/row_runner_for_test.h"
#include "stack/host/row_scenario_for_test.h"
#include "stack/host/transition_row_for_test.h"
#include "stack/spec/transition.h"

namespace assay::host {
namespace {

using tcp::Policy;

constexpr const char* kPath = "stack/spec/transitions.tsv";

// Buffers that one segment fills.
Policy Small(Policy policy) {
  policy.send_buffer = 4096;
  policy.receive_buffer = 4096;
  return policy;
}

// The policies that a row is held against. It holds under each; a deviation, if it is one of ours,
// under one of them.
std::vector<Policy> PoliciesFor(const TransitionRow& row) {
  const Policy rfc9293 = Small(Policy::Rfc9293());
  const Policy rfc793 = Small(Policy::Rfc793());
  Policy rfc5961 = rfc9293;
  rfc5961.refuse_old_acks = true;
  Policy half_duplex = rfc9293;
  half_duplex.let_go = tcp::LetGo::kHalfDuplex;
  Policy deaf = rfc9293;
  deaf.ignore_rst_in_time_wait = true;
  Policy throttled = rfc9293;
  throttled.challenge_limit = Policy::Hardened().challenge_limit;
  throttled.timestamps = false;  // what is forged has none
  if (row.variant == "core") return {rfc9293, rfc793, half_duplex};
  if (row.variant == "rfc5961") return {rfc5961};
  if (row.variant == "rfc793") return {rfc793};
  if (row.variant == "half-duplex") return {half_duplex};
  if (row.variant == "deviation-set") return {throttled, rfc9293, rfc793, rfc5961, deaf};
  return {rfc9293};
}

// Why a row is not among those that the stack was seen to keep.
enum class Why : uint8_t {
  kNoWords,       // its drive cell has none
  kNoSuchStep,    // no bench has the step
  kCannotHappen,  // the stack never comes there
  kOtherwise,     // a deviation, and the stack was seen to do otherwise
};

struct LeftOut {
  std::string_view which;  // an id, a variant, or how the event begins
  Why why;
  std::string_view reason;
};

// The first that fits a row counts.
constexpr LeftOut kLeftOut[] = {
    {"MLS", Why::kNoWords, "no compartments: RFC 9293, A.1 lets them be ignored"},
    {"tfo", Why::kNoWords, "no Fast Open"},
    {"syn-cookie", Why::kNoWords, "no SYN cookies"},
    {"T-CL-005", Why::kNoWords, "any process may open any socket"},
    {"T-SR-034", Why::kNoWords, "a full backlog refuses the SYN, never the ACK behind it"},
    {"SEG S2 RST exact", Why::kNoWords, "one other stack's, with SACK in use"},
    {"T-SS-024", Why::kCannotHappen, "no text rides on a SYN"},
    {"T-F2-046", Why::kCannotHappen, "the user timeout runs over what is unacknowledged: nothing"},
    {"T-CW-053", Why::kCannotHappen, "a FIN is acknowledged at once"},
    {"deviation-set", Why::kOtherwise, "not asked for: the core row of the same event holds"},
};

const LeftOut* ReasonFor(const TransitionRow& row) {
  for (const LeftOut& left_out : kLeftOut) {
    if (left_out.which == row.id || left_out.which == row.variant ||
        row.event.starts_with(left_out.which)) {
      return &left_out;
    }
  }
  return nullptr;
}

RowReport Drive(const TransitionRow& row, const Policy& policy, Until until = Until::kTheEnd) {
  return row.state == "SCENARIO" ? DriveScenario(row, policy) : DriveRow(row, policy, until);
}

// What came of a row under all of its policies.
struct Verdict {
  bool held = false;
  Why why = Why::kNoWords;  // if not
  int runs = 0;
  std::vector<std::string> failures;
};

Verdict Try(const TransitionRow& row) {
  Verdict verdict;
  if (row.drive == "-") return verdict;
  bool held_by_one = false;
  bool cannot_happen = false;
  for (const Policy& policy : PoliciesFor(row)) {
    RowReport report = Drive(row, policy);
    verdict.runs += report.runs;
    held_by_one = held_by_one || (report.runs > 0 && report.failures.empty());
    cannot_happen = cannot_happen || report.cannot_happen > 0;
    for (std::string& failure : report.failures) verdict.failures.push_back(std::move(failure));
  }
  const bool deviation = row.variant == "deviation-set";
  verdict.held = held_by_one && (deviation || verdict.failures.empty());
  if (verdict.runs > 0) {
    verdict.why = Why::kOtherwise;
  } else {
    verdict.why = cannot_happen ? Why::kCannotHappen : Why::kNoSuchStep;
  }
  return verdict;
}

// Of the labelled requirements, the rows show these.
//= MUST-3 type=test
//= MUST-7 type=test
//= MUST-10 type=test
//= MUST-11 type=test
//= MUST-12 type=test
//= MUST-13 type=test
//= MUST-20 type=test
//= MUST-22 type=test
//= MUST-32 type=test
//= MUST-36 type=test
//= MUST-40 type=test
//= MUST-41 type=test
//= MUST-46 type=test
//= MUST-57 type=test
//= MUST-59 type=test
//= MUST-60 type=test
//= MUST-62 type=test
//= MUST-63 type=test
//= MUST-66 type=test
//= SHLD-3 type=test
//= SHLD-31 type=test
//= MAY-1 type=test
//= MAY-2 type=test
//= MAY-12 type=test
//= 6298:5.4 type=test
//= 6298:5.5 type=test
TEST(TransitionsTest, EveryRowHolds) {
  int rows = 0;
  int driven = 0;
  int runs = 0;
  std::string left_out;
  std::set<std::string_view> reasons_used;
  for (const TransitionRow& row : ReadTransitionRows(kPath)) {
    ++rows;
    const Verdict verdict = Try(row);
    runs += verdict.runs;
    if (verdict.held) {
      ++driven;
      continue;
    }
    const LeftOut* reason = ReasonFor(row);
    if (reason == nullptr || reason->why != verdict.why) {
      ADD_FAILURE() << row.id << " (" << row.state << ", " << row.event << ") does not hold: "
                    << (verdict.failures.empty() ? "it was not driven, and nothing says why"
                                                 : verdict.failures.front())
                    << "; " << verdict.failures.size() << " of " << verdict.runs << " runs";
      continue;
    }
    reasons_used.insert(reason->which);
    left_out += "  " + row.id + " (" + row.variant + ", " + row.state + ", " + row.event +
                "): " + std::string(reason->reason) + "\n";
  }
  for (const LeftOut& reason : kLeftOut) {
    EXPECT_TRUE(reasons_used.contains(reason.which)) << reason.which << " leaves nothing out";
  }
  std::printf("%d of %d rows driven, %d runs; left out:\n%s", driven, rows, runs, left_out.c_str());
  RecordProperty("driven", driven);
}

TEST(TransitionsTest, NoIdIsUsedTwice) {
  std::set<std::string> ids;
  for (const TransitionRow& row : ReadTransitionRows(kPath)) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
  }
}

// The states that a row leads to, whatever the steps between.
std::set<spec::State> EndsOf(const TransitionRow& row) {
  std::set<spec::State> ends;
  for (std::string_view path : Split(row.next, "|")) {
    if (!TakePrefix(path, "active:")) TakePrefix(path, "passive:");
    if (const auto state = StateNamed(Split(path, ">").back())) ends.insert(*state);
  }
  return ends;
}

// The figure with its notes, as stack/spec/transition.h has it, and the rows say the same.
TEST(TransitionsTest, RowsAndTheTableOfTransitionsAgree) {
  static const std::set<std::string_view> kOfTheRfcs = {"core", "rfc5961", "rfc793", "half-duplex",
                                                        "tw-reuse"};
  std::set<std::pair<spec::State, spec::State>> in_rows;
  for (const TransitionRow& row : ReadTransitionRows(kPath)) {
    const auto from = StateNamed(row.state);
    if (!from.has_value()) continue;
    for (spec::State to : EndsOf(row)) {
      in_rows.insert({*from, to});
      if (!kOfTheRfcs.contains(row.variant)) continue;
      EXPECT_TRUE(spec::IsLegal(*from, to)) << row.id << ": " << row.state << " to " << Name(to);
    }
  }
  for (const spec::Transition& transition : spec::Transitions()) {
    EXPECT_TRUE(in_rows.contains({transition.from, transition.to}))
        << Name(transition.from) << " to " << Name(transition.to) << " by "
        << Name(transition.cause);
  }
}

// --- The checker: a row that is changed is found out. ---

// What EveryRowHolds holds against the stack, deviations apart.
std::vector<TransitionRow> DrivenRows() {
  std::vector<TransitionRow> driven;
  for (TransitionRow& row : ReadTransitionRows(kPath)) {
    if (row.state != "SCENARIO" && ReasonFor(row) == nullptr) driven.push_back(std::move(row));
  }
  return driven;
}

// Behind a listener's back: what became of the connection has no name.
const std::set<std::string> kStateNotSeen = {"T-TW-023", "T-TW-024", "T-TW-025"};

bool IsFoundOut(const TransitionRow& changed) {
  return !Drive(changed, PoliciesFor(changed).front(), Until::kAFailure).failures.empty();
}

TEST(TransitionsTest, AnotherStateAnotherSegmentOrAnotherAnswerIsFoundOut) {
  int rows = 0;
  for (const TransitionRow& row : DrivenRows()) {
    ++rows;
    TransitionRow changed = row;
    const bool opens = row.next.find("SYN-SENT") != std::string::npos;
    changed.next = opens ? "LAST-ACK" : "SYN-SENT";
    EXPECT_NE(IsFoundOut(changed), kStateNotSeen.contains(row.id)) << row.id << ", its state";

    // What is held against another segment's doing has no cells of its own.
    if (row.next.find("as ") != std::string::npos) continue;
    changed = row;
    changed.sends = "<SEQ=SND.NXT+12345><CTL=FIN,RST>";
    EXPECT_TRUE(IsFoundOut(changed)) << row.id << ", what it sends";
    changed = row;
    changed.tells = "timed out; reset; closing";
    EXPECT_TRUE(IsFoundOut(changed)) << row.id << ", what it tells";
  }
  EXPECT_GT(rows, 300);
}

TEST(TransitionsTest, ANumberThatIsOneOffIsFoundOut) {
  int rows = 0;
  for (const TransitionRow& row : DrivenRows()) {
    const bool compared = row.next.find("as ") != std::string::npos;
    if (compared || row.sends.find('|') != std::string::npos || row.sends == "none") continue;
    for (std::string_view field : {"<SEQ=", "<ACK="}) {
      TransitionRow changed = row;
      const size_t at = changed.sends.find(field);
      if (at == std::string::npos) continue;
      changed.sends.insert(at + field.size(), "1+");
      ++rows;
      EXPECT_TRUE(IsFoundOut(changed)) << row.id << ": " << changed.sends;
    }
  }
  EXPECT_GT(rows, 150);
}

TEST(TransitionsTest, AVariableThatIsSetOtherwiseIsFoundOut) {
  int rows = 0;
  for (const TransitionRow& row : DrivenRows()) {
    const auto ends = EndsOf(row);
    const bool lives = !ends.empty() && !ends.contains(spec::State::kClosed) &&
                       !ends.contains(spec::State::kListen);
    if (!lives || row.next.find("as ") != std::string::npos) continue;
    // Of a connection that a listener has made anew, nothing is seen but what it sends.
    if (kStateNotSeen.contains(row.id)) continue;
    ++rows;
    for (std::string_view change :
         {"SND.UNA<-SND.UNA+7", "RCV.NXT<-RCV.NXT-1", "SND.NXT<-SND.NXT+1000"}) {
      TransitionRow changed = row;
      changed.sets = change;
      EXPECT_TRUE(IsFoundOut(changed)) << row.id << ": " << change;
    }
  }
  EXPECT_GT(rows, 200);
}

TEST(TransitionsTest, AScenarioThatIsChangedIsFoundOut) {
  for (const TransitionRow& row : ReadTransitionRows(kPath)) {
    if (row.state != "SCENARIO") continue;
    const auto cells = {&TransitionRow::next, &TransitionRow::sends, &TransitionRow::tells};
    for (std::string TransitionRow::* cell : cells) {
      TransitionRow changed = row;
      std::string& text = changed.*cell;
      if (cell == &TransitionRow::next) {
        text = text.substr(0, 2) + "LAST-ACK > FIN-WAIT-2";
      } else if (cell == &TransitionRow::sends) {
        text += "; B <SEQ=x><CTL=URG>";
      } else {
        text = "A urgent";
      }
      EXPECT_TRUE(IsFoundOut(changed)) << row.id << ": " << text;
    }
  }
}

}  // namespace
}  // namespace assay::host
