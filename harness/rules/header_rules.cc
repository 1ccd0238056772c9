// What every segment that a stack sends must be, whatever it believes.

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

using observer::SegmentSeen;
using wire::Defect;

constexpr std::string_view kWhole[] = {"RFC9293-MUST-68"};
constexpr std::string_view kChecksum[] = {"RFC9293-MUST-2"};
constexpr std::string_view kReserved[] = {"RFC9293-P-3.1-RSVD"};
constexpr std::string_view kEcn[] = {"RFC3168-6.1.1-1", "RFC3168-6.1.1-2", "RFC3168-6.1.1-3",
                                     "RFC3168-6.1.4-1", "RFC3168-6.1.5-1", "RFC3168-6.1.6-1"};
constexpr std::string_view kOptionLengths[] = {"RFC9293-MUST-68"};
constexpr std::string_view kPadding[] = {"RFC9293-MUST-69"};
constexpr std::string_view kMss[] = {"RFC9293-MUST-65"};
constexpr std::string_view kSackPermitted[] = {"RFC2018-2-1"};
constexpr std::string_view kScale[] = {"RFC7323-2.2-2", "RFC7323-2.2-1"};
constexpr std::string_view kAckAlways[] = {"RFC9293-P-3.8-ACKALWAYS"};
constexpr std::string_view kControl[] = {"RFC9293-P-3.8-ACKALWAYS"};
constexpr std::string_view kSackForm[] = {"RFC2018-3-1"};

Verdict JudgeWhole(const SegmentSeen& s) {
  return Holds(s.packet.error == wire::PacketError::kNone && !s.defects.Has(Defect::kTooShort) &&
               !s.defects.Has(Defect::kOffsetTooSmall) && !s.defects.Has(Defect::kOffsetPastEnd));
}

Verdict JudgeChecksum(const SegmentSeen& s) { return Holds(!s.defects.Has(Defect::kChecksum)); }

Verdict JudgeReserved(const SegmentSeen& s) { return Holds(!s.defects.Has(Defect::kReservedBits)); }

Verdict JudgeOptionLengths(const SegmentSeen& s) {
  return Holds(!s.defects.Has(Defect::kOptionLength) && !s.defects.Has(Defect::kKnownOptionLength));
}

Verdict JudgePadding(const SegmentSeen& s) {
  return Holds(!s.defects.Has(Defect::kPaddingNotZero));
}

// These apply where such an option could have stood: on every segment without SYN.
Verdict JudgeMss(const SegmentSeen& s) {
  if (s.header.syn()) return Verdict::kNotApplicable;
  return Holds(!s.defects.Has(Defect::kMssWithoutSyn));
}

Verdict JudgeSackPermitted(const SegmentSeen& s) {
  if (s.header.syn()) return Verdict::kNotApplicable;
  return Holds(!s.defects.Has(Defect::kSackPermittedWithoutSyn));
}

Verdict JudgeScale(const SegmentSeen& s) {
  if (s.header.syn()) return Verdict::kNotApplicable;
  return Holds(!s.defects.Has(Defect::kWindowScaleWithoutSyn));
}

Verdict JudgeSackForm(const SegmentSeen& s) {
  if (s.options.sack.empty()) return Verdict::kNotApplicable;
  for (const wire::SackBlock& block : s.options.sack) {
    if (static_cast<int32_t>(block.right - block.left) <= 0) return Verdict::kViolated;
  }
  return Holds(s.options.sack.size() <= (s.options.timestamps.has_value() ? 3u : 4u));
}

Verdict JudgeAckBit(const SegmentSeen& s) {
  if (s.header.syn() || s.header.rst()) return Verdict::kNotApplicable;
  return Holds(s.header.has_ack());
}

// The tester asks for no ECN, so that all that is left of it is a SYN that asks.
Verdict JudgeEcn(const SegmentSeen& s) {
  if (s.packet.error != wire::PacketError::kNone) return Verdict::kNotApplicable;
  const bool asks = s.header.syn() && !s.header.has_ack();
  const bool flags = (s.header.control & (wire::kEce | wire::kCwr)) != 0;
  return Holds((s.packet.traffic_class & 3) == 0 && (asks || !flags));
}

Verdict JudgeControl(const SegmentSeen& s) {
  const int opposed = int{s.header.syn()} + int{s.header.fin()} + int{s.header.rst()};
  return Holds(opposed <= 1);
}

constexpr Rule kRules[] = {
    {.id = "header.delimits-the-segment",
     .sentence = "a data offset from 5 to the segment's end, in a whole IP packet",
     .section = "RFC 9293, 3.1",
     .cites = kWhole,
     .of_segment = JudgeWhole},
    {.id = "header.checksum-is-right",
     .sentence = "the checksum over pseudo-header, header and text",
     .section = "RFC 9293, 3.1",
     .cites = kChecksum,
     .of_segment = JudgeChecksum},
    {.id = "header.reserved-bits-are-zero",
     .sentence = "the reserved bits sent as zero",
     .section = "RFC 9293, 3.1",
     .cites = kReserved,
     .of_segment = JudgeReserved},
    {.id = "header.controls-do-not-contradict",
     .sentence = "at most one of SYN, FIN and RST in a segment",
     .section = "RFC 9293, 3.10",
     .cites = kControl,
     .of_segment = JudgeControl},
    {.id = "header.no-ecn-unless-agreed",
     .sentence = "neither ECT, CE, ECE nor CWR where no ECN was agreed on",
     .section = "RFC 3168, 6.1",
     .cites = kEcn,
     .of_segment = JudgeEcn},
    {.id = "header.ack-bit-after-the-syn",
     .sentence = "the ACK bit on every segment but a first SYN and a RST",
     .section = "RFC 9293, 3.8",
     .cites = kAckAlways,
     .of_segment = JudgeAckBit,
     .excused_by = Quirk::kSynSentSendsData},
    {.id = "options.have-their-lengths",
     .sentence = "options that can be walked to the header's end, each known one with its length",
     .section = "RFC 9293, 3.1",
     .cites = kOptionLengths,
     .of_segment = JudgeOptionLengths},
    {.id = "options.padding-is-zero",
     .sentence = "zeros behind the end of the option list",
     .section = "RFC 9293, 3.1",
     .cites = kPadding,
     .of_segment = JudgePadding},
    {.id = "options.mss-only-on-syn",
     .sentence = "an MSS option on a SYN and nowhere else",
     .section = "RFC 9293, 3.2",
     .cites = kMss,
     .of_segment = JudgeMss},
    {.id = "options.sack-permitted-only-on-syn",
     .sentence = "a SACK-permitted option on a SYN and nowhere else",
     .section = "RFC 2018, 2",
     .cites = kSackPermitted,
     .of_segment = JudgeSackPermitted},
    {.id = "options.window-scale-only-on-syn",
     .sentence = "a window scale option on a SYN and nowhere else",
     .section = "RFC 7323, 2.2",
     .level = Level::kShould,
     .cites = kScale,
     .of_segment = JudgeScale},
    {.id = "options.sack-blocks-are-blocks",
     .sentence = "one to four SACK blocks (three with timestamps), each with its left edge before "
                 "its right",
     .section = "RFC 2018, 3",
     .cites = kSackForm,
     .of_segment = JudgeSackForm},
};

}  // namespace

std::span<const Rule> HeaderRules() { return kRules; }

}  // namespace assay::rules
