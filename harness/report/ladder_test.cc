#include "harness/report/ladder.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/report/harmless_text.h"
#include "harness/report/trace_fixture.h"
#include "stack/base/prng.h"

namespace assay::report {
namespace {

using observer::Call;
using observer::Fate;
using spec::State;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A passive open, data whose answer is lost and sent again, and a close by the stack.
TraceFixture WholeConnection() {
  TraceFixture f;
  wire::OptionSet mss;
  mss.mss = 1460;
  f.Called(Call::kListen, 1, 80);
  f.Know(State::kClosed, {State::kListen});
  f.ToStack({.control = wire::kSyn, .options = mss});
  f.Know(State::kSynSent, {State::kSynReceived});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1, .window = 8192, .options = mss});
  f.Know(State::kEstablished, {State::kSynReceived});
  f.ToStack({.seq = 1, .ack = 1});
  f.Know(State::kEstablished, {State::kEstablished});
  f.Called(Call::kAccept, 2, 0);
  f.Stamp();
  f.ToStack({.control = wire::kPsh | wire::kAck, .seq = 1, .ack = 1, .length = 100});
  f.Called(Call::kReceive, 2, 100);
  f.Stamp();
  f.Called(Call::kSend, 2, 400);
  f.Stamp();
  f.FromStack({.control = wire::kPsh | wire::kAck,
               .seq = 1,
               .ack = 101,
               .length = 400,
               .window = 8192,
               .fate = Fate::kLost});
  f.Passes(Duration::Milliseconds(2750));
  f.Stamp();
  f.FromStack(
      {.control = wire::kPsh | wire::kAck, .seq = 1, .ack = 101, .length = 399, .window = 8192});
  f.ToStack({.seq = 101, .ack = 401});
  f.Called(Call::kClose, 2, 0);
  f.Know(State::kEstablished, {State::kEstablished, State::kFinWait1});
  f.FromStack({.control = wire::kFin | wire::kAck, .seq = 401, .ack = 101, .window = 8192});
  f.Know(State::kCloseWait, {State::kFinWait1});
  f.ToStack({.control = wire::kFin | wire::kAck, .seq = 101, .ack = 402});
  f.Know(State::kLastAck, {State::kTimeWait});
  f.FromStack({.seq = 402, .ack = 102, .window = 8192});
  f.Know(State::kClosed, {State::kTimeWait});
  f.Passes(Duration::Seconds(240));
  f.Know(State::kClosed, {State::kClosed});
  return f;
}

Violation ShortRetransmission(size_t event) {
  return {.rule = "retransmission.same-octets",
          .level = "MUST",
          .requirements = {"RFC9293-MUST-10"},
          .section = "RFC 9293, 3.8.1",
          .seen =
              "the retransmission from 1 on carried 399 octets and left out octet 400, which was "
              "sent before and is not acknowledged",
          .legal = "a segment that begins at SND.UNA = 1 and keeps to what was sent before",
          .known = "",
          .event = event};
}

std::string Draw(const TraceFixture& f, LadderOptions options = {}) {
  return Ladder(f.trace, options);
}

// The lines of the drawing of a trace without its head.
std::vector<std::string> Body(const std::string& drawing) {
  std::istringstream in(drawing.substr(drawing.find("\n\n") + 2));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Ladder, DrawsAWholeConnection) {
  const TraceFixture f = WholeConnection();
  const Violation violation = ShortRetransmission(10);
  EXPECT_EQ(Draw(f, {.right_name = "lwip 2.1.3", .violations = {&violation, 1}}), &R"(
          tester                                                                      lwip 2.1.3
          192.0.2.2:40000                                                             192.0.2.1:80
          iss 1000                                                                    iss 4294967000

   0.000              |                                        listen(port 80) = 1 --| LISTEN
          SYN-SENT    |--- SYN      seq 0             win 65535  <mss 1460> -------->| SYN-RECEIVED
          ESTABLISHED |<-- SYN,ACK  seq 0    ack 1    win 8192  <mss 1460> ----------|
                      |--- ACK      seq 1    ack 1    win 65535 -------------------->| ESTABLISHED
                      |                                               accept() = 2 --|
                      |--- PSH,ACK  seq 1    ack 1    win 65535  len 100 ----------->|
                      |                                       recv(2) = 100 octets --|
                      |                                       send(2) = 400 octets --|
                      |     x-- PSH,ACK  seq 1    ack 101  win 8192   len 400 -------|
                      :                        ... 2.75 s ...                        :
   2.750              |<-- PSH,ACK  seq 1    ack 101  win 8192   len 399 ------------|
       >> MUST broken: retransmission.same-octets (RFC9293-MUST-10; RFC 9293, 3.8.1)
       >> seen   the retransmission from 1 on carried 399 octets and left out octet 400, which was
       >>        sent before and is not acknowledged
       >> legal  a segment that begins at SND.UNA = 1 and keeps to what was sent before
                      |--- ACK      seq 101  ack 401  win 65535 -------------------->|
                      |                                              close(2) = ok --| ESTABLISHED |
                      |                                                              | FIN-WAIT-1
          CLOSE-WAIT  |<-- FIN,ACK  seq 401  ack 101  win 8192 ----------------------| FIN-WAIT-1
          LAST-ACK    |--- FIN,ACK  seq 101  ack 402  win 65535 -------------------->| TIME-WAIT
          CLOSED      |<-- ACK      seq 402  ack 102  win 8192 ----------------------|
                      :                        ... 240 s ...                         : CLOSED
)"[1]);
}

// SYNs that cross, and an old duplicate that nobody has seen leave.
TraceFixture CrossingHosts() {
  TraceFixture f;
  wire::OptionSet mss;
  mss.mss = 1460;
  f.Called(Call::kListen, 1, 80);
  f.Know(State::kClosed, {State::kListen});
  f.Called(Call::kConnect, 1, 80).by_tester = true;
  f.Know(State::kSynSent, {State::kListen});
  f.ToStack({.control = wire::kSyn, .options = mss, .fate = Fate::kLeft});
  f.Stamp();
  f.ToStack({.control = wire::kSyn, .seq = -10, .fate = Fate::kArrived});
  f.Know(State::kSynSent, {State::kSynReceived});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = -9, .fate = Fate::kLeft});
  f.Stamp();
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = -9, .fate = Fate::kArrived});
  f.Stamp();
  f.Called(Call::kReceive, 1, 0, sut::CallError::kRefused).by_tester = true;
  f.Know(State::kClosed, {State::kSynReceived});
  return f;
}

TEST(Ladder, DrawsTwoHostsWithBothStatesAndTheRfcsCalls) {
  EXPECT_EQ(
      Draw(CrossingHosts(),
           {.left_name = "client", .right_name = "server", .width = 90, .cast = Cast::kTwoHosts}),
      &R"(
        client                                                              server
        192.0.2.2:40000                                                     192.0.2.1:80
        iss 1000                                                            iss 4294967000

 0.000  CLOSED   |                                passive OPEN of port 80 --| LISTEN
        SYN-SENT |-- active OPEN to port 80                                 |
                 |--- SYN      seq 0            win 65535  <mss 1460> -- ...|
                 |... SYN      seq -10          win 65535 ----------------->| SYN-RECEIVED
                 |... SYN,ACK  seq 0    ack -9  win 65535 ------------------|
                 |<-- SYN,ACK  seq 0    ack -9  win 65535 -------------- ...|
        CLOSED   |-- RECEIVE: refused                                       |
)"[1]);
}

TEST(Ladder, LeavesOutWhatItIsNotAskedFor) {
  const TraceFixture f = CrossingHosts();
  EXPECT_THAT(Draw(f, {.detail = Detail::kAll}), AllOf(HasSubstr("win"), HasSubstr("<mss")));
  EXPECT_THAT(Draw(f, {.detail = Detail::kNoWindows}),
              AllOf(Not(HasSubstr("win")), HasSubstr("<mss 1460>")));
  EXPECT_THAT(Draw(f, {.detail = Detail::kNumbers}),
              AllOf(Not(HasSubstr("win")), Not(HasSubstr("mss"))));
}

TEST(Ladder, HalvesOfArrowsEndAtTheLifelinesInAnyWidth) {
  for (size_t width = 72; width <= 140; ++width) {
    for (size_t length : {0u, 1u, 1460u}) {
      TraceFixture f;
      wire::OptionSet options;
      options.mss = 1460;
      options.timestamps = wire::Timestamps{1, 2};
      for (Fate fate : {Fate::kLeft, Fate::kArrived}) {
        f.ToStack({.control = wire::kSyn, .length = length, .options = options, .fate = fate});
        f.FromStack({.control = wire::kSyn, .length = length, .options = options, .fate = fate});
      }
      std::vector<std::string> lines = Body(Draw(f, {.width = width}));
      for (const std::string& line : lines) {
        EXPECT_EQ(line.rfind('|'), lines.front().rfind('|')) << width << ": " << line;
        EXPECT_LE(Columns(line), width);
      }
    }
  }
}

TEST(Ladder, FitsInTheWidthAsked) {
  const TraceFixture f = WholeConnection();
  const Violation violation = ShortRetransmission(10);
  for (size_t width : {72u, 80u, 100u, 132u, 200u}) {
    for (Ink ink : {Ink::kAscii, Ink::kUnicode}) {
      std::istringstream lines(
          Draw(f, {.width = width, .ink = ink, .violations = {&violation, 1}}));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(Columns(line), width) << line;
      }
    }
  }
}

TEST(Ladder, IsAsciiUnlessAskedOtherwise) {
  const TraceFixture f = WholeConnection();
  for (char c : Draw(f)) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
  const std::string unicode = Draw(f, {.ink = Ink::kUnicode});
  EXPECT_THAT(unicode, HasSubstr("│─── SYN"));
  EXPECT_THAT(unicode, HasSubstr("▶│"));
  EXPECT_THAT(unicode, HasSubstr("│◀── SYN,ACK"));
}

TEST(Ladder, IsTheSameDrawingInColour) {
  const TraceFixture f = WholeConnection();
  std::string coloured = Draw(f, {.colour = Colour::kAnsi});
  EXPECT_THAT(coloured, HasSubstr("\x1b[32m--- SYN"));
  for (size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, Draw(f));
  EXPECT_THAT(Draw(f), Not(HasSubstr("\x1b")));
}

TEST(Ladder, CountsFromTheWireOnDemand) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1});
  EXPECT_THAT(Draw(f), HasSubstr("seq 0  ack 1 "));
  const std::string absolute = Draw(f, {.numbers = Numbers::kAbsolute});
  EXPECT_THAT(absolute, HasSubstr("seq 4294967000  ack 1001 "));
}

TEST(Ladder, EndsALostPacketBeforeTheOtherLifeline) {
  TraceFixture f;
  f.ToStack({.seq = 1, .ack = 1, .fate = Fate::kLost});
  f.FromStack({.seq = 1, .ack = 1, .fate = Fate::kLost});
  const std::vector<std::string> lines = Body(Draw(f));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("|--- ACK"));
  EXPECT_THAT(lines[0], HasSubstr("--x     |"));
  EXPECT_THAT(lines[1], HasSubstr("|     x-- ACK"));
  EXPECT_THAT(lines[1], HasSubstr("---|"));
}

TEST(Ladder, EndsALostPacketBeforeTheOtherLifelineHoweverLittleRoomThereIs) {
  for (int64_t number = 1; number < 2'000'000'000; number *= 10) {
    TraceFixture f;
    f.ToStack({.control = wire::kSyn});
    f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1});
    f.Know(State::kSynReceived, {State::kSynReceived});
    f.ToStack({.seq = number, .ack = 1, .fate = Fate::kLost});
    f.FromStack({.seq = 1, .ack = number, .fate = Fate::kLost});
    const std::string drawing = Draw(f, {.width = 72});
    EXPECT_THAT(drawing, ContainsRegex("-x +[|]"));
    EXPECT_THAT(drawing, ContainsRegex("[|] +x--? ACK"));
  }
}

TEST(Ladder, ShowsAStateOnlyWhenItChanges) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  f.Know(State::kSynSent, {State::kListen, State::kSynReceived});
  f.ToStack({.control = wire::kSyn});
  f.ToStack({.control = wire::kSyn});
  f.Know(State::kSynSent, {State::kSynReceived});
  const std::vector<std::string> lines = Body(Draw(f));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("SYN-SENT"));
  EXPECT_THAT(lines[0], HasSubstr("| LISTEN | SYN-RECEIVED"));
  EXPECT_THAT(lines[1], Not(HasSubstr("SYN-")));
  EXPECT_THAT(lines[2], HasSubstr("| SYN-RECEIVED"));
  EXPECT_THAT(lines[2], Not(HasSubstr("SYN-SENT")));
}

TEST(Ladder, BreaksALongSetOfStates) {
  TraceFixture f;
  f.ToStack({.seq = 100'000'000, .ack = 100'000'000, .length = 1'400});
  f.Know(State::kClosed, {State::kEstablished, State::kFinWait1, State::kFinWait2,
                          State::kCloseWait, State::kClosing, State::kTimeWait});
  const std::string drawing = Draw(f, {.width = 80});
  for (const char* name : {"ESTABLISHED |", "FIN-WAIT-1 |", "FIN-WAIT-2 |", "CLOSE-WAIT |",
                           "CLOSING |", "TIME-WAIT\n"}) {
    EXPECT_THAT(drawing, HasSubstr(name));
  }
}

TEST(Ladder, ShowsAStepOfTimeFromTheGapOn) {
  TraceFixture f;
  f.ToStack({.seq = 1});
  f.Passes(Duration::Milliseconds(60));
  f.Passes(Duration::Milliseconds(39));
  f.ToStack({.seq = 1});
  EXPECT_THAT(Draw(f), Not(HasSubstr("...")));
  EXPECT_THAT(Draw(f), HasSubstr("0.099"));
  EXPECT_THAT(Draw(f, {.gap = Duration::Milliseconds(99)}), HasSubstr("... 99 ms ..."));
}

TEST(Ladder, ShowsAShortStepThatChangesAState) {
  TraceFixture f;
  f.ToStack({.seq = 1});
  f.Know(State::kClosed, {State::kTimeWait});
  f.Passes(Duration::Milliseconds(1));
  f.Know(State::kClosed, {State::kClosed});
  const std::vector<std::string> lines = Body(Draw(f));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], HasSubstr("... 1 ms ..."));
  EXPECT_THAT(lines[1], HasSubstr(": CLOSED"));
}

TEST(Ladder, HasTimesAsFineAsTheTraceNeeds) {
  TraceFixture f;
  f.now = Instant::FromNanoseconds(1'002'000'000);
  f.ToStack({.seq = 1});
  EXPECT_THAT(Draw(f), HasSubstr(" 1.002 "));
  f.now = Instant::FromNanoseconds(1'002'000'300);
  f.ToStack({.seq = 1});
  EXPECT_THAT(Draw(f), HasSubstr(" 1.002000000 "));
  EXPECT_THAT(Draw(f), HasSubstr(" 1.002000300 "));
}

TEST(Ladder, PutsCallsAtTheLifelineOfTheirEnd) {
  TraceFixture f;
  f.Called(Call::kConnect, 1, 80).by_tester = true;
  f.Called(Call::kConnect, sut::kNoHandle, 81, sut::CallError::kRefused);
  f.Called(Call::kReceive, 3, 0);
  f.Called(Call::kSend, 3, 1);
  f.Called(Call::kShutdown, 3, 0);
  const std::vector<std::string> lines = Body(Draw(f));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0], HasSubstr("|-- connect(port 80) = 1 "));
  EXPECT_THAT(lines[1], HasSubstr(" connect(port 81) = refused --|"));
  EXPECT_THAT(lines[2], HasSubstr(" recv(3) = end of stream --|"));
  EXPECT_THAT(lines[3], HasSubstr(" send(3) = 1 octet --|"));
  EXPECT_THAT(lines[4], HasSubstr(" shutdown(3) = ok --|"));
}

TEST(Ladder, NamesTheEndsOfASecondConnection) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  f.tester.port = 40001;
  f.ToStack({.control = wire::kSyn});
  f.FromStack({.control = wire::kRst | wire::kAck, .ack = 1});
  f.tester.address = wire::IpAddress::V4(203, 0, 113, 9);
  f.ToStack({.control = wire::kSyn});
  const std::vector<std::string> lines = Body(Draw(f));
  EXPECT_THAT(lines[0], Not(HasSubstr("(")));
  EXPECT_THAT(lines[1], HasSubstr("(40001 to 80)"));
  EXPECT_THAT(lines[2], HasSubstr("(80 to 40001)"));
  EXPECT_THAT(Draw(f), HasSubstr("(203.0.113.9:40001 to 192.0.2.1:80)"));
}

TEST(Ladder, SaysWhereIpv6Ends) {
  TraceFixture f(wire::IpFamily::kIpv6);
  f.ToStack({.control = wire::kSyn});
  EXPECT_THAT(Draw(f), HasSubstr("[2001:db8::2]:40000 "));
  EXPECT_THAT(Draw(f), HasSubstr(" [2001:db8::1]:80\n"));
  EXPECT_THAT(Draw(f), HasSubstr("iss 1000"));
}

TEST(Ladder, SaysWhatNumbersStandForWithoutASyn) {
  TraceFixture f;
  f.ToStack({.seq = 77, .ack = 5});
  EXPECT_THAT(Draw(f), HasSubstr("seq 1 is 1077"));
  EXPECT_THAT(Draw(f), HasSubstr("seq 1  ack 1"));
}

TEST(Ladder, MarksAViolationUnderItsEvent) {
  TraceFixture f;
  f.FromStack({.seq = 1});
  f.FromStack({.seq = 2});
  const Violation violation = ShortRetransmission(0);
  const std::vector<std::string> lines = Body(Draw(f, {.violations = {&violation, 1}}));
  ASSERT_GT(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("seq 1"));
  EXPECT_THAT(lines[1], HasSubstr(">> MUST broken: retransmission.same-octets (RFC9293-MUST-10; "
                                  "RFC 9293, 3.8.1)"));
  EXPECT_THAT(lines[2], HasSubstr(">> seen   the retransmission"));
  EXPECT_THAT(lines.back(), HasSubstr("seq 2"));
}

TEST(Ladder, MarksAViolationOfAStepOfTime) {
  TraceFixture f;
  f.FromStack({.seq = 1});
  f.Passes(Duration::Milliseconds(7));
  Violation violation = ShortRetransmission(1);
  violation.rule = "expectation";
  violation.seen = "silence";
  violation.known = "quiet";
  const std::vector<std::string> lines = Body(Draw(f, {.violations = {&violation, 1}}));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_THAT(lines[1], HasSubstr("... 7 ms ..."));
  EXPECT_THAT(lines[2], HasSubstr(">> expectation not met"));
  EXPECT_THAT(lines[3], HasSubstr(">> seen   silence"));
  EXPECT_THAT(lines[5], HasSubstr(">> known  quiet"));
}

TEST(Ladder, LosesNoViolationWhoseEventIsNotDrawn) {
  const TraceFixture f = WholeConnection();
  const Violation violations[] = {ShortRetransmission(0), ShortRetransmission(99)};
  const std::vector<std::string> lines =
      Body(Draw(f, {.last_events = 2, .violations = violations}));
  EXPECT_THAT(lines[0], HasSubstr("15 events before these"));
  EXPECT_THAT(lines[1], HasSubstr(">> MUST broken"));
  EXPECT_THAT(lines.back(), HasSubstr(">> legal"));
}

TEST(Ladder, MakesStringsFromElsewhereHarmless) {
  TraceFixture f;
  f.FromStack({.seq = 1});
  Violation violation = ShortRetransmission(0);
  violation.seen = "\x1b]0;owned\x07\n\xff";
  const std::string drawing = Draw(f, {.right_name = "evil\x1b[2J", .violations = {&violation, 1}});
  EXPECT_THAT(drawing, HasSubstr("evil\\x1b[2J"));
  EXPECT_THAT(drawing, HasSubstr("\\x1b]0;owned\\x07 \\xff"));
}

uint32_t U32(Prng& prng) { return static_cast<uint32_t>(prng.Next()); }

TEST(Ladder, DrawsAnyOctetsWithinItsWidth) {
  Prng prng(1);
  TraceFixture f;
  std::vector<Violation> violations;
  for (int i = 0; i < 2'000; ++i) {
    wire::OptionSet options;
    if (prng.Below(2) == 0) options.timestamps = wire::Timestamps{U32(prng), U32(prng)};
    if (prng.Below(4) == 0) options.sack.push_back({U32(prng), U32(prng)});
    const Sent sent = {.control = static_cast<uint8_t>(prng.Below(256)),
                       .seq = static_cast<int64_t>(U32(prng)),
                       .ack = static_cast<int64_t>(U32(prng)),
                       .length = prng.Below(3) * 700,
                       .window = static_cast<uint16_t>(prng.Below(65'536)),
                       .options = options,
                       .fate = prng.Below(4) == 0 ? Fate::kLost : Fate::kDelivered};
    switch (prng.Below(4)) {
      case 0:
        f.ToStack(sent);
        break;
      case 1:
        f.FromStack(sent);
        break;
      case 2:
        f.Damaged(sent, 1 + prng.Below(40));
        break;
      default:
        f.Passes(Duration::Nanoseconds(static_cast<int64_t>(U32(prng))));
        break;
    }
    f.Know(spec::kAllStates[prng.Below(spec::kStateCount)],
           spec::StateSet::FromBits(static_cast<uint16_t>(prng.Below(1 << spec::kStateCount))));
    if (prng.Below(50) == 0) violations.push_back(ShortRetransmission(static_cast<size_t>(i)));
  }
  for (size_t width : {0u, 72u, 80u, 100u, 160u}) {
    std::istringstream lines(Draw(f, {.width = width, .violations = violations}));
    size_t arrows = 0;
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(Columns(line), std::max<size_t>(width, 72)) << line;
      arrows += line.find("--") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(arrows, 1'000u);
  }
}

TEST(Ladder, SaysThatNothingHappened) {
  EXPECT_THAT(Ladder(observer::Trace(), {}), HasSubstr("nothing happened"));
}

TEST(DurationText, HasTheUnitThatFits) {
  EXPECT_EQ(DurationText(Duration::Milliseconds(2750)), "2.75 s");
  EXPECT_EQ(DurationText(Duration::Milliseconds(200)), "200 ms");
  EXPECT_EQ(DurationText(Duration::Nanoseconds(1'500)), "1.5 us");
  EXPECT_EQ(DurationText(Duration::Nanoseconds(1'999'999'999)), "1.999 s");
  EXPECT_EQ(DurationText(Duration::Seconds(240)), "240 s");
  EXPECT_EQ(DurationText(Duration::Nanoseconds(7)), "7 ns");
  EXPECT_EQ(DurationText(Duration()), "0 ns");
}

}  // namespace
}  // namespace assay::report
