// The rules of headers, handshakes and resets on trial.

#include <vector>

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

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

// The same two ends a while after a RST, with an ISS so far from the first one.
void OpenAgainAt(RunForTest& run, int64_t from_iss) {
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(RunForTest::SynAck());
  run.Quiet();
  run.Peer({.control = kRst});
  run.Quiet();
  run.Wait(Duration::Milliseconds(1));
  run.Peer(RunForTest::Syn());
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.seq = from_iss;
  run.Stack(syn_ack);
  run.Quiet();
}

// A SYN far above the old connection reopens its TIME-WAIT.
void ReopenAt(RunForTest& run, int64_t from_iss) {
  run.ReachFinWait2();
  run.Peer({.control = kFin | kAck, .ack = 2});
  run.Stack({.seq = 2, .ack = 2});
  run.Quiet();
  SegmentForTest syn = RunForTest::Syn();
  syn.seq = 100'000;
  run.Peer(syn);
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.seq = from_iss;
  syn_ack.ack = 100'001;
  run.Stack(syn_ack);
  run.Quiet();
}

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
           run.Establish(RunForTest::Syn(),
                         RunForTest::SynAck({.mss = 1440, .sack_permitted = true}));
         }},
    {.rule = "options.window-scale-only-on-syn",
     .breaks = [](RunForTest& run) { AcknowledgesWithOptions(run, {1, 3, 3, 0}); },
     .nearly =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.window_scale = 0}),
                         RunForTest::SynAck({.mss = 1440, .window_scale = 0}));
         }},
    {.rule = "options.sack-blocks-are-blocks",
     .breaks =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.sack_permitted = true}), RunForTest::SynAck());
           run.Peer({.seq = 101, .text = 100});
           SegmentForTest ack;
           ack.options.sack.push_back({1'101, 1'101});
           run.Stack(ack);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish(RunForTest::Syn({.sack_permitted = true}), RunForTest::SynAck());
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
           run.Stack(RunForTest::SynAck({}));
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn({}));
           run.Stack(RunForTest::SynAck({.mss = 1}));
           run.Quiet();
         }},
    {.rule = "options.window-scale-is-taken-up",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn({.mss = 1440, .window_scale = 2}));
           run.Stack(RunForTest::SynAck());
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn({.mss = 1440, .window_scale = 2}));
           run.Stack(RunForTest::SynAck({.mss = 1440, .window_scale = 0}));
           run.Quiet();
         }},
    {.rule = "options.window-scale-only-if-offered",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(RunForTest::SynAck({.mss = 1440, .window_scale = 0}));
         },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           run.Stack(RunForTest::Syn({.mss = 1440, .window_scale = 7}));
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
           run.Establish(RunForTest::Syn({.timestamps = wire::Timestamps{1, 0}}),
                         RunForTest::SynAck({.mss = 1440, .timestamps = wire::Timestamps{1, 1}}));
           run.Peer({.text = 100, .options = {.timestamps = wire::Timestamps{2, 1}}});
           run.Stack(
               {.ack = 101, .window = 9'900, .options = {.timestamps = wire::Timestamps{2, 2}}});
           run.Quiet();
         }},

    // The stack's stream.
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
    {.rule = "handshake.iss-goes-forward",
     .breaks = [](RunForTest& run) { OpenAgainAt(run, -1'000); },
     .nearly = [](RunForTest& run) { OpenAgainAt(run, 1'000); }},
    {.rule = "handshake.iss-moves-on",
     .breaks = [](RunForTest& run) { OpenAgainAt(run, 0); },
     .nearly = [](RunForTest& run) { OpenAgainAt(run, 250); }},
    {.rule = "time-wait.reopens-above-the-old",
     .breaks = [](RunForTest& run) { ReopenAt(run, 1); },
     .nearly = [](RunForTest& run) { ReopenAt(run, 2); }},
};

}  // namespace

std::span<const Trial> HandshakeTrials() { return kTrials; }

}  // namespace assay::rules
