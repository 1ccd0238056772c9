// ASSAY_CHECK: our own mistakes end the program, in every build.
//
// Hostile input never gets here: it is a value, judged and answered. A failed check means that
// Assay itself is wrong, and going on would turn its verdicts into guesses.

#ifndef ASSAY_STACK_BASE_CHECK_H_
#define ASSAY_STACK_BASE_CHECK_H_

namespace assay {

[[noreturn, gnu::cold]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace assay

#define ASSAY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::assay::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // ASSAY_STACK_BASE_CHECK_H_
