// Ladder: a trace as textbooks draw it. Two lifelines, time running down, an arrow a segment, the
// states of both ends at the outside, and what was broken under the event that broke it.
//
// It shows what the trace holds and concludes nothing. Numbers are counted from each end's first
// ISS (numbering.h); the header of the drawing says what that was. Strings of violations and names
// may come from anywhere: they are made harmless here.

#ifndef ASSAY_HARNESS_REPORT_LADDER_H_
#define ASSAY_HARNESS_REPORT_LADDER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "harness/observer/trace.h"
#include "harness/report/results.h"
#include "harness/report/segment_label.h"
#include "harness/report/styled_line.h"
#include "stack/base/time.h"

namespace assay::report {

enum class Ink : uint8_t { kAscii, kUnicode };

// Who stands at the left: the tester, with calls drawn as the stack's functions; or a host like the
// one at the right, with both states from the start and calls as RFC 9293, 3.9.1 names them.
enum class Cast : uint8_t { kTesterAndStack, kTwoHosts };

// What is left out of the labels: nothing; windows; or windows and options, as in the figures of
// RFC 9293.
enum class Detail : uint8_t { kAll, kNoWindows, kNumbers };

struct LadderOptions {
  std::string left_name = "tester";
  std::string right_name = "stack";
  size_t width = 100;  // columns; fewer than 72 count as 72
  Cast cast = Cast::kTesterAndStack;
  Detail detail = Detail::kAll;
  Ink ink = Ink::kAscii;
  Colour colour = Colour::kNone;
  Numbers numbers = Numbers::kRelative;
  // A step of time at least this long, alone or together with those next to it, gets a line of its
  // own; a shorter one is seen in the times at the left.
  Duration gap = Duration::Milliseconds(100);
  // Draw only this many events at the end; 0 draws all.
  size_t last_events = 0;
  std::span<const Violation> violations = {};
};

// Whole lines, the last with its line feed. An empty trace gives a line that says so.
std::string Ladder(const observer::Trace& trace, const LadderOptions& options);

// "2.75 s", "200 ms", "1.5 us": as many decimals as it has, at most three.
std::string DurationText(Duration duration);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_LADDER_H_
