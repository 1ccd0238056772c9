// Every state x every set of control bits x boundary numbers x lengths, under every policy: after
// each step all invariants hold and the change of state is one that the RFC knows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/spec/transition.h"
#include "stack/tcp/invariants.h"
#include "stack/tcp/subject_for_test.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

struct Named {
  std::string name;
  Subject subject;
};

std::string Broken(const Tcb& tcb) {
  std::string all;
  for (std::string_view name : CheckInvariants(tcb)) all += std::string(name) + " ";
  return all;
}

// Every state, and in each what makes a difference to the rules there.
std::vector<Named> Starts(const Policy& policy, uint32_t iss, uint32_t irs) {
  std::vector<Named> starts;
  const auto add = [&](std::string name, auto play) {
    Subject subject(policy, iss, irs);
    play(subject);
    starts.push_back({std::move(name), subject});
  };
  for (State state : spec::kAllStates) {
    add(std::string(spec::Name(state)), [&](Subject& s) { s.Play(state); });
  }
  add("SYN-RECEIVED, active", [](Subject& s) {
    s.Play(State::kSynSent);
    s.Arrives({.control = kSyn, .seq = 0, .ack = 0});
  });
  add("SYN-RECEIVED, closed with text queued", [](Subject& s) {
    s.Play(State::kSynReceived);
    s.Do(Send{3000});
    s.Do(Close{});
  });
  add("FIN-WAIT-1 from SYN-RECEIVED", [](Subject& s) {
    s.Play(State::kSynReceived);
    s.Do(Close{});
  });
  add("ESTABLISHED, in flight", [](Subject& s) {
    s.Play(State::kEstablished);
    s.Do(Send{4000, Flag::kYes, Flag::kYes});
  });
  add("ESTABLISHED, after a time-out", [](Subject& s) {
    s.Play(State::kEstablished);
    s.Do(Send{4000});
    s.NextFires();
  });
  add("ESTABLISHED, the peer's window closed", [](Subject& s) {
    s.Establish(0);
    s.Do(Send{4000});
    s.NextFires();
  });
  const auto with_sack = [](Subject& s) {
    s.OpenActive();
    wire::OptionSet options;
    options.mss = 1000;
    options.sack_permitted = true;
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
  };
  const auto sack = [](Subject& s, uint32_t left, uint32_t right) {
    FromPeer peer;
    peer.options.sack.push_back({s.iss + left, s.iss + right});
    s.Arrives(peer);
  };
  add("ESTABLISHED, in limited transmit", [&](Subject& s) {
    with_sack(s);
    s.Do(Send{20'000});
    s.Arrives({});
    sack(s, 1001, 1101);
  });
  add("ESTABLISHED, in recovery", [](Subject& s) {
    s.Play(State::kEstablished);
    s.Do(Send{20'000});
    for (int i = 0; i < 4; ++i) s.Arrives({});
  });
  add("ESTABLISHED, in recovery by SACK", [&](Subject& s) {
    with_sack(s);
    s.Do(Send{20'000});
    sack(s, 1001, 5001);
    sack(s, 6001, 7001);
  });
  add("FIN-WAIT-1, the FIN in flight, in recovery by SACK", [&](Subject& s) {
    with_sack(s);
    s.Do(Send{9500});
    s.Do(Close{});
    sack(s, 1001, 5001);
    sack(s, 6001, 7001);
  });
  add("CLOSE-WAIT, after a time-out, with reports since", [&](Subject& s) {
    with_sack(s);
    s.Do(Send{9500});
    s.Arrives({.control = kFin | kAck});
    s.NextFires();
    sack(s, 2001, 3001);
    sack(s, 5001, 5101);
  });
  add("ESTABLISHED, own window closed", [](Subject& s) {
    s.Establish();
    s.Arrives({.text = 65535});
  });
  add("ESTABLISHED, a gap and a FIN behind it", [](Subject& s) {
    s.Establish();
    s.Arrives({.seq = 2, .text = 1});
    s.Arrives({.control = kFin | kAck, .seq = 10, .text = 5});
  });
  add("ESTABLISHED, ranges all used", [](Subject& s) {
    s.Establish();
    for (int64_t i = 0; i < 9; ++i) s.Arrives({.seq = 10 + 20 * i, .text = 10});
  });
  add("FIN-WAIT-1, text left", [](Subject& s) {
    s.Establish(1000);
    s.Do(Send{4000});
    s.Do(Close{});
  });
  add("CLOSE-WAIT, closed, window shut", [](Subject& s) {
    s.Establish(0);
    s.Do(Send{10});
    s.Arrives({.control = kFin | kAck, .window = 0});
    s.Do(Close{});
  });
  add("LISTEN, the peer named", [](Subject& s) { s.OpenPassive(Flag::kYes); });
  add("ESTABLISHED, kept alive, a probe sent", [](Subject& s) {
    s.Establish();
    s.Do(SetKeepAlive{Flag::kYes, Duration::Seconds(1)});
    s.NextFires();
  });
  add("ESTABLISHED, a RECEIVE queued", [](Subject& s) {
    s.Establish();
    s.Do(Receive{1500, Queue::kYes});
  });
  add("ESTABLISHED, timestamps", [](Subject& s) {
    s.OpenActive();
    wire::OptionSet options;
    options.timestamps = wire::Timestamps{1, 0};
    s.Arrives({.control = kSyn | kAck, .seq = 0, .options = options});
    s.Do(Send{4000});
  });
  add("FIN-WAIT-2, reader gone", [](Subject& s) {
    s.Establish();
    s.Do(Close{Reader::kGone});
    s.Arrives({.ack = 2});
  });
  return starts;
}

struct Numbering {
  const char* name;
  uint32_t iss;
  uint32_t irs;
};
constexpr Numbering kNumberings[] = {{"far from the wrap", 1000, 5000},
                                     {"at the wrap", 0xffff'ffff, 0xffff'fffe},
                                     {"wrapping in the window", 0xffff'f000, 0xffff'0001}};

struct NamedPolicy {
  const char* name;
  Policy policy;
};

std::vector<NamedPolicy> Policies() {
  Policy half = Policy::Rfc9293();
  half.let_go = LetGo::kHalfDuplex;
  half.hold_out_of_order = false;
  half.delayed_ack = Duration();
  half.window_scale = true;
  half.push_every_send = false;
  half.hard_errors_abort = false;
  half.soft_errors_end_opening = true;
  half.keep_alive_octet = true;
  half.drop_without_timestamps = false;
  return {{"RFC 9293", Policy::Rfc9293()},
          {"RFC 793", Policy::Rfc793()},
          {"hardened", Policy::Hardened()},
          {"half-duplex", half}};
}

TEST(ExhaustiveTest, EveryStartHoldsTheInvariants) {
  for (const auto& [policy_name, policy] : Policies()) {
    for (const Numbering& numbering : kNumberings) {
      for (const Named& start : Starts(policy, numbering.iss, numbering.irs)) {
        EXPECT_EQ(Broken(start.subject.tcb), "") << policy_name << ", " << start.name;
      }
    }
  }
}

TEST(ExhaustiveTest, EverySegmentInEveryStateKeepsInvariantsAndLegalTransitions) {
  int steps = 0;
  for (const auto& [policy_name, policy] : Policies()) {
    for (const Numbering& numbering : kNumberings) {
      for (const Named& start : Starts(policy, numbering.iss, numbering.irs)) {
        const Tcb& tcb = start.subject.tcb;
        const uint32_t nxt = tcb.rcv.nxt.wire() - numbering.irs;
        const uint32_t una = tcb.snd.una.wire() - numbering.iss;
        const uint32_t snd_nxt = tcb.snd.nxt.wire() - numbering.iss;
        const std::array<uint32_t, 7> seqs = {0u,
                                              nxt - 1,
                                              nxt,
                                              nxt + 1,
                                              nxt + tcb.rcv.wnd - 1,
                                              nxt + tcb.rcv.wnd,
                                              nxt + tcb.rcv.wnd + 1};
        const std::array<uint32_t, 4> acks = {una - 1, una, snd_nxt, snd_nxt + 1};
        for (unsigned control = 0; control < 64; ++control) {
          for (uint32_t seq : seqs) {
            for (uint32_t ack : acks) {
              for (size_t text : {size_t{0}, size_t{1}, size_t{2000}}) {
                Subject subject = start.subject;
                subject.now = subject.now + Duration::Milliseconds(10);
                subject.Arrives({.control = static_cast<uint8_t>(control),
                                 .seq = seq,
                                 .ack = ack,
                                 .text = text,
                                 .window = static_cast<uint16_t>(control % 3 == 0 ? 0 : 5000),
                                 .urgent = 100});
                ++steps;
                const auto story = [&] {
                  return std::string(policy_name) + ", " + numbering.name + ", " + start.name +
                         ": " + wire::ControlNames(static_cast<uint8_t>(control)) + " " +
                         std::to_string(seq) + "(" + std::to_string(text) + ") ack " +
                         std::to_string(ack) + " -> " + std::string(spec::Name(subject.tcb.state));
                };
                ASSERT_EQ(Broken(subject.tcb), "") << story();
                const auto cause =
                    (control & kRst) != 0 ? spec::Cause::kReset : spec::Cause::kSegment;
                ASSERT_TRUE(spec::IsLegal(tcb.state, subject.tcb.state, cause)) << story();
                // Never a RST in answer to a RST.
                if ((control & kRst) != 0) {
                  for (const SegmentToSend& sent : subject.sent) {
                    ASSERT_EQ(sent.control & kRst, 0) << story();
                  }
                }
                // Whatever came, its timers fire, and come to an end.
                for (int i = 0; i < 3 && NextTimer(subject.tcb) != kNever; ++i) {
                  const State before = subject.tcb.state;
                  subject.NextFires();
                  ASSERT_EQ(Broken(subject.tcb), "") << story() << ", after a timer";
                  ASSERT_TRUE(spec::IsLegal(before, subject.tcb.state, spec::Cause::kTimeout))
                      << story();
                }
              }
            }
          }
        }
      }
    }
  }
  RecordProperty("steps", steps);
}

TEST(ExhaustiveTest, EveryCallInEveryStateKeepsInvariantsAndLegalTransitions) {
  struct Call {
    const char* name;
    Event event;
    spec::Cause cause;
  };
  const std::vector<Call> calls = {
      {"OPEN active", Open{OpenMode::kActive, SndSeq(7)}, spec::Cause::kActiveOpen},
      {"OPEN passive", Open{OpenMode::kPassive, SndSeq(7)}, spec::Cause::kPassiveOpen},
      {"SEND 1", Send{1}, spec::Cause::kSend},
      {"SEND 100000", Send{100'000, Flag::kYes, Flag::kYes}, spec::Cause::kSend},
      {"RECEIVE", Receive{100'000}, spec::Cause::kSend},
      {"CLOSE", Close{}, spec::Cause::kClose},
      {"CLOSE, reader gone", Close{Reader::kGone}, spec::Cause::kClose},
      {"ABORT", Abort{}, spec::Cause::kAbort},
      {"Nagle off", SetNagle{Flag::kNo}, spec::Cause::kSend},
      {"RECEIVE, queued", Receive{100'000, Queue::kYes}, spec::Cause::kSend},
      {"FLUSH", Flush{}, spec::Cause::kSend},
      {"keep-alive", SetKeepAlive{Flag::kYes, Duration::Seconds(1)}, spec::Cause::kSend},
      {"a hard error", IcmpArrived{wire::IcmpKind::kPortUnreachable, SndSeq(0xffff'ff00)},
       spec::Cause::kReset},
      {"a soft error", IcmpArrived{wire::IcmpKind::kTimeExceeded, SndSeq(0xffff'ff00)},
       spec::Cause::kSegment},
      {"a smaller path", IcmpArrived{wire::IcmpKind::kPacketTooBig, SndSeq(0xffff'ff01), 300},
       spec::Cause::kSegment},
      {"time passes", TimePassed{}, spec::Cause::kTimeout},
  };
  for (const auto& [policy_name, policy] : Policies()) {
    for (const Named& start : Starts(policy, 0xffff'ff00, 0xffff'fff0)) {
      for (const Call& first : calls) {
        for (const Call& second : calls) {
          Subject subject = start.subject;
          for (const Call* call : {&first, &second}) {
            const State before = subject.tcb.state;
            if (before == State::kListen && std::holds_alternative<Open>(call->event) &&
                call == &second) {
              continue;  // LISTEN may be opened in either way, which no row tells apart
            }
            subject.Do(call->event);
            const std::string story = std::string(policy_name) + ", " + start.name + ": " +
                                      first.name + ", " + second.name;
            ASSERT_EQ(Broken(subject.tcb), "") << story;
            ASSERT_TRUE(spec::IsLegal(before, subject.tcb.state, call->cause)) << story;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay::tcp
