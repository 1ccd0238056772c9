// User calls and segments in any order against the model of the eleven states: the states, the
// answers of the calls, what can be read, and when a RST goes out.

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "properties/connection_bench.h"
#include "properties/general_generators.h"
#include "properties/property.h"
#include "properties/state_model.h"
#include "rapidcheck.h"
#include "rapidcheck/state.h"
#include "stack/tcp/invariants.h"

namespace assay::properties {
namespace {

using enum spec::State;

// What the model leaves out: more text than one segment holds on its way at once.
constexpr uint32_t kMostSaid = 400;

struct Subject {
  explicit Subject(const tcp::Policy& policy, uint32_t iss, uint32_t irs)
      : bench(policy, iss, irs) {}

  // Has the event happen that leads from `before` to `after`, in the numbers of such a peer.
  void Do(const StateModel& before, const StateModel& after, const StateEvent& event);
  void Listen();

  ConnectionBench bench;
  uint32_t heard = 0;         // behind the last octet that the bench has sent
  uint32_t acknowledged = 0;  // by the peer so far
  std::set<spec::State> seen;
};

Reply ReplyOf(tcp::Answer answer) {
  switch (answer) {
    case tcp::Answer::kOk:
      return Reply::kOk;
    case tcp::Answer::kDoesNotExist:
      return Reply::kDoesNotExist;
    case tcp::Answer::kAlreadyExists:
      return Reply::kAlreadyExists;
    case tcp::Answer::kClosing:
      return Reply::kClosing;
    case tcp::Answer::kInsufficientResources:
      return Reply::kNothingNow;
    case tcp::Answer::kRemoteUnspecified:
      return Reply::kRemoteUnspecified;
    case tcp::Answer::kReset:
    case tcp::Answer::kRefused:
    case tcp::Answer::kTimedOut:
    case tcp::Answer::kUnreachable:
      break;  // answers calls that waited, not those that are made
  }
  return Reply::kNone;
}

void Subject::Listen() {
  for (const ConnectionBench::Sent& sent : bench.sent) {
    if (sent.has(wire::kRst)) continue;
    const uint32_t from = sent.segment.seq.wire() - bench.iss;
    const uint32_t size = static_cast<uint32_t>(sent.text.size()) + uint32_t{sent.has(wire::kSyn)} +
                          uint32_t{sent.has(wire::kFin)};
    heard = std::max(heard, from + size);
  }
}

void Subject::Do(const StateModel& before, const StateModel& after, const StateEvent& event) {
  using wire::kAck;
  using wire::kFin;
  using wire::kRst;
  using wire::kSyn;
  const std::vector<std::byte> text(event.octets);
  const uint32_t nxt = 1 + before.received + uint32_t{before.fin_taken};
  uint32_t ack = event.acking == Acking::kAll          ? heard
                 : event.acking == Acking::kNothingNew ? acknowledged
                                                       : heard + 1;
  // Before it was heard of, our SYN is all that there is to acknowledge.
  if (!before.syn_heard) ack = std::min(ack, event.acking == Acking::kTheFuture ? heard + 1 : 1u);
  constexpr uint16_t kWindow = 0xffff;
  const bool in_syn_sent = before.state == kSynSent;
  switch (event.what) {
    case Happening::kOpenActive:
    case Happening::kOpenPassive: {
      const bool active = event.what == Happening::kOpenActive;
      if (before.state == kClosed || (before.state == kListen && active)) heard = acknowledged = 0;
      bench.Do(tcp::Open{.mode = active ? tcp::OpenMode::kActive : tcp::OpenMode::kPassive,
                         .iss = wire::SndSeq(bench.iss),
                         .remote = active ? tcp::Flag::kYes : tcp::Flag::kNo});
      break;
    }
    case Happening::kSend:
      bench.SendCall(text, tcp::Flag::kYes);
      break;
    case Happening::kReceive:
      bench.ReceiveCall(event.octets);
      break;
    case Happening::kClose:
      bench.Do(tcp::Close{});
      break;
    case Happening::kAbort:
      bench.Do(tcp::Abort{});
      break;
    case Happening::kSyn:
      bench.Arrives(kSyn, 0, 0, kWindow);
      break;
    case Happening::kSynInWindow:
      bench.Arrives(kSyn, nxt + 10, 0, kWindow);
      break;
    case Happening::kSynAck:
      bench.Arrives(kSyn | kAck, 0, ack, kWindow, in_syn_sent ? text : wire::Octets());
      break;
    case Happening::kAck:
      bench.Arrives(kAck, nxt, ack, kWindow);
      break;
    case Happening::kText:
      bench.Arrives(kAck, nxt, ack, kWindow, text);
      break;
    case Happening::kFin:
      // A FIN has one place: again, it stands where it stood.
      bench.Arrives(kAck | kFin, before.fin_taken ? nxt - 1 : nxt, ack, kWindow,
                    before.fin_taken ? wire::Octets() : text);
      break;
    case Happening::kTextAgain:
      bench.Arrives(kAck, nxt - 1, ack, kWindow, wire::Octets(text).first(1));
      break;
    case Happening::kRstExact:
      bench.Arrives(in_syn_sent ? kRst | kAck : kRst, nxt, in_syn_sent ? heard : 0, 0);
      break;
    case Happening::kRstNear:
      bench.Arrives(kRst, nxt + 1, 0, 0);
      break;
    case Happening::kRstOutside:
      bench.Arrives(in_syn_sent ? kRst | kAck : kRst, nxt - 1, 0, 0);
      break;
    case Happening::kTwoMslPass:
      bench.Pass(bench.policy.msl * 2);
      break;
  }
  // What is left of the window is dropped with its ACK.
  const bool taken = event.what == Happening::kAck || event.what == Happening::kText ||
                     (event.what == Happening::kFin && !before.fin_taken) ||
                     (event.what == Happening::kSynAck && !before.syn_heard);
  if (taken && event.acking == Acking::kAll && after.syn_heard) acknowledged = ack;
  Listen();
  seen.insert(bench.tcb.state);
}

class StateCommand : public rc::state::Command<StateModel, Subject> {
 public:
  explicit StateCommand(const StateEvent& event) : event_(event) {}

  void checkPreconditions(const StateModel& s) const override {
    switch (event_.what) {
      case Happening::kOpenPassive:
        RC_PRE(s.state != kListen);  // 3.10.1 does not say
        break;
      case Happening::kSend:
        RC_PRE(s.said + event_.octets <= kMostSaid);
        break;
      case Happening::kClose:
        RC_PRE(!s.close_waits);  // 3.10.4 does not say
        break;
      case Happening::kReceive:
        RC_PRE(event_.octets > 0);
        break;
      case Happening::kSynInWindow:
        RC_PRE(s.state >= kSynReceived);
        break;
      case Happening::kRstNear:
        RC_PRE(s.state != kSynSent);
        break;
      case Happening::kTextAgain:
        RC_PRE(s.received > 0 && s.state >= kEstablished && event_.octets > 0);
        break;
      case Happening::kSyn:
      case Happening::kSynAck:
        // A SYN opens a connection again where the host, and not the TCB, says so.
        RC_PRE(s.state != kTimeWait);
        break;
      case Happening::kTwoMslPass:
        RC_PRE(s.state == kTimeWait);
        break;
      default:
        break;
    }
  }

  void apply(StateModel& s) const override { s.Apply(event_); }

  void run(const StateModel& before, Subject& subject) const override {
    const StateModel after = nextState(before);
    subject.Do(before, after, event_);
    const tcp::Tcb& tcb = subject.bench.tcb;
    RC_ASSERT(spec::Name(tcb.state) == spec::Name(after.state));
    RC_ASSERT((tcb.state == kListen || tcb.state == kSynSent ? 0 : tcp::Readable(tcb)) ==
              after.unread);
    if (after.reply != Reply::kNone) {
      const Reply reply = ReplyOf(subject.bench.out.answer);
      const bool same = Name(reply) == Name(after.reply);
      RC_ASSERT(same || (after.may_not_exist && reply == Reply::kClosing));
    }
    const bool rst = std::ranges::any_of(
        subject.bench.sent, [](const ConnectionBench::Sent& s) { return s.has(wire::kRst); });
    RC_ASSERT(rst == after.answers_rst);
    RC_ASSERT(tcp::CheckInvariants(tcb).empty());
  }

  void show(std::ostream& out) const override { showValue(event_, out); }

 private:
  StateEvent event_;
};

rc::Gen<std::shared_ptr<const rc::state::Command<StateModel, Subject>>> AnyCommand(
    const StateModel& s) {
  using H = Happening;
  // What leads on is drawn more often than what ends it all.
  const bool closed = s.state == kClosed || s.state == kListen;
  const auto what =
      rc::gen::weightedElement<H>({{closed ? 20u : 1u, H::kOpenActive},
                                   {s.state == kClosed ? 20u : 1u, H::kOpenPassive},
                                   {6, H::kSend},
                                   {6, H::kReceive},
                                   {closed ? 1u : 5u, H::kClose},
                                   {1, H::kAbort},
                                   {closed || s.state == kSynSent ? 10u : 2u, H::kSyn},
                                   {2, H::kSynInWindow},
                                   {s.state == kSynSent ? 20u : 2u, H::kSynAck},
                                   {14, H::kAck},
                                   {8, H::kText},
                                   {8, H::kFin},
                                   {2, H::kTextAgain},
                                   {1, H::kRstExact},
                                   {2, H::kRstNear},
                                   {2, H::kRstOutside},
                                   {2, H::kTwoMslPass}});
  const auto acking = rc::gen::weightedElement<Acking>(
      {{8, Acking::kAll}, {4, Acking::kNothingNew}, {1, Acking::kTheFuture}});
  const auto octets = rc::gen::weightedElement<uint32_t>({{4, 1}, {4, 100}, {1, 0}});
  return rc::gen::map(rc::gen::construct<StateEvent>(what, acking, octets),
                      [](const StateEvent& event)
                          -> std::shared_ptr<const rc::state::Command<StateModel, Subject>> {
                        return std::make_shared<StateCommand>(event);
                      });
}

void FollowsTheModel(Flaw flaw) {
  const int ready_made = *rc::gen::inRange(0, 3);
  tcp::Policy policy = ready_made == 0   ? tcp::Policy::Rfc9293()
                       : ready_made == 1 ? tcp::Policy::Rfc793()
                                         : tcp::Policy::Hardened();
  policy.r2 = policy.r2_syn = Duration::Seconds(1'000'000'000);  // giving up is another property's
  StateModel model;
  model.rfc5961 = policy.rst == tcp::InWindowRule::kRfc5961;
  model.ignores_rst_in_time_wait = policy.ignore_rst_in_time_wait;
  model.flaw = flaw;
  Subject subject(policy, *rc::gen::element<uint32_t>(1000, 0xffff'ffff, 0xffff'ff80),
                  *rc::gen::element<uint32_t>(5000, 0xffff'ffff, 0xffff'ff80));
  rc::state::check(model, subject, AnyCommand);
  RC_TAG(std::to_string(subject.seen.size()) + " states");
  RC_CLASSIFY(subject.seen.contains(kTimeWait), "TIME-WAIT");
  RC_CLASSIFY(subject.seen.contains(kLastAck), "LAST-ACK");
}

PROPERTY(StateProperty, CallsAndSegmentsDoWhatTheModelSays, 2) { FollowsTheModel(Flaw::kNone); }

class StateMutant : public testing::TestWithParam<Flaw> {};

TEST_P(StateMutant, AModelWithAWrongTurnIsToldApart) {
  EXPECT_NE(Falsified([] { FollowsTheModel(GetParam()); }, 2000), "");
}

INSTANTIATE_TEST_SUITE_P(EveryFlaw, StateMutant,
                         testing::Values(Flaw::kFinWait2Closes, Flaw::kSimultaneousCloseIsOver,
                                         Flaw::kCloseWaitClosesAsActive, Flaw::kPassiveResetCloses,
                                         Flaw::kNearRstKills, Flaw::kTextAfterClose,
                                         Flaw::kSendAfterFin, Flaw::kUnreadIsLost,
                                         Flaw::kTimeWaitIsForever));

}  // namespace
}  // namespace assay::properties
