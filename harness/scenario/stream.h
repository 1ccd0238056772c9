// What the octets of a stream are: a function of their offset.
//
// Each end of a connection sends a stream whose octet at offset n everybody can compute, so that an
// octet delivered in the wrong place is seen at once, and a payload needs no room in a scenario.
// The pattern repeats after 4,093 octets, a prime, so that no power of two and no MSS maps it on
// itself.

#ifndef ASSAY_HARNESS_SCENARIO_STREAM_H_
#define ASSAY_HARNESS_SCENARIO_STREAM_H_

#include <cstdint>

#include "stack/wire/octets.h"

namespace assay::scenario {

enum class Stream : uint8_t {
  kTester,  // offset of a sequence number: TesterOffset
  kStack,   // offset 0 is the first octet that the application gave to one SEND
};

// The offset, in the tester's stream, of the octet at sequence number `seq`, when the tester's SYN
// has `iss`. Neighbours on the circle of sequence numbers are neighbours in the stream, everywhere.
constexpr uint64_t TesterOffset(uint32_t seq, uint32_t iss) { return seq - iss - 1; }

// `size` octets of the stream from `offset`; at most 64 KiB. The span points into a table.
wire::Octets StreamOctets(Stream stream, uint64_t offset, size_t size);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_STREAM_H_
