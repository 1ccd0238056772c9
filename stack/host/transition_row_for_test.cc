#include "stack/host/transition_row_for_test.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace assay::host {
namespace {

constexpr std::string_view kColumns =
    "id\tvariant\tstate\tevent\tguard\tdrive\tnext\tsends\tsets\ttells\tsection\tnote";

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

void Malformed(std::string_view what, std::string_view text) {
  std::fprintf(stderr, "transitions.tsv: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(text.size()), text.data());
  std::abort();
}

std::vector<std::string_view> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(Trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text = Trimmed(text.substr(prefix.size()));
  return true;
}

uint32_t NumberIn(std::string_view text) {
  const size_t at = text.find_first_of("0123456789");
  uint32_t number = 0;
  if (at == std::string_view::npos ||
      std::from_chars(text.data() + at, text.data() + text.size(), number).ec != std::errc()) {
    Malformed("no number", text);
  }
  return number;
}

int64_t MillisecondsIn(std::string_view text) {
  return int64_t{NumberIn(text)} * (text.ends_with("ms") ? 1 : 1000);
}

std::optional<spec::State> StateNamed(std::string_view name) {
  for (spec::State state : spec::kAllStates) {
    if (spec::Name(state) == name) return state;
  }
  return std::nullopt;
}

std::vector<TransitionRow> ReadTransitionRows(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::vector<TransitionRow> rows;
  bool columns_seen = false;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    if (!columns_seen) {
      if (line != kColumns) Malformed("not the columns", line);
      columns_seen = true;
      continue;
    }
    const auto cells = Split(line, "\t");
    if (cells.size() != 12) Malformed("not twelve cells", line);
    const auto cell = [&](size_t i) { return std::string(cells[i]); };
    rows.push_back({cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7), cell(8),
                    cell(9), cell(10), cell(11)});
  }
  if (rows.empty()) Malformed("no rows", path);
  return rows;
}

}  // namespace assay::host
