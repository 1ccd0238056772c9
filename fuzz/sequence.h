// The sequence target: one endpoint, a hostile peer and a careless application, judged by the
// oracle.
//
// An input is a scenario in records (harness/scenario/record.h). A MUST that is broken, and that is
// not a known deviation of the stack, prints the rule, the section and the ladder, and aborts; the
// input replays with `tcp-assay replay FILE --stack NAME`.

#ifndef ASSAY_FUZZ_SEQUENCE_H_
#define ASSAY_FUZZ_SEQUENCE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/driver/session.h"
#include "harness/observer/profile.h"
#include "harness/sut/stack_under_test.h"

namespace assay::fuzz {

class SequenceTarget {
 public:
  // The stack outlives the target. `name`: what replay calls it.
  SequenceTarget(sut::StackUnderTest& stack, const observer::Profile& profile, std::string name)
      : session_(stack, profile), name_(std::move(name)) {}

  // Always 0: whatever is wrong ends the program.
  int Run(const uint8_t* data, size_t size);

 private:
  [[noreturn]] void Fail(const rules::Finding& finding);

  driver::Session session_;
  std::string name_;
};

}  // namespace assay::fuzz

#endif  // ASSAY_FUZZ_SEQUENCE_H_
