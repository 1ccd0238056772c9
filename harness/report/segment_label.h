// SegmentLabel: what is written on the arrow of a segment, in its columns.
//
// It reads a packet as it stands and tolerates any octets; whether what it shows is legal is said
// only as far as the segment alone tells (wire/validate.h).

#ifndef ASSAY_HARNESS_REPORT_SEGMENT_LABEL_H_
#define ASSAY_HARNESS_REPORT_SEGMENT_LABEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/wire/octets.h"

namespace assay::report {

enum class Numbers : uint8_t { kRelative, kAbsolute };

// What sequence and acknowledgment numbers are counted from.
struct Bases {
  Numbers numbers = Numbers::kRelative;
  uint32_t sent = 0;
  uint32_t acknowledged = 0;
};

struct SegmentLabel {
  // Fields that stand under each other: "PSH,ACK", "seq 1", "ack 1", "win 8192", "len 400".
  static constexpr size_t kColumns = 5;
  static constexpr size_t kWindow = 3;
  std::array<std::string, kColumns> columns;
  // What else there is to tell, in pieces that stay whole: "<mss 1460,", "sackOK>", "urgent 5",
  // "[bad checksum]".
  std::vector<std::string> extras;
  bool defective = false;
  bool rst = false;
  bool syn = false;
};

SegmentLabel LabelOf(wire::Octets packet, const Bases& bases);

// The widest of each column.
using ColumnWidths = std::array<size_t, SegmentLabel::kColumns>;
void Widen(ColumnWidths& widths, const SegmentLabel& label);

// The label as lines of at most `width` columns, as far as its pieces are that short: one line if
// it fits, extras on lines of their own if they do not, columns closed up if even they do not.
std::vector<std::string> Lines(const SegmentLabel& label, const ColumnWidths& widths, size_t width);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_SEGMENT_LABEL_H_
