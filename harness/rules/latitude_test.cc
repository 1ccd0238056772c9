// What the RFCs leave to a stack, that a stricter judge would refuse; and where that ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using wire::kSyn;

// An old segment's acknowledgment may count all the same; that of one right of the window may not.
TEST(Latitude, AnAckRightOfTheWindowEstablishesNothing) {
  struct Row {
    int64_t seq;
    bool known;
    bool found;
  };
  for (const Row& row : {Row{1, false, false}, Row{0, false, false}, Row{100'001, false, true},
                         Row{100'001, true, true}}) {
    SCOPED_TRACE(testing::Message() << "seq " << row.seq << (row.known ? ", known" : ""));
    RunOptions options;
    if (row.known) options.profile.quirks.Add(Quirk::kSynReceivedSkipsSequence);
    RunForTest run(options);
    run.Listen();
    run.Peer(RunForTest::Syn());
    run.Stack(RunForTest::SynAck());
    run.Quiet();
    run.Peer({.seq = row.seq, .ack = 1});
    if (row.seq != 1) run.Stack({});
    run.Quiet();
    run.Accept();
    run.Reports(State::kEstablished);
    ASSERT_EQ(run.judge.findings().size(), row.found ? 1u : 0u) << run.Report();
    EXPECT_EQ(run.judge.violation() != nullptr, row.found && !row.known) << run.Report();
  }
}

// After a SYN,ACK that is no answer, and cannot be delimited, an active open may have been given
// up; if it was not, its handle is about the connection that another SYN,ACK makes.
TEST(Latitude, AHandleFollowsItsOpenToTheSynThatAnswersIt) {
  RunForTest run;
  run.Connect();
  run.Stack(RunForTest::Syn());
  run.Quiet();
  run.Peer({.control = kSyn | kAck, .seq = 0, .ack = 70'000, .raw_options = {2, 3, 0, 0}});
  run.Stack({.control = wire::kRst, .seq = 70'000, .window = 0});
  run.Quiet();
  run.Peer({.control = kSyn | kAck, .seq = -500, .ack = 1, .options = {.mss = 1440}});
  run.Stack({.ack = -499});
  run.Quiet();
  run.Shutdown();
  run.Stack({.control = kFin | kAck, .ack = -499});
  run.Quiet();
  EXPECT_THAT(run.judge.findings(), IsEmpty()) << run.Report();
  // Still judged.
  run.Stack({.control = kFin | kAck, .seq = 2, .ack = -499});
  EXPECT_THAT(run.Broken(), ElementsAre("fin.stands-behind-all-data")) << run.Report();
}

// A window in units of 1024 octets cannot say that its edge stands still; what moves it further is
// the stack's own doing.
TEST(Latitude, AScaledWindowMayMoveItsEdgeByLessThanItsUnit) {
  for (const uint8_t shift : {uint8_t{10}, uint8_t{0}}) {
    SCOPED_TRACE(int{shift});
    RunForTest run;
    SegmentForTest syn_ack = RunForTest::SynAck({.mss = 1440, .window_scale = shift});
    const auto window = static_cast<uint16_t>(shift == 10 ? 64 : 40'000);
    run.Establish(RunForTest::Syn({.mss = 1440, .window_scale = 2}), syn_ack);
    run.Peer({.window = 10'000});
    for (int64_t at = 1; at < 120; at += 20) {
      run.Peer({.seq = at, .text = 20});
      run.Stack({.ack = at + 20, .window = window});
      run.Receive(20, at - 1);
      run.Quiet();
    }
    ASSERT_EQ(run.judge.findings().size(), shift == 10 ? 0u : 1u) << run.Report();
    if (shift == 0) {
      EXPECT_THAT(run.Broken(), ElementsAre("window.no-silly-steps"));
    }
  }
}

// A field that is full does not say how far the window goes: its edge may have stood there before.
TEST(Latitude, AWindowThatFillsItsFieldMayMoveItsEdgeByLittle) {
  for (const uint16_t window : {uint16_t{65'535}, uint16_t{65'534}}) {
    SCOPED_TRACE(window);
    RunForTest run;
    SegmentForTest syn_ack = RunForTest::SynAck();
    syn_ack.window = window;
    run.Establish(RunForTest::Syn(), syn_ack);
    for (int64_t at = 1; at < 120; at += 20) {
      run.Peer({.seq = at, .text = 20});
      run.Stack({.ack = at + 20, .window = window});
      run.Quiet();
    }
    ASSERT_EQ(run.judge.findings().size(), window == 65'535 ? 0u : 1u) << run.Report();
  }
}

// After CLOSE text may be taken and thrown away, unless the stack is one that closes both
// directions.
TEST(Latitude, TextAfterCloseMayBeTakenWhereTheOtherDirectionStaysOpen) {
  for (const bool half_duplex : {false, true}) {
    RunOptions options;
    options.profile.half_duplex_close = half_duplex;
    RunForTest run(options);
    run.Establish();
    run.Close();
    run.Stack({.control = kFin | kAck});
    run.Quiet();
    run.Peer({.ack = 2, .text = 10});
    run.Stack({.seq = 2, .ack = 11});
    run.Quiet();
    ASSERT_EQ(run.judge.findings().size(), half_duplex ? 1u : 0u) << run.Report();
    if (half_duplex) {
      EXPECT_THAT(run.Broken(), ElementsAre("close.resets-what-nobody-reads"));
    }
  }
}

// One ACK of all ten segments: by RFC 5681 it adds one segment or two (RFC 3465), and all of them
// where another congestion control is allowed.
TEST(Latitude, AnotherCongestionControlMayCountAllThatIsAcknowledged) {
  for (const bool standard : {false, true}) {
    RunOptions options;
    options.profile.standard_congestion = standard;
    RunForTest run(options);
    SegmentForTest syn = RunForTest::Syn({.mss = 1'000});
    syn.window = 60'000;
    run.Establish(syn, RunForTest::SynAck({.mss = 1'000}));
    run.Send(60'000);
    for (int i = 0; i < 10; ++i) run.Stack({.seq = 1 + 1'000 * i, .text = 1'000});
    run.Quiet();
    run.Peer({.ack = 10'001, .window = 60'000});
    for (int i = 10; i < 30; ++i) run.Stack({.seq = 1 + 1'000 * i, .text = 1'000});
    run.Quiet();
    EXPECT_EQ(run.judge.violation() != nullptr, standard) << run.Report();
  }
}

// What a duplicate is may begin with the number of the SYN.
TEST(Latitude, ADuplicateMayBeginWithTheSyn) {
  RunForTest run;
  const OptionsForTest options = {.mss = 1440, .sack_permitted = true};
  run.Establish(RunForTest::Syn(options), RunForTest::SynAck(options));
  run.TakesText(100);
  run.Peer({.seq = 0, .text = 50});
  run.Stack({.ack = 101, .window = 9'900, .options = {.sack = {{1'000, 1'050}}}});
  run.Quiet();
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
}

// Where timestamps were agreed on, text without them, or with old ones, may be dropped; where they
// were not, or are as they should be, it may not.
TEST(Latitude, WhatTimestampsMayLetAStackDrop) {
  struct Row {
    bool agreed;
    std::optional<uint32_t> value;
    bool may_drop;
  };
  for (const Row& row : {Row{true, std::nullopt, true}, Row{true, 99, true}, Row{true, 100, false},
                         Row{true, 101, false}, Row{true, 0x9000'0000, true},
                         Row{false, std::nullopt, false}, Row{false, 99, false}}) {
    SCOPED_TRACE(testing::Message() << row.agreed << ", " << row.value.value_or(0));
    RunForTest run;
    SegmentForTest syn = RunForTest::Syn();
    SegmentForTest syn_ack = RunForTest::SynAck();
    syn.options.timestamps = wire::Timestamps{100, 0};
    if (row.agreed) syn_ack.options.timestamps = wire::Timestamps{7, 100};
    run.Listen();
    run.Peer(syn);
    run.Stack(syn_ack);
    run.Quiet();
    run.Peer({.options = {.timestamps = wire::Timestamps{100, 7}}});
    run.Accept();
    run.Quiet();
    SegmentForTest text{.text = 10};
    if (row.value.has_value()) text.options.timestamps = wire::Timestamps{*row.value, 7};
    run.Peer(text);
    // What is older is dropped with an ACK (RFC 7323, 5.3).
    if (row.agreed && row.value.has_value() && row.may_drop) {
      run.Stack({.options = {.timestamps = wire::Timestamps{7, 100}}});
    }
    run.Quiet();
    run.WaitInSilence(Duration::Seconds(1));
    EXPECT_EQ(run.judge.findings().empty(), row.may_drop) << run.Report();
  }
}

// Of two FINs the first may have been dropped with its segment; then the second counts, though it
// lies left of what the first would have brought.
TEST(Latitude, AFinThatWasDroppedLeavesRoomForAnother) {
  RunForTest run;
  run.TakesStampedSyn(100);
  run.Peer({.control = wire::kFin | wire::kAck, .text = 16});  // without timestamps
  run.Quiet();
  const OptionsForTest stamped{.timestamps = wire::Timestamps{100, 7}};
  run.Peer({.control = wire::kFin | wire::kAck, .options = stamped});
  run.Stack({.ack = 2, .window = 9999, .options = {.timestamps = wire::Timestamps{7, 100}}});
  run.Accept();
  run.Reports(State::kCloseWait);
  run.Quiet();
  EXPECT_EQ(run.Report(), "");
}

// New data does not start the timer anew that runs for what is outstanding, nor undo its back-off.
//= 6298:5.1
TEST(Latitude, NewDataLeavesTheRetransmissionTimerAlone) {
  for (const int seconds : {96, 300}) {
    RunForTest run;
    run.Establish();
    run.SendsText(100);
    run.TimesOut({3, 6, 12, 24, 48});
    run.Wait(Duration::Seconds(1));
    run.SendsText(100, 101);
    run.WaitInSilence(Duration::Seconds(seconds));
    run.Stack({.control = kAck | kPsh, .text = 100});
    if (seconds == 96) {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    } else {
      // Longer than any RTO: that it had given up was all that explained it.
      EXPECT_THAT(run.Broken(), ElementsAre("nobody.answers-only-with-rst"));
    }
  }
}

// What a smaller window may have refused goes again when that opens: the first window that is known
// may be the smaller one.
TEST(Latitude, WhatAWindowRefusedGoesAgainWhenItOpens) {
  for (const bool closes : {true, false}) {
    RunForTest run;
    run.Connect();
    run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1440, .sack_permitted = true}});
    run.Quiet();
    run.Peer(RunForTest::SynAck({.mss = 1440, .sack_permitted = true}));
    run.Stack({});
    run.Quiet();
    run.TurnOffNagle();
    run.SendsText(100);
    run.SendsText(100, 101);
    run.Peer({.ack = 100, .window = static_cast<uint16_t>(closes ? 0 : 60'000)});
    run.Quiet();
    run.Peer({.ack = 101, .window = 60'000});
    run.Stack({.control = kAck | kPsh, .seq = 101, .text = 100});
    if (closes) {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    } else {
      EXPECT_THAT(run.Broken(), testing::Contains("sack.recovers-at-three"));
    }
  }
}

// Nor does it say how long the timer runs: as long again as between the last two time-outs, twice.
//= 6298:5.5
TEST(Latitude, NewDataBeforeATimeOutDoesNotMakeTheNextOneSooner) {
  RunForTest run;
  run.Establish();
  run.SendsText(100);
  run.TimesOut({3, 6, 12, 24, 48});
  run.Wait(Duration::Seconds(90));
  run.SendsText(100, 101);
  for (const int gap : {6, 192}) {
    run.WaitInSilence(Duration::Seconds(gap));
    run.Stack({.control = kAck | kPsh, .text = 100});
    run.Quiet();
  }
  run.Reports(State::kEstablished);
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
}

// A segment that is acknowledged in part stays queued whole (3.10.7.4, fifth), so that the probe of
// a closed window may be its first octet. No probe is one with the window open, of more than one
// octet, or of an octet too far behind.
TEST(Latitude, AProbeMayRepeatAnOctetOfASegmentAcknowledgedInPart) {
  struct Row {
    uint16_t window;
    int64_t seq;
    size_t text;
    bool found;
    bool perhaps = false;  // then a SYN,ACK opens it, or is challenged
  };
  for (const Row& row :
       {Row{0, 2'001, 1, false}, Row{1'000, 2'001, 1, true}, Row{0, 2'001, 2, true},
        Row{0, 500, 1, true}, Row{0, 2'001, 1, false, true}, Row{1'000, 2'001, 1, true, true}}) {
    SCOPED_TRACE(testing::Message() << row.window << " " << row.seq << " " << row.text);
    RunForTest run;
    run.Establish();
    run.TurnOffNagle();
    run.SendsText(1'000);
    run.SendsText(1'000, 1'001);
    run.SendsText(1'000, 2'001);
    run.Peer({.ack = 2'901, .window = row.window});
    run.Quiet();
    if (row.perhaps) {
      run.Peer({.control = kSyn | kAck, .ack = 2'901});
      run.Stack({.seq = 3'001});
      run.Quiet();
    }
    run.Wait(Duration::Seconds(5));
    run.Stack({.seq = row.seq, .text = row.text});
    run.Quiet();
    if (row.found) {
      EXPECT_THAT(run.Broken(), ElementsAre("seq.continues-the-stream"));
    } else {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    }
  }
}

// The head is sent again by a segment that begins with it, whatever new text stands behind it: the
// octet that probed a closed window, once that is open.
TEST(Latitude, AFastRetransmitMayReachBeyondWhatWasSent) {
  for (const bool from_the_head : {true, false}) {
    RunForTest run;
    SegmentForTest syn = RunForTest::Syn();
    syn.window = 0;
    run.Establish(syn, RunForTest::SynAck());
    run.TurnOffNagle();
    run.Send(101);
    run.Quiet();
    run.Wait(Duration::Seconds(2));
    run.Stack({.text = 1});
    run.Quiet();
    for (int i = 0; i < 3; ++i) run.Peer({.window = 0});
    run.Quiet();
    run.Peer({.seq = 1, .text = 1});
    run.Stack({.control = kAck | kPsh,
               .seq = from_the_head ? 1 : 2,
               .ack = 2,
               .text = from_the_head ? 101u : 100u});
    run.Quiet();
    run.WaitInSilence(Duration::Milliseconds(500));
    if (from_the_head) {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    } else {
      EXPECT_THAT(run.Broken(), ElementsAre("fast-retransmit.at-the-third"));
    }
  }
}

// Who probes with such an octet and hears nothing may give up; not who is answered (3.8.6.1).
//= MUST-37
TEST(Latitude, ProbesWithAnOldOctetMayBeGivenUp) {
  // A SYN draws a challenge, and answers nothing.
  for (const uint8_t answer : {uint8_t{0}, uint8_t{kSyn}, uint8_t{kAck}}) {
    const bool answered = answer == kAck;
    RunForTest run;
    SegmentForTest syn = RunForTest::Syn();
    syn.window = 0;
    run.Establish(syn, RunForTest::SynAck());
    run.Send(100);
    run.Quiet();
    run.Stack({.text = 1});
    run.Peer({.ack = 2, .window = 0});
    run.Quiet();
    for (int i = 0; i < 12; ++i) {
      run.Wait(Duration::Seconds(50));
      run.Stack({.text = 1});
      if (answer != 0) run.Peer({.control = answer, .ack = 2, .window = 0});
      if (answer == kSyn) run.Stack({.seq = 2});
      run.Quiet();
    }
    run.Wait(Duration::Seconds(50));
    run.ReceiveAnswers(CallError::kTimedOut);
    if (answered) {
      EXPECT_THAT(run.Broken(), ElementsAre("error.reset-only-if-gone"));
    } else {
      EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    }
  }
}

// What the application has read and the edge does not show is room all the same, until it is told
// (3.8.6.2.2).
TEST(Latitude, OfferingALittleOfWhatWasReadKeepsTheRest) {
  for (const int64_t taken : {768, 769}) {
    RunForTest run;
    run.Establish();
    run.TakesText(768);
    run.Receive(768, 0);
    run.Quiet();
    run.Peer({.seq = 769, .text = 9'242});  // ten octets beyond the edge
    run.Stack({.ack = 10'011, .window = 0});
    run.Quiet();
    run.Peer({.seq = 10'011, .text = 1'000});
    run.Stack({.ack = 10'001 + taken, .window = 0});
    run.Quiet();
    EXPECT_EQ(run.Broken().empty(), taken == 768) << run.Report();
  }
}

// The acknowledgment is looked at before the text (3.10.7.4, fifth and seventh): what it lets go
// out may still carry the number from before. What the user sends then may not, nor may a pure ACK.
TEST(Latitude, WhatAnAckLetsGoOutMayCarryTheOldNumber) {
  struct Row {
    size_t text;
    bool after_a_call;
    bool clean;
  };
  for (const Row& row : {Row{100, false, true}, Row{0, false, false}, Row{100, true, false}}) {
    SCOPED_TRACE(testing::Message() << row.text << (row.after_a_call ? " after a call" : ""));
    RunForTest run;
    run.Establish();
    run.Send(200);
    run.Stack({.control = kAck | kPsh, .text = 100});
    run.Quiet();
    run.Peer({.ack = 101, .text = 50});
    if (row.after_a_call) run.Send(10);
    const int control = row.text > 0 ? kAck | kPsh : kAck;
    run.Stack({.control = static_cast<uint8_t>(control), .seq = 101, .ack = 1, .text = row.text});
    EXPECT_EQ(run.Broken().empty(), row.clean) << run.Report();
    if (!row.clean) continue;
    // The text is owed its ACK as ever.
    run.Quiet();
    run.WaitInSilence(Duration::Milliseconds(501));
    EXPECT_THAT(run.Broken(), ElementsAre("ack.within-half-a-second"));
  }
}

// Whatever else a segment is: if its options cannot be delimited it may be dropped (MUST-7).
TEST(Latitude, OptionsThatCannotBeDelimitedMayDropAnySegment) {
  for (const bool delimited : {false, true}) {
    const std::vector<uint8_t> options =
        delimited ? std::vector<uint8_t>{1, 1, 1, 1} : std::vector<uint8_t>{30, 1, 0, 0};
    SCOPED_TRACE(delimited);
    // A RST that would have ended the connection.
    RunForTest established;
    established.Establish();
    established.Peer({.control = wire::kRst, .raw_options = options});
    established.Quiet();
    established.Reports(State::kEstablished);
    EXPECT_EQ(established.Broken().empty(), !delimited) << established.Report();
    // A SYN that would have been challenged.
    RunForTest challenged;
    challenged.Establish();
    challenged.Peer({.control = wire::kSyn, .seq = 20, .raw_options = options});
    challenged.Quiet();
    challenged.WaitInSilence(Duration::Seconds(1));
    EXPECT_EQ(challenged.Broken().empty(), !delimited) << challenged.Report();
    // A segment for nobody, and an ACK in LISTEN.
    for (const bool listens : {false, true}) {
      RunForTest nobody;
      if (listens) nobody.Listen();
      nobody.Peer({.raw_options = options});
      nobody.Quiet();
      nobody.WaitInSilence(Duration::Seconds(1));
      EXPECT_EQ(nobody.Broken().empty(), !delimited) << listens << nobody.Report();
    }
  }
}

// After CLOSE a FIN behind a gap shows that there was text to lose; one at RCV.NXT does not.
TEST(Latitude, AfterCloseAFinBehindAGapMayBeReset) {
  for (const int64_t seq : {1, 2}) {
    RunForTest run;
    run.Establish();
    run.Close();
    run.Stack({.control = kFin | kAck});
    run.Quiet();
    run.Peer({.control = kFin | kAck, .seq = seq, .ack = 2});
    run.Stack({.control = wire::kRst, .seq = 2});
    EXPECT_EQ(run.Broken().empty(), seq == 2) << run.Report();
  }
}

// What its acknowledgment lets go out may come before the RST that a segment gets after CLOSE.
TEST(Latitude, AfterCloseAResetMayFollowWhatTheAckLetGo) {
  for (const bool closed : {false, true}) {
    RunForTest run;
    run.Establish();
    run.Send(200);
    run.Stack({.control = kAck | kPsh, .text = 100});
    run.Quiet();
    if (closed) {
      run.Close();
    } else {
      run.Shutdown();
    }
    run.Quiet();
    run.Peer({.seq = 11, .ack = 101, .text = 10});
    run.Stack({.control = kAck | kPsh, .seq = 101, .text = 100});
    run.Stack({.control = wire::kRst, .seq = 101});
    EXPECT_EQ(run.Broken().empty(), closed) << run.Report();
  }
}

// A SYN in TIME-WAIT may begin anew from LISTEN; and there SYN+FIN may be dropped.
TEST(Latitude, SynAndFinMayEndTimeWaitWithoutAnAnswer) {
  for (const uint8_t fin : std::initializer_list<uint8_t>{0, kFin}) {
    RunForTest run;
    run.Establish();
    run.Shutdown();
    run.Stack({.control = kFin | kAck});
    run.Quiet();
    run.Peer({.control = kFin | kAck, .ack = 2});
    run.Stack({.seq = 2, .ack = 2, .window = 9'999});
    run.Quiet();
    run.Peer({.control = static_cast<uint8_t>(wire::kSyn | fin), .seq = 500});
    run.Quiet();
    run.Peer({.seq = 2, .ack = 2});
    run.Stack({.control = wire::kRst, .seq = 2});
    EXPECT_EQ(run.Broken().empty(), fin != 0) << run.Report();
  }
}

// Unread data is lost by a CLOSE that comes after both FINs as well (3.6.1, SHLD-3).
TEST(Latitude, ACloseOverUnreadDataMayResetBehindItsFin) {
  for (const bool read : {false, true}) {
    RunForTest run;
    run.Establish();
    run.TakesText(100);
    if (read) run.Receive(100, 0);
    run.Peer({.control = kFin | kAck, .seq = 101});
    run.Stack({.ack = 102, .window = 9'899});
    run.Quiet();
    run.Shutdown();
    run.Stack({.control = kFin | kAck, .ack = 102, .window = 9'899});
    run.Quiet();
    run.Close();
    run.Stack({.control = wire::kRst | kAck, .seq = 2, .ack = 102});
    EXPECT_EQ(run.Broken().empty(), !read) << run.Report();
  }
}

}  // namespace
}  // namespace assay::rules
