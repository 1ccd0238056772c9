// Reading and writing octets in network order.
//
// What the octets mean is the caller's affair, and so is how many there are: it checks the length
// once, and going beyond it is a mistake of ours. Where the compiler sees that check, the one at
// each field costs nothing.

#ifndef ASSAY_STACK_WIRE_OCTETS_H_
#define ASSAY_STACK_WIRE_OCTETS_H_

#include <algorithm>
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

  constexpr uint8_t U8() { return static_cast<uint8_t>(Take(1)[0]); }
  constexpr uint16_t U16() {
    const std::byte* p = Take(2);
    return static_cast<uint16_t>(At(p, 0) << 8 | At(p, 1));
  }
  constexpr uint32_t U32() {
    const std::byte* p = Take(4);
    return At(p, 0) << 24 | At(p, 1) << 16 | At(p, 2) << 8 | At(p, 3);
  }
  constexpr Octets Rest() const { return octets_.subspan(at_); }
  constexpr size_t position() const { return at_; }

 private:
  static constexpr uint32_t At(const std::byte* p, size_t i) { return static_cast<uint32_t>(p[i]); }
  constexpr const std::byte* Take(size_t n) {
    ASSAY_CHECK(octets_.size() - at_ >= n);
    const std::byte* p = octets_.data() + at_;
    at_ += n;
    return p;
  }

  Octets octets_;
  size_t at_ = 0;
};

class OctetWriter {
 public:
  constexpr explicit OctetWriter(MutableOctets octets) : octets_(octets) {}

  constexpr void U8(uint8_t v) { *Take(1) = std::byte{v}; }
  constexpr void U16(uint16_t v) {
    std::byte* p = Take(2);
    p[0] = static_cast<std::byte>(v >> 8);
    p[1] = static_cast<std::byte>(v);
  }
  constexpr void U32(uint32_t v) {
    std::byte* p = Take(4);
    p[0] = static_cast<std::byte>(v >> 24);
    p[1] = static_cast<std::byte>(v >> 16);
    p[2] = static_cast<std::byte>(v >> 8);
    p[3] = static_cast<std::byte>(v);
  }
  constexpr void Copy(Octets from) {
    std::byte* p = Take(from.size());
    std::copy(from.begin(), from.end(), p);
  }
  constexpr size_t position() const { return at_; }

 private:
  constexpr std::byte* Take(size_t n) {
    ASSAY_CHECK(octets_.size() - at_ >= n);
    std::byte* p = octets_.data() + at_;
    at_ += n;
    return p;
  }

  MutableOctets octets_;
  size_t at_ = 0;
};

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_OCTETS_H_
