#include "harness/report/harmless_text.h"

#include <algorithm>
#include <cstdint>

#include "stack/base/check.h"

namespace assay::report {
namespace {

constexpr char32_t kBroken = 0xffff'ffff;

constexpr bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Takes one character off the front of `text`; kBroken, and one octet, where there is none.
// Overlong forms, surrogates and what lies beyond U+10FFFF are broken.
char32_t TakeCharacter(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x1'0000};
  char32_t character = size == 1 ? first : first & (0x7fu >> size);
  bool whole = first < 0x80 || (first >= 0xc2 && first <= 0xf4);
  for (size_t i = 1; whole && i < size; ++i) {
    whole = i < text.size() && IsContinuation(text[i]);
    if (whole) character = character << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (!whole || character < kSmallest[size] || character > 0x10'ffff || surrogate) {
    text.remove_prefix(1);
    return kBroken;
  }
  text.remove_prefix(size);
  return character;
}

constexpr bool IsHarmful(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  const bool direction = c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                         (c >= 0x2066 && c <= 0x2069) || c == 0x061c;
  const bool separator = c == 0x2028 || c == 0x2029 || c == 0xfeff;
  const bool no_character = (c & 0xfffe) == 0xfffe;
  return control || direction || separator || no_character;
}

void AppendHex(std::string& out, uint32_t value, int digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = digits; i-- > 0;) out += kDigits[value >> (4 * i) & 0xf];
}

}  // namespace

std::string Harmless(std::string_view text, LineBreaks line_breaks) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = TakeCharacter(text);
    if (c == kBroken) {
      out += "\\x";
      AppendHex(out, static_cast<uint8_t>(before[0]), 2);
    } else if (c == '\n') {
      out += line_breaks == LineBreaks::kKeep ? '\n' : ' ';
    } else if (c == '\t') {
      out += ' ';
    } else if (!IsHarmful(c)) {
      out += before.substr(0, before.size() - text.size());
    } else if (c < 0x100) {
      out += "\\x";
      AppendHex(out, c, 2);
    } else {
      out += "\\u";
      AppendHex(out, c, c > 0xffff ? 6 : 4);
    }
  }
  return out;
}

size_t Columns(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !IsContinuation(c); }));
}

namespace {

// The octets of the first `columns` characters.
std::string_view FirstColumns(std::string_view text, size_t columns) {
  size_t at = 0;
  while (at < text.size()) {
    if (!IsContinuation(text[at]) && columns-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

}  // namespace

std::string Shortened(std::string_view text, size_t columns) {
  if (Columns(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  return std::string(FirstColumns(text, columns - 1)) + '~';
}

std::vector<std::string> Wrapped(std::string_view text, size_t columns) {
  ASSAY_CHECK(columns > 0);
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const size_t gap = text.find(' ');
    std::string_view word = text.substr(0, gap);
    text.remove_prefix(gap == std::string_view::npos ? text.size() : gap + 1);
    if (word.empty()) continue;
    const size_t used = Columns(lines.back());
    if (used > 0 && used + 1 + Columns(word) <= columns) {
      lines.back() += ' ';
    } else if (used > 0) {
      lines.emplace_back();
    }
    while (Columns(word) > columns) {
      const std::string_view part = FirstColumns(word, columns);
      lines.back() += part;
      lines.emplace_back();
      word.remove_prefix(part.size());
    }
    lines.back() += word;
  }
  return lines;
}

}  // namespace assay::report
