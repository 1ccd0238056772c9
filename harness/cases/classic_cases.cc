// The classics: the pictures that every textbook on TCP draws, each as a case.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kArea = "The classics";
constexpr scenario::Header kConnects{.opening = scenario::Opening::kStackConnects};
constexpr scenario::Header kNearTheWrap{.stack_iss = 10, .tester_iss = 10};

constexpr std::string_view kHandshake[] = {"RFC9293-P-3.4-SEQ"};
constexpr std::string_view kClose[] = {"RFC9293-P-3.6-HALFCLOSE", "RFC9293-P-3.6-FIN-RELIABLE"};
constexpr std::string_view kSimultaneousOpen[] = {"RFC9293-MUST-10"};
constexpr std::string_view kSimultaneousClose[] = {"RFC9293-P-3.6-FIN-RELIABLE"};
constexpr std::string_view kHalfClose[] = {"RFC9293-P-3.6-HALFCLOSE"};
constexpr std::string_view kOldDuplicate[] = {"RFC9293-MUST-11", "RFC9293-P-3.5.2-RST-UNSYNC"};
constexpr std::string_view kTimeWait[] = {"RFC9293-MUST-13"};
constexpr std::string_view kWindow[] = {"RFC9293-MUST-36", "RFC9293-P-3.8-WINLIMIT"};
constexpr std::string_view kWrap[] = {"RFC9293-P-3.4-SEQ"};
constexpr std::string_view kOffset[] = {"RFC9293-MUST-5", "RFC9293-MUST-6"};
constexpr std::string_view kUrgent[] = {"RFC9293-MUST-31", "RFC6093-5-1"};
constexpr std::string_view kPush[] = {"RFC9293-MUST-61", "RFC9293-MUST-60"};
constexpr std::string_view kChecksum[] = {"RFC9293-MUST-3"};

void ThreeWayHandshake(Dialogue& d) {
  d.Peer(Polite());
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1, .text = 0});
  d.InState(State::kSynReceived);
  d.Peer(Polite());
  d.Silent();
  d.InState(State::kEstablished);
}

void StackClosesFirst(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 1, .ack = 1});
  d.InState(State::kFinWait1);
  d.Peer(Polite());
  d.Silent();
  d.InState(State::kFinWait2);
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.InState(State::kTimeWait);
}

void PeerClosesFirst(Dialogue& d) {
  d.Handshake();
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.EndOfStream();
  d.InState(State::kCloseWait);
  d.User(Call::kShutdown);
  d.ExpectSome({.control = kFin | kAck, .seq = 1, .ack = 2});
  d.InState(State::kLastAck);
  d.Peer(Polite());
  d.Silent();
  d.Peer(Polite());
  d.ExpectRst(2);
}

void SimultaneousOpen(Dialogue& d) {
  d.InState(State::kSynSent);
  d.Peer(Flags(kSyn));
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1});
  d.InState(State::kSynReceived);
  d.Peer(At(Flags(kSyn | kAck), SeqBase::kIss));
  d.Peer(Flags(kAck));
  d.InState(State::kEstablished);
  d.Peer(Polite(10));
  d.Acknowledges(11);
  d.HasRead(10);
}

void SimultaneousClose(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 1, .ack = 1});
  d.Peer(Acking(Flags(kFin | kAck), -1));
  d.Acknowledges(2);
  d.InState(State::kClosing);
  d.Peer(Polite());
  d.InState(State::kTimeWait);
}

void StraightToTimeWait(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.InState(State::kFinWait1);
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.InState(State::kTimeWait);
}

void HalfClose(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 1});
  d.Peer(Polite(500));
  d.Acknowledges(501);
  d.HasRead(500);
  d.InState(State::kFinWait2);
  d.Peer(Polite(500));
  d.Acknowledges(1001);
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(1002);
  d.HasRead(1000);
  d.EndOfStream();
  d.InState(State::kTimeWait);
}

// RFC 9293, Figure 8: without the third segment of the handshake the server would believe in a
// connection that nobody asked for.
void OldDuplicateSyn(Dialogue& d) {
  d.Peer(At(Flags(kSyn), 90));
  d.Expect({.control = kSyn | kAck, .ack = 91});
  d.InState(State::kSynReceived);
  d.Peer(At(Flags(kRst), 91));
  d.Silent();
  d.InState(State::kListen);
  d.Peer(Flags(kSyn));
  d.Expect({.control = kSyn | kAck, .ack = 1});
  d.Peer(Flags(kAck));
  d.InState(State::kEstablished);
}

void LostLastAck(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.Peer(Polite());
  d.InState(State::kFinWait2);
  d.Lose(Fault::kLoseOne);
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.InState(State::kTimeWait);
  d.Wait(TimeWord::k3s);
  d.Peer(At(Flags(kFin | kAck), SeqBase::kLast));
  d.Expect({.control = kAck, .seq = 2, .ack = 2, .text = 0});
  d.InState(State::kTimeWait);
}

void TwoMsl(Dialogue& d) {
  // How long an MSL is, is the stack's choice (3.4.2).
  const bool brief = d.session().profile().two_msl <= Duration::Seconds(75);
  StackClosesFirst(d);
  d.Wait(brief ? TimeWord::k20s : TimeWord::k75s);
  d.Silent();
  d.InState(State::kTimeWait);
  d.Wait(brief ? TimeWord::k75s : TimeWord::k241s);
  d.Silent();
  d.InState(d.session().judge().States().Has(State::kListen) ? State::kListen : State::kClosed);
}

void WindowClosesAndOpens(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Offering(Flags(kAck), 512));
  d.User(Call::kSend, 1000);
  // A window below the MSS may wait for the override of silly-window avoidance, or for a probe.
  d.Wait(TimeWord::k20s);
  d.That(d.session().view().highest - d.session().view().irs == 513, "the 512 octets that fit",
         std::to_string(d.session().view().highest - d.session().view().irs - 1));
  d.Peer(Offering(Flags(kAck), 0));
  d.Wait(TimeWord::kUntilOutput10s);
  d.Peer(Offering(Acking(Flags(kAck), AckBase::kIrs, 513), 4096));
  d.Wait(TimeWord::kUntilOutput10s);
  d.Peer(Polite());
  d.InState(State::kEstablished);
  d.That(d.session().view().unacknowledged == d.session().view().next, "the tester in step",
         "a gap");
  d.That(d.session().view().highest - d.session().view().irs == 1001, "all 1000 octets",
         std::to_string(d.session().view().highest - d.session().view().irs - 1));
}

void Wraps(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(200));
  d.Acknowledges(201);
  d.HasRead(200);
  d.User(Call::kSend, 200);
  d.ExpectSome({.control = kAck, .seq = 1, .ack = 201, .text = 200});
  d.Peer(Polite());
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 201, .ack = 201});
}

void DataOffsets(Dialogue& d) {
  d.Handshake();
  uint64_t octets = 0;
  // Raw options of every length from one word to ten, and none.
  for (uint8_t seed = 0; seed < 20; ++seed) {
    d.Peer(Lying(Polite(7), Lie::kRawOptions, seed));
  }
  octets = d.session().octets_read();
  d.That(octets % 7 == 0, "whole segments delivered", std::to_string(octets) + " octets");
  d.InState(State::kEstablished);
}

void UrgentPointer(Dialogue& d) {
  d.Handshake();
  d.Peer(WithOptions(Flags(kAck | kUrg | kPsh, 100), 50));
  d.Acknowledges(101);
  d.HasRead(100);
  d.Peer(WithOptions(Flags(kAck | kUrg, 10), 200));
  d.Acknowledges(111);
  d.HasRead(110);
}

void Push(Dialogue& d) {
  d.Handshake();
  d.User(Call::kSend, 100);
  d.Expect({.control = kAck | kPsh, .seq = 1, .text = 100, .exactly = true});
  d.Peer(Flags(kAck, 50));
  d.Acknowledges(51);
  d.HasRead(50);
}

void ChecksumFails(Dialogue& d) {
  d.Handshake();
  d.Peer(Lying(Polite(100), Lie::kBadChecksum, 0x80));
  d.Silent();
  d.HasRead(0);
  d.Peer(At(Polite(100), SeqBase::kLast));
  d.Acknowledges(101);
  d.HasRead(100);
}

constexpr Case kCases[] = {
    {.name = "classic.three-way-handshake",
     .area = kArea,
     .title = "SYN, SYN,ACK, ACK (Figure 6)",
     .requirements = kHandshake,
     .run = ThreeWayHandshake},
    {.name = "classic.stack-closes-first",
     .area = kArea,
     .title = "the four-way close, begun by the stack (Figure 12)",
     .requirements = kClose,
     .run = StackClosesFirst},
    {.name = "classic.peer-closes-first",
     .area = kArea,
     .title = "the four-way close, begun by the peer (Figure 12)",
     .requirements = kClose,
     .run = PeerClosesFirst},
    {.name = "classic.simultaneous-open",
     .area = kArea,
     .title = "SYNs that cross make one connection (Figure 7)",
     .requirements = kSimultaneousOpen,
     .header = kConnects,
     .run = SimultaneousOpen},
    {.name = "classic.simultaneous-close",
     .area = kArea,
     .title = "FINs that cross lead through CLOSING (Figure 13)",
     .requirements = kSimultaneousClose,
     .run = SimultaneousClose},
    {.name = "classic.straight-to-time-wait",
     .area = kArea,
     .title = "FIN and the ACK of ours in one segment: FIN-WAIT-1 straight to TIME-WAIT",
     .requirements = kClose,
     .run = StraightToTimeWait},
    {.name = "classic.half-close",
     .area = kArea,
     .title = "after CLOSE the other direction goes on",
     .requirements = kHalfClose,
     .needs = static_cast<uint32_t>(sut::Capability::kHalfClose),
     .run = HalfClose},
    {.name = "classic.old-duplicate-syn",
     .area = kArea,
     .title =
         "an old duplicate SYN is undone by the RST where the third segment would be (Figure 8)",
     .requirements = kOldDuplicate,
     .run = OldDuplicateSyn},
    {.name = "classic.lost-last-ack",
     .area = kArea,
     .title = "TIME-WAIT answers the FIN that is sent again because the last ACK was lost",
     .requirements = kTimeWait,
     .run = LostLastAck},
    {.name = "classic.two-msl",
     .area = kArea,
     .title = "TIME-WAIT lasts 2 MSL and ends",
     .requirements = kTimeWait,
     .run = TwoMsl},
    {.name = "classic.window-closes-and-opens",
     .area = kArea,
     .title = "a window that closes to zero is probed, and filled when it opens",
     .requirements = kWindow,
     .run = WindowClosesAndOpens},
    {.name = "classic.sequence-wraps",
     .area = kArea,
     .title = "sequence numbers wrap at 2^32 within a connection",
     .requirements = kWrap,
     .header = kNearTheWrap,
     .run = Wraps},
    {.name = "classic.data-offsets",
     .area = kArea,
     .title = "text begins at the data offset, with options of any length",
     .requirements = kOffset,
     .run = DataOffsets},
    {.name = "classic.urgent-pointer",
     .area = kArea,
     .title = "urgent octets are delivered in line, all of them",
     .requirements = kUrgent,
     .run = UrgentPointer},
    {.name = "classic.push",
     .area = kArea,
     .title = "the last segment of a SEND carries PSH; text without PSH is delivered too",
     .requirements = kPush,
     .run = Push},
    {.name = "classic.checksum-fails",
     .area = kArea,
     .title = "a damaged segment is as good as lost, and sent again",
     .requirements = kChecksum,
     .run = ChecksumFails},
};

}  // namespace

std::span<const Case> ClassicCases() { return kCases; }

}  // namespace assay::cases
