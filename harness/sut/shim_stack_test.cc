#include "harness/sut/shim_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace assay::sut {
namespace {

const std::string kFolder = ASSAY_TEST_SHIMS;

wire::Octets AsOctets(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string AsText(wire::Octets octets) {
  return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
}

std::string Refusal(const std::string& path) {
  const auto loaded = LoadShim(path);
  return loaded.ok() ? "loaded" : std::string(loaded.status().message());
}

TEST(LoadShim, RefusesAFileThatIsNotThere) {
  const std::string path = kFolder + "absent.so";
  EXPECT_EQ(Refusal(path), "cannot load the shim: " + path +
                               ": cannot open shared object file: No such file or directory");
  EXPECT_EQ(Refusal("absent.so"),
            "cannot load the shim: ./absent.so: cannot open shared object file: No such file or "
            "directory");
}

TEST(LoadShim, RefusesAFileThatIsNoLibrary) {
  EXPECT_THAT(Refusal(kFolder + "cmake_install.cmake"),
              ::testing::StartsWith("cannot load the shim: "));
}

TEST(LoadShim, RefusesALibraryWithoutTheSymbol) {
  const std::string path = kFolder + "no_symbol_shim.so";
  EXPECT_EQ(Refusal(path), path + ": no symbol assay_shim_get, so this is no shim");
}

TEST(LoadShim, RefusesAShimThatServesNoSuchVersion) {
  const std::string path = kFolder + "null_shim.so";
  EXPECT_EQ(Refusal(path), path + ": assay_shim_get answered NULL for ABI version 1");
}

TEST(LoadShim, RefusesAnotherVersion) {
  const std::string path = kFolder + "abi_99_shim.so";
  EXPECT_EQ(Refusal(path), path + ": the shim has ABI version 99; this program wants 1");
}

TEST(LoadShim, RefusesAShimThatLacksAFunctionByItsName) {
  const std::string path = kFolder + "no_deliver_shim.so";
  EXPECT_EQ(Refusal(path), path + ": the required function deliver is missing");
}

// The good shim's own table, to take things out of.
class BrokenShim : public ::testing::Test {
 protected:
  void SetUp() override {
    shim_.abi_version = ASSAY_SHIM_ABI_VERSION;
    shim_.struct_size = sizeof(assay_shim);
    shim_.name = "broken";
    shim_.caps = [](assay_caps* out) { *out = caps_; };
    shim_.open = [](const assay_config*) -> assay_stack* { return nullptr; };
    shim_.close = [](assay_stack*) {};
    shim_.reset = [](assay_stack*, const assay_config*) -> int32_t { return 0; };
    shim_.deliver = [](assay_stack*, const uint8_t*, size_t) {};
    shim_.poll = [](assay_stack*, uint8_t*, size_t) -> int64_t { return 0; };
    shim_.now = [](assay_stack*) -> int64_t { return 0; };
    shim_.advance = [](assay_stack*, int64_t, uint32_t) -> int64_t { return 0; };
    shim_.listen = [](assay_stack*, uint16_t, uint32_t) -> int32_t { return 0; };
    shim_.connect = [](assay_stack*, uint16_t, uint16_t) -> int32_t { return 0; };
    shim_.accept = [](assay_stack*, int32_t, assay_peer*) -> int32_t { return 0; };
    shim_.send = [](assay_stack*, int32_t, const uint8_t*, size_t, uint32_t) -> int64_t {
      return 0;
    };
    shim_.recv = [](assay_stack*, int32_t, uint8_t*, size_t) -> int64_t { return 0; };
    shim_.shutdown_wr = [](assay_stack*, int32_t) -> int32_t { return 0; };
    shim_.close_handle = [](assay_stack*, int32_t) -> int32_t { return 0; };
    shim_.abort = [](assay_stack*, int32_t) -> int32_t { return 0; };
    caps_ = {};
    caps_.bits = ASSAY_CAP_IPV4;
  }

  std::string Check() { return std::string(CheckShim(&shim_, "x").message()); }
  std::string Open() { return std::string(OpenShim(&shim_, "x").status().message()); }

  assay_shim shim_{};
  static assay_caps caps_;
};

assay_caps BrokenShim::caps_;

TEST_F(BrokenShim, IsWholeBeforeAnythingIsTakenOut) {
  EXPECT_TRUE(CheckShim(&shim_, "x").ok());
  EXPECT_EQ(Open(), "x: open answered NULL");
}

TEST_F(BrokenShim, IsRefusedForEachMissingFunction) {
  const auto without = [this](auto member, const char* name) {
    assay_shim shim = shim_;
    shim.*member = nullptr;
    EXPECT_EQ(CheckShim(&shim, "x").message(),
              std::string("x: the required function ") + name + " is missing");
  };
  without(&assay_shim::caps, "caps");
  without(&assay_shim::open, "open");
  without(&assay_shim::close, "close");
  without(&assay_shim::reset, "reset");
  without(&assay_shim::deliver, "deliver");
  without(&assay_shim::poll, "poll");
  without(&assay_shim::now, "now");
  without(&assay_shim::advance, "advance");
  without(&assay_shim::listen, "listen");
  without(&assay_shim::connect, "connect");
  without(&assay_shim::accept, "accept");
  without(&assay_shim::send, "send");
  without(&assay_shim::recv, "recv");
  without(&assay_shim::shutdown_wr, "shutdown_wr");
  without(&assay_shim::close_handle, "close_handle");
  without(&assay_shim::abort, "abort");
}

TEST_F(BrokenShim, IsRefusedForAnotherStructSize) {
  shim_.struct_size = 8;
  EXPECT_EQ(Check(), "x: struct assay_shim has 8 octets; this program wants " +
                         std::to_string(sizeof(assay_shim)));
}

TEST_F(BrokenShim, IsRefusedWithoutAName) {
  shim_.name = nullptr;
  EXPECT_EQ(Check(), "x: the shim has no name");
  shim_.name = "";
  EXPECT_EQ(Check(), "x: the shim has no name");
}

TEST_F(BrokenShim, IsRefusedForCapabilitiesItCannotHave) {
  caps_.bits = ASSAY_CAP_IPV4 | ASSAY_CAP_STATE;
  EXPECT_EQ(Open(), "x: caps promises ASSAY_CAP_STATE, but the function state is missing");
  caps_.bits = ASSAY_CAP_IPV4 | ASSAY_CAP_NEXT_TIMER;
  EXPECT_EQ(Open(),
            "x: caps promises ASSAY_CAP_NEXT_TIMER, but the function next_timer is missing");
  caps_.bits = 0;
  EXPECT_EQ(Open(), "x: caps promises neither ASSAY_CAP_IPV4 nor ASSAY_CAP_IPV6");
  caps_.bits = ASSAY_CAP_IPV4;
  caps_.two_msl_ns = -5;
  EXPECT_EQ(Open(), "x: caps answered two_msl_ns -5");
}

class LoadedShim : public ::testing::Test {
 protected:
  void Load(const std::string& name) {
    auto loaded = LoadShim(kFolder + name);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    stack_ = *std::move(loaded);
  }

  std::unique_ptr<StackUnderTest> stack_;
  std::array<std::byte, 65536> buffer_;
};

TEST_F(LoadedShim, PassesEveryCallThrough) {
  Load("good_shim.so");
  EXPECT_EQ(stack_->name(), "echo");
  EXPECT_EQ(stack_->version(), "1");
  EXPECT_TRUE(stack_->capabilities().Has(Capability::kListen));
  EXPECT_FALSE(stack_->capabilities().Has(Capability::kUrgent));
  EXPECT_EQ(stack_->capabilities().receive_buffer, 2048u);
  EXPECT_EQ(stack_->capabilities().two_msl, Duration::Nanoseconds(7));

  EXPECT_TRUE(stack_->Poll(buffer_).empty());
  stack_->Deliver(AsOctets("packet"));
  EXPECT_EQ(AsText(stack_->Poll(buffer_)), "packet");
  EXPECT_TRUE(stack_->Poll(buffer_).empty());

  EXPECT_EQ(stack_->NextTimer().ns(), 1'000'000'000);
  EXPECT_EQ(stack_->Advance(Duration::Seconds(9), true), Duration::Seconds(1));
  EXPECT_EQ(stack_->Now().ns(), 1'000'000'000);
  EXPECT_EQ(AsText(stack_->Poll(buffer_)), "!");
  EXPECT_EQ(stack_->Advance(Duration::Milliseconds(5), false), Duration::Milliseconds(5));

  EXPECT_EQ(stack_->Listen(1, 4).error, CallError::kInUse);
  EXPECT_EQ(stack_->Listen(80, 4).handle, 0);
  EXPECT_EQ(stack_->Connect(0, 80).handle, 1);
  const Accepted accepted = stack_->Accept(0);
  EXPECT_EQ(accepted.error, CallError::kNone);
  EXPECT_EQ(accepted.handle, 2);
  EXPECT_EQ(accepted.from, (wire::Endpoint{Config().tester, 4000}));

  EXPECT_EQ(stack_->Send(1, AsOctets("data"), kSendPush).octets, 4u);
  const Transfer got = stack_->Recv(1, buffer_);
  EXPECT_EQ(AsText(wire::Octets(buffer_).first(got.octets)), "data");
  EXPECT_EQ(stack_->Recv(1, buffer_).error, CallError::kAgain);
  EXPECT_EQ(stack_->ShutdownWrite(1), CallError::kNone);
  EXPECT_EQ(stack_->Close(0), CallError::kClosed);
  EXPECT_EQ(stack_->Abort(1), CallError::kNone);

  EXPECT_FALSE(stack_->State(0).known);
  EXPECT_TRUE(stack_->State(1).known);
  EXPECT_EQ(stack_->State(1).state, spec::State::kTimeWait);
  // What the shim leaves out.
  EXPECT_EQ(stack_->Error(1), CallError::kNone);
  EXPECT_EQ(stack_->SetOption(1, Option::kNodelay, 1), CallError::kUnsupported);
  EXPECT_EQ(stack_->LastFault(), "");
}

TEST_F(LoadedShim, BeginsAgainAtReset) {
  Load("good_shim.so");
  stack_->Advance(Duration::Seconds(3), false);
  EXPECT_EQ(stack_->Listen(80, 4).handle, 0);
  Config config;
  UseIpv6(config);
  EXPECT_TRUE(stack_->Reset(config));
  EXPECT_EQ(stack_->Now().ns(), 0);
  EXPECT_EQ(stack_->Listen(80, 4).handle, 0);
  EXPECT_EQ(stack_->Accept(0).from.address, config.tester);
  EXPECT_EQ(stack_->LastFault(), "");
}

TEST_F(LoadedShim, RefusesAConfigurationOfTwoFamilies) {
  Load("good_shim.so");
  Config config;
  UseIpv6(config);
  config.stack = Config().stack;
  EXPECT_FALSE(stack_->Reset(config));
}

class LyingShim : public LoadedShim {
 protected:
  void SetUp() override { Load("lying_shim.so"); }

  void Lie(std::string_view lie) {
    ASSERT_TRUE(stack_->Reset(Config()));
    ASSERT_EQ(stack_->LastFault(), "");
    stack_->Deliver(AsOctets(lie));
  }
  std::string Fault() { return std::string(stack_->LastFault()); }
};

TEST_F(LyingShim, IsFoundOutInPoll) {
  Lie("poll 65537");
  EXPECT_TRUE(stack_->Poll(buffer_).empty());
  EXPECT_EQ(Fault(), "poll answered 65537 for a buffer of 65536 octets");
  Lie("poll -3");
  EXPECT_TRUE(stack_->Poll(buffer_).empty());
  EXPECT_EQ(Fault(), "poll answered -3 for a buffer of 65536 octets");
  Lie("poll -8");
  EXPECT_TRUE(stack_->Poll(buffer_).empty());
  EXPECT_EQ(Fault(), "poll dropped a packet of more than 65536 octets");
}

TEST_F(LyingShim, IsFoundOutInItsClock) {
  Lie("now -1");
  EXPECT_EQ(stack_->Now().ns(), 0);
  EXPECT_EQ(Fault(), "time ran backwards: now answered -1 ns after 0 ns");
  Lie("now 17");
  EXPECT_EQ(stack_->Now().ns(), 17);
  EXPECT_EQ(Fault(), "virtual time moved outside advance: now answered 17 ns after 0 ns");
  Lie("advance 11");
  EXPECT_EQ(stack_->Advance(Duration::Nanoseconds(10), true).ns(), 10);
  EXPECT_EQ(Fault(), "advance by 10 ns answered 11 ns");
  Lie("advance -1");
  EXPECT_EQ(stack_->Advance(Duration::Nanoseconds(10), true).ns(), 0);
  EXPECT_EQ(Fault(), "advance by 10 ns answered -1 ns");
  Lie("advance 9");
  EXPECT_EQ(stack_->Advance(Duration::Nanoseconds(10), false).ns(), 9);
  EXPECT_EQ(Fault(), "advance by 10 ns stopped after 9 ns unasked");
  Lie("next_timer -2");
  EXPECT_EQ(stack_->NextTimer().ns(), 0);
  EXPECT_EQ(Fault(), "next_timer answered -2 ns at 0 ns");
  Lie("next_timer -1");
  EXPECT_EQ(stack_->NextTimer(), kNever);
  EXPECT_EQ(Fault(), "");
}

TEST_F(LyingShim, IsFoundOutInItsHandles) {
  Lie("listen -99");
  const Opened opened = stack_->Listen(80, 4);
  EXPECT_EQ(Name(opened.error), "error -99");
  EXPECT_EQ(opened.handle, kNoHandle);
  EXPECT_EQ(Fault(), "listen answered -99");
  Lie("listen 5");
  EXPECT_EQ(stack_->Listen(80, 4).handle, 5);
  EXPECT_EQ(Fault(), "");
  EXPECT_EQ(stack_->Listen(81, 4).handle, 5);
  EXPECT_EQ(Fault(), "listen gave out handle 5 twice");
}

TEST_F(LyingShim, IsFoundOutInAcceptByTheFamily) {
  Lie("accept 6");
  const Accepted accepted = stack_->Accept(0);
  EXPECT_EQ(accepted.error, CallError::kNone);
  EXPECT_TRUE(accepted.from.address.IsUnspecified());
  EXPECT_EQ(Fault(), "accept answered an address of family 6, not 4");
}

TEST_F(LyingShim, IsFoundOutInWhatItMoved) {
  Lie("send 5");
  EXPECT_EQ(stack_->Send(0, AsOctets("data"), 0).error, CallError::kInvalid);
  EXPECT_EQ(Fault(), "send answered 5 for 4 octets");
  Lie("recv 65537");
  EXPECT_EQ(stack_->Recv(0, buffer_).octets, 0u);
  EXPECT_EQ(Fault(), "recv answered 65537 for 65536 octets");
  Lie("recv -77");
  EXPECT_EQ(stack_->Recv(0, buffer_).error, CallError::kInvalid);
  EXPECT_EQ(Fault(), "recv answered -77 for 65536 octets");
}

TEST_F(LyingShim, IsFoundOutInErrorsAndStates) {
  Lie("close_handle -11");
  EXPECT_EQ(Name(stack_->Close(1)), "error -11");
  EXPECT_EQ(Fault(), "close_handle answered -11");
  Lie("state 11");
  EXPECT_FALSE(stack_->State(1).known);
  EXPECT_EQ(Fault(), "state answered 11");
  Lie("state -2");
  EXPECT_FALSE(stack_->State(1).known);
  EXPECT_EQ(Fault(), "state answered -2");
}

TEST_F(LyingShim, HasItsFirstFaultReported) {
  Lie("close_handle -11");
  stack_->Close(1);
  stack_->Deliver(AsOctets("state 11"));
  stack_->State(1);
  EXPECT_EQ(Fault(), "close_handle answered -11");
}

}  // namespace
}  // namespace assay::sut
