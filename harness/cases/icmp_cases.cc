// ICMP errors about what the stack sent.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kInFlight[] = {"RFC5927-4.1-1", "RFC9293-MUST-54"};
constexpr std::string_view kHard[] = {"RFC9293-SHLD-26", "RFC1122-3.2.2.1-1"};
constexpr scenario::Header kConnects{.opening = scenario::Opening::kStackConnects};

Event PortUnreachable(AckBase quoted, int16_t delta) {
  Event event = Acking(Polite(), quoted, delta);
  event.twist = scenario::Twist::kPortUnreachable;
  return event;
}

void QuotesWhatIsNotInFlight(Dialogue& d) {
  d.Expect({.control = kSyn});
  d.Peer(PortUnreachable(AckBase::kHighest, 1'000));
  d.Silent();
  d.InState(State::kSynSent);
  d.Wait(TimeWord::kUntilOutput10s);
  d.Expect({.control = kSyn});
}

void PortUnreachableInSynSent(Dialogue& d) {
  d.Expect({.control = kSyn});
  d.Peer(PortUnreachable(AckBase::kIrs, 0));
  d.Silent();
  d.InState(State::kClosed);
  d.Wait(TimeWord::kUntilOutput10s);
  d.Silent();
}

constexpr Case kCases[] = {
    {.name = "ICM-05",
     .area = "ICMP, addressing, PMTUD",
     .title = "an ICMP error that quotes what is not in flight does nothing",
     .requirements = kInFlight,
     .level = rules::Level::kProse,
     .header = kConnects,
     .presumes = Presumes::kCheckedQuotes,
     .run = QuotesWhatIsNotInFlight},
    {.name = "ICM-08",
     .area = "ICMP, addressing, PMTUD",
     .title = "an unreachable port in SYN-SENT ends the attempt",
     .requirements = kHard,
     .level = rules::Level::kShould,
     .header = kConnects,
     .run = PortUnreachableInSynSent},
};

}  // namespace

std::span<const Case> IcmpCases() { return kCases; }

}  // namespace assay::cases
