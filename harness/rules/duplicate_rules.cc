// What a receiver that names duplicates by SACK says of them (RFC 2883).

#include <algorithm>

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::Range;

constexpr std::string_view kOnce[] = {"RFC2883-4-1"};
constexpr std::string_view kInside[] = {"RFC2883-4-2"};

// The first block, in the tester's offsets, where there is one.
Range First(const Facts& facts, const Emission& e, Offset ack) {
  const wire::SackBlock& block = e.seg->options.sack[0];
  return {observer::Unwrap(block.left, facts.irs, ack),
          observer::Unwrap(block.right, facts.irs, ack)};
}
bool Reports(const Facts& facts, const Emission& e) {
  return !e.seg->options.sack.empty() && facts.has_irs && e.header().has_ack() &&
         !e.header().rst() && !e.header().syn();
}

Verdict JudgeOnce(const Facts& facts, const Profile&, const Emission& e) {
  if (!Reports(facts, e)) return Verdict::kNotApplicable;
  const Offset ack = observer::Unwrap(e.header().ack, facts.irs, facts.last_ack);
  const Range first = First(facts, e, ack);
  if (first.hi > ack || first.lo >= first.hi) return Verdict::kNotApplicable;
  return Holds(facts.latest.HasArrived(first.lo, first.hi) && facts.latest.named != first);
}

// A part of what was reported already is no news but as a duplicate.
Verdict JudgeInside(const Facts& facts, const Profile&, const Emission& e) {
  if (!Reports(facts, e) || facts.sacked.widened() || !facts.fins.empty()) {
    return Verdict::kNotApplicable;
  }
  const Offset ack = observer::Unwrap(e.header().ack, facts.irs, facts.last_ack);
  const Range first = First(facts, e, ack);
  if (first.lo <= ack || first.lo >= first.hi) return Verdict::kNotApplicable;
  const auto inside = [&](const auto& part) {
    const Offset from = std::max(part.from, ack);
    return from <= first.lo && first.hi <= part.to && (from < first.lo || first.hi < part.to);
  };
  if (std::ranges::none_of(facts.sacked, inside)) return Verdict::kNotApplicable;
  const auto& blocks = e.seg->options.sack;
  if (blocks.size() < 2) return Verdict::kViolated;
  const Offset left = observer::Unwrap(blocks[1].left, facts.irs, ack);
  const Offset right = observer::Unwrap(blocks[1].right, facts.irs, ack);
  return Holds(left <= first.lo && first.hi <= right);
}

constexpr Rule kRules[] = {
    {.id = "sack.a-duplicate-is-named-once",
     .sentence =
         "a first SACK block below ACK only for a duplicate that has just arrived, and once",
     .section = "RFC 2883, 4",
     .level = Level::kProse,
     .cites = kOnce,
     .concerns = kSackBlocks,
     .of_fact = JudgeOnce,
     .excused_by = Quirk::kNamedByEachPiece},
    {.id = "sack.a-duplicate-stands-before-its-block",
     .sentence = "behind a block that is part of what was reported the block that holds it",
     .section = "RFC 2883, 4",
     .level = Level::kProse,
     .cites = kInside,
     .concerns = kSackBlocks,
     .given = Given::kOwnReports,
     .of_fact = JudgeInside},
};

}  // namespace

std::span<const Rule> DuplicateRules() { return kRules; }

}  // namespace assay::rules
