#include "harness/report/segment_label.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "harness/report/harmless_text.h"
#include "harness/report/numbering.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"
#include "stack/wire/validate.h"

namespace assay::report {
namespace {

std::string Number(uint32_t number, uint32_t base, Numbers numbers) {
  return numbers == Numbers::kAbsolute ? absl::StrCat(number)
                                       : absl::StrCat(Relative(number, base));
}

std::string SackWords(wire::Octets value, const Bases& bases) {
  std::string out = "sack";
  wire::OctetReader in(value);
  while (value.size() - in.position() >= 8) {
    const uint32_t left = in.U32();
    const uint32_t right = in.U32();
    absl::StrAppend(&out, " ", Number(left, bases.acknowledged, bases.numbers), "-",
                    Number(right, bases.acknowledged, bases.numbers));
  }
  return out;
}

// "mss 1460"; "option 254" for a kind, or a length, without a meaning here.
std::string OptionWords(const wire::Option& option, const Bases& bases) {
  const size_t size = option.value.size();
  wire::OctetReader in(option.value);
  switch (static_cast<wire::OptionKind>(option.kind)) {
    case wire::OptionKind::kMss:
      if (size == 2) return absl::StrCat("mss ", in.U16());
      break;
    case wire::OptionKind::kWindowScale:
      if (size == 1) return absl::StrCat("wscale ", in.U8());
      break;
    case wire::OptionKind::kSackPermitted:
      if (size == 0) return "sackOK";
      break;
    case wire::OptionKind::kSack:
      if (size > 0 && size % 8 == 0) return SackWords(option.value, bases);
      break;
    case wire::OptionKind::kTimestamps:
      if (size == 8) {
        const uint32_t value = in.U32();
        return absl::StrCat("ts ", value, ":", in.U32());
      }
      break;
    default:
      break;
  }
  return absl::StrCat("option ", option.kind, " of ", size + 2);
}

void AddOptions(SegmentLabel& label, const wire::Segment& segment, const Bases& bases) {
  std::vector<std::string> words;
  wire::OptionWalk walk(segment.options);
  while (const std::optional<wire::Option> option = walk.Next()) {
    const auto kind = static_cast<wire::OptionKind>(option->kind);
    if (kind == wire::OptionKind::kNop || kind == wire::OptionKind::kEnd) continue;
    words.push_back(OptionWords(*option, bases));
  }
  for (size_t i = 0; i < words.size(); ++i) {
    label.extras.push_back(
        absl::StrCat(i == 0 ? "<" : "", words[i], i + 1 == words.size() ? ">" : ","));
  }
}

void AddDefects(SegmentLabel& label, const std::string& defects) {
  if (defects.empty()) return;
  label.defective = true;
  std::vector<std::string> words = absl::StrSplit(defects, ", ");
  for (size_t i = 0; i < words.size(); ++i) {
    label.extras.push_back(
        absl::StrCat(i == 0 ? "[" : "", words[i], i + 1 == words.size() ? "]" : ","));
  }
}

std::string PaddedTo(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

// The columns under each other.
std::string Row(const SegmentLabel& label, const ColumnWidths& widths) {
  std::string out;
  for (size_t i = 0; i < SegmentLabel::kColumns; ++i) {
    if (widths[i] == 0) continue;
    absl::StrAppend(&out, out.empty() ? "" : "  ", PaddedTo(label.columns[i], widths[i]));
  }
  out.resize(out.find_last_not_of(' ') + 1);
  return out;
}

// Appends the pieces to the lines, a space between two, as many to a line as fit.
void Pack(std::span<const std::string> pieces, size_t width, std::vector<std::string>& lines) {
  bool begins = true;
  for (const std::string& piece : pieces) {
    if (piece.empty()) continue;
    if (piece.size() > width) {
      for (std::string& part : Wrapped(piece, width)) lines.push_back(std::move(part));
      begins = false;
      continue;
    }
    if (begins || lines.back().size() + 1 + piece.size() > width) {
      lines.push_back(piece);
    } else {
      absl::StrAppend(&lines.back(), " ", piece);
    }
    begins = false;
  }
}

}  // namespace

SegmentLabel LabelOf(wire::Octets octets, const Bases& bases) {
  SegmentLabel label;
  const wire::Packet packet = wire::DecodePacket(octets);
  if (packet.error != wire::PacketError::kNone) {
    label.columns[0] = absl::StrCat(octets.size(), " octets");
    AddDefects(label, std::string(Name(packet.error)));
    return label;
  }
  const std::string defects =
      ToString(wire::Validate(packet.source, packet.destination, packet.payload));
  const wire::Segment segment = wire::DecodeSegment(packet.payload);
  if (!segment.header.has_value()) {
    label.columns[0] = absl::StrCat(packet.payload.size(), " octets");
    AddDefects(label, defects);
    return label;
  }
  const wire::Header& header = *segment.header;
  label.rst = header.rst();
  label.syn = header.syn();
  label.columns[0] = wire::ControlNames(header.control);
  label.columns[1] = absl::StrCat("seq ", Number(header.seq, bases.sent, bases.numbers));
  if (header.has_ack()) {
    label.columns[2] = absl::StrCat("ack ", Number(header.ack, bases.acknowledged, bases.numbers));
  }
  label.columns[SegmentLabel::kWindow] = absl::StrCat("win ", header.window);
  if (!segment.payload.empty()) label.columns[4] = absl::StrCat("len ", segment.payload.size());
  AddOptions(label, segment, bases);
  if (header.urg()) label.extras.push_back(absl::StrCat("urgent ", header.urgent));
  AddDefects(label, defects);
  return label;
}

void Widen(ColumnWidths& widths, const SegmentLabel& label) {
  // A packet without a TCP header has no columns: what stands there instead counts for nobody else.
  if (label.columns[1].empty()) return;
  for (size_t i = 0; i < widths.size(); ++i) {
    widths[i] = std::max(widths[i], label.columns[i].size());
  }
}

std::vector<std::string> Lines(const SegmentLabel& label, const ColumnWidths& widths,
                               size_t width) {
  std::vector<std::string> lines = {Row(label, widths)};
  if (lines[0].size() > width) {
    lines.clear();
    Pack(label.columns, width, lines);
  }
  const std::string extras = absl::StrJoin(label.extras, " ");
  if (extras.empty()) return lines;
  if (lines.back().size() + 2 + extras.size() <= width) {
    absl::StrAppend(&lines.back(), "  ", extras);
  } else {
    Pack(label.extras, width, lines);
  }
  return lines;
}

}  // namespace assay::report
