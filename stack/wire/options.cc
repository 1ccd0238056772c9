#include "stack/wire/options.h"

#include <algorithm>

#include "stack/wire/segment.h"

namespace assay::wire {
namespace {

void DecodeSack(Octets value, OptionSet& set) {
  if (value.empty() || value.size() % 8 != 0 || value.size() > 32) return;
  set.sack.clear();
  OctetReader in(value);
  while (in.position() < value.size()) {
    const uint32_t left = in.U32();
    set.sack.push_back({left, in.U32()});
  }
}

// Kind and length, as one number: what is read soon after it was written in smaller pieces stalls.
constexpr uint16_t BeginOf(OptionKind kind, size_t length) {
  return static_cast<uint16_t>(static_cast<size_t>(kind) << 8 | length);
}

}  // namespace

void DecodeAnyOptionsTo(OptionSet& set, Octets options) {
  OptionWalk walk(options);
  while (const std::optional<Option> option = walk.Next()) {
    OctetReader in(option->value);
    //= MUST-4
    // One of a kind that is not here, a user timeout among them, changes nothing and is never sent.
    //= 5482:3
    //= RFC5482-3.1-1
    //= RFC5482-3.4-1
    switch (static_cast<OptionKind>(option->kind)) {
      case OptionKind::kMss:
        if (option->value.size() == 2) set.mss = in.U16();
        break;
      case OptionKind::kWindowScale:
        if (option->value.size() == 1) set.window_scale = in.U8();
        break;
      case OptionKind::kSackPermitted:
        if (option->value.empty()) set.sack_permitted = true;
        break;
      case OptionKind::kSack:
        DecodeSack(option->value, set);
        break;
      case OptionKind::kTimestamps:
        if (option->value.size() == 8) {
          const uint32_t value = in.U32();
          set.timestamps = Timestamps{value, in.U32()};
        }
        break;
      case OptionKind::kEnd:
      case OptionKind::kNop:
        break;
    }
  }
  set.well_formed =
      walk.end() == OptionWalkEnd::kAtHeaderEnd || walk.end() == OptionWalkEnd::kAtEol;
}

MutableOctets EncodeOptions(const OptionSet& options, MutableOctets out) {
  ASSAY_CHECK(out.size() >= kOptionsMax);
  // NOPs fill the words, so that nothing stands behind an EOL.
  //= MUST-69
  const OptionSizes sizes = SizesOf(options);
  OctetWriter writer(out);
  for (size_t i = 0; i < sizes.padding; ++i) {
    writer.U8(static_cast<uint8_t>(OptionKind::kNop));
  }
  if (options.mss.has_value()) {
    writer.U32(BeginOf(OptionKind::kMss, 4) << 16 | *options.mss);
  }
  if (options.window_scale.has_value()) {
    writer.U16(BeginOf(OptionKind::kWindowScale, 3));
    writer.U8(*options.window_scale);
  }
  if (options.sack_permitted) {
    writer.U16(BeginOf(OptionKind::kSackPermitted, 2));
  }
  if (options.timestamps.has_value()) {
    writer.U16(BeginOf(OptionKind::kTimestamps, 10));
    writer.U32(options.timestamps->value);
    writer.U32(options.timestamps->echo);
  }
  if (sizes.blocks > 0) {
    writer.U16(BeginOf(OptionKind::kSack, 2 + 8 * sizes.blocks));
    for (size_t i = 0; i < sizes.blocks; ++i) {
      writer.U32(options.sack[i].left);
      writer.U32(options.sack[i].right);
    }
  }
  return out.first(writer.position());
}

}  // namespace assay::wire
