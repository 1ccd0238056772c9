// Plays are acted by the reference, an adapter, so their tests stand on this floor.

#include "harness/cases/play.h"

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/cases/case.h"
#include "harness/cli/show.h"
#include "harness/driver/pair.h"
#include "harness/report/harmless_text.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"

namespace assay::cli {
namespace {

using cases::Play;
using driver::Pair;
using driver::Side;
using observer::Fate;
using observer::TraceEvent;
using observer::TraceKind;
using spec::State;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Seen {
  TraceEvent event;
  wire::Segment segment;
};

// One play, acted.
class Acted {
 public:
  explicit Acted(std::string_view name) : play_(cases::FindPlay(name)) {
    EXPECT_NE(play_, nullptr) << name;
    if (play_ == nullptr) return;
    a_ = ActorOf(*play_, Side::kA);
    b_ = ActorOf(*play_, Side::kB);
    pair_ = std::make_unique<Pair>(*a_, *b_);
    EXPECT_TRUE(pair_->Reset(play_->options));
    play_->run(*pair_);
    trace_ = pair_->Record();
    for (const TraceEvent& event : trace_.events()) {
      if (event.kind != TraceKind::kToStack && event.kind != TraceKind::kFromStack) continue;
      packets_.push_back(
          {event, wire::DecodeSegment(wire::DecodePacket(trace_.packet(event)).payload)});
    }
  }

  Pair& pair() { return *pair_; }
  const observer::Trace& trace() const { return trace_; }
  const std::vector<Seen>& packets() const { return packets_; }
  State client() { return pair_->StateOf(Side::kA); }
  State server() { return pair_->StateOf(Side::kB); }

  // "> SYN 0", "< FIN,ACK 1 2", "> PSH,ACK 1 1 (200)": numbers relative to the play's ISSs, with
  // "lost", "left" or "arrived" behind.
  std::vector<std::string> Story(size_t skip = 0) const {
    std::vector<std::string> story;
    for (const Seen& seen : packets_) {
      if (skip > 0) {
        --skip;
        continue;
      }
      const bool from_a = seen.event.kind == TraceKind::kToStack;
      const uint32_t own = from_a ? play_->options.iss_a : play_->options.iss_b;
      const uint32_t other = from_a ? play_->options.iss_b : play_->options.iss_a;
      const wire::Header& header = *seen.segment.header;
      std::ostringstream line;
      line << (from_a ? "> " : "< ") << wire::ControlNames(header.control) << ' '
           << static_cast<int32_t>(header.seq - own);
      if (header.has_ack()) line << ' ' << static_cast<int32_t>(header.ack - other);
      if (!seen.segment.payload.empty()) line << " (" << seen.segment.payload.size() << ')';
      constexpr std::string_view kFates[] = {"", " lost", " left", " arrived"};
      line << kFates[static_cast<size_t>(seen.event.fate)];
      story.push_back(line.str());
    }
    return story;
  }
  std::vector<std::string> AfterHandshake() const { return Story(3); }

  // The states that an end went through, in order, each once in a row.
  std::vector<State> StatesOfClient() const {
    std::vector<State> states;
    for (const TraceEvent& event : trace_.events()) {
      if (states.empty() || states.back() != event.tester_state) {
        states.push_back(event.tester_state);
      }
    }
    return states;
  }
  std::vector<State> StatesOfServer() const {
    std::vector<State> states;
    for (const TraceEvent& event : trace_.events()) {
      for (State state : spec::kAllStates) {
        if (!event.stack_states.Has(state)) continue;
        if (states.empty() || states.back() != state) states.push_back(state);
      }
    }
    return states;
  }

  // Every octet that was sent has been received, in order.
  void ExpectWholeStream(Side from, size_t octets) {
    const wire::Octets sent = pair_->sent(from);
    const wire::Octets received = pair_->received(Other(from));
    EXPECT_EQ(sent.size(), octets);
    EXPECT_THAT(received, ElementsAreArray(sent));
  }

 private:
  const Play* play_;
  std::unique_ptr<sut::StackUnderTest> a_;
  std::unique_ptr<sut::StackUnderTest> b_;
  std::unique_ptr<Pair> pair_;
  observer::Trace trace_;
  std::vector<Seen> packets_;
};

int64_t Milliseconds(const Seen& seen) { return seen.event.at.ns() / 1'000'000; }

TEST(Play, ThreeWayHandshake) {
  Acted play("three-way-handshake");
  EXPECT_THAT(play.Story(), ElementsAre("> SYN 0", "< SYN,ACK 0 1", "> ACK 1 1"));
  EXPECT_THAT(play.StatesOfClient(),
              ElementsAre(State::kClosed, State::kSynSent, State::kEstablished));
  EXPECT_THAT(play.StatesOfServer(),
              ElementsAre(State::kListen, State::kSynReceived, State::kEstablished));
}

TEST(Play, SimultaneousOpen) {
  Acted play("simultaneous-open");
  EXPECT_THAT(play.Story(),
              ElementsAre("< SYN 0 left", "> SYN 0", "< SYN 0 arrived", "> SYN,ACK 0 1 left",
                          "< SYN,ACK 0 1", "> SYN,ACK 0 1 arrived"));
  EXPECT_THAT(play.StatesOfClient(),
              ElementsAre(State::kSynSent, State::kSynReceived, State::kEstablished));
  EXPECT_THAT(play.StatesOfServer(), ElementsAre(State::kClosed, State::kSynSent,
                                                 State::kSynReceived, State::kEstablished));
}

TEST(Play, OldDuplicateSyn) {
  Acted play("old-duplicate-syn");
  const std::vector<std::string> story = play.Story();
  ASSERT_EQ(story.size(), 7u);
  EXPECT_EQ(story[0], "> SYN 0 left");
  EXPECT_EQ(story[1], "> SYN -10 arrived");
  EXPECT_EQ(story[2], "< SYN,ACK 0 -9");
  EXPECT_EQ(story[3], "> RST -9");
  EXPECT_EQ(story[4], "> SYN 0 arrived");
  EXPECT_THAT(story[5], HasSubstr("< SYN,ACK"));
  EXPECT_NE(story[5], "< SYN,ACK 0 1") << "a new connection has an ISS of its own";
  EXPECT_THAT(story[6], HasSubstr("> ACK 1"));
  EXPECT_EQ(play.client(), State::kEstablished);
  EXPECT_THAT(play.StatesOfServer(),
              ElementsAre(State::kListen, State::kSynReceived, State::kListen, State::kSynReceived,
                          State::kEstablished));
}

TEST(Play, ClientClosesFirst) {
  Acted play("client-closes-first");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> FIN,ACK 1 1", "< ACK 1 2", "< FIN,ACK 1 2", "> ACK 2 2"));
  EXPECT_THAT(play.StatesOfClient(),
              ElementsAre(State::kClosed, State::kSynSent, State::kEstablished, State::kFinWait1,
                          State::kFinWait2, State::kTimeWait));
  EXPECT_THAT(play.StatesOfServer(),
              ElementsAre(State::kListen, State::kSynReceived, State::kEstablished,
                          State::kCloseWait, State::kLastAck, State::kClosed));
}

TEST(Play, ServerClosesFirst) {
  Acted play("server-closes-first");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("< FIN,ACK 1 1", "> ACK 1 2", "> FIN,ACK 1 2", "< ACK 2 2"));
  EXPECT_EQ(play.client(), State::kClosed);
  EXPECT_EQ(play.server(), State::kTimeWait);
}

TEST(Play, SimultaneousClose) {
  Acted play("simultaneous-close");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("< FIN,ACK 1 1 left", "> FIN,ACK 1 1", "< FIN,ACK 1 1 arrived",
                          "> ACK 2 2 left", "< ACK 2 2", "> ACK 2 2 arrived"));
  EXPECT_THAT(play.StatesOfClient(),
              ElementsAre(State::kClosed, State::kSynSent, State::kEstablished, State::kFinWait1,
                          State::kClosing, State::kTimeWait));
  EXPECT_THAT(play.StatesOfServer(),
              ElementsAre(State::kListen, State::kSynReceived, State::kEstablished,
                          State::kFinWait1, State::kClosing, State::kTimeWait));
}

TEST(Play, StraightToTimeWait) {
  Acted play("straight-to-time-wait");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> FIN,ACK 1 1", "< ACK 1 2 lost", "< FIN,ACK 1 2", "> ACK 2 2"));
  EXPECT_THAT(play.StatesOfClient(),
              AllOf(Contains(State::kFinWait1), Contains(State::kTimeWait),
                    Not(Contains(State::kFinWait2)), Not(Contains(State::kClosing))));
  EXPECT_EQ(play.server(), State::kClosed);
}

TEST(Play, HalfClose) {
  Acted play("half-close");
  EXPECT_THAT(
      play.AfterHandshake(),
      ElementsAre("> PSH,ACK 1 1 (200)", "> FIN,ACK 201 1", "< ACK 1 202", "< PSH,ACK 1 202 (1000)",
                  "> ACK 202 1001", "< FIN,ACK 1001 202", "> ACK 202 1002"));
  play.ExpectWholeStream(Side::kA, 200);
  play.ExpectWholeStream(Side::kB, 1000);
  for (const TraceEvent& event : play.trace().events()) {
    if (event.kind != TraceKind::kCall || event.call != observer::Call::kReceive) continue;
    if (!event.by_tester || event.count == 0) continue;
    EXPECT_EQ(event.tester_state, State::kFinWait2) << "receives after its CLOSE";
  }
  EXPECT_EQ(play.client(), State::kTimeWait);
  EXPECT_EQ(play.server(), State::kClosed);
}

TEST(Play, LostLastAck) {
  Acted play("lost-last-ack");
  EXPECT_THAT(play.AfterHandshake(), ElementsAre("> FIN,ACK 1 1", "< ACK 1 2", "< FIN,ACK 1 2",
                                                 "> ACK 2 2 lost", "< FIN,ACK 1 2", "> ACK 2 2"));
  EXPECT_EQ(play.server(), State::kClosed);
  EXPECT_EQ(play.client(), State::kClosed);
  // 2 MSL from the second FIN, not from the first.
  const Instant second_fin = play.packets()[play.packets().size() - 2].event.at;
  EXPECT_EQ(play.trace().events().back().at, second_fin + Duration::Seconds(240));
}

TEST(Play, TwoMsl) {
  Acted play("two-msl");
  const std::vector<TraceEvent>& events = play.trace().events();
  const TraceEvent& again = events[events.size() - 2];
  EXPECT_EQ(again.call, observer::Call::kConnect);
  EXPECT_EQ(again.error, sut::CallError::kInUse);
  EXPECT_EQ(again.tester_state, State::kTimeWait);
  const Instant fin = play.packets()[play.packets().size() - 2].event.at;
  EXPECT_EQ(events.back().at, fin + Duration::Seconds(240));
  EXPECT_EQ(events.back().tester_state, State::kClosed);
}

TEST(Play, SequenceWraps) {
  Acted play("sequence-wraps");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> PSH,ACK 1 1 (300)", "< PSH,ACK 1 301 (300)", "> FIN,ACK 301 301",
                          "< ACK 301 302", "< FIN,ACK 301 302", "> ACK 302 302"));
  const wire::Header& first = *play.packets()[0].segment.header;
  const wire::Header& last = *play.packets().back().segment.header;
  EXPECT_LT(last.seq, first.seq) << "as plain numbers";
  play.ExpectWholeStream(Side::kA, 300);
  play.ExpectWholeStream(Side::kB, 300);
}

TEST(Play, DataOffsets) {
  Acted play("data-offsets");
  std::vector<int> offsets;
  for (const Seen& seen : play.packets()) {
    if (!seen.segment.payload.empty()) offsets.push_back(seen.segment.header->data_offset());
  }
  EXPECT_THAT(offsets, ElementsAre(5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  play.ExpectWholeStream(Side::kA, 704);
  EXPECT_EQ(play.server(), State::kEstablished);
}

TEST(Play, UrgentPointer) {
  Acted play("urgent-pointer");
  const uint32_t end_of_urgent = cases::FindPlay("urgent-pointer")->options.iss_a + 1 + 1550;
  std::vector<size_t> behind;  // how far beyond the segment its pointer points
  for (const Seen& seen : play.packets()) {
    const wire::Header& header = *seen.segment.header;
    if (!header.urg()) continue;
    EXPECT_EQ(header.seq + header.urgent, end_of_urgent);
    behind.push_back(header.urgent - seen.segment.payload.size());
  }
  EXPECT_THAT(behind, ElementsAre(14u, 0u));
  play.ExpectWholeStream(Side::kA, 1550);
}

TEST(Play, Push) {
  Acted play("push");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> ACK 1 1 (1460)", "> ACK 1461 1 (1460)", "< ACK 1 2921",
                          "> PSH,ACK 2921 1 (580)", "< ACK 1 3501"));
  play.ExpectWholeStream(Side::kA, 3500);
}

TEST(Play, WindowClosesAndOpens) {
  Acted play("window-closes-and-opens");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> ACK 1 1 (1024)", "< ACK 1 1025", "> ACK 1025 1 (1)", "< ACK 1 1025",
                          "> ACK 1025 1 (1)", "< ACK 1 1025", "< ACK 1 1025",
                          "> PSH,ACK 1025 1 (476)", "< ACK 1 1501"));
  std::vector<int> windows;
  for (const Seen& seen : play.packets()) {
    if (seen.event.kind == TraceKind::kFromStack) windows.push_back(seen.segment.header->window);
  }
  EXPECT_THAT(windows, ElementsAre(1024, 0, 0, 0, 1024, 548));
  const std::vector<Seen>& packets = play.packets();
  const int64_t waited = Milliseconds(packets[5]) - Milliseconds(packets[4]);
  EXPECT_GT(Milliseconds(packets[7]) - Milliseconds(packets[5]), waited) << "probes back off";
  play.ExpectWholeStream(Side::kA, 1500);
}

TEST(Play, ChecksumFails) {
  Acted play("checksum-fails");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> PSH,ACK 1 1 (100)", "> PSH,ACK 1 1 (100)", "< ACK 1 101"));
  EXPECT_THAT(Figure(*cases::FindPlay("checksum-fails"), report::Colour::kNone),
              HasSubstr("[bad checksum]"));
  play.ExpectWholeStream(Side::kA, 100);
}

TEST(Play, RetransmissionBacksOff) {
  Acted play("retransmission-backs-off");
  EXPECT_THAT(play.AfterHandshake(),
              ElementsAre("> PSH,ACK 1 1 (100) lost", "> PSH,ACK 1 1 (100) lost",
                          "> PSH,ACK 1 1 (100) lost", "> PSH,ACK 1 1 (100) lost",
                          "> PSH,ACK 1 1 (100)", "< ACK 1 101"));
  std::vector<int64_t> left;  // the last is drawn at its arrival
  for (const Seen& seen : play.packets()) {
    if (seen.segment.payload.empty()) continue;
    left.push_back(Milliseconds(seen) - (seen.event.fate == Fate::kLost ? 0 : 50));
  }
  std::vector<int64_t> timeouts;
  for (size_t i = 1; i < left.size(); ++i) timeouts.push_back(left[i] - left[i - 1]);
  EXPECT_THAT(timeouts, ElementsAre(1000, 2000, 4000, 8000));
  play.ExpectWholeStream(Side::kA, 100);
}

TEST(Plays, AreFoundUnderTheNamesOfTheClassicCases) {
  for (const cases::Case& c : cases::ClassicCases()) {
    std::string_view name = c.name;
    name.remove_prefix(std::string_view("classic.").size());
    EXPECT_NE(cases::FindPlay(name), nullptr) << name;
  }
  EXPECT_EQ(cases::FindPlay("stack-closes-first"), cases::FindPlay("client-closes-first"));
  EXPECT_EQ(cases::FindPlay(""), nullptr);
}

TEST(Plays, AreTheSameEachTime) {
  for (const Play& play : cases::AllPlays()) {
    EXPECT_EQ(Acted(play.name).trace().digest(), Acted(play.name).trace().digest()) << play.name;
  }
}

TEST(Plays, HaveFiguresThatFitAHundredColumnsAndNameBothEndsStates) {
  for (const Play& play : cases::AllPlays()) {
    const std::string figure = Figure(play, report::Colour::kNone);
    std::istringstream lines(figure);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(report::Columns(line), 100u) << play.name << ": " << line;
    }
    Acted acted(play.name);
    for (const auto& states : {acted.StatesOfClient(), acted.StatesOfServer()}) {
      for (State state : states) {
        EXPECT_THAT(figure, HasSubstr(std::string(Name(state)))) << play.name;
      }
    }
    for (const TraceEvent& event : acted.trace().events()) {
      EXPECT_FALSE(event.error != sut::CallError::kNone && event.error != sut::CallError::kInUse)
          << play.name << ": " << Name(event.error);
    }
    EXPECT_NE(Figure(play, report::Colour::kAnsi), figure);
  }
}

// The figure that every textbook has.
TEST(Plays, DrawTheHandshakeAsTextbooksDo) {
  const std::string figure = Figure(*cases::FindPlay("three-way-handshake"), report::Colour::kNone);
  EXPECT_THAT(figure, HasSubstr(&R"(
 0.000  CLOSED      |                                       passive OPEN of port 80 --| LISTEN
        SYN-SENT    |-- active OPEN to port 80                                        |
 0.050              |--- SYN      seq 0         win 65535  <mss 1460> --------------->| SYN-RECEIVED
 0.100  ESTABLISHED |<-- SYN,ACK  seq 0  ack 1  win 65535  <mss 1460> ----------------|
 0.150              |--- ACK      seq 1  ack 1  win 65535 --------------------------->| ESTABLISHED
)"[1]));
}

TEST(Show, SaysWhichNamesThereAre) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Show("four-way-handshake\x1b[31m"), 2);
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  for (const Play& play : cases::AllPlays()) EXPECT_THAT(line, HasSubstr(std::string(play.name)));
}

TEST(Show, PrintsTitleSectionLadderAndText) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(Show("peer-closes-first"), 0);
  const std::string out = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(out, Figure(*cases::FindPlay("server-closes-first"), report::Colour::kNone));
  EXPECT_THAT(out, AllOf(HasSubstr("The four-way close"), HasSubstr("Figure 12"),
                         HasSubstr("LAST-ACK"), HasSubstr("The same four segments")));
}

}  // namespace
}  // namespace assay::cli
