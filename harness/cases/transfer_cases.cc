// Acceptability, acknowledgment, delivery, windows, Nagle and retransmission.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kAccept[] = {"RFC9293-P-3.4-ACCEPT", "RFC9293-P-3.5.2-SYNC-ACK"};
constexpr std::string_view kTrim[] = {"RFC9293-P-3.10.7.4-TRIM"};
constexpr std::string_view kNoAckBit[] = {"RFC9293-P-3.10.7.4-NOACKBIT"};
constexpr std::string_view kTooNew[] = {"RFC9293-P-3.5.2-SYNC-ACK"};
constexpr std::string_view kAckOfAck[] = {"RFC5681-4.2-3"};
constexpr std::string_view kDelayed[] = {"RFC9293-MUST-40", "RFC5681-4.2-1"};
constexpr std::string_view kHeld[] = {"RFC9293-SHLD-31", "RFC9293-MUST-59"};
constexpr std::string_view kFinOutOfOrder[] = {"RFC9293-SHLD-31", "RFC9293-P-3.10.7.4-TRIM"};
constexpr std::string_view kInside[] = {"RFC9293-P-3.8-WINLIMIT"};
constexpr std::string_view kProbe[] = {"RFC9293-MUST-36", "RFC9293-SHLD-29"};
constexpr std::string_view kProbed[] = {"RFC9293-MUST-37", "RFC9293-SHLD-30"};
constexpr std::string_view kAnswersProbe[] = {"RFC9293-MAY-8", "RFC9293-P-3.5.2-SYNC-ACK"};
constexpr std::string_view kNagle[] = {"RFC9293-SHLD-7"};
constexpr std::string_view kBackOff[] = {"RFC9293-MUST-19", "RFC6298-5.5-1",
                                         "RFC9293-P-3.10.8-RTX"};
constexpr std::string_view kFollows[] = {"RFC6298-2.2-1", "RFC6298-2.3-1", "RFC6298-2.3-2"};
constexpr std::string_view kMeasured[] = {"RFC9293-MUST-18", "RFC6298-2.3-1"};
constexpr std::string_view kClosedToText[] = {"RFC9293-MUST-66", "RFC9293-P-3.4-ACCEPT"};
constexpr std::string_view kLongIdle[] = {"RFC7323-5.5-1"};
constexpr std::string_view kSynBackOff[] = {"RFC9293-MUST-22", "RFC6298-5.5-1"};
constexpr scenario::Header kConnects{.opening = scenario::Opening::kStackConnects};
constexpr scenario::Header kReaderPauses{.reads_when_told = true};

std::string Seconds(Duration d) { return std::to_string(d.ns() / 1'000'000) + " ms"; }

void BeyondTheEdge(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Polite(10), SeqBase::kRightEdge, 1));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.HasRead(0);
  d.InState(State::kEstablished);
}

void OldAndNew(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(100));
  d.Acknowledges(101);
  d.Peer(At(Polite(60), -40));
  d.Acknowledges(121);
  d.HasRead(120);
}

void AckBitOff(Dialogue& d) {
  d.Handshake();
  d.Peer(Flags(kPsh, 10));
  d.Silent();
  d.Wait(TimeWord::k1s);
  d.Silent();
  d.HasRead(0);
}

void AckTooNew(Dialogue& d) {
  d.Handshake();
  d.Peer(Acking(Flags(kAck | kPsh, 10), 1));
  d.Acknowledges(1);
  d.HasRead(0);
  d.InState(State::kEstablished);
}

void PureAck(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite());
  d.Silent();
  d.Wait(TimeWord::k1s);
  d.Silent();
  d.InState(State::kEstablished);
}

void OneSegment(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(1000));
  d.Acknowledges(1001);
}

void GapFilled(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(100));
  d.Acknowledges(101);
  d.Peer(At(Flags(kAck | kPsh, 100), 100));
  d.HasRead(100);
  d.Peer(Polite(100));
  d.Acknowledges(301);
  d.HasRead(300);
}

void FinBeforeItsData(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kFin | kAck), 100));
  d.InState(State::kEstablished);
  d.Peer(Polite(100));
  d.Acknowledges(102);
  d.HasRead(100);
  d.EndOfStream();
  d.InState(State::kCloseWait);
}

void FillsTheWindow(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Offering(Flags(kAck), 1024));
  d.InState(State::kEstablished);
  d.User(Call::kSend, 3000);
  // A window below the MSS may wait for the override of silly-window avoidance (3.8.6.2.1).
  d.Wait(TimeWord::k20s);
  d.That(d.session().view().highest - d.session().view().irs == 1025, "the 1024 octets that fit",
         std::to_string(d.session().view().highest - d.session().view().irs - 1) + " octets");
}

void ZeroWindowProbed(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Offering(Flags(kAck), 0));
  d.User(Call::kSend, 100);
  d.Silent();
  d.Wait(TimeWord::kUntilOutput10s);
  d.That(d.Last().header.has_value() && !d.Last().header->syn(), "a probe within 10 s", "silence");
}

void ProbedWithoutEnd(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Offering(Flags(kAck), 0));
  d.User(Call::kSend, 100);
  for (int i = 0; i < 8; ++i) {
    d.Wait(TimeWord::kUntilOutput250s);
    d.Peer(Offering(At(Acking(Flags(kAck), AckBase::kIrs, 1), SeqBase::kNext), 0));
  }
  d.InState(State::kEstablished);
  d.Peer(Acking(Flags(kAck), AckBase::kIrs, 1));
  d.Wait(TimeWord::kUntilOutput250s);
  const wire::Segment last = d.Last();
  d.That(!last.payload.empty(), "the data once the window opens", "none of it");
}

void AnswersAProbe(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kAck), -1));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.Peer(At(Flags(kAck, 1), -1));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.HasRead(0);
}

// What refuses the text does not refuse the ACK that comes with it.
void AckInAClosedWindow(Dialogue& d) {
  d.Handshake();
  Event windowful = Flags(kAck | kPsh);
  windowful.length.unit = scenario::LengthUnit::kWindow;
  for (int i = 0; i < 64 && d.session().view().window > 0; ++i) d.Peer(windowful);
  d.That(d.session().view().window == 0, "a closed window",
         std::to_string(d.session().view().window) + " octets");
  d.User(Call::kSend, 100);
  d.ExpectSome({.control = kAck, .seq = 1, .text = 100});
  d.Peer(At(Polite(1), SeqBase::kRightEdge));
  d.ExpectSome({.control = kAck, .seq = 101, .text = 0, .window = 0});
  d.Wait(TimeWord::k3s);
  d.Silent();
}

// The one octet that was queued is acknowledged, by an ACK that keeps the window closed.
void NothingIsLeftToProbe(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Offering(Flags(kAck), 0));
  d.User(Call::kSend, 1);
  d.Wait(TimeWord::kUntilOutput10s);
  const wire::Segment probe = d.Last();
  d.That(probe.header.has_value() && !probe.header->syn(), "a probe within 10 s", "silence");
  // Where the probe has no new octet, an open window brings it.
  if (d.session().view().highest - d.session().view().irs != 2) d.Peer(Acking(Flags(kAck), 0));
  d.ExpectSome({.control = kAck, .seq = 1, .text = 1});
  d.Peer(Offering(Acking(Flags(kAck), AckBase::kHighest), 0));
  d.Wait(TimeWord::k75s);
  d.Silent();
}

void SmallSegmentsWait(Dialogue& d) {
  d.Handshake();
  d.User(Call::kSend, 10);
  d.Expect({.control = kAck, .seq = 1, .text = 10});
  d.User(Call::kSend, 10);
  d.Silent();
  d.User(Call::kSend, 10);
  d.Silent();
  d.Peer(Polite());
  d.Expect({.control = kAck, .seq = 11, .text = 20});
}

void BacksOff(Dialogue& d) {
  d.Handshake();
  d.User(Call::kSend, 100);
  d.Expect({.control = kAck, .seq = 1, .text = 100});
  Duration before;
  for (int i = 0; i < 4; ++i) {
    d.Wait(TimeWord::kUntilOutput250s);
    d.Expect({.control = kAck, .seq = 1, .text = 100});
    const Duration gap = d.GapOfLastTwo();
    // Doubling, give or take a coarse tick on either side.
    d.That(i == 0 || gap * 5 >= before * 8, "a gap of about twice " + Seconds(before),
           Seconds(gap));
    before = gap;
  }
}

void SynBacksOff(Dialogue& d) {
  Duration before;
  for (int i = 0; i < 4; ++i) {
    d.Wait(TimeWord::kUntilOutput250s);
    d.Expect({.control = kSyn});
    const Duration gap = d.GapOfLastTwo();
    d.That(i == 0 || gap * 5 >= before * 8, "a gap of about twice " + Seconds(before),
           Seconds(gap));
    before = gap;
  }
}

// Round trips of 0.5, 0.75 and 1 s, and then none.
void FollowsTheRoundTrips(Dialogue& d) {
  d.Handshake();
  for (int extra = 0; extra < 3; ++extra) {
    d.User(Call::kSend, 100);
    d.Wait(TimeWord::k500ms);
    for (int i = 0; i < extra; ++i) d.Wait(TimeWord::k250ms);
    d.Peer(Polite());
  }
  d.User(Call::kSend, 100);
  d.Expect({.control = kAck, .seq = 301, .text = 100});
  d.Wait(TimeWord::kUntilOutput10s);
  d.Expect({.control = kAck, .seq = 301, .text = 100});
}

// Round trips of half a second, as timestamps tell: more than a second together with what they
// vary.
void FollowsTheTimestamps(Dialogue& d) {
  d.Handshake();
  for (int i = 0; i < 6; ++i) {
    d.User(Call::kSend, 100);
    d.Wait(TimeWord::k500ms);
    d.Peer(Polite());
  }
  d.User(Call::kSend, 100);
  d.ExpectSome({.control = kAck, .seq = 601, .text = 100});
  for (const TimeWord word : {TimeWord::k1s, TimeWord::k250ms}) {
    d.Wait(word);
    d.Silent();
  }
}

// Between short round trips nothing happens for longer than any time-out.
void MeasuresNoPause(Dialogue& d) {
  d.Handshake();
  for (int i = 0; i < 6; ++i) {
    d.User(Call::kSend, 100);
    d.Peer(Polite());
    d.Wait(TimeWord::k20s);
  }
  d.User(Call::kSend, 100);
  d.Wait(TimeWord::kUntilOutput10s);
  d.Expect({.control = kAck, .seq = 601, .text = 100});
  d.That(d.GapOfLastTwo() <= Duration::Seconds(3), "a time-out of 3 s at most",
         Seconds(d.GapOfLastTwo()));
}

// The peer's clock of milliseconds has gone more than half around by then.
void IdleForLong(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(100));
  d.Acknowledges(101);
  Event three_hours = scenario::Wait(TimeWord::k1s);
  three_hours.twist = scenario::Twist::kThreeHours;
  for (int i = 0; i < 25 * 8; ++i) d.Peer(three_hours);
  d.Peer(Polite(100));
  d.Acknowledges(201);
  d.HasRead(200);
}

void ReaderPauses(Dialogue& d) {
  d.Handshake();
  for (int i = 0; i < 20; ++i) {
    Event event = Flags(kAck | kPsh);
    event.length.unit = scenario::LengthUnit::kMss;
    if (d.session().view().window < d.session().view().MaxSegment()) break;
    d.Peer(event);
  }
  d.HasRead(0);
  d.User(Call::kReceive);
  d.That(d.session().octets_read() > 0, "octets to read", "none");
}

// More than any stack acknowledges one by one while a connection is young.
void FullSegments(Dialogue& d) {
  constexpr size_t kSegments = 60;
  Event full = Flags(kAck);
  full.length.unit = scenario::LengthUnit::kMss;
  d.Handshake();
  const size_t before = d.Sent();
  for (size_t i = 0; i < kSegments; ++i) d.Peer(full);
  const size_t answers = d.Sent() - before;
  d.That(answers < kSegments, "fewer ACKs than 60", std::to_string(answers));
}

constexpr std::string_view kFewer[] = {"RFC9293-SHLD-18"};
constexpr std::string_view kPause[] = {"RFC9293-MAY-8", "RFC9293-SHLD-14"};

constexpr Case kCases[] = {
    {.name = "ACK-11",
     .area = "Acknowledgement validity and generation",
     .title = "a stream of full segments gets fewer ACKs than it has segments",
     .requirements = kFewer,
     .level = rules::Level::kShould,
     .run = FullSegments},
    {.name = "SEQ-01",
     .area = "Segment acceptability (sequence side)",
     .title = "text beyond the right edge is refused with an empty ACK",
     .requirements = kAccept,
     .run = BeyondTheEdge},
    {.name = "SEQ-09",
     .area = "Segment acceptability (sequence side)",
     .title = "of a segment across the left edge only the new octets are taken, once",
     .requirements = kTrim,
     .run = OldAndNew},
    {.name = "SEQ-12",
     .area = "Segment acceptability (sequence side)",
     .title = "a segment without the ACK bit is dropped",
     .requirements = kNoAckBit,
     .run = AckBitOff},
    {.name = "ACK-04",
     .area = "Acknowledgement validity and generation",
     .title = "text behind an ACK of what was never sent is not delivered",
     .requirements = kTooNew,
     .run = AckTooNew},
    {.name = "ACK-07",
     .area = "Acknowledgement validity and generation",
     .title = "a pure ACK is not acknowledged",
     .requirements = kAckOfAck,
     .run = PureAck},
    {.name = "ACK-10",
     .area = "Acknowledgement validity and generation",
     .title = "one segment is acknowledged within 0.5 s",
     .requirements = kDelayed,
     .run = OneSegment},
    {.name = "DAT-02",
     .area = "Data delivery and ordering",
     .title = "text ahead of a gap waits for it, and all is delivered in order",
     .requirements = kHeld,
     .level = rules::Level::kShould,
     .run = GapFilled},
    {.name = "DAT-11",
     .area = "Data delivery and ordering",
     .title = "a FIN ahead of a gap counts when the gap is filled",
     .requirements = kFinOutOfOrder,
     .level = rules::Level::kShould,
     .run = FinBeforeItsData},
    {.name = "WND-01",
     .area = "Flow control and window updates",
     .title = "exactly the offered window is sent",
     .requirements = kInside,
     .run = FillsTheWindow},
    {.name = "WND-04",
     .area = "Flow control and window updates",
     .title = "what nobody reads closes the window without its edge moving back",
     .requirements = kPause,
     .level = rules::Level::kShould,
     .header = kReaderPauses,
     .needs = static_cast<uint32_t>(sut::Capability::kRecvPause),
     .run = ReaderPauses},
    {.name = "ZWP-01",
     .area = "Zero window probing",
     .title = "a closed window is probed while data is queued",
     .requirements = kProbe,
     .run = ZeroWindowProbed},
    {.name = "ZWP-03",
     .area = "Zero window probing",
     .title = "a connection whose probes are answered stays open",
     .requirements = kProbed,
     .run = ProbedWithoutEnd},
    {.name = "ZWP-06",
     .area = "Zero window probing",
     .title = "a probe is answered with the current ACK and window",
     .requirements = kAnswersProbe,
     .run = AnswersAProbe},
    {.name = "ZWP-08",
     .area = "Zero window probing",
     .title = "with the window closed the ACK of a segment counts, and its text does not",
     .requirements = kClosedToText,
     .header = {.reads_when_told = true, .mtu = 6},
     .needs = static_cast<uint32_t>(sut::Capability::kRecvPause) |
              static_cast<uint32_t>(sut::Capability::kVirtualTime),
     .run = AckInAClosedWindow},
    {.name = "ZWP-10",
     .area = "Zero window probing",
     .title = "a closed window is not probed once all is acknowledged",
     .requirements = kProbe,
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime),
     .run = NothingIsLeftToProbe},
    {.name = "NAG-01",
     .area = "Nagle, SWS, cork, delayed ACK",
     .title = "small pieces wait while one is unacknowledged, and then leave together",
     .requirements = kNagle,
     .level = rules::Level::kShould,
     .run = SmallSegmentsWait},
    {.name = "RTO-02",
     .area = "Retransmission timer",
     .title = "the SYN is sent again at doubling intervals",
     .requirements = kSynBackOff,
     .header = kConnects,
     .run = SynBacksOff},
    {.name = "RTO-03",
     .area = "Retransmission timer",
     .title = "unacknowledged text is sent again from SND.UNA at doubling intervals",
     .requirements = kBackOff,
     .run = BacksOff},
    {.name = "RTO-04",
     .area = "Retransmission timer",
     .title = "the time-out follows the round trips that were measured",
     .requirements = kFollows,
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime),
     .run = FollowsTheRoundTrips},
    {.name = "RTO-05",
     .area = "Retransmission timer",
     .title = "the time-out follows the round trips that timestamps tell of",
     .requirements = kFollows,
     .header = {.timestamps = true},
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime) |
              static_cast<uint32_t>(sut::Capability::kTimestamps),
     .run = FollowsTheTimestamps},
    {.name = "RTO-06",
     .area = "Retransmission timer",
     .title = "a pause between two exchanges is no round trip",
     .requirements = kMeasured,
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime),
     .run = MeasuresNoPause},
    {.name = "TSP-05",
     .area = "Timestamps and PAWS",
     .title = "after 25 idle days no timestamp is too old",
     .requirements = kLongIdle,
     .level = rules::Level::kProse,
     .header = {.timestamps = true},
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime) |
              static_cast<uint32_t>(sut::Capability::kTimestamps),
     .run = IdleForLong},
};

}  // namespace

std::span<const Case> TransferCases() { return kCases; }

}  // namespace assay::cases
