// mutant_judge: what ci/mutate asks of a changed copy of the reference: what is wrong with it?
//
// usage: mutant_judge LIBRARY SCENARIOS SEED [--states]
//
// LIBRARY is built from harness/adapters/reference/reference_library.cc. The stack does not say
// which state it is in, so that the rules judge what an outsider sees; --states lets it. Prints one
// line of fields between tabs: by what (rule, case or nothing), its name, its level, where, and the
// number of runs until then. Exits 0 if nothing is wrong, 1 if something is, 2 on wrong use.

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/cli/first_violation.h"
#include "harness/sut/reticent_stack.h"

namespace {

using Make = assay::sut::StackUnderTest* (*)(const char* profile);

int Refuse(const char* what) {
  std::fprintf(stderr, "mutant_judge: %s\n", what);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 4 || argc > 5 || (argc == 5 && std::strcmp(argv[4], "--states") != 0)) {
    return Refuse("usage: mutant_judge LIBRARY SCENARIOS SEED [--states]");
  }
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Refuse(dlerror());
  const auto make = reinterpret_cast<Make>(dlsym(library, "assay_reference"));
  if (make == nullptr) return Refuse(dlerror());

  std::vector<std::unique_ptr<sut::StackUnderTest>> stacks;
  std::vector<cli::Accused> accused;
  for (const std::string& profile : adapters::ProfileNames()) {
    // Held to what the reference declares, whatever its changed copy does.
    const auto reference = adapters::OpenStack("reference", profile);
    if (!reference.ok()) return Refuse("the reference does not open");
    std::unique_ptr<sut::StackUnderTest> stack(make(profile.c_str()));
    if (argc < 5) stack = std::make_unique<sut::ReticentStack>(std::move(stack));
    stacks.push_back(std::move(stack));
    accused.push_back({profile, stacks.back().get(), reference->profile});
  }
  const cli::Violation found = cli::FindFirstViolation(accused, std::strtoull(argv[2], nullptr, 10),
                                                       std::strtoull(argv[3], nullptr, 10));
  std::printf("%s\t%s\t%s\t%s\t%llu\n", cli::Name(found.by).data(), found.what.c_str(),
              found.level.c_str(), found.where.c_str(),
              static_cast<unsigned long long>(found.runs));
  return found.by == cli::Violation::By::kNothing ? 0 : 1;
}
