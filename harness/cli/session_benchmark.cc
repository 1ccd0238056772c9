// How long a scenario takes, and a conformance run: the stack, the tester and the oracle together.

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"
#include "harness/scenario/generate.h"
#include "stack/base/check.h"
#include "stack/base/prng.h"

namespace assay::cli {
namespace {

// A thousand generated scenarios of 16 events, over and over.
void Scenarios(benchmark::State& state, const std::string& name) {
  auto stack = adapters::OpenStack(name, "");
  ASSAY_CHECK(stack.ok());
  driver::Session session(*stack->stack, stack->profile);
  std::vector<scenario::Scenario> scenarios;
  Prng prng(1);
  while (scenarios.size() < 1000) {
    scenarios.push_back(scenario::GenerateScenario(prng, 16));
    while (scenarios.back().events.size() > 16) scenarios.back().events.pop_back();
  }
  uint64_t events = 0;
  for (const scenario::Scenario& scenario : scenarios) {
    session.Run(scenario);
    events += session.trace().events().size();
  }
  session.set_recording(driver::Recording::kOff);  // as the fuzz targets run them
  size_t next = 0;
  for (auto _ : state) {
    session.Run(scenarios[next]);
    next = (next + 1) % scenarios.size();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["trace_events"] =
      static_cast<double>(events) / static_cast<double>(scenarios.size());
}
BENCHMARK_CAPTURE(Scenarios, reference, "reference");
BENCHMARK_CAPTURE(Scenarios, lwip, "lwip");

// Every case once.
void Cases(benchmark::State& state, const std::string& name) {
  auto stack = adapters::OpenStack(name, "");
  ASSAY_CHECK(stack.ok());
  driver::Session session(*stack->stack, stack->profile);
  for (auto _ : state) {
    for (const cases::Case& c : cases::AllCases()) {
      benchmark::DoNotOptimize(cases::RunCase(c, false, session).digest);
    }
  }
  state.counters["cases"] = static_cast<double>(cases::AllCases().size());
}
BENCHMARK_CAPTURE(Cases, reference, "reference")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Cases, lwip, "lwip")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assay::cli
