// The wire codec against any octets: the laws of properties/wire_laws.h.

#include <cstdio>
#include <cstdlib>
#include <span>

#include "properties/wire_laws.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view broken =
      assay::properties::BrokenWireLaw(std::as_bytes(std::span(data, size)));
  if (!broken.empty()) {
    std::fprintf(stderr, "law broken: %.*s\n", static_cast<int>(broken.size()), broken.data());
    std::abort();
  }
  return 0;
}
