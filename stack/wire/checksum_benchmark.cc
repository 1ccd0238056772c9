// The Internet checksum against the textbook's and a chain of additions with carry, size by size.

#include "stack/wire/checksum.h"

#include <cstring>

#include "benchmark/benchmark.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/textbook_checksum.h"

namespace assay::wire {
namespace {

void Sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int64_t size : {20, 40, 64, 576, 1460, 9000, 65535}) benchmark->Arg(size);
}

template <uint16_t (*kSum)(Octets)>
void Sum(benchmark::State& state) {
  const int64_t size = state.range(0);
  const OctetVector source = Ramp(static_cast<size_t>(size));
  Octets octets = source;
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    benchmark::DoNotOptimize(kSum(octets));
  }
  state.SetBytesProcessed(state.iterations() * size);
}

// Not inlined, as the library's is not.
[[gnu::noinline]] uint16_t Textbook(Octets octets) { return TextbookSum(octets); }

uint16_t Ours(Octets octets) { return OnesComplementSum(octets); }

#if defined(__x86_64__)
// What an operating system's assembly does: two chains of 64-bit additions with carry.
[[gnu::noinline]] uint16_t CarryChain(Octets octets) {
  const auto add = [](uint64_t& sum, const std::byte* p) {
    asm("addq 0(%1), %0\n\tadcq 8(%1), %0\n\tadcq 16(%1), %0\n\tadcq 24(%1), %0\n\t"
        "adcq 32(%1), %0\n\tadcq $0, %0"
        : "+r"(sum)
        : "r"(p), "m"(*reinterpret_cast<const std::byte(*)[40]>(p))
        : "cc");
  };
  const std::byte* p = octets.data();
  size_t left = octets.size();
  uint64_t sum = 0;
  uint64_t other = 0;
  for (; left >= 80; left -= 80, p += 80) {
    add(sum, p);
    add(other, p + 40);
  }
  if (left >= 40) {
    add(sum, p);
    p += 40;
    left -= 40;
  }
  sum += other;
  sum += sum < other ? 1 : 0;
  while (left > 0) {
    const size_t size = std::min<size_t>(left, 8);
    uint64_t word = 0;
    if (size == 8) {
      std::memcpy(&word, p, 8);
    } else {
      for (size_t i = 0; i < size; ++i) word |= static_cast<uint64_t>(p[i]) << (8 * i);
    }
    sum += word;
    sum += sum < word ? 1 : 0;
    p += size;
    left -= size;
  }
  return FoldSum(sum);
}
BENCHMARK_TEMPLATE(Sum, CarryChain)->Apply(Sizes);
#endif

BENCHMARK_TEMPLATE(Sum, Textbook)->Apply(Sizes);
BENCHMARK_TEMPLATE(Sum, Ours)->Apply(Sizes);

void CopyThenSum(benchmark::State& state) {
  const int64_t size = state.range(0);
  const OctetVector source = Ramp(static_cast<size_t>(size));
  OctetVector to(source.size());
  Octets octets = source;
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    std::memcpy(to.data(), octets.data(), octets.size());
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(OnesComplementSum(to));
  }
  state.SetBytesProcessed(state.iterations() * size);
}
BENCHMARK(CopyThenSum)->Apply(Sizes);

void CopyAndSumAtOnce(benchmark::State& state) {
  const int64_t size = state.range(0);
  const OctetVector source = Ramp(static_cast<size_t>(size));
  OctetVector to(source.size());
  Octets octets = source;
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    benchmark::DoNotOptimize(CopyAndSum(octets, to));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * size);
}
BENCHMARK(CopyAndSumAtOnce)->Apply(Sizes);

}  // namespace
}  // namespace assay::wire
