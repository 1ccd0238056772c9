// What a case costs with lwIP, without driver and oracle.

#include <benchmark/benchmark.h>

#include <array>

#include "harness/adapters/lwip/dialogue.h"
#include "harness/adapters/lwip/lwip_stack.h"

namespace assay::lwip {
namespace {

sut::Config ConfigOf(const benchmark::State& state) {
  sut::Config config;
  if (state.range(0) == 6) sut::UseIpv6(config);
  return config;
}

void BM_Reset(benchmark::State& state) {
  auto stack = *MakeLwipStack();
  const sut::Config config = ConfigOf(state);
  for (auto _ : state) {
    if (!stack->Reset(config)) state.SkipWithError("the stack refuses the configuration");
  }
}
BENCHMARK(BM_Reset)->Arg(4)->Arg(6);

// Reset, handshake, 5 octets in, 6 out, and the peer closes first.
void BM_FullCase(benchmark::State& state) {
  using wire::kAck, wire::kFin, wire::kPsh, wire::kSyn;
  auto stack = *MakeLwipStack();
  const sut::Config config = ConfigOf(state);
  Dialogue peer(*stack, config);
  std::array<std::byte, 64> buffer;
  for (auto _ : state) {
    if (!stack->Reset(config)) state.SkipWithError("the stack refuses the configuration");
    const sut::Handle listener = stack->Listen(80, 4).handle;
    peer.Send(kSyn, 1000);
    const uint32_t iss = peer.Hear()->seq;
    peer.Send(kAck, 1001, iss + 1);
    const sut::Handle h = stack->Accept(listener).handle;
    peer.Send(kAck | kPsh, 1001, iss + 1, "hello");
    stack->Recv(h, buffer);
    stack->Send(h, AsOctets("world!"), sut::kSendPush);
    peer.Hear();
    peer.Send(kAck | kFin, 1006, iss + 7);
    peer.Hear();
    stack->Close(h);
    peer.Hear();
    peer.Send(kAck, 1007, iss + 8);
    const sut::ReportedState end = stack->State(h);
    if (!end.known || end.state != spec::State::kClosed) state.SkipWithError("not closed");
  }
}
BENCHMARK(BM_FullCase)->Arg(4)->Arg(6);

}  // namespace
}  // namespace assay::lwip
