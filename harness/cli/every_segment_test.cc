// The oracle is silent on a stack that obeys, whatever single segment it gets in whatever state:
// 13 ways to begin, 64 sets of control bits, 5 sequence numbers, 5 acknowledgment numbers and 3
// lengths, in each profile, with states reported and without.

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/driver/session.h"
#include "harness/report/ladder.h"
#include "harness/scenario/event.h"
#include "harness/sut/reticent_stack.h"
#include "stack/wire/segment.h"

namespace assay::cli {
namespace {

using scenario::AckBase;
using scenario::Call;
using scenario::Calls;
using scenario::Event;
using scenario::Flags;
using scenario::Opening;
using scenario::Polite;
using scenario::Scenario;
using scenario::SeqBase;
using scenario::TimeWord;
using scenario::Wait;
using wire::kAck;
using wire::kFin;
using wire::kSyn;

struct Beginning {
  const char* state;
  Opening opening;
  std::vector<Event> events;
};

std::vector<Beginning> Beginnings() {
  constexpr Opening kListens = Opening::kStackListens, kConnects = Opening::kStackConnects;
  const Event close = Calls(Call::kShutdown), fin = Flags(kFin | kAck);
  Event crossing = fin;
  crossing.ack_delta.fine = -1;
  return {
      {"LISTEN", kListens, {}},
      {"SYN-SENT", kConnects, {}},
      {"SYN-RECEIVED", kListens, {Polite()}},
      {"SYN-RECEIVED, both opened", kConnects, {Flags(kSyn)}},
      {"ESTABLISHED", kListens, {Polite(), Polite()}},
      {"ESTABLISHED, text in flight", kListens, {Polite(), Polite(), Calls(Call::kSend)}},
      {"FIN-WAIT-1", kListens, {Polite(), Polite(), close}},
      {"FIN-WAIT-2", kListens, {Polite(), Polite(), close, Polite()}},
      {"CLOSE-WAIT", kListens, {Polite(), Polite(), fin}},
      {"CLOSING", kListens, {Polite(), Polite(), close, crossing}},
      {"LAST-ACK", kListens, {Polite(), Polite(), fin, close}},
      {"TIME-WAIT", kListens, {Polite(), Polite(), close, Polite(), fin}},
      {"CLOSED", kConnects, {Polite(), Calls(Call::kAbort)}},
  };
}

std::vector<Event> EverySegment() {
  std::vector<Event> all;
  struct Seq {
    SeqBase base;
    int16_t fine;
  };
  struct Ack {
    AckBase base;
    int16_t fine;
  };
  for (int control = 0; control < 64; ++control) {
    for (const Seq seq : {Seq{SeqBase::kNext, -1}, Seq{SeqBase::kNext, 0}, Seq{SeqBase::kNext, 1},
                          Seq{SeqBase::kRightEdge, 0}, Seq{SeqBase::kZero, 0}}) {
      for (const Ack ack :
           {Ack{AckBase::kExpected, -1}, Ack{AckBase::kExpected, 0}, Ack{AckBase::kHighest, 0},
            Ack{AckBase::kHighest, 1}, Ack{AckBase::kZero, 0}}) {
        for (const int16_t length : std::initializer_list<int16_t>{0, 1, 100}) {
          Event event = Flags(static_cast<uint8_t>(control), length);
          event.seq_base = seq.base;
          event.seq_delta.fine = seq.fine;
          event.ack_base = ack.base;
          event.ack_delta.fine = ack.fine;
          all.push_back(event);
        }
      }
    }
  }
  return all;
}

class EverySegmentInProfile : public testing::TestWithParam<const char*> {};

TEST_P(EverySegmentInProfile, OfAStackThatObeysTheOracleSaysNothing) {
  const std::vector<Event> segments = EverySegment();
  ASSERT_EQ(segments.size(), 64u * 5 * 5 * 3);
  for (const bool reports : {true, false}) {
    auto stack = adapters::OpenStack("reference", GetParam());
    ASSERT_TRUE(stack.ok());
    std::unique_ptr<sut::StackUnderTest> judged = std::move(stack->stack);
    if (!reports) judged = std::make_unique<sut::ReticentStack>(std::move(judged));
    driver::Session session(*judged, stack->profile);
    int told = 0, found = 0;
    for (const Beginning& beginning : Beginnings()) {
      for (const Event& segment : segments) {
        Scenario scenario;
        scenario.header.opening = beginning.opening;
        for (const Event& event : beginning.events) scenario.events.push_back(event);
        scenario.events.push_back(segment);
        scenario.events.push_back(Polite(10));
        scenario.events.push_back(Wait(TimeWord::kUntilOutput10s));
        ASSERT_TRUE(session.Run(scenario));
        if (session.judge().findings().empty()) continue;
        ++found;
        if (++told > 3) continue;
        const rules::Finding& first = session.judge().findings()[0];
        ADD_FAILURE() << beginning.state << (reports ? "" : ", without reports") << ": "
                      << first.rule->id << ": saw " << first.seen << "; legal is: " << first.legal
                      << "\n"
                      << report::Ladder(session.trace(), {});
      }
    }
    EXPECT_EQ(found, 0);
    EXPECT_LT(session.judge().tally().lost, 100u);
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, EverySegmentInProfile,
                         testing::Values("rfc793", "rfc9293", "hardened"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace assay::cli
