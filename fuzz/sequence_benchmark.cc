// How long the sequence target takes over an input of 16 events: records decoded, the stack and the
// tester driven through them, all of it judged; libFuzzer's own work aside.

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "fuzz/sequence.h"
#include "harness/adapters/stacks.h"
#include "harness/scenario/generate.h"
#include "harness/scenario/record.h"
#include "stack/base/prng.h"

namespace assay::fuzz {
namespace {

std::vector<std::byte> Input(Prng& prng) {
  scenario::Scenario scenario = scenario::GenerateScenario(prng, 16);
  while (scenario.events.size() > 16) scenario.events.pop_back();
  std::array<std::byte, scenario::kMostOctets> room;
  const wire::MutableOctets records = scenario::EncodeRecords(scenario, room);
  return {records.begin(), records.end()};
}

// A thousand generated inputs, over and over.
void Sequence(benchmark::State& state, const std::string& name, uint64_t seed) {
  auto stack = adapters::OpenStack(name, "");
  if (!stack.ok()) return state.SkipWithError("not in this build");
  SequenceTarget target(*stack->stack, stack->profile, name);
  Prng prng(seed);
  std::vector<std::vector<std::byte>> inputs(1000);
  for (std::vector<std::byte>& input : inputs) input = Input(prng);
  size_t next = 0;
  for (auto _ : state) {
    const std::vector<std::byte>& input = inputs[next];
    target.Run(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    next = next + 1 == inputs.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Sequence, reference, "reference", 1);
BENCHMARK_CAPTURE(Sequence, lwip, "lwip", 1);
// What ci/bench takes a profile of: other inputs, and as many each time.
BENCHMARK_CAPTURE(Sequence, training, "reference", 2)->Iterations(100'000);

}  // namespace
}  // namespace assay::fuzz
