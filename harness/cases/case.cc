#include "harness/cases/case.h"

#include <algorithm>

#include "harness/sut/stack_under_test.h"

namespace assay::cases {

std::span<const Case> AllCases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> cases;
    for (auto area :
         {SegmentCases(), OpeningCases(), TransferCases(), CongestionCases(), RecoveryCases(),
          KeepAliveCases(), ResetCases(), ClosingCases(), IcmpCases(), ClassicCases()}) {
      cases.insert(cases.end(), area.begin(), area.end());
    }
    return cases;
  }();
  return all;
}

const Case* FindCase(std::string_view name) {
  const auto all = AllCases();
  const auto found = std::ranges::find(all, name, &Case::name);
  return found == all.end() ? nullptr : &*found;
}

std::string MissingFor(const Case& c, bool ipv6, const sut::Capabilities& capabilities,
                       const observer::Profile& profile) {
  uint32_t needs = c.needs;
  needs |= static_cast<uint32_t>(ipv6 ? sut::Capability::kIpv6 : sut::Capability::kIpv4);
  needs |= static_cast<uint32_t>(c.header.opening == scenario::Opening::kStackConnects
                                     ? sut::Capability::kConnect
                                     : sut::Capability::kListen);
  for (uint32_t rest = needs & ~capabilities.bits; rest != 0; rest &= rest - 1) {
    return std::string(sut::Name(static_cast<sut::Capability>(rest & -rest)));
  }
  switch (c.presumes) {
    case Presumes::kNothing:
      break;
    case Presumes::kChallengedReset:
      if (!profile.challenges_reset) return "challenge of a RST (not in this profile)";
      break;
    case Presumes::kChallengedSyn:
      if (!profile.challenges_syn) return "challenge of a SYN (not in this profile)";
      break;
    case Presumes::kCheckedQuotes:
      if (!profile.checks_quotes) return "a look at what ICMP errors quote (not in this profile)";
      break;
    case Presumes::kThrottle:
      if (profile.throttle == Duration()) return "a limit of challenges (not in this profile)";
      break;
  }
  return "";
}

CaseRun RunCase(const Case& c, bool ipv6, driver::Session& session) {
  CaseRun run;
  run.missing = MissingFor(c, ipv6, session.stack().capabilities(), session.profile());
  if (!run.missing.empty()) {
    run.outcome = Outcome::kNotSupported;
    return run;
  }
  scenario::Header header = c.header;
  header.ipv6 = ipv6;
  if (!session.Begin(header)) {
    run.outcome = Outcome::kFailed;
    run.failure = "the stack cannot be reset to the case's configuration";
    return run;
  }
  Dialogue dialogue(session);
  c.run(dialogue);
  session.End();

  run.failure = dialogue.failure();
  run.failed_at = dialogue.failed_at();
  run.findings = session.judge().findings();
  run.trace = session.trace();
  run.scenario = dialogue.recorded();
  run.scenario.header = header;
  run.fits_scenario = dialogue.fits_scenario();
  run.digest = session.trace().digest();

  const bool known = std::ranges::any_of(run.findings, &rules::Finding::is_known);
  // What comes after an expectation is no reason why it was not met.
  const bool explains = std::ranges::any_of(run.findings, [&run](const rules::Finding& f) {
    return f.is_known() && f.event <= run.failed_at;
  });
  const auto unknown = [&](rules::Level level) {
    return std::ranges::any_of(run.findings, [level](const rules::Finding& f) {
      return !f.is_known() && f.rule->level == level;
    });
  };
  if (unknown(rules::Level::kMust)) {
    run.outcome = Outcome::kFailed;
  } else if (!run.failure.empty() && !explains) {
    run.outcome = c.level == rules::Level::kMust ? Outcome::kFailed : Outcome::kWarned;
  } else if (known) {
    run.outcome = Outcome::kKnown;
  } else if (unknown(rules::Level::kShould) || unknown(rules::Level::kProse)) {
    run.outcome = Outcome::kWarned;
  } else if (session.gave_up()) {
    run.outcome = Outcome::kGaveUp;
  }
  return run;
}

}  // namespace assay::cases
