#include "harness/scenario/event.h"

#include "gtest/gtest.h"

namespace assay::scenario {
namespace {

static_assert(WindowOf(0) == 65535);
static_assert(WindowOf(64) == 0);
static_assert(WindowOf(65) == 64);
static_assert(WindowOf(255) == 127 * 127 * 4);

TEST(Event, WindowWordsAreTheLargestWindowBelow) {
  EXPECT_EQ(WindowOf(WindowWord(65535)), 65535);
  EXPECT_EQ(WindowOf(WindowWord(0)), 0);
  EXPECT_EQ(WindowOf(WindowWord(64)), 64);
  EXPECT_EQ(WindowOf(WindowWord(70)), 64);
  EXPECT_EQ(WindowOf(WindowWord(4096)), 4096);
}

TEST(Event, SynOptionsOfAPoliteSynAreAnMssOf1460Alone) {
  const SynOptions options = SynOptionsOf(0);
  EXPECT_TRUE(options.mss_present);
  EXPECT_EQ(options.mss, 1460);
  EXPECT_FALSE(options.window_scale || options.sack_permitted || options.timestamps);
  for (uint16_t mss : std::initializer_list<uint16_t>{1460, 536, 100, 64, 1, 8960, 0, 65535}) {
    EXPECT_EQ(SynOptionsOf(MssWord(mss)).mss, mss);
  }
}

TEST(Event, NoMtuIsTooSmallForItsFamily) {
  for (uint8_t word = 0; word < 8; ++word) {
    EXPECT_GE(MtuOf(word, true), 1280u);
    EXPECT_GE(MtuOf(word, false), 68u);
  }
}

TEST(Event, SixOfSixteenIssWordsArePlain) {
  int plain = 0;
  for (uint8_t word = 0; word < 16; ++word) plain += IssOf(word, 12345) == 12345;
  EXPECT_EQ(plain, 6);
}

}  // namespace
}  // namespace assay::scenario
