// What a known deviation explains, and where it stops explaining: each with and without its quirk.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/rules/flight_for_test.h"
#include "harness/rules/judge.h"
#include "harness/rules/run_for_test.h"

namespace assay::rules {
namespace {

using sut::CallError;
using testing::ElementsAre;
using testing::IsEmpty;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

// A profile in which nothing, or just this, is known.
RunOptions With(Quirk quirk, bool known) {
  RunOptions options;
  if (known) options.profile.quirks.Add(quirk);
  return options;
}

// A rule that play(run, n) breaks whatever n is: with the quirk it is known up to `most`, and not
// beyond; without the quirk it is not.
template <typename Play>
void ExpectKnownUpTo(int64_t most, Quirk quirk, std::string_view rule, Play play) {
  struct Row {
    bool known;
    int64_t n;
    bool clean;
  };
  for (const Row& row :
       {Row{true, most, true}, Row{true, most + 1, false}, Row{false, most, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.n);
    RunForTest run(With(quirk, row.known));
    play(run, row.n);
    EXPECT_THAT(run.Broken(), ElementsAre(rule));
    EXPECT_EQ(run.judge.unexplained() == nullptr, row.clean) << run.Report();
  }
}

TEST(KnownDeviation, AKnownDeviationIsReportedAsKnownAndTheRunGoesOn) {
  RunOptions options;
  options.profile.quirks.Add(Quirk::kAnswersTwice);
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
    RunForTest run(With(Quirk::kAssertInsaneOffset, known));
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
    RunForTest run(With(Quirk::kSynReceivedTakesSynAck, row.known));
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
  options.profile.quirks.Add(Quirk::kSynReceivedTakesSynAck);
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
  ExpectKnownUpTo(100, Quirk::kWindowFromBadAck, "window.new-data-inside-it",
                  [](RunForTest& run, int64_t octets) {
                    SegmentForTest syn = RunForTest::Syn();
                    syn.window = 0;
                    run.Establish(syn, RunForTest::SynAck());
                    run.Send(500);
                    run.Quiet();
                    run.Peer({.ack = 400, .window = 100});
                    run.Stack({});
                    run.Stack({.text = static_cast<size_t>(octets)});
                    run.Quiet();
                  });
}

// Where it has no room for what waits, silence is known; where it has, it is not.
TEST(KnownDeviation, AWindowFromABadAckExplainsSilenceWhereItIsFull) {
  ExpectKnownUpTo(19, Quirk::kWindowFromBadAck, "nagle.not-where-it-is-off",
                  [](RunForTest& run, int64_t window) {
                    run.Establish();
                    run.TurnOffNagle();
                    run.SendsText(10);
                    run.Peer({.ack = 400, .window = static_cast<uint16_t>(window)});
                    run.Stack({.seq = 11});
                    run.Quiet();
                    run.Send(10);
                    run.Quiet();
                    run.WaitInSilence(Duration::Milliseconds(1));
                  });
}

// A window of zero from it is probed with the first octet of what waits, which may be some that was
// sent already; more than that octet is sent again for no such reason.
TEST(KnownDeviation, AWindowFromABadAckIsProbedFromWithin) {
  ExpectKnownUpTo(1, Quirk::kWindowFromBadAck, "rto.begins-at-the-left-edge",
                  [](RunForTest& run, int64_t octets) {
                    run.Establish();
                    run.TurnOffNagle();
                    run.SendsText(100);
                    run.SendsText(100, 101);
                    run.Peer({.ack = 202, .window = 0});
                    run.Stack({.seq = 201});
                    run.Quiet();
                    run.Wait(Duration::Seconds(4));
                    run.Stack({.seq = 101, .text = static_cast<size_t>(octets)});
                  });
}

// What is as old as that ACK opens no window: what is then sent again beside the head probes a
// closed one. What is newer opens it.
TEST(KnownDeviation, AWindowFromABadAckOutlivesOlderOnes) {
  struct Row {
    bool known;
    int64_t seq;
    bool clean;
  };
  for (const Row& row : {Row{true, 1, true}, Row{true, 2, false}, Row{false, 1, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.seq);
    RunForTest run(With(Quirk::kWindowFromBadAck, row.known));
    run.Establish();
    run.TurnOffNagle();
    run.SendsText(100);
    run.SendsText(100, 101);
    run.Shutdown();
    run.Stack({.control = kFin | kAck, .seq = 201});
    run.Quiet();
    run.Peer({.ack = 300, .window = 0});
    run.Stack({.seq = 202});
    run.Quiet();
    if (row.seq > 1) {
      run.Peer({.text = 1});
      run.Stack({.seq = 202, .ack = 2, .window = 9'999});
    }
    run.Peer({.seq = row.seq});
    run.Quiet();
    run.Wait(Duration::Seconds(4));
    run.Stack({.control = kFin | kAck,
               .seq = 201,
               .ack = row.seq,
               .window = static_cast<uint16_t>(10'001 - row.seq)});
    EXPECT_EQ(run.judge.unexplained() == nullptr, row.clean) << run.Report();
  }
}

// Behind a time-out a last small segment may wait until SEND finds no room, and then go without
// being the head: known with Nagle's algorithm off at such a time, and for the last one alone.
TEST(KnownDeviation, ASmallSegmentGoesAgainWhereTheBufferIsFull) {
  struct Row {
    bool known;
    bool full;
    int64_t seq;
    bool clean;
  };
  for (const Row& row : {Row{true, true, 201, true}, Row{true, false, 201, false},
                         Row{true, true, 101, false}, Row{false, true, 201, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.full << " " << row.seq);
    RunForTest run(With(Quirk::kSmallWhereFull, row.known));
    run.Establish();
    run.TurnOffNagle();
    for (const int64_t from : {1, 101, 201}) run.SendsText(100, from);
    if (row.full) run.FindsNoRoom();
    run.Quiet();
    run.Wait(Duration::Seconds(3));
    run.Stack({.control = kAck | kPsh, .seq = row.seq, .text = 100});
    EXPECT_THAT(run.Broken(), ElementsAre("rto.begins-at-the-left-edge"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// What may be in flight is counted in segments: where an MSS that counts for nothing counts, it is
// not known.
TEST(KnownDeviation, WhereTheSizeOfASegmentIsNotKnownNeitherIsWhatMayBeInFlight) {
  RunForTest run(With(Quirk::kMssFromAnySegment, true));
  run.Establish(RunForTest::Syn({.mss = 100}), RunForTest::SynAck());
  run.Peer({.options = {.mss = 1440}});
  run.Quiet();
  run.Send(10'000);
  for (int i = 0; i < 3; ++i) run.Stack({.seq = 1 + 1440 * i, .text = 1440});
  EXPECT_THAT(run.Broken(), testing::Each("mss.not-exceeded"));
  EXPECT_THAT(run.Broken(), testing::Not(IsEmpty()));
  EXPECT_EQ(run.judge.unexplained(), nullptr) << run.Report();
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
    RunForTest run(With(Quirk::kHalvesCwnd, row.known));
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
  ExpectKnownUpTo(1, Quirk::kIgnoresSmallerWindow, "window.no-new-data-after-it-shrank",
                  [](RunForTest& run, int64_t seq) {
                    run.Establish();
                    if (seq == 2) {
                      run.Peer({.text = 1});
                      run.Stack({.ack = 2, .window = 9'999});
                      run.Quiet();
                    }
                    run.Peer({.seq = seq, .window = 100});
                    run.Quiet();
                    run.Send(1'000);
                    run.Stack({.control = kAck | kPsh,
                               .ack = seq,
                               .text = 1'000,
                               .window = static_cast<uint16_t>(10'001 - seq)});
                    run.Quiet();
                  });
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
    options.profile.quirks.Add(Quirk::kIgnoresSmallerWindow);
    if (row.known) options.profile.quirks.Add(Quirk::kWindowFromBadAck);
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
    options.profile.quirks.Add(Quirk::kWindowStands);
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
    options.profile.quirks.Add(Quirk::kNeedsFourInFlight);
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
  ExpectKnownUpTo(784, Quirk::kWindowFromBadAck, "window.new-data-inside-it",
                  [](RunForTest& run, int64_t octets) {
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
                    run.Stack({.text = static_cast<size_t>(octets)});
                    run.Quiet();
                  });
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
    RunForTest run(With(Quirk::kBackoffOutlivesSyn, row.known));
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
    RunForTest run(With(Quirk::kSamplesAnyAck, row.known));
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
    RunForTest run(With(Quirk::kStallsOnPartialAck, row.known));
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
  ExpectKnownUpTo(10'501, Quirk::kTakesTextBeyondWindow, "ack.number-is-what-was-received",
                  [](RunForTest& run, int64_t taken) {
                    run.Establish();
                    run.Peer({.seq = 9'001, .text = 1'500});  // 500 beyond the edge
                    run.Stack({.window = 10'000});
                    run.Quiet();
                    run.TakesText(8'000);
                    run.Receive(8'000, 0);
                    run.Quiet();
                    run.Peer({.seq = 8'001, .text = 1'000});
                    run.Stack({.ack = taken, .window = 5'000});
                    run.Quiet();
                  });
}

// Where the connection may have been given up silence is no deviation; that it goes on shows one.
TEST(KnownDeviation, AKnownSilenceIsRememberedWhereTheConnectionMayBeGone) {
  for (const bool known : {false, true}) {
    RunForTest run(With(Quirk::kAckLostBehindNagle, known));
    run.Establish();
    run.SendsText(100);
    run.TimesOut({3, 6, 12, 24, 48});
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

// An ACK at RCV.NXT is acceptable even where the window is closed, and calls for no answer: one is
// known there, and nowhere else.
TEST(KnownDeviation, AnAckIsAnsweredWhereTheWindowIsClosed) {
  struct Row {
    bool known;
    size_t octets;
    bool clean;
  };
  for (const Row& row :
       {Row{true, 10'000, true}, Row{true, 9'999, false}, Row{false, 10'000, false}}) {
    SCOPED_TRACE(testing::Message() << row.known << " " << row.octets);
    RunForTest run(With(Quirk::kAnswersAtClosedWindow, row.known));
    run.Establish();
    run.TakesText(row.octets);
    const auto end = static_cast<int64_t>(row.octets) + 1;
    for (int i = 0; i < 2; ++i) {
      run.Peer({.seq = end});
      run.Stack({.ack = end, .window = static_cast<uint16_t>(10'001 - end)});
      run.Quiet();
    }
    EXPECT_THAT(run.Broken(), testing::Contains("ack.only-with-cause"));
    EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
  }
}

// A FIN that CLOSE put on a segment that was to be sent again goes when that segment is
// acknowledged: known behind three duplicates, in each state in which a FIN is on its way.
TEST(KnownDeviation, AFinThatWasNeverSentIsKnownToCountBehindAResend) {
  struct Row {
    bool known;
    int duplicates;
    int64_t ack;
    bool clean;
  };
  for (const bool closes_first : {true, false}) {
    for (const Row& row : {Row{true, 3, 201, true}, Row{true, 2, 201, false},
                           Row{true, 3, 101, false}, Row{false, 3, 201, false}}) {
      SCOPED_TRACE(testing::Message() << row.known << " " << row.duplicates << " " << row.ack);
      RunForTest run(With(Quirk::kFinLost, row.known));
      closes_first ? run.Establish() : run.ReachCloseWait();
      const int64_t seq = closes_first ? 1 : 2;
      run.TurnOffNagle();
      for (const int64_t from : {1, 101}) {
        run.Send(100);
        run.Stack({.control = kAck | kPsh, .seq = from, .ack = seq, .text = 100});
        run.Quiet();
      }
      // The window is too small for either from the first of them on.
      for (int i = 0; i < row.duplicates; ++i) run.Peer({.seq = seq, .window = 0});
      run.Quiet();
      run.Shutdown();
      run.Quiet();
      run.Peer({.seq = seq, .ack = row.ack});
      run.Quiet();
      run.Reports(closes_first ? State::kFinWait2 : State::kClosed);
      EXPECT_THAT(run.Broken(), ElementsAre("state.reported-is-possible"));
      EXPECT_EQ(run.judge.violation() == nullptr, row.clean) << run.Report();
    }
  }
}

// A FIN that is known to be taken where nobody put it is an octet there: a RST at its number is
// old.
TEST(KnownDeviation, AMovedFinCountsAsAnOctet) {
  for (const bool known : {true, false}) {
    RunForTest run(With(Quirk::kMovedFin, known));
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
    RunForTest run(With(Quirk::kAckLostBehindNagle, row.known));
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

}  // namespace
}  // namespace assay::rules
