// The same shim as a library to be loaded at run time: `--stack ./assay_lwip.so`.

#include "harness/adapters/lwip/lwip_shim.h"

extern "C" __attribute__((visibility("default"))) const assay_shim* assay_shim_get(
    uint32_t abi_version) {
  return abi_version == ASSAY_SHIM_ABI_VERSION ? assay_lwip_shim() : nullptr;
}
