// The reference TCP as a stack under test.
//
// It translates and nothing else: what a call answers is what host::Host answers. Time is exact to
// the nanosecond, and a reset leaves no trace of what was before.

#ifndef ASSAY_HARNESS_ADAPTERS_REFERENCE_REFERENCE_STACK_H_
#define ASSAY_HARNESS_ADAPTERS_REFERENCE_REFERENCE_STACK_H_

#include <memory>
#include <string_view>

#include "harness/sut/stack_under_test.h"
#include "stack/tcp/policy.h"

namespace assay::adapters {

// The choices of a profile: "rfc793", "hardened", or else those of RFC 9293.
tcp::Policy PolicyFor(std::string_view profile);

std::unique_ptr<sut::StackUnderTest> MakeReferenceStack(
    const tcp::Policy& policy = tcp::Policy::Rfc9293());

}  // namespace assay::adapters

#endif  // ASSAY_HARNESS_ADAPTERS_REFERENCE_REFERENCE_STACK_H_
