// Judge: the oracle. It follows one run, lets the observer conclude, and applies the rules.
//
// The driver tells it everything in order: each segment that reached the stack, each call with its
// answer, each step of time, each segment that the stack sent, and each moment of quiet. What no
// hypothesis permits is a Finding. What only a known deviation of the profile explains is a finding
// too, marked as known, and the run goes on from where the stack then is. After a finding that is
// not known the run is tainted: nothing more is judged in it, since the belief that it would rest
// on is gone.

#ifndef ASSAY_HARNESS_RULES_JUDGE_H_
#define ASSAY_HARNESS_RULES_JUDGE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "harness/observer/observer.h"
#include "harness/rules/agenda.h"
#include "harness/rules/rule.h"
#include "harness/rules/rule_kinds.h"
#include "harness/sut/stack_under_test.h"

namespace assay::rules {

// A broken rule, with the numbers.
struct Finding {
  const Rule* rule = nullptr;
  Instant at;
  size_t event = 0;          // ordinal of the trace event
  std::string seen;          // what the stack did
  std::string legal;         // what would have been
  spec::StateSet states;     // the states that were believed possible
  uint8_t control = 0;       // of the segment, for grouping
  observer::QuirkSet known;  // not empty: the known deviations that explain it

  bool is_known() const { return !known.empty(); }
};

// How often each rule applied, and was broken, over any number of runs. Indexed by rule number.
struct Tally {
  Counts applied{};
  Counts violated{};
  Counts known{};
  // How often each known deviation was what explained it.
  std::array<uint64_t, observer::kQuirkCount> quirks{};
  uint64_t runs = 0;
  uint64_t lost = 0;  // runs in which the observer knew too little to go on

  void Add(const Tally& other);
};

class Judge {
 public:
  // A fresh run. `tester_iss`: where the tester's stream of octets begins.
  void Begin(const sut::Config& config, const Profile& profile, uint32_t tester_iss);

  void OnListen(uint16_t port);
  void OnConnect(sut::Handle handle, uint16_t local_port, uint16_t remote_port, Instant now);
  void OnAccept(sut::Handle handle, const wire::Endpoint& from, Instant now);
  // `flags`: of sut::SendFlags.
  void OnSend(sut::Handle handle, const sut::Transfer& answer, Instant now,
              uint32_t flags = sut::kSendPush);
  void OnReceive(sut::Handle handle, wire::Octets octets, const sut::Transfer& answer, Instant now);
  void OnShutdown(sut::Handle handle, sut::CallError answer, Instant now);
  void OnClose(sut::Handle handle, sut::CallError answer, Instant now);
  void OnAbort(sut::Handle handle, sut::CallError answer, Instant now);
  void OnOption(sut::Handle handle, sut::Option option, int64_t value, sut::CallError answer,
                Instant now);
  void OnState(sut::Handle handle, const sut::ReportedState& state, Instant now);

  // The stack failed by its own word, or by what it did to the driver.
  void OnFault(std::string_view what, Instant now);

  void OnArrival(const observer::SegmentSeen& segment);
  void OnTime(Instant now);
  void OnEmission(const observer::SegmentSeen& segment);
  // The stack has nothing more to say to the last stimulus or step of time.
  void OnQuiet(Instant now);

  // Which event of the trace comes next: for findings.
  void set_event(size_t ordinal) { event_ = ordinal; }

  const std::vector<Finding>& findings() const { return findings_; }
  // The first finding that no known deviation explains, a warning included; or nullptr.
  const Finding* unexplained() const;
  // The first of them that breaks a MUST, or nullptr.
  const Finding* violation() const;
  bool tainted() const { return tainted_; }
  // Nothing more is judged in this run: to measure what driving alone takes.
  void LookAway() { tainted_ = true; }
  Tally& tally() {
    Settle();
    return tally_;
  }
  const observer::Observer& observer() const { return observer_; }
  spec::StateSet States() const { return observer_.States(); }

 private:
  struct Contradiction {
    uint8_t rule;
    State state;
    uint8_t lane;
    uint8_t incarnation;
  };
  using Contradictions =
      BoundedVector<Contradiction, observer::kLanes * observer::kIncarnations * spec::kStateCount>;

  // Of contradictions, those that a known deviation may explain.
  using Excused = BoundedVector<Contradiction, 16>;
  // An emission as each incarnation sees it.
  using Looks = std::array<Emission, observer::kIncarnations>;

  // What the rules of the segment alone say: which apply, which are broken; and how often it was
  // said since that was last counted.
  struct Alone {
    RuleSet applied;
    RuleSet broken;
    uint64_t times = 0;
  };

  // The rules that were tried on an emission, in one incarnation or where there is no connection.
  struct Tried {
    Agenda* agenda = nullptr;
    Applied applied;
    int broken = -1;  // the first rule of facts that it breaks
  };
  // The first rule that the emission breaks; -1 if none. They note which rules applied.
  int TryFacts(const Facts& facts, const Emission& emission, const Agenda& agenda,
               Applied& applied) const;
  int TryBelief(const Facts& facts, State state, const Hypothesis& h, const Emission& emission,
                const Agenda& agenda, Applied& applied) const;
  // The first rule that the segment breaks by itself; -1 if none. Counts those that applied.
  int TryAlone(const observer::SegmentSeen& segment);
  void CountApplied(const RuleSet& applied);
  // Each rule of theirs once.
  void CountTried(std::initializer_list<const Tried*> all);
  // Brings the tally up to date.
  void Settle();
  Alone JudgeAlone(const observer::SegmentSeen& segment) const;
  [[gnu::cold]] void Blame(size_t rule, const observer::SegmentSeen& segment, Instant now);
  // The stack's quirks that may explain a violation of the rule, the likeliest first.
  BoundedVector<Quirk, 2> Excuses(const Rule& rule) const;
  // Puts what the quirk makes of a contradicted hypothesis into lane 1, if the emission shows it;
  // true if it does.
  [[gnu::cold]] bool Excuse(observer::Connection& connection, size_t lane, size_t incarnation,
                            State state, const observer::Beliefs& before, Quirk quirk,
                            const Emission& emission);
  // True if these are the octets of the tester's stream behind the first `given`, but for one that
  // is left out at the hole.
  bool IsOfStream(wire::Octets octets, const Facts& facts, Offset given, Offset hole) const;
  // The known deviation that explains this silence, if there is one.
  [[gnu::cold]] std::optional<Quirk> ExcuseOfSilence(size_t rule, const Facts& facts,
                                                     const Hypothesis& h, Instant now) const;
  [[gnu::cold]] void CountQuirks(observer::QuirkSet known);
  // `later`: time has passed since the last check. True if an ABORT may take effect now.
  bool CheckSilence(observer::Connection& connection, Instant now, bool later);
  // Keeps in the beliefs what `keep` accepts; what it refuses contradicts `rule`.
  // `seen` makes the sentence, if it is wanted.
  template <typename Seen, typename Keep>
  void Prune(observer::Connection& connection, size_t incarnation, size_t rule, Instant now,
             Seen seen, Keep keep);
  // Where an emission leaves nothing of what the RFCs allow.
  [[gnu::cold]] void Refute(observer::Connection& connection, const Contradictions& contradictions,
                            const Excused& excused, const Looks& looks,
                            const observer::SegmentSeen& segment);
  // After slots were dropped: nothing to report, a known deviation, or a violation.
  [[gnu::cold]] void Conclude(observer::Connection& connection, const observer::Beliefs& before,
                              const Contradictions& contradictions,
                              const observer::SegmentSeen* segment, Instant now,
                              const std::string& seen);
  [[gnu::cold]] void Report(const observer::Connection& connection, const observer::Beliefs& before,
                            const Contradictions& contradictions,
                            const observer::SegmentSeen* segment, Instant now,
                            const std::string& seen, observer::QuirkSet known);

  std::span<const Rule> rules_ = AllRules();
  const Kinds& kinds_ = RuleKinds();
  observer::Observer observer_;
  uint32_t tester_iss_ = 0;
  size_t event_ = 0;
  Instant last_quiet_;
  bool answering_ = false;  // a stimulus is open: what is sent now may be its answer
  bool tainted_ = false;
  std::vector<Finding> findings_;
  Tally tally_;
  Agendas agendas_;
  // By the control bits, of a segment without defects: asked once, and known from then on.
  std::array<std::optional<Alone>, 256> alone_;
};

// "ACK,PSH seq=1 ack=401 win=65535 len=100": a segment as a sentence says it, its numbers counted
// from the two initial sequence numbers where they are known.
std::string Describe(const observer::SegmentSeen& segment, const Facts& facts);

}  // namespace assay::rules

#endif  // ASSAY_HARNESS_RULES_JUDGE_H_
