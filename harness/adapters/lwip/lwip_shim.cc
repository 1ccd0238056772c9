#include "harness/adapters/lwip/lwip_shim.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <deque>
#include <span>
#include <vector>

#include "harness/adapters/lwip/lwip_port.h"
#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "stack/base/prng.h"
#include "stack/base/siphash.h"

// What the shim keeps for one handle. lwIP hands it back as the argument of every callback.
struct Connection {
  tcp_pcb* pcb = nullptr;  // read only through Living()
  int32_t listener = -1;   // who accepted it
  bool is_listener = false;
  bool established = false;  // ever
  bool closed_by_user = false;
  bool end_of_stream = false;
  int32_t error = 0;              // why it ended
  std::vector<uint8_t> received;  // what lwIP delivered and nobody has read, from `read` on
  size_t read = 0;
  std::deque<Connection*> accepted;  // of a listener, in the order of establishment
  int32_t handle = -1;               // -1: not asked for yet

  void Clear() {
    pcb = nullptr;
    listener = -1;
    is_listener = established = closed_by_user = end_of_stream = false;
    error = 0;
    received.clear();
    read = 0;
    accepted.clear();
    handle = -1;
  }
};

// An arrived packet in a block of its own size, which AddressSanitizer guards on both sides.
struct Arrived {
  pbuf_custom custom;  // first: lwIP hands back a pointer to it
  Arrived* next;
  Arrived* previous;
  uint8_t* octets;
};

struct assay_stack {
  bool open = false;
  assay_config config{};
  int64_t now_ns = 0;
  assay::Prng random{0};
  bool iss_given = false;  // the first ISN is config.iss
  // Inside tcp_connect the SYN takes the number before the one that the hook answers.
  bool connecting = false;
  bool user_call = false;   // an abort is the user's own
  bool timer_call = false;  // an abort is a time-out
  netif interface{};

  std::deque<Connection> connections;  // of which the first `used` count; stable in memory
  size_t used = 0;
  std::vector<Connection*> handles;

  std::vector<uint8_t> sent;  // packets end to end
  std::vector<size_t> sent_sizes;
  size_t polled = 0;
  size_t polled_octets = 0;

  Arrived* arrived = nullptr;

  std::jmp_buf escape;
  bool faulted = false;
  char fault[256] = {};
};

namespace {

using assay::lwip::kExactReset;

// State is global in lwIP, so it may be here as well.
assay_stack the_stack;

constexpr int64_t kNsPerMs = 1'000'000;

// Runs `call`, which goes into lwIP. An assertion that fails there ends it, and every later one
// until the reset: the answer is then `otherwise`. No object with a destructor may live across
// lwIP's frames, since a long jump skips it.
template <typename Answer, typename Call>
Answer Guarded(assay_stack& stack, const Answer otherwise, const Call& call) {
  if (stack.faulted) return otherwise;
  if (setjmp(stack.escape) != 0) return otherwise;
  return call();
}

// ---- Packets ----

void FreeArrived(pbuf* p) {
  auto* arrived = reinterpret_cast<Arrived*>(p);
  if (arrived->previous != nullptr) {
    arrived->previous->next = arrived->next;
  } else {
    the_stack.arrived = arrived->next;
  }
  if (arrived->next != nullptr) arrived->next->previous = arrived->previous;
  delete[] arrived->octets;
  delete arrived;
}

// What an assertion or a reset left in lwIP's hands.
void FreeAllArrived() {
  while (the_stack.arrived != nullptr) FreeArrived(&the_stack.arrived->custom.pbuf);
}

// lwIP reads version and length from an IP header before it asks how long the packet is. On a real
// link a frame's minimum size saves it, so a shorter packet gets that much room here.
constexpr size_t kReadUnasked = 8;
// An option kind in the last octet of the options: lwIP fetches its length from the octet behind
// (known.tsv), which is the octet behind the packet if there is no text.
constexpr size_t kReadBehind = 1;

pbuf* Arrive(const uint8_t* packet, uint16_t size) {
  auto* arrived = new Arrived{};
  arrived->octets = new uint8_t[std::max<size_t>(size + kReadBehind, kReadUnasked)]();
  std::memcpy(arrived->octets, packet, size);
  arrived->custom.custom_free_function = FreeArrived;
  arrived->next = the_stack.arrived;
  if (arrived->next != nullptr) arrived->next->previous = arrived;
  the_stack.arrived = arrived;
  return pbuf_alloced_custom(PBUF_RAW, size, PBUF_REF, &arrived->custom, arrived->octets, size);
}

err_t Capture(pbuf* p) {
  assay_stack& stack = the_stack;
  const size_t at = stack.sent.size();
  stack.sent.resize(at + p->tot_len);
  pbuf_copy_partial(p, stack.sent.data() + at, p->tot_len, 0);
  stack.sent_sizes.push_back(p->tot_len);
  return ERR_OK;
}

err_t CaptureIpv4(netif*, pbuf* p, const ip4_addr_t*) { return Capture(p); }
err_t CaptureIpv6(netif*, pbuf* p, const ip6_addr_t*) { return Capture(p); }

bool HasOutput(const assay_stack& stack) { return stack.polled < stack.sent_sizes.size(); }

// ---- Connections ----

Connection* NewConnection(assay_stack& stack) {
  if (stack.used == stack.connections.size()) stack.connections.emplace_back();
  Connection* connection = &stack.connections[stack.used++];
  connection->Clear();
  return connection;
}

int32_t NewHandle(assay_stack& stack, Connection* connection) {
  connection->handle = static_cast<int32_t>(stack.handles.size());
  stack.handles.push_back(connection);
  return connection->handle;
}

Connection* Find(assay_stack& stack, int32_t handle) {
  if (handle < 0 || static_cast<size_t>(handle) >= stack.handles.size()) return nullptr;
  return stack.handles[static_cast<size_t>(handle)];
}

// The control block of a connection, or null if lwIP has freed it. lwIP tells nobody that TIME-WAIT
// is over, and gives the memory to the next connection, so only its own lists are asked, and the
// argument says whose block it is now.
tcp_pcb* Living(Connection& connection) {
  if (connection.pcb == nullptr) return nullptr;
  if (connection.is_listener) return connection.pcb;  // only the user closes it
  for (tcp_pcb* list : {tcp_active_pcbs, tcp_tw_pcbs, tcp_bound_pcbs}) {
    for (tcp_pcb* pcb = list; pcb != nullptr; pcb = pcb->next) {
      if (pcb == connection.pcb && pcb->callback_arg == &connection) return pcb;
    }
  }
  connection.pcb = nullptr;
  return nullptr;
}

int32_t FromLwip(err_t error) {
  switch (error) {
    case ERR_OK:
      return 0;
    case ERR_MEM:
    case ERR_BUF:
      return ASSAY_NO_RESOURCES;
    case ERR_RTE:
      return ASSAY_UNREACHABLE;
    case ERR_USE:
      return ASSAY_IN_USE;
    case ERR_RST:
      return ASSAY_RESET;
    case ERR_TIMEOUT:
      return ASSAY_TIMED_OUT;
    case ERR_ABRT:
    case ERR_CLSD:
    case ERR_CONN:
    case ERR_ISCONN:
    case ERR_ALREADY:
      return ASSAY_CLOSED;
    default:
      return ASSAY_INVALID;
  }
}

err_t OnReceived(void* argument, tcp_pcb*, pbuf* p, err_t) {
  auto* connection = static_cast<Connection*>(argument);
  if (p == nullptr) {
    connection->end_of_stream = true;
    return ERR_OK;
  }
  const size_t at = connection->received.size();
  connection->received.resize(at + p->tot_len);
  pbuf_copy_partial(p, connection->received.data() + at, p->tot_len, 0);
  pbuf_free(p);
  return ERR_OK;
}

// lwIP has freed the control block, or is about to.
void OnError(void* argument, err_t error) {
  auto* connection = static_cast<Connection*>(argument);
  const assay_stack& stack = the_stack;
  connection->pcb = nullptr;
  switch (error) {
    case ERR_CLSD:  // both FINs are acknowledged: an end, and no error
      break;
    case ERR_RST:
      connection->error = connection->established ? ASSAY_RESET : ASSAY_REFUSED;
      break;
    case ERR_ABRT:
      // One code for all that lwIP gives up by itself; when it does so tells them apart.
      if (stack.timer_call) {
        connection->error = ASSAY_TIMED_OUT;
      } else if (stack.user_call) {
        connection->error = ASSAY_CLOSED;
      } else {
        connection->error = ASSAY_NO_RESOURCES;
      }
      break;
    default:
      connection->error = FromLwip(error);
  }
}

err_t OnConnected(void* argument, tcp_pcb*, err_t) {
  static_cast<Connection*>(argument)->established = true;
  return ERR_OK;
}

void Adopt(tcp_pcb* pcb, Connection* connection) {
  connection->pcb = pcb;
  tcp_arg(pcb, connection);
  tcp_recv(pcb, OnReceived);
  tcp_err(pcb, OnError);
}

err_t OnAccepted(void* argument, tcp_pcb* pcb, err_t error) {
  if (error != ERR_OK || pcb == nullptr) return ERR_VAL;
  auto* listener = static_cast<Connection*>(argument);
  Connection* connection = NewConnection(the_stack);
  connection->listener = listener->handle;
  connection->established = true;
  Adopt(pcb, connection);
  tcp_backlog_delayed(pcb);
  listener->accepted.push_back(connection);
  return ERR_OK;
}

// ---- Configuration ----

#if LWIP_IPV6
ip6_addr_t ToIpv6(const assay_address& from) {
  ip6_addr_t out{};
  std::memcpy(out.addr, from.octets, 16);
  return out;
}
#endif

ip4_addr_t ToIpv4(const assay_address& from) {
  ip4_addr_t out{};
  std::memcpy(&out.addr, from.octets, 4);
  return out;
}

ip_addr_t ToLwip(const assay_address& from) {
  ip_addr_t out{};
#if LWIP_IPV6
  if (from.family == 6) {
    ip_addr_copy_from_ip6(out, ToIpv6(from));
    return out;
  }
#endif
  ip_addr_copy_from_ip4(out, ToIpv4(from));
  return out;
}

err_t StartInterface(netif* interface) {
  interface->name[0] = 'a';
  interface->name[1] = 's';
  interface->output = CaptureIpv4;
#if LWIP_IPV6
  interface->output_ip6 = CaptureIpv6;
#endif
  interface->mtu = static_cast<uint16_t>(std::min<uint32_t>(the_stack.config.mtu, 65535));
#if LWIP_IPV6 && LWIP_ND6_ALLOW_RA_UPDATES
  interface->mtu6 = interface->mtu;
#endif
  return ERR_OK;
}

void Begin(assay_stack& stack, const assay_config& config) {
  FreeAllArrived();
  stack.config = config;
  stack.now_ns = 0;
  stack.random = assay::Prng(config.seed);
  stack.iss_given = false;
  stack.connecting = stack.user_call = stack.timer_call = false;
  stack.used = 0;
  stack.handles.clear();
  stack.faulted = false;
  stack.fault[0] = '\0';

  Guarded(stack, 0, [&] {
    assay::lwip::StartAfresh();
    tcp_init();  // draws the first ephemeral port, now from this seed
    const bool ipv4 = config.stack.family == 4;
    ip4_addr_t address{};
    ip4_addr_t mask{};
    ip4_addr_t gateway{};
    if (ipv4) {
      address = ToIpv4(config.stack);
      gateway = ToIpv4(config.tester);
      IP4_ADDR(&mask, 255, 255, 255, 0);
    }
    stack.interface = {};
    netif_add(&stack.interface, &address, &mask, &gateway, nullptr, StartInterface, ip_input);
    netif_set_default(&stack.interface);
#if LWIP_IPV6
    if (!ipv4) {
      const ip6_addr_t own = ToIpv6(config.stack);
      netif_ip6_addr_set(&stack.interface, 0, &own);
      netif_ip6_addr_set_state(&stack.interface, 0, IP6_ADDR_PREFERRED);
    }
#endif
    netif_set_link_up(&stack.interface);
    netif_set_up(&stack.interface);
    return 0;
  });
  // Whatever taking down an older stack sent is nobody's.
  stack.sent.clear();
  stack.sent_sizes.clear();
  stack.polled = stack.polled_octets = 0;
}

bool Serves(const assay_config& config) {
  if (config.stack.family != config.tester.family) return false;
  if (config.stack.family == 4) return true;
#if LWIP_IPV6
  return config.stack.family == 6 && kExactReset;
#else
  return false;
#endif
}

// ---- The functions of assay_shim ----

void Caps(assay_caps* out) {
  *out = assay_caps{};
  out->bits = ASSAY_CAP_VIRTUAL_TIME | ASSAY_CAP_SYNC_OUTPUT | ASSAY_CAP_LISTEN |
              ASSAY_CAP_CONNECT | ASSAY_CAP_HALF_CLOSE | ASSAY_CAP_ABORT | ASSAY_CAP_STATE |
              ASSAY_CAP_SEED_ISS | ASSAY_CAP_NEXT_TIMER | ASSAY_CAP_RECV_PAUSE | ASSAY_CAP_IPV4 |
              ASSAY_CAP_NODELAY | ASSAY_CAP_PUSH | ASSAY_CAP_STANDARD_CONGESTION;
  if (kExactReset) out->bits |= ASSAY_CAP_EXACT_RESET | ASSAY_CAP_IPV6;
  out->receive_buffer = TCP_WND;
  out->send_buffer = TCP_SND_BUF;
  out->mss_floor = 0;
  out->max_connections = MEMP_NUM_TCP_PCB;
  out->timer_quantum_ns = TCP_TMR_INTERVAL * kNsPerMs;
  out->two_msl_ns = 2 * int64_t{TCP_MSL} * kNsPerMs;
  out->delayed_ack_max_ns = TCP_FAST_INTERVAL * kNsPerMs;
  // The variance of the estimator never falls below 3 slow ticks, the first of which may be short.
  out->rto_min_ns = 2 * int64_t{TCP_SLOW_INTERVAL} * kNsPerMs;
}

assay_stack* Open(const assay_config* config) {
  if (the_stack.open || !Serves(*config)) return nullptr;
  the_stack.open = true;
  Begin(the_stack, *config);
  return &the_stack;
}

void Close(assay_stack* stack) {
  FreeAllArrived();
  stack->open = false;
}

int32_t Reset(assay_stack* stack, const assay_config* config) {
  if (!Serves(*config)) return ASSAY_UNSUPPORTED;
  Begin(*stack, *config);
  return 0;
}

void Deliver(assay_stack* stack, const uint8_t* packet, size_t size) {
  if (size == 0 || size > 65535) return;  // no IP packet has that size
  Guarded(*stack, 0, [&] {
    pbuf* p = Arrive(packet, static_cast<uint16_t>(size));
    if (stack->interface.input(p, &stack->interface) != ERR_OK) pbuf_free(p);
    return 0;
  });
}

int64_t Poll(assay_stack* stack, uint8_t* packet, size_t capacity) {
  if (!HasOutput(*stack)) return 0;
  const size_t size = stack->sent_sizes[stack->polled++];
  const uint8_t* from = stack->sent.data() + stack->polled_octets;
  stack->polled_octets += size;
  const bool fits = size <= capacity;
  if (fits) std::memcpy(packet, from, size);
  if (!HasOutput(*stack)) {
    stack->sent.clear();
    stack->sent_sizes.clear();
    stack->polled = stack->polled_octets = 0;
  }
  return fits ? static_cast<int64_t>(size) : int64_t{ASSAY_INVALID};
}

int64_t Now(assay_stack* stack) { return stack->now_ns; }

int64_t NextTimer(assay_stack* stack) {
  if (stack->faulted) return -1;
  const uint32_t wait_ms = sys_timeouts_sleeptime();
  if (wait_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE) return -1;
  // lwIP counts whole milliseconds; a timer that is due in 0 of them is due now.
  return std::max(stack->now_ns, (stack->now_ns / kNsPerMs + wait_ms) * kNsPerMs);
}

int64_t Advance(assay_stack* stack, int64_t duration, uint32_t flags) {
  const int64_t from = stack->now_ns;
  const int64_t until = from + duration;
  const bool stop = (flags & ASSAY_ADVANCE_STOP_AT_OUTPUT) != 0;
  stack->timer_call = true;
  Guarded(*stack, 0, [&] {
    while (!(stop && HasOutput(*stack))) {
      const int64_t next = NextTimer(stack);
      if (next < 0 || next > until) break;
      stack->now_ns = next;
      sys_check_timeouts();
    }
    return 0;
  });
  stack->timer_call = false;
  if (!(stop && HasOutput(*stack))) stack->now_ns = until;
  return stack->now_ns - from;
}

int32_t Listen(assay_stack* stack, uint16_t port, uint32_t backlog) {
  return Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    tcp_pcb* pcb =
        tcp_new_ip_type(stack->config.stack.family == 4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6);
    if (pcb == nullptr) return ASSAY_NO_RESOURCES;
    const ip_addr_t own = ToLwip(stack->config.stack);
    err_t error = tcp_bind(pcb, &own, port);
    if (error != ERR_OK) {
      tcp_close(pcb);
      return FromLwip(error);
    }
    tcp_pcb* listening = tcp_listen_with_backlog_and_err(
        pcb, static_cast<uint8_t>(std::min<uint32_t>(backlog, 255)), &error);
    if (listening == nullptr) {
      tcp_close(pcb);
      return FromLwip(error);
    }
    Connection* connection = NewConnection(*stack);
    connection->pcb = listening;
    connection->is_listener = true;
    tcp_arg(listening, connection);
    tcp_accept(listening, OnAccepted);
    return NewHandle(*stack, connection);
  });
}

int32_t Connect(assay_stack* stack, uint16_t local_port, uint16_t remote_port) {
  stack->connecting = true;
  const int32_t answer = Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    tcp_pcb* pcb =
        tcp_new_ip_type(stack->config.stack.family == 4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6);
    if (pcb == nullptr) return ASSAY_NO_RESOURCES;
    if (local_port != 0) {
      const ip_addr_t own = ToLwip(stack->config.stack);
      const err_t error = tcp_bind(pcb, &own, local_port);
      if (error != ERR_OK) {
        tcp_close(pcb);
        return FromLwip(error);
      }
    }
    const ip_addr_t tester = ToLwip(stack->config.tester);
    Connection* connection = NewConnection(*stack);
    Adopt(pcb, connection);
    const err_t error = tcp_connect(pcb, &tester, remote_port, OnConnected);
    if (error != ERR_OK) {
      tcp_close(pcb);
      connection->pcb = nullptr;
      return FromLwip(error);
    }
    return NewHandle(*stack, connection);
  });
  stack->connecting = false;
  return answer;
}

int32_t Accept(assay_stack* stack, int32_t handle, assay_peer* from) {
  Connection* listener = Find(*stack, handle);
  if (listener == nullptr || !listener->is_listener || listener->pcb == nullptr) {
    return ASSAY_CLOSED;
  }
  return Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    // As with a socket, a connection that died in the queue is nobody's any more.
    tcp_pcb* pcb = nullptr;
    Connection* connection = nullptr;
    while (pcb == nullptr) {
      if (listener->accepted.empty()) return ASSAY_AGAIN;
      connection = listener->accepted.front();
      listener->accepted.pop_front();
      pcb = Living(*connection);
    }
    tcp_backlog_accepted(pcb);
    from->address = stack->config.tester;
    if (IP_IS_V4(&pcb->remote_ip)) {
      std::memcpy(from->address.octets, &ip_2_ip4(&pcb->remote_ip)->addr, 4);
    } else {
#if LWIP_IPV6
      std::memcpy(from->address.octets, ip_2_ip6(&pcb->remote_ip)->addr, 16);
#endif
    }
    from->port = pcb->remote_port;
    return NewHandle(*stack, connection);
  });
}

// What a call on a connection answers that lwIP no longer has.
int32_t Ended(const Connection& connection) {
  return connection.error != 0 ? connection.error : ASSAY_CLOSED;
}

int64_t Send(assay_stack* stack, int32_t handle, const uint8_t* data, size_t size, uint32_t flags) {
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr || connection->is_listener) return ASSAY_CLOSED;
  if ((flags & ASSAY_SEND_URGENT) != 0) return ASSAY_UNSUPPORTED;
  return Guarded(*stack, int64_t{ASSAY_CLOSED}, [&]() -> int64_t {
    tcp_pcb* pcb = Living(*connection);
    if (pcb == nullptr) return Ended(*connection);
    if (connection->closed_by_user) return ASSAY_CLOSED;
    if (size == 0) return 0;
    const auto room =
        static_cast<uint16_t>(std::min<size_t>({size, size_t{tcp_sndbuf(pcb)}, size_t{65535}}));
    if (room == 0) {
      const bool sends = pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT ||
                         pcb->state == SYN_SENT || pcb->state == SYN_RCVD;
      return sends ? ASSAY_AGAIN : ASSAY_CLOSED;
    }
    const uint8_t push = (flags & ASSAY_SEND_PUSH) != 0 ? 0 : TCP_WRITE_FLAG_MORE;
    const err_t error =
        tcp_write(pcb, data, room, static_cast<uint8_t>(TCP_WRITE_FLAG_COPY | push));
    if (error == ERR_MEM) return ASSAY_AGAIN;
    if (error != ERR_OK) return FromLwip(error);
    tcp_output(pcb);
    return room;
  });
}

int64_t Recv(assay_stack* stack, int32_t handle, uint8_t* data, size_t capacity) {
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr || connection->is_listener || connection->closed_by_user) {
    return ASSAY_CLOSED;
  }
  const size_t waiting = connection->received.size() - connection->read;
  if (waiting == 0) {
    if (stack->faulted) return ASSAY_CLOSED;
    if (connection->error != 0) return connection->error;
    if (connection->end_of_stream) return 0;
    return Living(*connection) != nullptr ? ASSAY_AGAIN : ASSAY_CLOSED;
  }
  const size_t size = std::min({waiting, capacity, size_t{65535}});
  std::memcpy(data, connection->received.data() + connection->read, size);
  connection->read += size;
  if (connection->read == connection->received.size()) {
    connection->received.clear();
    connection->read = 0;
  }
  Guarded(*stack, 0, [&] {
    // Only reading opens the window again.
    if (tcp_pcb* pcb = Living(*connection)) tcp_recved(pcb, static_cast<uint16_t>(size));
    return 0;
  });
  return static_cast<int64_t>(size);
}

int32_t CloseListener(Connection& listener) {
  tcp_close(listener.pcb);
  listener.pcb = nullptr;
  for (Connection* waiting : listener.accepted) {
    if (tcp_pcb* pcb = Living(*waiting)) tcp_abort(pcb);
  }
  listener.accepted.clear();
  return 0;
}

int32_t CloseHandle(assay_stack* stack, int32_t handle) {
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr) return ASSAY_CLOSED;
  stack->user_call = true;
  const int32_t answer = Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    tcp_pcb* pcb = Living(*connection);
    if (pcb == nullptr) return Ended(*connection);
    if (connection->is_listener) return CloseListener(*connection);
    if (connection->closed_by_user) return ASSAY_CLOSED;
    // Out of memory for the FIN, lwIP 2.1 notes that and answers ERR_OK: it tries again at each
    // tick.
    const err_t error = tcp_close(pcb);
    if (error != ERR_OK) return FromLwip(error);
    connection->closed_by_user = true;
    connection->received.clear();
    connection->read = 0;
    return 0;
  });
  stack->user_call = false;
  return answer;
}

int32_t ShutdownWr(assay_stack* stack, int32_t handle) {
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr) return ASSAY_CLOSED;
  const int32_t answer = Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    tcp_pcb* pcb = Living(*connection);
    if (pcb == nullptr) return Ended(*connection);
    if (connection->is_listener || pcb->state == SYN_SENT) return ASSAY_UNSUPPORTED;
    return FromLwip(tcp_shutdown(pcb, 0, 1));
  });
  // Before synchronisation a CLOSE has nothing to keep open: it is close_handle's.
  return answer == ASSAY_UNSUPPORTED ? CloseHandle(stack, handle) : answer;
}

int32_t Abort(assay_stack* stack, int32_t handle) {
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr) return ASSAY_CLOSED;
  stack->user_call = true;
  const int32_t answer = Guarded(*stack, int32_t{ASSAY_CLOSED}, [&]() -> int32_t {
    tcp_pcb* pcb = Living(*connection);
    if (pcb == nullptr) return Ended(*connection);
    if (connection->is_listener) return CloseListener(*connection);
    tcp_abort(pcb);
    connection->pcb = nullptr;  // lwIP calls no error callback in TIME-WAIT
    connection->received.clear();
    connection->read = 0;
    connection->closed_by_user = true;
    return 0;
  });
  stack->user_call = false;
  return answer;
}

int32_t State(assay_stack* stack, int32_t handle) {
  if (stack->faulted) return ASSAY_STATE_UNKNOWN;
  Connection* connection = Find(*stack, handle);
  if (connection == nullptr) return ASSAY_STATE_UNKNOWN;
  const tcp_pcb* pcb = Living(*connection);
  if (pcb == nullptr) return ASSAY_STATE_CLOSED;
  // lwIP numbers the states in the order of the RFC's figure.
  static_assert(static_cast<int>(CLOSED) == ASSAY_STATE_CLOSED &&
                static_cast<int>(LISTEN) == ASSAY_STATE_LISTEN &&
                static_cast<int>(SYN_RCVD) == ASSAY_STATE_SYN_RECEIVED &&
                static_cast<int>(FIN_WAIT_2) == ASSAY_STATE_FIN_WAIT_2 &&
                static_cast<int>(CLOSING) == ASSAY_STATE_CLOSING &&
                static_cast<int>(TIME_WAIT) == ASSAY_STATE_TIME_WAIT);
  return static_cast<int32_t>(pcb->state);
}

int32_t Error(assay_stack* stack, int32_t handle) {
  const Connection* connection = Find(*stack, handle);
  return connection == nullptr ? ASSAY_CLOSED : connection->error;
}

int32_t SetOption(assay_stack* stack, int32_t handle, int32_t option, int64_t value) {
  if (stack->faulted) return ASSAY_CLOSED;
  Connection* connection = Find(*stack, handle);
  tcp_pcb* pcb = connection != nullptr ? Living(*connection) : nullptr;
  if (pcb == nullptr || connection->is_listener) return ASSAY_CLOSED;
  switch (option) {
    case ASSAY_OPT_NODELAY:
      if (value != 0) {
        tcp_nagle_disable(pcb);
      } else {
        tcp_nagle_enable(pcb);
      }
      return 0;
    case ASSAY_OPT_KEEPALIVE:
      if (value != 0) {
        ip_set_option(pcb, SOF_KEEPALIVE);
      } else {
        ip_reset_option(pcb, SOF_KEEPALIVE);
      }
      return 0;
    default:
      return ASSAY_UNSUPPORTED;
  }
}

const char* LastFault(assay_stack* stack) { return stack->faulted ? stack->fault : nullptr; }

}  // namespace

namespace assay::lwip {

uint32_t ClockMs() { return static_cast<uint32_t>(the_stack.now_ns / kNsPerMs); }

uint32_t NextRandom() { return static_cast<uint32_t>(the_stack.random.Next() >> 32); }

// A clock of 4 us plus a keyed hash of the connection (RFC 6528, 3), but for the first one where
// the tester has said what it wants.
uint32_t NextIss(const ip_addr_t& local, uint16_t local_port, const ip_addr_t& remote,
                 uint16_t remote_port) {
  assay_stack& stack = the_stack;
  uint32_t iss = stack.config.iss;
  if (stack.config.use_iss == 0 || stack.iss_given) {
    std::array<std::byte, 36> key{};
    size_t at = 0;
    for (const ip_addr_t* address : {&local, &remote}) {
      if (IP_IS_V4(address)) {
        std::memcpy(&key[at], &ip_2_ip4(address)->addr, 4);
      } else {
#if LWIP_IPV6
        std::memcpy(&key[at], ip_2_ip6(address)->addr, 16);
#endif
      }
      at += 16;
    }
    std::memcpy(&key[32], &local_port, 2);
    std::memcpy(&key[34], &remote_port, 2);
    const uint64_t hash = SipHash24({stack.config.seed, 0x6c77'4950}, key);
    iss = static_cast<uint32_t>(hash) + static_cast<uint32_t>(stack.now_ns / 4'000);
  }
  stack.iss_given = true;
  return stack.connecting ? iss + 1 : iss;
}

void AssertionFailed(const char* what, const char* file, int line) {
  assay_stack& stack = the_stack;
  const char* slash = std::strrchr(file, '/');
  std::snprintf(stack.fault, sizeof stack.fault, "assertion failed: %s (%s:%d)", what,
                slash != nullptr ? slash + 1 : file, line);
  for (char& c : stack.fault) {
    if (c == '\n') c = ' ';
  }
  stack.faulted = true;
  std::longjmp(stack.escape, 1);
}

}  // namespace assay::lwip

const assay_shim* assay_lwip_shim(void) {
  static const assay_shim shim = {
      .abi_version = ASSAY_SHIM_ABI_VERSION,
      .struct_size = sizeof(assay_shim),
      .name = "lwip",
      .version = LWIP_VERSION_STRING,
      .caps = Caps,
      .open = Open,
      .close = Close,
      .reset = Reset,
      .deliver = Deliver,
      .poll = Poll,
      .now = Now,
      .advance = Advance,
      .listen = Listen,
      .connect = Connect,
      .accept = Accept,
      .send = Send,
      .recv = Recv,
      .shutdown_wr = ShutdownWr,
      .close_handle = CloseHandle,
      .abort = Abort,
      .next_timer = NextTimer,
      .state = State,
      .error = Error,
      .setopt = SetOption,
      .last_fault = LastFault,
  };
  return &shim;
}
