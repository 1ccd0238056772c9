#include "harness/adapters/linux/linux_stack.h"

#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/adapters/linux/sandbox.h"
#include "harness/cases/case.h"
#include "harness/driver/session.h"
#include "stack/wire/packet.h"

namespace assay::adapters {
namespace {

namespace fs = std::filesystem;
using sut::CallError;
using ::testing::HasSubstr;

// --- what the stack does, over both families and by both wires ---

class LinuxStack : public ::testing::TestWithParam<std::tuple<Wire, wire::IpFamily>> {
 protected:
  void SetUp() override {
    if (v6()) sut::UseIpv6(config_);
    const absl::StatusOr<Sandbox> sandbox = MakeSandbox(config_, by());
    if (!sandbox.ok()) GTEST_SKIP() << sandbox.status().message();
    stack_ = MakeLinuxStack(by());
    ASSERT_TRUE(stack_->Reset(config_));
  }

  static Wire by() { return std::get<0>(GetParam()); }
  static bool v6() { return std::get<1>(GetParam()) == wire::IpFamily::kIpv6; }

  // Of a case of the catalogue; a run in which the machine stalled is repeated.
  cases::CaseRun Run(std::string_view name) {
    observer::Profile profile;
    profile.tick = stack_->capabilities().timer_quantum;
    driver::Session session(*stack_, profile);
    cases::CaseRun run;
    for (int i = 0; i < 10; ++i) {
      run = cases::RunCase(*cases::FindCase(name), v6(), session);
      if (session.longest_stall() < Duration::Milliseconds(5)) break;
    }
    return run;
  }

  void Deliver(uint8_t control, uint32_t seq, uint32_t ack, uint16_t port) {
    const wire::Header header{.source_port = 40'000,
                              .destination_port = port,
                              .seq = seq,
                              .ack = ack,
                              .control = control,
                              .window = 8192};
    stack_->Deliver(wire::EncodeTcpPacket(config_.tester, config_.stack, header, {}, {}, room_));
  }
  // The next header that the stack sends, waiting for it at most so long.
  std::optional<wire::Header> Hear(Duration at_most = Duration()) {
    wire::Octets packet = stack_->Poll(room_);
    if (packet.empty() && at_most > Duration()) {
      stack_->Advance(at_most, true);
      packet = stack_->Poll(room_);
    }
    if (packet.empty()) return std::nullopt;
    return wire::DecodeHeader(wire::DecodePacket(packet).payload);
  }

  sut::Config config_;
  std::unique_ptr<sut::StackUnderTest> stack_;
  std::vector<std::byte> room_ = std::vector<std::byte>(65536);
};

INSTANTIATE_TEST_SUITE_P(, LinuxStack,
                         ::testing::Combine(::testing::Values(Wire::kTun, Wire::kVeth),
                                            ::testing::Values(wire::IpFamily::kIpv4,
                                                              wire::IpFamily::kIpv6)),
                         [](const auto& param) {
                           const bool tun = std::get<0>(param.param) == Wire::kTun;
                           const bool v4 = std::get<1>(param.param) == wire::IpFamily::kIpv4;
                           return std::string(tun ? "Tun" : "Veth") + (v4 ? "Ipv4" : "Ipv6");
                         });

TEST_P(LinuxStack, OpensEchoesAndCloses) {
  for (const std::string_view name :
       {"classic.peer-closes-first", "classic.stack-closes-first", "RST-01"}) {
    const cases::CaseRun run = Run(name);
    EXPECT_EQ(run.outcome, cases::Outcome::kPassed) << name << ": " << run.failure;
  }
}

TEST_P(LinuxStack, AClosedPortAnswersWithReset) {
  Deliver(wire::kSyn, 1000, 0, 4711);
  const auto answer = Hear(Duration::Seconds(1));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->control, wire::kRst | wire::kAck);
  EXPECT_EQ(answer->ack, 1001u);
}

// The time of a packet is the kernel's, and not that of whoever looks late.
TEST_P(LinuxStack, WhatWasSentWhileNobodyLookedComesAtItsOwnTime) {
  const sut::Opened opened = stack_->Connect(0, 9);
  ASSERT_EQ(opened.error, CallError::kNone);
  ASSERT_TRUE(Hear().has_value());
  usleep(1'500'000);
  EXPECT_FALSE(Hear().has_value());
  EXPECT_EQ(stack_->Now(), Instant());
  const Duration passed = stack_->Advance(Duration(), true);
  EXPECT_GE(passed, Duration::Milliseconds(900));
  EXPECT_LT(passed, Duration::Milliseconds(1'400));
  const auto again = Hear();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->control, wire::kSyn);
  // And then there is the rest of the time to catch up with.
  EXPECT_GT(stack_->Advance(Duration(), true), Duration::Milliseconds(100));
}

TEST_P(LinuxStack, AdvanceWaitsAsLongAsItIsTold) {
  EXPECT_EQ(stack_->Advance(Duration::Milliseconds(30), true), Duration::Milliseconds(30));
  EXPECT_EQ(stack_->Now(), Instant() + Duration::Milliseconds(30));
}

TEST_P(LinuxStack, TellsItsStateAndItsErrors) {
  const sut::Opened opened = stack_->Connect(4'000, 9);
  ASSERT_EQ(opened.error, CallError::kNone);
  EXPECT_EQ(stack_->State(opened.handle).state, spec::State::kSynSent);
  const auto syn = Hear();
  ASSERT_TRUE(syn.has_value());
  EXPECT_EQ(syn->source_port, 4'000);
  const wire::Header refusal{.source_port = 9,
                             .destination_port = 4'000,
                             .seq = 0,
                             .ack = syn->seq + 1,
                             .control = wire::kRst | wire::kAck};
  stack_->Deliver(wire::EncodeTcpPacket(config_.tester, config_.stack, refusal, {}, {}, room_));
  EXPECT_EQ(stack_->Recv(opened.handle, room_).error, CallError::kRefused);
  EXPECT_EQ(stack_->Error(opened.handle), CallError::kRefused);
  EXPECT_EQ(stack_->State(opened.handle).state, spec::State::kClosed);
  EXPECT_FALSE(stack_->State(opened.handle + 1).known);
}

TEST_P(LinuxStack, AResetForgetsEverything) {
  ASSERT_EQ(stack_->Listen(7, 8).error, CallError::kNone);
  EXPECT_EQ(stack_->Listen(7, 8).error, CallError::kInUse);
  ASSERT_TRUE(stack_->Reset(config_));
  EXPECT_EQ(stack_->Now(), Instant());
  EXPECT_EQ(stack_->Listen(7, 8).error, CallError::kNone);
}

// --- what it leaves behind ---

std::set<std::string> Interfaces() {
  std::set<std::string> names;
  struct if_nameindex* all = if_nameindex();
  for (struct if_nameindex* each = all; each != nullptr && each->if_index != 0; ++each) {
    names.insert(each->if_name);
  }
  if_freenameindex(all);
  return names;
}

size_t Descriptors() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// The processes in a network namespace, by its inode.
std::vector<std::string> ProcessesIn(uint64_t name) {
  std::vector<std::string> found;
  std::error_code error;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc", error)) {
    const fs::path link = fs::read_symlink(process.path() / "ns/net", error);
    if (!error && link.string() == "net:[" + std::to_string(name) + "]") {
      found.push_back(process.path());
    }
  }
  return found;
}

bool HasChildren() { return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

class Leftovers : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<Wire> found = FindWire();
    if (!found.ok()) GTEST_SKIP() << found.status().message();
    wire_ = *found;
  }
  Wire wire_ = Wire::kTun;
};

TEST_F(Leftovers, NoneWhileItLivesAndNoneAfterwards) {
  const auto own = fs::read_symlink("/proc/thread-self/ns/net");
  const std::set<std::string> interfaces = Interfaces();
  const size_t descriptors = Descriptors();
  uint64_t name = 0;
  {
    const absl::StatusOr<Sandbox> sandbox = MakeSandbox({}, wire_);
    ASSERT_TRUE(sandbox.ok()) << sandbox.status();
    name = sandbox->name;
    EXPECT_NE(own.string(), "net:[" + std::to_string(name) + "]");
    EXPECT_EQ(Interfaces(), interfaces);
    EXPECT_EQ(fs::read_symlink("/proc/thread-self/ns/net"), own);
    EXPECT_FALSE(HasChildren());
    EXPECT_THAT(ProcessesIn(name), ::testing::IsEmpty());
  }
  EXPECT_EQ(Descriptors(), descriptors);
  EXPECT_EQ(Interfaces(), interfaces);
}

TEST_F(Leftovers, NoneOfAnAttemptThatFailed) {
  const size_t descriptors = Descriptors();
  sut::Config impossible;
  impossible.mtu = 10;
  const absl::StatusOr<Sandbox> sandbox = MakeSandbox(impossible, wire_);
  EXPECT_EQ(sandbox.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(sandbox.status().message()), HasSubstr("SIOCSIFMTU: Invalid argument"));
  EXPECT_EQ(Descriptors(), descriptors);
  EXPECT_FALSE(HasChildren());
}

// Whatever a killed process leaves becomes this one's child.
TEST_F(Leftovers, NoneOfAProcessThatIsKilled) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  const std::set<std::string> interfaces = Interfaces();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const absl::StatusOr<Sandbox> sandbox = MakeSandbox({}, wire_);
    const uint64_t name = sandbox.ok() ? sandbox->name : 0;
    static_cast<void>(!write(ends[1], &name, sizeof(name)));
    while (true) pause();
  }
  uint64_t name = 0;
  ASSERT_EQ(read(ends[0], &name, sizeof(name)), static_cast<ssize_t>(sizeof(name)));
  EXPECT_NE(name, 0u);
  ASSERT_EQ(kill(holder, SIGKILL), 0);
  ASSERT_EQ(waitpid(holder, nullptr, 0), holder);
  EXPECT_FALSE(HasChildren());
  EXPECT_THAT(ProcessesIn(name), ::testing::IsEmpty());
  EXPECT_EQ(Interfaces(), interfaces);
  close(ends[0]);
  close(ends[1]);
}

// --- where it is not to be had ---

// What a child process answers: its exit code.
template <typename Body>
int InChild(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool WriteFile(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

constexpr int kAsExpected = 0;
constexpr int kNotSo = 1;
constexpr int kCannotTell = 77;

TEST(Unavailable, IsAnErrorWithTheSystemsReason) {
  const std::string map = "0 " + std::to_string(geteuid()) + " 1";
  const int answer = InChild([&] {
    // A user namespace in which no more network namespaces may be made.
    if (unshare(CLONE_NEWUSER) != 0) return kCannotTell;
    if (!WriteFile("/proc/self/uid_map", map)) return kCannotTell;
    if (!WriteFile("/proc/sys/user/max_net_namespaces", "0")) return kCannotTell;
    const absl::StatusOr<Wire> found = FindWire();
    const bool told = !found.ok() && absl::IsUnavailable(found.status()) &&
                      found.status().message().find("unshare: No space left on device") !=
                          absl::string_view::npos;
    return told && !MakeLinuxStack().ok() ? kAsExpected : kNotSo;
  });
  if (answer == kCannotTell) GTEST_SKIP() << "no user namespace to take the right away in";
  EXPECT_EQ(answer, kAsExpected);
}

TEST(Unprivileged, AnyUserHasItByVeth) {
  if (geteuid() != 0) GTEST_SKIP() << "is any user, and the other tests show it";
  const int answer = InChild([] {
    constexpr uid_t kNobody = 65534;
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) return kCannotTell;
    // As a process that was begun by that user is, and one that changed its user is not.
    prctl(PR_SET_DUMPABLE, 1);
    if (unshare(0) != 0 || InChild([] { return unshare(CLONE_NEWUSER | CLONE_NEWNET); }) != 0) {
      return kCannotTell;
    }
    const absl::StatusOr<std::unique_ptr<sut::StackUnderTest>> stack = MakeLinuxStack();
    if (!stack.ok() || !(*stack)->Reset({})) return kNotSo;
    return (*stack)->Listen(7, 8).error == CallError::kNone ? kAsExpected : kNotSo;
  });
  if (answer == kCannotTell) GTEST_SKIP() << "no user namespaces for users without privilege";
  EXPECT_EQ(answer, kAsExpected);
}

}  // namespace
}  // namespace assay::adapters
