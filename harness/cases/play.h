// Play: a classic of the textbooks, acted by two hosts on a simulated wire, to be drawn and read.
//
// It checks nothing; that each play shows what its text says is what its test is for. The classics
// that put a stack on trial are cases (classic_cases.cc), under the same names.

#ifndef ASSAY_HARNESS_CASES_PLAY_H_
#define ASSAY_HARNESS_CASES_PLAY_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/driver/pair.h"

namespace assay::cases {

struct Play {
  enum class Numbers : uint8_t { kRelative, kAbsolute };
  // What the figure tells of a segment besides its control bits, numbers and length.
  enum class Detail : uint8_t { kNone, kOptions, kOptionsAndWindow };

  std::string_view name;
  std::string_view alias;  // the name of the case, where it differs; or empty
  std::string_view title;
  std::string_view section;  // "RFC 9293, 3.5, Figure 6"
  std::string_view text;     // what to see, and why it is so
  void (*run)(driver::Pair& pair) = nullptr;

  driver::PairOptions options = {};
  // How the figure is to be drawn.
  Numbers numbers = Numbers::kRelative;
  Detail detail = Detail::kNone;
  // The receive buffer that the server (side B) is to have, in octets.
  uint32_t server_buffer = 65536;
};

// In the order in which one would read them.
std::span<const Play> AllPlays();
// By name or alias; null if there is none.
const Play* FindPlay(std::string_view name);

}  // namespace assay::cases

#endif  // ASSAY_HARNESS_CASES_PLAY_H_
