#include "stack/host/row_formula_for_test.h"

#include <array>
#include <cctype>
#include <charconv>

#include "stack/host/transition_row_for_test.h"
#include "stack/wire/segment.h"

namespace assay::host {
namespace {

uint32_t Factor(std::string_view text, const Values& values) {
  if (text.empty()) Malformed("an operand is missing", text);
  if (std::isdigit(static_cast<unsigned char>(text.front()))) {
    uint32_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
      Malformed("not a number", text);
    }
    return number;
  }
  const auto found = values.find(text);
  if (found == values.end()) Malformed("a name without a value", text);
  return found->second;
}

uint32_t Product(std::string_view text, const Values& values) {
  uint32_t product = 1;
  for (std::string_view factor : Split(text, "*")) product *= Factor(factor, values);
  return product;
}

// Where the operator is that stands in front of the next term; a '-' inside a name ("TIME-WAIT") is
// between letters, as no operator is.
size_t NextOperator(std::string_view formula) {
  for (size_t i = 1; i < formula.size(); ++i) {
    if (formula[i] == '+') return i;
    if (formula[i] != '-') continue;
    const bool in_name = formula.substr(0, i).ends_with("TIME") && formula.substr(i) == "-WAIT";
    if (!in_name) return i;
  }
  return std::string_view::npos;
}

// Takes from `number` what stands beside the name that opens the formula: "x+1" is 5 if x is 4.
uint32_t Unwound(std::string_view formula, uint32_t number, const Values& values) {
  const size_t at = NextOperator(formula);
  if (at == std::string_view::npos) return number;
  Values with_zero = values;
  with_zero[std::string(formula.substr(0, at))] = 0;
  return number - Evaluate(formula, with_zero);
}

}  // namespace

uint32_t Evaluate(std::string_view formula, const Values& values) {
  uint32_t sum = 0;
  bool minus = false;
  for (;;) {
    const size_t at = NextOperator(formula);
    const uint32_t term = Product(formula.substr(0, at), values);
    sum = minus ? sum - term : sum + term;
    if (at == std::string_view::npos) return sum;
    minus = formula[at] == '-';
    formula.remove_prefix(at + 1);
  }
}

std::string_view SegmentPattern::Get(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

SegmentPattern ParseSegment(std::string_view text) {
  SegmentPattern pattern;
  std::string_view rest = text;
  if (rest.ends_with('?')) {
    pattern.optional = true;
    rest.remove_suffix(1);
  }
  while (!rest.empty()) {
    // ">=" closes no field.
    size_t end = rest.find('>');
    if (end + 1 < rest.size() && rest[end + 1] == '=') end = rest.find('>', end + 1);
    const size_t equals = rest.find('=');
    if (rest.front() != '<' || end == std::string_view::npos || equals > end) {
      Malformed("not a segment", text);
    }
    SegmentPattern::Field field;
    field.at_least = rest[equals - 1] == '>';
    field.name = rest.substr(1, equals - 1 - (field.at_least ? 1 : 0));
    field.value = rest.substr(equals + 1, end - equals - 1);
    pattern.fields.push_back(field);
    rest.remove_prefix(end + 1);
  }
  return pattern;
}

ControlPattern ParseControl(std::string_view names) {
  struct Bit {
    std::string_view name;
    uint8_t bit;
  };
  static constexpr std::array<Bit, 6> kBits = {{{"FIN", wire::kFin},
                                                {"SYN", wire::kSyn},
                                                {"RST", wire::kRst},
                                                {"PSH", wire::kPsh},
                                                {"ACK", wire::kAck},
                                                {"URG", wire::kUrg}}};
  ControlPattern pattern;
  if (names == "none") return pattern;
  for (std::string_view name : Split(names, ",")) {
    const bool may = name.starts_with('[') && name.ends_with(']');
    if (may) name = name.substr(1, name.size() - 2);
    uint8_t found = 0;
    for (const Bit& bit : kBits) {
      if (bit.name == name) found = bit.bit;
    }
    if (found == 0) Malformed("not a control bit", names);
    pattern.allowed |= found;
    if (!may) pattern.required |= found;
  }
  return pattern;
}

std::vector<std::string> ChooseValues(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {std::string(text)};
  const size_t begin = text.rfind('=', slash) + 1;
  const size_t end = text.find('>', slash);
  std::vector<std::string> all;
  for (std::string_view value : Split(text.substr(begin, end - begin), "/")) {
    std::string chosen(text.substr(0, begin));
    chosen += value;
    chosen += text.substr(end);
    for (std::string& more : ChooseValues(chosen)) all.push_back(std::move(more));
  }
  return all;
}

std::string Tell(const SentSegment& segment) {
  std::string told = "<SEQ=" + std::to_string(segment.seq) + ">";
  if ((segment.control & wire::kAck) != 0) told += "<ACK=" + std::to_string(segment.ack) + ">";
  told += "<CTL=" + wire::ControlNames(segment.control) + ">";
  if (segment.text > 0) told += "<TEXT=" + std::to_string(segment.text) + ">";
  told += "<WND=" + std::to_string(segment.window) + ">";
  return told;
}

std::string Tell(const std::vector<SentSegment>& segments) {
  std::string told;
  for (const SentSegment& segment : segments) {
    if (!told.empty()) told += "; ";
    told += Tell(segment);
  }
  return told.empty() ? "none" : told;
}

bool Matches(const SegmentPattern& pattern, const SentSegment& segment, Values& values,
             Names names) {
  const auto is = [&](const SegmentPattern::Field& field, uint32_t number) {
    const std::string_view first = field.value.substr(0, NextOperator(field.value));
    if (names == Names::kAreBound && !values.contains(first) &&
        !std::isdigit(static_cast<unsigned char>(first.front()))) {
      values[std::string(first)] = Unwound(field.value, number, values);
      return true;
    }
    const uint32_t want = Evaluate(field.value, values);
    return field.at_least ? number - want < 0x8000'0000 : number == want;
  };
  uint32_t text = 0;
  for (const auto& field : pattern.fields) {
    if (field.name == "CTL") {
      const ControlPattern control = ParseControl(field.value);
      if ((segment.control & control.required) != control.required) return false;
      if ((segment.control & ~control.allowed) != 0) return false;
    } else if (field.name == "SEQ") {
      if (!is(field, segment.seq)) return false;
    } else if (field.name == "ACK") {
      if (!is(field, segment.ack)) return false;
    } else if (field.name == "WND") {
      if (!is(field, segment.window)) return false;
    } else if (field.name == "UP") {
      if (!is(field, segment.urgent)) return false;
    } else if (field.name == "TEXT") {
      text = Evaluate(field.value, values);
    } else {
      Malformed("not a field of what is sent", field.name);
    }
  }
  return segment.text == text;
}

}  // namespace assay::host
