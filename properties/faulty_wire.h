// FaultyWire: packets between two ends in virtual time, some of which are lost, doubled, late,
// damaged or cut.
//
// What goes wrong is a list: this fault, at that packet of that end. The wire itself draws nothing,
// so that the same packets and the same list arrive in the same way, and a failure shrinks to the
// faults that it needs. Packets that are due at one instant arrive in the order of their ordinals.
//
// Damage is always such that a receiver which looks at its checksums sees it, by arithmetic alone
// and without asking the code under test: one aligned 16-bit word that a checksum covers takes
// another value, and not one that is the same modulo 65535 (0x0000 and 0xffff are, to a one's
// complement sum). The words whose damage moves the sums to other octets are left alone: version
// and header length of IPv4, payload length and next header of IPv6. A cut packet keeps its length
// fields, which say that it was longer.

#ifndef ASSAY_PROPERTIES_FAULTY_WIRE_H_
#define ASSAY_PROPERTIES_FAULTY_WIRE_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "stack/base/time.h"
#include "stack/wire/octets.h"

namespace assay::properties {

enum class Side : uint8_t { kA, kB };

constexpr Side Other(Side side) { return side == Side::kA ? Side::kB : Side::kA; }
constexpr size_t Index(Side side) { return static_cast<size_t>(side); }
constexpr char Letter(Side side) { return side == Side::kA ? 'a' : 'b'; }

enum class FaultKind : uint8_t {
  kDrop,       // and `detail` more behind it
  kDuplicate,  // a second one, `detail` ms behind the first
  kDelay,      // by `detail` ms, so that later ones overtake it
  kDamage,     // a word, as `detail` says
  kTruncate,   // to `detail` modulo its size
  kHops,       // no fault: the hop limit and the traffic class that `detail` says
  kForge,      // a lie: the text is changed and the checksum made right. Mutants only.
};
inline constexpr size_t kFaultKinds = 7;

struct Fault {
  Side from = Side::kA;
  uint32_t packet = 0;  // which one of that end, from 0
  FaultKind kind = FaultKind::kDrop;
  uint32_t detail = 0;
};

void showValue(const Fault& fault, std::ostream& out);

class FaultyWire {
 public:
  struct Arrival {
    Side to = Side::kA;
    uint32_t note = 0;  // what Send was told
    std::vector<std::byte> octets;
  };

  FaultyWire(Duration delay, const std::vector<Fault>& faults);

  // `note` comes out with the packet and with whatever is made of it.
  void Send(Side from, wire::Octets packet, Instant now, uint32_t note = 0);
  // When the next packet arrives; kNever if none is on its way.
  Instant Next() const { return flying_.empty() ? kNever : flying_.begin()->first.first; }
  // The next packet that has arrived by `now`.
  std::optional<Arrival> Receive(Instant now);

  // From now on nothing goes wrong; what is on its way arrives as it is.
  void Heal() { faults_.clear(); }

  uint32_t sent(Side from) const { return sent_[Index(from)]; }
  // How often a fault of that kind came to pass.
  uint32_t happened(FaultKind kind) const { return happened_[static_cast<size_t>(kind)]; }

 private:
  void Fly(Side to, Instant at, uint32_t note, std::vector<std::byte> octets);

  Duration delay_;
  std::multimap<std::pair<Side, uint32_t>, Fault> faults_;
  std::map<std::pair<Instant, uint64_t>, Arrival> flying_;
  uint64_t ordinal_ = 0;
  std::array<uint32_t, 2> sent_{};
  std::array<uint32_t, kFaultKinds> happened_{};
};

// Damage as the comment above says: which word is `detail` >> 16, and its new value `detail`. False
// if the packet has no word that may be damaged.
bool Damage(wire::MutableOctets packet, uint32_t detail);

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_FAULTY_WIRE_H_
