// ForwardingStack: another stack, with every call handed on to it: what a stack that differs in one
// thing is made of.

#ifndef ASSAY_HARNESS_SUT_FORWARDING_STACK_H_
#define ASSAY_HARNESS_SUT_FORWARDING_STACK_H_

#include <memory>
#include <utility>

#include "harness/sut/stack_under_test.h"

namespace assay::sut {

class ForwardingStack : public StackUnderTest {
 public:
  explicit ForwardingStack(std::unique_ptr<StackUnderTest> stack) : stack_(std::move(stack)) {}

  std::string_view name() const override { return stack_->name(); }
  std::string_view version() const override { return stack_->version(); }
  const Capabilities& capabilities() const override { return stack_->capabilities(); }
  bool Reset(const Config& config) override { return stack_->Reset(config); }
  void Deliver(wire::Octets packet) override { stack_->Deliver(packet); }
  wire::Octets Poll(wire::MutableOctets out) override { return stack_->Poll(out); }
  Instant Now() override { return stack_->Now(); }
  Duration Advance(Duration duration, bool stop_at_output) override {
    return stack_->Advance(duration, stop_at_output);
  }
  Instant NextTimer() override { return stack_->NextTimer(); }
  Opened Listen(uint16_t port, uint32_t backlog) override { return stack_->Listen(port, backlog); }
  Opened Connect(uint16_t local_port, uint16_t remote_port) override {
    return stack_->Connect(local_port, remote_port);
  }
  Accepted Accept(Handle listener) override { return stack_->Accept(listener); }
  Transfer Send(Handle handle, wire::Octets data, uint32_t flags) override {
    return stack_->Send(handle, data, flags);
  }
  Transfer Recv(Handle handle, wire::MutableOctets out) override {
    return stack_->Recv(handle, out);
  }
  CallError ShutdownWrite(Handle handle) override { return stack_->ShutdownWrite(handle); }
  CallError Close(Handle handle) override { return stack_->Close(handle); }
  CallError Abort(Handle handle) override { return stack_->Abort(handle); }
  ReportedState State(Handle handle) override { return stack_->State(handle); }
  CallError Error(Handle handle) override { return stack_->Error(handle); }
  CallError SetOption(Handle handle, Option option, int64_t value) override {
    return stack_->SetOption(handle, option, value);
  }
  std::string_view LastFault() override { return stack_->LastFault(); }

 private:
  std::unique_ptr<StackUnderTest> stack_;
};

}  // namespace assay::sut

#endif  // ASSAY_HARNESS_SUT_FORWARDING_STACK_H_
