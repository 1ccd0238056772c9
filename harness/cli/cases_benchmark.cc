// How long a conformance run takes: the stack, the tester and the oracle together.

#include <string>

#include "benchmark/benchmark.h"
#include "harness/adapters/stacks.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"

namespace assay::cli {
namespace {

// Every case once.
void Cases(benchmark::State& state, const std::string& name) {
  auto stack = adapters::OpenStack(name, "");
  if (!stack.ok()) return state.SkipWithError("not in this build");
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
