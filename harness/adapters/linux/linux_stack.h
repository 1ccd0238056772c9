// This machine's kernel as a stack under test, in a network namespace of its own; see sandbox.h.
//
// Each Reset makes a new namespace, so that nothing of one run is left in the next. Any number of
// these stacks may run side by side.
//
// Time is real, but what happened when is not left to when this process got to run: the kernel
// notes the time of each packet that it sends. Now() is where the caller has got to; Poll gives
// what was sent up to then, or by the last call, and what was sent later waits for Advance.
// Advance(0) catches up with the clock, at most to the next packet.

#ifndef ASSAY_HARNESS_ADAPTERS_LINUX_LINUX_STACK_H_
#define ASSAY_HARNESS_ADAPTERS_LINUX_LINUX_STACK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "harness/adapters/linux/sandbox.h"
#include "harness/sut/stack_under_test.h"

namespace assay::adapters {

// An error where no network namespace is to be had, with the reason.
absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> MakeLinuxStack();

// The same by this wire; that it is to be had is the caller's to know.
std::unique_ptr<sut::StackUnderTest> MakeLinuxStack(Wire wire);

}  // namespace assay::adapters

#endif  // ASSAY_HARNESS_ADAPTERS_LINUX_LINUX_STACK_H_
