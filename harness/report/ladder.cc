#include "harness/report/ladder.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/report/harmless_text.h"
#include "harness/report/numbering.h"
#include "stack/base/check.h"

namespace assay::report {
namespace {

using observer::Call;
using observer::Fate;
using observer::Trace;
using observer::TraceEvent;
using observer::TraceKind;

constexpr size_t kLeastWidth = 72;
// An arrow around its label: "--- " before it and " -->" behind it, or the mirror image.
constexpr size_t kShaft = 4;
constexpr size_t kLongestMiddle = 72;
// How far before the other lifeline a lost packet ends.
constexpr size_t kShortfall = 5;

// What lines are drawn with.
struct Pen {
  std::string_view life, gap, shaft, right_head, left_head, lost, way, call, mark;
};
constexpr Pen kAsciiPen = {"|", ":", "-", ">", "<", "x", "...", "--", ">>"};
constexpr Pen kUnicodePen = {"│", "┊", "─", "▶", "◀", "×", "┄┄┄", "──", "▶▶"};

bool IsPacket(const TraceEvent& event) {
  return event.kind == TraceKind::kToStack || event.kind == TraceKind::kFromStack;
}

std::vector<std::string> Names(spec::StateSet states) {
  std::vector<std::string> names;
  for (spec::State s : spec::kAllStates) {
    if (states.Has(s)) names.emplace_back(Name(s));
  }
  return names;
}

// The names of a set joined by " | ", broken behind a bar where `width` is too small for all.
std::vector<std::string> StateLines(spec::StateSet states, size_t width) {
  std::vector<std::string> lines;
  for (const std::string& name : Names(states)) {
    if (lines.empty()) {
      lines.push_back(name);
    } else if (lines.back().size() + 3 + name.size() + 2 <= width) {
      absl::StrAppend(&lines.back(), " | ", name);
    } else {
      lines.back() += " |";
      lines.push_back(name);
    }
  }
  // The last name needs no room for a bar behind it.
  if (lines.size() > 1) {
    std::string& before = lines[lines.size() - 2];
    if (before.size() + 1 + lines.back().size() <= width) {
      absl::StrAppend(&before, " ", lines.back());
      lines.pop_back();
    }
  }
  return lines;
}

std::string Octets(uint64_t count) {
  return absl::StrCat(count, count == 1 ? " octet" : " octets");
}

// "send(1) = 400 octets", "connect(port 80) = refused".
std::string CallText(const TraceEvent& event) {
  const bool by_port = event.call == Call::kListen || event.call == Call::kConnect;
  std::string argument;
  if (by_port) {
    argument = absl::StrCat("port ", event.count);
  } else if (event.handle != sut::kNoHandle && event.call != Call::kAccept) {
    argument = absl::StrCat(event.handle);
  }
  std::string answer = "ok";
  if (event.error != sut::CallError::kNone) {
    answer = Harmless(Name(event.error));
  } else if (event.call == Call::kSend) {
    answer = Octets(event.count);
  } else if (event.call == Call::kReceive) {
    answer = event.count == 0 ? "end of stream" : Octets(event.count);
  } else if ((by_port || event.call == Call::kAccept) && event.handle != sut::kNoHandle) {
    answer = absl::StrCat(event.handle);
  }
  return absl::StrCat(std::string(Name(event.call)), "(", argument, ") = ", answer);
}

// The same in the words of RFC 9293, 3.9.1: "SEND 400 octets", "active OPEN to port 80: refused".
std::string UserCallText(const TraceEvent& event) {
  const std::string trouble =
      event.error == sut::CallError::kNone ? "" : absl::StrCat(": ", Harmless(Name(event.error)));
  switch (event.call) {
    case Call::kListen:
      return absl::StrCat("passive OPEN of port ", event.count, trouble);
    case Call::kConnect:
      return absl::StrCat("active OPEN to port ", event.count, trouble);
    case Call::kAccept:
      return absl::StrCat("ACCEPT", trouble);
    case Call::kSend:
      return absl::StrCat("SEND ", trouble.empty() ? Octets(event.count) : trouble.substr(2));
    case Call::kReceive:
      if (!trouble.empty()) return absl::StrCat("RECEIVE", trouble);
      return event.count == 0 ? "RECEIVE: end of stream"
                              : absl::StrCat("RECEIVE ", Octets(event.count));
    case Call::kShutdown:
    case Call::kClose:
      return absl::StrCat("CLOSE", trouble);
    case Call::kAbort:
      return absl::StrCat("ABORT", trouble);
  }
  CheckFailed(__FILE__, __LINE__, "a Call");
}

// How many decimals of a second the instants of a trace need: 3, 6 or 9.
int Decimals(const Trace& trace) {
  int decimals = 3;
  for (const TraceEvent& event : trace.events()) {
    if (event.at.ns() % 1'000'000 != 0) decimals = std::max(decimals, 6);
    if (event.at.ns() % 1'000 != 0) decimals = 9;
  }
  return decimals;
}

std::string InstantText(Instant at, int decimals) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t ns = at.ns() % kSecond;
  const std::string fraction = absl::StrFormat("%09d", ns < 0 ? -ns : ns);
  return absl::StrCat(at.ns() / kSecond, ".", fraction.substr(0, static_cast<size_t>(decimals)));
}

class Drawing {
 public:
  Drawing(const Trace& trace, const LadderOptions& options)
      : trace_(trace),
        options_(options),
        numbering_(trace),
        pen_(options.ink == Ink::kUnicode ? kUnicodePen : kAsciiPen),
        decimals_(Decimals(trace)) {
    const size_t count = trace.events().size();
    if (options.cast == Cast::kTwoHosts) left_state_.reset();
    first_ = options.last_events == 0 ? 0 : count - std::min(count, options.last_events);
    LabelPackets();
    LayOut();
  }

  std::string Draw() {
    DrawHead();
    for (size_t i = first_; i < trace_.events().size(); ++i) {
      const TraceEvent& event = trace_.events()[i];
      if (IsPacket(event)) {
        DrawGap();
        DrawPacket(i);
      } else if (event.kind == TraceKind::kCall) {
        DrawGap();
        DrawCall(event);
      } else {
        gap_ = gap_ + event.elapsed;
        if (StatesChanged(event) || IsMarked(i)) DrawGap(&event);
      }
      DrawViolations([&](const Violation& v) { return v.event == i; });
    }
    DrawGap();
    DrawViolations([&](const Violation& v) { return v.event >= trace_.events().size(); });
    return std::move(out_);
  }

 private:
  void LabelPackets() {
    labels_.resize(trace_.events().size());
    for (size_t i = first_; i < trace_.events().size(); ++i) {
      const TraceEvent& event = trace_.events()[i];
      if (!IsPacket(event)) continue;
      const std::optional<size_t> connection = numbering_.ConnectionOf(i);
      Bases bases{.numbers = options_.numbers};
      if (connection.has_value()) {
        const Connection& c = numbering_.connections()[*connection];
        const bool to_stack = event.kind == TraceKind::kToStack;
        bases.sent = (to_stack ? c.from_tester : c.from_stack).base;
        bases.acknowledged = (to_stack ? c.from_stack : c.from_tester).base;
      }
      labels_[i] = LabelOf(trace_.packet(event), bases);
      LeaveOut(labels_[i]);
      if (connection.has_value() && *connection > 0) NameEnds(labels_[i], i, *connection);
      Widen(widths_, labels_[i]);
    }
  }

  void LeaveOut(SegmentLabel& label) const {
    if (options_.detail == Detail::kAll) return;
    label.columns[SegmentLabel::kWindow].clear();
    if (options_.detail == Detail::kNoWindows) return;
    std::vector<std::string>& extras = label.extras;
    if (extras.empty() || !extras.front().starts_with('<')) return;
    const auto last = std::ranges::find_if(extras, [](const auto& e) { return e.ends_with('>'); });
    extras.erase(extras.begin(), last == extras.end() ? last : last + 1);
  }

  // Says whose a segment is that does not belong to the connection that the head names.
  void NameEnds(SegmentLabel& label, size_t event, size_t connection) {
    const Connection& first = numbering_.connections()[0];
    const Connection& c = numbering_.connections()[connection];
    const bool same_hosts =
        c.tester.address == first.tester.address && c.stack.address == first.stack.address;
    std::string from = same_hosts ? absl::StrCat(c.tester.port) : ToString(c.tester);
    std::string to = same_hosts ? absl::StrCat(c.stack.port) : ToString(c.stack);
    if (trace_.events()[event].kind == TraceKind::kFromStack) std::swap(from, to);
    label.extras.insert(label.extras.begin(), absl::StrCat("(", from, " to ", to, ")"));
  }

  void LayOut() {
    size_t left = 0;
    size_t right = 0;
    size_t longest_name = 0;
    for (const TraceEvent& event : trace_.events()) {
      left = std::max(left, Name(event.tester_state).size());
      const std::vector<std::string> names = Names(event.stack_states);
      right = std::max(right, absl::StrJoin(names, " | ").size());
      for (const std::string& name : names) longest_name = std::max(longest_name, name.size());
    }
    size_t time = 0;
    if (!trace_.events().empty()) {
      time = InstantText(trace_.events().back().at, decimals_).size();
    }
    width_ = std::max(options_.width, kLeastWidth);
    state_at_ = 1 + time + 2;
    left_at_ = state_at_ + left + 1;
    // The middle takes what the labels need; a set of many states is broken into lines before that.
    size_t label = 0;
    for (size_t w : widths_) label += w == 0 ? 0 : w + 2;
    const size_t room = width_ - left_at_ - 4;  // for the middle and the states at the right
    const size_t least = std::max<size_t>(longest_name + 2, 12);
    const size_t budget = room - std::min(room, std::max<size_t>(label + 2 * kShaft, 48));
    right_width_ = std::max(std::min(right, budget), least);
    // What the states leave goes to the middle, up to where an arrow gets longer than pleasant.
    size_t used = 0;
    for (const TraceEvent& event : trace_.events()) {
      for (const std::string& line : StateLines(event.stack_states, right_width_)) {
        used = std::max(used, line.size());
      }
    }
    right_at_ = std::min(width_ - used - 2, left_at_ + 1 + kLongestMiddle);
    right_width_ = width_ - right_at_ - 2;
  }

  size_t middle() const { return right_at_ - left_at_ - 1; }
  void Emit(const StyledLine& line) { out_ += line.Print(options_.colour); }

  void DrawHead() {
    struct Row {
      std::string left, right;
      Style style;
    };
    std::vector<Row> rows = {
        {Harmless(options_.left_name), Harmless(options_.right_name), Style::kBold}};
    if (!numbering_.connections().empty()) {
      const Connection& c = numbering_.connections()[0];
      rows.push_back({ToString(c.tester), ToString(c.stack), Style::kPlain});
      rows.push_back({BaseText(c.from_tester), BaseText(c.from_stack), Style::kDim});
    }
    // Above the states at the right, or as far left of them as the texts need.
    size_t left = 0;
    size_t right = 0;
    for (const Row& row : rows) {
      left = std::max(left, Columns(row.left));
      right = std::max(right, Columns(row.right));
    }
    const size_t most = width_ - state_at_ - 1;
    left = std::min(left, most / 2);
    const size_t right_at = std::min(right_at_ + 2, width_ - std::min(right, most - left));
    for (const Row& row : rows) {
      StyledLine line;
      line.PadTo(state_at_).Add(Shortened(row.left, right_at - state_at_ - 1), row.style);
      Emit(line.PadTo(right_at).Add(Shortened(row.right, width_ - right_at), row.style));
    }
    out_ += '\n';
    if (trace_.events().empty()) out_ += "  nothing happened\n";
    if (first_ > 0) Emit(Middle(absl::StrCat(first_, " events before these")));
    DrawViolations([&](const Violation& v) { return v.event < first_; });
  }

  static std::string BaseText(const Direction& direction) {
    if (direction.has_iss) return absl::StrCat("iss ", direction.base);
    return direction.has_base ? absl::StrCat("seq 1 is ", direction.base + 1) : "";
  }

  bool IsMarked(size_t event) const {
    return std::ranges::any_of(options_.violations,
                               [&](const Violation& v) { return v.event == event; });
  }
  bool StatesChanged(const TraceEvent& event) const {
    return event.tester_state != left_state_ || event.stack_states != right_states_;
  }

  // Time and both outer columns of an event's first line; the rest of a set of states waits for the
  // lines that follow.
  StyledLine Begin(const TraceEvent& event, bool with_time) {
    StyledLine line;
    const std::string time = InstantText(event.at, decimals_);
    if (with_time && time != time_shown_) {
      line.PadTo(state_at_ - 2 - std::min(time.size(), state_at_ - 2)).Add(time, Style::kDim);
      time_shown_ = time;
    }
    if (event.tester_state != left_state_) {
      line.PadTo(state_at_).Add(std::string(Name(event.tester_state)), Style::kBold);
      left_state_ = event.tester_state;
    }
    right_lines_.clear();
    if (event.stack_states != right_states_) {
      right_lines_ = StateLines(event.stack_states, right_width_);
      right_states_ = event.stack_states;
    }
    line.PadTo(left_at_);
    return line;
  }

  void End(StyledLine& line) {
    if (!right_lines_.empty()) {
      line.Add(" ").Add(right_lines_.front(), Style::kBold);
      right_lines_.erase(right_lines_.begin());
    }
    Emit(line);
  }

  // Lines between the lifelines that go on with an event, and the states that did not fit.
  void Continue(std::span<const std::string> texts, Style style) {
    for (size_t i = 0; i < texts.size() || !right_lines_.empty(); ++i) {
      StyledLine line;
      line.PadTo(left_at_).Add(pen_.life, Style::kDim);
      if (i < texts.size()) line.PadTo(left_at_ + 1 + kShaft).Add(texts[i], style);
      line.PadTo(right_at_).Add(pen_.life, Style::kDim);
      End(line);
    }
  }

  StyledLine Middle(const std::string& text) const {
    StyledLine line;
    line.PadTo(left_at_).Add(pen_.gap, Style::kDim);
    line.PadTo(left_at_ + 1 + (middle() - std::min(middle(), text.size())) / 2);
    line.Add(text, Style::kDim).PadTo(right_at_).Add(pen_.gap, Style::kDim);
    return line;
  }

  // `event` is the step of time itself where something must be said of it.
  void DrawGap(const TraceEvent* event = nullptr) {
    const Duration gap = std::exchange(gap_, Duration());
    if (event == nullptr && gap < std::max(options_.gap, Duration::Nanoseconds(1))) return;
    const std::string text = absl::StrCat("... ", DurationText(gap), " ...");
    if (event == nullptr) {
      Emit(Middle(text));
      return;
    }
    StyledLine line = Begin(*event, options_.cast == Cast::kTwoHosts);
    line.Add(pen_.gap, Style::kDim);
    line.PadTo(left_at_ + 1 + (middle() - std::min(middle(), text.size())) / 2);
    line.Add(text, Style::kDim).PadTo(right_at_).Add(pen_.gap, Style::kDim);
    End(line);
    Continue({}, Style::kPlain);
  }

  void DrawCall(const TraceEvent& event) {
    const std::string text =
        options_.cast == Cast::kTwoHosts ? UserCallText(event) : CallText(event);
    StyledLine line = Begin(event, true);
    line.Add(pen_.life, Style::kDim);
    if (event.by_tester) {
      line.Add(pen_.call, Style::kCyan).Add(absl::StrCat(" ", text), Style::kCyan);
    } else {
      line.PadTo(right_at_ - std::min(middle(), text.size() + 3))
          .Add(absl::StrCat(text, " "), Style::kCyan);
      line.Add(pen_.call, Style::kCyan);
    }
    line.PadTo(right_at_).Add(pen_.life, Style::kDim);
    End(line);
    Continue({}, Style::kPlain);
  }

  Style StyleOf(size_t event) const {
    const SegmentLabel& label = labels_[event];
    if (label.defective || trace_.events()[event].fate == Fate::kLost) return Style::kYellow;
    if (label.rst) return Style::kRed;
    return label.syn ? Style::kGreen : Style::kPlain;
  }

  void DrawPacket(size_t index) {
    const TraceEvent& event = trace_.events()[index];
    const bool to_stack = event.kind == TraceKind::kToStack;
    const bool lost = event.fate == Fate::kLost;
    const Style style = StyleOf(index);
    const bool half = event.fate == Fate::kLeft || event.fate == Fate::kArrived;
    // Dots have a space before them, which an arrow's head has not.
    const std::vector<std::string> lines =
        Lines(labels_[index], widths_, middle() - 2 * kShaft - (half ? 1 : 0));
    const std::string& label = lines.front();

    StyledLine line = Begin(event, true);
    line.Add(pen_.life, Style::kDim);
    // The columns that the arrow covers between the lifelines; a lost one falls short.
    const size_t begin = left_at_ + 1;
    size_t end = right_at_;
    if (lost && to_stack)
      end -= std::min(kShortfall, end - begin - (2 * kShaft - 1) - label.size());
    const bool room = middle() >= 2 * kShaft + kShortfall + label.size();
    if (half) {
      DrawHalf(line, event, label, style);
    } else if (to_stack) {
      line.Repeat(pen_.shaft, kShaft - 1, style).Add(absl::StrCat(" ", label, " "), style);
      line.Repeat(pen_.shaft, end - line.columns() - 1, style);
      line.Add(lost ? pen_.lost : pen_.right_head, style);
    } else {
      if (lost) {
        line.PadTo(begin + (room ? kShortfall : 1)).Add(pen_.lost, style);
        line.Repeat(pen_.shaft, room ? kShaft - 2 : kShaft - 3, style);
      } else {
        line.Add(pen_.left_head, style).Repeat(pen_.shaft, kShaft - 2, style);
      }
      line.Add(absl::StrCat(" ", label, " "), style);
      line.Repeat(pen_.shaft, end - line.columns(), style);
    }
    line.PadTo(right_at_).Add(pen_.life, Style::kDim);
    End(line);
    Continue(std::span(lines).subspan(1), style);
  }

  // The arrow of a packet that leaves and has not arrived, or arrives and left before: dots at the
  // end where nothing happens now.
  void DrawHalf(StyledLine& line, const TraceEvent& event, const std::string& label, Style style) {
    const bool to_stack = event.kind == TraceKind::kToStack;
    const bool leaves = event.fate == Fate::kLeft;
    const bool begins_here = to_stack == leaves;  // at the left lifeline
    if (!begins_here) {
      line.Add(pen_.way, Style::kDim);
    } else if (leaves) {
      line.Repeat(pen_.shaft, kShaft - 1, style);
    } else {
      line.Add(pen_.left_head, style).Repeat(pen_.shaft, kShaft - 2, style);
    }
    line.Add(absl::StrCat(" ", label, " "), style);
    if (begins_here) {
      line.Repeat(pen_.shaft, right_at_ - line.columns() - kShaft, style);
      line.Add(" ").Add(pen_.way, Style::kDim);
    } else {
      line.Repeat(pen_.shaft, right_at_ - line.columns() - 1, style);
      line.Add(leaves ? pen_.shaft : pen_.right_head, style);
    }
  }

  template <typename Which>
  void DrawViolations(Which which) {
    for (const Violation& violation : options_.violations) {
      if (which(violation)) DrawViolation(violation);
    }
  }

  void DrawViolation(const Violation& violation) {
    const bool known = !violation.known.empty();
    const Style style = known || violation.level == "SHOULD" ? Style::kYellow : Style::kBoldRed;
    DrawNote("", HeadOf(violation), style);
    if (!violation.seen.empty()) DrawNote("seen   ", violation.seen, style);
    if (!violation.legal.empty()) DrawNote("legal  ", violation.legal, style);
    if (known) DrawNote("known  ", violation.known, style);
  }

  void DrawNote(std::string_view title, const std::string& text, Style style) {
    const size_t begin = state_at_ + Columns(title);
    bool first = true;
    for (const std::string& part : Wrapped(Harmless(text), width_ - begin)) {
      StyledLine line;
      line.PadTo(state_at_ - 3).Add(pen_.mark, style).PadTo(state_at_);
      if (first) line.Add(title, Style::kDim);
      Emit(line.PadTo(begin).Add(part, title.empty() ? style : Style::kPlain));
      first = false;
    }
  }

  const Trace& trace_;
  const LadderOptions& options_;
  const Numbering numbering_;
  const Pen& pen_;
  const int decimals_;
  size_t first_ = 0;
  std::vector<SegmentLabel> labels_;  // by event
  ColumnWidths widths_{};
  // Columns of the drawing: the left states, both lifelines.
  size_t width_ = 0;
  size_t state_at_ = 0;
  size_t left_at_ = 0;
  size_t right_at_ = 0;
  size_t right_width_ = 0;
  // What the drawing has said last.
  std::string time_shown_;
  std::optional<spec::State> left_state_ = spec::State::kClosed;
  spec::StateSet right_states_;
  std::vector<std::string> right_lines_;
  Duration gap_;
  std::string out_;
};

}  // namespace

std::string DurationText(Duration duration) {
  struct Unit {
    int64_t ns;
    const char* name;
  };
  constexpr Unit kUnits[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}};
  const int64_t ns = duration.ns();
  for (const Unit& unit : kUnits) {
    if (ns < unit.ns && unit.ns > 1) continue;
    std::string text = absl::StrCat(ns / unit.ns);
    if (unit.ns >= 1'000) {
      std::string fraction = absl::StrFormat("%03d", ns % unit.ns / (unit.ns / 1'000));
      fraction.resize(fraction.find_last_not_of('0') + 1);
      if (!fraction.empty()) absl::StrAppend(&text, ".", fraction);
    }
    return absl::StrCat(text, " ", unit.name);
  }
  CheckFailed(__FILE__, __LINE__, "the last unit takes any duration");
}

std::string Ladder(const Trace& trace, const LadderOptions& options) {
  return Drawing(trace, options).Draw();
}

}  // namespace assay::report
