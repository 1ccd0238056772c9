// The one's complement sum of a few octets, made where it is asked for: a header is summed in the
// time that a call takes.
//
// One's complement addition does not care about byte order as long as it is the same throughout
// (RFC 1071, 2(B)), so octets are summed in the machine's order, eight at a time, and the result is
// turned round once, by who asks: see checksum.h. A Sum is in that order, modulo 2^64 - 1, and zero
// only for zeros.

#ifndef ASSAY_STACK_WIRE_SHORT_SUM_H_
#define ASSAY_STACK_WIRE_SHORT_SUM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace assay::wire {

using Sum = uint64_t;

constexpr Sum AddSums(Sum a, Sum b) {
  const Sum sum = a + b;
  return sum + (sum < b ? 1 : 0);
}

// Loads a word from `at`, and puts it to the same place in `to` if it is to be copied.
template <bool kCopy, typename T>
[[gnu::always_inline]] inline T TakeWord(const std::byte* from, std::byte* to, size_t at) {
  T word;
  std::memcpy(&word, from + at, sizeof word);
  if constexpr (kCopy) std::memcpy(to + at, &word, sizeof word);
  return word;
}

// From this size on vectors of lanes take less.
inline constexpr size_t kLongSum = 256;

// Of fewer octets than that; right of more. `start` is added. The octets go to `to` as well if
// kCopy, and it is not looked at if not.
template <bool kCopy>
[[gnu::always_inline]] inline Sum ShortSum(const std::byte* from, std::byte* to, size_t size,
                                           Sum start) {
  // The carries gather apart, where they are in nobody's way.
  Sum sum = start;
  Sum carries = 0;
  const auto add = [&](Sum word) {
    sum += word;
    carries += sum < word ? 1 : 0;
  };
  size_t at = 0;
  for (; at + 16 <= size; at += 16) {
    add(TakeWord<kCopy, uint64_t>(from, to, at));
    add(TakeWord<kCopy, uint64_t>(from, to, at + 8));
  }
  if (size & 8) {
    add(TakeWord<kCopy, uint64_t>(from, to, at));
    at += 8;
  }
  if (size & 4) {
    add(TakeWord<kCopy, uint32_t>(from, to, at));
    at += 4;
  }
  if (size & 2) {
    add(TakeWord<kCopy, uint16_t>(from, to, at));
    at += 2;
  }
  if (size & 1) {
    const auto last = static_cast<Sum>(TakeWord<kCopy, std::byte>(from, to, at));
    add(std::endian::native == std::endian::little ? last : last << 8);
  }
  return AddSums(sum, carries);
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_SHORT_SUM_H_
