#include "harness/observer/reporting.h"

#include <algorithm>

namespace assay::observer {

void NoteReports(const SegmentSeen& segment, Offset ack, Range una, bool sure, Facts& facts) {
  const auto& blocks = segment.options.sack;
  if (blocks.empty() || !facts.offered_sack || !facts.stack_offered_sack) return;
  Reports& reports = facts.reports;
  for (const wire::SackBlock& block : blocks) {
    const Offset left = Unwrap(block.left, facts.iss, ack);
    const Offset right = Unwrap(block.right, facts.iss, ack);
    // An ACK may take it in, and what was acknowledged says nothing of what was lost.
    if (right <= std::max(una.lo, ack) && left < right) continue;
    const bool plain = sure && una.certain() && ack >= una.hi && left > ack && left < right &&
                       right <= facts.snd_max;
    if (plain) reports.blocks.Add(left, right);
    // Of more than one option has room for, not all may be kept.
    constexpr size_t kMostKept = 4;
    if (!plain || reports.blocks.widened() || reports.blocks.size() > kMostKept) {
      reports.unsure = facts.snd_max;
    }
  }
}

void NoteReportsBelow(Offset una, Facts& facts) {
  Reports& reports = facts.reports;
  // An ACK into what was reported, or to its edge: the tester has given it up.
  const bool taken_back = std::ranges::any_of(
      reports.blocks, [una](const auto& part) { return part.from <= una && una < part.to; });
  if (taken_back) reports.unsure = facts.snd_max;
  if (una >= reports.unsure && reports.blocks.widened()) reports.blocks.Clear();
  reports.blocks.DropBelow(una);
  reports.resent = std::max(reports.resent, una);
}

void NoteResent(Facts& facts, const Emission& e, Range una) {
  Reports& reports = facts.reports;
  const Offset end = e.seq + e.text;
  if (e.text == 0 || end > facts.snd_max) return;
  if (!e.answers) {  // a time-out: it may forget all (RFC 2018, 5.1)
    reports.unsure = facts.snd_max;
    reports.blocks.Clear();
    reports.recovery = 0;
    return;
  }
  if (!e.answers || reports.blocks.empty()) return;
  if (una.hi >= reports.recovery && e.seq <= una.lo && end > una.hi) {
    reports.recovery = facts.snd_max;
    reports.out_of_turn = 0;
    reports.resent = end;
    return;
  }
  if (e.seq < reports.resent || e.seq >= reports.highest()) {
    if (reports.out_of_turn < UINT8_MAX) ++reports.out_of_turn;
  }
  // A last segment sent again alone leaves the holes below it as they are (NextSeg, 4).
  if (e.seq < reports.highest()) reports.resent = std::max(reports.resent, end);
}

bool ReportsAreKnown(const Facts& facts, Offset una) {
  const Reports& reports = facts.reports;
  return facts.sack_agreed() && !facts.options_unsure && !facts.told_too_big &&
         una >= reports.unsure && facts.pace.edge_is_sure && facts.pace.edge >= facts.snd_max;
}

}  // namespace assay::observer
