// The reference as a library of its own, for ci/mutate: a copy of it that was changed stands beside
// the oracle, which has its own copy of what both are built of.

#include <string_view>

#include "harness/adapters/reference/reference_stack.h"

// The caller owns what it gets. `profile`: a name of adapters::ProfileNames().
extern "C" __attribute__((visibility("default"))) assay::sut::StackUnderTest* assay_reference(
    const char* profile) {
  return assay::adapters::MakeReferenceStack(assay::adapters::PolicyFor(profile)).release();
}
