// Policies as a list of decisions: a ready-made one, and knobs that are set otherwise.
//
// A failure shrinks to the knobs that it needs, by name.

#ifndef ASSAY_PROPERTIES_POLICY_GENERATORS_H_
#define ASSAY_PROPERTIES_POLICY_GENERATORS_H_

#include <cstdint>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "rapidcheck.h"
#include "stack/tcp/policy.h"

namespace assay::properties {

struct Knob {
  std::string_view name;
  std::vector<int64_t> values;  // durations in milliseconds
  void (*set)(tcp::Policy&, int64_t);
};

// Every knob of the policy that is a choice.
std::span<const Knob> Knobs();

enum class ReadyMade : uint8_t { kRfc9293, kRfc793, kHardened };

struct PolicyChoice {
  struct Setting {
    size_t knob = 0;
    size_t value = 0;
  };
  ReadyMade base = ReadyMade::kRfc9293;
  std::vector<Setting> settings;

  tcp::Policy policy() const;
};

void showValue(const PolicyChoice& choice, std::ostream& out);

rc::Gen<PolicyChoice> AnyPolicy();

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_POLICY_GENERATORS_H_
