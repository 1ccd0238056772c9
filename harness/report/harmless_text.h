// Text from a stack or a file, made fit to print: what a terminal, a table or an XML file may be
// given without harm.
//
// Nothing is escaped for a format here; a writer of XML still escapes markup. What is changed stays
// readable: an octet that is no UTF-8 becomes "\xff", a control character "\x1b" or "\u202e".

#ifndef ASSAY_HARNESS_REPORT_HARMLESS_TEXT_H_
#define ASSAY_HARNESS_REPORT_HARMLESS_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::report {

enum class LineBreaks { kKeep, kToSpace };

// Valid UTF-8 without control characters, without characters that turn the direction of writing
// round, and without what XML 1.0 (2.2) leaves out of its characters. Tabs become spaces.
std::string Harmless(std::string_view text, LineBreaks line_breaks = LineBreaks::kToSpace);

// How many columns `text` takes, one for each character. `text` is valid UTF-8.
size_t Columns(std::string_view text);

// The first columns of `text`: at most `columns` of them, the last one '~' if something was cut.
std::string Shortened(std::string_view text, size_t columns);

// `text` broken between words into lines of at most `columns`; a longer word is cut. At least one
// line.
std::vector<std::string> Wrapped(std::string_view text, size_t columns);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_HARMLESS_TEXT_H_
