#include <array>
#include <vector>

#include "harness/cases/play.h"
#include "stack/wire/octets.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::cases {
namespace {

using driver::Pair;
using driver::Side;

constexpr Side kClient = Side::kA;
constexpr Side kServer = Side::kB;

// An MTU that makes segments of so much text.
constexpr uint32_t MtuFor(uint32_t text) {
  return static_cast<uint32_t>(wire::kIpv4HeaderMin + wire::kHeaderMin) + text;
}
constexpr uint32_t kTextPerOffset = 64;

// Figures begin with both ends ESTABLISHED where the handshake is not their point; it is drawn all
// the same, since the numbers come from it.
void Handshake(Pair& pair) {
  pair.Listen(kServer);
  pair.Connect(kClient);
  pair.Settle();
}

void ThreeWayHandshake(Pair& pair) { Handshake(pair); }

void CloseInTurn(Pair& pair, Side first) {
  Handshake(pair);
  pair.Shutdown(first);
  pair.Settle();
  pair.Shutdown(Other(first));
  pair.Settle();
}

void ClientClosesFirst(Pair& pair) { CloseInTurn(pair, kClient); }
void ServerClosesFirst(Pair& pair) { CloseInTurn(pair, kServer); }

void SimultaneousOpen(Pair& pair) {
  pair.Connect(kClient);
  pair.Connect(kServer);
  pair.Settle();
}

void SimultaneousClose(Pair& pair) {
  Handshake(pair);
  pair.Shutdown(kClient);
  pair.Shutdown(kServer);
  pair.Settle();
}

void StraightToTimeWait(Pair& pair) {
  Handshake(pair);
  pair.Lose(kServer);
  pair.Shutdown(kClient);
  pair.Settle();
  pair.Shutdown(kServer);
  pair.Settle();
}

void HalfClose(Pair& pair) {
  Handshake(pair);
  pair.Send(kClient, 200);
  pair.Shutdown(kClient);
  pair.Settle();
  pair.Receive(kServer);
  pair.Receive(kServer);
  pair.Settle();
  pair.Send(kServer, 1000);
  pair.Settle();
  pair.Receive(kClient);
  pair.PassToTimer();
  pair.Settle();
  pair.Shutdown(kServer);
  pair.Settle();
  pair.Receive(kClient);
}

void OldDuplicateSyn(Pair& pair) {
  pair.Listen(kServer);
  pair.Connect(kClient);
  pair.HoldBack(kClient);
  pair.Inject(kClient, {.seq = 90, .control = wire::kSyn, .window = 65535});
  pair.Settle();
  pair.Release(kClient);
  pair.Settle();
}

void LostLastAck(Pair& pair) {
  Handshake(pair);
  pair.Shutdown(kClient);
  pair.Settle();
  pair.Lose(kClient);
  pair.Shutdown(kServer);
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.PassToTimer();
}

void TwoMsl(Pair& pair) {
  CloseInTurn(pair, kClient);
  pair.Connect(kClient);
  pair.PassToTimer();
}

void WindowClosesAndOpens(Pair& pair) {
  Handshake(pair);
  pair.Send(kClient, 1500);
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.Receive(kServer);
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.Receive(kServer);
}

void SequenceWraps(Pair& pair) {
  Handshake(pair);
  pair.Send(kClient, 300);
  pair.Settle();
  pair.Receive(kServer);
  pair.Send(kServer, 300);
  pair.Settle();
  pair.Receive(kClient);
  pair.Shutdown(kClient);
  pair.Settle();
  pair.Shutdown(kServer);
  pair.Settle();
}

void DataOffsets(Pair& pair) {
  Handshake(pair);
  constexpr size_t kMostWords = wire::kOptionsMax / 4;
  pair.Send(kClient, (kMostWords + 1) * kTextPerOffset);
  for (size_t words = 0; words <= kMostWords; ++words) {
    // One option that fills them, of a kind for experiments (RFC 4727), which no TCP knows.
    std::vector<std::byte> options(4 * words);
    if (words > 0) {
      options[0] = std::byte{253};
      options[1] = static_cast<std::byte>(options.size());
    }
    pair.Rewrite(kClient, options);
  }
  pair.Settle();
  pair.Receive(kServer);
  pair.Settle();
}

void UrgentPointer(Pair& pair) {
  Handshake(pair);
  pair.Send(kClient, 1500);
  pair.Send(kClient, 50, sut::kSendUrgent);
  pair.Settle();
  pair.Receive(kServer);
  pair.Settle();
  pair.Receive(kServer);
  pair.Settle();
}

void Push(Pair& pair) {
  Handshake(pair);
  pair.Send(kClient, 3500);
  pair.Settle();
  pair.Receive(kServer);
  pair.Settle();
}

void ChecksumFails(Pair& pair) {
  Handshake(pair);
  pair.Damage(kClient);
  pair.Send(kClient, 100);
  pair.Settle();
  pair.PassToTimer();
  pair.Settle();
  pair.Receive(kServer);
  pair.PassToTimer();
  pair.Settle();
}

void RetransmissionBacksOff(Pair& pair) {
  Handshake(pair);
  constexpr int kLosses = 4;
  pair.Send(kClient, 100);
  for (int i = 0; i < kLosses; ++i) {
    pair.Lose(kClient);
    pair.PassToTimer();
  }
  pair.Settle();
  pair.Receive(kServer);
  pair.PassToTimer();
  pair.Settle();
}

constexpr Play kPlays[] = {
    {.name = "three-way-handshake",
     .alias = "",
     .title = "The three-way handshake",
     .section = "RFC 9293, 3.5, Figure 6",
     .text =
         "Each end tells the number that its octets are counted from (its ISS) in a SYN, and each "
         "SYN is acknowledged; the server's two go in one segment, so three are enough. A SYN "
         "takes "
         "up one sequence number itself: that is why it can be acknowledged, and why the first "
         "octet of data will have number 1.",
     .run = ThreeWayHandshake,
     .detail = Play::Detail::kOptionsAndWindow},
    {.name = "simultaneous-open",
     .alias = "",
     .title = "Both ends open at once",
     .section = "RFC 9293, 3.5, Figure 7",
     .text =
         "The two SYNs cross on the wire, and each end, in SYN-SENT, receives a SYN without the "
         "acknowledgment it waited for. It acknowledges with its own SYN once more and goes to "
         "SYN-RECEIVED. One connection comes of it and not two, because a connection is named by "
         "its two sockets, not by who called first.",
     .run = SimultaneousOpen},
    {.name = "old-duplicate-syn",
     .alias = "",
     .title = "An old duplicate SYN, and why a handshake has a third segment",
     .section = "RFC 9293, 3.5, Figure 8",
     .text =
         "While the client's SYN (100) is delayed, one of an earlier connection (90) turns up. The "
         "server cannot know that it is old and answers it; the client can, since 91 acknowledges "
         "nothing that it sent, and resets. In a handshake of two segments the server would now be "
         "in a connection that nobody asked for. It returns to LISTEN instead, and the new SYN "
         "gets "
         "an ISS of its own.",
     .run = OldDuplicateSyn,
     .numbers = Play::Numbers::kAbsolute},
    {.name = "client-closes-first",
     .alias = "stack-closes-first",
     .title = "The four-way close, begun by the client",
     .section = "RFC 9293, 3.6, Figure 12",
     .text =
         "Each direction is closed by itself: a FIN says \"no more from me\" and is acknowledged "
         "like an octet, so four segments are needed. Between them the server, in CLOSE-WAIT, "
         "could "
         "go on sending. The end that closed first stays in TIME-WAIT, because only it cannot know "
         "whether its last ACK arrived.",
     .run = ClientClosesFirst},
    {.name = "server-closes-first",
     .alias = "peer-closes-first",
     .title = "The four-way close, begun by the server",
     .section = "RFC 9293, 3.6, Figure 12",
     .text = "The same four segments with the parts exchanged: who called whom does not matter any "
             "more once both are ESTABLISHED. TIME-WAIT falls to the server now, which is why busy "
             "servers like their clients to close first.",
     .run = ServerClosesFirst},
    {.name = "simultaneous-close",
     .alias = "",
     .title = "Both ends close at once",
     .section = "RFC 9293, 3.6, Figure 13",
     .text =
         "The FINs cross. Each end, in FIN-WAIT-1, sees the other's FIN before the ACK of its own "
         "and waits for that ACK in CLOSING, a state that is entered in no other way. Neither end "
         "was second, so both pass through TIME-WAIT.",
     .run = SimultaneousClose},
    {.name = "straight-to-time-wait",
     .alias = "",
     .title = "From FIN-WAIT-1 straight to TIME-WAIT",
     .section = "RFC 9293, 3.10.7.4, eighth: check the FIN bit",
     .text =
         "The server's ACK of the client's FIN is lost, and nobody sends it again: an ACK takes up "
         "no sequence number, and the next segment acknowledges as much. That is the server's own "
         "FIN. With FIN and ACK in one segment the client skips FIN-WAIT-2.",
     .run = StraightToTimeWait},
    {.name = "half-close",
     .alias = "",
     .title = "One direction closed, the other still in use",
     .section = "RFC 9293, 3.6, Case 1, and 3.6.1",
     .text =
         "CLOSE means \"I have no more to send\", not \"I will not receive\". The client's FIN "
         "comes "
         "behind its 200 octets in the same number space, so that the server sees the end of the "
         "stream only after all of it. The answer of 1000 octets flows while the client is in "
         "FIN-WAIT-2, for as long as the server likes.",
     .run = HalfClose},
    {.name = "lost-last-ack",
     .alias = "",
     .title = "The last ACK is lost: the first reason for TIME-WAIT",
     .section = "RFC 9293, 3.6.1 and 3.10.7.4, eighth: check the FIN bit",
     .text =
         "The ACK of the server's FIN does not arrive, so the server, in LAST-ACK, sends its FIN "
         "again after a second. The client is still there to answer because it is in TIME-WAIT; if "
         "it had forgotten the connection it would answer with a RST, and a server that lost "
         "nothing "
         "would report an error. The repeated FIN starts the wait of 2 MSL anew.",
     .run = LostLastAck},
    {.name = "two-msl",
     .alias = "",
     .title = "TIME-WAIT lasts 2 MSL: the second reason for it",
     .section = "RFC 9293, 3.4.2 and 3.6.1",
     .text =
         "No segment lives longer than one MSL, two minutes by the book. After two of them, one "
         "for "
         "a segment under way and one for the answer to it, nothing of this connection is left in "
         "the network that a new one between the same two sockets could mistake for its own. Until "
         "then the client's second OPEN is refused.",
     .run = TwoMsl},
    {.name = "sequence-wraps",
     .alias = "",
     .title = "Sequence numbers wrap",
     .section = "RFC 9293, 3.4",
     .text =
         "Both ends begin shortly before 2^32, and the numbers, here as they stand on the wire, go "
         "on "
         "at 0 as if nothing had happened. They stand on a circle: TCP asks how far one is ahead "
         "of "
         "another and never which is larger. Comparing them with a plain < would take the octets "
         "behind the wrap for old ones.",
     .run = SequenceWraps,
     .options = {.iss_a = 0xffff'ff00, .iss_b = 0xffff'fff0},
     .numbers = Play::Numbers::kAbsolute},
    {.name = "data-offsets",
     .alias = "",
     .title = "Text begins where the data offset says: 5 to 15 words",
     .section = "RFC 9293, 3.1 and 3.2",
     .text = "Each of eleven segments carries its 64 octets behind 4 more octets of options than "
             "the one "
             "before, so that the data offset takes every legal value, from 5 to 15. Nobody knows "
             "option "
             "253, but every option except two has a length octet: what is not known is stepped "
             "over. The "
             "server receives exactly the 704 octets that were sent.",
     .run = DataOffsets,
     .options = {.mtu = MtuFor(kTextPerOffset)},
     .detail = Play::Detail::kOptions},
    {.name = "urgent-pointer",
     .alias = "",
     .title = "Urgent data",
     .section = "RFC 9293, 3.8.5",
     .text = "The last 50 octets, the second SEND, are urgent, but the window is full. The next "
             "segment "
             "that can leave has the URG bit: the urgent pointer, counted from its sequence "
             "number, points "
             "beyond its own 512 octets to where the urgent data ends. It says \"hurry up to "
             "there\" and "
             "is no second channel: all octets are received in order, in one stream.",
     .run = UrgentPointer,
     .options = {.mtu = MtuFor(512)},
     .detail = Play::Detail::kOptionsAndWindow,
     .server_buffer = 1024},
    {.name = "push",
     .alias = "",
     .title = "PSH: the last segment of a SEND",
     .section = "RFC 9293, 3.9.1.2",
     .text = "One SEND of 3500 octets becomes two full segments and a rest. Only the last carries "
             "PSH: no "
             "more is coming for now, so hand over what there is. PSH marks no record: the "
             "server's user "
             "reads octets, and its one RECEIVE takes what three segments brought.",
     .run = Push},
    {.name = "window-closes-and-opens",
     .alias = "",
     .title = "A window closes, is probed, and opens",
     .section = "RFC 9293, 3.8.6 and 3.8.6.1",
     .text =
         "The server has room for 1024 octets and its user does not read, so the window shrinks to "
         "0 "
         "and the client must wait. It asks again and again with one octet, at growing distances: "
         "the "
         "segment that opens a window is an ACK, nobody repeats it, and if it were lost both would "
         "wait for ever. When the user reads, the window opens and the rest flows.",
     .run = WindowClosesAndOpens,
     .detail = Play::Detail::kOptionsAndWindow,
     .server_buffer = 1024},
    {.name = "checksum-fails",
     .alias = "",
     .title = "A damaged segment is a lost segment",
     .section = "RFC 9293, 3.1 (Checksum)",
     .text = "One bit turned over on the way. The server's checksum does not come out, and it says "
             "nothing at all: with such a segment not even the ports can be trusted. The client's "
             "timer "
             "runs out, and the same octets go once more.",
     .run = ChecksumFails},
    {.name = "retransmission-backs-off",
     .alias = "",
     .title = "Losses in a row: the timer doubles",
     .section = "RFC 6298, 5; RFC 9293, 3.8.1",
     .text =
         "The segment is lost four times. Each time the retransmission timer runs out it is set to "
         "twice as long: 1, 2, 4 and 8 seconds. If the network is overloaded, patience is what "
         "helps "
         "it most. The octets keep their numbers, so that the server could tell a repeated segment "
         "from a new one.",
     .run = RetransmissionBacksOff},
};

}  // namespace

std::span<const Play> AllPlays() { return kPlays; }

const Play* FindPlay(std::string_view name) {
  for (const Play& play : kPlays) {
    if (play.name == name || (!play.alias.empty() && play.alias == name)) return &play;
  }
  return nullptr;
}

}  // namespace assay::cases
