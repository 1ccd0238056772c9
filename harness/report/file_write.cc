#include "harness/report/file_write.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace assay::report {
namespace {

// Closes on every way out.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }
  // What close() says counts: a full disk may show itself only there.
  bool Close() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

absl::Status Failure(int error, const char* deed, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat(deed, " ", path));
}

bool WriteAll(int descriptor, std::span<const std::byte> content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) content = content.subspan(static_cast<size_t>(written));
  }
  return true;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, std::span<const std::byte> content) {
  // A name of its own for each writer; with O_EXCL nobody's file is written over.
  std::string aside;
  int descriptor = -1;
  for (int attempt = 0; descriptor < 0; ++attempt) {
    aside = absl::StrCat(path, ".", getpid(), ".", attempt, ".part");
    descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != EEXIST) return Failure(errno, "cannot create", aside);
  }
  File file(descriptor);
  const bool stored = WriteAll(file.get(), content) && fsync(file.get()) == 0 && file.Close() &&
                      std::rename(aside.c_str(), path.c_str()) == 0;
  if (!stored) {
    const int error = errno;
    unlink(aside.c_str());
    return Failure(error, "cannot write", path);
  }
  // Without this the new name itself may be lost.
  const std::string folder = FolderOf(path);
  File directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return Failure(errno, "cannot sync", folder);
  }
  return absl::OkStatus();
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view content) {
  return WriteFileAtomically(path, std::as_bytes(std::span(content)));
}

}  // namespace assay::report
