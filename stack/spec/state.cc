#include "stack/spec/state.h"

#include "stack/base/check.h"

namespace assay::spec {

std::string_view Name(State state) {
  static constexpr std::array<std::string_view, kStateCount> kNames = {
      "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
      "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};
  const auto index = static_cast<size_t>(state);
  ASSAY_CHECK(index < kNames.size());
  return kNames[index];
}

}  // namespace assay::spec
