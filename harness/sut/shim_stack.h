// ShimStack: a stack behind assay_shim.h as a StackUnderTest, and the loader of shim libraries.
//
// The loader refuses by name: a library without the symbol, of another ABI version, of another
// struct size, or with a required function missing. Answers that the interface does not allow (a
// length beyond the buffer, time that runs backwards) end in a fault, which LastFault reports.

#ifndef ASSAY_HARNESS_SUT_SHIM_STACK_H_
#define ASSAY_HARNESS_SUT_SHIM_STACK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "harness/sut/assay_shim.h"
#include "harness/sut/stack_under_test.h"

namespace assay::sut {

// Checks that `shim` is whole: version, size, name, required functions. The error says which one is
// missing; `origin` names the library in it.
absl::Status CheckShim(const assay_shim* shim, const std::string& origin);

// A stack behind a shim that is linked into this program.
absl::StatusOr<std::unique_ptr<StackUnderTest>> OpenShim(const assay_shim* shim,
                                                         const std::string& origin);

// A stack in a shared library: `path` has a slash in it, or ends in ".so".
absl::StatusOr<std::unique_ptr<StackUnderTest>> LoadShim(const std::string& path);

}  // namespace assay::sut

#endif  // ASSAY_HARNESS_SUT_SHIM_STACK_H_
