// What a stack says in options, and whether it keeps to what was agreed on with them.

#include <algorithm>

#include "harness/rules/rule.h"
#include "stack/wire/packet.h"

namespace assay::rules {
namespace {

using observer::IsOlderStamp;

constexpr std::string_view kMssFits[] = {"RFC9293-MUST-67"};
constexpr std::string_view kMssWhole[] = {"RFC6691-2-1"};
constexpr std::string_view kFitsLink[] = {"RFC9293-MUST-16", "RFC6691-2-2"};
constexpr std::string_view kFitsPath[] = {"RFC1191-3-1", "RFC7323-5.7-1"};
constexpr std::string_view kShift[] = {"RFC7323-2.3-3"};
constexpr std::string_view kAlways[] = {"RFC7323-3.2-5"};
constexpr std::string_view kAgreed[] = {"RFC7323-3.2-4", "RFC7323-3.2-9"};
constexpr std::string_view kBack[] = {"RFC7323-4.1-1"};
constexpr std::string_view kTicks[] = {"RFC7323-4.1-1", "RFC7323-5.4-1"};
constexpr std::string_view kEchoSent[] = {"RFC7323-3.2-2", "RFC7323-4.3-3"};
constexpr std::string_view kEchoText[] = {"RFC7323-4.3-1", "RFC7323-4.3-2", "RFC7323-5.2-1"};
constexpr std::string_view kNoEcho[] = {"RFC7323-3.2-1"};
constexpr std::string_view kOnReset[] = {"RFC7323-3.2-6"};
constexpr std::string_view kBlocks[] = {"RFC2018-4-6", "RFC9293-P-3.4-SEQ"};
constexpr std::string_view kFirst[] = {"RFC2018-4-4", "RFC2018-8-1"};
constexpr std::string_view kHole[] = {"RFC2018-4-2"};
constexpr std::string_view kHeld[] = {"RFC2018-4-5"};
constexpr std::string_view kCovers[] = {"RFC9293-MUST-59", "RFC7323-5.3-3", "RFC2018-8-1"};

Offset Headers(const Emission& e) {
  return static_cast<Offset>(wire::IpHeaderSize(e.seg->packet.source.family()) + wire::kHeaderMin);
}
Offset OptionOctets(const Emission& e) {
  return static_cast<Offset>(e.header().data_offset()) * 4 - 20;
}

Verdict JudgeMssFits(const Facts&, const Profile& profile, const Emission& e) {
  if (!e.header().syn() || !e.seg->options.mss.has_value() || profile.mtu == 0) {
    return Verdict::kNotApplicable;
  }
  // What every host puts together again (RFC 1122, 3.3.2; RFC 8200, 5).
  const bool ipv4 = e.seg->packet.source.family() == wire::IpFamily::kIpv4;
  const Offset most = std::max<Offset>(profile.mtu, ipv4 ? 576 : 1500);
  return Holds(*e.seg->options.mss + Headers(e) <= most);
}

// What options take is taken off by the sender of the text, not off the MSS that is offered.
Verdict JudgeMssWhole(const Facts&, const Profile& profile, const Emission& e) {
  if (!e.header().syn() || !e.seg->options.mss.has_value() || profile.mtu == 0 ||
      !e.seg->options.timestamps.has_value()) {
    return Verdict::kNotApplicable;
  }
  const Offset left = Offset{profile.mtu} - Headers(e) - *e.seg->options.mss;
  return Holds(left != 12 && left != OptionOctets(e));
}

Verdict JudgeFitsLink(const Facts&, const Profile& profile, const Emission& e) {
  if (e.text == 0 || profile.mtu == 0) return Verdict::kNotApplicable;
  const Offset room = Offset{profile.mtu} - Headers(e) - OptionOctets(e);
  return Holds(e.text <= std::max<Offset>(room, profile.mss_floor));
}

Verdict JudgePath(const Facts& facts, const Profile&, const Emission& e) {
  if (e.text == 0 || facts.path_mtu == 0 || e.header().syn()) return Verdict::kNotApplicable;
  return Holds(Headers(e) + OptionOctets(e) + e.text <= Offset{facts.path_mtu});
}

Verdict JudgeShift(const Facts&, const Profile&, const Emission& e) {
  if (!e.header().syn() || !e.seg->options.window_scale.has_value()) {
    return Verdict::kNotApplicable;
  }
  return Holds(*e.seg->options.window_scale <= 14);
}

bool MayCarryStamps(const Emission& e) { return !e.header().syn() && !e.header().rst(); }

Verdict JudgeAlways(const Facts& facts, const Profile&, const Emission& e) {
  if (!MayCarryStamps(e) || !facts.timestamps_agreed()) return Verdict::kNotApplicable;
  return Holds(e.seg->options.timestamps.has_value());
}

Verdict JudgeAgreed(const Facts& facts, const Profile&, const Emission& e) {
  if (!MayCarryStamps(e) || !e.seg->options.timestamps.has_value() || !facts.has_iss) {
    return Verdict::kNotApplicable;
  }
  return Holds(facts.stack_offered_timestamps);
}

Verdict JudgeBack(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.seg->options.timestamps.has_value() || e.header().rst() || !facts.stamps.seen) {
    return Verdict::kNotApplicable;
  }
  // A clock of milliseconds goes half around in 24.8 days: what comes then is not to be compared.
  if (e.seg->at - facts.stamps.at > Duration::Seconds(24 * 24 * 3600)) {
    return Verdict::kNotApplicable;
  }
  return Holds(!IsOlderStamp(e.seg->options.timestamps->value, facts.stamps.value));
}

// At least a tick a second (with one to spare), and not round the circle within an MSL.
Verdict JudgeTicks(const Facts& facts, const Profile&, const Emission& e) {
  if (!e.seg->options.timestamps.has_value() || e.header().rst() || !facts.stamps.seen) {
    return Verdict::kNotApplicable;
  }
  const Duration passed = e.seg->at - facts.stamps.at;
  if (passed < Duration::Seconds(2)) return Verdict::kNotApplicable;
  const uint32_t ticks = e.seg->options.timestamps->value - facts.stamps.value;
  return Holds(ticks >= 1 && ticks <= passed.ns() / 59);
}

bool Echoes(const Facts& facts, const Emission& e) {
  return e.seg->options.timestamps.has_value() && e.header().has_ack() && !e.header().rst() &&
         facts.offered_timestamps && !facts.options_unsure && facts.has_irs;
}

Verdict JudgeEchoSent(const Facts& facts, const Profile&, const Emission& e) {
  if (!Echoes(facts, e) || !facts.stamps.perhaps.known()) return Verdict::kNotApplicable;
  return Holds(facts.stamps.perhaps.Has(e.seg->options.timestamps->echo));
}

Verdict JudgeEchoText(const Facts& facts, const Profile&, const Emission& e) {
  if (!Echoes(facts, e) || !facts.stamps.recent.known()) return Verdict::kNotApplicable;
  return Holds(facts.stamps.recent.Has(e.seg->options.timestamps->echo));
}

Verdict JudgeNoEcho(const Facts&, const Profile&, const Emission& e) {
  if (!e.seg->options.timestamps.has_value() || e.header().has_ack() || e.header().rst()) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seg->options.timestamps->echo == 0);
}

Verdict JudgeOnReset(const Facts& facts, const Profile&, State state, const Hypothesis&,
                     const Emission& e) {
  if (!e.header().rst() || !facts.timestamps_agreed() || state < State::kEstablished) {
    return Verdict::kNotApplicable;
  }
  return Holds(e.seg->options.timestamps.has_value());
}

// A block in the tester's offsets.
struct Block {
  Offset left = 0;
  Offset right = 0;
};
Block BlockAt(const Facts& facts, const wire::SackBlock& block, Offset ack) {
  return {observer::Unwrap(block.left, facts.irs, ack),
          observer::Unwrap(block.right, facts.irs, ack)};
}
bool IsWithin(const wire::SackBlock& inner, const wire::SackBlock& outer) {
  return inner.left - outer.left <= inner.right - outer.left &&
         inner.right - outer.left <= outer.right - outer.left;
}
Offset AckOf(const Facts& facts, const Emission& e) {
  return observer::Unwrap(e.header().ack, facts.irs, facts.last_ack);
}
bool Reports(const Facts& facts, const Emission& e) {
  return !e.seg->options.sack.empty() && facts.has_irs && e.header().has_ack() &&
         !e.header().rst() && !e.header().syn();
}

// What arrived, the octet of a FIN with it; the first block may name a duplicate (RFC 2883), which
// may come from before the stream, out of another.
Verdict JudgeBlocks(const Facts& facts, const Profile&, State state, const Hypothesis& h,
                    const Emission& e) {
  if (IsNobody(state) || !Reports(facts, e)) return Verdict::kNotApplicable;
  const Offset ack = AckOf(facts, e);
  const auto& blocks = e.seg->options.sack;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block block = BlockAt(facts, blocks[i], ack);
    if (i == 0 && block.left < block.right && block.right <= 1) continue;
    // A duplicate may begin with the number of the SYN.
    const Offset end = facts.EndOfRun(i == 0 ? std::max<Offset>(block.left, 1) : block.left,
                                      h.quirks.Has(Quirk::kTakesTextBeyondWindow),
                                      h.quirks.Has(Quirk::kTakesBehindFin));
    const bool fin = std::ranges::find(facts.fins, end) != facts.fins.end();
    if (i > 0 && block.left <= ack) return Verdict::kViolated;
    // What was reported before was judged then.
    const bool again = !facts.sacked.widened() && facts.sacked.Covers(block.left, block.right);
    if (!again && end + (fin ? 1 : 0) < block.right) return Verdict::kViolated;
  }
  return Verdict::kHeld;
}

Verdict JudgeFirst(const Facts& facts, const Profile&, const Emission& e) {
  if (!Reports(facts, e) || facts.trigger == observer::kNowhere || !e.answers) {
    return Verdict::kNotApplicable;
  }
  // Behind many gaps there may have been no room to keep it, and then it is not reported. Nor does
  // text that may not have been taken make fewer of them.
  if (facts.is_crowded() || facts.crowded_at == facts.last_ack) return Verdict::kNotApplicable;
  const Offset ack = AckOf(facts, e);
  if (ack != facts.last_ack) return Verdict::kNotApplicable;
  const auto holds = [&](const wire::SackBlock& wire) {
    const Block block = BlockAt(facts, wire, ack);
    return block.left <= facts.trigger && facts.trigger < block.right;
  };
  // A duplicate stands before the block that it is a part of (RFC 2883, 4).
  const auto& blocks = e.seg->options.sack;
  const bool names_duplicate = blocks.size() > 1 && IsWithin(blocks[0], blocks[1]);
  return Holds(holds(blocks[names_duplicate ? 1 : 0]));
}

// Whoever reports something, and has not acknowledged it, goes on to report.
Verdict JudgeHole(const Facts& facts, const Profile&, const Emission& e) {
  if (facts.sacked.empty() || !e.header().has_ack() || e.header().rst() || e.header().syn() ||
      !facts.fins.empty()) {  // behind a FIN nothing counts
    return Verdict::kNotApplicable;
  }
  const Offset ack = AckOf(facts, e);
  if (facts.sacked.widened() || std::prev(facts.sacked.end())->to <= ack) {
    return Verdict::kNotApplicable;
  }
  return Holds(!e.seg->options.sack.empty());
}

// As long as there is room for another block nothing that was reported is left out.
// As many blocks as surely have room: in the header, and in a segment beside an octet of text.
Offset MostBlocks(const Facts& facts, const Profile& profile, const Emission& e) {
  const bool stamped = e.seg->options.timestamps.has_value();
  Offset room = std::min(facts.MostSmss(profile.mss_floor), Offset{facts.least_peer_mss});
  if (profile.mtu > 0) {
    const auto ip = static_cast<Offset>(wire::IpHeaderSize(e.seg->packet.source.family()));
    room = std::min(room, Offset{profile.mtu} - ip - Offset{wire::kHeaderMin});
  }
  constexpr Offset kStamps = 12, kKindAndPadding = 4;
  room -= (stamped ? kStamps : 0) + kKindAndPadding + 1;
  return std::clamp<Offset>(room / 8, 0, stamped ? 3 : 4);
}

Verdict JudgeHeld(const Facts& facts, const Profile& profile, const Emission& e) {
  if (!Reports(facts, e) || facts.sacked.empty() || facts.sacked.widened() || !facts.fins.empty() ||
      facts.told_too_big) {
    return Verdict::kNotApplicable;
  }
  if (static_cast<Offset>(e.seg->options.sack.size()) >= MostBlocks(facts, profile, e)) {
    return Verdict::kNotApplicable;
  }
  const Offset ack = AckOf(facts, e);
  observer::IntervalSet<4> told;
  for (const wire::SackBlock& wire : e.seg->options.sack) {
    const Block block = BlockAt(facts, wire, ack);
    told.Add(block.left, block.right);
  }
  for (const auto& part : facts.sacked) {
    if (!told.Covers(std::max(part.from, ack), part.to)) return Verdict::kViolated;
  }
  return Verdict::kHeld;
}

// An ACK that reaches what was reported reaches to its end: it is taken with what filled the gap.
Verdict JudgeCovers(const Facts& facts, const Profile&, const Emission& e) {
  if (facts.sacked.empty() || facts.sacked.widened() || !e.header().has_ack() || e.header().rst() ||
      e.header().syn() || !facts.fins.empty()) {
    return Verdict::kNotApplicable;
  }
  const Offset ack = AckOf(facts, e);
  if (ack <= facts.last_ack) return Verdict::kNotApplicable;
  return Holds(facts.sacked.EndOfRunFrom(ack) == ack);
}

constexpr Rule kRules[] = {
    {.id = "mss.offer-fits-the-link",
     .sentence = "an MSS option of at most what the host can receive less the fixed headers",
     .section = "RFC 9293, 3.7.1",
     .cites = kMssFits,
     .concerns = kASyn,
     .of_fact = JudgeMssFits},
    {.id = "mss.offer-leaves-options-out",
     .sentence = "an MSS option that is not lowered for the options that segments will carry",
     .section = "RFC 6691, 2",
     .level = Level::kShould,
     .cites = kMssWhole,
     .concerns = kASyn,
     .of_fact = JudgeMssWhole},
    {.id = "mss.segment-fits-the-link",
     .sentence = "headers, options and text within the link's MTU",
     .section = "RFC 9293, 3.7.1",
     .cites = kFitsLink,
     .concerns = kText,
     .of_fact = JudgeFitsLink,
     .excused_by = Quirk::kMssFromAnySegment},
    {.id = "mss.segment-fits-the-path",
     .sentence = "headers, options and text within the MTU that an ICMP error names",
     .section = "RFC 1191, 3",
     .cites = kFitsPath,
     .concerns = kText,
     .given = Given::kPathMtu,
     .of_fact = JudgePath,
     .excused_by = Quirk::kIgnoresPacketTooBig},
    {.id = "options.window-scale-at-most-fourteen",
     .sentence = "a window scale option with a shift of at most 14",
     .section = "RFC 7323, 2.3",
     .cites = kShift,
     .concerns = kASyn,
     .of_fact = JudgeShift},
    {.id = "timestamps.on-every-segment",
     .sentence = "timestamps on every segment but a RST once both SYNs carried them",
     .section = "RFC 7323, 3.2",
     .cites = kAlways,
     .concerns = kNeitherSynNorRst,
     .given = Given::kAgreedTimestamps,
     .of_fact = JudgeAlways,
     .excused_by = Quirk::kUnstampedAtZero},
    {.id = "timestamps.only-if-agreed",
     .sentence = "no timestamps behind a SYN of the stack's that had none",
     .section = "RFC 7323, 3.2",
     .cites = kAgreed,
     .concerns = kTimestamps,
     .of_fact = JudgeAgreed},
    {.id = "timestamps.do-not-run-back",
     .sentence = "a TSval that is not older than the one before",
     .section = "RFC 7323, 4.1",
     .cites = kBack,
     .concerns = kTimestamps,
     .of_fact = JudgeBack},
    {.id = "timestamps.tick",
     .sentence = "a TSval that moves on at least once a second and not round the circle in 255 s",
     .section = "RFC 7323, 4.1 and 5.4",
     .cites = kTicks,
     .concerns = kTimestamps,
     .of_fact = JudgeTicks},
    {.id = "timestamps.echo-one-that-was-sent",
     .sentence = "TSecr=TS.Recent: a TSval of the peer's that may be it, and a gap-filler's if it "
                 "was the last in order",
     .section = "RFC 7323, 3.2 and 4.3",
     .cites = kEchoSent,
     .concerns = kTimestamps,
     .of_fact = JudgeEchoSent},
    {.id = "timestamps.echo-the-earliest",
     .sentence =
         "TSecr of the earliest segment that is not acknowledged, none of one behind a gap, "
         "and none older than before",
     .section = "RFC 7323, 4.3",
     .level = Level::kShould,
     .cites = kEchoText,
     .concerns = kTimestamps,
     .of_fact = JudgeEchoText},
    {.id = "timestamps.no-echo-without-ack",
     .sentence = "TSecr=0 without the ACK bit",
     .section = "RFC 7323, 3.2",
     .level = Level::kShould,
     .cites = kNoEcho,
     .concerns = kTimestamps,
     .of_fact = JudgeNoEcho},
    {.id = "timestamps.on-a-rst-too",
     .sentence = "timestamps on a RST as well once both SYNs carried them",
     .section = "RFC 7323, 3.2",
     .level = Level::kShould,
     .cites = kOnReset,
     .concerns = kARst,
     .given = Given::kAgreedTimestamps,
     .of_belief = JudgeOnReset,
     .excused_by = Quirk::kResetUnstamped},
    {.id = "sack.names-what-was-received",
     .sentence = "SACK blocks of octets that arrived and lie above ACK",
     .section = "RFC 2018, 4",
     .cites = kBlocks,
     .concerns = kSackBlocks,
     .of_belief = JudgeBlocks,
     .excused_by = Quirk::kOldBlocksBesideFin},
    {.id = "sack.first-block-is-the-newest",
     .sentence = "a first SACK block that holds the segment which called for the ACK",
     .section = "RFC 2018, 4",
     .cites = kFirst,
     .concerns = kSackBlocks,
     .of_fact = JudgeFirst},
    {.id = "sack.while-there-is-a-gap",
     .sentence = "SACK blocks on every ACK below what was reported",
     .section = "RFC 2018, 4",
     .level = Level::kShould,
     .cites = kHole,
     .concerns = kAnAck,
     .given = Given::kOwnReports,
     .of_fact = JudgeHole},
    {.id = "sack.leaves-nothing-out",
     .sentence = "all that was reported before, as long as there is room for another block",
     .section = "RFC 2018, 4",
     .level = Level::kShould,
     .cites = kHeld,
     .concerns = kSackBlocks,
     .given = Given::kOwnReports,
     .of_fact = JudgeHeld},
    {.id = "ack.takes-in-what-was-held",
     .sentence = "an ACK that takes in all that was held behind the gap it fills",
     .section = "RFC 9293, 3.10.7.4",
     .cites = kCovers,
     .concerns = kAnAck,
     .given = Given::kOwnReports,
     .of_fact = JudgeCovers},
};

}  // namespace

std::span<const Rule> OptionRules() { return kRules; }

}  // namespace assay::rules
