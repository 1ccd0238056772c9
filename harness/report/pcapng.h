// A trace as a pcapng capture for Wireshark: packets as they were, with their times, directions and
// comments (draft-ietf-opsawg-pcapng).
//
// User calls and steps of time have no place in a capture and are left out; a violation found at
// one of them is told with the packet before it. Captures are little-endian whatever the machine,
// so that the same trace gives the same octets everywhere.

#ifndef ASSAY_HARNESS_REPORT_PCAPNG_H_
#define ASSAY_HARNESS_REPORT_PCAPNG_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "harness/observer/trace.h"
#include "harness/report/results.h"

namespace assay::report {

struct PcapngOptions {
  // Names of the addresses at both ends, as Wireshark shows them.
  std::string tester_name = "tester";
  std::string stack_name = "stack";
  // What the run was: a comment of the whole capture; empty for none.
  std::string comment = "";
  std::span<const Violation> violations = {};
};

// Directions are those of the stack's interface: a packet to the stack is inbound. Instant 0 is
// 1970-01-01.
std::vector<std::byte> PcapngOf(const observer::Trace& trace, const PcapngOptions& options);

absl::Status WritePcapng(const std::string& path, const observer::Trace& trace,
                         const PcapngOptions& options);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_PCAPNG_H_
