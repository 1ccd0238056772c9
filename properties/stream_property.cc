// Whatever the network does, and whatever the policies and the users: every octet arrives once and
// in order, nothing wrong is ever read, and once the network is whole everything arrives and both
// ends close.

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "properties/general_generators.h"
#include "properties/property.h"
#include "properties/stream_run.h"
#include "rapidcheck.h"
#include "stack/wire/packet.h"

namespace assay::properties {
namespace {

// The chaos lasts less than half of the shortest R2: whoever gives up in it is wrong.
constexpr uint32_t kLongestChaosMs = 40'000;

rc::Gen<Side> AnySide() { return OneOf<Side>(Side::kA, Side::kB); }

rc::Gen<Fault> AnyFault() {
  const auto kind = rc::gen::weightedElement<FaultKind>({{6, FaultKind::kDrop},
                                                         {3, FaultKind::kDuplicate},
                                                         {4, FaultKind::kDelay},
                                                         {3, FaultKind::kDamage},
                                                         {1, FaultKind::kTruncate},
                                                         {1, FaultKind::kHops}});
  // The first packets meet the handshake; most of the others, the text.
  const auto packet = rc::gen::weightedOneOf<uint32_t>(
      {{1, rc::gen::inRange<uint32_t>(0, 6)}, {3, rc::gen::inRange<uint32_t>(0, 80)}});
  return rc::gen::mapcat(kind, [packet](FaultKind k) {
    const bool late = k == FaultKind::kDelay || k == FaultKind::kDuplicate;
    const auto detail =
        late ? rc::gen::weightedOneOf<uint32_t>({{3, rc::gen::inRange<uint32_t>(0, 200)},
                                                 {1, rc::gen::inRange<uint32_t>(0, 5000)}})
        : k == FaultKind::kDrop ? rc::gen::weightedElement<uint32_t>({{6, 0}, {1, 5}})
                                : rc::gen::arbitrary<uint32_t>();
    return rc::gen::construct<Fault>(AnySide(), packet, rc::gen::just(k), detail);
  });
}

rc::Gen<UserAct> AnyAct() {
  const auto verb = rc::gen::weightedElement<Verb>({{30, Verb::kSend},
                                                    {15, Verb::kSendPushed},
                                                    {5, Verb::kSendUrgent},
                                                    {30, Verb::kReceive},
                                                    {1, Verb::kClose},
                                                    {5, Verb::kNagle},
                                                    {10, Verb::kWait}});
  const auto octets =
      rc::gen::weightedOneOf<uint32_t>({{2, rc::gen::inRange<uint32_t>(1, 5)},
                                        {3, rc::gen::inRange<uint32_t>(1, 2000)},
                                        {1, rc::gen::inRange<uint32_t>(1, 40'000)}});
  const auto then = rc::gen::weightedOneOf<uint32_t>({{2, rc::gen::just(uint32_t{0})},
                                                      {4, rc::gen::inRange<uint32_t>(0, 100)},
                                                      {1, rc::gen::inRange<uint32_t>(0, 4000)}});
  return rc::gen::construct<UserAct>(AnySide(), verb, octets, then);
}

rc::Gen<StreamPlan::End> AnyEnd() {
  // Near the wrap: a stream of that size passes it.
  const auto iss = rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<uint32_t>(0, 30'000), [](uint32_t before) { return -before; }),
      rc::gen::arbitrary<uint32_t>());
  const auto goal = rc::gen::weightedOneOf<uint32_t>({{1, rc::gen::inRange<uint32_t>(0, 3)},
                                                      {2, rc::gen::inRange<uint32_t>(0, 5000)},
                                                      {2, rc::gen::inRange<uint32_t>(0, 40'000)}});
  const auto reads = rc::gen::weightedElement<uint32_t>({{8, 4000}, {1, 1}, {2, 100}, {4, 60'000}});
  return rc::gen::construct<StreamPlan::End>(AnyPolicy(), OneOf<uint32_t>(1500, 576, 1280, 9000),
                                             iss, goal, reads);
}

rc::Gen<StreamPlan> AnyPlan() {
  return MostlyLarge(rc::gen::map(
      rc::gen::tuple(OneOf<wire::IpFamily>(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
                     rc::gen::weightedElement<Opening>(
                         {{4, Opening::kOneListens}, {1, Opening::kSimultaneous}}),
                     AnyEnd(), AnyEnd(), OneOf<uint32_t>(0, 1, 20, 300), UpTo(60, AnyFault()),
                     UpTo(40, AnyAct())),
      [](const auto& drawn) {
        const auto& [family, opening, a, b, delay, faults, acts] = drawn;
        StreamPlan plan{family, opening, {a, b}, delay, faults, acts};
        if (family == wire::IpFamily::kIpv6) {
          // The least MTU of IPv6 (RFC 8200, 5).
          for (StreamPlan::End& end : plan.ends) end.mtu = std::max(end.mtu, 1280u);
        }
        uint32_t passed = 0;
        for (UserAct& act : plan.acts) {
          act.then_ms = std::min(act.then_ms, kLongestChaosMs - passed);
          passed += act.then_ms;
        }
        for (StreamPlan::End& end : plan.ends) {
          // One octet at a time is for short streams.
          const StreamPlan::End& peer = &end == &plan.ends[0] ? plan.ends[1] : plan.ends[0];
          if (peer.reads == 1) end.goal = std::min(end.goal, 50u);
        }
        return plan;
      }));
}

const char* Many(uint32_t n) { return n == 0 ? "none" : n < 5 ? "few" : "many"; }

void TagFaults(const FaultyWire& wire) {
  const uint32_t lost = wire.happened(FaultKind::kDrop) + wire.happened(FaultKind::kDamage) +
                        wire.happened(FaultKind::kTruncate);
  const uint32_t late = wire.happened(FaultKind::kDelay) + wire.happened(FaultKind::kDuplicate);
  RC_TAG(std::string("lost or damaged: ") + Many(lost),
         std::string("late or twice: ") + Many(late));
}

void ChaosIsSafe(const StreamPlan& plan) {
  StreamRun run(plan);
  run.Chaos();
  TagFaults(run.wire());
  RC_ASSERT(run.broken() == "");
}

void ChaosIsOvercome(const StreamPlan& plan) {
  StreamRun run(plan);
  run.Chaos();
  run.Rest();
  const uint32_t text = std::min(run.heard(Side::kA), run.heard(Side::kB));
  RC_TAG(plan.family == wire::IpFamily::kIpv4 ? "IPv4" : "IPv6",
         plan.opening == Opening::kSimultaneous ? "both open" : "one opens",
         text > 2000 ? "text both ways" : "less");
  RC_CLASSIFY(run.healing() > Duration::Seconds(60), "heals in minutes");
  RC_ASSERT(run.broken() == "");
}

PROPERTY(StreamProperty, WhateverTheNetworkDoesNothingWrongIsRead, 2) { ChaosIsSafe(*AnyPlan()); }

PROPERTY(StreamProperty, OnceTheNetworkIsWholeEverythingArrivesAndBothEndsClose, 2) {
  ChaosIsOvercome(*AnyPlan());
}

// The same plan is the same run.
PROPERTY(StreamProperty, ARunIsDeterministic, 25) {
  const StreamPlan plan = *AnyPlan();
  uint64_t digests[2];
  for (uint64_t& digest : digests) {
    StreamRun run(plan);
    run.Chaos();
    run.Rest();
    digest = run.digest();
  }
  RC_TAG(plan.faults.empty() ? "without faults" : "with faults");
  RC_ASSERT(digests[0] == digests[1]);
}

// An attacker who can send anything but does not know the window: all that it sends lies outside,
// to the left or to the right. Streams and ends are as without it, and no storm begins.

struct Forgery {
  Side to = Side::kA;
  uint32_t after_act = 0;
  uint8_t control = 0;
  bool to_the_right = false;
  uint32_t distance = 1;
  uint32_t text = 0;
  uint32_t ack_ahead = 0;  // of SND.UNA
  uint16_t window = 0;
};

void showValue(const Forgery& f, std::ostream& out) {
  out << "\n  after act " << f.after_act << ", to " << Letter(f.to) << ": "
      << wire::ControlNames(f.control) << ' ' << f.distance << " octets "
      << (f.to_the_right ? "right" : "left") << " of the window, text " << f.text
      << ", ACK SND.UNA+" << f.ack_ahead << ", window " << f.window;
}

rc::Gen<std::vector<Forgery>> AnyForgeries() {
  const auto distance =
      rc::gen::oneOf(rc::gen::inRange<uint32_t>(1, 4), rc::gen::inRange<uint32_t>(1, 70'000),
                     rc::gen::inRange<uint32_t>(1, 0x7000'0000));
  const auto text = rc::gen::oneOf(rc::gen::just(uint32_t{0}), rc::gen::inRange<uint32_t>(1, 1400));
  const auto ack =
      rc::gen::oneOf(rc::gen::inRange<uint32_t>(0, 3000), rc::gen::arbitrary<uint32_t>());
  return UpTo(20,
              rc::gen::construct<Forgery>(AnySide(), rc::gen::inRange<uint32_t>(0, 40),
                                          rc::gen::arbitrary<uint8_t>(), rc::gen::arbitrary<bool>(),
                                          distance, text, ack, rc::gen::arbitrary<uint16_t>()));
}

void Forge(StreamRun& run, const Forgery& f) {
  const tcp::Tcb* tcb = run.tcb(f.to);
  // Before the handshake is over there is no window to be outside of.
  if (tcb == nullptr || !spec::IsSynchronized(tcb->state) || tcb->snd.syn_outstanding) return;
  wire::Header header;
  header.source_port = run.endpoint(Other(f.to)).port;
  header.destination_port = run.endpoint(f.to).port;
  header.control = f.control;
  // A SYN right of the window may open TIME-WAIT again.
  if (tcb->state == spec::State::kTimeWait) header.control &= static_cast<uint8_t>(~wire::kSyn);
  const uint32_t length = f.text + uint32_t{header.syn()} + uint32_t{header.fin()};
  header.seq = (f.to_the_right ? tcb->rcv.nxt + tcb->rcv.wnd + f.distance
                               : tcb->rcv.nxt - length - f.distance)
                   .wire();
  header.ack = (tcb->snd.una + f.ack_ahead).wire();
  header.window = f.window;
  std::vector<std::byte> text(f.text, std::byte{0xee});
  std::vector<std::byte> room(2000);
  run.Inject(f.to, wire::EncodeTcpPacket(run.endpoint(Other(f.to)).address,
                                         run.endpoint(f.to).address, header, {}, text, room));
}

PROPERTY(StreamProperty, WhoeverDoesNotKnowTheWindowChangesNothing, 8) {
  const StreamPlan plan = *AnyPlan();
  const std::vector<Forgery> forgeries = *AnyForgeries();
  StreamRun run(plan);
  size_t forged = 0;
  run.Chaos([&](size_t act) {
    for (const Forgery& f : forgeries) {
      if (f.after_act != act) continue;
      Forge(run, f);
      ++forged;
    }
  });
  run.Rest();
  RC_TAG(std::string("forged: ") + Many(static_cast<uint32_t>(forged)));
  RC_ASSERT(run.broken() == "");
}

// What would break the properties does.

// An attacker who knows the window puts the ends out of step, and by the letter of the RFC each of
// them answers the other's ACK for ever: the storm is seen.
TEST(StreamMutant, AStormOfEmptySegmentsIsSeen) {
  StreamPlan plan;
  // With timestamps what is forged without them draws no answer.
  for (StreamPlan::End& end : plan.ends) end.policy.base = ReadyMade::kRfc793;
  plan.acts = {{Side::kA, Verb::kWait, 0, 1000}, {Side::kA, Verb::kWait, 0, 1000}};
  StreamRun run(plan);
  run.Chaos([&](size_t act) {
    if (act == 1) {
      Forge(run, {.to = Side::kB,
                  .control = wire::kAck,
                  .distance = static_cast<uint32_t>(-10),
                  .text = 10});
    }
  });
  EXPECT_THAT(run.broken(), testing::HasSubstr("answer one another without end"));
}

TEST(StreamMutant, ATextThatIsForgedIsRead) {
  const std::string said = Falsified(
      [] {
        StreamPlan plan = *AnyPlan();
        for (uint32_t packet = 0; packet < 20; ++packet) {
          plan.faults.push_back({Side::kA, packet, FaultKind::kForge, packet});
        }
        ChaosIsSafe(plan);
      },
      200);
  EXPECT_THAT(said, testing::HasSubstr("of a is another"));
}

TEST(StreamMutant, AUserWhoDoesNotReadHoldsTheStreamUp) {
  const std::string said = Falsified(
      [] {
        StreamPlan plan = *AnyPlan();
        plan.ends[1].reads = 0;
        ChaosIsOvercome(plan);
      },
      200, Shrinking::kOff);
  EXPECT_THAT(said, testing::HasSubstr("not everything arrives"));
}

TEST(StreamMutant, AnotherPlanIsAnotherRun) {
  const std::string said = Falsified(
      [] {
        const StreamPlan plan = *AnyPlan();
        StreamPlan other = plan;
        other.ends[0].first_iss += 1;
        RC_ASSERT(StreamRun(plan).digest() == StreamRun(other).digest());
      },
      10, Shrinking::kOff);
  EXPECT_NE(said, "");
}

}  // namespace
}  // namespace assay::properties
