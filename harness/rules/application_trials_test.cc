// The rules of what the application is told on trial.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using sut::CallError;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;

constexpr Trial kTrials[] = {
    {.rule = "option.is-taken-while-it-lives",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Set(sut::Option::kNodelay, 1, sut::CallError::kClosed);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.TurnOffNagle();
           run.Peer({.control = wire::kRst});
           run.Quiet();
           run.Set(sut::Option::kNodelay, 1, sut::CallError::kClosed);
         }},
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
           run.ReachCloseWait();
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
           run.ReachFinWait2();
           run.Reports(State::kFinWait1);
         },
     .nearly =
         [](RunForTest& run) {
           run.ReachFinWait2();
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
};

}  // namespace

std::span<const Trial> ApplicationTrials() { return kTrials; }

}  // namespace assay::rules
