// What a known deviation explains, and where it stops explaining: each with and without its quirk.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/rules/flight_for_test.h"
#include "harness/rules/judge.h"
#include "harness/rules/run_for_test.h"

namespace assay::rules {
namespace {

using spec::State;
using sut::CallError;
using testing::ElementsAre;
using testing::IsEmpty;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

// A profile in which nothing, or just this, is known.
RunOptions With(observer::Quirk quirk, bool known) {
  RunOptions options;
  if (known) options.profile.quirks.Add(quirk);
  return options;
}

TEST(KnownDeviation, AKnownDeviationIsReportedAsKnownAndTheRunGoesOn) {
  RunOptions options;
  options.profile.quirks.Add(observer::Quirk::kAnswersTwice);
  RunForTest run(options);
  run.Establish();
  run.TakesText(100);
  run.Stack({.ack = 101, .window = 9'900});  // the second
  run.Quiet();
  EXPECT_THAT(run.Broken(), ElementsAre("ack.only-with-cause"));
  ASSERT_EQ(run.judge.findings().size(), 1u);
  EXPECT_TRUE(run.judge.findings()[0].is_known());
  EXPECT_EQ(run.judge.violation(), nullptr);
  EXPECT_FALSE(run.judge.tainted());
  // The belief stands where the stack does: what breaks another rule is found.
  run.TakesText(100, 101);
  EXPECT_EQ(run.judge.findings().size(), 1u);
  run.Peer({.seq = 201, .text = 100});
  run.Stack({.ack = 302, .window = 9'699});
  EXPECT_THAT(run.Broken(), ElementsAre("ack.only-with-cause", "ack.number-is-what-was-received"));
  EXPECT_TRUE(run.judge.tainted());
}

TEST(KnownDeviation, AnAssertionIsKnownByItsWords) {
  for (const bool known : {false, true}) {
    RunForTest run(With(observer::Quirk::kAssertInsaneOffset, known));
    run.judge.OnFault("tcp_in.c:1: insane offset", run.now);
    ASSERT_EQ(run.judge.findings().size(), 1u);
    EXPECT_EQ(run.judge.findings()[0].is_known(), known);
  }
}

// A SYN,ACK in SYN-RECEIVED that a stack takes for an ACK, its SYN for an octet: the quirk covers
// just that octet, and is no excuse for another.
TEST(KnownDeviation, ASynTakenForTextLeavesOutOneOctet) {
  struct Row {
    bool known;
    int64_t from;  // the offset of the first octet that is given
    bool clean;
  };
  for (const Row& row : {Row{true, 1, true}, Row{true, 2, false}, Row{false, 1, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " from " << row.from);
    RunForTest run(With(observer::Quirk::kSynReceivedTakesSynAck, row.known));
    run.Listen();
    run.Peer(RunForTest::Syn());
    run.Stack(RunForTest::SynAck());
    run.Quiet();
    run.Peer({.control = kSyn | kAck, .seq = 0, .text = 100, .options = {.mss = 1460}});
    run.Stack({.ack = 101, .window = 9'900});
    run.Quiet();
    run.Accept();
    run.Receive(99, row.from);
    EXPECT_THAT(run.Broken(), ElementsAre("delivery.exact"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// With that hole unread, CLOSE may be answered by a RST (SHLD-3); but then the connection is gone.
TEST(KnownDeviation, ACloseOverTheLeftOutOctetLeavesNoEstablished) {
  RunOptions options;
  options.profile.quirks.Add(observer::Quirk::kSynReceivedTakesSynAck);
  RunForTest run(options);
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(RunForTest::SynAck());
  run.Quiet();
  run.Peer({.control = kSyn | kAck, .seq = 0, .text = 100, .options = {.mss = 1460}});
  run.Stack({.ack = 101, .window = 9'900});
  run.Quiet();
  run.Accept();
  run.Receive(99, 1);
  run.Close();
  run.Quiet();
  EXPECT_EQ(run.judge.violation(), nullptr) << run.Report();
  run.Reports(State::kEstablished);
  ASSERT_NE(run.judge.violation(), nullptr) << run.Report();
  EXPECT_EQ(run.judge.violation()->rule->id, "state.reported-is-possible");
}

// What an ACK of octets never sent offers is no window; with the quirk it is, and no more than it.
TEST(KnownDeviation, AWindowFromABadAckIsKnownAsFarAsItGoes) {
  struct Row {
    bool known;
    size_t octets;
    bool clean;
  };
  for (const Row& row : {Row{true, 100, true}, Row{true, 101, false}, Row{false, 100, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.octets);
    RunForTest run(With(observer::Quirk::kWindowFromBadAck, row.known));
    SegmentForTest syn = RunForTest::Syn();
    syn.window = 0;
    run.Establish(syn, RunForTest::SynAck());
    run.Send(500);
    run.Quiet();
    run.Peer({.ack = 400, .window = 100});
    run.Stack({});
    run.Stack({.text = row.octets});
    run.Quiet();
    EXPECT_THAT(run.Broken(), ElementsAre("window.new-data-inside-it"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// Where it has no room for what waits, silence is known; where it has, it is not.
TEST(KnownDeviation, AWindowFromABadAckExplainsSilenceWhereItIsFull) {
  struct Row {
    bool known;
    uint16_t window;
    bool clean;
  };
  for (const Row& row : {Row{true, 19, true}, Row{true, 20, false}, Row{false, 19, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.window);
    RunForTest run(With(observer::Quirk::kWindowFromBadAck, row.known));
    run.Establish();
    run.TurnOffNagle();
    run.SendsText(10);
    run.Peer({.ack = 400, .window = row.window});
    run.Stack({.seq = 11});
    run.Quiet();
    run.Send(10);
    run.Quiet();
    run.WaitInSilence(Duration::Milliseconds(1));
    EXPECT_THAT(run.Broken(), ElementsAre("nagle.not-where-it-is-off"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// Half of the congestion window, where little was in flight: as much as that half, and no more.
TEST(KnownDeviation, HalfOfTheCongestionWindowIsKnownAsFarAsItGoes) {
  struct Row {
    bool known;
    int segments;
    bool clean;
  };
  for (const Row& row : {Row{true, 6, true}, Row{true, 20, false}, Row{false, 6, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.segments);
    RunForTest run(With(observer::Quirk::kHalvesCwnd, row.known));
    SegmentForTest syn = RunForTest::Syn({.mss = kSmss});
    syn.window = kWindow;
    run.Establish(syn, RunForTest::SynAck({.mss = kSmss}));
    // Four in flight, where ten might be.
    run.Send(4 * kSmss);
    Segments(run, 0, 3);
    run.Stack({.control = kAck | kPsh, .seq = 1 + 3 * kSmss, .text = kSmss});
    run.Quiet();
    Duplicates(run, 2);
    Acknowledge(run, 0);
    Segments(run, 0, 1);
    run.Send(100 * kSmss);
    Segments(run, 4, 4 + row.segments);
    EXPECT_THAT(run.Broken(), testing::Contains("recovery.one-segment-for-a-duplicate"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// A smaller window with the SEQ and ACK of the last one: text up to the edge before it, until the
// SEQ or the ACK moves on.
TEST(KnownDeviation, ASmallerWindowIsPassedOverAsFarAsTheLargerOneGoes) {
  struct Row {
    bool known;
    int64_t seq;  // of the smaller window
    bool clean;
  };
  for (const Row& row : {Row{true, 1, true}, Row{true, 2, false}, Row{false, 1, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.seq);
    RunOptions options;
    if (row.known) options.profile.quirks.Add(observer::Quirk::kIgnoresSmallerWindow);
    RunForTest run(options);
    run.Establish();
    if (row.seq == 2) {
      run.Peer({.text = 1});
      run.Stack({.ack = 2, .window = 9'999});
      run.Quiet();
    }
    run.Peer({.seq = row.seq, .window = 100});
    run.Quiet();
    run.Send(1'000);
    run.Stack({.control = kAck | kPsh,
               .ack = row.seq,
               .text = 1'000,
               .window = static_cast<uint16_t>(10'001 - row.seq)});
    run.Quiet();
    EXPECT_THAT(run.Broken(), ElementsAre("window.no-new-data-after-it-shrank"));
    EXPECT_EQ(run.judge.unexplained() == nullptr, row.clean) << run.Report();
  }
}

// What goes beyond that edge may go by the window of an ACK of what was never sent.
TEST(KnownDeviation, ASmallerWindowMayGiveWayToThatOfABadAck) {
  struct Row {
    bool known;
    size_t octets;
    bool clean;
  };
  for (const Row& row :
       {Row{true, 1'000, true}, Row{true, 1'001, false}, Row{false, 1'000, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.octets);
    RunOptions options;
    options.profile.quirks.Add(observer::Quirk::kIgnoresSmallerWindow);
    if (row.known) options.profile.quirks.Add(observer::Quirk::kWindowFromBadAck);
    RunForTest run(options);
    run.Establish();
    run.TakesText(1);
    run.Peer({.seq = 2, .window = 100});
    run.Quiet();
    run.Peer({.seq = 2, .ack = 400, .window = 1'000});
    run.Stack({.ack = 2, .window = 9'999});
    run.Quiet();
    run.Send(row.octets);
    run.Stack({.control = kAck | kPsh, .ack = 2, .text = row.octets, .window = 9'999});
    run.Quiet();
    EXPECT_THAT(run.Broken(), ElementsAre("window.no-new-data-after-it-shrank"));
    EXPECT_EQ(run.judge.unexplained() == nullptr, row.clean) << run.Report();
  }
}

// Moves of the edge are known as long as the window is the same, not where it grows with them.
TEST(KnownDeviation, AWindowThatStandsIsKnownUntilItGrows) {
  for (const uint16_t grows : {uint16_t{0}, uint16_t{1}}) {
    RunOptions options;
    options.profile.quirks.Add(observer::Quirk::kWindowStands);
    RunForTest run(options);
    run.Establish();
    for (int i = 0; i < 4; ++i) {
      run.Peer({.seq = 1 + 10 * i, .text = 10});
      run.Stack({.ack = 11 + 10 * i, .window = static_cast<uint16_t>(10'000 + grows * i)});
      run.Quiet();
    }
    EXPECT_THAT(run.Broken(), ElementsAre("window.no-silly-steps"));
    EXPECT_EQ(run.judge.violation() == nullptr, grows == 0) << run.Report();
  }
}

// Four segments in flight, one of which may be lost, make three duplicates.
TEST(KnownDeviation, FourSegmentsInFlightAreEnough) {
  for (const int segments : {3, 4}) {
    SCOPED_TRACE(segments);
    RunOptions options;
    options.profile.quirks.Add(observer::Quirk::kNeedsFourInFlight);
    RunForTest run(options);
    SegmentForTest syn = RunForTest::Syn({.mss = kSmss});
    syn.window = kWindow;
    run.Establish(syn, RunForTest::SynAck({.mss = kSmss}));
    run.Send(static_cast<size_t>(segments * kSmss));
    Segments(run, 0, segments - 1);
    const int64_t last = 1 + kSmss * (segments - 1);
    run.Stack({.control = kAck | kPsh, .seq = last, .text = kSmss});
    run.Quiet();
    Duplicates(run, 3);
    run.WaitInSilence(Duration::Milliseconds(500));
    EXPECT_THAT(run.Broken(), ElementsAre("fast-retransmit.at-the-third"));
    EXPECT_EQ(run.judge.unexplained() == nullptr, segments == 3) << run.Report();
  }
}

// So is the window of an ACK that was overtaken by the handshake: it counts from SND.UNA.
TEST(KnownDeviation, AWindowFromAnOldAckIsKnownAsFarAsItGoes) {
  struct Row {
    bool known;
    size_t octets;
    bool clean;
  };
  for (const Row& row : {Row{true, 784, true}, Row{true, 785, false}, Row{false, 784, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.octets);
    RunForTest run(With(observer::Quirk::kWindowFromBadAck, row.known));
    run.Connect();
    run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1460}});
    run.Quiet();
    SegmentForTest syn_ack = RunForTest::SynAck();
    syn_ack.window = 128;
    run.Peer(syn_ack);
    run.Stack({});
    run.Quiet();
    run.Peer({.ack = 0, .window = 784});
    run.Quiet();
    run.Send(1'000);
    run.Stack({.text = row.octets});
    run.Quiet();
    EXPECT_THAT(run.Broken(), ElementsAre("window.new-data-inside-it"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// Known timers are slow, not dead: 96 s after four resends of the SYN, but not for ever.
TEST(KnownDeviation, ABackoffThatOutlivesTheSynEnds) {
  struct Row {
    bool known;
    int seconds;
    bool clean;
  };
  for (const Row& row : {Row{true, 95, true}, Row{true, 400, false}, Row{false, 95, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.seconds);
    RunForTest run(With(observer::Quirk::kBackoffOutlivesSyn, row.known));
    run.Connect();
    const SegmentForTest syn = {.control = kSyn, .seq = 0, .options = {.mss = 1440}};
    run.Stack(syn);
    run.Quiet();
    for (int i = 0; i < 4; ++i) {
      run.Wait(Duration::Seconds(3 << i));
      run.Stack(syn);
      run.Quiet();
    }
    run.Peer(RunForTest::SynAck());
    run.Stack({});
    run.Quiet();
    run.SendsText(100);
    run.Wait(Duration::Seconds(3));
    run.Stack({.control = kAck | kPsh, .text = 100});
    run.Quiet();
    run.WaitInSilence(Duration::Seconds(row.seconds));
    run.Reports(State::kEstablished);
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
    EXPECT_EQ(run.judge.findings().size(), 1u) << run.Report();
  }
}

// An ACK of what was never sent that ends the measurement of a round trip 40 s late makes the next
// time-out that much longer, and no longer than that. At once, it makes it no longer.
TEST(KnownDeviation, ARoundTripMeasuredWrongLastsAsLongAsItSays) {
  struct Row {
    bool known;
    int after;
    int seconds;
    bool clean;
  };
  for (const Row& row : {Row{true, 40, 250, true}, Row{true, 40, 1'500, false},
                         Row{true, 0, 250, false}, Row{false, 40, 250, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.after << " " << row.seconds);
    RunForTest run(With(observer::Quirk::kSamplesAnyAck, row.known));
    run.Establish();
    run.SendsText(100);
    run.Wait(Duration::Seconds(row.after));
    run.Peer({.ack = 500});
    run.Stack({.seq = 101});
    run.Quiet();
    run.Wait(Duration::Seconds(1));
    run.Stack({.control = kAck | kPsh, .text = 100});
    run.Quiet();
    run.WaitInSilence(Duration::Seconds(row.seconds));
    run.Reports(State::kEstablished);
    EXPECT_THAT(run.Broken(), Not(IsEmpty()));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// An ACK inside a segment, with a window for less than the rest of it: known to end all sending,
// until that segment is acknowledged, whatever windows come.
TEST(KnownDeviation, AStallOnAPartialAckIsKnownAsLongAsItMayLast) {
  struct Row {
    bool known;
    int64_t ack;
    uint16_t window;
    bool older;  // then an older ACK, with another window
    bool clean;
  };
  for (const Row& row : {Row{true, 201, 100, false, true}, Row{true, 201, 100, true, true},
                         Row{true, 201, 1'000, false, false}, Row{false, 201, 100, false, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.ack << " " << row.window);
    RunForTest run(With(observer::Quirk::kStallsOnPartialAck, row.known));
    run.Establish();
    run.TurnOffNagle();
    run.SendsText(500);
    run.SendsText(500, 501);
    run.Peer({.ack = row.ack, .window = row.window});
    run.Quiet();
    if (row.older) {
      run.Peer({.ack = 1, .window = 0});
      run.Quiet();
    }
    run.WaitInSilence(Duration::Seconds(250));
    run.Reports(State::kEstablished);
    EXPECT_THAT(run.Broken(), Not(IsEmpty()));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// Of text behind a gap what lies beyond the window is not kept; where it is known to be, it is
// taken once there is room, as far as it goes.
TEST(KnownDeviation, TextKeptBeyondTheWindowIsKnownAsFarAsItGoes) {
  struct Row {
    bool known;
    int64_t taken;
    bool clean;
  };
  for (const Row& row :
       {Row{true, 10'501, true}, Row{true, 10'502, false}, Row{false, 10'501, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.taken);
    RunForTest run(With(observer::Quirk::kTakesTextBeyondWindow, row.known));
    run.Establish();
    run.Peer({.seq = 9'001, .text = 1'500});  // 500 beyond the edge
    run.Stack({.window = 10'000});
    run.Quiet();
    run.TakesText(8'000);
    run.Receive(8'000, 0);
    run.Quiet();
    run.Peer({.seq = 8'001, .text = 1'000});
    run.Stack({.ack = row.taken, .window = 5'000});
    run.Quiet();
    EXPECT_THAT(run.Broken(), ElementsAre("ack.number-is-what-was-received"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// Where the connection may have been given up silence is no deviation; that it goes on shows one.
TEST(KnownDeviation, AKnownSilenceIsRememberedWhereTheConnectionMayBeGone) {
  for (const bool known : {false, true}) {
    RunForTest run(With(observer::Quirk::kAckLostBehindNagle, known));
    run.Establish();
    run.SendsText(100);
    for (const int gap : {3, 6, 12, 24, 48}) {
      run.Wait(Duration::Seconds(gap));
      run.Stack({.control = kAck | kPsh, .text = 100});
      run.Quiet();
    }
    run.Send(100);  // held by Nagle
    run.WaitInSilence(Duration::Seconds(10));
    run.Peer({.text = 10});
    run.Quiet();
    run.WaitInSilence(Duration::Seconds(1));
    EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    run.Reports(State::kEstablished);
    EXPECT_THAT(run.Broken(), ElementsAre("state.reported-is-possible"));
    EXPECT_EQ(run.judge.violation() == nullptr, known);
  }
}

// A FIN that is known to be taken where nobody put it is an octet there: a RST at its number is
// old.
TEST(KnownDeviation, AMovedFinCountsAsAnOctet) {
  for (const bool known : {true, false}) {
    RunForTest run(With(observer::Quirk::kMovedFin, known));
    run.Establish();
    run.Peer({.control = kFin | kAck, .seq = 51, .text = 20});
    run.Stack({});
    run.Quiet();
    run.TakesText(100);
    run.Receive(100, 0);
    run.ReceiveAnswers(CallError::kNone);
    run.Quiet();
    run.Peer({.control = kRst, .seq = 101});
    run.WaitInSilence(Duration::Seconds(1));
    run.Reports(State::kCloseWait);
    EXPECT_EQ(run.judge.violation() == nullptr, known) << run.Report();
  }
}

// The ACK of a SYN,ACK is lost behind queued data like any other; the SYN,ACK of a simultaneous
// open is not.
TEST(KnownDeviation, TheAckOfASynAckIsKnownToBeLostBehindNagle) {
  struct Row {
    bool known;
    size_t queued;
    uint8_t control;
    bool clean;
  };
  for (const Row& row : {Row{true, 100, kSyn | kAck, true}, Row{true, 0, kSyn | kAck, false},
                         Row{true, 100, kSyn, false}, Row{false, 100, kSyn | kAck, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.queued << " " << +row.control);
    RunForTest run(With(observer::Quirk::kAckLostBehindNagle, row.known));
    run.Connect();
    run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1460}});
    run.Quiet();
    run.Send(row.queued);
    run.Peer({.control = row.control, .seq = 0, .options = {.mss = 1460}});
    run.Quiet();
    run.WaitInSilence(Duration::Seconds(1));
    EXPECT_THAT(run.Broken(), ElementsAre("handshake.syn-is-answered"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// What Linux does otherwise: one exchange each, that its quirk explains, and nothing else does.
struct Exchange {
  observer::Quirk quirk;
  const char* rule;
  void (*play)(RunForTest&);
};

void GoToFinWait2AfterClose(RunForTest& run) {
  run.Establish();
  run.Close();
  run.Stack({.control = kFin | kAck});
  run.Quiet();
  run.Peer({.ack = 2});
  run.Quiet();
}

void GoToCloseWait(RunForTest& run) {
  run.Establish();
  run.Peer({.control = kFin | kAck});
  run.Stack({.ack = 2, .window = 9'999});
  run.Quiet();
}

void EstablishReporting(RunForTest& run) {
  SegmentForTest syn = RunForTest::Syn();
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn.options.sack_permitted = syn_ack.options.sack_permitted = true;
  run.Establish(syn, syn_ack);
}

// An ACK that reports [from, to) of the peer's stream.
SegmentForTest Reports(int64_t ack, uint32_t from, uint32_t to) {
  return {.ack = ack,
          .options = {.sack = {{RunOptions().tester_iss + from, RunOptions().tester_iss + to}}}};
}

constexpr Exchange kExchanges[] = {
    {observer::Quirk::kResetLeftOfWindow, "ack.only-with-cause",
     [](RunForTest& run) {
       run.Establish();
       run.Peer({.control = kRst, .seq = 0, .text = 1});
       run.Stack({});
     }},
    {observer::Quirk::kResetAtSackEdge, "state.reported-is-possible",
     [](RunForTest& run) {
       SegmentForTest syn = RunForTest::Syn();
       syn.options.sack_permitted = true;
       run.Establish(syn, RunForTest::SynAck());
       run.Peer({.seq = 101, .text = 100});
       run.Stack({});
       run.Quiet();
       run.Peer({.control = kRst, .seq = 201});
       run.Quiet();
       run.Reports(State::kClosed);
     }},
    {observer::Quirk::kResetBehindFin, "state.reported-is-possible",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Peer({.control = kRst, .seq = 1});
       run.Quiet();
       run.Reports(State::kClosed);
     }},
    {observer::Quirk::kResetsTextAcrossFin, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Peer({.seq = 1, .text = 10});
       run.Stack({.control = kRst, .seq = 1});
     }},
    {observer::Quirk::kRightEdgeIsInside, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.seq = 10'001, .ack = 2, .text = 10});
       run.Stack({.control = kRst, .seq = 2});
     }},
    {observer::Quirk::kFinWait2ResetsSyn, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kSyn, .seq = 5});
       run.Stack({.control = kRst | kAck, .seq = -5'000, .ack = 6});
     }},
    {observer::Quirk::kFinWait2TakesAnyRst, "challenge.answers-rst-and-syn",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kRst, .seq = 5});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {observer::Quirk::kFinWait2AnswersReset, "ack.only-with-cause",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kRst, .seq = 0});
       run.Stack({.seq = 2});
     }},
    {observer::Quirk::kFinWait2IgnoresAck, "ack.answers-what-was-never-sent",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.ack = 500});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {observer::Quirk::kFinWait2IgnoresAck, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kFin | kAck, .ack = 3});
       run.Stack({.seq = 2, .ack = 2});
     }},
    {observer::Quirk::kSynReceivedTakesIssAck, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       run.Connect();
       run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1460}});
       run.Quiet();
       run.Peer(RunForTest::Syn());
       run.Stack(RunForTest::SynAck());
       run.Quiet();
       run.Peer({.ack = 0, .text = 10});
       run.Stack({.ack = 11});
       run.Quiet();
       run.Wait(Duration::Seconds(1));
       run.Stack(RunForTest::SynAck());  // nothing has acknowledged it
     }},
    {observer::Quirk::kRightEdgeIsInside, "state.reported-is-possible",
     [](RunForTest& run) {
       run.Listen();
       run.Peer(RunForTest::Syn());
       run.Stack(RunForTest::SynAck());
       run.Quiet();
       run.Peer({.seq = 10'001, .text = 10});
       run.Stack({});
       run.Accept();
       run.Quiet();
       run.Reports(State::kEstablished);
     }},
    {observer::Quirk::kSynReceivedRefusesEcho, "ack.only-with-cause",
     [](RunForTest& run) {
       SegmentForTest syn = RunForTest::Syn();
       SegmentForTest syn_ack = RunForTest::SynAck();
       syn.options.timestamps = wire::Timestamps{100, 0};
       syn_ack.options.timestamps = wire::Timestamps{7, 100};
       run.Listen();
       run.Peer(syn);
       run.Stack(syn_ack);
       run.Quiet();
       run.Peer({.options = {.timestamps = wire::Timestamps{100, 8}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{9, 100}}});
     }},
    // The ACK was of an old SYN,ACK, which may have established as well.
    {observer::Quirk::kSynReceivedRefusesEcho, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       SegmentForTest syn = RunForTest::Syn();
       SegmentForTest syn_ack = RunForTest::SynAck();
       syn.options.timestamps = wire::Timestamps{100, 0};
       syn_ack.options.timestamps = wire::Timestamps{7, 100};
       run.Listen();
       run.Peer(syn);
       run.Stack(syn_ack);
       run.Quiet();
       run.Peer({.control = kSyn | kAck, .seq = 0, .options = {.timestamps = {{102, 7}}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{9, 100}}});
       run.Quiet();
       run.Peer({.text = 10, .options = {.timestamps = wire::Timestamps{110, 9}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{17, 100}}});
     }},
    {observer::Quirk::kNewSeqIsNoDuplicate, "fast-retransmit.at-the-third",
     [](RunForTest& run) {
       SegmentForTest syn = RunForTest::Syn();
       syn.options.mss = 1'000;
       run.Establish(syn, RunForTest::SynAck());
       run.TakesText(10);
       run.Send(20'000);
       for (int i = 0; i < 5; ++i) {
         run.Stack({.seq = 1 + 1'000 * i, .ack = 11, .text = 1'000, .window = 9'990});
       }
       run.Quiet();
       // The first of them is the first that says where the peer's text ends.
       for (int i = 0; i < 3; ++i) {
         run.Peer({.seq = 11});
         run.Quiet();
       }
       run.WaitInSilence(Duration::Milliseconds(500));
       run.Peer({.seq = 11});
       run.Stack({.ack = 11, .text = 1'000, .window = 9'990});
       run.Quiet();
     }},
    {observer::Quirk::kNeedsFourInFlight, "fast-retransmit.at-the-third",
     [](RunForTest& run) {
       run.Establish();
       run.SendsText(10);
       for (int i = 0; i < 3; ++i) {
         run.Peer({});
         run.Quiet();
       }
       run.WaitInSilence(Duration::Milliseconds(500));
     }},
    {observer::Quirk::kIgnoresSmallerWindow, "window.no-new-data-after-it-shrank",
     [](RunForTest& run) {
       run.Establish();
       run.Peer({.window = 100});
       run.Quiet();
       run.SendsText(500);
     }},
    {observer::Quirk::kWindowStands, "window.no-silly-steps",
     [](RunForTest& run) {
       run.Establish();
       for (int i = 0; i < 4; ++i) {
         run.Peer({.seq = 1 + 10 * i, .text = 10});
         run.Stack({.ack = 11 + 10 * i});
         run.Quiet();
       }
     }},
    {observer::Quirk::kNamedByEachPiece, "sack.a-duplicate-is-named-once",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.TakesText(100);
       run.Send(2'000);
       run.Peer({.text = 100});
       for (const int64_t seq : {1, 1'001}) {
         SegmentForTest piece = Reports(101, 1, 101);
         piece.seq = seq;
         piece.text = 1'000;
         piece.window = 9'900;
         if (seq > 1) piece.control = kAck | kPsh;
         run.Stack(piece);
       }
       run.Quiet();
     }},
    {observer::Quirk::kFinWait1DropsText, "ack.answers-the-unacceptable",
     [](RunForTest& run) {
       run.Establish();
       run.Close();
       run.Stack({.control = kFin | kAck});
       run.Quiet();
       run.Peer({.seq = -1, .ack = 2, .text = 2});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {observer::Quirk::kCutWhenQueued, "text.no-silly-segments",
     [](RunForTest& run) {
       SegmentForTest syn = RunForTest::Syn();
       syn.window = 64;
       run.Establish(syn, RunForTest::SynAck());
       run.Send(3'000);
       run.Stack({.control = kAck | kPsh, .text = 64});
       run.Quiet();
       run.Peer({.ack = 65});
       for (int i = 0; i < 3; ++i) {
         run.Stack({.control = kAck | kPsh, .seq = 65 + 64 * i, .text = 64});
       }
       run.Quiet();
     }},
    // What the ACK lets go out comes before the RST.
    {observer::Quirk::kResetsTextAcrossFin, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Send(2'000);
       run.Stack({.ack = 2, .text = 1'000, .window = 9'999});
       run.Quiet();
       run.Peer({.ack = 1'001, .text = 10});
       run.Stack({.control = kAck | kPsh, .seq = 1'001, .ack = 2, .text = 1'000, .window = 9'999});
       run.Stack({.control = kRst, .seq = 1'001});
     }},
    {observer::Quirk::kOpenDiesOfSoftError, "rst.only-when-called-for",
     [](RunForTest& run) {
       run.Listen();
       run.Peer(RunForTest::Syn());
       run.Stack(RunForTest::SynAck());
       run.Quiet();
       run.NoRoute(0);
       run.Quiet();
       run.Peer({});
       run.Stack({.control = kRst, .seq = 1});
     }},
    {observer::Quirk::kUrgentCopied, "urgent.points-behind-it",
     [](RunForTest& run) {
       run.Establish();
       run.Send(1'000, sut::kSendPush | sut::kSendUrgent);
       run.Stack({.control = kAck | kPsh | kUrg, .text = 1'000, .urgent = 1'000});
       run.Quiet();
       run.TooBig(576, 1);
       for (const int64_t seq : {1, 501}) {
         run.Stack({.control = kAck | kUrg, .seq = seq, .text = 500, .urgent = 1'000});
       }
       run.Quiet();
     }},
    // Text up to the FIN was perhaps taken: it came behind an ACK that is too old. What was
    // reported once is reported again, and with more behind it.
    {observer::Quirk::kTakesBehindFin, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.ack = -20'000, .text = 100});
       run.Stack({});
       run.Quiet();
       for (const uint32_t fin : {101u, 102u}) {
         run.Peer({.control = kFin | kAck, .seq = fin});
         run.Stack(Reports(1, 101, fin + 1));
         run.Quiet();
       }
       run.Peer({.control = kRst, .seq = 500});
       run.Stack(Reports(1, 101, 103));
     }},
    {observer::Quirk::kTakesBehindFin, "sack.names-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.control = kFin | kAck, .seq = 101, .text = 100});
       run.Stack(Reports(1, 101, 202));
       run.Quiet();
       run.Peer({.seq = 202, .text = 50});
       run.Stack(Reports(1, 101, 252));
     }},
    {observer::Quirk::kTakesTextBeyondWindow, "sack.names-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.seq = 9'990, .text = 20});
       run.Stack(Reports(1, 9'990, 10'010));
     }},
    {observer::Quirk::kResetUnstamped, "timestamps.on-a-rst-too",
     [](RunForTest& run) {
       const auto stamped = [](SegmentForTest segment, uint32_t value, uint32_t echo) {
         segment.options.timestamps = wire::Timestamps{value, echo};
         return segment;
       };
       SegmentForTest syn = RunForTest::Syn();
       syn.window = 10;
       run.Listen();
       run.Peer(stamped(syn, 100, 0));
       run.Stack(stamped(RunForTest::SynAck(), 7, 100));
       run.Quiet();
       run.Peer(stamped({.window = 10}, 100, 7));
       run.Accept();
       run.Quiet();
       run.Send(20);
       run.Stack(stamped({.text = 10}, 7, 100));
       run.Close();
       run.Quiet();
       // What its ACK lets go out comes before the RST, so that the connection was still there.
       run.Peer(stamped({.seq = 0, .ack = 11, .text = 20, .window = 10}, 101, 7));
       run.Stack(stamped({.control = kAck | kPsh | kFin, .seq = 11, .text = 10}, 8, 100));
       run.Stack({.control = kRst, .seq = 11});
     }},
    {observer::Quirk::kTakesBehindFin, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       run.Establish();
       for (const int64_t fin : {11, 12}) {
         run.Peer({.control = kFin | kAck, .seq = fin});
         run.Stack({});
         run.Quiet();
       }
       run.Peer({.text = 10});
       run.Stack({.ack = 13});
     }},
    {observer::Quirk::kOpenDiesOfSoftError, "error.reset-only-if-gone",
     [](RunForTest& run) {
       run.Connect();
       run.Stack(RunForTest::Syn());
       run.Quiet();
       run.NoRoute(0);
       run.ReceiveAnswers(CallError::kUnreachable);
     }},
    {observer::Quirk::kTimeWaitWindowWraps, "window.right-edge-never-retreats",
     [](RunForTest& run) {
       SegmentForTest syn_ack = RunForTest::SynAck();
       syn_ack.window = 65'535;
       run.Establish(RunForTest::Syn(), syn_ack);
       run.Shutdown();
       run.Stack({.control = kFin | kAck, .window = 65'535});
       run.Quiet();
       run.Peer({.control = kFin | kAck, .ack = 2});
       run.Stack({.seq = 2, .ack = 2, .window = 65'535});
       run.Quiet();
       run.Peer({.control = kFin | kAck, .ack = 2});
       run.Stack({.seq = 2, .ack = 2, .window = 1'000});
     }},
};

TEST(KnownDeviation, WhatLinuxDoesOtherwiseIsExplainedByItsOwnQuirkAlone) {
  for (const Exchange& exchange : kExchanges) {
    SCOPED_TRACE(std::string(Name(exchange.quirk)));
    for (const bool known : {false, true}) {
      RunOptions options;
      for (const Exchange& each : kExchanges) {
        if ((each.quirk == exchange.quirk) == known) options.profile.quirks.Add(each.quirk);
      }
      RunForTest run(options);
      exchange.play(run);
      ASSERT_FALSE(run.judge.findings().empty());
      EXPECT_EQ(run.judge.findings()[0].is_known(), known) << run.Report();
      EXPECT_EQ(run.judge.findings()[0].rule->id, exchange.rule);
      EXPECT_EQ(run.judge.findings().size(), 1u) << run.Report();
    }
  }
}

}  // namespace
}  // namespace assay::rules
