#include "harness/adapters/lwip/lwip_stack.h"

#include "harness/adapters/lwip/lwip_shim.h"
#include "harness/sut/shim_stack.h"

namespace assay::lwip {

absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> MakeLwipStack() {
  return sut::OpenShim(assay_lwip_shim(), "lwip");
}

}  // namespace assay::lwip
