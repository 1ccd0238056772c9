// One line of a terminal, put together from left to right: text with colours, and columns to reach.
//
// It wraps nothing and knows no screen. Text is valid UTF-8 without control characters (see
// harmless_text.h), one column a character.

#ifndef ASSAY_HARNESS_REPORT_STYLED_LINE_H_
#define ASSAY_HARNESS_REPORT_STYLED_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::report {

enum class Style : uint8_t { kPlain, kDim, kBold, kGreen, kYellow, kRed, kBoldRed, kBlue, kCyan };

enum class Colour : uint8_t { kNone, kAnsi };

class StyledLine {
 public:
  StyledLine& Add(std::string_view text, Style style = Style::kPlain);
  StyledLine& Repeat(std::string_view character, size_t times, Style style = Style::kPlain);
  // Spaces up to `column`; none if the line is there already.
  StyledLine& PadTo(size_t column);

  size_t columns() const { return columns_; }

  // Without spaces at the end, with a line feed.
  std::string Print(Colour colour) const;

 private:
  struct Span {
    std::string text;
    Style style;
  };
  std::vector<Span> spans_;
  size_t columns_ = 0;
};

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_STYLED_LINE_H_
