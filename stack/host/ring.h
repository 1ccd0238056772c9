// Ring: octets as those of one direction of a stream, held by their stream offset.
//
// It has no head and no tail: the TCB knows which offsets are in it. Its size is a power of two, so
// that offsets modulo 2^32 fall on their places. What was never written is never read. The octets
// are somebody else's.

#ifndef ASSAY_STACK_HOST_RING_H_
#define ASSAY_STACK_HOST_RING_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "stack/base/check.h"
#include "stack/wire/octets.h"

namespace assay::host {

class Ring {
 public:
  explicit Ring(wire::MutableOctets octets) : octets_(octets.data()), size_(octets.size()) {
    ASSAY_CHECK(size_ != 0 && (size_ & (size_ - 1)) == 0);
  }

  void Write(uint32_t offset, wire::Octets octets) {
    ASSAY_CHECK(octets.size() <= size_);
    const size_t at = offset & (size_ - 1);
    const size_t first = std::min(octets.size(), size_ - at);
    Copy(octets.data(), octets_ + at, first);
    Copy(octets.data() + first, octets_, octets.size() - first);
  }

  // The octets from `offset` on, as far as they stand in one piece: at most `size`.
  wire::Octets Piece(uint32_t offset, uint32_t size) const {
    const size_t at = offset & (size_ - 1);
    return wire::Octets(octets_ + at, std::min<size_t>(size, size_ - at));
  }

  void Read(uint32_t offset, wire::MutableOctets out) const {
    ASSAY_CHECK(out.size() <= size_);
    const size_t at = offset & (size_ - 1);
    const size_t first = std::min(out.size(), size_ - at);
    Copy(octets_ + at, out.data(), first);
    Copy(octets_, out.data() + first, out.size() - first);
  }

 private:
  // In pieces: from a few thousand octets on memcpy is "rep movsb", which is slower in the cache.
  static void Copy(const std::byte* from, std::byte* to, size_t size) {
    constexpr size_t kPiece = 2048;
    for (; size > kPiece; size -= kPiece, from += kPiece, to += kPiece) {
      std::memcpy(to, from, kPiece);
    }
    if (size > 0) std::memcpy(to, from, size);
  }

  std::byte* octets_;
  size_t size_;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_RING_H_
