// What judging costs: the same scenarios with the oracle and without it, the stack and the tester
// in both.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/driver/session.h"
#include "harness/scenario/generate.h"
#include "stack/base/prng.h"

namespace assay::cli {
namespace {

enum class Oracle : uint8_t { kOff, kOn };

void Run(driver::Session& session, const scenario::Scenario& scenario, Oracle oracle) {
  if (oracle == Oracle::kOn) {
    session.Run(scenario);
    return;
  }
  session.Begin(scenario.header);
  session.judge().LookAway();
  for (const scenario::Event& event : scenario.events) session.Do(event);
  // As long as End() takes to see what is owed.
  session.Elapse(session.profile().delayed_ack_max + Duration::Milliseconds(1), false);
}

// A thousand random scenarios of 16 events or a few more, over and over.
void Scenarios(benchmark::State& state, const std::string& name, Oracle oracle) {
  auto stack = adapters::OpenStack(name, "");
  if (!stack.ok()) return state.SkipWithError("not in this build");
  driver::Session session(*stack->stack, stack->profile);
  session.set_recording(driver::Recording::kOff);
  std::vector<scenario::Scenario> scenarios(1000);
  Prng prng(1);
  for (scenario::Scenario& scenario : scenarios) scenario = scenario::GenerateScenario(prng, 16);
  size_t next = 0;
  for (auto _ : state) {
    Run(session, scenarios[next], oracle);
    next = next + 1 == scenarios.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Scenarios, reference_judged, "reference", Oracle::kOn);
BENCHMARK_CAPTURE(Scenarios, reference_driven, "reference", Oracle::kOff);
BENCHMARK_CAPTURE(Scenarios, lwip_judged, "lwip", Oracle::kOn);
BENCHMARK_CAPTURE(Scenarios, lwip_driven, "lwip", Oracle::kOff);

}  // namespace
}  // namespace assay::cli
