// Drives the reference stack with a transition row, and judges what it does by the row's own words.
//
// A row is driven in every way that its drive cell names, with every choice of values, on both
// benches, over IPv4 and IPv6, with sequence numbers far from the wrap and at it.

#ifndef ASSAY_STACK_HOST_ROW_RUNNER_FOR_TEST_H_
#define ASSAY_STACK_HOST_ROW_RUNNER_FOR_TEST_H_

#include <optional>
#include <string>
#include <vector>

#include "stack/host/row_bench_for_test.h"
#include "stack/host/transition_row_for_test.h"

namespace assay::host {

// What an event did.
struct RowOutcome {
  std::vector<std::optional<spec::State>> states;  // behind each step of it
  std::vector<SentSegment> sent;
  std::vector<std::string> told;
  std::set<std::string> answers;
  uint32_t given = 0;
  uint32_t octets = 0;  // that became readable
  Values before;        // those of the segment that arrived among them
  Values after;         // empty if there is no connection
  tcp::Origin origin = tcp::Origin::kNone;
};

// What of the outcome is not as the row says; empty if all is. `twin` is what the segment does that
// the row compares its own with, if it does. `tells` says which tokens count.
std::string Judge(const TransitionRow& row, const RowOutcome& outcome, const RowOutcome* twin,
                  const RowBench& bench);

struct RowReport {
  int runs = 0;
  int not_here = 0;       // a bench has no such step
  int cannot_happen = 0;  // the stack does not get there
  std::vector<std::string> failures;
};

enum class Until : uint8_t { kTheEnd, kAFailure };

RowReport DriveRow(const TransitionRow& row, const tcp::Policy& policy,
                   Until until = Until::kTheEnd);

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_ROW_RUNNER_FOR_TEST_H_
