// What is sent again behind a loss, one ACK after the other: by duplicates (RFC 5681 and 6582), and
// by what SACK reports (RFC 6675). Each segment holds 536 octets.

#include <initializer_list>

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kThird[] = {"RFC5681-3.2-2", "RFC5681-3.2-5"};
constexpr std::string_view kLimited[] = {"RFC5681-3.2-5", "RFC3042-2-1"};
constexpr std::string_view kPartial[] = {"RFC6582-3.2-1"};
constexpr std::string_view kNotBelow[] = {"RFC6582-3.2-2"};
constexpr std::string_view kNotAgain[] = {"RFC6675-5.1-1"};
constexpr std::string_view kLost[] = {"RFC6675-5-1", "RFC6675-4-2"};
constexpr std::string_view kNews[] = {"RFC6675-5-1"};
constexpr std::string_view kInTurn[] = {"RFC6675-4-4", "RFC6675-5-2"};
constexpr std::string_view kTakenBack[] = {"RFC2018-5.1-1", "RFC2018-5-1"};

constexpr int16_t kSmss = 536;

// The sequence number of the segment, counted from 0.
constexpr int64_t Start(int segment) { return 1 + int64_t{kSmss} * segment; }

void Open(Dialogue& d) {
  d.Peer(WithOptions(Polite(), scenario::MssWord(kSmss)));
  d.Peer(Polite());
}

void Sends(Dialogue& d, int segments) {
  d.User(Call::kSend, static_cast<int16_t>(kSmss * segments));
}

// One of `segments` is lost, the first.
void SendsOneInVain(Dialogue& d, int segments) {
  d.Lose(Fault::kLoseOne);
  Sends(d, segments);
}

void Duplicates(Dialogue& d, int times) {
  for (int i = 0; i < times; ++i) d.Peer(Acking(Flags(kAck), AckBase::kAcknowledged));
}
// The same, to which nothing is said.
void DuplicatesInVain(Dialogue& d, int times) {
  for (int i = 0; i < times; ++i) {
    Duplicates(d, 1);
    d.Silent();
  }
}
void WaitsInVain(Dialogue& d, std::initializer_list<TimeWord> words) {
  for (const TimeWord word : words) {
    d.Wait(word);
    d.Silent();
  }
}
void Acknowledge(Dialogue& d, int16_t octets) {
  d.Peer(Acking(Flags(kAck), AckBase::kAcknowledged, octets));
}

void NothingNewToSend(Dialogue& d) {
  Open(d);
  SendsOneInVain(d, 4);
  d.ExpectSome({.control = kAck, .seq = Start(3)});
  DuplicatesInVain(d, 2);
  Duplicates(d, 1);
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  d.Silent();
}

// A flight and the two segments that limited transmit lets go; half of the flight, and three for
// the duplicates. Returns how many segments were in flight before.
int Recovers(Dialogue& d) {
  Open(d);
  d.Lose(Fault::kLoseThree);
  for (int i = 0; i < 3; ++i) Sends(d, 15);
  const scenario::TesterView& view = d.session().view();
  const int flight = static_cast<int>(view.highest - view.acknowledged) / kSmss;
  for (int i = 0; i < 2; ++i) {
    Duplicates(d, 1);
    d.Expect({.control = kAck, .seq = Start(flight + i), .text = kSmss});
  }
  Duplicates(d, 1);
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  d.Silent();
  // Until the window has grown to what is in flight.
  DuplicatesInVain(d, (flight + 1) / 2 - 1);
  Duplicates(d, 1);
  d.Expect({.control = kAck, .seq = Start(flight + 2), .text = kSmss});
  d.Silent();
  return flight;
}

void LimitedTransmitDoesNotCount(Dialogue& d) { Recovers(d); }

void PartialAckLetsOneGo(Dialogue& d) {
  const int flight = Recovers(d);
  Acknowledge(d, kSmss);
  d.Expect({.control = kAck, .seq = Start(1), .text = kSmss});
  d.Expect({.control = kAck, .seq = Start(flight + 3), .text = kSmss});
  d.Silent();
}

void LessThanASegmentLetsNoneGo(Dialogue& d) {
  Recovers(d);
  Acknowledge(d, 100);
  d.Expect({.control = kAck, .seq = Start(0) + 100});
  d.Silent();
}

// With a time-out of a second that a time of half a second does not end.
void PartialAckRestartsTheTimer(Dialogue& d) {
  Open(d);
  d.Lose(Fault::kLoseThree);
  Sends(d, 4);
  Duplicates(d, 3);
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  d.Wait(TimeWord::k500ms);
  Acknowledge(d, kSmss);
  d.Expect({.control = kAck, .seq = Start(1), .text = kSmss});
  WaitsInVain(d, {TimeWord::k500ms, TimeWord::k250ms});
}

// What was sent before the time-out is not acknowledged as a whole.
void ThreeBehindATimeOut(Dialogue& d) {
  Open(d);
  Sends(d, 4);
  d.ExpectSome({.control = kAck, .seq = Start(3)});
  d.Wait(TimeWord::kUntilOutput10s);
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  Acknowledge(d, kSmss);
  d.Expect({.control = kAck, .seq = Start(1), .text = kSmss});
  d.Expect({.control = kAck, .seq = Start(2), .text = kSmss});
  DuplicatesInVain(d, 3);
}

void MoreThanTwoReported(Dialogue& d) {
  Open(d);
  SendsOneInVain(d, 1);
  Sends(d, 3);
  d.ExpectSome({.control = kAck, .seq = Start(3)});
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
}

void TheSameReportAgain(Dialogue& d) {
  Open(d);
  SendsOneInVain(d, 1);
  Sends(d, 2);
  d.ExpectSome({.control = kAck, .seq = Start(2)});
  for (int i = 0; i < 5; ++i) {
    d.Peer(Polite());
    d.Silent();
  }
}

// Two are lost; of three small ones behind them each is reported alone, and they are too little to
// make anything lost by SACK's word.
void NotLostAndNothingNew(Dialogue& d) {
  Open(d);
  Event off = scenario::Calls(Call::kSend);
  off.twist = scenario::Twist::kTurnOffNagle;
  d.Peer(off);
  SendsOneInVain(d, 1);
  SendsOneInVain(d, 1);
  for (int i = 0; i < 3; ++i) {
    d.User(Call::kSend, 100);
    d.ExpectSome({.control = kAck, .seq = Start(2) + 100 * i, .text = 100});
    d.Silent();
    d.Peer(Polite());
  }
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = Start(1), .text = kSmss});
  d.Silent();
}

void RescuesTheTail(Dialogue& d) {
  Open(d);
  SendsOneInVain(d, 1);
  Sends(d, 4);
  SendsOneInVain(d, 1);
  d.ExpectSome({.control = kAck, .seq = Start(5)});
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = Start(5), .text = kSmss});
  d.Silent();
}

void ReportTakenBack(Dialogue& d) {
  Open(d);
  SendsOneInVain(d, 1);
  Sends(d, 4);
  d.ExpectSome({.control = kAck, .seq = Start(4)});
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = Start(0), .text = kSmss});
  Acknowledge(d, 2 * kSmss);
  d.Wait(TimeWord::kUntilOutput10s);
  d.ExpectSome({.control = kAck, .seq = Start(2), .text = kSmss});
}

constexpr auto kStandard = static_cast<uint32_t>(sut::Capability::kStandardCongestion);
constexpr auto kBySack = kStandard | static_cast<uint32_t>(sut::Capability::kSack);
constexpr auto kVirtualTime = static_cast<uint32_t>(sut::Capability::kVirtualTime);
constexpr std::string_view kArea = "Loss recovery";
constexpr std::string_view kSackArea = "Loss recovery by SACK";

constexpr Case kCases[] = {
    {.name = "REC-01",
     .area = kArea,
     .title = "the third duplicate sends the oldest again where nothing new waits",
     .requirements = kThird,
     .level = rules::Level::kShould,
     .needs = kStandard,
     .run = NothingNewToSend},
    {.name = "REC-02",
     .area = kArea,
     .title = "what limited transmit let go does not count in the half that a recovery leaves",
     .requirements = kLimited,
     .needs = kStandard,
     .run = LimitedTransmitDoesNotCount},
    {.name = "REC-03",
     .area = kArea,
     .title = "a partial ACK of a segment sends the next hole again, and one new segment",
     .requirements = kPartial,
     .level = rules::Level::kProse,
     .needs = kStandard,
     .run = PartialAckLetsOneGo},
    {.name = "REC-04",
     .area = kArea,
     .title = "a partial ACK of less than a segment lets nothing new go",
     .requirements = kPartial,
     .level = rules::Level::kProse,
     .needs = kStandard,
     .run = LessThanASegmentLetsNoneGo},
    {.name = "REC-05",
     .area = kArea,
     .title = "the first partial ACK restarts the timer",
     .requirements = kPartial,
     .level = rules::Level::kProse,
     .needs = kStandard | kVirtualTime,
     .run = PartialAckRestartsTheTimer},
    {.name = "REC-06",
     .area = kArea,
     .title = "behind a time-out duplicates send nothing again until all of then is acknowledged",
     .requirements = kNotBelow,
     .level = rules::Level::kProse,
     .needs = kStandard | kVirtualTime,
     .run = ThreeBehindATimeOut},
    {.name = "SCK-10",
     .area = kSackArea,
     .title = "a hole is lost as soon as more than two segments are reported above it",
     .requirements = kLost,
     .header = {.sack = true},
     .needs = kBySack,
     .run = MoreThanTwoReported},
    {.name = "SCK-11",
     .area = kSackArea,
     .title = "an ACK that reports nothing new is no duplicate",
     .requirements = kNews,
     .header = {.sack = true},
     .needs = kBySack,
     .run = TheSameReportAgain},
    {.name = "SCK-12",
     .area = kSackArea,
     .title = "with nothing lost and nothing new the next hole is sent again",
     .requirements = kInTurn,
     .level = rules::Level::kShould,
     .header = {.sack = true},
     .needs = kBySack | static_cast<uint32_t>(sut::Capability::kNodelay),
     .run = NotLostAndNothingNew},
    {.name = "SCK-13",
     .area = kSackArea,
     .title = "a tail of which nothing is known is sent again once",
     .requirements = kInTurn,
     .level = rules::Level::kShould,
     .header = {.sack = true},
     .needs = kBySack,
     .run = RescuesTheTail},
    {.name = "SCK-14",
     .area = kSackArea,
     .title = "an ACK into what was reported takes it back: the timer sends it again",
     .requirements = kTakenBack,
     .header = {.sack = true},
     .needs = kBySack | kVirtualTime,
     .run = ReportTakenBack},
    {.name = "SCK-15",
     .area = kSackArea,
     .title = "behind a time-out reports begin no recovery until all of then is acknowledged",
     .requirements = kNotAgain,
     .header = {.sack = true},
     .needs = kBySack | kVirtualTime,
     .run = ThreeBehindATimeOut},
};

}  // namespace

std::span<const Case> RecoveryCases() { return kCases; }

}  // namespace assay::cases
