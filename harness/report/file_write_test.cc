#include "harness/report/file_write.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assay::report {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileWrite : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("assay_file_write_" +
               std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  size_t Files() {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(FileWrite, StoresTheContentAndNothingBesideIt) {
  const fs::path path = folder_ / "out.xml";
  const std::string content("a\0b\xff\n", 5);
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  EXPECT_EQ(Read(path), content);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(FileWrite, ReplacesWhatWasThere) {
  const fs::path path = folder_ / "out.xml";
  ASSERT_TRUE(WriteFileAtomically(path, "a longer text than the next").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "").ok());
  EXPECT_EQ(Read(path), "");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(FileWrite, StoresMoreThanOneWriteTakes) {
  const std::string content(10'000'000, 'x');
  ASSERT_TRUE(WriteFileAtomically(folder_ / "large", content).ok());
  EXPECT_EQ(fs::file_size(folder_ / "large"), content.size());
}

TEST_F(FileWrite, SaysWhichFileAndWhy) {
  const fs::path path = folder_ / "missing" / "out.xml";
  const absl::Status status = WriteFileAtomically(path, "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("missing/out.xml"));
}

TEST_F(FileWrite, LeavesNothingBehindWhenTheNameCannotBeTaken) {
  const fs::path path = folder_ / "taken";
  fs::create_directories(path / "by a folder");
  EXPECT_FALSE(WriteFileAtomically(path, "x").ok());
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_EQ(Files(), 1u);
}

TEST_F(FileWrite, LeavesTheFilesOfOtherWritersAlone) {
  const fs::path path = folder_ / "out";
  const fs::path other = folder_ / ("out." + std::to_string(getpid()) + ".0.part");
  std::ofstream(other) << "theirs";
  ASSERT_TRUE(WriteFileAtomically(path, "ours").ok());
  EXPECT_EQ(Read(path), "ours");
  EXPECT_EQ(Read(other), "theirs");
}

}  // namespace
}  // namespace assay::report
