// Sandbox: a network namespace of its own with one link in it, held by file descriptors alone.
//
// A child process makes the namespace (in a user namespace where it may not otherwise), sets it up,
// opens in it every socket that a run may want, into our table of descriptors, and ends. From then
// on nothing but the descriptors keeps the namespace: once they are closed, by whatever ends their
// process, the kernel takes it down. This process stays where it is, in the machine's own
// namespace, and needs no privilege for what it does with the descriptors.

#ifndef ASSAY_HARNESS_ADAPTERS_LINUX_SANDBOX_H_
#define ASSAY_HARNESS_ADAPTERS_LINUX_SANDBOX_H_

#include <netpacket/packet.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/adapters/linux/file_descriptor.h"
#include "harness/sut/stack_under_test.h"

namespace assay::adapters {

// How packets reach the kernel.
enum class Wire : uint8_t {
  kTun,   // a TUN device: whoever may open /dev/net/tun
  kVeth,  // a pair of Ethernet devices and a packet socket: any user who may have a user namespace
};

struct Sandbox {
  Wire wire = Wire::kTun;
  uint64_t name = 0;  // of the namespace: the inode in /proc/PID/ns/net
  // Packets for the stack are written to it.
  FileDescriptor in;
  // Packets that leave the stack are read from it, each with the kernel's time of its sending.
  FileDescriptor out;
  // kVeth: where `in` sends to.
  sockaddr_ll stack = {};
  // Not yet bound; of the family of the configuration, and non-blocking.
  std::vector<FileDescriptor> sockets;
};

// A sandbox with the stack's address and the features as configured. An error says what failed, and
// the system's words for it.
absl::StatusOr<Sandbox> MakeSandbox(const sut::Config& config, Wire wire);

// kTun where there is one to be had, else kVeth; an error if neither is.
absl::StatusOr<Wire> FindWire();

}  // namespace assay::adapters

#endif  // ASSAY_HARNESS_ADAPTERS_LINUX_SANDBOX_H_
