// Runs that break a rule of stamp_rules.cc, and runs that nearly do.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kRst;

OptionsForTest Stamped(uint32_t value, uint32_t echo) {
  return {.timestamps = wire::Timestamps{value, echo}};
}

// ESTABLISHED, with timestamps agreed on.
void Establish(RunForTest& run) {
  run.Listen();
  run.Peer(RunForTest::Syn({.mss = 1440, .timestamps = wire::Timestamps{100, 0}}));
  run.Stack(RunForTest::SynAck({.mss = 1440, .timestamps = wire::Timestamps{1, 100}}));
  run.Quiet();
  run.Peer({.options = Stamped(100, 1)});
  run.Accept();
  run.Quiet();
}

// After 24 days and two hours, text with an older timestamp.
void SpeakAgain(RunForTest& run) {
  Establish(run);
  run.Wait(Duration::Seconds(24 * 24 * 3'600 + 7'200));
  run.Peer({.text = 10, .options = Stamped(50, 1)});
}
constexpr uint32_t kThen = (24 * 24 * 3'600 + 7'200) * 1'000u;

void ReachTimeWait(RunForTest& run) {
  run.ReachFinWait2();
  run.Peer({.control = kFin | kAck, .ack = 2});
  run.Stack({.seq = 2, .ack = 2});
  run.Quiet();
}

// A SYN at `seq` of the old numbers.
void PeerSyn(RunForTest& run, int64_t seq) {
  SegmentForTest syn = RunForTest::Syn();
  syn.seq = seq;
  run.Peer(syn);
}
void StackSynAck(RunForTest& run, int64_t ack) {
  SegmentForTest syn_ack = RunForTest::SynAck();
  syn_ack.seq = 70'000;
  syn_ack.ack = ack;
  run.Stack(syn_ack);
  run.Quiet();
}

constexpr Trial kTrials[] = {
    {.rule = "timestamps.what-lacks-them-is-dropped",
     .breaks =
         [](RunForTest& run) {
           Establish(run);
           run.Peer({.text = 10});
           run.Stack({.ack = 11, .options = Stamped(1, 100)});
         },
     .nearly =
         [](RunForTest& run) {
           Establish(run);
           run.Peer({.text = 10});
           run.Stack({.options = Stamped(1, 100)});
           run.Quiet();
         }},
    {.rule = "timestamps.outdated-when-long-idle",
     .breaks =
         [](RunForTest& run) {
           SpeakAgain(run);
           run.Stack({.options = Stamped(kThen, 100)});
         },
     .nearly =
         [](RunForTest& run) {
           SpeakAgain(run);
           run.Stack({.ack = 11, .window = 9'990, .options = Stamped(kThen, 50)});
           run.Quiet();
         }},
    {.rule = "timestamps.of-a-rst-from-nobody",
     .breaks =
         [](RunForTest& run) {
           run.Peer({.options = Stamped(7, 9)});
           run.Stack({.control = kRst, .options = Stamped(9, 7)});
         },
     .nearly =
         [](RunForTest& run) {
           run.Peer({.options = Stamped(7, 9)});
           run.Stack({.control = kRst, .options = Stamped(0, 7)});
           run.Quiet();
         }},
    {.rule = "time-wait.reopens-for-a-new-syn",
     .breaks =
         [](RunForTest& run) {
           ReachTimeWait(run);
           PeerSyn(run, 1'000);
           run.Stack({.seq = 2, .ack = 2});
         },
     .nearly =
         [](RunForTest& run) {
           ReachTimeWait(run);
           PeerSyn(run, 1'000);
           StackSynAck(run, 1'001);
         }},
    {.rule = "time-wait.stays-for-an-old-syn",
     .breaks =
         [](RunForTest& run) {
           ReachTimeWait(run);
           PeerSyn(run, -1'000);
           StackSynAck(run, -999);
         },
     .nearly =
         [](RunForTest& run) {
           ReachTimeWait(run);
           PeerSyn(run, -1'000);
           run.Stack({.seq = 2, .ack = 2});
           run.Quiet();
           PeerSyn(run, 1'000);
           StackSynAck(run, 1'001);
         }},
};

}  // namespace

std::span<const Trial> StampTrials() { return kTrials; }

}  // namespace assay::rules
