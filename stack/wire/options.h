// TCP options: a walk over them as they stand, a summary of those that have a meaning here, and a
// writer (RFC 9293, 3.2; RFC 7323, 2.2 and 3.2; RFC 2018, 2 and 3).
//
// The walk is total: it yields every option it can delimit and says how it ended. It judges nothing
// else; a known kind with a foreign length is yielded like any other and left out of the summary.

#ifndef ASSAY_STACK_WIRE_OPTIONS_H_
#define ASSAY_STACK_WIRE_OPTIONS_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "stack/base/bounded_vector.h"
#include "stack/wire/octets.h"
#include "stack/wire/segment.h"

namespace assay::wire {

enum class OptionKind : uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8,
};

struct Option {
  uint8_t kind = 0;
  Octets value;  // without kind and length; empty for EOL and NOP
};

enum class OptionWalkEnd : uint8_t {
  kAtHeaderEnd,  // the options fill the header
  kAtEol,        // an End of Option List; what follows it is padding
  kBadLength,    // a length of 0 or 1
  kPastHeader,   // a length octet that is missing, or a length beyond the header's end
};

// Yields one option after the other; see the class comment of its end.
class OptionWalk {
 public:
  constexpr explicit OptionWalk(Octets options) : options_(options) {}

  // The next option, EOL included; none at the end, which end() then explains.
  constexpr std::optional<Option> Next() {
    if (done_ || at_ == options_.size()) return std::nullopt;
    const auto kind = static_cast<uint8_t>(options_[at_]);
    if (kind == static_cast<uint8_t>(OptionKind::kEnd)) {
      ++at_;
      return Finish(OptionWalkEnd::kAtEol, Option{kind, {}});
    }
    if (kind == static_cast<uint8_t>(OptionKind::kNop)) {
      ++at_;
      return Option{kind, {}};
    }
    // Every other kind has a length, known here or not.
    //= MUST-6
    //= MUST-68
    if (at_ + 1 == options_.size()) return Finish(OptionWalkEnd::kPastHeader, std::nullopt);
    const auto length = static_cast<uint8_t>(options_[at_ + 1]);
    //= MUST-7
    if (length < 2) return Finish(OptionWalkEnd::kBadLength, std::nullopt);
    if (length > options_.size() - at_) return Finish(OptionWalkEnd::kPastHeader, std::nullopt);
    //= MUST-64
    const Option option{kind, options_.subspan(at_ + 2, length - 2u)};
    at_ += length;
    return option;
  }

  constexpr OptionWalkEnd end() const { return end_; }
  // What the walk has not read: the padding behind an EOL, or what could not be delimited.
  constexpr Octets rest() const { return options_.subspan(at_); }

 private:
  constexpr std::optional<Option> Finish(OptionWalkEnd end, std::optional<Option> last) {
    done_ = true;
    end_ = end;
    return last;
  }

  Octets options_;
  size_t at_ = 0;
  bool done_ = false;
  OptionWalkEnd end_ = OptionWalkEnd::kAtHeaderEnd;
};

struct SackBlock {
  uint32_t left = 0;   // first sequence number of the block
  uint32_t right = 0;  // the sequence number behind its last
  friend constexpr bool operator==(const SackBlock&, const SackBlock&) = default;
};

struct Timestamps {
  uint32_t value = 0;  // TSval
  uint32_t echo = 0;   // TSecr
  friend constexpr bool operator==(const Timestamps&, const Timestamps&) = default;
};

// The options that have a meaning here. Of two options of a kind the last counts.
struct OptionSet {
  std::optional<uint16_t> mss;
  std::optional<uint8_t> window_scale;  // the shift as sent, not limited to 14
  bool sack_permitted = false;
  bool well_formed = true;  // the walk came to the header's end or to an EOL
  std::optional<Timestamps> timestamps;
  BoundedVector<SackBlock, 4> sack;

  friend constexpr bool operator==(const OptionSet& a, const OptionSet& b) {
    if (a.mss != b.mss || a.window_scale != b.window_scale ||
        a.sack_permitted != b.sack_permitted || a.timestamps != b.timestamps ||
        a.sack.size() != b.sack.size() || a.well_formed != b.well_formed) {
      return false;
    }
    for (size_t i = 0; i < a.sack.size(); ++i) {
      if (a.sack[i] != b.sack[i]) return false;
    }
    return true;
  }
};

// What most segments of most stacks carry: NOP, NOP, timestamps (RFC 7323, appendix A).
inline constexpr uint32_t kTimestampsOnWords = 0x0101'080a;
inline constexpr size_t kTimestampsOnWordsSize = 12;

// Adds to `set` what the options say: the general part of DecodeOptions.
void DecodeAnyOptionsTo(OptionSet& set, Octets options);

// The same for the options of most segments.
inline void DecodeOptionsTo(OptionSet& set, Octets options) {
  if (options.empty()) return;
  OctetReader in(options);
  if (options.size() == kTimestampsOnWordsSize && in.U32() == kTimestampsOnWords) {
    const uint32_t value = in.U32();
    set.timestamps = Timestamps{value, in.U32()};
    return;
  }
  DecodeAnyOptionsTo(set, options);
}

inline OptionSet DecodeOptions(Octets options) {
  OptionSet set;
  DecodeOptionsTo(set, options);
  return set;
}

// How the options in a set are laid out: `padding` NOPs, then `all` octets of options, the last of
// them a SACK option of as many blocks as fit.
struct OptionSizes {
  size_t all = 0;
  size_t blocks = 0;
  size_t padding = 0;
};

constexpr OptionSizes SizesOf(const OptionSet& options) {
  OptionSizes sizes;
  if (options.mss.has_value()) sizes.all += 4;
  if (options.window_scale.has_value()) sizes.all += 3;
  if (options.sack_permitted) sizes.all += 2;
  if (options.timestamps.has_value()) sizes.all += 10;
  sizes.blocks = std::min((kOptionsMax - sizes.all - 2) / 8, options.sack.size());
  if (sizes.blocks > 0) sizes.all += 2 + 8 * sizes.blocks;
  sizes.padding = -sizes.all % 4;
  return sizes;
}

// The size of what EncodeOptions writes, padding included.
constexpr size_t EncodedSize(const OptionSet& options) {
  const bool more = options.mss.has_value() || options.window_scale.has_value() ||
                    options.sack_permitted || !options.sack.empty();
  if (!more) return options.timestamps.has_value() ? kTimestampsOnWordsSize : 0;
  const OptionSizes sizes = SizesOf(options);
  return sizes.all + sizes.padding;
}

// Writes the options in the set, padded with NOPs in front to whole words (which puts the fields of
// a lone timestamps or SACK option on words; RFC 7323, appendix A), and returns them: the first
// part of `out`, whose size must be at least kOptionsMax. SACK blocks that do not fit are left out.
MutableOctets EncodeOptions(const OptionSet& options, MutableOctets out);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_OPTIONS_H_
