// RST and SYN in synchronized states, and ABORT.

#include <string>

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kExact[] = {"RFC9293-U-3.10.7.4-RST2", "RFC5961-3.2-2",
                                       "RFC9293-MUST-12"};
constexpr std::string_view kPayload[] = {"RFC9293-SHLD-2"};
constexpr std::string_view kOutside[] = {"RFC9293-U-3.10.7.4-RST1", "RFC5961-3.2-1"};
constexpr std::string_view kTwoSteps[] = {"RFC9293-U-3.10.7.4-RST3", "RFC5961-3.2-3",
                                          "RFC5961-3.2-4"};
constexpr std::string_view kSynInWindow[] = {"RFC9293-U-3.10.7.4-SYN1", "RFC9293-U-3.10.7.4-SYN2",
                                             "RFC5961-4.2-1", "RFC5961-4.2-2", "RFC5961-4.2-3"};
constexpr std::string_view kThrottled[] = {"RFC5961-7-1"};
constexpr std::string_view kAbort[] = {"RFC9293-P-3.5.2-RST-NOCONN"};
constexpr scenario::Header kConnects{.opening = scenario::Opening::kStackConnects};

void ExactReset(Dialogue& d) {
  d.Handshake();
  d.Peer(Flags(kRst));
  d.Silent();
  d.Error(sut::CallError::kReset);
  d.Peer(Flags(kAck));
  d.ExpectRst();
}

void ResetWithText(Dialogue& d) {
  d.Handshake();
  d.Peer(Flags(kRst, 10));
  d.Silent();
  d.HasRead(0);
  d.Error(sut::CallError::kReset);
}

void ResetOutside(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kRst), -1));
  d.Silent();
  d.Peer(At(Flags(kRst), SeqBase::kRightEdge, 1));
  d.Silent();
  d.InState(State::kEstablished);
}

void ResetInTwoSteps(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kRst), 1));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.InState(State::kEstablished);
  d.Peer(Flags(kRst));
  d.Silent();
  d.Error(sut::CallError::kReset);
}

void SynAfterReboot(Dialogue& d) {
  d.Handshake();
  d.Peer(At(Flags(kSyn), 100));
  d.Expect({.control = kAck, .seq = 1, .ack = 1, .text = 0});
  d.InState(State::kEstablished);
  d.Peer(Flags(kRst));
  d.Error(sut::CallError::kReset);
}

// As many as an attacker sends to learn from the answers.
void FloodOfResets(Dialogue& d) {
  constexpr size_t kMany = 1'000;
  d.Handshake();
  const size_t before = d.Sent();
  for (size_t i = 0; i < kMany; ++i) d.Peer(At(Flags(kRst), 1));
  const size_t answers = d.Sent() - before;
  d.That(answers > 0 && answers <= kMany / 2, "a limit of answers, far below 1000",
         std::to_string(answers));
}

void AbortEstablished(Dialogue& d) {
  d.Handshake();
  d.User(Call::kAbort);
  d.ExpectRst(1);
}

void AbortSynSent(Dialogue& d) {
  d.User(Call::kAbort);
  d.Silent();
  d.InState(State::kClosed);
}

constexpr Case kCases[] = {
    {.name = "RST-01",
     .area = "RST processing in synchronized states",
     .title = "a RST at RCV.NXT ends the connection and the application is told",
     .requirements = kExact,
     .run = ExactReset},
    {.name = "RST-03",
     .area = "RST processing in synchronized states",
     .title = "a RST with text counts, and its text is not delivered",
     .requirements = kPayload,
     .level = rules::Level::kShould,
     .run = ResetWithText},
    {.name = "SEQ-08",
     .area = "Segment acceptability (sequence side)",
     .title = "a RST outside the window is dropped without a reply",
     .requirements = kOutside,
     .run = ResetOutside},
    {.name = "RST-10",
     .area = "RST processing in synchronized states",
     .title = "a RST in the window is challenged; one at the challenge's ACK ends the connection",
     .requirements = kTwoSteps,
     .presumes = Presumes::kChallengedReset,
     .run = ResetInTwoSteps},
    {.name = "RST-11",
     .area = "RST processing in synchronized states",
     .title = "a SYN is challenged; the RST that answers ends the old connection",
     .requirements = kSynInWindow,
     .presumes = Presumes::kChallengedSyn,
     .run = SynAfterReboot},
    {.name = "ACK-16",
     .area = "Acknowledgement validity and generation",
     .title = "of 1000 RSTs in the window only so many are challenged",
     .requirements = kThrottled,
     .level = rules::Level::kShould,
     .presumes = Presumes::kThrottle,
     .run = FloodOfResets},
    {.name = "ABT-01",
     .area = "Abort and linger",
     .title = "ABORT in ESTABLISHED sends a RST",
     .requirements = kAbort,
     .needs = static_cast<uint32_t>(sut::Capability::kAbort),
     .run = AbortEstablished},
    {.name = "ABT-11",
     .area = "Abort and linger",
     .title = "ABORT in SYN-SENT sends nothing",
     .requirements = kAbort,
     .level = rules::Level::kProse,
     .header = kConnects,
     .needs = static_cast<uint32_t>(sut::Capability::kAbort),
     .run = AbortSynSent},
};

}  // namespace

std::span<const Case> ResetCases() { return kCases; }

}  // namespace assay::cases
