#include "stack/wire/validate.h"

#include <algorithm>

#include "stack/wire/checksum.h"
#include "stack/wire/options.h"

namespace assay::wire {
namespace {

bool HasForeignLength(const Option& option) {
  const size_t n = option.value.size();
  switch (static_cast<OptionKind>(option.kind)) {
    case OptionKind::kMss:
      return n != 2;
    case OptionKind::kWindowScale:
      return n != 1;
    case OptionKind::kSackPermitted:
      return n != 0;
    case OptionKind::kSack:
      return n == 0 || n % 8 != 0;
    case OptionKind::kTimestamps:
      return n != 8;
    case OptionKind::kEnd:
    case OptionKind::kNop:
      return false;
  }
  return false;
}

void JudgeOptions(const Segment& segment, Defects& defects) {
  OptionWalk walk(segment.options);
  const bool syn = segment.header->syn();
  while (const std::optional<Option> option = walk.Next()) {
    if (HasForeignLength(*option)) defects.Add(Defect::kKnownOptionLength);
    if (syn) continue;
    const auto kind = static_cast<OptionKind>(option->kind);
    if (kind == OptionKind::kMss) defects.Add(Defect::kMssWithoutSyn);
    if (kind == OptionKind::kSackPermitted) defects.Add(Defect::kSackPermittedWithoutSyn);
    if (kind == OptionKind::kWindowScale) defects.Add(Defect::kWindowScaleWithoutSyn);
  }
  switch (walk.end()) {
    case OptionWalkEnd::kAtHeaderEnd:
      break;
    case OptionWalkEnd::kAtEol:
      if (std::ranges::any_of(walk.rest(), [](std::byte b) { return b != std::byte{0}; })) {
        defects.Add(Defect::kPaddingNotZero);
      }
      break;
    case OptionWalkEnd::kBadLength:
    case OptionWalkEnd::kPastHeader:
      defects.Add(Defect::kOptionLength);
      break;
  }
}

}  // namespace

Defects Validate(const IpAddress& source, const IpAddress& destination, Octets octets) {
  return Validate(source, destination, octets, DecodeSegment(octets));
}

Defects Validate(const IpAddress& source, const IpAddress& destination, Octets octets,
                 const Segment& segment) {
  Defects defects;
  if (!segment.header.has_value()) {
    defects.Add(Defect::kTooShort);
    return defects;
  }
  const size_t claimed = size_t{segment.header->data_offset()} * 4;
  if (claimed < kHeaderMin) defects.Add(Defect::kOffsetTooSmall);
  if (claimed > octets.size()) defects.Add(Defect::kOffsetPastEnd);
  //= MUST-3
  if (!TcpChecksumIsRight(source, destination, octets)) defects.Add(Defect::kChecksum);
  if (segment.header->reserved() != 0) defects.Add(Defect::kReservedBits);
  if (!segment.options.empty()) JudgeOptions(segment, defects);
  return defects;
}

std::string ToString(Defects defects) {
  struct Named {
    Defect defect;
    const char* words;
  };
  static constexpr Named kNames[] = {
      {Defect::kTooShort, "fewer than 20 octets"},
      {Defect::kOffsetTooSmall, "data offset below 5"},
      {Defect::kOffsetPastEnd, "data offset beyond the segment"},
      {Defect::kChecksum, "bad checksum"},
      {Defect::kReservedBits, "reserved bits set"},
      {Defect::kOptionLength, "illegal option length"},
      {Defect::kPaddingNotZero, "octets behind the end of the option list are not zero"},
      {Defect::kMssWithoutSyn, "MSS option without SYN"},
      {Defect::kSackPermittedWithoutSyn, "SACK-permitted option without SYN"},
      {Defect::kWindowScaleWithoutSyn, "window scale option without SYN"},
      {Defect::kKnownOptionLength, "known option with a foreign length"},
  };
  std::string out;
  for (const Named& named : kNames) {
    if (!defects.Has(named.defect)) continue;
    if (!out.empty()) out += ", ";
    out += named.words;
  }
  return out;
}

}  // namespace assay::wire
