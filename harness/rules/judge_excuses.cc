// Which known deviation explains what no RFC allows, and what is believed once it does.

#include "harness/rules/judge.h"

#include <algorithm>

#include "harness/observer/arrival.h"
#include "harness/observer/congesting.h"
#include "harness/observer/pacing.h"

namespace assay::rules {
namespace {

using observer::AfterFin;
using observer::Beliefs;
using observer::Connection;
using observer::QuirkSet;
using observer::Range;

}  // namespace

BoundedVector<Quirk, 2> Judge::Excuses(const Rule& rule) const {
  BoundedVector<Quirk, 2> quirks;
  for (const auto& quirk : {rule.excused_by, rule.or_by}) {
    if (quirk.has_value() && observer_.profile().quirks.Has(*quirk)) quirks.push_back(*quirk);
  }
  return quirks;
}

bool Judge::Excuse(Connection& connection, size_t lane, size_t inc, State state,
                   const Beliefs& before, Quirk quirk, const Emission& emission) {
  const Facts& facts = connection.facts(inc);
  Hypothesis quirky = before.At(lane, inc, state);
  quirky.quirks.Add(quirk);
  const wire::Header& header = emission.header();
  switch (quirk) {
    case Quirk::kResetCountsSynFinOnce: {
      const bool once = std::ranges::any_of(quirky.rst_forms, [&](const observer::AllowedRst& f) {
        return header.seq == f.seq && header.ack + 1 == f.ack;
      });
      if (!once) return false;
      break;
    }
    case Quirk::kMovedFin: {
      // The FIN was taken, at a place that nobody gave it.
      const Offset ack = emission.AckNear(facts, quirky);
      if (facts.fins.empty() || ack <= quirky.rcv_nxt.lo) return false;
      quirky.rcv_nxt = Range::At(ack);
      const State after = AfterFin(state);
      quirky.time_wait_since = quirky.time_wait_latest = emission.seg->at;
      if (after != state) connection.beliefs().Put(1, inc, after, quirky);
      break;
    }
    case Quirk::kSynWithoutBackoff:
      if (!header.syn() || header.has_ack()) return false;
      break;
    case Quirk::kHalvesCwnd: {
      // No more than that half, and what the rule grants.
      const observer::Congestion& c = facts.congestion;
      const Offset slack = 2 * observer::LargestSegment(facts, observer_.profile());
      if (emission.end() - quirky.snd_una.hi > c.window + c.inflated + c.beyond + slack)
        return false;
      break;
    }
    case Quirk::kResetUnstamped:
      // One of its own, as of ABORT, carries them.
      if (!emission.answers) return false;
      break;
    case Quirk::kInitialWindowAfterLoss:
      if (facts.pace.syn_resends < 2 || facts.pace.collapsed) return false;
      break;
    case Quirk::kSynSentSendsData:
      if (state != State::kSynSent) return false;
      break;
    case Quirk::kEarlyFin:
      // In the middle of the data, behind some of it.
      if (emission.text == 0 || emission.end() > facts.end_of_data()) return false;
      break;
    case Quirk::kWindowFromBadAck: {
      // New text inside that window; or its probe, if it is closed.
      const bool probe = facts.stray.least_window == 0 && emission.text == 1 && !emission.answers;
      const bool inside = emission.end() <= quirky.snd_una.hi + facts.stray.window &&
                          emission.end() > facts.snd_max;
      if (!inside && !probe) return false;
      break;
    }
    case Quirk::kSmallWhereFull:
      // Of what was sent before only the last, and only once a SEND found no room.
      if (emission.end() <= facts.snd_max &&
          (!facts.send_refused || emission.end() != facts.end_of_data())) {
        return false;
      }
      break;
    case Quirk::kIgnoresSmallerWindow:
      if (emission.seq + emission.text > facts.stray.kept_edge) return false;
      break;
    case Quirk::kWindowStands:
      if (!facts.pace.window_stands) return false;
      break;
    case Quirk::kUrgentCopied:
      // It goes on where the last piece ended, and is nothing new.
      if (header.urgent != facts.stray.urgent || emission.seq != facts.stray.piece_end ||
          emission.end() > facts.snd_max) {
        return false;
      }
      break;
    case Quirk::kNamedByEachPiece: {
      if (emission.text == 0 || emission.seq != facts.stray.piece_end) return false;
      const wire::SackBlock& first = emission.seg->options.sack[0];
      const Offset ack = emission.AckNear(facts, quirky);
      const Range named = {observer::Unwrap(first.left, facts.irs, ack),
                           observer::Unwrap(first.right, facts.irs, ack)};
      if (facts.latest.named != named) return false;
      break;
    }
    case Quirk::kUnstampedAtZero: {
      const bool remnant =
          state == State::kTimeWait || (state == State::kFinWait2 && quirky.app_gone);
      if (!emission.seg->is_pure_ack() || (state != State::kSynReceived && !remnant)) return false;
      if (!facts.stamps.perhaps.Has(0)) return false;
      break;
    }
    case Quirk::kOldBlocksBesideFin: {
      // What was reported before, and is now acknowledged together with the FIN.
      const Offset ack = emission.AckNear(facts, quirky);
      const bool of_fin = std::ranges::find(facts.fins, ack - 1) != facts.fins.end();
      const auto& blocks = emission.seg->options.sack;
      const bool old = std::all_of(blocks.begin() + 1, blocks.end(), [&](const auto& block) {
        return facts.sacked.Covers(observer::Unwrap(block.left, facts.irs, ack),
                                   observer::Unwrap(block.right, facts.irs, ack));
      });
      if (!of_fin || !old || facts.sacked.widened()) return false;
      break;
    }
    case Quirk::kCutWhenQueued:
      if (emission.end() > facts.stray.cut_end) return false;
      break;
    case Quirk::kTimeWaitWindowWraps:
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

std::optional<Quirk> Judge::ExcuseOfSilence(size_t rule, const Facts& facts, const Hypothesis& h,
                                            Instant now) const {
  const Profile& profile = observer_.profile();
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

}  // namespace assay::rules
