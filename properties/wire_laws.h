// What holds for any octets whatever on the wire floor: one place for properties and fuzzers.
//
// The laws judge our own codec, never a stack: breaking one is a bug in stack/wire.

#ifndef ASSAY_PROPERTIES_WIRE_LAWS_H_
#define ASSAY_PROPERTIES_WIRE_LAWS_H_

#include <string_view>

#include "stack/wire/octets.h"

namespace assay::properties {

// The longest input that the laws are judged on; what lies beyond is cut off.
inline constexpr size_t kLongestInput = 4096;

// The first law that `octets` breaks, as a sentence; empty if they break none. `octets` are taken
// as a packet, as a segment and as a list of options, each in turn. Allocates nothing.
std::string_view BrokenWireLaw(wire::Octets octets);

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_WIRE_LAWS_H_
