#include "harness/rules/judge.h"

#include <algorithm>

#include "harness/rules/rule_kinds.h"

namespace assay::rules {
namespace {

using observer::Beliefs;
using observer::Connection;
using observer::Reason;
using observer::SegmentSeen;

// A bit for each reason for which something is owed.
uint32_t ReasonsOf(const Hypothesis& h) {
  const auto bit = [](const observer::Debt& debt) {
    return 1u << static_cast<unsigned>(debt.reason);
  };
  return (bit(h.ack) | bit(h.rst) | bit(h.syn)) & ~(1u << static_cast<unsigned>(Reason::kNone));
}

}  // namespace

void Tally::Add(const Tally& other) {
  for (size_t i = 0; i < kMostRules; ++i) {
    applied[i] += other.applied[i];
    violated[i] += other.violated[i];
    known[i] += other.known[i];
  }
  for (size_t i = 0; i < observer::kQuirkCount; ++i) quirks[i] += other.quirks[i];
  runs += other.runs;
  lost += other.lost;
}

void Judge::Begin(const sut::Config& config, const Profile& profile, uint32_t tester_iss) {
  Profile of_run = profile;
  of_run.mtu = config.mtu;
  if (config.use_iss) of_run.given_iss = config.iss;
  of_run.window_scale = profile.window_scale && config.features.window_scale;
  of_run.timestamps = profile.timestamps && config.features.timestamps;
  observer_.Begin(config.stack, config.tester, of_run);
  tester_iss_ = tester_iss;
  event_ = 0;
  last_quiet_ = {};
  answering_ = false;
  tainted_ = false;
  findings_.clear();
  ++tally_.runs;
}

const Finding* Judge::unexplained() const {
  for (const Finding& finding : findings_) {
    if (!finding.is_known()) return &finding;
  }
  return nullptr;
}

const Finding* Judge::violation() const {
  for (const Finding& finding : findings_) {
    if (!finding.is_known() && finding.rule->level == Level::kMust) return &finding;
  }
  return nullptr;
}

Judge::OfFacts Judge::TryFacts(const Facts& facts, const Emission& emission, RuleSet concerned,
                               RuleSet& applied) const {
  OfFacts tried{.known = true};
  applied |= concerned.Where([&](size_t number) {
    const Verdict verdict = rules_[number].of_fact(facts, observer_.profile(), emission);
    if (verdict == Verdict::kViolated && tried.broken < 0) tried.broken = static_cast<int>(number);
    return verdict != Verdict::kNotApplicable;
  });
  return tried;
}

int Judge::TryBelief(const Facts& facts, State state, const Hypothesis& h, const Emission& emission,
                     RuleSet concerned, RuleSet& applied) const {
  int broken = -1;
  applied |= concerned.Where([&](size_t number) {
    const Verdict verdict =
        rules_[number].of_belief(facts, observer_.profile(), state, h, emission);
    if (verdict == Verdict::kViolated && broken < 0) broken = static_cast<int>(number);
    return verdict != Verdict::kNotApplicable;
  });
  return broken;
}

Judge::Alone Judge::JudgeAlone(const SegmentSeen& segment) const {
  Alone alone;
  for (uint8_t n : kinds_.of_segment) {
    const Verdict verdict = rules_[n].of_segment(segment);
    if (verdict != Verdict::kNotApplicable) alone.applied.Add(n);
    if (verdict == Verdict::kViolated) alone.broken.Add(n);
  }
  return alone;
}

int Judge::TryAlone(const SegmentSeen& segment, RuleSet& applied) {
  Alone alone;
  if (segment.packet.error == wire::PacketError::kNone && segment.defects.empty() &&
      segment.options.sack.empty() && (segment.packet.traffic_class & 3) == 0) {
    std::optional<Alone>& known = alone_[segment.header.control];
    if (!known.has_value()) known = JudgeAlone(segment);
    alone = *known;
  } else {
    alone = JudgeAlone(segment);
  }
  applied |= alone.applied;
  applied.Add(kinds_.address);
  if (!alone.broken.empty()) return static_cast<int>(alone.broken.First());
  return observer_.IsBetweenTheTwo(segment) ? -1 : static_cast<int>(kinds_.address);
}

void Judge::CountApplied(const RuleSet& applied) {
  applied.ForEach([this](size_t number) { ++tally_.applied[number]; });
}

void Judge::OnEmission(const SegmentSeen& segment) {
  if (tainted_) return;
  const Instant now = segment.at;
  if (segment.packet.error == wire::PacketError::kNotTcp) return;  // ICMP, and what IPv6 needs
  // What a segment must be by itself, and between whom, is judged whatever is known of connections.
  RuleSet applied;
  const int broken_alone = TryAlone(segment, applied);
  if (broken_alone >= 0) {
    const auto number = static_cast<size_t>(broken_alone);
    const bool excused = rules_[number].excused_by.has_value() &&
                         observer_.profile().quirks.Has(*rules_[number].excused_by);
    if (!excused || number == kinds_.address) CountApplied(applied);
    if (!excused) return Blame(number, segment, now);
    if (number == kinds_.address) {
      Blame(number, segment, now);  // and what nobody gets is about no connection
      findings_.back().known.Add(*rules_[number].excused_by);
      CountQuirks(findings_.back().known);
      --tally_.violated[number];
      ++tally_.known[number];
      tainted_ = false;
      return;
    }
  }
  Connection* connection = observer_.OfEmission(segment);
  if (connection == nullptr || connection->lost()) return CountApplied(applied);

  const Concerned& concerned =
      kinds_.Concerning(answering_ ? Cause::kStimulus : Cause::kTimer, FeaturesOf(segment));
  Beliefs& beliefs = connection->beliefs();
  Looks looks;
  std::array<Due, observer::kIncarnations> due;
  for (size_t inc = 0; inc < looks.size(); ++inc) {
    if (beliefs.live(inc) == 0) continue;
    looks[inc] = connection->Look(inc, segment, answering_);
    const RuleSet enough = kinds_.Enough(GivenIn(connection->facts(inc), looks[inc]));
    due[inc] = {concerned.of_fact & enough, concerned.of_belief & enough};
  }
  Contradictions contradictions;
  Excused excused;
  std::array<OfFacts, observer::kIncarnations> tried;
  beliefs.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    const Facts& facts = connection->facts(inc);
    const bool nobody = IsNobody(state);
    int broken = TryBelief(facts, state, h, looks[inc],
                           nobody ? concerned.of_nobody : due[inc].of_belief, applied);
    if (!nobody) {
      OfFacts& of_facts = tried[inc];
      if (!of_facts.known) of_facts = TryFacts(facts, looks[inc], due[inc].of_fact, applied);
      if (broken < 0) broken = of_facts.broken;
    }
    if (broken_alone >= 0) broken = broken_alone;
    if (broken < 0) return;
    const Contradiction contradiction{static_cast<uint8_t>(broken), state,
                                      static_cast<uint8_t>(lane), static_cast<uint8_t>(inc)};
    contradictions.push_back(contradiction);
    if (!Excuses(rules_[static_cast<size_t>(broken)]).empty()) excused.TryPush(contradiction);
  });

  if (!contradictions.empty()) {
    uint64_t dropped = 0;
    for (const Contradiction& c : contradictions) {
      dropped |= Beliefs::Bit(c.lane, c.incarnation, c.state);
    }
    if (beliefs.LaneIsEmptyWithout(0, dropped)) {
      Refute(*connection, contradictions, excused, looks, segment);
      if (tainted_) return CountApplied(applied);
    } else {
      beliefs.Drop(dropped);
    }
  }

  uint32_t paid = 0;
  beliefs.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    const uint32_t owed = ReasonsOf(h);
    connection->Narrow(lane, inc, state, looks[inc], observer_.profile());
    paid |= owed & ~ReasonsOf(h);
  });
  for (; paid != 0; paid &= paid - 1) {
    applied.Add(RuleOfReason()[static_cast<size_t>(__builtin_ctz(paid))]);
  }
  CountApplied(applied);
  connection->Note(segment, answering_, observer_.profile());
}

void Judge::Refute(Connection& connection, const Contradictions& contradictions,
                   const Excused& excused, const Looks& looks, const SegmentSeen& segment) {
  Beliefs& beliefs = connection.beliefs();
  const Beliefs before = beliefs;
  const size_t furthest = connection.Furthest();
  for (const Contradiction& c : contradictions) beliefs.Drop(c.lane, c.incarnation, c.state);
  // Kept only where nothing else remains: a quirk explains, it does not compete.
  if (beliefs.empty()) {
    for (const Contradiction& c : excused) {
      std::ranges::any_of(Excuses(rules_[c.rule]), [&](Quirk quirk) {
        return Excuse(connection, c.lane, c.incarnation, c.state, before, quirk,
                      looks[c.incarnation]);
      });
    }
  }
  Conclude(connection, before, contradictions, &segment, segment.at,
           Describe(segment, connection.facts(furthest)));
}

bool Judge::CheckSilence(Connection& connection, Instant now, bool later) {
  const std::span<const Rule> rules = rules_;
  Beliefs& beliefs = connection.beliefs();
  Contradictions contradictions;
  RuleSet applied;
  bool aborting = false;
  beliefs.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    aborting = aborting || h.aborting;
    const auto judge = [&](uint8_t n) {
      const Verdict verdict =
          rules[n].of_silence(connection.facts(inc), observer_.profile(), state, h, now);
      if (verdict == Verdict::kNotApplicable) return true;
      applied.Add(n);
      if (verdict == Verdict::kHeld) return true;
      contradictions.push_back({n, state, static_cast<uint8_t>(lane), static_cast<uint8_t>(inc)});
      return false;
    };
    // A debt that is not due breaks nothing; nor is there less progress than before while no time
    // passes.
    if (now >= std::min({h.ack.deadline, h.rst.deadline, h.syn.deadline})) {
      if (!std::ranges::all_of(kinds_.of_debt, judge)) return;
    }
    if (later && !IsNobody(state)) {
      static_cast<void>(std::ranges::all_of(kinds_.of_progress, judge));
    }
  });
  CountApplied(applied);
  if (contradictions.empty()) return aborting;
  const Beliefs before = beliefs;
  for (const Contradiction& c : contradictions) beliefs.Drop(c.lane, c.incarnation, c.state);
  // That the connection may be gone as well explains the silence, not what comes after it; and what
  // one quirk explains may need another.
  const bool idle = connection.IsIdle();
  if (!observer_.profile().quirks.empty()) {
    for (const Contradiction& c : contradictions) {
      if (!idle && c.lane == 0) continue;
      const std::optional<Quirk> quirk = ExcuseOfSilence(
          c.rule, connection.facts(c.incarnation), before.At(c.lane, c.incarnation, c.state), now);
      if (!quirk.has_value()) continue;
      Hypothesis quirky = before.At(c.lane, c.incarnation, c.state);
      quirky.quirks.Add(*quirk);
      quirky.ack = {};
      beliefs.Put(1, c.incarnation, c.state, quirky);
    }
  }
  Conclude(connection, before, contradictions, nullptr, now, "silence");
  return aborting;
}

void Judge::OnQuiet(Instant now) {
  if (tainted_) return;
  for (size_t i = 0; i < observer_.size() && !tainted_; ++i) {
    Connection& connection = observer_.at(i);
    if (connection.lost()) continue;
    if (CheckSilence(connection, now, now > last_quiet_)) connection.Quiesce();
    connection.DieEarly(now, observer_.profile());
  }
  last_quiet_ = now;
  answering_ = false;
}

void Judge::OnArrival(const SegmentSeen& segment) {
  if (tainted_) return;
  answering_ = true;
  if (segment.packet.error == wire::PacketError::kNotTcp) {
    const auto error = wire::DecodeIcmpError(segment.packet);
    if (!error.has_value()) return;
    Connection* quoted = observer_.OfIcmp(*error);
    if (quoted != nullptr && !quoted->lost())
      quoted->ArriveIcmp(*error, segment.at, observer_.profile());
    return;
  }
  Connection* connection = observer_.OfArrival(segment);
  if (connection == nullptr || connection->lost()) return;
  connection->Arrive(segment, observer_.profile());
  if (connection->lost()) ++tally_.lost;
}

void Judge::OnTime(Instant now) {
  if (tainted_) return;
  for (size_t i = 0; i < observer_.size(); ++i) {
    if (!observer_.at(i).lost()) observer_.at(i).Elapse(now, observer_.profile());
  }
}

}  // namespace assay::rules
