#include "stack/wire/checksum.h"

#include <bit>
#include <cstring>

namespace assay::wire {
namespace {

constexpr size_t kChecksumAt = 16;
constexpr uint8_t kProtocolTcp = 6;

constexpr uint16_t Fold(uint64_t sum) {
  sum = (sum & 0xffff'ffff) + (sum >> 32);
  sum = (sum & 0xffff'ffff) + (sum >> 32);
  auto narrow = static_cast<uint32_t>(sum);
  narrow = (narrow & 0xffff) + (narrow >> 16);
  narrow = (narrow & 0xffff) + (narrow >> 16);
  return static_cast<uint16_t>(narrow);
}

constexpr uint16_t Swap(uint16_t v) { return static_cast<uint16_t>(v << 8 | v >> 8); }

// One's complement addition does not care about byte order as long as it is the same throughout
// (RFC 1071, 2(B)), so octets are summed in the machine's order, eight at a time, and the result
// turned round once. Two accumulators over 32-bit halves cannot overflow below 2^35 octets.
uint16_t SumInMachineOrder(Octets octets) {
  uint64_t low = 0;
  uint64_t high = 0;
  const std::byte* p = octets.data();
  size_t left = octets.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    low += word & 0xffff'ffff;
    high += word >> 32;
  }
  if (left > 0) {
    uint64_t word = 0;
    std::memcpy(&word, p, left);
    low += word & 0xffff'ffff;
    high += word >> 32;
  }
  return Fold(low + high);
}

uint16_t PseudoHeaderSum(const IpAddress& source, const IpAddress& destination, size_t length) {
  uint64_t sum = OnesComplementSum(source.octets());
  sum += OnesComplementSum(destination.octets());
  sum += kProtocolTcp;
  sum += (length & 0xffff) + (length >> 16);
  return Fold(sum);
}

}  // namespace

uint16_t OnesComplementSum(Octets octets, uint16_t initial) {
  uint16_t sum = SumInMachineOrder(octets);
  if constexpr (std::endian::native == std::endian::little) sum = Swap(sum);
  return Fold(uint64_t{sum} + initial);
}

uint16_t InternetChecksum(Octets octets) {
  return static_cast<uint16_t>(~OnesComplementSum(octets));
}

uint16_t TcpChecksum(const IpAddress& source, const IpAddress& destination, Octets segment) {
  uint16_t sum = OnesComplementSum(segment, PseudoHeaderSum(source, destination, segment.size()));
  if (segment.size() >= 20) {
    // Take the field's own value out again: adding the complement subtracts.
    OctetReader field(segment.subspan(kChecksumAt, 2));
    sum = Fold(uint64_t{sum} + static_cast<uint16_t>(~field.U16()));
  }
  return static_cast<uint16_t>(~sum);
}

bool TcpChecksumIsRight(const IpAddress& source, const IpAddress& destination, Octets segment) {
  if (segment.size() < 20) return false;
  return OnesComplementSum(segment, PseudoHeaderSum(source, destination, segment.size())) == 0xffff;
}

}  // namespace assay::wire
