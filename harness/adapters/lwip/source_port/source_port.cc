// lwIP compiled from its source: the reset is a copy of its memory.
//
// The build puts every variable of lwIP's into the two sections named below (see CMakeLists.txt);
// nothing of lwIP's lives anywhere else, as it allocates nothing.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "harness/adapters/lwip/lwip_port.h"
#include "lwip/init.h"
#include "lwip/nd6.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "stack/base/check.h"

extern "C" {
// The linker gives these names to the ends of a section whose name is a C identifier.
extern uint8_t __start_lwip_bss[] __attribute__((visibility("hidden")));
extern uint8_t __stop_lwip_bss[] __attribute__((visibility("hidden")));
extern uint8_t __start_lwip_data[] __attribute__((visibility("hidden")));
extern uint8_t __stop_lwip_data[] __attribute__((visibility("hidden")));

uint32_t AssayLwipRandom(void) { return assay::lwip::NextRandom(); }

uint32_t AssayLwipIss(const struct ip_addr* local, uint16_t local_port,
                      const struct ip_addr* remote, uint16_t remote_port) {
  return assay::lwip::NextIss(*local, local_port, *remote, remote_port);
}

void AssayLwipAssertionFailed(const char* what, const char* file, int line) {
  assay::lwip::AssertionFailed(what, file, line);
}

u32_t sys_now(void) { return assay::lwip::ClockMs(); }
}

namespace assay::lwip {
namespace {

struct Section {
  uint8_t* begin;
  uint8_t* end;
  size_t size() const { return static_cast<size_t>(end - begin); }
};

// Under AddressSanitizer a section has red zones between its variables, which no instrumented copy
// may touch; their octets never change, so copying them as well is harmless.
#if defined(__clang__)
__attribute__((no_sanitize("address", "undefined")))
#else
__attribute__((no_sanitize_address))
#endif
void CopyOctets(uint8_t* to, const uint8_t* from, size_t size) {
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
#else
  for (volatile uint8_t* out = to; size != 0; --size) *out++ = *from++;
#endif
}

// The image of lwIP's memory just after lwip_init; made once, never freed.
uint8_t* image = nullptr;

void CopyImage(bool restore) {
  uint8_t* at = image;
  for (const Section& section :
       {Section{__start_lwip_bss, __stop_lwip_bss}, Section{__start_lwip_data, __stop_lwip_data}}) {
    if (restore) {
      CopyOctets(section.begin, at, section.size());
    } else {
      CopyOctets(at, section.begin, section.size());
    }
    at += section.size();
  }
}

}  // namespace

const bool kExactReset = true;

void StartAfresh() {
  if (image == nullptr) {
    lwip_init();
    for (int i = 0; i < lwip_num_cyclic_timers; ++i) {
      if (lwip_cyclic_timers[i].handler == nd6_tmr) {
        sys_untimeout(lwip_cyclic_timer,
                      const_cast<void*>(static_cast<const void*>(&lwip_cyclic_timers[i])));
      }
    }
    image = static_cast<uint8_t*>(
        std::malloc(static_cast<size_t>(__stop_lwip_bss - __start_lwip_bss) +
                    static_cast<size_t>(__stop_lwip_data - __start_lwip_data)));
    ASSAY_CHECK(image != nullptr);
    CopyImage(/*restore=*/false);
  } else {
    CopyImage(/*restore=*/true);
  }
}

}  // namespace assay::lwip
