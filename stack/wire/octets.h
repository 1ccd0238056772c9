// Reading and writing octets in network order.
//
// Neither class checks anything field by field: the caller checks the length once, and going beyond
// it is a mistake of ours.

#ifndef ASSAY_STACK_WIRE_OCTETS_H_
#define ASSAY_STACK_WIRE_OCTETS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "stack/base/check.h"

namespace assay::wire {

using Octets = std::span<const std::byte>;
using MutableOctets = std::span<std::byte>;

class OctetReader {
 public:
  constexpr explicit OctetReader(Octets octets) : octets_(octets) {}

  constexpr uint8_t U8() { return static_cast<uint8_t>(Take(1)); }
  constexpr uint16_t U16() { return static_cast<uint16_t>(Take(2)); }
  constexpr uint32_t U32() { return Take(4); }
  constexpr Octets Rest() const { return octets_.subspan(at_); }
  constexpr size_t position() const { return at_; }

 private:
  constexpr uint32_t Take(size_t n) {
    ASSAY_CHECK(octets_.size() - at_ >= n);
    uint32_t value = 0;
    for (size_t i = 0; i < n; ++i) value = value << 8 | static_cast<uint8_t>(octets_[at_ + i]);
    at_ += n;
    return value;
  }

  Octets octets_;
  size_t at_ = 0;
};

class OctetWriter {
 public:
  constexpr explicit OctetWriter(MutableOctets octets) : octets_(octets) {}

  constexpr void U8(uint8_t v) { Put(v, 1); }
  constexpr void U16(uint16_t v) { Put(v, 2); }
  constexpr void U32(uint32_t v) { Put(v, 4); }
  constexpr void Copy(Octets from) {
    ASSAY_CHECK(octets_.size() - at_ >= from.size());
    for (std::byte b : from) octets_[at_++] = b;
  }
  constexpr size_t position() const { return at_; }

 private:
  constexpr void Put(uint32_t value, size_t n) {
    ASSAY_CHECK(octets_.size() - at_ >= n);
    for (size_t i = n; i-- > 0;) octets_[at_++] = static_cast<std::byte>(value >> (8 * i));
  }

  MutableOctets octets_;
  size_t at_ = 0;
};

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_OCTETS_H_
