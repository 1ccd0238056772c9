/* A shim for another version of the interface, that says so itself. */

#include "harness/sut/assay_shim.h"

const struct assay_shim* assay_shim_get(uint32_t abi_version) {
  (void)abi_version;
  return NULL;
}
