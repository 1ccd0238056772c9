#include "harness/adapters/stacks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "harness/adapters/known_tables.h"
#include "harness/adapters/reference/reference_stack.h"
#include "harness/requirements/requirement.h"
#include "harness/sut/shim_stack.h"
#ifdef ASSAY_HAS_LWIP
#include "harness/adapters/lwip/lwip_stack.h"
#endif
#ifdef ASSAY_HAS_LINUX
#include "harness/adapters/linux/linux_stack.h"
#endif

namespace assay::adapters {
namespace {

absl::Status ApplyProfile(std::string_view name, observer::Profile& profile) {
  if (name.empty() || name == "rfc9293") return absl::OkStatus();
  if (name == "rfc793") {
    profile.challenges_reset = false;
    profile.challenges_syn = false;
    profile.checks_quotes = false;
    return absl::OkStatus();
  }
  if (name == "hardened") {
    profile.throttle = Duration::Seconds(5);
    profile.refuses_old_acks = true;
    profile.half_duplex_close = true;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown profile \"", std::string(name),
      "\"; there are: ", absl::StrJoin(ProfileNames(), ", "), ", ", std::string(kDiscovered)));
}

absl::Status UseKnown(std::string_view table, Stack& stack) {
  absl::StatusOr<std::vector<KnownDeviation>> known = ParseKnown(table);
  if (!known.ok()) return known.status();
  stack.known = *std::move(known);
  for (const KnownDeviation& deviation : stack.known) {
    if (deviation.quirk.has_value()) stack.profile.quirks.Add(*deviation.quirk);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ProfileNames() { return {"rfc793", "rfc9293", "hardened"}; }

std::vector<StackName> StackNames() {
  return {
      {"reference", "the reference TCP of this project"},
#ifdef ASSAY_HAS_LWIP
      {"lwip", "lwIP 2.1.3, in process"},
#endif
#ifdef ASSAY_HAS_LINUX
      {"linux", "this machine's kernel, in real time and a network namespace", Clock::kReal},
#endif
  };
}

observer::Profile ProfileOf(const sut::Capabilities& capabilities) {
  observer::Profile profile;
  profile.tick = capabilities.timer_quantum;
  if (capabilities.two_msl > Duration()) profile.two_msl = capabilities.two_msl;
  if (capabilities.rto_min > Duration()) {
    profile.rto_min = std::min(profile.rto_min, capabilities.rto_min);
  }
  profile.mss_floor = capabilities.mss_floor;
  profile.virtual_time = capabilities.Has(sut::Capability::kVirtualTime);
  profile.window_scale = capabilities.Has(sut::Capability::kWindowScale);
  profile.timestamps = capabilities.Has(sut::Capability::kTimestamps);
  profile.standard_congestion = capabilities.Has(sut::Capability::kStandardCongestion);
  return profile;
}

absl::StatusOr<std::vector<KnownDeviation>> ParseKnown(std::string_view text) {
  std::vector<KnownDeviation> known;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++number;
    if (line.empty() || line[0] == '#' || number == 1) continue;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() != 4) {
      return absl::InvalidArgumentError(
          absl::StrCat("known.tsv:", number, ": ", fields.size(), " fields, not 4"));
    }
    std::optional<observer::Quirk> quirk;
    std::string case_name;
    if (fields[0].starts_with("case:")) {
      case_name = fields[0].substr(5);
    } else {
      quirk = observer::QuirkNamed(fields[0]);
    }
    if (!quirk.has_value() && case_name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("known.tsv:", number, ": no quirk is named \"", fields[0], "\""));
    }
    if (requirements::Find(fields[1]) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("known.tsv:", number, ": no requirement \"", fields[1], "\""));
    }
    known.push_back({quirk, case_name, fields[1], fields[2], fields[3]});
  }
  return known;
}

absl::StatusOr<Stack> OpenStack(const std::string& name, std::string_view profile) {
  Stack out;
  out.name = name;
  if (name == "reference") {
    out.stack = MakeReferenceStack(PolicyFor(profile));
    out.profile = ProfileOf(out.stack->capabilities());
    if (absl::Status status = ApplyProfile(profile, out.profile); !status.ok()) return status;
    return out;
  }
#ifdef ASSAY_HAS_LWIP
  if (name == "lwip") {
    absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> stack = lwip::MakeLwipStack();
    if (!stack.ok()) return stack.status();
    out.stack = *std::move(stack);
    out.profile = ProfileOf(out.stack->capabilities());
    if (absl::Status status = ApplyProfile(profile, out.profile); !status.ok()) return status;
    if (absl::Status status = UseKnown(kLwipKnown, out); !status.ok()) return status;
    return out;
  }
#endif
#ifdef ASSAY_HAS_LINUX
  if (name == "linux") {
    absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> stack = MakeLinuxStack();
    if (!stack.ok()) return stack.status();
    out.stack = *std::move(stack);
    out.another = [] { return *MakeLinuxStack(); };
    out.profile = ProfileOf(out.stack->capabilities());
    if (absl::Status status = ApplyProfile(profile, out.profile); !status.ok()) return status;
    if (absl::Status status = UseKnown(kLinuxKnown, out); !status.ok()) return status;
    return out;
  }
#endif
  if (name.find('/') != std::string::npos || name.ends_with(".so")) {
    absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> stack = sut::LoadShim(name);
    if (!stack.ok()) return stack.status();
    out.stack = *std::move(stack);
    out.name = std::string(out.stack->name());
    out.profile = ProfileOf(out.stack->capabilities());
    if (absl::Status status = ApplyProfile(profile, out.profile); !status.ok()) return status;
    return out;
  }
  std::vector<std::string> names;
  for (const StackName& known : StackNames()) names.emplace_back(known.name);
  return absl::NotFoundError(absl::StrCat("unknown stack \"", name,
                                          "\"; there are: ", absl::StrJoin(names, ", "),
                                          ", or the path of a shim library (.so)"));
}

}  // namespace assay::adapters
