// libFuzzer's custom mutator and crossover for targets whose input is a scenario: they change
// events, not octets, and what they write is always whole records of the current version.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "harness/scenario/mutate.h"
#include "harness/scenario/record.h"

namespace scenario = assay::scenario;
namespace wire = assay::wire;

namespace {

scenario::Scenario Decode(const uint8_t* data, size_t size) {
  return scenario::DecodeRecords(std::as_bytes(std::span(data, size)));
}

// The scenario's records at the front of `out`, without the events that do not fit.
size_t Encode(scenario::Scenario& scenario, uint8_t* out, size_t room) {
  while (scenario::kHeaderOctets + scenario.events.size() * scenario::kEventOctets > room) {
    if (scenario.events.empty()) return 0;
    scenario.events.pop_back();
  }
  std::array<std::byte, scenario::kMostOctets> buffer;
  const wire::Octets octets = scenario::EncodeRecords(scenario, buffer);
  std::memcpy(out, octets.data(), octets.size());
  return octets.size();
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  assay::Prng prng(seed);
  // Now and then octets within one record, so that no value is out of reach.
  if (prng.Below(16) == 0 && size >= scenario::kHeaderOctets + scenario::kEventOctets) {
    const auto events =
        static_cast<uint32_t>((size - scenario::kHeaderOctets) / scenario::kEventOctets);
    uint8_t* const record =
        data + scenario::kHeaderOctets + prng.Below(events) * scenario::kEventOctets;
    LLVMFuzzerMutate(record, scenario::kEventOctets, scenario::kEventOctets);
  }
  scenario::Scenario scenario = Decode(data, size);
  scenario::Mutate(scenario, scenario::kMostEvents, prng);
  return Encode(scenario, data, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2, uint8_t* out,
                                            size_t max_out_size, unsigned int seed) {
  assay::Prng prng(seed);
  scenario::Scenario child = scenario::CrossOver(Decode(data1, size1), Decode(data2, size2), prng);
  return Encode(child, out, max_out_size);
}
