// What the wire carries, shaped for RapidCheck: the edges come up often enough to be met.
//
// RapidCheck's own uint32_t is near the wrap in 0.3 % of cases, and its containers stay below a
// hundred elements; a mutant at an edge would live for many runs.

#ifndef ASSAY_PROPERTIES_WIRE_GENERATORS_H_
#define ASSAY_PROPERTIES_WIRE_GENERATORS_H_

#include <algorithm>
#include <ostream>
#include <tuple>
#include <vector>

#include "rapidcheck.h"
#include "stack/base/prng.h"
#include "stack/wire/octets_for_test.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"
#include "stack/wire/seq_num.h"

namespace assay::wire {

// How counterexamples print.
inline void showValue(SndSeq seq, std::ostream& out) { out << seq.wire(); }
inline void showValue(const IpAddress& address, std::ostream& out) { out << address.ToString(); }
inline void showValue(const Header& header, std::ostream& out) {
  out << "header " << ToHex(EncodeHeader(header));
}
inline void showValue(const OptionSet& set, std::ostream& out) {
  std::array<std::byte, kOptionsMax> room;
  out << "options " << ToHex(EncodeOptions(set, room)) << " of " << set.sack.size() << " blocks";
}

}  // namespace assay::wire

namespace assay::properties {

// Octets with a name of their own, so that a counterexample prints in hexadecimal.
struct Bytes {
  wire::OctetVector octets;
  wire::Octets view() const { return octets; }
};
inline void showValue(const Bytes& bytes, std::ostream& out) {
  out << bytes.octets.size() << " octets " << wire::ToHex(bytes.octets);
}

// Numbers as fields carry them: half of them one of the edges.
template <typename T>
rc::Gen<T> AnyField() {
  constexpr T kTop = static_cast<T>(~T{0});
  constexpr T kHigh = static_cast<T>(kTop / 2 + 1);
  return rc::gen::oneOf(rc::gen::arbitrary<T>(),
                        rc::gen::elementOf(std::vector<T>{T{0}, T{1}, static_cast<T>(kHigh - 1),
                                                          kHigh, static_cast<T>(kHigh + 1),
                                                          static_cast<T>(kTop - 1), kTop}));
}

// Sequence numbers as TCP meets them: half of them within a window of the wrap.
inline rc::Gen<wire::SndSeq> AnySeq() {
  const auto near_wrap = rc::gen::map(rc::gen::inRange<int32_t>(-65535, 65536), [](int32_t d) {
    return wire::SndSeq(static_cast<uint32_t>(d));
  });
  return rc::gen::oneOf(near_wrap,
                        rc::gen::construct<wire::SndSeq>(rc::gen::arbitrary<uint32_t>()));
}

// Every octet a choice of its own, which shrinks well: for short inputs.
inline rc::Gen<Bytes> AnyOctets(size_t at_most) {
  return rc::gen::mapcat(rc::gen::inRange<size_t>(0, at_most + 1), [](size_t size) {
    return rc::gen::map(rc::gen::container<std::vector<uint8_t>>(size, AnyField<uint8_t>()),
                        [](const std::vector<uint8_t>& v) {
                          return Bytes{wire::ToVector(std::as_bytes(std::span(v)))};
                        });
  });
}

// A size and a seed: for long inputs, whose content matters less than their length.
inline rc::Gen<Bytes> LongOctets(size_t at_most) {
  const auto size = rc::gen::oneOf(
      rc::gen::inRange<size_t>(0, 80), rc::gen::inRange<size_t>(0, at_most + 1),
      rc::gen::map(rc::gen::elementOf(std::vector<size_t>{536, 576, 1220, 1440, 1448, 1460, 9000}),
                   [at_most](size_t n) { return std::min(n, at_most); }));
  return rc::gen::map(rc::gen::pair(size, rc::gen::arbitrary<uint64_t>()),
                      [](const std::pair<size_t, uint64_t>& drawn) {
                        Prng prng(drawn.second);
                        Bytes bytes{wire::OctetVector(drawn.first)};
                        // A tenth are all ones or all zeros, where carries and signs go wrong.
                        const uint32_t fill = prng.Below(20);
                        for (std::byte& b : bytes.octets) {
                          b = fill == 0   ? std::byte{0xff}
                              : fill == 1 ? std::byte{0}
                                          : static_cast<std::byte>(prng.Next());
                        }
                        return bytes;
                      });
}

inline rc::Gen<wire::IpAddress> AnyAddress(wire::IpFamily family) {
  const size_t size = family == wire::IpFamily::kIpv4 ? 4 : 16;
  return rc::gen::map(rc::gen::container<std::vector<uint8_t>>(size, AnyField<uint8_t>()),
                      [](const std::vector<uint8_t>& octets) {
                        return wire::IpAddress::FromOctets(std::as_bytes(std::span(octets)));
                      });
}

// Source and destination, of one family.
inline rc::Gen<std::pair<wire::IpAddress, wire::IpAddress>> AnyEnds() {
  return rc::gen::mapcat(
      rc::gen::element(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
      [](wire::IpFamily family) { return rc::gen::pair(AnyAddress(family), AnyAddress(family)); });
}

inline rc::Gen<wire::Header> AnyHeader() {
  // Two thirds of the data offsets are ones that a header can have.
  const auto offset_and_reserved = rc::gen::weightedOneOf<uint8_t>(
      {{1, AnyField<uint8_t>()}, {2, rc::gen::inRange<uint8_t>(0x50, 0xff)}});
  return rc::gen::construct<wire::Header>(
      AnyField<uint16_t>(), AnyField<uint16_t>(), AnyField<uint32_t>(), AnyField<uint32_t>(),
      offset_and_reserved, AnyField<uint8_t>(), AnyField<uint16_t>(), AnyField<uint16_t>(),
      AnyField<uint16_t>());
}

// Any set of options; a few of them have more SACK blocks than fit beside the rest.
inline rc::Gen<wire::OptionSet> AnyOptionSet() {
  const auto block =
      rc::gen::construct<wire::SackBlock>(AnyField<uint32_t>(), AnyField<uint32_t>());
  const auto blocks = rc::gen::mapcat(rc::gen::inRange<size_t>(0, 5), [block](size_t n) {
    return rc::gen::container<std::vector<wire::SackBlock>>(n, block);
  });
  const auto timestamps =
      rc::gen::construct<wire::Timestamps>(AnyField<uint32_t>(), AnyField<uint32_t>());
  const auto choices =
      rc::gen::tuple(rc::gen::arbitrary<std::tuple<bool, bool, bool, bool>>(), AnyField<uint16_t>(),
                     AnyField<uint8_t>(), timestamps, blocks);
  return rc::gen::map(choices, [](const auto& drawn) {
    const auto& [present, mss, shift, stamps, sack] = drawn;
    wire::OptionSet set;
    if (std::get<0>(present)) set.mss = mss;
    if (std::get<1>(present)) set.window_scale = shift;
    if (std::get<2>(present)) set.timestamps = stamps;
    set.sack_permitted = std::get<3>(present);
    for (const wire::SackBlock& b : sack) set.sack.push_back(b);
    return set;
  });
}

// Options as they come from a peer: known ones with the right length or a wrong one, unknown ones,
// NOPs, ends and lengths that lie, one after the other and cut off at the header's end.
inline rc::Gen<Bytes> AnyOptionList() {
  const auto one = rc::gen::mapcat(
      rc::gen::element<std::pair<uint8_t, size_t>>(
          std::pair{0, 0}, std::pair{1, 0}, std::pair{1, 0}, std::pair{2, 2}, std::pair{3, 1},
          std::pair{4, 0}, std::pair{5, 8}, std::pair{5, 16}, std::pair{8, 8}, std::pair{253, 2}),
      [](const std::pair<uint8_t, size_t>& kind) {
        const auto error =
            rc::gen::weightedElement<int>({{12, 0}, {1, -1}, {1, 1}, {1, -2}, {1, 99}});
        const auto value =
            rc::gen::container<std::vector<uint8_t>>(kind.second, AnyField<uint8_t>());
        return rc::gen::map(rc::gen::pair(error, value), [kind](const auto& drawn) {
          wire::OctetVector octets{static_cast<std::byte>(kind.first)};
          if (kind.first > 1) {
            const int length = 2 + static_cast<int>(drawn.second.size()) + drawn.first;
            octets.push_back(static_cast<std::byte>(length));
          }
          for (const uint8_t v : drawn.second) octets.push_back(static_cast<std::byte>(v));
          return octets;
        });
      });
  return rc::gen::map(rc::gen::container<std::vector<wire::OctetVector>>(one),
                      [](const std::vector<wire::OctetVector>& parts) {
                        Bytes list;
                        for (const wire::OctetVector& part : parts) {
                          list.octets.insert(list.octets.end(), part.begin(), part.end());
                        }
                        list.octets.resize(std::min(list.octets.size(), wire::kOptionsMax));
                        return list;
                      });
}

// A whole TCP packet as a stack would send it, both families.
inline rc::Gen<Bytes> AnyPacket() {
  return rc::gen::map(rc::gen::tuple(AnyEnds(), AnyHeader(), AnyOptionSet(), LongOctets(1460)),
                      [](const auto& drawn) {
                        const auto& [ends, header, options, payload] = drawn;
                        std::array<std::byte, wire::kOptionsMax> option_room;
                        wire::OctetVector room(2000);
                        return Bytes{wire::ToVector(wire::EncodeTcpPacket(
                            ends.first, ends.second, header,
                            wire::EncodeOptions(options, option_room), payload.view(), room))};
                      });
}

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_WIRE_GENERATORS_H_
