// Reading and writing octets in network order.
//
// What the octets mean is the caller's affair, and so is how many there are: it checks the length
// once, and going beyond it is a mistake of ours. Where the compiler sees that check, the one at
// each field costs nothing.

#ifndef ASSAY_STACK_WIRE_OCTETS_H_
#define ASSAY_STACK_WIRE_OCTETS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "stack/base/check.h"

namespace assay::wire {

using Octets = std::span<const std::byte>;
using MutableOctets = std::span<std::byte>;

constexpr uint16_t InNetworkOrder(uint16_t v) {
  if constexpr (std::endian::native == std::endian::big) return v;
  return static_cast<uint16_t>(v << 8 | v >> 8);
}
constexpr uint32_t InNetworkOrder(uint32_t v) {
  if constexpr (std::endian::native == std::endian::big) return v;
  return __builtin_bswap32(v);
}
constexpr uint64_t InNetworkOrder(uint64_t v) {
  if constexpr (std::endian::native == std::endian::big) return v;
  return __builtin_bswap64(v);
}

// A number in network order at `from`, of the size of T.
template <typename T>
constexpr T LoadBig(const std::byte* from) {
  if (!std::is_constant_evaluated()) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return InNetworkOrder(value);
  }
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | static_cast<uint8_t>(from[i]));
  }
  return value;
}

template <typename T>
constexpr void StoreBig(T value, std::byte* to) {
  if (!std::is_constant_evaluated()) {
    value = InNetworkOrder(value);
    std::memcpy(to, &value, sizeof value);
    return;
  }
  for (size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8)) {
    to[i] = static_cast<std::byte>(value);
  }
}

// A call for each field would cost more than the field.
#define ASSAY_INLINE [[gnu::always_inline]]

class OctetReader {
 public:
  constexpr explicit OctetReader(Octets octets) : octets_(octets) {}

  ASSAY_INLINE constexpr uint8_t U8() { return static_cast<uint8_t>(*Take(1)); }
  ASSAY_INLINE constexpr uint16_t U16() { return LoadBig<uint16_t>(Take(2)); }
  ASSAY_INLINE constexpr uint32_t U32() { return LoadBig<uint32_t>(Take(4)); }
  constexpr Octets Rest() const { return octets_.subspan(at_); }
  constexpr size_t position() const { return at_; }

 private:
  ASSAY_INLINE constexpr const std::byte* Take(size_t n) {
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

  ASSAY_INLINE constexpr void U8(uint8_t v) { *Take(1) = std::byte{v}; }
  ASSAY_INLINE constexpr void U16(uint16_t v) { StoreBig(v, Take(2)); }
  ASSAY_INLINE constexpr void U32(uint32_t v) { StoreBig(v, Take(4)); }
  ASSAY_INLINE constexpr void U64(uint64_t v) { StoreBig(v, Take(8)); }
  ASSAY_INLINE constexpr void Copy(Octets from) {
    std::byte* p = Take(from.size());
    std::copy(from.begin(), from.end(), p);
  }
  constexpr size_t position() const { return at_; }

 private:
  ASSAY_INLINE constexpr std::byte* Take(size_t n) {
    ASSAY_CHECK(octets_.size() - at_ >= n);
    std::byte* p = octets_.data() + at_;
    at_ += n;
    return p;
  }

  MutableOctets octets_;
  size_t at_ = 0;
};

#undef ASSAY_INLINE

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_OCTETS_H_
