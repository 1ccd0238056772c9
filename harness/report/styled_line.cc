#include "harness/report/styled_line.h"

#include "harness/report/harmless_text.h"
#include "stack/base/check.h"

namespace assay::report {
namespace {

std::string_view Escape(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kBoldRed:
      return "\x1b[1;31m";
    case Style::kBlue:
      return "\x1b[34m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  CheckFailed(__FILE__, __LINE__, "a Style");
}

}  // namespace

StyledLine& StyledLine::Add(std::string_view text, Style style) {
  if (text.empty()) return *this;
  columns_ += Columns(text);
  if (!spans_.empty() && spans_.back().style == style) {
    spans_.back().text += text;
  } else {
    spans_.push_back({std::string(text), style});
  }
  return *this;
}

StyledLine& StyledLine::Repeat(std::string_view character, size_t times, Style style) {
  for (size_t i = 0; i < times; ++i) Add(character, style);
  return *this;
}

StyledLine& StyledLine::PadTo(size_t column) {
  if (column > columns_) Add(std::string(column - columns_, ' '));
  return *this;
}

std::string StyledLine::Print(Colour colour) const {
  std::string out;
  size_t end = 0;  // of the last character that is not a space, or of the escape behind it
  for (const Span& span : spans_) {
    const bool escaped = colour == Colour::kAnsi && span.style != Style::kPlain;
    if (escaped) out += Escape(span.style);
    const size_t ink = span.text.find_last_not_of(' ');
    if (ink != std::string::npos) end = out.size() + ink + 1;
    out += span.text;
    if (escaped) out += "\x1b[0m";
    if (escaped) end = out.size();
  }
  out.resize(end);
  return out + '\n';
}

}  // namespace assay::report
