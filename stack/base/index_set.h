// A set of numbers below N: a bit each, no allocation, trivially copyable.

#ifndef ASSAY_STACK_BASE_INDEX_SET_H_
#define ASSAY_STACK_BASE_INDEX_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/check.h"

namespace assay {

template <size_t N>
class IndexSet {
 public:
  constexpr void Add(size_t i) {
    ASSAY_CHECK(i < N);
    words_[i / 64] |= uint64_t{1} << (i % 64);
  }
  constexpr bool Has(size_t i) const { return i < N && (words_[i / 64] >> (i % 64) & 1u) != 0; }
  constexpr bool empty() const {
    uint64_t any = 0;
    for (const uint64_t word : words_) any |= word;
    return any == 0;
  }

  constexpr IndexSet& operator|=(const IndexSet& other) {
    for (size_t w = 0; w < kWords; ++w) words_[w] |= other.words_[w];
    return *this;
  }
  constexpr IndexSet& operator^=(const IndexSet& other) {
    for (size_t w = 0; w < kWords; ++w) words_[w] ^= other.words_[w];
    return *this;
  }
  friend constexpr IndexSet operator&(const IndexSet& a, const IndexSet& b) {
    IndexSet both;
    for (size_t w = 0; w < kWords; ++w) both.words_[w] = a.words_[w] & b.words_[w];
    return both;
  }
  friend constexpr bool operator==(const IndexSet&, const IndexSet&) = default;

  // Calls f(number) for each, in ascending order.
  template <typename F>
  constexpr void ForEach(F f) const {
    for (size_t w = 0; w < kWords; ++w) {
      for (uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) f(w * 64 + Lowest(rest));
    }
  }

  // Those of them for which holds(number).
  template <typename F>
  constexpr IndexSet Where(F holds) const {
    IndexSet out;
    for (size_t w = 0; w < kWords; ++w) {
      uint64_t kept = 0;
      for (uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
        if (holds(w * 64 + Lowest(rest))) kept |= rest & (~rest + 1);
      }
      out.words_[w] = kept;
    }
    return out;
  }

  // The lowest of them; the set is not empty.
  constexpr size_t First() const {
    size_t w = 0;
    while (w + 1 < kWords && words_[w] == 0) ++w;
    ASSAY_CHECK(words_[w] != 0);
    return w * 64 + Lowest(words_[w]);
  }

 private:
  static constexpr size_t kWords = (N + 63) / 64;
  static constexpr size_t Lowest(uint64_t word) {
    return static_cast<size_t>(__builtin_ctzll(word));
  }

  std::array<uint64_t, kWords> words_{};
};

}  // namespace assay

#endif  // ASSAY_STACK_BASE_INDEX_SET_H_
