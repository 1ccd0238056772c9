// Opening, and the reactions of CLOSED, LISTEN, SYN-SENT and SYN-RECEIVED.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr scenario::Header kConnects{.opening = scenario::Opening::kStackConnects};
constexpr scenario::Header kAtTheWrap{.stack_iss = 8, .tester_iss = 8};

constexpr std::string_view kIsn[] = {"RFC9293-P-3.4-SEQ"};
constexpr std::string_view kNoConnection[] = {"RFC9293-P-3.5.2-RST-NOCONN"};
constexpr std::string_view kUnsync[] = {"RFC9293-P-3.5.2-RST-UNSYNC"};
constexpr std::string_view kNoRstForRst[] = {"RFC9293-P-3.5.2-NO-RST-FOR-RST"};
constexpr std::string_view kResetInSynSent[] = {"RFC9293-U-3.10.7.3-1"};
constexpr std::string_view kBareAck[] = {"RFC9293-P-3.5.2-RST-UNSYNC"};
constexpr std::string_view kRefused[] = {"RFC9293-MUST-12", "RFC9293-U-3.10.7.3-1"};
constexpr std::string_view kOrigin[] = {"RFC9293-MUST-11"};
constexpr std::string_view kSimultaneous[] = {"RFC9293-MUST-10", "RFC9293-MUST-11"};
constexpr std::string_view kSameSyn[] = {"RFC9293-MUST-22"};
constexpr std::string_view kChallenge[] = {"RFC9293-U-3.10.7.4-SYN1", "RFC5961-4.2-1"};

void IsnWraps(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(10));
  d.Acknowledges(11);
  d.User(Call::kSend, 10);
  d.Expect({.control = kAck, .seq = 1, .ack = 11, .text = 10});
  d.HasRead(10);
}

// What Figure 7 shows: the two SYN,ACKs cross as well.
void SimultaneousOpen(Dialogue& d) {
  d.Peer(Flags(kSyn));
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1});
  d.Peer(At(Flags(kSyn | kAck), SeqBase::kIss));
  // By Table 6 alone the segment is too old, and acknowledged.
  const size_t sent = d.Sent();
  d.Wait(TimeWord::k3s);
  d.That(d.Sent() == sent, "no SYN,ACK again", "one");
  d.InState(State::kEstablished);
}

void SimultaneousOpenReset(Dialogue& d) {
  d.Peer(Flags(kSyn));
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1});
  d.Peer(Flags(kRst));
  d.Silent();
  d.InState(State::kClosed);
  d.Error(sut::CallError::kRefused);
  d.Peer(Flags(kAck));
  d.ExpectRst();
}

void SynAgain(Dialogue& d) {
  d.Peer(Polite());
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1});
  d.Peer(Polite());
  const wire::Segment reply = d.Last();
  d.That(!reply.header->rst(), "SYN,ACK, ACK or silence", "RST");
  d.Peer(Flags(kAck));
  d.InState(State::kEstablished);
}

void SynAckAgain(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kSyn | kAck), SeqBase::kIss));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.Silent();
  d.InState(State::kEstablished);
}

void ClosedWithoutAck(Dialogue& d) {
  d.Peer(Lying(Flags(kSyn), Lie::kClosedPort));
  d.Expect({.control = kRst | kAck});
  d.That(d.Last().header->seq == 0, "SEQ=0", std::to_string(d.Last().header->seq));
  d.Peer(Lying(Flags(kPsh, 10), Lie::kClosedPort));
  d.Expect({.control = kRst | kAck, .ack = 10});
  d.Peer(Lying(Flags(kFin), Lie::kClosedPort));
  d.Expect({.control = kRst | kAck, .ack = 1});
}

void ClosedWithAck(Dialogue& d) {
  d.Peer(Lying(Acking(Flags(kAck), AckBase::kZero, 77), Lie::kClosedPort));
  d.That(d.Last().header.has_value() && d.Last().header->rst(), "RST", "something else");
  d.That(d.Last().header.has_value() && d.Last().header->seq == 77, "SEQ=SEG.ACK",
         d.Last().header.has_value() ? std::to_string(d.Last().header->seq) : "silence");
}

void ClosedWithRst(Dialogue& d) {
  d.Peer(Lying(Flags(kRst), Lie::kClosedPort));
  d.Silent();
  d.Peer(Lying(Flags(kRst | kAck), Lie::kClosedPort));
  d.Silent();
}

void ListenWithAck(Dialogue& d) {
  d.Peer(Acking(Flags(kAck), AckBase::kZero, 500));
  d.That(d.Last().header.has_value() && d.Last().header->rst() && d.Last().header->seq == 500,
         "RST with SEQ=SEG.ACK", d.Last().header.has_value() ? "something else" : "silence");
  d.InState(State::kListen);
  d.Handshake();
}

void SynSentBadAck(Dialogue& d) {
  d.Peer(Acking(Flags(kSyn | kAck), 1));
  d.ExpectRst(2);
  d.InState(State::kSynSent);
}

void SynSentResetBadAck(Dialogue& d) {
  d.Peer(Acking(Flags(kRst | kAck), 5));
  d.Silent();
  d.Peer(Flags(kRst));
  d.Silent();
  // Nor is it a reason to send the SYN again before its time.
  d.Wait(scenario::TimeWord::k250ms);
  d.Silent();
  d.InState(State::kSynSent);
}

void SynSentRefused(Dialogue& d) {
  d.Peer(At(Flags(kRst | kAck), 1234));
  d.Silent();
  d.InState(State::kClosed);
  d.Error(sut::CallError::kRefused);
}

void SynSentBareAck(Dialogue& d) {
  d.Peer(Flags(kAck));
  d.Silent();
  d.InState(State::kSynSent);
}

void SynReceivedReset(Dialogue& d) {
  d.Peer(Polite());
  d.Expect({.control = kSyn | kAck, .seq = 0, .ack = 1});
  d.Peer(Flags(kRst));
  d.Silent();
  d.InState(State::kListen);
  d.Peer(At(Flags(kSyn), 2000));
  d.Expect({.control = kSyn | kAck});
}

void SynReceivedBadAck(Dialogue& d) {
  d.Peer(Polite());
  d.Peer(Acking(Flags(kAck), 1));
  const wire::Segment reply = d.Last();
  d.That(reply.header.has_value() && (reply.header->rst() || reply.header->has_ack()),
         "RST with SEQ=SEG.ACK, or a challenge ACK", "silence");
  d.InState(State::kSynReceived);
  d.Peer(Flags(kAck));
  d.InState(State::kEstablished);
}

constexpr Case kCases[] = {
    {.name = "ISN-03",
     .area = "Initial sequence numbers",
     .title = "numbers wrap at 2^32 in both directions",
     .requirements = kIsn,
     .header = kAtTheWrap,
     .run = IsnWraps},
    {.name = "OPN-05",
     .area = "Opening: passive, active, simultaneous, concurrent",
     .title = "SYN,ACKs that cross complete a simultaneous open",
     .requirements = kSimultaneous,
     .header = kConnects,
     .needs = static_cast<uint32_t>(sut::Capability::kVirtualTime),
     .run = SimultaneousOpen},
    {.name = "OPN-06",
     .area = "Opening: passive, active, simultaneous, concurrent",
     .title = "a RST in a simultaneous open refuses it: CLOSED, not LISTEN",
     .requirements = kSimultaneous,
     .header = kConnects,
     .run = SimultaneousOpenReset},
    {.name = "OPN-18",
     .area = "Opening: passive, active, simultaneous, concurrent",
     .title = "a SYN that is sent again is never answered with RST",
     .requirements = kSameSyn,
     .run = SynAgain},
    {.name = "OPN-19",
     .area = "Opening: passive, active, simultaneous, concurrent",
     .title = "a SYN,ACK in ESTABLISHED is answered with one ACK and changes nothing",
     .requirements = kChallenge,
     .header = kConnects,
     .run = SynAckAgain},
    {.name = "LSN-01",
     .area = "CLOSED and LISTEN reactions, backlog, cookies",
     .title = "CLOSED answers a segment without ACK with SEQ=0, ACK=SEG.SEQ+SEG.LEN",
     .requirements = kNoConnection,
     .run = ClosedWithoutAck},
    {.name = "LSN-02",
     .area = "CLOSED and LISTEN reactions, backlog, cookies",
     .title = "CLOSED answers a segment with ACK with a RST at SEQ=SEG.ACK",
     .requirements = kNoConnection,
     .run = ClosedWithAck},
    {.name = "LSN-03",
     .area = "CLOSED and LISTEN reactions, backlog, cookies",
     .title = "CLOSED does not answer a RST",
     .requirements = kNoRstForRst,
     .run = ClosedWithRst},
    {.name = "LSN-06",
     .area = "CLOSED and LISTEN reactions, backlog, cookies",
     .title = "LISTEN answers an ACK with a RST at SEQ=SEG.ACK and stays",
     .requirements = kUnsync,
     .run = ListenWithAck},
    {.name = "SST-01",
     .area = "SYN-SENT reactions",
     .title = "a SYN,ACK of what was never sent is answered with a RST; SYN-SENT stays",
     .requirements = kUnsync,
     .header = kConnects,
     .run = SynSentBadAck},
    {.name = "SST-02",
     .area = "SYN-SENT reactions",
     .title = "a RST that does not acknowledge the SYN is dropped",
     .requirements = kResetInSynSent,
     .header = kConnects,
     .run = SynSentResetBadAck},
    {.name = "SST-04",
     .area = "SYN-SENT reactions",
     .title = "a RST that acknowledges the SYN refuses the connection, whatever its SEQ",
     .requirements = kRefused,
     .header = kConnects,
     .run = SynSentRefused},
    {.name = "SST-05",
     .area = "SYN-SENT reactions",
     .title = "an acceptable ACK without SYN is dropped without a reply",
     .requirements = kBareAck,
     .header = kConnects,
     .run = SynSentBareAck},
    {.name = "SRC-01",
     .area = "SYN-RCVD reactions",
     .title = "a RST at RCV.NXT brings a passive SYN-RECEIVED back to LISTEN",
     .requirements = kOrigin,
     .run = SynReceivedReset},
    {.name = "SRC-03",
     .area = "SYN-RCVD reactions",
     .title = "an unacceptable ACK in SYN-RECEIVED is answered and the state kept",
     .requirements = kUnsync,
     .run = SynReceivedBadAck},
};

}  // namespace

std::span<const Case> OpeningCases() { return kCases; }

}  // namespace assay::cases
