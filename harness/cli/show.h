// Show: a classic of the textbooks, acted by two hosts and drawn on standard output.

#ifndef ASSAY_HARNESS_CLI_SHOW_H_
#define ASSAY_HARNESS_CLI_SHOW_H_

#include <memory>
#include <string>

#include "harness/cases/play.h"
#include "harness/driver/pair.h"
#include "harness/report/styled_line.h"
#include "harness/sut/stack_under_test.h"

namespace assay::cli {

// Prints title, section, ladder and text of the play; in colour if standard output is a terminal.
// Returns 0; or 2 for an unknown name, with one line on standard error that lists the names.
int Show(const std::string& name);

// The host that acts a side of the play: the reference, with the buffer that the play asks for.
std::unique_ptr<sut::StackUnderTest> ActorOf(const cases::Play& play, driver::Side side);

// What Show prints.
std::string Figure(const cases::Play& play, report::Colour colour);

}  // namespace assay::cli

#endif  // ASSAY_HARNESS_CLI_SHOW_H_
