// ReticentStack: another stack that does not say which state it is in.
//
// What a judge still finds wrong with it, it has concluded from packets and from the answers of
// calls alone.

#ifndef ASSAY_HARNESS_SUT_RETICENT_STACK_H_
#define ASSAY_HARNESS_SUT_RETICENT_STACK_H_

#include <memory>
#include <utility>

#include "harness/sut/forwarding_stack.h"

namespace assay::sut {

class ReticentStack final : public ForwardingStack {
 public:
  explicit ReticentStack(std::unique_ptr<StackUnderTest> stack)
      : ForwardingStack(std::move(stack)), capabilities_(ForwardingStack::capabilities()) {
    capabilities_.bits &= ~static_cast<uint32_t>(Capability::kState);
  }

  const Capabilities& capabilities() const override { return capabilities_; }
  ReportedState State(Handle) override { return {}; }

 private:
  Capabilities capabilities_;
};

}  // namespace assay::sut

#endif  // ASSAY_HARNESS_SUT_RETICENT_STACK_H_
