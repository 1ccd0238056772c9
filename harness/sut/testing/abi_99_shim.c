/* A shim from the future, which answers whatever it is asked. */

#include "harness/sut/testing/echo_shim.h"

const struct assay_shim* assay_shim_get(uint32_t abi_version) {
  static struct assay_shim shim;
  (void)abi_version;
  shim = EchoShim();
  shim.abi_version = 99;
  return &shim;
}
