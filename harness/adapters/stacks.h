// The stacks that this program can put under test, by name, each with the profile it is held to.
//
// A name with a slash in it, or one that ends in ".so", is a shim library to load.

#ifndef ASSAY_HARNESS_ADAPTERS_STACKS_H_
#define ASSAY_HARNESS_ADAPTERS_STACKS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/observer/profile.h"
#include "harness/sut/stack_under_test.h"

namespace assay::adapters {

// One line of an adapter's known.tsv.
struct KnownDeviation {
  // What shows it: an extra transition of the observer, or, where no rule judges it, a case.
  std::optional<observer::Quirk> quirk;
  std::string case_name;
  std::string requirement;
  std::string reason;
  std::string where;
};

struct Stack {
  std::string name;
  std::unique_ptr<sut::StackUnderTest> stack;
  observer::Profile profile;
  std::vector<KnownDeviation> known;
  // Another one like it that runs beside it, where waiting for one at a time would take long.
  std::function<std::unique_ptr<sut::StackUnderTest>()> another;
};

// The profile that a stack shows itself, which is for whoever opens it to find out.
inline constexpr std::string_view kDiscovered = "discovered";

// What the choices of a run are held to: "rfc793", "rfc9293" or "hardened".
std::vector<std::string> ProfileNames();

// Opens a stack. An unknown name is answered with the list of those that there are; `profile` is
// empty for the stack's own.
absl::StatusOr<Stack> OpenStack(const std::string& name, std::string_view profile);

// Whether a stack's time is a number, or a clock's that nobody can wind on.
enum class Clock : uint8_t { kVirtual, kReal };

struct StackName {
  std::string_view name;
  std::string_view what;
  Clock clock = Clock::kVirtual;
};
std::vector<StackName> StackNames();

// The profile that capabilities alone tell.
observer::Profile ProfileOf(const sut::Capabilities& capabilities);

// Reads a known.tsv: a heading, then quirk (or "case:NAME"), requirement, reason and where in each
// line. Errors name the line.
absl::StatusOr<std::vector<KnownDeviation>> ParseKnown(std::string_view text);

}  // namespace assay::adapters

#endif  // ASSAY_HARNESS_ADAPTERS_STACKS_H_
