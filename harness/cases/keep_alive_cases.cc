// Keep-alives: two hours in which nothing is heard, and what follows (RFC 9293, 3.8.4).

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kAsked[] = {"RFC9293-MUST-24", "RFC9293-MUST-28", "RFC9293-SHLD-12"};
constexpr std::string_view kNotOne[] = {"RFC9293-MUST-29"};
constexpr std::string_view kGone[] = {"RFC9293-MUST-29", "RFC9293-MUST-24"};

// ESTABLISHED, with keep-alives on and nothing outstanding.
void TurnOn(Dialogue& d) {
  d.Handshake();
  Event on = scenario::Calls(Call::kSend);
  on.twist = scenario::Twist::kTurnOnKeepAlive;
  d.Peer(on);
  d.User(Call::kSend, 10);
  d.Expect({.control = kAck, .seq = 1, .text = 10});
  d.Peer(Polite());
}

// The first probe after two hours in which nothing is heard.
void Probed(Dialogue& d) {
  Event hours = scenario::Wait(TimeWord::k1s);
  hours.twist = scenario::Twist::kThreeHours;
  d.Peer(hours);
  d.Expect({.control = kAck, .seq = 10});
  const int64_t seconds = d.GapOfLastTwo().ns() / 1'000'000'000;
  d.That(seconds >= 7200, "no probe for two hours", "one after " + std::to_string(seconds) + " s");
}

void ProbedAfterTwoHours(Dialogue& d) {
  TurnOn(d);
  Probed(d);
  d.InState(State::kEstablished);
}

// Three times four probes are lost, and the next one is answered.
void AnAnswerIsEnough(Dialogue& d) {
  TurnOn(d);
  for (int i = 0; i < 3; ++i) {
    Probed(d);
    for (int probe = 0; probe < 3; ++probe) {
      d.Wait(TimeWord::kUntilOutput250s);
      d.Expect({.control = kAck, .seq = 10});
    }
    d.Peer(Polite());
    d.InState(State::kEstablished);
  }
}

void NobodyAnswers(Dialogue& d) {
  TurnOn(d);
  Probed(d);
  // As many probes as there may be, of which 20 would be many.
  for (int i = 0; i < 20; ++i) d.Wait(TimeWord::k241s);
  d.InState(State::kClosed);
  d.Error(sut::CallError::kTimedOut);
}

constexpr std::string_view kArea = "User timeout, keep-alive, info";
constexpr auto kVirtualTime = static_cast<uint32_t>(sut::Capability::kVirtualTime);

constexpr Case kCases[] = {
    {.name = "UTO-04",
     .area = kArea,
     .title = "with keep-alives on an idle connection is probed after two hours, and not before",
     .requirements = kAsked,
     .needs = kVirtualTime,
     .run = ProbedAfterTwoHours},
    {.name = "UTO-05",
     .area = kArea,
     .title = "a keep-alive that is answered makes up for those that were not",
     .requirements = kNotOne,
     .needs = kVirtualTime,
     .run = AnAnswerIsEnough},
    {.name = "UTO-10",
     .area = kArea,
     .title = "a peer that answers no keep-alive ends the connection",
     .requirements = kGone,
     .level = rules::Level::kProse,
     .header = {.opening = scenario::Opening::kStackConnects},
     .needs = kVirtualTime,
     .run = NobodyAnswers},
};

}  // namespace

std::span<const Case> KeepAliveCases() { return kCases; }

}  // namespace assay::cases
