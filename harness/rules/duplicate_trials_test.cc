// Runs that break a rule of duplicate_rules.cc, and runs that nearly do.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

void Establish(RunForTest& run) {
  const OptionsForTest options = {.mss = 1440, .sack_permitted = true};
  run.Establish(RunForTest::Syn(options), RunForTest::SynAck(options));
}

// A SACK block of these octets of the peer's.
wire::SackBlock Block(uint32_t left, uint32_t right) {
  return {.left = 1'000 + left, .right = 1'000 + right};
}

// Text behind a gap, which is reported, and a part of it once more.
void RepeatAPart(RunForTest& run) {
  Establish(run);
  run.Peer({.seq = 101, .text = 100});
  run.Stack({.options = {.sack = {Block(101, 201)}}});
  run.Quiet();
  run.Peer({.seq = 121, .text = 10});
}

// All of it in order, and the second half once more.
void RepeatTheSecond(RunForTest& run) {
  Establish(run);
  run.TakesText(100);
  run.TakesText(100, 101);
  run.Peer({.seq = 101, .text = 50});
}

constexpr Trial kTrials[] = {
    {.rule = "sack.a-duplicate-is-named-once",
     .breaks =
         [](RunForTest& run) {
           RepeatTheSecond(run);
           run.Stack({.ack = 201, .window = 9'800, .options = {.sack = {Block(1, 51)}}});
         },
     .nearly =
         [](RunForTest& run) {
           RepeatTheSecond(run);
           run.Stack({.ack = 201, .window = 9'800, .options = {.sack = {Block(101, 151)}}});
           run.Quiet();
         }},
    {.rule = "sack.a-duplicate-stands-before-its-block",
     .breaks =
         [](RunForTest& run) {
           RepeatAPart(run);
           run.Stack({.options = {.sack = {Block(121, 131), Block(101, 121), Block(131, 201)}}});
         },
     .nearly =
         [](RunForTest& run) {
           RepeatAPart(run);
           run.Stack({.options = {.sack = {Block(121, 131), Block(101, 201)}}});
           run.Quiet();
         }},
};

}  // namespace

std::span<const Trial> DuplicateTrials() { return kTrials; }

}  // namespace assay::rules
