#include "stack/wire/checksum.h"

#include <array>
#include <cstring>

namespace assay::wire {
namespace {

constexpr size_t kHeaderMin = 20;
constexpr size_t kChecksumAt = 16;
constexpr uint16_t kProtocolTcp = 6;

// The middle of a long input, in vectors of lanes. `all` adds whole words and overflows; `high`
// adds their upper halves and does not, below 2^32 words. What the lower halves add up to is the
// difference.
constexpr size_t kBlock = 128;
static_assert(kLongSum >= 2 * kBlock);

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
      ShortSum<kCopy>(from + blocks, kCopy ? to + blocks : nullptr, size - blocks, start);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return AddSums(rest, SumBlocksAvx512<kCopy>(from, to, blocks));
  if (__builtin_cpu_supports("avx2")) return AddSums(rest, SumBlocksAvx2<kCopy>(from, to, blocks));
#endif
  return AddSums(rest, SumBlocks<kCopy, Two>(from, to, blocks));
}

[[gnu::always_inline]] inline Sum SumOf(Octets octets, Sum start) {
  return octets.size() < kLongSum ? ShortSum<false>(octets.data(), nullptr, octets.size(), start)
                                  : SumLong<false>(octets.data(), nullptr, octets.size(), start);
}

[[gnu::always_inline]] inline Sum SumOfIpv6(const IpAddress& address) {
  const std::byte* p = address.octets().data();
  return AddSums(TakeWord<false, uint64_t>(p, nullptr, 0),
                 TakeWord<false, uint64_t>(p, nullptr, 8));
}

[[gnu::always_inline]] inline Sum SumOfPseudoHeader(const IpAddress& source,
                                                    const IpAddress& destination, size_t length) {
  const auto low = static_cast<uint16_t>(length);
  const auto high = static_cast<uint16_t>(length >> 16);
  const Sum rest = Sum{InNetworkOrder(kProtocolTcp)} + InNetworkOrder(low) + InNetworkOrder(high);
  if (source.family() == IpFamily::kIpv4) {  // and so the destination
    // Numbers of 32 bits: nothing is carried.
    return TakeWord<false, uint32_t>(source.octets().data(), nullptr, 0) + rest +
           TakeWord<false, uint32_t>(destination.octets().data(), nullptr, 0);
  }
  return AddSums(AddSums(SumOfIpv6(source), SumOfIpv6(destination)), rest);
}

}  // namespace

uint16_t LongSum(Octets octets, uint16_t initial) {
  return FoldedSum(SumLong<false>(octets.data(), nullptr, octets.size(), InNetworkOrder(initial)));
}

uint16_t CopyAndLongSum(Octets octets, MutableOctets to, uint16_t initial) {
  return FoldedSum(SumLong<true>(octets.data(), to.data(), octets.size(), InNetworkOrder(initial)));
}

uint16_t InternetChecksum(Octets octets) {
  return static_cast<uint16_t>(~OnesComplementSum(octets));
}

uint16_t PseudoHeaderSum(const IpAddress& source, const IpAddress& destination, size_t length) {
  return FoldedSum(SumOfPseudoHeader(source, destination, length));
}

uint16_t TcpChecksum(const IpAddress& source, const IpAddress& destination, Octets segment) {
  Sum sum = SumOf(segment, SumOfPseudoHeader(source, destination, segment.size()));
  if (segment.size() >= kHeaderMin) {
    // Take the field's own value out again: adding the complement subtracts.
    const auto field = TakeWord<false, uint16_t>(segment.data(), nullptr, kChecksumAt);
    sum = AddSums(sum, static_cast<uint16_t>(~field));
  }
  return static_cast<uint16_t>(~FoldedSum(sum));
}

bool TcpChecksumIsRight(const IpAddress& source, const IpAddress& destination, Octets segment) {
  if (segment.size() < kHeaderMin) return false;
  return FoldSum(SumOf(segment, SumOfPseudoHeader(source, destination, segment.size()))) == 0xffff;
}

}  // namespace assay::wire
