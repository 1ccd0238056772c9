// Runs that break a rule of recovery_rules.cc, and runs that nearly do.

#include "harness/rules/flight_for_test.h"
#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

constexpr Duration kSecond = Duration::Seconds(1);
constexpr OptionsForTest SackPermitted() { return {.mss = kSmss, .sack_permitted = true}; }

// Of ten segments the first, the fourth and the last are missing, and the first was sent again;
// then the same is reported once more.
void LoseThree(RunForTest& run) {
  FillTheFlight(run, SackPermitted());
  Report(run, 0, 1, 2);
  run.Quiet();
  Report(run, 0, 2, 3);
  run.Quiet();
  Report(run, 0, 4, 9);
  Segments(run, 0, 1);
  Report(run, 0, 4, 9);
}

// A time-out at which the first segment was sent again.
void TimeOut(RunForTest& run) {
  run.Wait(kSecond);
  Segments(run, 0, 1);
}

constexpr Trial kTrials[] = {
    {.rule = "sack.sends-the-lowest-hole-again",
     .breaks =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 5, 6);
         },
     .nearly =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 3, 4);
         }},
    {.rule = "sack.what-is-lost-before-what-is-new",
     .breaks =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 10, 11);
         },
     .nearly =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 3, 4);
           Report(run, 0, 4, 9);
           Segments(run, 10, 11);
         }},
    {.rule = "sack.one-rescue-at-most",
     .breaks =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 3, 4);
           Report(run, 0, 4, 9);
           Segments(run, 9, 10);
           Report(run, 0, 4, 9);
           Segments(run, 9, 10);
         },
     .nearly =
         [](RunForTest& run) {
           LoseThree(run);
           Segments(run, 3, 4);
           Report(run, 0, 4, 9);
           Segments(run, 9, 10);
         }},
    {.rule = "sack.recovers-at-three",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, SackPermitted());
           Report(run, 0, 2, 3);
           run.Quiet();
           Report(run, 0, 2, 3);
           run.Quiet();
           // What is acknowledged begins the count anew.
           Report(run, 1, 2, 3);
           run.Quiet();
           Report(run, 1, 2, 3);
           Segments(run, 1, 2);
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, SackPermitted());
           Report(run, 1, 2, 3);
           run.Quiet();
           Report(run, 1, 2, 3);
           run.Quiet();
           Report(run, 1, 2, 3);
           run.Quiet();
           Report(run, 1, 2, 3);
           Segments(run, 1, 2);
         }},
    {.rule = "sack.no-recovery-after-a-time-out",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, SackPermitted());
           TimeOut(run);
           // One is acknowledged, and two more are sent again.
           Acknowledge(run, 1);
           Segments(run, 1, 3);
           Duplicates(run, 2, 1);
           Acknowledge(run, 1);
           Segments(run, 1, 2);
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn(SackPermitted());
           syn.window = kWindow;
           run.Establish(syn, RunForTest::SynAck(SackPermitted()));
           run.Send(1'000);
           run.Stack({.control = wire::kAck | wire::kPsh, .text = kSmss});
           run.Quiet();
           run.Wait(kSecond);
           run.Stack({.control = wire::kAck | wire::kPsh, .text = kSmss});
           run.Quiet();
           run.Send(10'000);
           run.Quiet();
           Report(run, 0, 1, 1);
           run.Quiet();
           Report(run, 0, 1, 1);
           Segments(run, 1, 2);
         }},
    {.rule = "fast-retransmit.not-after-a-time-out",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run);
           TimeOut(run);
           Duplicates(run, 2);
           Acknowledge(run, 0);
           Segments(run, 0, 1);
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn({.mss = kSmss});
           syn.window = kWindow;
           run.Establish(syn, RunForTest::SynAck({.mss = kSmss}));
           run.Send(1'000);
           run.Stack({.control = wire::kAck | wire::kPsh, .text = kSmss});
           run.Quiet();
           run.Wait(kSecond);
           run.Stack({.control = wire::kAck | wire::kPsh, .text = kSmss});
           run.Quiet();
           run.Send(10'000);
           run.Quiet();
           Duplicates(run, 1);
           Acknowledge(run, 0);
           Segments(run, 1, 2);
         }},
    {.rule = "fast-retransmit.goes-on-at-a-partial-ack",
     .breaks =
         [](RunForTest& run) {
           Recover(run);
           run.Wait(Duration::Milliseconds(10));
           Acknowledge(run, 4);
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(10));
         },
     .nearly =
         [](RunForTest& run) {
           Recover(run);
           run.Wait(Duration::Milliseconds(10));
           Acknowledge(run, 4);
           Segments(run, 4, 5);
           run.WaitInSilence(Duration::Milliseconds(10));
           Acknowledge(run, 10);
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(10));
         }},
};

}  // namespace

std::span<const Trial> RecoveryTrials() { return kTrials; }

}  // namespace assay::rules
