// What the judge says of a broken rule: which it is, what was seen, and what would have been legal.

#include "harness/rules/judge.h"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace assay::rules {
namespace {

using observer::Beliefs;
using observer::Connection;
using observer::QuirkSet;
using observer::Range;
using observer::SegmentSeen;

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

void Judge::CountQuirks(QuirkSet known) {
  for (size_t i = 0; i < observer::kQuirkCount; ++i) {
    if (known.Has(static_cast<Quirk>(i))) ++tally_.quirks[i];
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
    Quirk quirk;
    std::string_view words;
  };
  static constexpr KnownWords kKnownWords[] = {
      {Quirk::kAssertInsaneOffset, "insane offset"},
      {Quirk::kAssertMssTooSmall, "mss_local is too small"},
      {Quirk::kAssertSplitBeyondMss, "split <= mss"},
      {Quirk::kAssertNotTrimmed, "segment not trimmed correctly"},
      {Quirk::kAssertOversize, "inconsistent oversize vs. space"},
      {Quirk::kAssertFinBeyondWindow, "tcp_receive: tcplen > rcv_wnd"},
      {Quirk::kAssertBeyondWindow, "ooseq tcplen > rcv_wnd"},
      {Quirk::kAssertPersistWithoutData, "persist ticking with empty send buffer"}};
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
