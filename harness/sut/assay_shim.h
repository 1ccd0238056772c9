/* assay_shim.h: the C interface between Assay and a TCP stack under test.
 *
 * A stack in any language fits: fill in one `struct assay_shim` of function pointers and return it
 * from `assay_shim_get`. Everything goes through it: whole IP packets in and out, user calls of
 * RFC 9293, 3.9.1, and time. A shim translates; it never changes what its stack does.
 *
 * Rules, for every function:
 *  1. It has run the stack to quiescence when it returns: what the stack sends because of a packet
 * or a call can be polled at once.
 *  2. It never blocks. A call that would wait answers ASSAY_AGAIN.
 *  3. Time stands still except inside `advance`. (A stack with a real clock says so by not setting
 *     ASSAY_CAP_VIRTUAL_TIME; `advance` then sleeps.)
 *  4. All memory passed in stays the caller's and is read or written only during the call.
 *  5. The same calls after the same `reset` give the same packets, octet for octet, if
 *     ASSAY_CAP_EXACT_RESET is set.
 *
 * Sizes are octets, times nanoseconds, ports in host order, addresses in network order. This header
 * is C11 and C++. It stands alone: copy it into your tree.
 */

#ifndef ASSAY_SHIM_H_
#define ASSAY_SHIM_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct or the meaning of a call changes. A library with another number is
 * refused. */
#define ASSAY_SHIM_ABI_VERSION 1u

/* What a stack and its shim can do: a bit set. */
enum {
  ASSAY_CAP_VIRTUAL_TIME = 1u << 0, /* time moves only by `advance` */
  ASSAY_CAP_SYNC_OUTPUT = 1u << 1,  /* rule 1 holds exactly: an empty poll proves silence */
  ASSAY_CAP_LISTEN = 1u << 2,
  ASSAY_CAP_CONNECT = 1u << 3,
  ASSAY_CAP_HALF_CLOSE = 1u << 4, /* shutdown_wr leaves receiving intact */
  ASSAY_CAP_ABORT = 1u << 5,
  ASSAY_CAP_STATE = 1u << 6,       /* `state` tells the state of a live handle */
  ASSAY_CAP_EXACT_RESET = 1u << 7, /* `reset` leaves no trace of what was before */
  ASSAY_CAP_SEED_ISS = 1u << 8,    /* initial sequence numbers follow config.iss and the seed */
  ASSAY_CAP_NEXT_TIMER = 1u << 9,
  ASSAY_CAP_RECV_PAUSE = 1u << 10, /* data not read closes the window */
  ASSAY_CAP_IPV4 = 1u << 11,
  ASSAY_CAP_IPV6 = 1u << 12,
  ASSAY_CAP_URGENT = 1u << 13,       /* ASSAY_SEND_URGENT works, data is received in line */
  ASSAY_CAP_WINDOW_SCALE = 1u << 14, /* can be asked for in config.features */
  ASSAY_CAP_SACK = 1u << 15,
  ASSAY_CAP_TIMESTAMPS = 1u << 16,
  ASSAY_CAP_NODELAY = 1u << 17, /* ASSAY_OPT_NODELAY works */
  ASSAY_CAP_PUSH = 1u << 18,    /* SEND has a PUSH flag; without it every send is pushed */
  /* The congestion control of RFC 5681 (with 6582, 6675, 3465) and no other, which takes nothing
   * back of what it did at a loss: its window is judged. */
  ASSAY_CAP_STANDARD_CONGESTION = 1u << 19
};

struct assay_caps {
  uint32_t bits;            /* ASSAY_CAP_... */
  uint32_t receive_buffer;  /* octets that a connection can hold for its reader */
  uint32_t send_buffer;     /* octets that `send` takes before it answers ASSAY_AGAIN */
  uint32_t mss_floor;       /* an MSS option below it is treated as this; 0 if there is none */
  uint32_t max_connections; /* at one time */
  uint32_t reserved;
  int64_t timer_quantum_ns;   /* timers fire at multiples of it; 0 if exact */
  int64_t two_msl_ns;         /* length of TIME-WAIT */
  int64_t delayed_ack_max_ns; /* the longest that an ACK is held */
  int64_t rto_min_ns;         /* floor of the retransmission time-out */
};

/* Addresses: the first 4 or all 16 octets, by `family`. */
struct assay_address {
  uint32_t family; /* 4 or 6 */
  uint8_t octets[16];
};

enum { ASSAY_FEATURE_WINDOW_SCALE = 1u, ASSAY_FEATURE_SACK = 2u, ASSAY_FEATURE_TIMESTAMPS = 4u };

/* How a stack begins, at `open` and again at each `reset`. */
struct assay_config {
  struct assay_address stack;  /* the stack's own address */
  struct assay_address tester; /* the one neighbour; everything is routed to it */
  uint32_t mtu;                /* of the link between them */
  uint32_t features;           /* ASSAY_FEATURE_... to turn on, where there is a choice */
  uint32_t iss;                /* the first ISS, with ASSAY_CAP_SEED_ISS and use_iss */
  uint32_t use_iss;            /* 0: the stack chooses its ISNs, from the seed */
  uint64_t seed;               /* of all randomness in the stack */
};

/* Answers of user calls; anything below zero. Positive numbers and zero are successes. */
enum {
  ASSAY_AGAIN = -1,        /* nothing to do now: no data yet, no room, nobody to accept */
  ASSAY_RESET = -2,        /* a RST ended the connection */
  ASSAY_REFUSED = -3,      /* a RST answered the SYN */
  ASSAY_TIMED_OUT = -4,    /* the stack gave up */
  ASSAY_CLOSED = -5,       /* the connection is closing, gone, or never was: local misuse */
  ASSAY_IN_USE = -6,       /* the port or the connection exists already */
  ASSAY_NO_RESOURCES = -7, /* the stack has no room for it */
  ASSAY_INVALID = -8,      /* an argument that the stack refuses */
  ASSAY_UNREACHABLE = -9,  /* ICMP said so */
  ASSAY_UNSUPPORTED = -10  /* this stack cannot do that at all */
};

/* The states of RFC 9293, 3.3.2, in the order of the figure. */
enum {
  ASSAY_STATE_UNKNOWN = -1,
  ASSAY_STATE_CLOSED = 0,
  ASSAY_STATE_LISTEN = 1,
  ASSAY_STATE_SYN_SENT = 2,
  ASSAY_STATE_SYN_RECEIVED = 3,
  ASSAY_STATE_ESTABLISHED = 4,
  ASSAY_STATE_FIN_WAIT_1 = 5,
  ASSAY_STATE_FIN_WAIT_2 = 6,
  ASSAY_STATE_CLOSE_WAIT = 7,
  ASSAY_STATE_CLOSING = 8,
  ASSAY_STATE_LAST_ACK = 9,
  ASSAY_STATE_TIME_WAIT = 10
};

enum { ASSAY_SEND_PUSH = 1, ASSAY_SEND_URGENT = 2 };
enum { ASSAY_OPT_NODELAY = 1, ASSAY_OPT_KEEPALIVE = 2, ASSAY_OPT_USER_TIMEOUT_MS = 3 };
enum { ASSAY_ADVANCE_STOP_AT_OUTPUT = 1 };

/* Where an accepted connection comes from. */
struct assay_peer {
  struct assay_address address;
  uint16_t port;
};

typedef struct assay_stack assay_stack; /* the shim's own; Assay only hands it back */

struct assay_shim {
  uint32_t abi_version; /* ASSAY_SHIM_ABI_VERSION */
  uint32_t struct_size; /* sizeof(struct assay_shim) */
  const char* name;     /* "lwip" */
  const char* version;  /* "2.1.3" */

  /* --- required --- */
  void (*caps)(struct assay_caps* out);
  /* A fresh stack, or NULL. At most one is open at a time unless the shim allows more. */
  assay_stack* (*open)(const struct assay_config* config);
  void (*close)(assay_stack* stack);
  /* The stack as `open` would make it, time back at 0. Returns 0, or ASSAY_UNSUPPORTED if the
   * configuration can only be had by opening anew. */
  int32_t (*reset)(assay_stack* stack, const struct assay_config* config);

  /* An IP packet for the stack. */
  void (*deliver)(assay_stack* stack, const uint8_t* packet, size_t size);
  /* The next IP packet that the stack sent: its size, or 0 if there is none. One larger than
   * `capacity` is dropped and answered with ASSAY_INVALID. */
  int64_t (*poll)(assay_stack* stack, uint8_t* packet, size_t capacity);
  int64_t (*now)(assay_stack* stack);
  /* Moves time on by `duration`, firing timers in their order; with ASSAY_ADVANCE_STOP_AT_OUTPUT
   * only until something can be polled. Returns the time that passed. */
  int64_t (*advance)(assay_stack* stack, int64_t duration, uint32_t flags);

  /* A handle (0 or above), or an error. Handles are not given out twice within one `reset`. */
  int32_t (*listen)(assay_stack* stack, uint16_t port, uint32_t backlog);
  /* An active OPEN to the tester's address; local_port 0 lets the stack choose. */
  int32_t (*connect)(assay_stack* stack, uint16_t local_port, uint16_t remote_port);
  /* An established connection of a listener, and where it comes from; or ASSAY_AGAIN. */
  int32_t (*accept)(assay_stack* stack, int32_t listener, struct assay_peer* from);
  /* How many octets were taken. `flags`: ASSAY_SEND_.... */
  int64_t (*send)(assay_stack* stack, int32_t handle, const uint8_t* data, size_t size,
                  uint32_t flags);
  /* How many octets were read; 0 is the end of the stream. */
  int64_t (*recv)(assay_stack* stack, int32_t handle, uint8_t* data, size_t capacity);
  /* CLOSE in the RFC's sense: no more will be sent, receiving goes on. */
  int32_t (*shutdown_wr)(assay_stack* stack, int32_t handle);
  /* The application is done with the handle, as close(2). It may still be asked for its state. */
  int32_t (*close_handle)(assay_stack* stack, int32_t handle);
  int32_t (*abort)(assay_stack* stack, int32_t handle);

  /* --- optional: may be NULL --- */
  /* When the next timer fires, as an absolute time; -1 if none is running. */
  int64_t (*next_timer)(assay_stack* stack);
  int32_t (*state)(assay_stack* stack, int32_t handle); /* ASSAY_STATE_... */
  int32_t (*error)(assay_stack* stack, int32_t handle); /* 0, or why the connection ended */
  int32_t (*setopt)(assay_stack* stack, int32_t handle, int32_t option, int64_t value);
  /* What went wrong inside the stack (an assertion's words), or NULL. Cleared by `reset`. */
  const char* (*last_fault)(assay_stack* stack);
};

/* The one symbol that a shim library exports. `abi_version` is the harness's; a shim that cannot
 * serve it returns NULL. */
const struct assay_shim* assay_shim_get(uint32_t abi_version);

#ifdef __cplusplus
}
#endif

#endif /* ASSAY_SHIM_H_ */
