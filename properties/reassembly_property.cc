// Reassembly against a map of octets: segments in any order, with gaps and overlaps, some of which
// tell the same place differently. What is held may be dropped; what is delivered is what arrived,
// in its place, once.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "properties/connection_bench.h"
#include "properties/general_generators.h"
#include "properties/policy_generators.h"
#include "properties/property.h"
#include "rapidcheck.h"
#include "stack/base/prng.h"
#include "stack/tcp/invariants.h"

namespace assay::properties {
namespace {

// A segment that begins `from` octets ahead of RCV.NXT, or a RECEIVE of `size`.
struct Piece {
  bool read = false;
  int32_t from = 0;
  uint32_t size = 0;
  bool fin = false;
  uint8_t telling = 0;  // which of two tellings of the stream
};

void showValue(const Piece& piece, std::ostream& out) {
  if (piece.read) {
    out << "\n  RECEIVE " << piece.size;
  } else {
    out << "\n  " << piece.size << " octets at RCV.NXT+" << piece.from << ", telling "
        << int{piece.telling} << (piece.fin ? ", FIN" : "");
  }
}

// Table 6 of RFC 9293 (3.10.7.4): one end of a segment lies in the window. One that covers it whole
// and more on both sides has neither there, and is refused.
bool IsAcceptable(int64_t left, uint32_t length, uint64_t nxt, uint64_t edge) {
  const auto inside = [&](int64_t at) {
    return at >= static_cast<int64_t>(nxt) && at < static_cast<int64_t>(edge);
  };
  if (length == 0) return inside(left) || (nxt == edge && left == static_cast<int64_t>(nxt));
  return inside(left) || inside(left + length - 1);
}

std::byte Told(uint64_t offset, uint8_t telling) {
  // The two differ at every offset.
  return static_cast<std::byte>((Prng(offset).Next() & 0x7f) | unsigned{telling} << 7);
}

// The stream as the peer can have meant it, by 64-bit offsets from the octet behind the SYN.
class Model {
 public:
  explicit Model(bool holds) : holds_(holds) {}

  // Text at `left` arrives at a receiver that has come to `at_least`, and may be taken as far as
  // `edge`.
  void Arrive(uint64_t left, uint64_t size, uint64_t at_least, uint64_t edge, bool fin,
              uint8_t telling) {
    uint64_t right = left + size;
    fin = fin && right < edge && right >= nxt_;
    right = std::min(right, edge);
    if (fin_.has_value()) {
      fin = false;
      right = std::min(right, *fin_);
    }
    for (uint64_t at = std::max(left, at_least); at < right; ++at) {
      tellings_[at].insert(telling);
      if (at < nxt_) continue;
      if (holds_ || left <= nxt_) held_.insert(at);
    }
    most_ranges_ = std::max(most_ranges_, Ranges());
    // A FIN that may have been dropped with its text binds nobody.
    if (fin && (holds_ || left <= nxt_) && most_ranges_ <= tcp::Tcb::kMaxHeld) {
      fin_ = right;
      held_.erase(held_.lower_bound(right), held_.end());
    }
    while (held_.contains(nxt_)) held_.erase(nxt_++);
  }

  uint64_t nxt() const { return nxt_; }
  std::optional<uint64_t> fin() const { return fin_; }
  bool WasTold(uint64_t at, std::byte octet) const {
    const auto it = tellings_.find(at);
    if (it == tellings_.end()) return false;
    return std::ranges::any_of(it->second, [&](uint8_t t) { return Told(at, t) == octet; });
  }
  size_t most_ranges() const { return most_ranges_; }

 private:
  size_t Ranges() const {
    size_t ranges = 0;
    for (const uint64_t at : held_) ranges += size_t{!held_.contains(at - 1)};
    return ranges;
  }

  bool holds_;
  uint64_t nxt_ = 0;
  std::optional<uint64_t> fin_;
  std::set<uint64_t> held_;
  std::map<uint64_t, std::set<uint8_t>> tellings_;
  size_t most_ranges_ = 0;
};

rc::Gen<std::vector<Piece>> AnyPieces() {
  // The last of them leave gaps on purpose, or there would rarely be more ranges than places.
  const auto spread = rc::gen::map(rc::gen::inRange(1, 40), [](int32_t n) { return n * 37; });
  const auto from = rc::gen::weightedOneOf<int32_t>({{2, rc::gen::just(0)},
                                                     {2, rc::gen::inRange(-40, 200)},
                                                     {1, rc::gen::inRange(-300, 3000)},
                                                     {4, spread}});
  const auto size = rc::gen::weightedOneOf<uint32_t>(
      {{3, rc::gen::inRange<uint32_t>(0, 40)}, {1, rc::gen::inRange<uint32_t>(0, 700)}});
  return MostlyLarge(UpTo(
      60, rc::gen::construct<Piece>(rc::gen::weightedElement<bool>({{4, false}, {1, true}}), from,
                                    size, rc::gen::weightedElement<bool>({{40, false}, {1, true}}),
                                    OneOf<uint8_t>(0, 0, 0, 1))));
}

void DeliversWhatArrived(const Sabotage& sabotage) {
  const auto irs = *rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<uint32_t>(0, 3000), [](uint32_t n) { return -n; }),
      rc::gen::arbitrary<uint32_t>());
  tcp::Policy policy = (*AnyPolicy()).policy();
  if (*rc::gen::arbitrary<bool>()) policy.receive_buffer = 256;
  const std::vector<Piece> pieces = *AnyPieces();

  ConnectionBench bench(policy, 1000, irs, sabotage);
  bench.Do(tcp::Open{tcp::OpenMode::kActive, wire::SndSeq(1000)});
  bench.Arrives(wire::kSyn | wire::kAck, 0, 1, 0xffff);
  RC_ASSERT(bench.tcb.state == spec::State::kEstablished);

  Model model(policy.hold_out_of_order);
  uint64_t nxt = 0;
  uint64_t read = 0;
  for (const Piece& piece : pieces) {
    if (piece.read) {
      const std::vector<std::byte> got = bench.ReceiveCall(piece.size);
      RC_ASSERT(got.size() == std::min<uint64_t>(piece.size, nxt - read));
      for (const std::byte octet : got) RC_ASSERT(model.WasTold(read++, octet));
      continue;
    }
    const int64_t left = static_cast<int64_t>(nxt) + piece.from;
    std::vector<std::byte> text(piece.size);
    for (uint32_t i = 0; i < piece.size; ++i) {
      text[i] = Told(static_cast<uint64_t>(left + i), piece.telling);
    }
    const uint64_t before = nxt;
    const uint64_t edge = nxt + bench.tcb.rcv.wnd;
    const bool taken =
        !bench.tcb.rcv.fin_taken && IsAcceptable(left, piece.size + uint32_t{piece.fin}, nxt, edge);
    bench.Arrives(piece.fin ? wire::kAck | wire::kFin : wire::kAck, static_cast<uint32_t>(left + 1),
                  1, 0xffff, text);
    if (taken) {
      // What lies before the SYN is none of the stream.
      const auto right = static_cast<uint64_t>(std::max<int64_t>(left + piece.size, 0));
      const auto begin = static_cast<uint64_t>(std::max<int64_t>(left, 0));
      model.Arrive(begin, right - begin, before, edge, piece.fin, piece.telling);
    }
    // RCV.NXT as a 64-bit offset, the FIN not counted.
    const auto wire_nxt = bench.tcb.rcv.nxt.wire() - irs - 1 - uint32_t{bench.tcb.rcv.fin_taken};
    const uint32_t ahead = wire_nxt - static_cast<uint32_t>(nxt);
    nxt += ahead;
    RC_ASSERT(tcp::CheckInvariants(bench.tcb).empty());
    RC_ASSERT(nxt <= model.nxt());
    RC_ASSERT(bench.tcb.rcv.held.size() <= tcp::Tcb::kMaxHeld);
    // What stands at RCV.NXT and inside the window is taken, but behind a FIN.
    if (taken && left <= static_cast<int64_t>(before) &&
        (model.fin().has_value() || !bench.tcb.rcv.fin_known)) {
      const auto end = static_cast<uint64_t>(std::max<int64_t>(left + piece.size, 0));
      RC_ASSERT(nxt >= std::min({end, edge, model.nxt()}));
    }
    // With room to note every range, none is dropped.
    if (model.most_ranges() <= tcp::Tcb::kMaxHeld) {
      RC_ASSERT(nxt == model.nxt());
      RC_ASSERT(bench.tcb.rcv.fin_taken == (model.fin() == nxt));
    }
  }
  const std::vector<std::byte> rest = bench.ReceiveCall(1 << 20);
  RC_ASSERT(rest.size() == nxt - read);
  for (const std::byte octet : rest) RC_ASSERT(model.WasTold(read++, octet));
  RC_TAG(model.most_ranges() > tcp::Tcb::kMaxHeld ? "more ranges than places"
         : model.most_ranges() > 2                ? "several ranges"
                                                  : "few ranges",
         model.fin().has_value() ? "FIN" : "no FIN");
}

PROPERTY(ReassemblyProperty, DeliversWhatArrived, 4) { DeliversWhatArrived(nullptr); }

TEST(ReassemblyMutant, StoringAtAnotherPlaceIsSeen) {
  const std::string said = Falsified(
      [] {
        DeliversWhatArrived([](tcp::Tcb&, tcp::Effects& out) {
          if (out.store.to.size > 1) out.store.to.offset += 1;
        });
      },
      500);
  EXPECT_THAT(said, testing::HasSubstr("WasTold"));
}

TEST(ReassemblyMutant, AGapThatIsForgottenIsSeen) {
  const std::string said = Falsified(
      [] {
        DeliversWhatArrived([](tcp::Tcb& tcb, tcp::Effects&) {
          auto& held = tcb.rcv.held;
          if (held.size() == 2 && Distance(held[0].right, held[1].left) == 1) {
            held[0].right = held[1].right;
            held.pop_back();
          }
        });
      },
      2000);
  EXPECT_THAT(said, testing::HasSubstr("nxt <= model.nxt()"));
}

TEST(ReassemblyMutant, ARangeThatIsLostIsSeen) {
  const std::string said = Falsified(
      [] {
        DeliversWhatArrived([](tcp::Tcb& tcb, tcp::Effects&) {
          if (tcb.rcv.held.size() == 2) tcb.rcv.held.pop_back();
        });
      },
      500);
  EXPECT_THAT(said, testing::HasSubstr("nxt == model.nxt()"));
}

}  // namespace
}  // namespace assay::properties
