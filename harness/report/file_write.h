// A file is there whole or not at all.
//
// It writes one file of known content; folders are the caller's. After a crash of the machine
// either the old content or the new stands under the name.

#ifndef ASSAY_HARNESS_REPORT_FILE_WRITE_H_
#define ASSAY_HARNESS_REPORT_FILE_WRITE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace assay::report {

// Written aside, synced, renamed over `path`, and the folder synced. On failure nothing is left
// behind and `path` is as it was; the message names the path and what the system said.
absl::Status WriteFileAtomically(const std::string& path, std::span<const std::byte> content);
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_FILE_WRITE_H_
