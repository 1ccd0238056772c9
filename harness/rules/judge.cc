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

int Judge::TryFacts(const Facts& facts, const Emission& emission, const Agenda& agenda,
                    Applied& applied) const {
  int broken = -1;
  uint64_t bit = 1;
  for (const auto& [judge, number] : agenda.of_fact()) {
    const Verdict verdict = judge(facts, observer_.profile(), emission);
    applied.of_fact |= verdict != Verdict::kNotApplicable ? bit : 0;
    if (verdict == Verdict::kViolated && broken < 0) broken = number;
    bit <<= 1;
  }
  return broken;
}

int Judge::TryBelief(const Facts& facts, State state, const Hypothesis& h, const Emission& emission,
                     const Agenda& agenda, Applied& applied) const {
  int broken = -1;
  uint64_t bit = 1;
  for (const auto& [judge, number] : agenda.of_belief()) {
    const Verdict verdict = judge(facts, observer_.profile(), state, h, emission);
    applied.of_belief |= verdict != Verdict::kNotApplicable ? bit : 0;
    if (verdict == Verdict::kViolated && broken < 0) broken = number;
    bit <<= 1;
  }
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

int Judge::TryAlone(const SegmentSeen& segment) {
  RuleSet broken;
  if (segment.packet.error == wire::PacketError::kNone && segment.defects.empty() &&
      segment.options.sack.empty() && (segment.packet.traffic_class & 3) == 0) {
    std::optional<Alone>& known = alone_[segment.header.control];
    if (!known.has_value()) known = JudgeAlone(segment);
    ++known->times;
    broken = known->broken;
  } else {
    const Alone alone = JudgeAlone(segment);
    CountApplied(alone.applied);
    broken = alone.broken;
  }
  ++tally_.applied[kinds_.address];
  if (!broken.empty()) return static_cast<int>(broken.First());
  return observer_.IsBetweenTheTwo(segment) ? -1 : static_cast<int>(kinds_.address);
}

void Judge::CountApplied(const RuleSet& applied) {
  applied.ForEach([this](size_t number) { ++tally_.applied[number]; });
}

void Judge::CountTried(std::initializer_list<const Tried*> all) {
  const Tried* only = nullptr;
  int tried = 0;
  for (const Tried* one : all) {
    if (one->agenda == nullptr) continue;
    only = one;
    ++tried;
  }
  if (tried == 1) return only->agenda->Count(only->applied, tally_.applied);
  // A rule that applied here and there applied once.
  RuleSet applied;
  for (const Tried* one : all) {
    if (one->agenda != nullptr) applied |= one->agenda->RulesOf(one->applied);
  }
  CountApplied(applied);
}

void Judge::Settle() {
  for (std::optional<Alone>& alone : alone_) {
    if (!alone.has_value() || alone->times == 0) continue;
    alone->applied.ForEach([&](size_t number) { tally_.applied[number] += alone->times; });
    alone->times = 0;
  }
  agendas_.Settle(tally_.applied);
}

void Judge::OnEmission(const SegmentSeen& segment) {
  if (tainted_) return;
  const Instant now = segment.at;
  if (segment.packet.error == wire::PacketError::kNotTcp) return;  // ICMP, and what IPv6 needs
  // What a segment must be by itself, and between whom, is judged whatever is known of connections.
  const int broken_alone = TryAlone(segment);
  if (broken_alone >= 0) {
    const auto number = static_cast<size_t>(broken_alone);
    const bool excused = rules_[number].excused_by.has_value() &&
                         observer_.profile().quirks.Has(*rules_[number].excused_by);
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
  if (connection == nullptr || connection->lost()) return;
  const Cause cause = answering_ ? Cause::kStimulus : Cause::kTimer;
  const uint16_t features = FeaturesOf(segment);
  Beliefs& beliefs = connection->beliefs();
  // As each incarnation sees it; what is to be tried there, and where there is no connection.
  Looks looks;
  std::array<Tried, observer::kIncarnations> tried;
  Tried of_nobody;
  Contradictions contradictions;
  Excused excused;
  for (size_t inc = 0; inc < looks.size(); ++inc) {
    if (beliefs.live(inc) != 0) looks[inc] = connection->Look(inc, segment, answering_);
  }
  beliefs.ForEach([&](size_t lane, size_t inc, State state, const Hypothesis& h) {
    const Facts& facts = connection->facts(inc);
    int broken = -1;
    if (IsNobody(state)) {
      if (of_nobody.agenda == nullptr) of_nobody.agenda = &agendas_.OfNobody(cause, features);
      broken = TryBelief(facts, state, h, looks[inc], *of_nobody.agenda, of_nobody.applied);
    } else {
      Tried& of_connection = tried[inc];
      Agenda*& agenda = of_connection.agenda;
      const bool first = agenda == nullptr;
      if (first) agenda = &agendas_.OfConnection(cause, features, GivenIn(facts, looks[inc]));
      broken = TryBelief(facts, state, h, looks[inc], *agenda, of_connection.applied);
      if (first) {
        of_connection.broken = TryFacts(facts, looks[inc], *agenda, of_connection.applied);
      }
      if (broken < 0) broken = of_connection.broken;
    }
    if (broken_alone >= 0) broken = broken_alone;
    if (broken < 0) return;
    const Contradiction contradiction{static_cast<uint8_t>(broken), state,
                                      static_cast<uint8_t>(lane), static_cast<uint8_t>(inc)};
    contradictions.push_back(contradiction);
    if (!Excuses(rules_[static_cast<size_t>(broken)]).empty()) excused.TryPush(contradiction);
  });
  CountTried({&tried[0], &tried[1], &of_nobody});

  if (!contradictions.empty()) {
    uint64_t dropped = 0;
    for (const Contradiction& c : contradictions) {
      dropped |= Beliefs::Bit(c.lane, c.incarnation, c.state);
    }
    if (beliefs.LaneIsEmptyWithout(0, dropped)) {
      Refute(*connection, contradictions, excused, looks, segment);
      if (tainted_) return;
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
    ++tally_.applied[kinds_.of_reason[static_cast<size_t>(__builtin_ctz(paid))]];
  }
  connection->Note(looks, observer_.profile());
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
