// Every state x every set of control bits x boundary numbers x lengths, under every policy: after
// each step all invariants hold and the change of state is one that the RFC knows.
//
// What comes of each event in each state is written down in exhaustive_matrix.txt, and whatever
// changes that shows there. To write it anew, after a look at what has changed:
//
//   ASSAY_WRITE_MATRIX=1 ctest --test-dir build/asan -R ExhaustiveTest.WhatComesOfEachEvent

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
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

using Starts = std::vector<Named>;

template <typename Play>
void Add(Starts& starts, const Policy& policy, uint32_t iss, uint32_t irs, std::string name,
         Play play) {
  Subject subject(policy, iss, irs);
  play(subject);
  starts.push_back({std::move(name), subject});
}

// The eleven states, in the order of spec::kAllStates; with text in flight where there can be some,
// so that the boundaries of what may be acknowledged lie apart.
Starts StatesOf(const Policy& policy, uint32_t iss, uint32_t irs) {
  Starts starts;
  const Send text{2000, Flag::kYes, Flag::kNo};
  for (State state : spec::kAllStates) {
    Add(starts, policy, iss, irs, std::string(spec::Name(state)), [&](Subject& s) {
      switch (state) {
        case State::kEstablished:
          s.Establish();
          s.Do(text);
          break;
        case State::kFinWait1:
          s.Establish();
          s.Do(text);
          s.Do(Close{});
          break;
        case State::kCloseWait:
          s.Play(state);
          s.Do(text);
          break;
        case State::kClosing:
          s.Establish();
          s.Do(text);
          s.Do(Close{});
          s.Arrives({.control = kFin | kAck});
          break;
        case State::kLastAck:
          s.Play(State::kCloseWait);
          s.Do(text);
          s.Do(Close{});
          break;
        default:
          s.Play(state);
          break;
      }
      ASSAY_CHECK(s.tcb.state == state);
    });
  }
  return starts;
}

// The same, and in each what makes a difference to the rules there.
Starts AllStarts(const Policy& policy, uint32_t iss, uint32_t irs) {
  Starts starts = StatesOf(policy, iss, irs);
  const auto add = [&](std::string name, auto play) {
    Add(starts, policy, iss, irs, std::move(name), play);
  };
  for (State state : {State::kEstablished, State::kFinWait1, State::kCloseWait, State::kClosing,
                      State::kLastAck}) {
    add(std::string(spec::Name(state)) + ", no text in flight", [&](Subject& s) { s.Play(state); });
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
      for (const Named& start : AllStarts(policy, numbering.iss, numbering.irs)) {
        EXPECT_EQ(Broken(start.subject.tcb), "") << policy_name << ", " << start.name;
      }
    }
  }
}

constexpr std::array<std::string_view, 5> kBoundaries = {"outside-left", "left-edge", "middle",
                                                         "right-edge", "outside-right"};
constexpr std::array<size_t, 3> kLengths = {0, 1, 2000};

// A segment by its place in the state that it comes to.
struct Arrival {
  uint8_t control;
  size_t seq;  // of kBoundaries, in the receive window
  size_t ack;  // of kBoundaries, in what may be acknowledged
  size_t text;
};

// What `each` makes of every arrival: 64 x 5 x 5 x 3.
template <typename Each>
void ForEveryArrival(Each each) {
  for (unsigned control = 0; control < 64; ++control) {
    for (size_t seq = 0; seq < kBoundaries.size(); ++seq) {
      for (size_t ack = 0; ack < kBoundaries.size(); ++ack) {
        for (size_t text : kLengths) each(Arrival{static_cast<uint8_t>(control), seq, ack, text});
      }
    }
  }
}

// The five, in sequence space: the last one inside is the right edge.
std::array<uint32_t, 5> BoundariesOf(uint32_t left, uint32_t size) {
  return {left - 1, left, left + size / 2, left + size - 1, left + size};
}

// `start` after the segment, which comes 10 ms later.
Subject After(const Subject& start, const Arrival& arrival) {
  const Tcb& tcb = start.tcb;
  const uint32_t una = tcb.snd.una.wire() - start.iss;
  const uint32_t flight = Distance(tcb.snd.una, tcb.snd.nxt);
  // Before the peer's SYN there is no window: it would begin behind that.
  const bool listens =
      tcb.state == State::kClosed || tcb.state == State::kListen || tcb.state == State::kSynSent;
  const uint32_t nxt = listens ? 1 : tcb.rcv.nxt.wire() - start.irs;
  const uint32_t window = listens ? 0xffff : tcb.rcv.wnd;
  Subject subject = start;
  subject.now = subject.now + Duration::Milliseconds(10);
  // SND.UNA to SND.NXT, both of them inside.
  subject.Arrives({.control = arrival.control,
                   .seq = BoundariesOf(nxt, window)[arrival.seq],
                   .ack = BoundariesOf(una, flight + 1)[arrival.ack],
                   .text = arrival.text,
                   .window = static_cast<uint16_t>(arrival.control % 3 == 0 ? 0 : 5000),
                   .urgent = 100});
  return subject;
}

std::string Story(const Arrival& arrival) {
  return wire::ControlNames(arrival.control) + ", SEQ " + std::string(kBoundaries[arrival.seq]) +
         ", ACK " + std::string(kBoundaries[arrival.ack]) + ", " + std::to_string(arrival.text) +
         " octets";
}

// What is wrong with a step; empty if nothing is.
std::string WrongWith(State before, const Subject& after, spec::Cause cause) {
  std::string wrong = Broken(after.tcb);
  if (!spec::IsLegal(before, after.tcb.state, cause)) {
    wrong += "no transition to " + std::string(spec::Name(after.tcb.state));
  }
  return wrong;
}

// The same of a segment that has arrived, and of the timers that fire behind it.
std::string WrongWithArrival(State before, Subject& subject, uint8_t control) {
  const bool rst = (control & kRst) != 0;
  std::string wrong = WrongWith(before, subject, rst ? spec::Cause::kReset : spec::Cause::kSegment);
  for (const SegmentToSend& sent : subject.sent) {
    if (rst && (sent.control & kRst) != 0) wrong += "a RST in answer to a RST";
  }
  for (int i = 0; i < 3 && NextTimer(subject.tcb) != kNever; ++i) {
    const State then = subject.tcb.state;
    subject.NextFires();
    wrong += WrongWith(then, subject, spec::Cause::kTimeout);
  }
  return wrong;
}

// Where the numbers wrap; that they change nothing is a test below.
TEST(ExhaustiveTest, EverySegmentInEveryStateKeepsInvariantsAndLegalTransitions) {
  int steps = 0;
  for (const auto& [policy_name, policy] : Policies()) {
    for (const Named& start : AllStarts(policy, 0xffff'f000, 0xffff'0001)) {
      bool go_on = true;
      ForEveryArrival([&](const Arrival& arrival) {
        if (!go_on) return;
        ++steps;
        Subject subject = After(start.subject, arrival);
        const std::string wrong =
            WrongWithArrival(start.subject.tcb.state, subject, arrival.control);
        if (wrong.empty()) return;
        go_on = false;
        ADD_FAILURE() << policy_name << ", " << start.name << ": " << Story(arrival) << ": "
                      << wrong;
      });
    }
  }
  RecordProperty("steps", steps);
}

// --- The matrix. ---

std::string_view NameOf(Signal signal) {
  // What every deleted block and every passive open tells of itself says nothing more.
  if (signal == Signal::kDeleted || signal == Signal::kReturnedToListen) return {};
  return Name(signal);
}

// The new state, or "=" for the same; what is sent, text of several segments as one; what is told.
std::string Outcome(const Subject& before, const Subject& after) {
  const State state = after.tcb.state;
  std::string outcome = state == before.tcb.state ? "=" : std::string(spec::Name(state));
  std::string last;
  for (const SegmentToSend& segment : after.sent) {
    std::string sent = wire::ControlNames(segment.control);
    if (segment.text.size > 0) sent += "+text";
    if (sent != last) outcome += " " + sent;
    last = sent;
  }
  for (size_t i = before.signals.size(); i < after.signals.size(); ++i) {
    const std::string_view told = NameOf(after.signals[i]);
    if (!told.empty()) outcome += " (" + std::string(told) + ")";
  }
  return outcome;
}

struct Call {
  const char* name;
  Event event;
  spec::Cause cause;
};

std::vector<Call> Calls() {
  return {
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
}

// The bits that decide; PSH and URG go with them in all four ways.
constexpr uint8_t kDeciding = kSyn | kFin | kRst | kAck;

constexpr std::string_view kMatrixHead =
    R"(# What comes of each event in each state, under Policy::Rfc9293(). Written by exhaustive_test.cc,
# whose head says how to write it anew.
#
# A segment stands by its control bits, PSH and URG in all four ways, and by the place of SEG.SEQ in
# the receive window; the counts are of numbers acknowledged and lengths that come to an outcome, 60
# in all for each place. "=": the state stays. Behind the state: what is sent, and in brackets what
# the user is told.
)";

std::string Matrix(const Numbering& numbering, int& steps) {
  std::ostringstream out;
  out << kMatrixHead;
  for (const Named& start : StatesOf(Policy::Rfc9293(), numbering.iss, numbering.irs)) {
    out << "\n" << start.name << "\n";
    for (const Call& call : Calls()) {
      Subject subject = start.subject;
      subject.Do(call.event);
      out << "  " << call.name << ": " << Outcome(start.subject, subject) << " ("
          << Name(subject.out.answer) << ")\n";
    }
    if (NextTimer(start.subject.tcb) != kNever) {
      Subject subject = start.subject;
      subject.NextFires();
      out << "  the next timer: " << Outcome(start.subject, subject) << "\n";
    }
    // By the bits that decide, then by the place; and by outcome.
    std::map<std::pair<uint8_t, size_t>, std::map<std::string, int>> cells;
    ForEveryArrival([&](const Arrival& arrival) {
      ++steps;
      const Subject after = After(start.subject, arrival);
      const auto control = static_cast<uint8_t>(arrival.control & kDeciding);
      ++cells[{control, arrival.seq}][Outcome(start.subject, after)];
    });
    // Neighbours that come to the same are one line.
    for (auto cell = cells.begin(); cell != cells.end();) {
      auto next = cell;
      while (next != cells.end() && next->first.first == cell->first.first &&
             next->second == cell->second) {
        ++next;
      }
      const size_t first = cell->first.second;
      const size_t last = std::prev(next)->first.second;
      out << "  " << wire::ControlNames(cell->first.first) << ", " << kBoundaries[first];
      if (last != first) out << " to " << kBoundaries[last];
      out << ":";
      const char* separator = " ";
      for (const auto& [outcome, count] : cell->second) {
        out << separator << count << " " << outcome;
        separator = " | ";
      }
      out << "\n";
      cell = next;
    }
  }
  return out.str();
}

TEST(ExhaustiveTest, WhatComesOfEachEventIsAsWrittenDown) {
  constexpr const char* kPath = "stack/tcp/exhaustive_matrix.txt";
  int steps = 0;
  const std::string matrix = Matrix(kNumberings[0], steps);
  EXPECT_EQ(steps, 11 * 64 * 5 * 5 * 3);
  if (std::getenv("ASSAY_WRITE_MATRIX") != nullptr) std::ofstream(kPath) << matrix;
  std::ifstream file(kPath);
  std::ostringstream written;
  written << file.rdbuf();
  // Line by line: the first that differs says more than both files whole.
  std::istringstream now(matrix);
  std::istringstream then(written.str());
  std::string now_line;
  std::string then_line;
  std::string state;
  while (std::getline(now, now_line)) {
    if (!now_line.starts_with(' ')) state = now_line;
    if (!std::getline(then, then_line)) then_line = "(the end)";
    ASSERT_EQ(now_line, then_line) << "in " << state << "; " << kPath << " is stale";
  }
  EXPECT_EQ(matrix.size(), written.str().size()) << kPath << " is stale";
}

// Numbers are positions on a circle: where on it a connection begins changes nothing.
TEST(ExhaustiveTest, WhatComesOfEachEventDoesNotHangOnTheNumbers) {
  int steps = 0;
  const std::string matrix = Matrix(kNumberings[0], steps);
  for (const Numbering& numbering : kNumberings) {
    EXPECT_EQ(Matrix(numbering, steps), matrix) << numbering.name;
  }
}

TEST(ExhaustiveTest, EveryCallInEveryStateKeepsInvariantsAndLegalTransitions) {
  const std::vector<Call> calls = Calls();
  for (const auto& [policy_name, policy] : Policies()) {
    for (const Named& start : AllStarts(policy, 0xffff'ff00, 0xffff'fff0)) {
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
