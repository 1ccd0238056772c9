// Runs that break a rule of congestion_rules.cc, and runs that nearly do.

#include "harness/rules/flight_for_test.h"
#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

constexpr Duration kSecond = Duration::Seconds(1);

// And all of it acknowledged: a window of five segments.
void EndTheRecovery(RunForTest& run) {
  Recover(run);
  Acknowledge(run, 10);
}

// A round trip: all is acknowledged, and `size` segments more are sent.
int RoundTrip(RunForTest& run, int from, int size) {
  Acknowledge(run, from);
  Segments(run, from, from + size);
  return from + size;
}

constexpr Trial kTrials[] = {
    {.rule = "congestion.slow-start-after-a-time-out",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run);
           run.Wait(kSecond);
           Segments(run, 0, 1);
           Acknowledge(run, 1);
           Segments(run, 1, 5);
         },
     .nearly =
         [](RunForTest& run) {
           // What counts octets adds two segments for an ACK of two (RFC 3465).
           FillTheFlight(run);
           run.Wait(kSecond);
           Segments(run, 0, 1);
           Acknowledge(run, 1);
           Segments(run, 1, 3);
           Acknowledge(run, 3);
           Segments(run, 3, 7);
           Acknowledge(run, 10);
           Segments(run, 10, 16);
         }},
    {.rule = "congestion.one-segment-a-round-trip",
     .breaks =
         [](RunForTest& run) {
           EndTheRecovery(run);
           int next = 10;
           Segments(run, next, next + 5);
           next += 5;
           for (int size = 6; size < 18; size += 2) next = RoundTrip(run, next, size);
         },
     .nearly =
         [](RunForTest& run) {
           EndTheRecovery(run);
           int next = 10;
           Segments(run, next, next + 5);
           next += 5;
           for (int size = 6; size < 18; ++size) next = RoundTrip(run, next, size);
         }},
    {.rule = "recovery.one-segment-for-a-duplicate",
     .breaks =
         [](RunForTest& run) {
           Recover(run);
           Duplicates(run, 1);
           Acknowledge(run, 0);
           Segments(run, 10, 12);
         },
     .nearly =
         [](RunForTest& run) {
           Recover(run);
           Duplicates(run, 2);
           Acknowledge(run, 0);
           Segments(run, 10, 11);
           Acknowledge(run, 0);
           Segments(run, 11, 12);
           // A partial ACK lets a segment more go out, and takes off what it acknowledges.
           Acknowledge(run, 5);
           run.Stack({.seq = 1 + kSmss * 5, .text = kSmss});
           Segments(run, 12, 13);
         }},
    {.rule = "recovery.deflates-the-window",
     .breaks =
         [](RunForTest& run) {
           Recover(run);
           for (int i = 0; i < 6; ++i) {
             Acknowledge(run, 0);
             if (i > 1) run.Stack({.seq = 1 + kSmss * (8 + i), .text = kSmss});
             run.Quiet();
           }
           Acknowledge(run, 14);
           Segments(run, 14, 14 + 11);
         },
     .nearly =
         [](RunForTest& run) {
           Recover(run);
           for (int i = 0; i < 6; ++i) {
             Acknowledge(run, 0);
             if (i > 1) run.Stack({.seq = 1 + kSmss * (8 + i), .text = kSmss});
             run.Quiet();
           }
           Acknowledge(run, 14);
           Segments(run, 14, 14 + 5);
         }},
    {.rule = "limited-transmit.one-segment-each",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run);
           Acknowledge(run, 0);
           Segments(run, 10, 12);
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run);
           Acknowledge(run, 0);
           Segments(run, 10, 11);
           Acknowledge(run, 0);
           Segments(run, 11, 12);
         }},
    {.rule = "limited-transmit.only-on-news",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, {.mss = kSmss, .sack_permitted = true});
           Acknowledge(run, 0);
           Segments(run, 10, 11);
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, {.mss = kSmss, .sack_permitted = true});
           const uint32_t iss = run.stack_iss();
           run.Peer({.window = kWindow, .options = {.sack = {{iss + 1'001, iss + 2'001}}}});
           Segments(run, 10, 11);
         }},
    {.rule = "congestion.begins-anew-when-idle",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run);
           for (int i = 1; i <= 10; ++i) {
             Acknowledge(run, i);
             Segments(run, 8 + 2 * i, 10 + 2 * i);
           }
           Acknowledge(run, 30);
           run.Quiet();
           run.Wait(Duration::Seconds(100));
           Segments(run, 30, 41);
         },
     .nearly =
         [](RunForTest& run) {
           SegmentForTest syn = RunForTest::Syn({.mss = kSmss});
           syn.window = kWindow;
           run.Establish(syn, RunForTest::SynAck({.mss = kSmss}));
           run.Send(30'000, 0);
           Segments(run, 0, 10);
           for (int i = 1; i <= 10; ++i) {
             Acknowledge(run, i);
             Segments(run, 8 + 2 * i, std::min(30, 10 + 2 * i));
           }
           Acknowledge(run, 30);
           run.Quiet();
           run.Wait(Duration::Seconds(100));
           run.Send(50'000);
           Segments(run, 30, 40);
           Acknowledge(run, 31);
           Segments(run, 40, 42);
         }},
};

}  // namespace

std::span<const Trial> CongestionTrials() { return kTrials; }

}  // namespace assay::rules
