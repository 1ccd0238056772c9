#include "harness/report/table.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/report/harmless_text.h"
#include "stack/base/check.h"

namespace assay::report {
namespace {

constexpr size_t kGap = 2;            // columns between two columns of a table
constexpr size_t kIndent = 2;         // of the rows of a group
constexpr size_t kLeastSummary = 12;  // below that, stacks move to a table of their own

constexpr std::array kVerdicts = {
    Verdict::kFailed,     Verdict::kWarned,        Verdict::kKnownDeviation,
    Verdict::kPassed,     Verdict::kNotExercised,  Verdict::kNotSupported,
    Verdict::kNotChecked, Verdict::kNotObservable,
};

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

Style StyleOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return Style::kGreen;
    case Verdict::kKnownDeviation:
    case Verdict::kWarned:
      return Style::kYellow;
    case Verdict::kFailed:
      return Style::kBoldRed;
    case Verdict::kNotObservable:
    case Verdict::kNotChecked:
    case Verdict::kNotSupported:
    case Verdict::kNotExercised:
      return Style::kDim;
  }
  CheckFailed(__FILE__, __LINE__, "a Verdict");
}

// A verdict in the fewest words that cannot be taken for another.
std::string ShortName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNotObservable:
      return "unobservable";
    case Verdict::kNotChecked:
      return "-";
    case Verdict::kNotSupported:
      return "unsupported";
    case Verdict::kNotExercised:
      return "unexercised";
    case Verdict::kPassed:
      return "passed";
    case Verdict::kKnownDeviation:
      return "known";
    case Verdict::kWarned:
      return "warned";
    case Verdict::kFailed:
      return "FAILED";
  }
  CheckFailed(__FILE__, __LINE__, "a Verdict");
}

Cell CellOf(const RequirementResult& result) {
  std::string text = ShortName(result.verdict);
  if (result.verdict == Verdict::kPassed) absl::StrAppend(&text, " ", result.exercised);
  if (result.verdict == Verdict::kFailed || result.verdict == Verdict::kWarned) {
    absl::StrAppend(&text, " ", result.violated);
  }
  return {std::move(text), StyleOf(result.verdict)};
}

Cell CellOf(const CaseResult& result) {
  return {ShortName(result.verdict), StyleOf(result.verdict)};
}

// A line under a row, in full width.
struct Note {
  size_t stack = 0;
  std::string text;
  Style style = Style::kPlain;
};

struct Row {
  std::string group;
  std::vector<std::string> heads;  // what names the row; the last one gives way
  std::vector<Cell> cells;         // one a stack
  std::vector<Note> notes;
  Verdict verdict = Verdict::kNotObservable;  // of all stacks
};

struct Table {
  std::vector<std::string> head_names;
  std::vector<std::string> stack_names;
  std::vector<std::string> stack_versions;
  std::vector<Row> rows;
  std::vector<std::string> foot;
  // How often each verdict was given: by stack, in the order of kVerdicts.
  std::vector<std::array<uint64_t, kVerdicts.size()>> totals;
};

size_t Index(Verdict verdict) {
  return static_cast<size_t>(std::ranges::find(kVerdicts, verdict) - kVerdicts.begin());
}

class Printer {
 public:
  Printer(const Table& table, const TableOptions& options) : table_(table), options_(options) {
    head_widths_.resize(table.head_names.size());
    for (size_t i = 0; i < head_widths_.size(); ++i) {
      head_widths_[i] = Columns(table.head_names[i]);
      for (const Row& row : table.rows) {
        head_widths_[i] = std::max(head_widths_[i], Columns(row.heads[i]));
      }
    }
    for (size_t s = 0; s < table.stack_names.size(); ++s) {
      size_t width = std::max(Columns(table.stack_names[s]), Columns(table.stack_versions[s]));
      for (const Row& row : table.rows) width = std::max(width, Columns(row.cells[s].text));
      stack_widths_.push_back(width);
    }
    // The last head takes what is left over, and nothing more than it needs.
    fixed_ = kIndent;
    for (size_t i = 0; i + 1 < head_widths_.size(); ++i) fixed_ += head_widths_[i] + kGap;
  }

  std::string Print() {
    const size_t stacks = table_.stack_names.size();
    for (size_t first = 0; first < stacks || first == 0;) {
      size_t behind = first;
      size_t used = 0;
      const size_t least = fixed_ + std::min(kLeastSummary, head_widths_.back());
      while (behind < stacks &&
             (behind == first || least + used + kGap + stack_widths_[behind] <= options_.width)) {
        used += kGap + stack_widths_[behind++];
      }
      if (first > 0) out_ += '\n';
      PrintBlock(first, behind, used);
      if (behind == stacks) break;
      first = behind;
    }
    for (const std::string& line : table_.foot) {
      out_ += '\n';
      for (const std::string& part : Wrapped(line, std::max<size_t>(options_.width, 20))) {
        Emit(StyledLine().Add(part, Style::kDim));
      }
    }
    return std::move(out_);
  }

 private:
  void Emit(const StyledLine& line) { out_ += line.Print(options_.colour); }

  void PrintBlock(size_t first, size_t behind, size_t used) {
    const size_t room = options_.width - std::min(options_.width, fixed_ + used);
    summary_ = std::min(head_widths_.back(), room);
    cells_at_ = fixed_ + summary_;

    StyledLine head;
    StyledLine versions;
    AddHeads(head, table_.head_names, Style::kBold);
    for (size_t s = first, at = cells_at_; s < behind; ++s) {
      head.PadTo(at + kGap).Add(table_.stack_names[s], Style::kBold);
      versions.PadTo(at + kGap).Add(table_.stack_versions[s], Style::kDim);
      at += kGap + stack_widths_[s];
    }
    Emit(head);
    if (versions.columns() > 0) Emit(versions);

    const std::string* group = nullptr;
    for (const Row& row : table_.rows) {
      if (group == nullptr || *group != row.group) {
        out_ += '\n';
        Emit(StyledLine().Add(row.group, Style::kBold));
        group = &row.group;
      }
      StyledLine line;
      AddHeads(line, row.heads, Style::kPlain);
      for (size_t s = first, at = cells_at_; s < behind; ++s) {
        line.PadTo(at + kGap).Add(row.cells[s].text, row.cells[s].style);
        at += kGap + stack_widths_[s];
      }
      Emit(line);
      for (const Note& note : row.notes) {
        if (note.stack >= first && note.stack < behind) PrintNote(note);
      }
    }
    PrintTotals(first, behind);
  }

  void AddHeads(StyledLine& line, const std::vector<std::string>& heads, Style style) {
    size_t at = kIndent;
    for (size_t i = 0; i < heads.size(); ++i) {
      const bool last = i + 1 == heads.size();
      line.PadTo(at).Add(last ? Shortened(heads[i], summary_) : heads[i],
                         i == 0 || style == Style::kBold ? style : Style::kPlain);
      at += head_widths_[i] + kGap;
    }
  }

  void PrintNote(const Note& note) {
    constexpr size_t kNoteIndent = kIndent + 2;
    std::string text = note.text;
    if (table_.stack_names.size() > 1)
      text = absl::StrCat(table_.stack_names[note.stack], ": ", text);
    const size_t room = std::max<size_t>(options_.width, 40) - kNoteIndent - 3;
    bool begins = true;
    for (const std::string& part : Wrapped(text, room)) {
      Emit(StyledLine()
               .PadTo(kNoteIndent)
               .Add(begins ? ">> " : "   ", note.style)
               .Add(part, note.style));
      begins = false;
    }
  }

  void PrintTotals(size_t first, size_t behind) {
    if (table_.rows.empty()) Emit(StyledLine().PadTo(kIndent).Add("nothing to show", Style::kDim));
    out_ += '\n';
    for (size_t v = 0; v <= kVerdicts.size(); ++v) {
      const bool sum = v == kVerdicts.size();
      bool any = false;
      StyledLine line;
      line.PadTo(kIndent).Add(sum ? "all" : Name(kVerdicts[v]));
      for (size_t s = first, at = cells_at_; s < behind; ++s) {
        uint64_t count = 0;
        for (size_t i = 0; i < kVerdicts.size(); ++i) {
          if (sum || i == v) count += table_.totals[s][i];
        }
        any = any || count > 0;
        line.PadTo(std::max(at, kIndent + 16) + kGap)
            .Add(absl::StrCat(count), sum || count == 0 ? Style::kPlain : StyleOf(kVerdicts[v]));
        at += kGap + stack_widths_[s];
      }
      if (any || sum) Emit(line);
    }
  }

  const Table& table_;
  const TableOptions& options_;
  std::vector<size_t> head_widths_;
  std::vector<size_t> stack_widths_;
  size_t fixed_ = 0;     // columns before the last head
  size_t summary_ = 0;   // columns of the last head
  size_t cells_at_ = 0;  // where the heads end
  std::string out_;
};

// Puts rows of one group together, groups in the order in which they came first.
void Group(std::vector<Row>& rows) {
  std::vector<std::string> groups;
  for (const Row& row : rows) {
    if (std::ranges::find(groups, row.group) == groups.end()) groups.push_back(row.group);
  }
  std::vector<Row> grouped;
  for (const std::string& group : groups) {
    for (const Row& row : rows) {
      if (row.group == group) grouped.push_back(row);
    }
  }
  rows = std::move(grouped);
}

Table Begin(std::span<const StackResults> stacks) {
  Table table;
  for (const StackResults& stack : stacks) {
    table.stack_names.push_back(Harmless(stack.stack));
    table.stack_versions.push_back(Harmless(stack.version));
  }
  table.totals.resize(stacks.size());
  return table;
}

// The row with this name, made by `make` if it is not there yet.
template <typename Make>
Row& FindOrAdd(Table& table, std::map<std::string, size_t>& known, const std::string& name,
               Make make) {
  const auto [it, is_new] = known.emplace(name, table.rows.size());
  if (is_new) {
    table.rows.push_back(make());
    table.rows.back().cells.resize(table.stack_names.size());
  }
  return table.rows[it->second];
}

// "RFC9293-MUST-10" belongs to "RFC 9293", as "MUST-10".
struct Id {
  std::string group;
  std::string name;
};
Id Split(const std::string& id) {
  const size_t dash = id.find('-');
  if (!id.starts_with("RFC") || dash == std::string::npos) return {"Others", id};
  return {absl::StrCat("RFC ", id.substr(3, dash - 3)), id.substr(dash + 1)};
}

// "RFC 9293, 3.8.1" as "3.8.1": the group names the RFC.
std::string WithoutRfc(const std::string& section) {
  const size_t comma = section.find(", ");
  return section.starts_with("RFC") && comma != std::string::npos ? section.substr(comma + 2)
                                                                  : section;
}

}  // namespace

std::string RequirementTable(std::span<const StackResults> stacks, const TableOptions& options) {
  Table table = Begin(stacks);
  table.head_names = {"requirement", "level", "section", "summary"};
  std::map<std::string, size_t> known;
  for (size_t s = 0; s < stacks.size(); ++s) {
    for (const RequirementResult& result : stacks[s].requirements) {
      Row& row = FindOrAdd(table, known, result.id, [&] {
        const Id id = Split(result.id);
        return Row{.group = Harmless(id.group),
                   .heads = {Harmless(id.name), Harmless(result.level),
                             Harmless(WithoutRfc(result.section)), Harmless(result.summary)},
                   .cells = {},
                   .notes = {}};
      });
      row.cells[s] = CellOf(result);
      row.verdict = Merged(row.verdict, result.verdict);
      ++table.totals[s][Index(result.verdict)];
    }
  }
  Group(table.rows);
  if (options.unchecked == Unchecked::kLeaveOut) {
    const size_t left_out = std::erase_if(
        table.rows, [](const Row& row) { return row.verdict <= Verdict::kNotChecked; });
    if (left_out > 0) {
      table.foot.push_back(absl::StrCat(left_out, left_out == 1 ? " row is" : " rows are",
                                        " left out: not checked, or not observable."));
    }
  }
  table.foot.push_back(
      "passed N: applied N times and never broken. FAILED N, warned N: broken N times. known: "
      "broken "
      "as the list of known deviations says. unexercised: checked, but nothing made it apply. "
      "-: nothing checks it yet.");
  return Printer(table, options).Print();
}

std::string CaseTable(std::span<const StackResults> stacks, const TableOptions& options) {
  Table table = Begin(stacks);
  table.head_names = {"case", "title"};
  std::map<std::string, size_t> known;
  for (size_t s = 0; s < stacks.size(); ++s) {
    for (const CaseResult& result : stacks[s].cases) {
      Row& row = FindOrAdd(table, known, result.name, [&] {
        return Row{.group = Harmless(result.area),
                   .heads = {Harmless(result.name), Harmless(result.title)},
                   .cells = {},
                   .notes = {}};
      });
      row.cells[s] = CellOf(result);
      row.verdict = Merged(row.verdict, result.verdict);
      ++table.totals[s][Index(result.verdict)];
      for (const Violation& violation : result.violations) {
        const bool is_known = !violation.known.empty();
        std::string text =
            absl::StrCat(is_known ? violation.known : violation.rule, ": ", violation.seen);
        row.notes.push_back(
            {s, Harmless(text),
             is_known || violation.level == "SHOULD" ? Style::kYellow : Style::kRed});
      }
      if (!result.reason.empty()) row.notes.push_back({s, Harmless(result.reason), Style::kDim});
    }
  }
  Group(table.rows);
  return Printer(table, options).Print();
}

}  // namespace assay::report
