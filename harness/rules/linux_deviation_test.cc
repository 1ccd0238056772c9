// What Linux does otherwise: one exchange each, that its quirk explains, and nothing else does.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/rules/judge.h"
#include "harness/rules/run_for_test.h"

namespace assay::rules {
namespace {

using sut::CallError;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

struct Exchange {
  Quirk quirk;
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
    {Quirk::kResetLeftOfWindow, "ack.only-with-cause",
     [](RunForTest& run) {
       run.Establish();
       run.Peer({.control = kRst, .seq = 0, .text = 1});
       run.Stack({});
     }},
    {Quirk::kResetAtSackEdge, "state.reported-is-possible",
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
    {Quirk::kResetBehindFin, "state.reported-is-possible",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Peer({.control = kRst, .seq = 1});
       run.Quiet();
       run.Reports(State::kClosed);
     }},
    {Quirk::kResetsTextAcrossFin, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Peer({.seq = 1, .text = 10});
       run.Stack({.control = kRst, .seq = 1});
     }},
    {Quirk::kRightEdgeIsInside, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.seq = 10'001, .ack = 2, .text = 10});
       run.Stack({.control = kRst, .seq = 2});
     }},
    {Quirk::kFinWait2ResetsSyn, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kSyn, .seq = 5});
       run.Stack({.control = kRst | kAck, .seq = -5'000, .ack = 6});
     }},
    {Quirk::kFinWait2TakesAnyRst, "challenge.answers-rst-and-syn",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kRst, .seq = 5});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {Quirk::kFinWait2AnswersReset, "ack.only-with-cause",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kRst, .seq = 0});
       run.Stack({.seq = 2});
     }},
    {Quirk::kFinWait2IgnoresAck, "ack.answers-what-was-never-sent",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.ack = 500});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {Quirk::kFinWait2IgnoresAck, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       GoToFinWait2AfterClose(run);
       run.Peer({.control = kFin | kAck, .ack = 3});
       run.Stack({.seq = 2, .ack = 2});
     }},
    {Quirk::kSynReceivedTakesIssAck, "ack.number-is-what-was-received",
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
    {Quirk::kRightEdgeIsInside, "state.reported-is-possible",
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
    {Quirk::kSynReceivedRefusesEcho, "ack.only-with-cause",
     [](RunForTest& run) {
       run.TakesStampedSyn(100);
       run.Peer({.options = {.timestamps = wire::Timestamps{100, 8}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{9, 100}}});
     }},
    // The ACK was of an old SYN,ACK, which may have established as well.
    {Quirk::kSynReceivedRefusesEcho, "ack.number-is-what-was-received",
     [](RunForTest& run) {
       run.TakesStampedSyn(100);
       run.Peer({.control = kSyn | kAck, .seq = 0, .options = {.timestamps = {{102, 7}}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{9, 100}}});
       run.Quiet();
       run.Peer({.text = 10, .options = {.timestamps = wire::Timestamps{110, 9}}});
       run.Stack({.options = {.timestamps = wire::Timestamps{17, 100}}});
     }},
    {Quirk::kNewSeqIsNoDuplicate, "fast-retransmit.at-the-third",
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
    {Quirk::kNeedsFourInFlight, "fast-retransmit.at-the-third",
     [](RunForTest& run) {
       run.Establish();
       run.SendsText(10);
       for (int i = 0; i < 3; ++i) {
         run.Peer({});
         run.Quiet();
       }
       run.WaitInSilence(Duration::Milliseconds(500));
     }},
    {Quirk::kIgnoresSmallerWindow, "window.no-new-data-after-it-shrank",
     [](RunForTest& run) {
       run.Establish();
       run.Peer({.window = 100});
       run.Quiet();
       run.SendsText(500);
     }},
    {Quirk::kWindowStands, "window.no-silly-steps",
     [](RunForTest& run) {
       run.Establish();
       for (int i = 0; i < 4; ++i) {
         run.Peer({.seq = 1 + 10 * i, .text = 10});
         run.Stack({.ack = 11 + 10 * i});
         run.Quiet();
       }
     }},
    {Quirk::kNamedByEachPiece, "sack.a-duplicate-is-named-once",
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
    {Quirk::kUnstampedAtZero, "timestamps.on-every-segment",
     [](RunForTest& run) {
       run.TakesStampedSyn(0);
       run.Peer({.seq = -1'000});
       run.Stack({});
       run.Quiet();
     }},
    {Quirk::kOldBlocksBesideFin, "sack.names-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.control = kFin | kAck, .seq = 65, .text = 100});
       run.Stack(Reports(1, 65, 166));
       run.Quiet();
       run.Peer({.text = 100});
       SegmentForTest of_fin = Reports(166, 65, 101);
       of_fin.options.sack.push_back({RunOptions().tester_iss + 65, RunOptions().tester_iss + 166});
       run.Stack(of_fin);
       run.Quiet();
     }},
    {Quirk::kFinWait1DropsText, "ack.answers-the-unacceptable",
     [](RunForTest& run) {
       run.Establish();
       run.Close();
       run.Stack({.control = kFin | kAck});
       run.Quiet();
       run.Peer({.seq = -1, .ack = 2, .text = 2});
       run.Quiet();
       run.WaitInSilence(Duration::Seconds(1));
     }},
    {Quirk::kCutWhenQueued, "text.no-silly-segments",
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
    {Quirk::kResetsTextAcrossFin, "rst.only-when-called-for",
     [](RunForTest& run) {
       GoToCloseWait(run);
       run.Send(2'000);
       run.Stack({.ack = 2, .text = 1'000, .window = 9'999});
       run.Quiet();
       run.Peer({.ack = 1'001, .text = 10});
       run.Stack({.control = kAck | kPsh, .seq = 1'001, .ack = 2, .text = 1'000, .window = 9'999});
       run.Stack({.control = kRst, .seq = 1'001});
     }},
    {Quirk::kOpenDiesOfSoftError, "rst.only-when-called-for",
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
    {Quirk::kUrgentCopied, "urgent.points-behind-it",
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
    {Quirk::kTakesBehindFin, "ack.number-is-what-was-received",
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
    {Quirk::kTakesBehindFin, "sack.names-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.control = kFin | kAck, .seq = 101, .text = 100});
       run.Stack(Reports(1, 101, 202));
       run.Quiet();
       run.Peer({.seq = 202, .text = 50});
       run.Stack(Reports(1, 101, 252));
     }},
    {Quirk::kTakesTextBeyondWindow, "sack.names-what-was-received",
     [](RunForTest& run) {
       EstablishReporting(run);
       run.Peer({.seq = 9'990, .text = 20});
       run.Stack(Reports(1, 9'990, 10'010));
     }},
    {Quirk::kResetUnstamped, "timestamps.on-a-rst-too",
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
    {Quirk::kTakesBehindFin, "ack.number-is-what-was-received",
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
    {Quirk::kOpenDiesOfSoftError, "error.reset-only-if-gone",
     [](RunForTest& run) {
       run.Connect();
       run.Stack(RunForTest::Syn());
       run.Quiet();
       run.NoRoute(0);
       run.ReceiveAnswers(CallError::kUnreachable);
     }},
    {Quirk::kTimeWaitWindowWraps, "window.right-edge-never-retreats",
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

TEST(LinuxDeviation, IsExplainedByItsOwnQuirkAlone) {
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
