// lwIP 2.1.3 as a stack under test. One a process at a time: its state is global.

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_STACK_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_STACK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "harness/sut/stack_under_test.h"

namespace assay::lwip {

absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> MakeLwipStack();

}  // namespace assay::lwip

#endif  // ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_STACK_H_
