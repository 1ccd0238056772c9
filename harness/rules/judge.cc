#include "harness/rules/judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/observer/arrival.h"
#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"
#include "harness/rules/rule_kinds.h"

namespace assay::rules {
namespace {

using observer::AfterFin;
using observer::Beliefs;
using observer::Connection;
using observer::Emission;
using observer::Facts;
using observer::Hypothesis;
using observer::IsNobody;
using observer::Offset;
using observer::QuirkSet;
using observer::Range;
using observer::Reason;
using observer::SegmentSeen;
using spec::State;

std::string ToString(Range range) {
  return range.certain() ? absl::StrCat(range.lo) : absl::StrCat(range.lo, "..", range.hi);
}

std::string Believed(State state, const Hypothesis& h, const Facts& facts) {
  std::string out(spec::Name(state));
  if (IsNobody(state)) return out;
  absl::StrAppend(&out, " (SND.UNA=", ToString(h.snd_una), " SND.MAX=", facts.snd_max);
  if (facts.has_irs && state != State::kSynSent) {
    absl::StrAppend(&out, " RCV.NXT=", ToString(h.rcv_nxt), " edge=", facts.offered_edge);
  }
  const observer::Congestion& c = facts.congestion;
  if (c.window > 0) absl::StrAppend(&out, " cwnd<=", c.window + c.inflated);
  return out + ")";
}

// A bit for each reason for which something is owed.
uint32_t ReasonsOf(const Hypothesis& h) {
  const auto bit = [](const observer::Debt& debt) {
    return 1u << static_cast<unsigned>(debt.reason);
  };
  return (bit(h.ack) | bit(h.rst) | bit(h.syn)) & ~(1u << static_cast<unsigned>(Reason::kNone));
}

}  // namespace

std::string Describe(const SegmentSeen& segment, const Facts& facts) {
  const wire::Header& header = segment.header;
  std::string out = wire::ControlNames(header.control);
  const auto number = [&out](const char* name, uint32_t value, bool known, uint32_t initial) {
    if (known) {
      absl::StrAppend(&out, " ", name, "=", static_cast<int32_t>(value - initial));
    } else {
      absl::StrAppend(&out, " ", name, "=", value, " (absolute)");
    }
  };
  number("seq", header.seq, facts.has_iss, facts.iss);
  if (header.has_ack()) number("ack", header.ack, facts.has_irs, facts.irs);
  absl::StrAppend(&out, " win=", header.window, " len=", segment.payload.size());
  return out;
}

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

void Judge::Begin(const sut::Config& config, const observer::Profile& profile,
                  uint32_t tester_iss) {
  observer::Profile of_run = profile;
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

BoundedVector<observer::Quirk, 2> Judge::Excuses(const Rule& rule) const {
  BoundedVector<observer::Quirk, 2> quirks;
  for (const auto& quirk : {rule.excused_by, rule.or_by}) {
    if (quirk.has_value() && observer_.profile().quirks.Has(*quirk)) quirks.push_back(*quirk);
  }
  return quirks;
}

bool Judge::Excuse(Connection& connection, size_t lane, size_t inc, State state,
                   const Beliefs& before, observer::Quirk quirk, const Emission& emission) {
  const Facts& facts = connection.facts(inc);
  Hypothesis quirky = before.At(lane, inc, state);
  quirky.quirks.Add(quirk);
  const wire::Header& header = emission.header();
  switch (quirk) {
    case observer::Quirk::kResetCountsSynFinOnce: {
      const bool once = std::ranges::any_of(quirky.rst_forms, [&](const observer::AllowedRst& f) {
        return header.seq == f.seq && header.ack + 1 == f.ack;
      });
      if (!once) return false;
      break;
    }
    case observer::Quirk::kMovedFin: {
      // The FIN was taken, at a place that nobody gave it.
      const Offset ack = emission.AckNear(facts, quirky);
      if (facts.fins.empty() || ack <= quirky.rcv_nxt.lo) return false;
      quirky.rcv_nxt = Range::At(ack);
      const State after = AfterFin(state);
      quirky.time_wait_since = quirky.time_wait_latest = emission.seg->at;
      if (after != state) connection.beliefs().Put(1, inc, after, quirky);
      break;
    }
    case observer::Quirk::kSynWithoutBackoff:
      if (!header.syn() || header.has_ack()) return false;
      break;
    case observer::Quirk::kHalvesCwnd: {
      // No more than that half, and what the rule grants.
      const observer::Congestion& c = facts.congestion;
      const Offset slack = 2 * observer::LargestSegment(facts, observer_.profile());
      if (emission.end() - quirky.snd_una.hi > c.window + c.inflated + c.beyond + slack)
        return false;
      break;
    }
    case observer::Quirk::kResetUnstamped:
      // One of its own, as of ABORT, carries them.
      if (!emission.answers) return false;
      break;
    case observer::Quirk::kInitialWindowAfterLoss:
      if (facts.pace.syn_resends < 2 || facts.pace.collapsed) return false;
      break;
    case observer::Quirk::kSynSentSendsData:
      if (state != State::kSynSent) return false;
      break;
    case observer::Quirk::kEarlyFin:
      // In the middle of the data, behind some of it.
      if (emission.text == 0 || emission.end() > facts.end_of_data()) return false;
      break;
    case observer::Quirk::kWindowFromBadAck:
      // Text inside that window; or its probe, if it is closed.
      if (emission.end() > quirky.snd_una.hi + facts.stray.window &&
          !(facts.stray.least_window == 0 && emission.text == 1 && !emission.answers)) {
        return false;
      }
      break;
    case observer::Quirk::kIgnoresSmallerWindow:
      if (emission.seq + emission.text > facts.stray.kept_edge) return false;
      break;
    case observer::Quirk::kWindowStands:
      if (!facts.pace.window_stands) return false;
      break;
    case observer::Quirk::kUrgentCopied:
      // It goes on where the last piece ended, and is nothing new.
      if (header.urgent != facts.stray.urgent || emission.seq != facts.stray.piece_end ||
          emission.end() > facts.snd_max) {
        return false;
      }
      break;
    case observer::Quirk::kNamedByEachPiece: {
      if (emission.text == 0 || emission.seq != facts.stray.piece_end) return false;
      const wire::SackBlock& first = emission.seg->options.sack[0];
      const Offset ack = emission.AckNear(facts, quirky);
      const Range named = {observer::Unwrap(first.left, facts.irs, ack),
                           observer::Unwrap(first.right, facts.irs, ack)};
      if (facts.latest.named != named) return false;
      break;
    }
    case observer::Quirk::kCutWhenQueued:
      if (emission.end() > facts.stray.cut_end) return false;
      break;
    case observer::Quirk::kTimeWaitWindowWraps:
      // What is left of a window that was too large for its field.
      if (state != State::kTimeWait && !(state == State::kFinWait2 && quirky.app_gone))
        return false;
      if (!facts.window_saturated) return false;
      break;
    default:
      break;
  }
  connection.beliefs().Put(1, inc, state, quirky);
  return true;
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

void Judge::Blame(size_t number, const SegmentSeen& segment, Instant now) {
  ++tally_.violated[number];
  Finding finding;
  finding.rule = &rules_[number];
  finding.at = now;
  finding.event = event_;
  finding.seen =
      segment.packet.error == wire::PacketError::kNone
          ? absl::StrCat(Describe(segment, Facts()), " from ", segment.packet.source.ToString(),
                         " to ", segment.packet.destination.ToString())
          : std::string(wire::Name(segment.packet.error));
  if (!segment.defects.empty()) absl::StrAppend(&finding.seen, ": ", ToString(segment.defects));
  finding.legal = std::string(finding.rule->sentence);
  finding.states = States();
  finding.control = segment.header.control;
  findings_.push_back(std::move(finding));
  tainted_ = true;
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
      std::ranges::any_of(Excuses(rules_[c.rule]), [&](observer::Quirk quirk) {
        return Excuse(connection, c.lane, c.incarnation, c.state, before, quirk,
                      looks[c.incarnation]);
      });
    }
  }
  Conclude(connection, before, contradictions, &segment, segment.at,
           Describe(segment, connection.facts(furthest)));
}

void Judge::Conclude(Connection& connection, const Beliefs& before,
                     const Contradictions& contradictions, const SegmentSeen* segment, Instant now,
                     const std::string& seen) {
  Beliefs& beliefs = connection.beliefs();
  if (!beliefs.LaneIsEmpty(0)) return;
  if (!beliefs.LaneIsEmpty(1)) {
    QuirkSet known;
    beliefs.ForEach([&](size_t, size_t, State, const Hypothesis& h) { known = known | h.quirks; });
    Report(connection, before, contradictions, segment, now, seen, known);
    beliefs.Promote();
    return;
  }
  Report(connection, before, contradictions, segment, now, seen, QuirkSet());
  tainted_ = true;
}

void Judge::Report(const Connection& connection, const Beliefs& before,
                   const Contradictions& contradictions, const SegmentSeen* segment, Instant now,
                   const std::string& seen, QuirkSet known) {
  // Blame the rule that contradicts most slots of the clean lane; ties go to the most advanced
  // state.
  const bool clean = !before.LaneIsEmpty(0);
  std::array<int, kMostRules> votes{};
  const Contradiction* blamed = nullptr;
  for (const Contradiction& c : contradictions) {
    if (clean && c.lane != 0) continue;
    ++votes[c.rule];
  }
  for (const Contradiction& c : contradictions) {
    if (clean && c.lane != 0) continue;
    if (blamed == nullptr || votes[c.rule] > votes[blamed->rule] ||
        (votes[c.rule] == votes[blamed->rule] && c.state > blamed->state)) {
      blamed = &c;
    }
  }
  if (blamed == nullptr) return;
  const Rule& rule = AllRules()[blamed->rule];
  if (known.empty()) {
    ++tally_.violated[blamed->rule];
  } else {
    ++tally_.known[blamed->rule];
    CountQuirks(known);
  }
  Finding finding;
  finding.rule = &rule;
  finding.at = now;
  finding.event = event_;
  finding.seen = seen;
  finding.legal = std::string(rule.sentence);
  finding.known = known;
  if (segment != nullptr) finding.control = segment->header.control;
  std::string believed;
  for (const Contradiction& c : contradictions) {
    if (clean && c.lane != 0) continue;
    finding.states.Add(c.state);
    absl::StrAppend(&believed, believed.empty() ? "" : "; ",
                    Believed(c.state, before.At(c.lane, c.incarnation, c.state),
                             connection.facts(c.incarnation)));
  }
  absl::StrAppend(&finding.legal, "; it may have been in ", believed);
  findings_.push_back(std::move(finding));
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
      const std::optional<observer::Quirk> quirk = ExcuseOfSilence(
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

std::optional<observer::Quirk> Judge::ExcuseOfSilence(size_t rule, const Facts& facts,
                                                      const Hypothesis& h, Instant now) const {
  using observer::Quirk;
  const observer::Profile& profile = observer_.profile();
  const std::optional<Quirk> quirk = rules_[rule].excused_by;
  if (!quirk.has_value()) return std::nullopt;
  // What was sent before may wait to be sent again.
  const bool queued = facts.text_end < facts.end_of_data();
  if (*quirk == Quirk::kQueuedDataStalls) {
    if (profile.quirks.Has(*quirk) && (queued || facts.longest_text > facts.least_mss))
      return quirk;
    // For as long as the segment of that ACK may not be acknowledged as a whole.
    if (profile.quirks.Has(Quirk::kStallsOnPartialAck) && facts.stray.cut_short_at > 1 &&
        h.snd_una.lo < facts.stray.cut_short_at + facts.longest_text) {
      return Quirk::kStallsOnPartialAck;
    }
    // The timer runs, but for too long.
    for (const Quirk timer : {Quirk::kBackoffOutlivesSyn, Quirk::kSamplesAnyAck}) {
      if (!profile.quirks.Has(timer)) continue;
      if (timer == Quirk::kBackoffOutlivesSyn && !facts.stray.resent_syn) continue;
      QuirkSet alone;
      alone.Add(timer);
      if (now - facts.last_sent <= observer::LongestSilence(facts, profile, alone)) return timer;
    }
    return std::nullopt;
  }
  if (*quirk == Quirk::kEndsAtPartialAck) return profile.quirks.Has(*quirk) ? quirk : std::nullopt;
  if (*quirk == Quirk::kNewSeqIsNoDuplicate) {
    if (profile.quirks.Has(*quirk) && facts.pace.later_seq) return quirk;
    if (profile.quirks.Has(Quirk::kNeedsFourInFlight) && facts.stray.few_in_flight) {
      return Quirk::kNeedsFourInFlight;
    }
    return std::nullopt;
  }
  if (*quirk == Quirk::kWindowFromBadAck) {
    // That window has no room for what waits, and what would open it looks old.
    const bool full = facts.end_of_data() - h.snd_una.lo > facts.stray.least_window;
    return profile.quirks.Has(*quirk) && full ? quirk : std::nullopt;
  }
  // What Nagle holds; a SYN it does not.
  if (queued && !h.syn.owed() && profile.quirks.Has(*quirk)) return quirk;
  return std::nullopt;
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

void Judge::CountQuirks(QuirkSet known) {
  for (size_t i = 0; i < observer::kQuirkCount; ++i) {
    if (known.Has(static_cast<observer::Quirk>(i))) ++tally_.quirks[i];
  }
}

void Judge::OnFault(std::string_view what, Instant now) {
  if (tainted_) return;
  const size_t number = RuleNumber("stack.keeps-running");
  ++tally_.applied[number];
  Finding finding;
  finding.rule = &AllRules()[number];
  finding.at = now;
  finding.event = event_;
  finding.seen = std::string(what);
  finding.legal = std::string(finding.rule->sentence);
  finding.states = States();
  // An assertion that is known is known by its words.
  struct KnownWords {
    observer::Quirk quirk;
    std::string_view words;
  };
  static constexpr KnownWords kKnownWords[] = {
      {observer::Quirk::kAssertInsaneOffset, "insane offset"},
      {observer::Quirk::kAssertMssTooSmall, "mss_local is too small"},
      {observer::Quirk::kAssertSplitBeyondMss, "split <= mss"},
      {observer::Quirk::kAssertNotTrimmed, "segment not trimmed correctly"},
      {observer::Quirk::kAssertOversize, "inconsistent oversize vs. space"},
      {observer::Quirk::kAssertFinBeyondWindow, "tcp_receive: tcplen > rcv_wnd"},
      {observer::Quirk::kAssertBeyondWindow, "ooseq tcplen > rcv_wnd"},
      {observer::Quirk::kAssertPersistWithoutData, "persist ticking with empty send buffer"}};
  for (const KnownWords& known : kKnownWords) {
    if (observer_.profile().quirks.Has(known.quirk) &&
        what.find(known.words) != std::string_view::npos) {
      finding.known.Add(known.quirk);
    }
  }
  ++(finding.is_known() ? tally_.known : tally_.violated)[number];
  CountQuirks(finding.known);
  findings_.push_back(std::move(finding));
  tainted_ = true;
}

}  // namespace assay::rules
