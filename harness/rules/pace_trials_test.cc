// The rules of timers and sizes on trial.

#include "harness/rules/trial_for_test.h"

namespace assay::rules {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kSyn;
using wire::kUrg;

constexpr Duration kSecond = Duration::Seconds(1);
constexpr Duration kTwoHours = Duration::Seconds(7'200);

// The stack sends 100 octets from 1 on once more, after a wait.
void ResendsAfter(RunForTest& run, Duration wait) {
  run.Wait(wait);
  run.Stack({.control = kAck | kPsh, .text = 100});
  run.Quiet();
}

// 1,000 octets are queued; 100 of them filled the window, and were acknowledged with none left.
void CloseTheWindow(RunForTest& run) {
  SegmentForTest syn = RunForTest::Syn();
  syn.window = 100;
  run.Establish(syn, RunForTest::SynAck());
  run.Send(1'000);
  run.Stack({.text = 100});
  run.Quiet();
  run.Peer({.ack = 101, .window = 0});
  run.Quiet();
}
void ProbesAfter(RunForTest& run, Duration wait) {
  run.Wait(wait);
  run.Stack({.seq = 101, .text = 1});
  run.Quiet();
}

// `segments` of 1,000 octets in flight, of a queue of 20,000.
void FillTheFlight(RunForTest& run, int segments) {
  SegmentForTest syn = RunForTest::Syn();
  syn.options.mss = 1'000;
  syn.window = 60'000;
  run.Establish(syn, RunForTest::SynAck());
  run.Send(20'000);
  for (int i = 0; i < segments; ++i) run.Stack({.seq = 1 + 1'000 * i, .text = 1'000});
  run.Quiet();
}
void Duplicate(RunForTest& run, int times) {
  for (int i = 0; i < times; ++i) {
    run.Peer({.window = 60'000});
    run.Quiet();
  }
}

constexpr Trial kTrials[] = {
    {.rule = "rto.not-before-its-minimum",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           ResendsAfter(run, Duration::Milliseconds(900));
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           ResendsAfter(run, kSecond);
         }},
    {.rule = "rto.longer-than-a-round-trip",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           run.Wait(Duration::Seconds(5));
           run.Peer({.ack = 101});
           run.Quiet();
           run.SendsText(100, 101);
           run.Wait(Duration::Seconds(4));
           run.Stack({.control = kAck | kPsh, .seq = 101, .text = 100});
         },
     .nearly =
         [](RunForTest& run) {
           // The ACK of what was sent twice measures nothing (Karn).
           run.Establish();
           run.SendsText(100);
           ResendsAfter(run, kSecond);
           run.Wait(Duration::Seconds(5));
           run.Peer({.ack = 101});
           run.Quiet();
           run.SendsText(100, 101);
           run.Wait(Duration::Seconds(2));
           run.Stack({.control = kAck | kPsh, .seq = 101, .text = 100});
           run.Quiet();
         }},
    {.rule = "rto.doubles",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           ResendsAfter(run, Duration::Seconds(2));
           ResendsAfter(run, Duration::Seconds(3));
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(100);
           ResendsAfter(run, Duration::Seconds(20));
           ResendsAfter(run, Duration::Seconds(40));
           ResendsAfter(run, Duration::Seconds(60));  // a cap (RFC 6298, 2.5)
         }},
    {.rule = "rto.begins-at-the-left-edge",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, 3);
           run.Wait(kSecond);
           run.Stack({.seq = 1'001, .text = 1'000});
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 3);
           run.Peer({.ack = 1'001, .window = 60'000});
           run.Quiet();
           run.Wait(kSecond);
           run.Stack({.seq = 501, .text = 1'000});  // cut otherwise than before
           run.Quiet();
         }},
    {.rule = "rto.one-segment-after-it",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, 3);
           run.Wait(kSecond);
           run.Stack({.text = 1'000});
           run.Stack({.seq = 1'001, .text = 1'000});
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 3);
           run.Wait(kSecond);
           run.Stack({.text = 600});
           run.Stack({.seq = 601, .text = 400});
           run.Quiet();
         }},
    {.rule = "congestion.window-not-exceeded",
     .breaks = [](RunForTest& run) { FillTheFlight(run, 11); },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 10);
           run.Peer({.ack = 1'001, .window = 60'000});
           run.Stack({.seq = 10'001, .text = 1'000});
           run.Stack({.seq = 11'001, .text = 1'000});
           run.Quiet();
         }},
    {.rule = "fast-retransmit.not-before-three",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, 5);
           Duplicate(run, 1);
           run.Peer({.window = 60'000});
           run.Stack({.text = 1'000});
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 5);
           Duplicate(run, 2);
           run.Peer({.window = 60'000});
           run.Stack({.text = 1'000});
           run.Quiet();
         }},
    {.rule = "fast-retransmit.at-the-third",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, 5);
           Duplicate(run, 3);
           run.WaitInSilence(Duration::Milliseconds(500));
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 5);
           Duplicate(run, 2);
           // Another window makes it an update, and no duplicate.
           run.Peer({.window = 59'000});
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(500));
         }},
    {.rule = "probe.gaps-do-not-shrink",
     .breaks =
         [](RunForTest& run) {
           CloseTheWindow(run);
           ProbesAfter(run, Duration::Seconds(5));
           ProbesAfter(run, Duration::Seconds(5));
           ProbesAfter(run, Duration::Seconds(4));
         },
     .nearly =
         [](RunForTest& run) {
           CloseTheWindow(run);
           ProbesAfter(run, Duration::Seconds(5));
           ProbesAfter(run, Duration::Seconds(10));
           // An answer ends the series.
           run.Peer({.ack = 101, .window = 0});
           run.Quiet();
           ProbesAfter(run, Duration::Seconds(5));
         }},
    {.rule = "probe.first-after-an-rto",
     .breaks =
         [](RunForTest& run) {
           CloseTheWindow(run);
           ProbesAfter(run, Duration::Milliseconds(500));
         },
     .nearly =
         [](RunForTest& run) {
           CloseTheWindow(run);
           ProbesAfter(run, kSecond);
         }},
    {.rule = "probe.of-a-closed-window-alone",
     .breaks =
         [](RunForTest& run) {
           CloseTheWindow(run);
           run.Peer({.ack = 101, .window = 0x9000});
           run.Quiet();
           run.Wait(kSecond);
           run.Stack({.seq = 101, .text = 1});
         },
     .nearly =
         [](RunForTest& run) {
           CloseTheWindow(run);
           run.Peer({.ack = 101, .window = 0x9000});
           run.Stack({.control = kAck | kPsh, .seq = 101, .text = 900});
           run.Quiet();
         }},
    {.rule = "keep-alive.only-if-asked-and-idle",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Set(sut::Option::kKeepalive, 1);
           run.Quiet();
           run.Wait(Duration::Seconds(6'000));
           run.Stack({.seq = 0});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Set(sut::Option::kKeepalive, 1);
           run.Quiet();
           run.Wait(kTwoHours);
           run.Stack({.seq = 0});
           run.Quiet();
         }},
    {.rule = "keep-alive.has-no-text",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(10);
           run.Peer({.ack = 11});
           run.Quiet();
           run.Set(sut::Option::kKeepalive, 1);
           run.Quiet();
           run.Wait(kTwoHours);
           run.Stack({.seq = 10, .text = 1});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(10);
           run.Peer({.ack = 11});
           run.Quiet();
           run.Set(sut::Option::kKeepalive, 1);
           run.Quiet();
           run.Wait(kTwoHours);
           run.Stack({.seq = 10});
           run.Quiet();
         }},
    {.rule = "nagle.one-small-segment",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(10);
           run.SendsText(10, 11);
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(10);
           run.Peer({.ack = 11});
           run.Quiet();
           run.SendsText(10, 11);
           run.TurnOffNagle();
           run.SendsText(10, 21);
         }},
    {.rule = "nagle.not-where-it-is-off",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.TurnOffNagle();
           run.SendsText(10);
           run.Send(10);
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(1));
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.SendsText(10);
           run.Send(10);
           run.Quiet();
           run.WaitInSilence(Duration::Milliseconds(1));
         }},
    {.rule = "text.no-silly-segments",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(5'000);
           for (int i = 0; i < 3; ++i) run.Stack({.seq = 1 + 10 * i, .text = 10});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Send(5'000);
           for (int i = 0; i < 2; ++i) run.Stack({.seq = 1 + 10 * i, .text = 10});
           run.Stack({.seq = 21, .text = 1'440});
           run.Stack({.seq = 1'461, .text = 10});
           run.Quiet();
         }},
    {.rule = "window.no-silly-steps",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           for (int i = 0; i < 4; ++i) {
             run.Peer({.seq = 1 + 10 * i, .text = 10});
             run.Receive(10, 10 * i);
             run.Stack({.ack = 11 + 10 * i});
             run.Quiet();
           }
         },
     .nearly =
         [](RunForTest& run) {
           // The edge stays until the room is worth telling of.
           run.Establish();
           for (int i = 0; i < 4; ++i) {
             run.Peer({.seq = 1 + 10 * i, .text = 10});
             run.Receive(10, 10 * i);
             run.Stack({.ack = 11 + 10 * i, .window = static_cast<uint16_t>(9'990 - 10 * i)});
             run.Quiet();
           }
         }},
    {.rule = "push.on-the-last-of-the-queue",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100);
           run.Stack({.text = 100});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Send(2'000);
           run.Stack({.text = 1'440});
           run.Stack({.control = kAck | kPsh, .seq = 1'441, .text = 560});
           run.Quiet();
         }},
    {.rule = "window.no-new-data-after-it-shrank",
     .breaks =
         [](RunForTest& run) {
           FillTheFlight(run, 2);
           run.Peer({.ack = 2'001, .window = 1'500});
           run.Quiet();
           run.Stack({.seq = 2'001, .text = 1'000});
           run.Stack({.seq = 3'001, .text = 1'000});
         },
     .nearly =
         [](RunForTest& run) {
           FillTheFlight(run, 2);
           run.Peer({.ack = 2'001, .window = 1'500});
           run.Quiet();
           run.Stack({.seq = 2'001, .text = 1'000});
           run.Stack({.seq = 3'001, .text = 500});
           run.Quiet();
         }},
    {.rule = "urgent.points-behind-it",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100, sut::kSendPush | sut::kSendUrgent);
           run.Stack({.control = kAck | kPsh | kUrg, .text = 100, .urgent = 99});
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100, sut::kSendPush | sut::kSendUrgent);
           run.Stack({.control = kAck | kPsh | kUrg, .text = 100, .urgent = 100});
           run.Quiet();
         }},
    {.rule = "urgent.is-announced",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Send(100, sut::kSendPush | sut::kSendUrgent);
           run.Stack({.control = kAck | kPsh, .text = 100});
         },
     .nearly =
         [](RunForTest& run) {
           // What stands behind it is as any other text.
           run.Establish();
           run.TurnOffNagle();
           run.Send(100, sut::kSendPush | sut::kSendUrgent);
           run.Stack({.control = kAck | kPsh | kUrg, .text = 100, .urgent = 100});
           run.SendsText(10, 101);
         }},
    {.rule = "user-timeout.ends-the-connection",
     .breaks =
         [](RunForTest& run) {
           run.Establish();
           run.Set(sut::Option::kUserTimeoutMs, 10'000);
           run.SendsText(100);
           for (int i = 0; i < 3; ++i) ResendsAfter(run, Duration::Seconds(2 << i));
         },
     .nearly =
         [](RunForTest& run) {
           run.Establish();
           run.Set(sut::Option::kUserTimeoutMs, 10'000);
           run.SendsText(100);
           for (int i = 0; i < 2; ++i) ResendsAfter(run, Duration::Seconds(2 << i));
           run.Wait(Duration::Seconds(5));
           run.ReceiveAnswers(sut::CallError::kTimedOut);
           run.Quiet();
         }},
};

}  // namespace

std::span<const Trial> PaceTrials() { return kTrials; }

}  // namespace assay::rules
