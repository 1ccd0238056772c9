/* echo_shim.h: the functions of a stack that sends back what it gets; for the tests of the loader.
 *
 * It is no TCP: deliver queues a packet for poll, send queues octets for recv, and a timer every
 * second sends one octet. Written in C, so that the interface is compiled as C somewhere.
 */

#ifndef ASSAY_HARNESS_SUT_TESTING_ECHO_SHIM_H_
#define ASSAY_HARNESS_SUT_TESTING_ECHO_SHIM_H_

#include <string.h>

#include "harness/sut/assay_shim.h"

enum { kSecond = 1000000000, kRoom = 2048 };

struct assay_stack {
  struct assay_config config;
  int64_t now;
  int64_t next;
  int32_t handles;
  uint8_t packet[kRoom];
  size_t packet_size;
  uint8_t data[kRoom];
  size_t data_size;
};

static struct assay_stack the_stack;

static void Caps(struct assay_caps* out) {
  memset(out, 0, sizeof *out);
  out->bits = ASSAY_CAP_VIRTUAL_TIME | ASSAY_CAP_SYNC_OUTPUT | ASSAY_CAP_LISTEN |
              ASSAY_CAP_EXACT_RESET | ASSAY_CAP_NEXT_TIMER | ASSAY_CAP_STATE | ASSAY_CAP_IPV4 |
              ASSAY_CAP_IPV6;
  out->receive_buffer = kRoom;
  out->two_msl_ns = 7;
}

static int32_t Reset(assay_stack* stack, const struct assay_config* config) {
  memset(stack, 0, sizeof *stack);
  stack->config = *config;
  stack->next = kSecond;
  return 0;
}

static assay_stack* Open(const struct assay_config* config) {
  Reset(&the_stack, config);
  return &the_stack;
}

static void Close(assay_stack* stack) { (void)stack; }

static void Deliver(assay_stack* stack, const uint8_t* packet, size_t size) {
  if (size > kRoom) return;
  memcpy(stack->packet, packet, size);
  stack->packet_size = size;
}

static int64_t Poll(assay_stack* stack, uint8_t* packet, size_t capacity) {
  const size_t size = stack->packet_size;
  stack->packet_size = 0;
  if (size > capacity) return ASSAY_INVALID;
  memcpy(packet, stack->packet, size);
  return (int64_t)size;
}

static int64_t Now(assay_stack* stack) { return stack->now; }

static int64_t Advance(assay_stack* stack, int64_t duration, uint32_t flags) {
  const int64_t from = stack->now;
  const int64_t until = from + duration;
  const int stop = (flags & ASSAY_ADVANCE_STOP_AT_OUTPUT) != 0;
  while (stack->next <= until) {
    if (stop && stack->packet_size != 0) return stack->now - from;
    stack->now = stack->next;
    stack->next += kSecond;
    stack->packet[0] = '!';
    stack->packet_size = 1;
  }
  if (!(stop && stack->packet_size != 0)) stack->now = until;
  return stack->now - from;
}

static int32_t Listen(assay_stack* stack, uint16_t port, uint32_t backlog) {
  (void)backlog;
  return port == 1 ? ASSAY_IN_USE : stack->handles++;
}

static int32_t Connect(assay_stack* stack, uint16_t local_port, uint16_t remote_port) {
  (void)local_port;
  (void)remote_port;
  return stack->handles++;
}

static int32_t Accept(assay_stack* stack, int32_t listener, struct assay_peer* from) {
  (void)listener;
  from->address = stack->config.tester;
  from->port = 4000;
  return stack->handles++;
}

static int64_t Send(assay_stack* stack, int32_t handle, const uint8_t* data, size_t size,
                    uint32_t flags) {
  (void)handle;
  (void)flags;
  const size_t taken = size < kRoom - stack->data_size ? size : kRoom - stack->data_size;
  if (taken == 0) return ASSAY_AGAIN;
  memcpy(stack->data + stack->data_size, data, taken);
  stack->data_size += taken;
  return (int64_t)taken;
}

static int64_t Recv(assay_stack* stack, int32_t handle, uint8_t* data, size_t capacity) {
  (void)handle;
  const size_t size = stack->data_size < capacity ? stack->data_size : capacity;
  if (size == 0) return ASSAY_AGAIN;
  memcpy(data, stack->data, size);
  memmove(stack->data, stack->data + size, stack->data_size - size);
  stack->data_size -= size;
  return (int64_t)size;
}

static int32_t Done(assay_stack* stack, int32_t handle) {
  (void)stack;
  return handle == 0 ? ASSAY_CLOSED : 0;
}

static int64_t NextTimer(assay_stack* stack) { return stack->next; }

static int32_t State(assay_stack* stack, int32_t handle) {
  (void)stack;
  return handle == 0 ? ASSAY_STATE_UNKNOWN : ASSAY_STATE_TIME_WAIT;
}

static struct assay_shim EchoShim(void) {
  const struct assay_shim shim = {
      .abi_version = ASSAY_SHIM_ABI_VERSION,
      .struct_size = sizeof(struct assay_shim),
      .name = "echo",
      .version = "1",
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
      .shutdown_wr = Done,
      .close_handle = Done,
      .abort = Done,
      .next_timer = NextTimer,
      .state = State,
  };
  return shim;
}

#endif /* ASSAY_HARNESS_SUT_TESTING_ECHO_SHIM_H_ */
