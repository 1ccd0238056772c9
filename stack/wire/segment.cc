#include "stack/wire/segment.h"

#include <algorithm>

namespace assay::wire {
namespace {

constexpr Header kExample{1, 2, 3, 4, 0x5f, 0xff, 6, 7, 8};
static_assert(DecodeHeader(EncodeHeader(kExample)) == kExample);

}  // namespace

MutableOctets EncodeSegment(const Segment& segment, MutableOctets out) {
  const size_t header_size = segment.header.has_value() ? kHeaderMin : 0;
  ASSAY_CHECK(out.size() >= header_size + segment.options.size() + segment.payload.size());
  if (segment.header.has_value()) EncodeHeader(*segment.header, out.first<kHeaderMin>());
  OctetWriter rest(out.subspan(header_size));
  rest.Copy(segment.options);
  rest.Copy(segment.payload);
  return out.first(header_size + rest.position());
}

std::string ControlColumn(uint8_t control) {
  constexpr std::string_view kLetters = "CEUAPRSF";
  std::string out(8, '.');
  for (size_t i = 0; i < 8; ++i) {
    if (control & (0x80 >> i)) out[i] = kLetters[i];
  }
  return out;
}

std::string ControlNames(uint8_t control) {
  struct Named {
    Control bit;
    const char* name;
  };
  static constexpr Named kNames[] = {{kSyn, "SYN"}, {kFin, "FIN"}, {kRst, "RST"}, {kPsh, "PSH"},
                                     {kAck, "ACK"}, {kUrg, "URG"}, {kEce, "ECE"}, {kCwr, "CWR"}};
  std::string out;
  for (const Named& named : kNames) {
    if ((control & named.bit) == 0) continue;
    if (!out.empty()) out += ',';
    out += named.name;
  }
  return out.empty() ? "none" : out;
}

}  // namespace assay::wire
