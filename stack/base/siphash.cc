#include "stack/base/siphash.h"

#include <bit>
#include <cstring>

namespace assay {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
};

// At most eight octets as a number, the first the lowest.
uint64_t LittleEndian(std::span<const std::byte> octets) {
  uint64_t word = 0;
  if (octets.empty()) return word;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, octets.data(), octets.size());
  } else {
    for (size_t i = octets.size(); i-- > 0;) word = word << 8 | static_cast<uint64_t>(octets[i]);
  }
  return word;
}

}  // namespace

uint64_t SipHash24(const SipHashKey& key, std::span<const std::byte> octets) {
  State s{key.k0 ^ 0x736f'6d65'7073'6575, key.k1 ^ 0x646f'7261'6e64'6f6d,
          key.k0 ^ 0x6c79'6765'6e65'7261, key.k1 ^ 0x7465'6462'7974'6573};
  size_t at = 0;
  for (; octets.size() - at >= 8; at += 8) s.Absorb(LittleEndian(octets.subspan(at, 8)));
  s.Absorb(LittleEndian(octets.subspan(at)) | static_cast<uint64_t>(octets.size() & 0xff) << 56);
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace assay
