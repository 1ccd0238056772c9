#include "harness/cli/show.h"

#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "harness/adapters/reference/reference_stack.h"
#include "harness/observer/trace.h"
#include "harness/report/harmless_text.h"
#include "harness/report/ladder.h"
#include "stack/base/check.h"
#include "stack/tcp/policy.h"

namespace assay::cli {
namespace {

constexpr size_t kWidth = 100;
// How to read the times, and the dots where there are any.
std::string Legend(const cases::Play& play, const observer::Trace& trace) {
  bool lost = false;
  bool dots = false;
  for (const observer::TraceEvent& event : trace.events()) {
    lost = lost || event.fate == observer::Fate::kLost;
    dots = dots || event.fate == observer::Fate::kLeft || event.fate == observer::Fate::kArrived;
  }
  return absl::StrCat("A segment stands where it arrives, ",
                      report::DurationText(play.options.delay), " after it left",
                      lost ? "; a lost one where it left" : "",
                      dots ? "; with dots, it is under way meanwhile" : "", ".");
}

}  // namespace

std::unique_ptr<sut::StackUnderTest> ActorOf(const cases::Play& play, driver::Side side) {
  tcp::Policy policy = tcp::Policy::Rfc9293();
  if (side == driver::Side::kB) policy.receive_buffer = play.server_buffer;
  return adapters::MakeReferenceStack(policy);
}

std::string Figure(const cases::Play& play, report::Colour colour) {
  const std::unique_ptr<sut::StackUnderTest> a = ActorOf(play, driver::Side::kA);
  const std::unique_ptr<sut::StackUnderTest> b = ActorOf(play, driver::Side::kB);
  driver::Pair pair(*a, *b);
  ASSAY_CHECK(pair.Reset(play.options));
  play.run(pair);

  report::StyledLine title;
  title.Add(play.title, report::Style::kBold);
  report::StyledLine section;
  section.Add(play.section, report::Style::kDim);
  report::LadderOptions options;
  options.left_name = "client";
  options.right_name = "server";
  options.width = kWidth;
  options.cast = report::Cast::kTwoHosts;
  options.colour = colour;
  options.numbers = play.numbers == cases::Play::Numbers::kAbsolute ? report::Numbers::kAbsolute
                                                                    : report::Numbers::kRelative;
  switch (play.detail) {
    case cases::Play::Detail::kNone:
      options.detail = report::Detail::kNumbers;
      break;
    case cases::Play::Detail::kOptions:
      options.detail = report::Detail::kNoWindows;
      break;
    case cases::Play::Detail::kOptionsAndWindow:
      break;
  }
  options.gap = Duration::Milliseconds(500);
  const observer::Trace trace = pair.Record();
  const std::string ladder = report::Ladder(trace, options);
  report::StyledLine legend;
  legend.PadTo(1).Add(Legend(play, trace), report::Style::kDim);
  std::string out = absl::StrCat(title.Print(colour), section.Print(colour), "\n", ladder, "\n",
                                 legend.Print(colour), "\n");
  for (const std::string& line : report::Wrapped(std::string(play.text), kWidth)) {
    absl::StrAppend(&out, line, "\n");
  }
  return out;
}

int Show(const std::string& name) {
  const cases::Play* play = cases::FindPlay(name);
  if (play == nullptr) {
    std::string names;
    for (const cases::Play& each : cases::AllPlays()) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(each.name));
    }
    std::fprintf(stderr, "tcp-assay: no classic is called \"%s\"; there are: %s\n",
                 report::Harmless(name).c_str(), names.c_str());
    return 2;
  }
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const std::string figure =
      Figure(*play, terminal ? report::Colour::kAnsi : report::Colour::kNone);
  std::fwrite(figure.data(), 1, figure.size(), stdout);
  return 0;
}

}  // namespace assay::cli
