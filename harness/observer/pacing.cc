#include "harness/observer/pacing.h"

#include <algorithm>

namespace assay::observer {

using spec::State;

Duration GiveUpAfter(State state, const Profile& profile) {
  return state == State::kSynSent || state == State::kSynReceived ? profile.syn_give_up
                                                                  : profile.data_give_up;
}

Duration LongestSilence(const Facts& facts, const Profile& profile) {
  const Duration rto = std::max({Duration::Seconds(3), facts.largest_rtt * 3, facts.last_gap * 2});
  return std::max(Duration::Seconds(60), rto * 2) + profile.tick * 2;
}

Duration LongestSilence(const Facts& facts, const Profile& profile, QuirkSet quirks) {
  Duration rtt = facts.largest_rtt;
  if (quirks.Has(Quirk::kSamplesAnyAck)) rtt = std::max(rtt, facts.stray.rtt);
  // SRTT + 4*RTTVAR, and what a stack begins with, doubled for each resend.
  const Duration rto =
      (Duration::Seconds(3) + rtt * 5) * (1 << std::min<int>(facts.stray.resends, 7));
  return std::max(LongestSilence(facts, profile), rto + profile.tick * 2);
}

// What the retransmission timer sends: nothing new, and not into a closed window.
bool IsTimedResend(const Facts& facts, const Emission& e) {
  if (e.answers || e.header().rst() || !e.has_place || !facts.has_iss) return false;
  const Offset end = e.end();
  if (end <= e.seq || end > facts.snd_max) return false;
  if (e.header().syn()) return true;
  return facts.pace.edge_is_sure && end <= facts.pace.edge + (e.header().fin() ? 1 : 0);
}

bool IsTimeOut(const Facts& facts, const Emission& e) {
  return IsTimedResend(facts, e) && !(facts.stray.shut && e.text <= 1 && !e.header().syn());
}

bool MayBeTimed(const Facts& facts, const Profile& profile, const Emission& e) {
  return facts.pace.resends == 0 && e.seq + e.text <= facts.snd_max &&
         e.seg->at - facts.first_sent >= profile.rto_min;
}

bool IsProbe(const Facts& facts, const Emission& e) {
  if (e.answers || e.header().rst() || e.header().syn() || !e.has_place) return false;
  const Pace& pace = facts.pace;
  return pace.edge_is_sure && pace.edge <= pace.edge_ack && e.text <= 1 &&
         e.end() >= pace.edge_ack - 1 && e.end() <= pace.edge + 1 &&
         (e.text == 1 || e.seq == pace.edge_ack - 1);
}

bool IsSmall(const Facts& facts, const Profile& profile, const Emission& e) {
  if (profile.mtu == 0 || facts.least_peer_mss == 0 || facts.told_too_big) return false;
  const auto headers =
      static_cast<Offset>(wire::IpHeaderSize(e.seg->packet.source.family()) + wire::kHeaderMin);
  const auto options = static_cast<Offset>(e.header().data_offset()) * 4 - 20;
  // A SYN that came again may have lowered it.
  const auto said = static_cast<Offset>(facts.least_peer_mss);
  const Offset smss = std::min(said, Offset{profile.mtu} - headers) - options;
  return e.text < smss;
}

bool IsSilly(const Facts& facts, const Emission& e) {
  return e.text < 500 && e.text * 2 < facts.largest_taken;
}

void NoteAck(const SegmentSeen& segment, Offset ack, Offset before, bool same_window, bool sure,
             const Profile& profile, Facts& facts) {
  Pace& pace = facts.pace;
  pace.collapse_lasts = false;
  if (facts.snd_max <= 1) return;
  before = std::max<Offset>(before, 1);
  const Offset smss = facts.MostSmss(profile.mss_floor);
  if (ack > before) {
    // Another congestion control may count all that is acknowledged (RFC 9406 does).
    const Offset most = profile.standard_congestion ? 2 * smss : ack - before;
    pace.grown += std::max(smss, std::min<Offset>(ack - before, most));
    pace.plain = pace.plain && pace.duplicates < 3;
    pace.sure_duplicates = 0;
    // A challenged SYN leaves them counted.
    if (!segment.header.syn()) pace.duplicates = 0;
    pace.fast_due = pace.later_seq = false;
    // Of what was sent again no round trip is measured (Karn; RFC 6298, 3).
    if (before < pace.repeated_until) return;
    const Duration rtt = segment.at - facts.last_sent;
    if (!pace.measured || rtt < pace.least_rtt) pace.least_rtt = rtt;
    pace.measured = true;
    return;
  }
  if (before >= facts.snd_max) return;  // nothing is outstanding
  pace.grown += smss;
  if (pace.duplicates < UINT8_MAX) ++pace.duplicates;
  if (pace.duplicates >= 3) pace.recover = facts.snd_max;
  const bool duplicate = sure && ack == before && segment.is_pure_ack() && same_window;
  const bool reports = facts.sack_agreed();
  if (!duplicate || reports || facts.fin_at == before) {
    pace.sure_duplicates = 0;
    pace.later_seq = pace.later_seq && pace.fast_due;
    pace.plain = pace.plain && duplicate;
    return;
  }
  const auto edge_seq = static_cast<uint32_t>(pace.edge_seq);
  pace.later_seq = pace.later_seq || segment.header.seq - facts.irs != edge_seq;
  if (++pace.sure_duplicates == 3 && pace.plain && pace.duplicates == 3) {
    pace.fast_due = true;
    facts.stray.few_in_flight = facts.stray.newest_ends.front() <= before;
    pace.fast_due_at = segment.at;
  }
}

void NotePace(Facts& facts, const Emission& e, const Profile& profile) {
  Pace& pace = facts.pace;
  const wire::Header& header = e.header();
  const Offset end = e.end();
  const Instant at = e.seg->at;
  if (e.text > 0) {
    pace.fast_due = pace.fast_due && e.seq >= facts.snd_max;
    if (header.syn() || (!e.answers && end <= facts.snd_max)) pace.plain = false;
  }
  if (e.text > 0 && (end <= facts.snd_max || IsProbe(facts, e))) {
    pace.repeated_until = std::max(end, facts.snd_max);
  }
  if (facts.keep_alive && !e.answers && e.text <= 1 && e.has_place && !header.syn() &&
      e.seq == facts.snd_max - 1 && pace.keep_alives < UINT8_MAX) {
    ++pace.keep_alives;
  }
  if (IsProbe(facts, e)) {
    pace.probe_gap = pace.probes > 0 ? at - pace.probed_at : Duration();
    pace.probed_at = at;
    if (pace.probes < UINT8_MAX) ++pace.probes;
    return;
  }
  if (IsTimeOut(facts, e)) {
    pace.plain = false;
    if (pace.resends == 0 || at > pace.resent_at) {
      const Instant from = pace.resends == 0 ? facts.first_sent : pace.resent_at;
      // A stack with quirks may have measured a round trip at that very instant.
      const bool first = pace.resends == 0 && (profile.quirks.empty() || facts.last_arrival < from);
      const bool alone = first ? facts.last_stimulus <= from : facts.last_stimulus < from;
      pace.gap = alone ? at - from : Duration();
      pace.resent_at = at;
      if (pace.resends < UINT8_MAX) ++pace.resends;
      if (header.syn() && pace.syn_resends < UINT8_MAX) ++pace.syn_resends;
      if (e.text > 0) {
        pace.collapsed = pace.collapse_lasts = true;
        pace.grown = 0;
      }
    }
    return;
  }
  if (end <= facts.snd_max || e.text == 0) return;
  const bool small = IsSmall(facts, profile, e);
  const bool ends_queue = end - (header.fin() ? 1 : 0) >= facts.end_of_data();
  if (ends_queue) {
    if (small) pace.small_end = end;
    pace.silly_texts = 0;
  } else {
    const bool silly = small && e.answers && IsSilly(facts, e);
    pace.silly_texts = silly ? static_cast<uint8_t>(pace.silly_texts + 1) : 0;
  }
}

}  // namespace assay::observer
