// What lwIP asks of its platform: byte order, randomness, and what becomes of a failed assertion.

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_ARCH_CC_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_ARCH_CC_H_

#include <endian.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ip_addr;

// Seeded; lwip_shim.cc.
uint32_t AssayLwipRandom(void);
uint32_t AssayLwipIss(const struct ip_addr* local, uint16_t local_port,
                      const struct ip_addr* remote, uint16_t remote_port);
// Does not return: the call into the stack ends there, and only a reset brings the stack back.
__attribute__((noreturn)) void AssayLwipAssertionFailed(const char* what, const char* file,
                                                        int line);

#ifdef __cplusplus
}
#endif

#define LWIP_RAND() AssayLwipRandom()
#define LWIP_PLATFORM_ASSERT(x) AssayLwipAssertionFailed(x, __FILE__, __LINE__)
#define LWIP_PLATFORM_DIAG(x) \
  do {                        \
  } while (0)

#endif  // ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_ARCH_CC_H_
