// Each rule by itself: a run that breaks it and nothing else, and one that nearly does.

#include "harness/rules/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/rules/run_for_test.h"
#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using spec::State;
using sut::CallError;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

constexpr Duration kInstant = Duration::Nanoseconds(1);
constexpr Duration kHalfASecond = Duration::Milliseconds(500);
constexpr Duration kMinute = Duration::Seconds(60);

// --- what runs have in common ---

SegmentForTest SynWith(const OptionsForTest& options) {
  SegmentForTest syn = RunForTest::Syn();
  syn.options = options;
  return syn;
}
SegmentForTest SynAckWith(const OptionsForTest& options) {
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.options = options;
  return syn_ack;
}

// ESTABLISHED, and text has come for which an ACK is due, with these options.
void AcknowledgesWith(RunForTest& run, const SegmentForTest& ack) {
  run.Establish();
  run.Peer({.text = 100});
  SegmentForTest answer = ack;
  answer.ack = 101;
  answer.window = 9'900;
  run.Stack(answer);
  run.Quiet();
}
void AcknowledgesWithOptions(RunForTest& run, const std::vector<uint8_t>& options) {
  AcknowledgesWith(run, {.raw_options = options});
}

// FIN-WAIT-2: the stack's FIN, behind `octets` of text, is acknowledged.
void ReachFinWait2(RunForTest& run) {
  run.Establish();
  run.Shutdown();
  run.Stack({.control = kFin | kAck});
  run.Quiet();
  run.Peer({.ack = 2});
  run.Quiet();
}

void ReachCloseWait(RunForTest& run) {
  run.Establish();
  run.Peer({.control = kFin | kAck});
  run.Stack({.ack = 2});
  run.Quiet();
}

void ReachLastAck(RunForTest& run) {
  ReachCloseWait(run);
  run.Shutdown();
  run.Stack({.control = kFin | kAck, .ack = 2});
  run.Quiet();
}

// --- the table ---

constexpr Trial kTrials[] = {
    // Headers.
    {.rule = "header.delimits-the-segment",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.StackRaw(run.Changed({.ack = 101, .window = 9'900},
                                    [](wire::MutableOctets s) { s[12] = std::byte{0x40}; }));
         },
     .nearly =
         [](RunForTest& run) {
           // A data offset of 15, up to the segment's last octet.
           AcknowledgesWithOptions(run, std::vector<uint8_t>(40, 1));
         }},
    {.rule = "header.between-the-two-addresses",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.StackRaw(run.Encode({.ack = 101, .window = 9'900}, true));  // in the peer's name
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           run.StackRaw(run.Encode({.ack = 101, .window = 9'900}, false));
         }},
    {.rule = "header.checksum-is-right",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.text = 100});
           std::vector<std::byte> packet = run.Encode({.ack = 101, .window = 9'900}, false);
           packet[packet.size() - 3] ^= std::byte{1};
           run.StackRaw(packet);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(33);  // an odd octet at the end counts as the upper half of a word
         }},
    {.rule = "header.reserved-bits-are-zero",
     .breaks = [](RunForTest& run) { AcknowledgesWith(run, {.reserved = 1}); },
     .nearly =
         [](RunForTest& run) {
           // CWR and ECE were reserved once (RFC 3168): a SYN asks with them.
           run.Connect();
           SegmentForTest syn = RunForTest::Syn();
           syn.control |= wire::kCwr | wire::kEce;
           run.Stack(syn);
           run.Quiet();
         }},
    {.rule = "header.controls-do-not-contradict",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           SegmentForTest both = RunForTest::SynAck();
           both.control |= kFin;
           run.Stack(both);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Shutdown();
           run.Stack({.control = kFin | kAck | kPsh});
           run.Quiet();
         }},
    {.rule = "header.ack-bit-after-the-syn",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Stack({.control = kPsh, .text = 100});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Abort();
           run.Stack({.control = kRst});
           run.Quiet();
         }},
    {.rule = "options.have-their-lengths",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {254, 5, 0, 0}); },
     .nearly = [](RunForTest& run) { AcknowledgesWithOptions(run, {254, 4, 0, 0}); }},
    {.rule = "options.padding-is-zero",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {0, 0, 0, 1}); },
     .nearly = [](RunForTest& run) { AcknowledgesWithOptions(run, {0, 0, 0, 0}); }},
    {.rule = "options.mss-only-on-syn",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {2, 4, 5, 180}); },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Wait(Duration::Seconds(1));
           run.Stack(RunForTest::SynAck());
           run.Quiet();
         }},
    {.rule = "options.sack-permitted-only-on-syn",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {1, 1, 4, 2}); },
     .nearly =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn(), SynAckWith({.mss = 1440, .sack_permitted = true}));
         }},
    {.rule = "options.window-scale-only-on-syn",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {1, 3, 3, 0}); },
     .nearly =
         [](RunForTest& run) {
           run.Establish(SynWith({.window_scale = 0}),
                         SynAckWith({.mss = 1440, .window_scale = 0}));
         }},
    {.rule = "options.sack-blocks-are-blocks",
     .breaks =
         [](RunForTest& run) {
           run.Establish(SynWith({.sack_permitted = true}), RunForTest::SynAck());
           run.Peer({.seq = 101, .text = 100});
           SegmentForTest ack;
           ack.options.sack.push_back({1'101, 1'101});
           run.Stack(ack);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(SynWith({.sack_permitted = true}), RunForTest::SynAck());
           run.Peer({.seq = 101, .text = 100});
           SegmentForTest ack;
           for (uint32_t i = 0; i < 3; ++i) ack.options.sack.push_back({1'101 + i, 1'201});
           ack.options.sack.push_back({1'200, 1'201});  // one octet
           run.Stack(ack);
           run.Quiet();
         }},

    // Resets.
    {.rule = "nobody.answers-only-with-rst",
     .breaks = [](RunForTest& run) { run.Stack({}); },
     .nearly =
         [](RunForTest& run) {
           run.Peer({.seq = 7, .ack = 9, .text = 10});
           run.Stack({.control = kRst, .seq = 9});
           run.Quiet();
         }},
    {.rule = "rst.only-when-called-for",
     .breaks =
         [](RunForTest& run) {
           // A RST for a RST.
           run.Peer({.control = kRst | kAck, .seq = 7, .ack = 9});
           run.Stack({.control = kRst, .seq = 9});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Abort();
           run.Stack({.control = kRst | kAck});
           run.Quiet();
         }},
    {.rule = "rst.numbers-come-from-the-segment",
     .breaks =
         [](RunForTest& run) {
           run.Peer({.seq = 7, .ack = 9, .text = 10});
           run.Stack({.control = kRst, .seq = 10});
         },
     .nearly =
         [](RunForTest& run) {
           // SEG.LEN counts text, SYN and FIN; SEQ is 0 on the wire.
           run.Peer({.control = kSyn | kFin, .seq = 7, .text = 10});
           run.StackRaw(run.Changed({.control = kRst | kAck, .ack = 19}, [](wire::MutableOctets s) {
             wire::OctetWriter(s.subspan(4)).U32(0);
           }));
           run.Quiet();
         }},

    // Opening.
    {.rule = "syn.only-while-opening",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Wait(Duration::Seconds(1));
           run.Stack(RunForTest::SynAck());
         },
     .nearly =
         [](RunForTest& run) {
           // Simultaneous open: the SYN again, now with ACK.
           run.Connect();
           run.Stack(SegmentForTest(RunForTest::Syn()));
           run.Quiet();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
         }},
    {.rule = "handshake.syn-ack-acknowledges-the-syn",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           SegmentForTest syn = RunForTest::Syn();
           syn.text = 10;
           run.Peer(syn);
           SegmentForTest syn_ack = RunForTest::SynAck();
           syn_ack.ack = 11;
           run.Stack(syn_ack);
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           SegmentForTest syn = RunForTest::Syn();
           syn.text = 10;
           run.Peer(syn);
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Peer({.seq = 11});
           run.Stack({.ack = 11, .window = 9'990});
           run.Quiet();
         }},
    {.rule = "handshake.one-iss-per-attempt",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Wait(Duration::Seconds(1));
           SegmentForTest other = RunForTest::SynAck();
           other.seq = 1;
           run.Stack(other);
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Peer({.control = kRst});
           run.Quiet();
           // Another attempt.
           run.Peer(RunForTest::Syn());
           SegmentForTest other = RunForTest::SynAck();
           other.seq = 1;
           run.Stack(other);
           run.Quiet();
         }},
    {.rule = "handshake.syn-ack-answers-a-syn",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Stack(RunForTest::SynAck());
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           for (int i = 0; i < 2; ++i) {
             run.Peer(RunForTest::Syn());
             run.Stack(RunForTest::SynAck());
             run.Quiet();
           }
         }},
    {.rule = "handshake.offers-its-mss",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(SynAckWith({}));
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(SynWith({}));
           run.Stack(SynAckWith({.mss = 1}));
           run.Quiet();
         }},
    {.rule = "options.window-scale-only-if-offered",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(SynAckWith({.mss = 1440, .window_scale = 0}));
         },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           run.Stack(SynWith({.mss = 1440, .window_scale = 7}));
           run.Quiet();
           run.Peer(RunForTest::SynAck());
           run.Stack({});
           run.Quiet();
         }},
    {.rule = "options.timestamps-only-if-offered",
     .breaks =
         [](RunForTest& run) {
           AcknowledgesWith(run, {.options = {.timestamps = wire::Timestamps{1, 0}}});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(SynWith({.timestamps = wire::Timestamps{1, 0}}),
                         SynAckWith({.mss = 1440, .timestamps = wire::Timestamps{1, 1}}));
           run.Peer({.text = 100, .options = {.timestamps = wire::Timestamps{2, 1}}});
           run.Stack(
               {.ack = 101, .window = 9'900, .options = {.timestamps = wire::Timestamps{2, 2}}});
           run.Quiet();
         }},

    // The stack's stream.
    {.rule = "data.only-in-data-states",
     .breaks =
         [](RunForTest& run) {
           ReachFinWait2(run);
           run.Wait(Duration::Seconds(1));
           run.Stack({.seq = 2, .text = 1});
         },
     .nearly =
         [](RunForTest& run) {
           ReachCloseWait(run);
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
           run.Establish(SynWith({.mss = 536}), RunForTest::SynAck());
           run.Send(1'000);
           run.Stack({.text = 537});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(SynWith({.mss = 536}), RunForTest::SynAck());
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
           run.Establish(SynWith({.sack_permitted = true}), RunForTest::SynAck());
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
           SegmentForTest syn_ack = SynAckWith({.mss = 1440, .window_scale = 4});
           run.Establish(SynWith({.window_scale = 0}), syn_ack);
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
           ReachLastAck(run);
           run.Abort();
           run.Quiet();
           run.WaitInSilence(kMinute);
         }},
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
    {.rule = "delivery.exact",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Receive(10, 1);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Receive(10, 0);
           run.Receive(90, 10);
         }},
    {.rule = "delivery.only-what-was-received",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TakesText(100);
           run.Receive(101, 0);
         },
     .nearly =
         [](RunForTest& run) {
           // Not acknowledged yet, but here.
           run.Establish();
           run.Peer({.text = 100});
           run.Receive(100, 0);
           run.Stack({.ack = 101});
           run.Quiet();
         }},
    {.rule = "delivery.end-only-after-fin",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.control = kFin | kAck, .seq = 2});  // behind a gap
           run.Stack({});
           run.Quiet();
           run.ReceiveAnswers(CallError::kNone);
         },
     .nearly =
         [](RunForTest& run) {
           ReachCloseWait(run);
           run.ReceiveAnswers(CallError::kNone);
         }},
    {.rule = "error.reset-only-if-gone",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.control = kRst, .seq = 2});
           run.Stack({});
           run.Quiet();
           run.ReceiveAnswers(CallError::kReset);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Peer({.control = kRst});
           run.Quiet();
           run.ReceiveAnswers(CallError::kReset);
         }},
    {.rule = "state.reported-is-possible",
     .breaks =
         [](RunForTest& run) {
           ReachFinWait2(run);
           run.Reports(State::kFinWait1);
         },
     .nearly =
         [](RunForTest& run) {
           ReachFinWait2(run);
           run.Reports(State::kFinWait2);
         }},
    {.rule = "stack.keeps-running",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.judge.OnFault("a fault", run.now);
         },
     .nearly =
         [](RunForTest& run) {
           // All that the window holds, at once.
           run.Establish();
           run.Send(10'000);
           for (int64_t seq = 1; seq < 10'000; seq += 1'250) {
             const bool last = seq + 1'250 > 10'000;
             run.Stack({.control = static_cast<uint8_t>(last ? kAck | kPsh : kAck),
                        .seq = seq,
                        .text = 1'250});
           }
           run.Quiet();
         }},

    // What came later: ISNs, ECN, and replies that are owed at once.
    {.rule = "header.no-ecn-unless-agreed",
     .breaks = [](RunForTest& run) { AcknowledgesWith(run, {.control = kAck | wire::kEce}); },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           SegmentForTest syn = RunForTest::Syn();
           syn.control |= wire::kEce | wire::kCwr;  // asks for it
           run.Stack(syn);
           run.Quiet();
         }},
    {.rule = "handshake.iss-moves-on",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Peer({.control = kRst});
           run.Quiet();
           run.Wait(Duration::Milliseconds(1));
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck());
           run.Quiet();
           run.Peer({.control = kRst});
           run.Quiet();
           run.Wait(Duration::Milliseconds(1));
           run.Peer(RunForTest::Syn());
           SegmentForTest later = RunForTest::SynAck();
           later.seq = 250;
           run.Stack(later);
           run.Quiet();
         }},
    {.rule = "time-wait.reopens-above-the-old",
     .breaks =
         [](RunForTest& run) {
           ReachFinWait2(run);
           run.Peer({.control = kFin | kAck, .ack = 2});
           run.Stack({.seq = 2, .ack = 2});
           run.Quiet();
           SegmentForTest syn = RunForTest::Syn();
           syn.seq = 100'000;
           run.Peer(syn);
           SegmentForTest syn_ack = RunForTest::SynAck();
           syn_ack.seq = 1;
           syn_ack.ack = 100'001;
           run.Stack(syn_ack);
         },
     .nearly =
         [](RunForTest& run) {
           ReachFinWait2(run);
           run.Peer({.control = kFin | kAck, .ack = 2});
           run.Stack({.seq = 2, .ack = 2});
           run.Quiet();
           SegmentForTest syn = RunForTest::Syn();
           syn.seq = 100'000;
           run.Peer(syn);
           SegmentForTest syn_ack = RunForTest::SynAck();
           syn_ack.seq = 2;
           syn_ack.ack = 100'001;
           run.Stack(syn_ack);
           run.Quiet();
         }},
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

// Those of every file.
std::vector<Trial> AllTrials() {
  std::vector<Trial> all(std::begin(kTrials), std::end(kTrials));
  for (const auto more : {OptionTrials(), PaceTrials()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

// The addresses and initial numbers of a run, none of which may matter.
std::vector<RunOptions> Settings() {
  std::vector<RunOptions> all;
  for (const bool ipv6 : {false, true}) {
    for (const uint32_t iss : {uint32_t{5'000}, uint32_t{0xffff'ffff}, uint32_t{0x7fff'ffd0}}) {
      all.push_back({.ipv6 = ipv6, .tester_iss = 1'000, .stack_iss = iss});
    }
  }
  return all;
}

class RuleOnTrial : public testing::TestWithParam<Trial> {};

TEST_P(RuleOnTrial, IsBrokenByThisRunAndNoOtherIs) {
  for (const RunOptions& options : Settings()) {
    SCOPED_TRACE(testing::Message()
                 << "ISS " << options.stack_iss << (options.ipv6 ? ", IPv6" : ""));
    RunForTest run(options);
    GetParam().breaks(run);
    EXPECT_THAT(run.Broken(), ElementsAre(std::string(GetParam().rule))) << run.Report();
    EXPECT_TRUE(run.judge.tainted());
    const size_t number = RuleNumber(GetParam().rule);
    EXPECT_EQ(run.judge.tally().violated[number], 1u);
    EXPECT_GE(run.judge.tally().applied[number], 1u);
  }
}

TEST_P(RuleOnTrial, IsNotBrokenByARunThatNearlyBreaksIt) {
  for (const RunOptions& options : Settings()) {
    SCOPED_TRACE(testing::Message()
                 << "ISS " << options.stack_iss << (options.ipv6 ? ", IPv6" : ""));
    RunForTest run(options);
    GetParam().nearly(run);
    EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
    EXPECT_EQ(run.judge.tally().lost, 0u);
  }
}

std::string NameOf(const testing::TestParamInfo<Trial>& info) {
  std::string name(info.param.rule);
  std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, RuleOnTrial, testing::ValuesIn(AllTrials()), NameOf);

TEST(Judge, EveryRuleIsPutOnTrial) {
  const std::vector<Trial> trials = AllTrials();
  for (const Rule& rule : AllRules()) {
    EXPECT_EQ(std::ranges::count(trials, rule.id, &Trial::rule), 1) << rule.id;
  }
  EXPECT_EQ(trials.size(), AllRules().size());
}

// A run in which a rule of level SHOULD is broken.
void BreakShould(RunForTest& run) {
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(SynAckWith({}));
}

TEST(Judge, AFindingBelowMustIsNoViolation) {
  RunForTest run;
  BreakShould(run);
  ASSERT_EQ(run.judge.findings().size(), 1u);
  EXPECT_EQ(run.judge.violation(), nullptr);
}

TEST(Judge, SaysNothingMoreOnceARunIsTainted) {
  RunForTest run;
  run.Stack({});
  ASSERT_TRUE(run.judge.tainted());
  for (int i = 0; i < 3; ++i) run.Stack({});
  run.Peer({});
  run.Quiet();
  run.judge.OnFault("a fault", run.now);
  EXPECT_EQ(run.judge.findings().size(), 1u);
}

TEST(Judge, BeginsEachRunAfresh) {
  RunForTest run;
  run.Stack({});
  ASSERT_TRUE(run.judge.tainted());
  run.judge.Begin({}, {}, 1'000);
  EXPECT_FALSE(run.judge.tainted());
  EXPECT_THAT(run.Broken(), IsEmpty());
  run.Establish();
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
  EXPECT_EQ(run.judge.tally().runs, 2u);
}

TEST(Judge, SaysWhereTheStackMayHaveBeen) {
  RunForTest run;
  ReachFinWait2(run);
  run.Wait(Duration::Seconds(1));
  run.Stack({.seq = 2, .text = 1});
  ASSERT_EQ(run.judge.findings().size(), 1u);
  const Finding& finding = run.judge.findings()[0];
  EXPECT_EQ(finding.seen, "ACK seq=2 ack=1 win=10000 len=1");
  EXPECT_THAT(finding.legal, testing::HasSubstr("FIN-WAIT-2 (SND.UNA=2 SND.MAX=2 RCV.NXT=1"));
  EXPECT_TRUE(finding.states.Has(State::kFinWait2));
  EXPECT_EQ(finding.at, run.now);
}

TEST(Judge, FollowsTwoConnectionsOfOnePort) {
  // An old incarnation in TIME-WAIT, and a new one that its SYN began.
  RunForTest run;
  ReachFinWait2(run);
  run.Peer({.control = kFin | kAck, .ack = 2});
  run.Stack({.seq = 2, .ack = 2});
  run.Quiet();
  SegmentForTest syn = RunForTest::Syn();
  syn.seq = 100'000;
  run.Peer(syn);
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.seq = 200'000;
  syn_ack.ack = 100'001;
  run.Stack(syn_ack);
  run.Quiet();
  run.Peer({.seq = 100'001, .ack = 200'001, .text = 10});
  run.Stack({.seq = 200'001, .ack = 100'011, .window = 9'990});
  run.Quiet();
  EXPECT_THAT(run.Broken(), IsEmpty()) << run.Report();
}

TEST(Judge, TalliesAddUp) {
  RunForTest one;
  one.Stack({});
  RunForTest two;
  BreakShould(two);
  Tally sum;
  sum.Add(one.judge.tally());
  sum.Add(two.judge.tally());
  EXPECT_EQ(sum.runs, 2u);
  EXPECT_EQ(sum.violated[RuleNumber("nobody.answers-only-with-rst")], 1u);
  EXPECT_EQ(sum.violated[RuleNumber("handshake.offers-its-mss")], 1u);
}

}  // namespace
}  // namespace assay::rules
