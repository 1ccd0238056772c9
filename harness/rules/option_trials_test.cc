// The rules of options on trial.

#include <vector>

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::Timestamps;

SegmentForTest Stamped(SegmentForTest segment, uint32_t value, uint32_t echo) {
  segment.options.timestamps = Timestamps{value, echo};
  return segment;
}

// ESTABLISHED with timestamps: the tester's clock stands at 100, the stack's at 7.
void EstablishStamped(RunForTest& run) {
  run.Listen();
  run.Peer(Stamped(RunForTest::Syn(), 100, 0));
  run.Stack(Stamped(RunForTest::SynAck(), 7, 100));
  run.Quiet();
  run.Peer(Stamped({}, 100, 7));
  run.Accept();
  run.Quiet();
}

SegmentForTest Permitting(SegmentForTest segment) {
  segment.options.sack_permitted = true;
  return segment;
}

// A segment of the stack's with SACK blocks, in the tester's offsets.
SegmentForTest Reports(int64_t ack, const std::vector<std::pair<uint32_t, uint32_t>>& blocks) {
  SegmentForTest segment{.ack = ack, .window = static_cast<uint16_t>(10'001 - ack)};
  for (const auto& [left, right] : blocks) {
    segment.options.sack.push_back({1'000 + left, 1'000 + right});
  }
  return segment;
}

void EstablishReporting(RunForTest& run) {
  run.Establish(Permitting(RunForTest::Syn()), Permitting(RunForTest::SynAck()));
}

// Two pieces of text behind a gap, both reported.
void ReportTwoPieces(RunForTest& run) {
  EstablishReporting(run);
  run.Peer({.seq = 101, .text = 100});
  run.Stack(Reports(1, {{101, 201}}));
  run.Quiet();
  run.Peer({.seq = 301, .text = 100});
  run.Stack(Reports(1, {{301, 401}, {101, 201}}));
  run.Quiet();
}

SegmentForTest SynAckOffering(uint16_t mss) {
  return {.control = kSyn | kAck, .seq = 0, .options = {.mss = mss}};
}

constexpr Trial kTrials[] = {
    {.rule = "paws.drop-is-acknowledged",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 99, 7));
           run.WaitInSilence(Duration::Milliseconds(500));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 99, 7));
           run.Stack(Stamped({}, 7, 100));
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(500));
         }},
    {.rule = "mss.offer-fits-the-link",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(RunForTest::Syn());
           run.Stack(SynAckOffering(1'461));
         },
     .nearly = [](RunForTest& run) { run.Establish(RunForTest::Syn(), SynAckOffering(1'440)); }},
    {.rule = "mss.offer-leaves-options-out",
     .breaks =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(Stamped(RunForTest::Syn(), 100, 0));
           const auto whole = static_cast<uint16_t>(run.ipv6() ? 1'440 : 1'460);
           run.Stack(Stamped(SynAckOffering(static_cast<uint16_t>(whole - 12)), 7, 100));
         },
     .nearly =
         [](RunForTest& run) {
           run.Listen();
           run.Peer(Stamped(RunForTest::Syn(), 100, 0));
           run.Stack(Stamped(SynAckOffering(run.ipv6() ? 1'440 : 1'460), 7, 100));
           run.Quiet();
         }},
    {.rule = "mss.segment-fits-the-link",
     .breaks =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn();
           syn.options.mss = 8'960;
           run.Establish(syn, RunForTest::SynAck());
           run.Send(2'000);
           run.Stack({.text = 1'461});
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn();
           syn.options.mss = 8'960;
           run.Establish(syn, RunForTest::SynAck());
           run.Send(2'000);
           run.Stack({.text = run.ipv6() ? 1'440u : 1'460u});
           run.Quiet();
         }},
    {.rule = "mss.segment-fits-the-path",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(3'000);
           run.Stack({.text = 1'440});
           run.Quiet();
           run.TooBig(1'300, 1);
           run.Stack({.text = 1'440});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Send(3'000);
           run.Stack({.text = 1'440});
           run.Quiet();
           run.TooBig(1'300, 1'441);  // about nothing that was sent
           run.TooBig(24, 1);         // no link is so small
           run.Stack({.seq = 1'441, .text = 1'440});
           run.Quiet();
           run.TooBig(1'300, 1);
           run.Stack({.text = run.ipv6() ? 1'240u : 1'260u});
           run.Quiet();
         }},
    {.rule = "options.window-scale-at-most-fourteen",
     .breaks =
         [](RunForTest& run) {
           run.Connect();
           run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1'440, .window_scale = 15}});
         },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           run.Stack({.control = kSyn, .seq = 0, .options = {.mss = 1'440, .window_scale = 14}});
           run.Quiet();
         }},
    {.rule = "timestamps.on-every-segment",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 100, 7));
           run.Stack({.ack = 11, .window = 9'990});
         },
     .nearly =
         [](RunForTest& run) {
           // A SYN,ACK without them: nothing was agreed on.
           run.Establish(Stamped(RunForTest::Syn(), 100, 0), RunForTest::SynAck());
           run.TakesText(10);
         }},
    {.rule = "timestamps.only-if-agreed",
     .breaks =
         [](RunForTest& run) {
           run.Establish(Stamped(RunForTest::Syn(), 100, 0), RunForTest::SynAck());
           run.Peer({.text = 10});
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 7, 100));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 100, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 7, 100));
           run.Quiet();
         }},
    {.rule = "timestamps.do-not-run-back",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 100, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 6, 100));
         },
     .nearly =
         [](RunForTest& run) {
           // Round the circle is forward.
           run.Listen();
           run.Peer(Stamped(RunForTest::Syn(), 100, 0));
           run.Stack(Stamped(RunForTest::SynAck(), 0xffff'ffff, 100));
           run.Quiet();
           run.Wait(Duration::Seconds(1));
           run.Stack(Stamped(RunForTest::SynAck(), 0, 100));
           run.Quiet();
         }},
    {.rule = "timestamps.tick",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Wait(Duration::Seconds(3));
           run.Peer(Stamped({.text = 10}, 100, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 7, 100));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Wait(Duration::Seconds(3));
           run.Peer(Stamped({.text = 10}, 100, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 8, 100));
           run.Quiet();
         }},
    {.rule = "timestamps.echo-one-that-was-sent",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 105, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 7, 100));  // of the ACK before
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 105, 7));
           run.Stack(Stamped({.ack = 11, .window = 9'990}, 7, 105));
           run.Quiet();
         }},
    {.rule = "timestamps.echo-the-earliest",
     .breaks =
         [](RunForTest& run) {
           // The ACK is delayed; it is for both.
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 110, 7));
           run.Quiet();
           run.Peer(Stamped({.seq = 11, .text = 10}, 111, 7));
           run.Stack(Stamped({.ack = 21, .window = 9'980}, 7, 111));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Peer(Stamped({.text = 10}, 110, 7));
           run.Quiet();
           run.Peer(Stamped({.seq = 11, .text = 10}, 111, 7));
           run.Stack(Stamped({.ack = 21, .window = 9'980}, 7, 110));
           run.Quiet();
         }},
    {.rule = "timestamps.no-echo-without-ack",
     .breaks =
         [](RunForTest& run) {
           run.Connect();
           run.Stack({.control = kSyn,
                      .seq = 0,
                      .options = {.mss = 1'440, .timestamps = Timestamps{7, 1}}});
         },
     .nearly =
         [](RunForTest& run) {
           run.Connect();
           run.Stack({.control = kSyn,
                      .seq = 0,
                      .options = {.mss = 1'440, .timestamps = Timestamps{7, 0}}});
           run.Quiet();
         }},
    {.rule = "timestamps.on-a-rst-too",
     .breaks =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Abort();
           run.Stack({.control = kRst | kAck});
         },
     .nearly =
         [](RunForTest& run) {
           EstablishStamped(run);
           run.Abort();
           run.Stack(Stamped({.control = kRst | kAck}, 0, 100));
           run.Quiet();
         }},
    {.rule = "sack.names-what-was-received",
     .breaks =
         [](RunForTest& run) {
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 202}}));
         },
     .nearly =
         [](RunForTest& run) {
           // What follows without a gap is one block.
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 201}}));
           run.Quiet();
           run.Peer({.seq = 201, .text = 100});
           run.Stack(Reports(1, {{101, 301}}));
           run.Quiet();
           // A duplicate out of another connection (RFC 2883), before what waits.
           run.Peer({.seq = -60, .text = 20});
           run.Stack(
               Reports(1, {{static_cast<uint32_t>(-60), static_cast<uint32_t>(-40)}, {101, 301}}));
           run.Quiet();
         }},
    {.rule = "sack.first-block-is-the-newest",
     .breaks =
         [](RunForTest& run) {
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 201}}));
           run.Quiet();
           run.Peer({.seq = 301, .text = 100});
           run.Stack(Reports(1, {{101, 201}, {301, 401}}));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 201}}));
           run.Quiet();
           // What of it is a duplicate is named before what holds it (RFC 2883, 4).
           run.Peer({.seq = 51, .text = 100});
           run.Stack(Reports(1, {{101, 151}, {51, 201}}));
         }},
    {.rule = "sack.while-there-is-a-gap",
     .breaks =
         [](RunForTest& run) {
           ReportTwoPieces(run);
           run.Send(10);
           run.Stack({.control = kAck | kPsh, .text = 10});
         },
     .nearly =
         [](RunForTest& run) {
           // Both gaps are filled.
           ReportTwoPieces(run);
           run.Peer({.text = 100});
           run.Stack(Reports(201, {{301, 401}}));
           run.Quiet();
           run.Peer({.seq = 201, .text = 100});
           run.Stack({.ack = 401, .window = 9'600});
           run.Quiet();
         }},
    {.rule = "sack.leaves-nothing-out",
     .breaks =
         [](RunForTest& run) {
           ReportTwoPieces(run);
           run.Peer({.seq = 501, .text = 100});
           run.Stack(Reports(1, {{501, 601}, {301, 401}}));
         },
     .nearly =
         [](RunForTest& run) {
           ReportTwoPieces(run);
           run.Peer({.seq = 501, .text = 100});
           run.Stack(Reports(1, {{501, 601}, {101, 201}, {301, 401}}));
           run.Quiet();
         }},
    {.rule = "ack.takes-in-what-was-held",
     .breaks =
         [](RunForTest& run) {
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 201}}));
           run.Quiet();
           run.Peer({.text = 100});
           run.Stack(Reports(101, {{101, 201}}));
         },
     .nearly =
         [](RunForTest& run) {
           EstablishReporting(run);
           run.Peer({.seq = 101, .text = 100});
           run.Stack(Reports(1, {{101, 201}}));
           run.Quiet();
           run.Peer({.text = 100});
           run.Stack({.ack = 201, .window = 9'800});
           run.Quiet();
         }},
};

}  // namespace

std::span<const Trial> OptionTrials() { return kTrials; }

}  // namespace assay::rules
