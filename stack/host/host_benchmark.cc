// Whole packets between two hosts, checksums on: connections and octets a second.

#include <benchmark/benchmark.h>

#include <vector>

#include "stack/host/pair_for_test.h"

namespace assay::host {
namespace {

void BM_OpenExchangeClose(benchmark::State& state) {
  Pair pair;
  pair.set_logging(false);
  std::vector<std::byte> text(100);
  int64_t packets = 0;
  const auto settle = [&] {
    for (bool any = true; any;) {
      any = false;
      for (Side side : {Side::kA, Side::kB}) {
        while (pair.Cross(side)) any = true, ++packets;
      }
    }
  };
  for (auto _ : state) {
    pair.Reset();
    const Handle listener = pair.b().Listen(80, 8).handle;
    const Handle a = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
    settle();
    const Handle b = pair.b().Accept(listener).handle;
    pair.a().Send(a, text, tcp::Flag::kNo, tcp::Flag::kNo);
    settle();
    pair.b().Receive(b, text);
    pair.b().Send(b, text, tcp::Flag::kNo, tcp::Flag::kNo);
    settle();
    pair.a().Receive(a, text);
    pair.a().Close(a);
    settle();
    pair.b().Close(b);
    settle();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["packets"] =
      benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_OpenExchangeClose);

void BM_Bulk(benchmark::State& state) {
  Pair pair;
  pair.set_logging(false);
  const auto [a, b] = pair.Connect();
  std::vector<std::byte> text(32 * 1024);
  int64_t octets = 0;
  for (auto _ : state) {
    pair.a().Send(a, text, tcp::Flag::kNo, tcp::Flag::kNo);
    pair.Settle();
    octets += static_cast<int64_t>(pair.b().Receive(b, text).octets);
  }
  state.SetBytesProcessed(octets);
}
BENCHMARK(BM_Bulk);

void BM_ResetAfterOneConnection(benchmark::State& state) {
  const Config config = Pair::ConfigOf(Side::kA, wire::IpFamily::kIpv4);
  Host host(config);
  const wire::Endpoint remote{wire::IpAddress::V4(192, 0, 2, 2), 80};
  for (auto _ : state) {
    host.Reset(config);
    host.Connect(1000, remote);
    benchmark::DoNotOptimize(host.Poll());
  }
}
BENCHMARK(BM_ResetAfterOneConnection);

}  // namespace
}  // namespace assay::host
