// TamperedStack: another stack whose outgoing packets are changed on their way out.
//
// It is how the oracle is shown to see: a stack that obeys, and one thing that it does not say. It
// forwards everything else and adds no behaviour of its own.

#ifndef ASSAY_HARNESS_SUT_TAMPERED_STACK_H_
#define ASSAY_HARNESS_SUT_TAMPERED_STACK_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "harness/sut/forwarding_stack.h"

namespace assay::sut {

class TamperedStack final : public ForwardingStack {
 public:
  // What becomes of a packet of `size` octets at the front of `packet`: its new size; 0 withholds
  // it. Checksums are the function's own affair.
  using Tamper = std::function<size_t(wire::MutableOctets packet, size_t size)>;

  TamperedStack(std::unique_ptr<StackUnderTest> stack, Tamper tamper)
      : ForwardingStack(std::move(stack)), tamper_(std::move(tamper)) {}

  std::string_view name() const override { return "tampered"; }
  wire::Octets Poll(wire::MutableOctets out) override {
    while (true) {
      const wire::Octets packet = ForwardingStack::Poll(out);
      if (packet.empty()) return packet;
      if (packet.data() != out.data()) std::copy(packet.begin(), packet.end(), out.begin());
      const size_t size = tamper_(out, packet.size());
      if (size > 0) return wire::Octets(out).first(size);
    }
  }

 private:
  Tamper tamper_;
};

}  // namespace assay::sut

#endif  // ASSAY_HARNESS_SUT_TAMPERED_STACK_H_
