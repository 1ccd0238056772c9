// lwIP as Assay builds it from source: no threads, TCP over IPv4 and IPv6, all memory static.
//
// Nothing here alters the protocol: where an option has a default that TCP's behaviour hangs on,
// the default stays. Memory is sized so that one tester cannot run the stack out of it by accident.

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_LWIPOPTS_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_LWIPOPTS_H_

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_TCP 1
#define LWIP_ICMP 1
#define LWIP_ICMP6 1
#define LWIP_UDP 0
#define LWIP_RAW 0
#define LWIP_DHCP 0
#define LWIP_DNS 0

// The wire carries IP packets: there is no link below, and nobody to discover.
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_IPV6_MLD 0
#define LWIP_IPV6_AUTOCONFIG 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_SCOPES 0
#define LWIP_ND6_QUEUEING 0
// A timer that ticks every second for reassembly alone would drown TCP's in next_timer.
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_FRAG 0
// Lets the idle timer of neighbour discovery be taken off the list, for the same reason. It changes
// nothing else: lwIP uses it in timeouts.c alone.
#define LWIP_TESTMODE 1

#define TCP_MSS 1460
#define TCP_WND (8 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
#define TCP_QUEUE_OOSEQ 1
#define TCP_LISTEN_BACKLOG 1
#define LWIP_TCP_SACK_OUT 0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_WND_SCALE 0
#define LWIP_HOOK_TCP_ISN AssayLwipIss

// All state lies in lwIP's own .data and .bss, so that copying them back is a reset.
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_ALIGNMENT 8
#define MEM_SIZE (48 * 1024)
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_PCB_LISTEN 8
#define MEMP_NUM_TCP_SEG 128
#define MEMP_NUM_PBUF 16
#define TCP_OVERSIZE 128

// Arriving packets come in blocks of the shim's, each of the packet's very size, so that reading
// beyond a packet is seen. lwIP's own packet pool is idle, which its sanity check cannot know.
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define PBUF_POOL_SIZE 1
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

#define LWIP_STATS 0

#endif  // ASSAY_HARNESS_ADAPTERS_LWIP_SOURCE_PORT_LWIPOPTS_H_
