// The sequence target on the reference stack.

#include "fuzz/sequence.h"
#include "harness/adapters/stacks.h"
#include "stack/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto stack = assay::adapters::OpenStack("reference", "");
  ASSAY_CHECK(stack.ok());
  static assay::fuzz::SequenceTarget target(*stack->stack, stack->profile, "reference");
  return target.Run(data, size);
}
