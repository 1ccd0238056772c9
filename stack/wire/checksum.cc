#include "stack/wire/checksum.h"

#include <array>
#include <bit>
#include <cstring>

namespace assay::wire {
namespace {

constexpr size_t kHeaderMin = 20;
constexpr size_t kChecksumAt = 16;
constexpr uint16_t kProtocolTcp = 6;
constexpr bool kLittleEndian = std::endian::native == std::endian::little;

// One's complement addition does not care about byte order as long as it is the same throughout
// (RFC 1071, 2(B)), so octets are summed in the machine's order, eight at a time, and the result is
// turned round once. All sums below are in that order, modulo 2^64 - 1, and zero only for zeros.
using Sum = uint64_t;

constexpr Sum Add(Sum a, Sum b) {
  const Sum sum = a + b;
  return sum + (sum < b ? 1 : 0);
}

template <typename T>
T Load(const std::byte* from) {
  T word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Loads a word from `at`, and puts it to the same place in `to` if it is to be copied.
template <bool kCopy, typename T>
T Take(const std::byte* from, std::byte* to, size_t at) {
  const T word = Load<T>(from + at);
  if constexpr (kCopy) std::memcpy(to + at, &word, sizeof word);
  return word;
}

template <bool kCopy>
[[gnu::always_inline]] inline Sum SumBelowEight(const std::byte* from, std::byte* to, size_t size) {
  Sum sum = 0;
  size_t at = 0;
  if (size & 4) {
    sum += Take<kCopy, uint32_t>(from, to, 0);
    at = 4;
  }
  if (size & 2) {
    sum += Take<kCopy, uint16_t>(from, to, at);
    at += 2;
  }
  if (size & 1) {
    const auto last = static_cast<Sum>(Take<kCopy, std::byte>(from, to, at));
    sum += kLittleEndian ? last : last << 8;
  }
  return sum;
}

template <bool kCopy>
[[gnu::always_inline]] inline Sum SumShort(const std::byte* from, std::byte* to, size_t size,
                                           Sum start) {
  if (size < 8) return Add(start, SumBelowEight<kCopy>(from, to, size));
  // The carries gather in the upper half, where they are in nobody's way.
  unsigned __int128 sum = start;
  size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    for (size_t i = 0; i < 32; i += 8) sum += Take<kCopy, uint64_t>(from, to, at + i);
  }
  if (size & 16) {
    sum += Take<kCopy, uint64_t>(from, to, at);
    sum += Take<kCopy, uint64_t>(from, to, at + 8);
    at += 16;
  }
  if (size & 8) sum += Take<kCopy, uint64_t>(from, to, at);
  if (const size_t left = size & 7; left > 0) {
    // The last eight octets, without those that were counted already.
    const auto last = Take<kCopy, uint64_t>(from, to, size - 8);
    const size_t counted = 8 * (8 - left);
    sum += kLittleEndian ? last >> counted : last << counted;
  }
  return Add(static_cast<Sum>(sum), static_cast<Sum>(sum >> 64));
}

// The middle of a long input, in vectors of lanes. `all` adds whole words and overflows; `high`
// adds their upper halves and does not, below 2^32 words. What the lower halves add up to is the
// difference.
constexpr size_t kBlock = 128;
// Below this the lanes cost more than they save.
constexpr size_t kLong = 2 * kBlock;

// Vectors of two, four and eight lanes, and how they lie among octets.
struct Two {
  using Lanes [[gnu::vector_size(16)]] = uint64_t;
  using InOctets [[gnu::vector_size(16), gnu::aligned(1), gnu::may_alias]] = uint64_t;
};
struct Four {
  using Lanes [[gnu::vector_size(32)]] = uint64_t;
  using InOctets [[gnu::vector_size(32), gnu::aligned(1), gnu::may_alias]] = uint64_t;
};
struct Eight {
  using Lanes [[gnu::vector_size(64)]] = uint64_t;
  using InOctets [[gnu::vector_size(64), gnu::aligned(1), gnu::may_alias]] = uint64_t;
};

// Half by half; g++ would take the lanes through memory, at the price of a kilobyte's sum.
[[gnu::always_inline]] inline Sum SumOfLanes(const Two::Lanes& lanes) {
  return lanes[0] + lanes[1];
}
[[gnu::always_inline]] inline Sum SumOfLanes(const Four::Lanes& lanes) {
  return SumOfLanes(__builtin_shufflevector(lanes, lanes, 0, 1) +
                    __builtin_shufflevector(lanes, lanes, 2, 3));
}
[[gnu::always_inline]] inline Sum SumOfLanes(const Eight::Lanes& lanes) {
  return SumOfLanes(__builtin_shufflevector(lanes, lanes, 0, 1, 2, 3) +
                    __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7));
}

template <bool kCopy, typename Vector>
[[gnu::always_inline]] inline Sum SumBlocks(const std::byte* from, std::byte* to, size_t size) {
  using Lanes = typename Vector::Lanes;
  using InOctets = typename Vector::InOctets;
  Lanes all = {};
  Lanes high = {};
  Lanes more_all = {};
  Lanes more_high = {};
  for (const std::byte* end = from + size; from < end;) {
    for (size_t i = 0; i < kBlock; i += 2 * sizeof(Lanes)) {
      const Lanes words = *reinterpret_cast<const InOctets*>(from);
      const Lanes more_words = *reinterpret_cast<const InOctets*>(from + sizeof(Lanes));
      from += 2 * sizeof(Lanes);
      if constexpr (kCopy) {
        *reinterpret_cast<InOctets*>(to) = words;
        *reinterpret_cast<InOctets*>(to + sizeof(Lanes)) = more_words;
        to += 2 * sizeof(Lanes);
      }
      all += words;
      high += words >> 32;
      more_all += more_words;
      more_high += more_words >> 32;
    }
  }
  all += more_all;
  high += more_high;
  return SumOfLanes(all - (high << 32) + high);
}

#if defined(__x86_64__)
// Chosen at each call by a test of one word, not by an ifunc: those are resolved before the runtime
// of a sanitizer stands.
template <bool kCopy>
[[gnu::target("avx512f")]] Sum SumBlocksAvx512(const std::byte* from, std::byte* to, size_t size) {
  return SumBlocks<kCopy, Eight>(from, to, size);
}
template <bool kCopy>
[[gnu::target("avx2")]] Sum SumBlocksAvx2(const std::byte* from, std::byte* to, size_t size) {
  return SumBlocks<kCopy, Four>(from, to, size);
}
#endif

template <bool kCopy>
[[gnu::noinline]] Sum SumLong(const std::byte* from, std::byte* to, size_t size, Sum start) {
  const size_t blocks = size / kBlock * kBlock;
  const Sum rest =
      SumShort<kCopy>(from + blocks, kCopy ? to + blocks : nullptr, size - blocks, start);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return Add(rest, SumBlocksAvx512<kCopy>(from, to, blocks));
  if (__builtin_cpu_supports("avx2")) return Add(rest, SumBlocksAvx2<kCopy>(from, to, blocks));
#endif
  return Add(rest, SumBlocks<kCopy, Two>(from, to, blocks));
}

// The sum of `size` octets and of `start`.
template <bool kCopy>
[[gnu::always_inline]] inline Sum SumOf(const std::byte* from, std::byte* to, size_t size,
                                        Sum start) {
  return size < kLong ? SumShort<kCopy>(from, to, size, start)
                      : SumLong<kCopy>(from, to, size, start);
}

[[gnu::always_inline]] inline Sum SumOf(Octets octets, Sum start) {
  return SumOf<false>(octets.data(), nullptr, octets.size(), start);
}

Sum SumOf(const IpAddress& address) {
  const std::byte* p = address.octets().data();
  if (address.family() == IpFamily::kIpv4) return Load<uint32_t>(p);
  return Add(Load<uint64_t>(p), Load<uint64_t>(p + 8));
}

Sum SumOfPseudoHeader(const IpAddress& source, const IpAddress& destination, size_t length) {
  const Sum sum = Add(SumOf(source), SumOf(destination));
  const auto low = static_cast<uint16_t>(length);
  const auto high = static_cast<uint16_t>(length >> 16);
  return Add(sum, Sum{InNetworkOrder(kProtocolTcp)} + InNetworkOrder(low) + InNetworkOrder(high));
}

uint16_t Folded(Sum sum) { return InNetworkOrder(FoldSum(sum)); }

}  // namespace

uint16_t OnesComplementSum(Octets octets, uint16_t initial) {
  return Folded(SumOf(octets, InNetworkOrder(initial)));
}

uint16_t CopyAndSum(Octets octets, MutableOctets to, uint16_t initial) {
  ASSAY_CHECK(to.size() >= octets.size());
  return Folded(SumOf<true>(octets.data(), to.data(), octets.size(), InNetworkOrder(initial)));
}

uint16_t InternetChecksum(Octets octets) {
  return static_cast<uint16_t>(~OnesComplementSum(octets));
}

uint16_t PseudoHeaderSum(const IpAddress& source, const IpAddress& destination, size_t length) {
  return Folded(SumOfPseudoHeader(source, destination, length));
}

uint16_t TcpChecksum(const IpAddress& source, const IpAddress& destination, Octets segment) {
  Sum sum = SumOf(segment, SumOfPseudoHeader(source, destination, segment.size()));
  if (segment.size() >= kHeaderMin) {
    // Take the field's own value out again: adding the complement subtracts.
    const auto field = Load<uint16_t>(segment.data() + kChecksumAt);
    sum = Add(sum, static_cast<uint16_t>(~field));
  }
  return static_cast<uint16_t>(~Folded(sum));
}

bool TcpChecksumIsRight(const IpAddress& source, const IpAddress& destination, Octets segment) {
  if (segment.size() < kHeaderMin) return false;
  return FoldSum(SumOf(segment, SumOfPseudoHeader(source, destination, segment.size()))) == 0xffff;
}

}  // namespace assay::wire
