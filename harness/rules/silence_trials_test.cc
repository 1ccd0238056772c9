// The rules of what must be sent, and by when, on trial.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

constexpr Duration kInstant = Duration::Nanoseconds(1);
constexpr Duration kHalfASecond = Duration::Milliseconds(500);
constexpr Duration kMinute = Duration::Seconds(60);

constexpr Trial kTrials[] = {
    {.rule = "ack.answers-the-unacceptable",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Peer({.seq = 91, .text = 10});
           run.Quiet();
           run.WaitInSilence(kHalfASecond);
         },
     .nearly =
         [](RunForTest& run) {
           // Without ACK it asks for nothing.
           run.Establish();
           run.TakesText(100);
           run.Peer({.control = kPsh, .seq = 91, .text = 10});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "ack.answers-what-was-never-sent",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.Peer({.ack = 102});
           run.Quiet();
           run.WaitInSilence(kHalfASecond);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.Peer({.ack = 101});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "challenge.answers-rst-and-syn",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.control = kRst, .seq = 2});
           run.Quiet();
           run.WaitInSilence(kHalfASecond);
         },
     .nearly =
         [](RunForTest& run) {
           // One octet beyond the window it is dropped.
           run.Establish();
           run.Peer({.control = kRst, .seq = 10'002});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "nobody.answers-with-rst",
     .breaks =
         [](RunForTest& run) {
           run.Peer({});
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.Peer({.control = kRst});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "rst.answers-an-unacceptable-ack",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer({});
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer({.control = kPsh, .text = 10});  // neither RST, nor ACK, nor SYN
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "handshake.syn-is-answered",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           // A SYN whose options cannot be walked may be dropped (MUST-7).
           run.Listen();
           run.Peer({.control = kSyn, .seq = 0, .raw_options = {254, 0, 0, 0}});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "open.sends-a-syn",
     .breaks =
         [](RunForTest& run) {
           run.Connect();
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           run.Stack(RunForTest::Syn());
           run.Quiet();
         }},
    {.rule = "abort.sends-rst",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Abort();
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.ReachLastAck();
           run.Abort();
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
    {.rule = "close.resets-what-nobody-reads",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Close();
           run.Stack({.control = kFin | kAck, .ack = 101});
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           // All is read; then text comes.
           run.Establish();
           run.TakesText(100);
           run.Receive(100, 0);
           run.Close();
           run.Stack({.control = kFin | kAck, .ack = 101});
           run.Quiet();
           run.Peer({.seq = 101, .ack = 2, .text = 10});
           run.Stack({.control = kRst, .seq = 2, .window = 0});
           run.Quiet();
         },
     .profile = {.half_duplex_close = true}},
    {.rule = "retransmission.goes-on",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.WaitInSilence(kMinute + kInstant);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.WaitInSilence(kMinute);
           run.Stack({.text = 100});
           run.Quiet();
           // Twice as long again, and by then it may have given up (R2).
           run.WaitInSilence(kMinute * 2);
           run.WaitInSilence(Duration::Seconds(86'400));
         }},
    {.rule = "sending.goes-on",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Quiet();
           run.WaitInSilence(kMinute + kInstant);
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn();
           syn.window = 0;
           run.Establish(syn, RunForTest::SynAck());
           run.Send(100);
           run.Quiet();
           for (int i = 0; i < 3; ++i) {
             run.WaitInSilence(kMinute);
             run.Stack({.seq = 0});  // a probe without an octet
             run.Quiet();
           }
         }},

    // What the application sees.
    {.rule = "ack.tells-of-a-gap-at-once",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.seq = 101, .text = 100});
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.seq = 101, .text = 100});
           run.Stack({});
           run.Quiet();
         }},
    {.rule = "ack.for-every-second-segment",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 1'440});
           run.Quiet();
           run.Peer({.seq = 1'441, .text = 1'440});
           run.Quiet();
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 1'440});
           run.Quiet();
           run.Peer({.seq = 1'441, .text = 1'439});
           run.Quiet();
         }},
};

}  // namespace

std::span<const Trial> SilenceTrials() { return kTrials; }

}  // namespace assay::rules
