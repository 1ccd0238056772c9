// Counts what the whole program allocates: in the steady state, nothing.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "stack/host/pair_for_test.h"

namespace {
std::atomic<uint64_t> g_allocations{0};
}  // namespace

void* operator new(size_t size) {
  ++g_allocations;
  void* p = std::malloc(size);
  if (p == nullptr) std::abort();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace assay::host {
namespace {

// Open, exchange both ways with a loss now and then, close: `rounds` times over.
void Exchange(Pair& pair, Handle listener, int rounds, std::vector<std::byte>& buffer) {
  for (int i = 0; i < rounds; ++i) {
    const Handle a = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
    pair.Settle();
    const Handle b = pair.b().Accept(listener).handle;
    ASSERT_NE(b, kNoHandle);
    for (int k = 0; k < 4; ++k) {
      pair.a().Send(a, buffer, tcp::Flag::kNo, tcp::Flag::kNo);
      if (k == 2) pair.Lose(Side::kA, 1);
      pair.Pass(Duration::Seconds(3));
      while (pair.b().Receive(b, buffer).octets > 0) {
      }
      pair.b().Send(b, wire::Octets(buffer).first(100), tcp::Flag::kNo, tcp::Flag::kNo);
      pair.Pass(Duration::Milliseconds(300));
    }
    pair.b().Close(b);
    pair.Settle();
    pair.a().Close(a);
    pair.Pass(Duration::Seconds(241));
  }
}

TEST(AllocationTest, NothingIsAllocatedInTheSteadyState) {
  Pair pair;
  pair.set_logging(false);
  std::vector<std::byte> buffer(20'000);
  Exchange(pair, pair.b().Listen(80, 8).handle, 10, buffer);
  pair.Reset();
  Exchange(pair, pair.b().Listen(80, 8).handle, 10, buffer);
  const uint64_t before = g_allocations;
  for (int i = 0; i < 10; ++i) {
    pair.Reset();
    Exchange(pair, pair.b().Listen(80, 8).handle, 20, buffer);
  }
  EXPECT_EQ(g_allocations - before, 0u);
  // The counter counts.
  ::operator delete(::operator new(1));
  EXPECT_EQ(g_allocations - before, 1u);
}

}  // namespace
}  // namespace assay::host
