// lwIP as Debian's shared library, without its threads: the reset takes down what is up.
//
// The library calls sys_now and tcp_next_iss through its symbol table, so that the definitions here
// stand in for its own (the program exports them; see CMakeLists.txt).

#include <cstdint>
#include <initializer_list>

#include "harness/adapters/lwip/lwip_port.h"
#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

namespace assay::lwip {
namespace {

// The shim's clock starts at 0 with each reset; lwIP's goes on, as timers of its own are running.
uint32_t offset_ms = 0;
uint32_t last_ms = 0;

}  // namespace

// Counters of identification and the parity of the slow timer stay behind.
const bool kExactReset = false;

void StartAfresh() {
  static bool initialized = false;
  if (!initialized) {
    lwip_init();
    initialized = true;
    return;
  }
  offset_ms = last_ms;
  for (tcp_pcb** list : {&tcp_active_pcbs, &tcp_tw_pcbs, &tcp_bound_pcbs}) {
    while (*list != nullptr) {
      (*list)->errf = nullptr;
      tcp_abort(*list);
    }
  }
  while (tcp_listen_pcbs.pcbs != nullptr) tcp_close(tcp_listen_pcbs.pcbs);
  while (netif_list != nullptr) netif_remove(netif_list);
  tcp_ticks = 0;
  tcp_init();
  // With no connection left, TCP's timer stops when it fires next.
  offset_ms += 4 * TCP_TMR_INTERVAL;
  sys_check_timeouts();
}

}  // namespace assay::lwip

extern "C" {

u32_t sys_now(void) {
  using assay::lwip::last_ms;
  last_ms = assay::lwip::ClockMs() + assay::lwip::offset_ms;
  return last_ms;
}

u32_t tcp_next_iss(struct tcp_pcb* pcb) {
  return assay::lwip::NextIss(pcb->local_ip, pcb->local_port, pcb->remote_ip, pcb->remote_port);
}
}
