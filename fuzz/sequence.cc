#include "fuzz/sequence.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "harness/report/ladder.h"
#include "harness/report/violation_of.h"
#include "harness/scenario/record.h"
#include "stack/base/check.h"

namespace assay::fuzz {

int SequenceTarget::Run(const uint8_t* data, size_t size) {
  const scenario::Scenario scenario = scenario::DecodeRecords(std::as_bytes(std::span(data, size)));
  session_.set_recording(driver::Recording::kOff);
  if (!session_.Run(scenario)) return 0;
  if (session_.judge().violation() == nullptr) return 0;
  // The same again, now with a trace to show.
  session_.set_recording(driver::Recording::kOn);
  session_.Run(scenario);
  const rules::Finding* broken = session_.judge().violation();
  ASSAY_CHECK(broken != nullptr);
  Fail(*broken);
}

void SequenceTarget::Fail(const rules::Finding& finding) {
  const report::Violation violation = report::ViolationOf(finding);
  const std::vector<report::Violation> violations = {violation};
  report::LadderOptions options;
  options.right_name = name_;
  options.violations = violations;
  std::fprintf(stderr,
               "\n%s breaks %s (%s)\n\n%s\nreplay: tcp-assay replay FILE --stack %s\n"
               "digest: %016llx\n",
               name_.c_str(), violation.rule.c_str(), violation.section.c_str(),
               report::Ladder(session_.trace(), options).c_str(), name_.c_str(),
               static_cast<unsigned long long>(session_.trace().digest()));
  std::abort();
}

}  // namespace assay::fuzz
