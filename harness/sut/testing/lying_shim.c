/* A shim that is whole and answers nonsense. Which lie it tells, the octets of the last delivered
 * packet choose: the function's name, then what it answers. */

#include <stdio.h>
#include <stdlib.h>

#include "harness/sut/testing/echo_shim.h"

static char lie[64];

static void HearLie(assay_stack* stack, const uint8_t* packet, size_t size) {
  (void)stack;
  snprintf(lie, sizeof lie, "%.*s", (int)size, (const char*)packet);
}

/* Whether `function` lies now, and with what. */
static int Lies(const char* function, int64_t* answer) {
  const size_t length = strlen(function);
  if (strncmp(lie, function, length) != 0 || lie[length] != ' ') return 0;
  *answer = strtoll(lie + length, NULL, 10);
  return 1;
}

static int64_t LyingPoll(assay_stack* stack, uint8_t* packet, size_t capacity) {
  int64_t answer;
  return Lies("poll", &answer) ? answer : Poll(stack, packet, capacity);
}

static int64_t LyingNow(assay_stack* stack) {
  int64_t answer;
  return Lies("now", &answer) ? answer : Now(stack);
}

static int64_t LyingAdvance(assay_stack* stack, int64_t duration, uint32_t flags) {
  int64_t answer;
  return Lies("advance", &answer) ? answer : Advance(stack, duration, flags);
}

static int64_t LyingNextTimer(assay_stack* stack) {
  int64_t answer;
  return Lies("next_timer", &answer) ? answer : NextTimer(stack);
}

static int32_t LyingListen(assay_stack* stack, uint16_t port, uint32_t backlog) {
  int64_t answer;
  return Lies("listen", &answer) ? (int32_t)answer : Listen(stack, port, backlog);
}

static int32_t LyingAccept(assay_stack* stack, int32_t listener, struct assay_peer* from) {
  int64_t answer;
  const int32_t handle = Accept(stack, listener, from);
  if (Lies("accept", &answer)) from->address.family = (uint32_t)answer;
  return handle;
}

static int64_t LyingSend(assay_stack* stack, int32_t handle, const uint8_t* data, size_t size,
                         uint32_t flags) {
  int64_t answer;
  return Lies("send", &answer) ? answer : Send(stack, handle, data, size, flags);
}

static int64_t LyingRecv(assay_stack* stack, int32_t handle, uint8_t* data, size_t capacity) {
  int64_t answer;
  return Lies("recv", &answer) ? answer : Recv(stack, handle, data, capacity);
}

static int32_t LyingClose(assay_stack* stack, int32_t handle) {
  int64_t answer;
  return Lies("close_handle", &answer) ? (int32_t)answer : Done(stack, handle);
}

static int32_t LyingState(assay_stack* stack, int32_t handle) {
  int64_t answer;
  return Lies("state", &answer) ? (int32_t)answer : State(stack, handle);
}

const struct assay_shim* assay_shim_get(uint32_t abi_version) {
  static struct assay_shim shim;
  (void)abi_version;
  shim = EchoShim();
  shim.deliver = HearLie;
  shim.poll = LyingPoll;
  shim.now = LyingNow;
  shim.advance = LyingAdvance;
  shim.next_timer = LyingNextTimer;
  shim.listen = LyingListen;
  shim.accept = LyingAccept;
  shim.send = LyingSend;
  shim.recv = LyingRecv;
  shim.close_handle = LyingClose;
  shim.state = LyingState;
  return &shim;
}
