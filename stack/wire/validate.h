// What is wrong with a segment, as a set: judged apart from the codec, which loses nothing
// (RFC 9293, 3.1 and 3.2).
//
// Only what can be seen in the segment by itself; whether it fits its connection is for the state
// machine.

#ifndef ASSAY_STACK_WIRE_VALIDATE_H_
#define ASSAY_STACK_WIRE_VALIDATE_H_

#include <cstdint>
#include <string>

#include "stack/wire/ip_address.h"
#include "stack/wire/segment.h"

namespace assay::wire {

enum class Defect : uint16_t {
  kTooShort = 1 << 0,                 // fewer than 20 octets
  kOffsetTooSmall = 1 << 1,           // data offset below 5
  kOffsetPastEnd = 1 << 2,            // data offset beyond the segment
  kChecksum = 1 << 3,                 // MUST-3
  kReservedBits = 1 << 4,             // a sender clears them, a receiver ignores them
  kOptionLength = 1 << 5,             // MUST-7: a length below 2, missing, or beyond the header
  kPaddingNotZero = 1 << 6,           // MUST-69: octets behind an EOL
  kMssWithoutSyn = 1 << 7,            // MUST-65
  kSackPermittedWithoutSyn = 1 << 8,  // RFC 2018, 2
  kWindowScaleWithoutSyn = 1 << 9,    // RFC 7323, 2.2
  kKnownOptionLength = 1 << 10,       // an option known here with a foreign length
};

class Defects {
 public:
  constexpr Defects() = default;
  constexpr void Add(Defect d) { bits_ = static_cast<uint16_t>(bits_ | static_cast<uint16_t>(d)); }
  constexpr bool Has(Defect d) const { return (bits_ & static_cast<uint16_t>(d)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr uint16_t bits() const { return bits_; }

  // What a receiver must discard without any other test (MUST-3, and what has no meaning).
  constexpr bool Discards() const {
    return Has(Defect::kTooShort) || Has(Defect::kOffsetTooSmall) || Has(Defect::kOffsetPastEnd) ||
           Has(Defect::kChecksum);
  }
  friend constexpr bool operator==(Defects, Defects) = default;

 private:
  uint16_t bits_ = 0;
};

// Judges the octets of a TCP segment that went from `source` to `destination`.
Defects Validate(const IpAddress& source, const IpAddress& destination, Octets segment);
// The same where `decoded` is DecodeSegment(segment) already.
Defects Validate(const IpAddress& source, const IpAddress& destination, Octets segment,
                 const Segment& decoded);

// "bad checksum, data offset beyond the segment"; empty if there is none.
std::string ToString(Defects defects);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_VALIDATE_H_
