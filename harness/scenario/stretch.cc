#include "harness/scenario/stretch.h"

#include <initializer_list>

#include "stack/wire/segment.h"

namespace assay::scenario {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

Event Sends() { return Calls(Call::kSend); }
Event With(Event event, Twist twist) {
  event.twist = twist;
  return event;
}
Event OfLength(Event event, LengthUnit unit, int16_t fine = 0) {
  event.length = {unit, fine};
  return event;
}
// At RCV.NXT, once the window is full.
Event AtTheEdge(Event event) {
  event.seq_base = SeqBase::kRightEdge;
  return event;
}
Event FromLast(Event event) {
  event.seq_base = SeqBase::kLast;
  return event;
}

Stretch Of(std::initializer_list<Event> events) {
  Stretch stretch;
  for (const Event& event : events) stretch.push_back(event);
  return stretch;
}

// Three hours with keep-alives on, and often all that follow; what comes then meets a connection or
// none.
Stretch Idle(Prng& prng) {
  Stretch stretch =
      Of({With(Sends(), Twist::kTurnOnKeepAlive), prng.OneIn(2) ? Wait(TimeWord::k1ms) : Sends(),
          Polite(), With(Wait(TimeWord::k1ms), Twist::kThreeHours)});
  const int more = prng.OneIn(2) ? 3 : 0;
  for (int i = 0; i < more; ++i) stretch.push_back(Wait(TimeWord::k241s));
  stretch.push_back(Polite(10));
  return stretch;
}

// As much text as the window of 65535 octets has room for: eight segments, on the largest link.
Stretch Windowful(Header& header) {
  header.mtu = 6;
  Stretch stretch;
  for (int i = 0; i < 8; ++i) stretch.push_back(OfLength(Polite(), LengthUnit::kWindow));
  return stretch;
}

// The receive buffer is full, and nobody reads: the window is closed to text, and to nothing else.
Stretch FullBuffer(Header& header, Prng& prng) {
  header.reads_when_told = true;
  Event end = Sends();
  switch (prng.Below(5)) {
    case 0:
      end = Flags(kRst);
      break;
    case 1:
      end = Flags(kFin | kAck);
      break;
    case 2:
      end = Polite(1);
      break;
    case 3:
      end = Calls(Call::kReceive, static_cast<int16_t>(prng.Between(1, 3'000)));
      break;
    default:
      break;
  }
  Stretch stretch = Windowful(header);
  // But for a few octets, now and then.
  if (prng.OneIn(3)) stretch.back().length.fine = static_cast<int16_t>(-prng.Between(1, 600));
  for (const Event& event :
       {Sends(), AtTheEdge(Polite(prng.OneIn(2) ? 1 : 0)), end, Polite(), Wait(TimeWord::k3s),
        Calls(Call::kReceive, static_cast<int16_t>(prng.Between(1, 8'000))), Polite()}) {
    stretch.push_back(event);
  }
  return stretch;
}

// As much text as the receive buffer holds and more, read as it comes.
Stretch Stream(Header& header) {
  header.reads_when_told = false;
  Stretch stretch = Windowful(header);
  for (const Event& event : {Polite(1'000), Polite(1'000), Sends(), Polite(100)}) {
    stretch.push_back(event);
  }
  return stretch;
}

// More gaps than an acknowledgment has room to report.
Stretch Gaps(Header& header, Prng& prng) {
  header.sack = true;
  header.timestamps = prng.OneIn(2);
  const auto size = static_cast<int16_t>(prng.Between(1, 200));
  Stretch stretch;
  const int gaps = static_cast<int>(prng.Between(3, 8));
  for (int i = 1; i <= gaps; ++i) {
    stretch.push_back(Polite(size));
    stretch.back().seq_delta.fine = static_cast<int16_t>(prng.Between(1, 100));
  }
  stretch.push_back(prng.OneIn(2) ? Sends() : Polite(100));
  return stretch;
}

// The window closes over what is in flight, and opens again with nothing acknowledged.
Stretch ClosedWindow(Prng& prng) {
  Event closed = Flags(kAck);
  closed.ack_base = prng.OneIn(2) ? AckBase::kAcknowledged : AckBase::kExpected;
  Event open = closed;
  closed.window = 64;
  if (prng.OneIn(2)) open.ack_base = AckBase::kAcknowledged;
  return Of({Sends(), closed, prng.OneIn(2) ? Sends() : Calls(Call::kShutdown),
             Wait(prng.OneIn(2) ? TimeWord::k3s : TimeWord::k10ms), open,
             Wait(TimeWord::kUntilOutput250s), Wait(TimeWord::kUntilOutput250s)});
}

// Small segments at once, with Nagle's algorithm off.
Stretch NoDelay(Prng& prng) {
  const auto octets = static_cast<int16_t>(prng.Between(1, 100));
  return Of({With(Sends(), Twist::kTurnOffNagle), Calls(Call::kSend, octets),
             Calls(Call::kSend, octets), Polite(), Sends()});
}

Stretch Unheard(Prng& prng) {
  return Of({With(Sends(), Twist::kSetUserTimeout), Sends(), Wait(TimeWord::k20s),
             Wait(prng.OneIn(2) ? TimeWord::k75s : TimeWord::k20s), Sends(), Polite()});
}

// In TIME-WAIT, the FIN again after half of it; what comes after the whole meets it still.
Stretch TimeWaitAnew(Prng& prng) {
  return Of({Calls(Call::kShutdown), Polite(), Flags(kFin | kAck), Wait(TimeWord::k120s),
             FromLast(Flags(kFin | kAck)), Wait(TimeWord::k120s), Wait(TimeWord::k75s),
             prng.OneIn(2) ? FromLast(Flags(kFin | kAck)) : Polite(), Wait(TimeWord::k75s)});
}

// Both open: the stack's SYN is met by another, and acknowledged by that SYN again, or by less.
Stretch BothOpen(Header& header, Prng& prng) {
  header.opening = Opening::kStackConnects;
  Event again = Flags(kSyn | kAck);
  again.seq_base = SeqBase::kIss;
  if (prng.OneIn(4)) again.ack_delta.fine = static_cast<int16_t>(prng.Between(-2, 2));
  if (prng.OneIn(2)) again.length.fine = 20;
  Event smaller = Polite(10);
  smaller.window = 70;
  return Of({Flags(kSyn), prng.OneIn(4) ? Polite() : again, Wait(TimeWord::k1ms), smaller, Sends(),
             Polite(), Sends(), Wait(TimeWord::k3s)});
}

// The SYN,ACK again, where the stack has not opened.
Stretch SynAckAgain(Header& header, Prng&) {
  header.opening = Opening::kStackListens;
  Event again = Flags(kSyn | kAck);
  again.seq_base = SeqBase::kIss;
  return Of({Flags(kSyn), again, Sends(), Polite(10), Polite()});
}

// The stack closes, nobody reads, and the peer goes on.
Stretch HalfClosed(Header& header, Prng& prng) {
  header.reads_when_told = prng.OneIn(2);
  const auto octets = static_cast<int16_t>(prng.Between(1, 1'000));
  const Event close = Calls(prng.OneIn(2) ? Call::kClose : Call::kShutdown);
  return Of({prng.OneIn(2) ? Polite(octets) : Sends(), close, Polite(), Polite(octets),
             Wait(TimeWord::k500ms), Polite(octets), Flags(kFin | kAck), Polite()});
}

// Round trips of half a second, and then none.
Stretch RoundTrips(Prng& prng) {
  Stretch stretch;
  for (int i = 0; i < 2; ++i) {
    stretch.push_back(Sends());
    stretch.push_back(Wait(prng.OneIn(2) ? TimeWord::k500ms : TimeWord::k250ms));
    stretch.push_back(Polite());
  }
  stretch.push_back(Sends());
  stretch.push_back(Wait(TimeWord::kUntilOutput250s));
  stretch.push_back(Wait(TimeWord::kUntilOutput250s));
  return stretch;
}

// The same two ends again and again, a while after a RST: the first ISS may have been given.
Stretch OpenedAgain(const Header& header, Prng& prng) {
  const bool connects = header.opening == Opening::kStackConnects;
  const Event opens = connects ? Calls(Call::kConnect) : Flags(kSyn);
  const Event wait = Wait(prng.OneIn(2) ? TimeWord::k10ms : TimeWord::k1s);
  return Of({Flags(kRst), wait, opens, Polite(), Flags(kRst), wait, opens, Polite(), Polite(10)});
}

// An ICMP error, and what the user is told.
Stretch Unreachable(Prng& prng) {
  static constexpr Twist kErrors[] = {Twist::kNetUnreachable,      Twist::kHostUnreachable,
                                      Twist::kProtocolUnreachable, Twist::kPortUnreachable,
                                      Twist::kTimeExceeded,        Twist::kSourceQuench};
  return Of({Sends(), With(Polite(), kErrors[prng.Below(6)]), Sends(), Wait(TimeWord::k3s),
             Polite(), Calls(Call::kReceive), Sends()});
}

}  // namespace

Stretch GenerateStretch(Header& header, Prng& prng) {
  switch (prng.Below(15)) {
    case 0:
      return Idle(prng);
    case 1:
    case 2:
      return FullBuffer(header, prng);
    case 3:
      return NoDelay(prng);
    case 4:
      return Unheard(prng);
    case 5:
      return TimeWaitAnew(prng);
    case 6:
      return BothOpen(header, prng);
    case 7:
      return SynAckAgain(header, prng);
    case 8:
      return HalfClosed(header, prng);
    case 9:
      return RoundTrips(prng);
    case 10:
      return OpenedAgain(header, prng);
    case 11:
      return Gaps(header, prng);
    case 12:
      return ClosedWindow(prng);
    case 13:
      return Stream(header);
    default:
      return Unreachable(prng);
  }
}

}  // namespace assay::scenario
