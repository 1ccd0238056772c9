// Runs that break a rule of round_trip_rules.cc, and runs that nearly do.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kPsh;

// Text that is acknowledged after a round trip.
void Exchange(RunForTest& run, int64_t from, Duration round_trip) {
  run.SendsText(100, from);
  run.Wait(round_trip);
  run.Peer({.ack = from + 100});
  run.Quiet();
}

// Round trips of 2, 2 and 10 s: SRTT is 3 s, RTTVAR 2.5625 s; had SRTT moved first, 2.3125 s.
void Measure(RunForTest& run) {
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(RunForTest::SynAck());
  run.Quiet();
  run.Wait(Duration::Seconds(2));
  run.Peer({});
  run.Accept();
  run.Quiet();
  Exchange(run, 1, Duration::Seconds(2));
  Exchange(run, 101, Duration::Seconds(10));
  run.SendsText(100, 201);
}

// ESTABLISHED, after a SYN,ACK that was sent twice.
void LoseTheSynAck(RunForTest& run) {
  run.Listen();
  run.Peer(RunForTest::Syn());
  run.Stack(RunForTest::SynAck());
  run.Quiet();
  run.Wait(Duration::Seconds(1));
  run.Stack(RunForTest::SynAck());
  run.Quiet();
  run.Peer({});
  run.Accept();
  run.Quiet();
}

void ResendsAfter(RunForTest& run, int64_t from, Duration wait) {
  run.Wait(wait);
  run.Stack({.control = kAck | kPsh, .seq = from, .text = 100});
  run.Quiet();
}

constexpr Trial kTrials[] = {
    {.rule = "rto.follows-the-samples",
     .breaks =
         [](RunForTest& run) {
           Measure(run);
           ResendsAfter(run, 201, Duration::Milliseconds(12'250));
         },
     .nearly =
         [](RunForTest& run) {
           Measure(run);
           ResendsAfter(run, 201, Duration::Milliseconds(13'250));
         }},
    {.rule = "rto.three-seconds-after-a-lost-syn",
     .breaks =
         [](RunForTest& run) {
           LoseTheSynAck(run);
           run.SendsText(100);
           ResendsAfter(run, 1, Duration::Seconds(1));
         },
     .nearly =
         [](RunForTest& run) {
           LoseTheSynAck(run);
           run.SendsText(100);
           ResendsAfter(run, 1, Duration::Seconds(3));
         }},
};

}  // namespace

std::span<const Trial> RoundTripTrials() { return kTrials; }

}  // namespace assay::rules
