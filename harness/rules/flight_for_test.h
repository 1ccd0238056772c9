// A flight of segments of 1,000 octets, what is acknowledged of it and what is lost; for tests.

#ifndef ASSAY_HARNESS_RULES_FLIGHT_FOR_TEST_H_
#define ASSAY_HARNESS_RULES_FLIGHT_FOR_TEST_H_

#include "harness/rules/run_for_test.h"

namespace assay::rules {

inline constexpr uint16_t kWindow = 60'000;
inline constexpr int kSmss = 1'000;

// The stack sends the segments [from, to) of its stream; a segment holds 1,000 octets.
inline void Segments(RunForTest& run, int from, int to) {
  for (int i = from; i < to; ++i) run.Stack({.seq = 1 + kSmss * i, .text = kSmss});
  run.Quiet();
}

// All before segment `to` is acknowledged.
inline void Acknowledge(RunForTest& run, int to) {
  run.Peer({.ack = 1 + kSmss * to, .window = kWindow});
}

// ESTABLISHED with much to send and ten segments in flight.
inline void FillTheFlight(RunForTest& run, const OptionsForTest& options = {.mss = kSmss}) {
  SegmentForTest syn = RunForTest::Syn(options);
  syn.window = kWindow;
  run.Establish(syn, RunForTest::SynAck(options));
  run.Send(200'000);
  Segments(run, 0, 10);
}

// Duplicates of the ACK of segment `una`, to which the stack says nothing.
inline void Duplicates(RunForTest& run, int times, int una = 0) {
  for (int i = 0; i < times; ++i) {
    Acknowledge(run, una);
    run.Quiet();
  }
}

// Ten in flight, three duplicates, and the first segment again: half of ten, and three.
inline void Recover(RunForTest& run) {
  FillTheFlight(run);
  Duplicates(run, 2);
  Acknowledge(run, 0);
  Segments(run, 0, 1);
}

// An ACK of segment `una` that reports the segments [from, to).
inline void Report(RunForTest& run, int una, int from, int to) {
  const auto at = [&run](int segment) {
    return run.stack_iss() + 1 + static_cast<uint32_t>(kSmss * segment);
  };
  run.Peer({.ack = 1 + kSmss * una,
            .window = kWindow,
            .options = {.sack = {{.left = at(from), .right = at(to)}}}});
}

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_FLIGHT_FOR_TEST_H_
