// TransitionRow: one row of stack/spec/transitions.tsv, as text; and the words that its cells
// share.
//
// The head of that file says what the columns mean. What runs a row is in row_runner_for_test.h;
// rows about two ends are run by row_scenario_for_test.h.

#ifndef ASSAY_STACK_HOST_TRANSITION_ROW_FOR_TEST_H_
#define ASSAY_STACK_HOST_TRANSITION_ROW_FOR_TEST_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/spec/state.h"

namespace assay::host {

struct TransitionRow {
  std::string id;
  std::string variant;
  std::string state;
  std::string event;
  std::string guard;
  std::string drive;
  std::string next;
  std::string sends;
  std::string sets;
  std::string tells;
  std::string section;
  std::string note;
};

// All rows of the file. A line that is not one ends the test.
std::vector<TransitionRow> ReadTransitionRows(const std::string& path);

// The data is wrong, not the stack: ends the test, naming the text.
[[noreturn]] void Malformed(std::string_view what, std::string_view text);

// What stands between separators, without the blanks around it.
std::vector<std::string_view> Split(std::string_view text, std::string_view separator);
// Takes `prefix` off the front of `text`, and blanks behind it, if it is there.
bool TakePrefix(std::string_view& text, std::string_view prefix);
// "4096" in "SEND 4096 URGENT": the first number.
uint32_t NumberIn(std::string_view text);
// "500ms" or "60s", in milliseconds.
int64_t MillisecondsIn(std::string_view text);

std::optional<spec::State> StateNamed(std::string_view name);

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_TRANSITION_ROW_FOR_TEST_H_
