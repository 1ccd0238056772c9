// What the RFCs leave to a stack, that a stricter judge would refuse; and where that ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    if (row.known) options.profile.quirks.Add(observer::Quirk::kSynReceivedSkipsSequence);
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
  SegmentForTest syn = RunForTest::Syn();
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn.options.timestamps = wire::Timestamps{100, 0};
  syn_ack.options.timestamps = wire::Timestamps{7, 100};
  run.Listen();
  run.Peer(syn);
  run.Stack(syn_ack);
  run.Quiet();
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
    for (const int gap : {3, 6, 12, 24, 48}) {
      run.Wait(Duration::Seconds(gap));
      run.Stack({.control = kAck | kPsh, .text = 100});
      run.Quiet();
    }
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

// A segment that is acknowledged in part stays queued whole (3.10.7.4, fifth), so that the probe of
// a closed window may be its first octet. No probe is one with the window open, of more than one
// octet, or of an octet too far behind.
TEST(Latitude, AProbeMayRepeatAnOctetOfASegmentAcknowledgedInPart) {
  struct Row {
    uint16_t window;
    int64_t seq;
    size_t text;
    bool found;
  };
  for (const Row& row : {Row{0, 2'001, 1, false}, Row{1'000, 2'001, 1, true},
                         Row{0, 2'001, 2, true}, Row{0, 500, 1, true}}) {
    SCOPED_TRACE(testing::Message() << row.window << " " << row.seq << " " << row.text);
    RunForTest run;
    run.Establish();
    run.TurnOffNagle();
    run.SendsText(1'000);
    run.SendsText(1'000, 1'001);
    run.SendsText(1'000, 2'001);
    run.Peer({.ack = 2'901, .window = row.window});
    run.Quiet();
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

// Who probes with such an octet and hears nothing may give up; not who is answered (3.8.6.1).
//= MUST-37
TEST(Latitude, ProbesWithAnOldOctetMayBeGivenUp) {
  for (const bool answered : {false, true}) {
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
      if (answered) run.Peer({.ack = 2, .window = 0});
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

}  // namespace
}  // namespace assay::rules
