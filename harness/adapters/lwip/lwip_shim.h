/* lwip_shim.h: lwIP 2.1.3 behind assay_shim.h. One stack a process, as lwIP's state is global. */

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_SHIM_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_SHIM_H_

#include "harness/sut/assay_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

const struct assay_shim* assay_lwip_shim(void);

#ifdef __cplusplus
}
#endif

#endif /* ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_SHIM_H_ */
