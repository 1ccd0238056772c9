// How much is in flight over many round trips, behind a loss.

#include <algorithm>

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kRecovers[] = {"RFC5681-3.2-5", "RFC5681-3.2-6", "RFC5681-3.2-7",
                                          "RFC5681-4.3-1"};
constexpr std::string_view kAvoids[] = {"RFC5681-3.1-6"};
constexpr std::string_view kNotBelow[] = {"RFC6582-3.2-2"};
constexpr std::string_view kNotAgain[] = {"RFC6675-5.1-1"};
constexpr uint16_t kSmss = 536;

uint32_t InFlight(Dialogue& d) {
  return d.session().view().highest - d.session().view().acknowledged;
}

// As much as there is room for.
void FillTheQueue(Dialogue& d) {
  for (int i = 0; i < 8; ++i) d.User(Call::kSend, 8000);
}

// Round trips in which all that was sent is acknowledged at once.
void RoundTrips(Dialogue& d, int trips) {
  for (int i = 0; i < trips; ++i) {
    d.Peer(Polite());
    FillTheQueue(d);
  }
}

void FillTheFlight(Dialogue& d) {
  d.Peer(WithOptions(Polite(), scenario::MssWord(kSmss)));
  d.Peer(Polite());
  FillTheQueue(d);
  RoundTrips(d, 4);
}

// The oldest segment seems lost: what was sent behind it calls for duplicates. Then all is
// acknowledged that was sent until the third.
void LoseOne(Dialogue& d) {
  const scenario::TesterView& view = d.session().view();
  uint32_t until = view.highest;
  const uint32_t behind = InFlight(d) / kSmss - 1;
  for (uint32_t i = 1; i <= behind; ++i) {
    if (i == 3) until = view.highest;
    d.Peer(Acking(Flags(kAck), AckBase::kAcknowledged));
  }
  d.Peer(
      Acking(Flags(kAck), AckBase::kAcknowledged, static_cast<int16_t>(until - view.acknowledged)));
  FillTheQueue(d);
}

void ExpectAtMost(Dialogue& d, uint32_t octets) {
  d.That(InFlight(d) <= octets, "at most " + std::to_string(octets) + " octets in flight",
         std::to_string(InFlight(d)));
}

void Deflates(Dialogue& d) {
  FillTheFlight(d);
  const uint32_t before = InFlight(d);
  LoseOne(d);
  // A segment for each of the two that limited transmit let go, and one for the last ACK.
  ExpectAtMost(d, std::max<uint32_t>(before / 2, 2 * kSmss) + 3 * kSmss);
}

void AvoidsCongestion(Dialogue& d) {
  FillTheFlight(d);
  const uint32_t before = InFlight(d);
  LoseOne(d);
  constexpr uint32_t kTrips = 100;
  RoundTrips(d, kTrips);
  ExpectAtMost(d, std::max<uint32_t>(before / 2, 2 * kSmss) + (kTrips + 3) * kSmss);
}

// After a time-out duplicates tell of what was sent before it.
void OnlyTheTimer(Dialogue& d) {
  FillTheFlight(d);
  d.Wait(TimeWord::kUntilOutput10s);
  for (int i = 0; i < 3; ++i) {
    d.Peer(Acking(Flags(kAck), AckBase::kAcknowledged));
    d.Silent();
  }
}

constexpr auto kStandard = static_cast<uint32_t>(sut::Capability::kStandardCongestion);

constexpr auto kVirtualTime = static_cast<uint32_t>(sut::Capability::kVirtualTime);

constexpr Case kCases[] = {
    {.name = "CON-01",
     .area = "Congestion control",
     .title = "after a loss half of what was in flight, and what duplicate ACKs lent is given back",
     .requirements = kRecovers,
     .needs = kStandard,
     .run = Deflates},
    {.name = "CON-02",
     .area = "Congestion control",
     .title = "behind a loss the window grows by one segment a round trip",
     .requirements = kAvoids,
     .needs = kStandard,
     .run = AvoidsCongestion},
    {.name = "CON-03",
     .area = "Congestion control",
     .title = "behind a time-out three duplicate ACKs send nothing again",
     .requirements = kNotBelow,
     .level = rules::Level::kProse,
     .needs = kStandard | kVirtualTime,
     .run = OnlyTheTimer},
    {.name = "CON-04",
     .area = "Congestion control",
     .title = "nor do they where SACK was agreed on",
     .requirements = kNotAgain,
     .header = {.sack = true},
     .needs = kStandard | kVirtualTime | static_cast<uint32_t>(sut::Capability::kSack),
     .run = OnlyTheTimer},
};

}  // namespace

std::span<const Case> CongestionCases() { return kCases; }

}  // namespace assay::cases
