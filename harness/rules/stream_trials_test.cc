// The rules of what is sent where in the stream, and of acknowledgments, on trial.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;

constexpr Duration kInstant = Duration::Nanoseconds(1);
constexpr Duration kHalfASecond = Duration::Milliseconds(500);
constexpr Duration kMinute = Duration::Seconds(60);

constexpr Trial kTrials[] = {
    {.rule = "data.only-in-data-states",
     .breaks =
         [](RunForTest& run) {
           run.ReachFinWait2();
           run.Wait(Duration::Seconds(1));
           run.Stack({.seq = 2, .text = 1});
         },
     .nearly =
         [](RunForTest& run) {
           run.ReachCloseWait();
           run.Send(100);
           run.Stack({.control = kAck | kPsh, .ack = 2, .text = 100});
           run.Quiet();
         }},
    {.rule = "stream.only-what-was-given",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Stack({.text = 101});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.TurnOffNagle();
           run.SendsText(100);
           run.SendsText(1, 101);
         }},
    {.rule = "stream.same-octet-for-a-number",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.StackRaw(run.Changed(
               {.text = 100}, [](wire::MutableOctets s) { s[s.size() - 1] ^= std::byte{1}; }));
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.Wait(Duration::Seconds(1));
           run.Stack({.text = 50});  // cut differently when sent again
           run.Stack({.seq = 51, .text = 50});
           run.Quiet();
         }},
    {.rule = "seq.continues-the-stream",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Stack({.seq = 51, .text = 50});
         },
     .nearly =
         [](RunForTest& run) {
           // A keep-alive stands one octet below SND.NXT (3.8.4).
           run.Establish();
           run.SendsText(100);
           run.Set(sut::Option::kKeepalive, 1);
           run.Quiet();
           run.Peer({.ack = 101});
           run.Quiet();
           run.Wait(Duration::Seconds(7'200));
           run.Stack({.seq = 100});
           run.Quiet();
         }},
    {.rule = "fin.only-after-close",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Wait(Duration::Seconds(1));
           run.Stack({.control = kFin | kAck});
         },
     .nearly =
         [](RunForTest& run) {
           // Sent again until it is acknowledged, also in CLOSING.
           run.Establish();
           run.Shutdown();
           run.Stack({.control = kFin | kAck});
           run.Quiet();
           run.Peer({.control = kFin | kAck});
           run.Stack({.seq = 2, .ack = 2});
           run.Quiet();
           run.Wait(Duration::Seconds(1));
           run.Stack({.control = kFin | kAck, .ack = 2});
           run.Quiet();
         }},
    {.rule = "fin.stands-behind-all-data",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Shutdown();
           run.Stack({.control = kFin | kAck, .text = 99});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Shutdown();
           run.Stack({.text = 99});
           run.Stack({.control = kFin | kAck | kPsh, .seq = 100, .text = 1});
           run.Quiet();
         }},
    {.rule = "window.new-data-inside-it",
     .breaks =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn();
           syn.window = 50;
           run.Establish(syn, RunForTest::SynAck());
           run.Send(100);
           run.Stack({.text = 51});
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn();
           syn.window = 50;
           run.Establish(syn, RunForTest::SynAck());
           run.Send(100);
           run.Stack({.text = 50});
           run.Quiet();
           run.Peer({.ack = 51, .window = 0});
           run.Quiet();
           run.Wait(Duration::Seconds(1));
           run.Stack({.seq = 51, .text = 1});  // a probe (3.8.6.1)
           run.Quiet();
         }},
    {.rule = "mss.not-exceeded",
     .breaks =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.mss = 536}), RunForTest::SynAck());
           run.Send(1'000);
           run.Stack({.text = 537});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.mss = 536}), RunForTest::SynAck());
           run.Send(1'000);
           run.Stack({.text = 536});
           run.Quiet();
         }},
    {.rule = "options.sack-only-if-permitted",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.seq = 101, .text = 100});
           SegmentForTest ack;
           ack.options.sack.push_back({1'101, 1'201});
           run.Stack(ack);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.sack_permitted = true}), RunForTest::SynAck());
           run.Peer({.seq = 101, .text = 100});
           SegmentForTest ack;
           ack.options.sack.push_back({1'101, 1'201});
           run.Stack(ack);
           run.Quiet();
         }},

    // Acknowledgments and the window that goes with them.
    {.rule = "ack.number-is-what-was-received",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.Stack({.ack = 102, .window = 9'899});
         },
     .nearly =
         [](RunForTest& run) {
           // Text behind a gap is not acknowledged, and with the gap all of it is.
           run.Establish();
           run.Peer({.seq = 101, .text = 100});
           run.Stack({});
           run.Quiet();
           run.TakesText(100);
           run.Peer({.seq = 201, .text = 100});
           run.Stack({.ack = 301, .window = 9'700});
           run.Quiet();
         }},
    {.rule = "ack.only-with-cause",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Peer({.seq = 101});  // up to date, and asks for nothing
           run.Stack({.ack = 101, .window = 9'900});
         },
     .nearly =
         [](RunForTest& run) {
           // The application has read: the window is news.
           run.Establish();
           run.TakesText(100);
           run.Receive(100, 0);
           run.Stack({.ack = 101, .window = 10'000});
           run.Quiet();
         }},
    {.rule = "window.opens-once-all-is-read",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 10'000});
           run.Stack({.ack = 10'001, .window = 0});
           run.Quiet();
           run.Receive(10'000, 0);
           run.Quiet();
           run.Peer({.seq = 10'000, .text = 1});
           run.Stack({.ack = 10'001, .window = 0});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 10'000});
           run.Stack({.ack = 10'001, .window = 0});
           run.Quiet();
           run.Receive(10'000, 0);
           run.Stack({.ack = 10'001, .window = 536});
           run.Quiet();
         }},
    {.rule = "window.right-edge-never-retreats",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.Stack({.ack = 101, .window = 9'899});
         },
     .nearly =
         [](RunForTest& run) {
           // By less than a unit of the scale (RFC 7323, 2.4).
           SegmentForTest syn_ack = RunForTest::SynAck({.mss = 1440, .window_scale = 4});
           run.Establish(RunForTest::Syn({.window_scale = 0}), syn_ack);
           run.Peer({.text = 16});
           run.Stack({.ack = 17, .window = 625});
           run.Quiet();
           run.Peer({.seq = 17, .text = 1});
           run.Stack({.ack = 18, .window = 624});
           run.Quiet();
         }},

    // What is owed.
    {.rule = "ack.within-half-a-second",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.Quiet();
           run.WaitInSilence(kHalfASecond);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.Quiet();
           run.Wait(kHalfASecond - kInstant);
           run.Stack({.ack = 101, .window = 9'900});
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
};

}  // namespace

std::span<const Trial> StreamTrials() { return kTrials; }

}  // namespace assay::rules
