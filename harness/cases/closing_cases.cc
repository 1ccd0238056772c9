// Closing and TIME-WAIT.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kQueued[] = {"RFC9293-P-3.6-FIN-RELIABLE"};
constexpr std::string_view kPassive[] = {"RFC9293-P-3.6-HALFCLOSE", "RFC9293-MUST-12"};
constexpr std::string_view kFinLost[] = {"RFC9293-P-3.6-FIN-RELIABLE", "RFC9293-P-3.10.8-RTX"};
constexpr std::string_view kReplay[] = {"RFC9293-MUST-13"};
constexpr std::string_view kOldSyn[] = {"RFC6191-2-6"};
constexpr std::string_view kExpires[] = {"RFC9293-MUST-13"};

void FinBehindTheData(Dialogue& d) {
  d.Handshake();
  d.User(Call::kSend, 100);
  d.Expect({.control = kAck, .seq = 1, .text = 100});
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 101, .text = 0});
  d.InState(State::kFinWait1);
}

void PeerClosesFirst(Dialogue& d) {
  d.Handshake();
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.EndOfStream();
  d.InState(State::kCloseWait);
  d.User(Call::kSend, 10);
  d.Expect({.control = kAck, .seq = 1, .ack = 2, .text = 10});
}

void FinIsSentAgain(Dialogue& d) {
  d.Handshake();
  d.Lose(Fault::kLoseOne);
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 1});
  d.Wait(TimeWord::kUntilOutput10s);
  d.Expect({.control = kFin | kAck, .seq = 1});
  d.Peer(Polite());
  d.InState(State::kFinWait2);
}

void ToTimeWait(Dialogue& d) {
  d.Handshake();
  d.User(Call::kShutdown);
  d.Expect({.control = kFin | kAck, .seq = 1});
  d.Peer(Polite());
  d.InState(State::kFinWait2);
  d.Peer(Flags(kFin | kAck));
  d.Acknowledges(2);
  d.InState(State::kTimeWait);
}

void FinReplayed(Dialogue& d) {
  ToTimeWait(d);
  d.Wait(TimeWord::k10ms);
  d.Peer(At(Flags(kFin | kAck), SeqBase::kLast));
  d.Expect({.control = kAck, .seq = 2, .ack = 2, .text = 0});
}

void OldSyn(Dialogue& d) {
  ToTimeWait(d);
  d.Peer(At(Flags(kSyn), -1000));
  const wire::Segment last = d.Last();
  d.That(!last.header.has_value() || !last.header->syn(), "no SYN,ACK", "one");
  d.InState(State::kTimeWait);
}

void TimeWaitExpires(Dialogue& d) {
  ToTimeWait(d);
  d.Wait(TimeWord::k241s);
  d.Silent();
  d.Peer(At(Flags(kFin | kAck), SeqBase::kLast));
  d.ExpectRst(2);
}

constexpr Case kCases[] = {
    {.name = "CLS-01",
     .area = "Closing",
     .title = "CLOSE sends the FIN behind all data",
     .requirements = kQueued,
     .run = FinBehindTheData},
    {.name = "CLS-03",
     .area = "Closing",
     .title = "a FIN is acknowledged and told; SEND still works",
     .requirements = kPassive,
     .run = PeerClosesFirst},
    {.name = "CLS-17",
     .area = "Closing",
     .title = "a lost FIN is sent again at the same number",
     .requirements = kFinLost,
     .run = FinIsSentAgain},
    {.name = "TMW-01",
     .area = "TIME-WAIT",
     .title = "a FIN that is sent again in TIME-WAIT is acknowledged again",
     .requirements = kReplay,
     .run = FinReplayed},
    {.name = "TMW-02",
     .area = "TIME-WAIT",
     .title = "a SYN with an old sequence number opens nothing in TIME-WAIT",
     .requirements = kOldSyn,
     .level = rules::Level::kShould,
     .run = OldSyn},
    {.name = "TMW-03",
     .area = "TIME-WAIT",
     .title = "after 2 MSL the connection is gone: a RST answers",
     .requirements = kExpires,
     .run = TimeWaitExpires},
};

}  // namespace

std::span<const Case> ClosingCases() { return kCases; }

}  // namespace assay::cases
