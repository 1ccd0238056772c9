#include "harness/scenario/event.h"

#include <array>

#include "stack/base/check.h"

namespace assay::scenario {
namespace {

constexpr std::array<uint16_t, 8> kMssWords = {1460, 536, 100, 64, 1, 8960, 0, 65535};

}  // namespace

Duration LengthOf(TimeWord word) {
  static constexpr std::array<int64_t, kTimeWordCount> kMilliseconds = {
      10'000, 250, 1, 10, 500, 1'000, 3'000, 20'000, 75'000, 120'000, 241'000, 250'000};
  const auto index = static_cast<size_t>(word);
  ASSAY_CHECK(index < kMilliseconds.size());
  return Duration::Milliseconds(kMilliseconds[index]);
}

uint8_t WindowWord(uint16_t window) {
  uint8_t best = 64;
  for (unsigned word = 0; word < 256; ++word) {
    const uint16_t value = WindowOf(static_cast<uint8_t>(word));
    if (value <= window && value > WindowOf(best)) best = static_cast<uint8_t>(word);
  }
  return window == 65535 ? 0 : best;
}

SynOptions SynOptionsOf(uint8_t word) {
  SynOptions options;
  options.mss = kMssWords[word & 7];
  options.mss_present = (word & 8) == 0;
  options.window_scale = (word & 16) != 0;
  options.shift = (word & 8) != 0 ? 14 : 2;
  options.sack_permitted = (word & 32) != 0;
  options.timestamps = (word & 64) != 0;
  return options;
}

uint8_t MssWord(uint16_t mss) {
  for (size_t i = 0; i < kMssWords.size(); ++i) {
    if (kMssWords[i] == mss) return static_cast<uint8_t>(i);
  }
  CheckFailed(__FILE__, __LINE__, "an MSS that a word stands for");
}

uint32_t MtuOf(uint8_t word, bool ipv6) {
  static constexpr std::array<uint32_t, 8> kMtus = {1500, 1500, 1500, 1500, 576, 1280, 9000, 68};
  const uint32_t mtu = kMtus[word & 7];
  return ipv6 && mtu < 1280 ? 1280 : mtu;
}

uint32_t IssOf(uint8_t word, uint32_t plain) {
  static constexpr std::array<uint32_t, 10> kEdges = {
      0,           1,           0xffff'ffff, 0xffff'fffe, 0xffff'ffa0,
      0xffff'fa00, 0xffff'e000, 0x7fff'ffff, 0x7fff'ff00, 0x8000'0000};
  const unsigned low = word & 15;
  return low < 6 ? plain : kEdges[low - 6];
}

bool operator==(const Scenario& a, const Scenario& b) {
  if (a.header != b.header || a.events.size() != b.events.size()) return false;
  for (size_t i = 0; i < a.events.size(); ++i) {
    if (a.events[i] != b.events[i]) return false;
  }
  return true;
}

Event Polite(int16_t octets) {
  Event event;
  event.length.fine = octets;
  return event;
}

Event Flags(uint8_t control, int16_t octets) {
  Event event = Polite(octets);
  event.polite = false;
  event.control = control;
  return event;
}

Event Calls(Call call, int16_t octets) {
  Event event;
  event.kind = EventKind::kCall;
  event.call = call;
  event.length.fine = octets;
  return event;
}

Event Wait(TimeWord word) {
  Event event;
  event.kind = EventKind::kTime;
  event.time = word;
  return event;
}

Event Fails(Fault fault) {
  Event event;
  event.kind = EventKind::kFault;
  event.fault = fault;
  return event;
}

std::string_view Name(Lie lie) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "none",          "bad checksum", "truncated",   "bad data offset",
      "reserved bits", "other port",   "closed port", "raw options"};
  return kNames[static_cast<size_t>(lie)];
}

std::string_view Name(Call call) {
  static constexpr std::array<std::string_view, 7> kNames = {"send",  "recv",   "shutdown", "close",
                                                             "abort", "listen", "connect"};
  return kNames[static_cast<size_t>(call)];
}

}  // namespace assay::scenario
