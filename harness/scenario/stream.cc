#include "harness/scenario/stream.h"

#include <array>

#include "stack/base/check.h"
#include "stack/base/prng.h"

namespace assay::scenario {
namespace {

constexpr size_t kPeriod = 65536;
constexpr size_t kLongest = 65536;

// One period and the longest piece behind it, so that every piece is contiguous.
struct Table {
  std::array<std::byte, kPeriod + kLongest> octets;
  explicit Table(uint64_t seed) {
    Prng prng(seed);
    for (size_t i = 0; i < octets.size(); ++i) {
      octets[i] = i < kPeriod ? static_cast<std::byte>(prng.Next()) : octets[i - kPeriod];
    }
  }
};

}  // namespace

wire::Octets StreamOctets(Stream stream, uint64_t offset, size_t size) {
  static const Table tester(0x7e57e7);
  static const Table stack(0x57ac4);
  ASSAY_CHECK(size <= kLongest);
  const Table& table = stream == Stream::kTester ? tester : stack;
  return wire::Octets(table.octets).subspan(offset % kPeriod, size);
}

}  // namespace assay::scenario
