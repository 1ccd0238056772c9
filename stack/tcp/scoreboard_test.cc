// The scoreboard against a model that marks octet by octet and follows RFC 6675 to the letter.

#include "stack/tcp/scoreboard.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "stack/base/prng.h"

namespace assay::tcp {
namespace {

using wire::SackBlock;
using wire::SndSeq;

// A flight of at most kSpan octets from `una` on, each marked or not.
class Model {
 public:
  static constexpr uint32_t kSpan = 200;

  Model(uint32_t una, uint32_t octets, uint32_t smss) : una_(una), octets_(octets), smss_(smss) {}

  // The same for all that can be in flight: a mark for each octet.
  uint32_t Mark(uint32_t left, uint32_t right) {
    uint32_t news = 0;
    for (uint32_t at = left; at < right; ++at) {
      news += !marked_[at];
      marked_[at] = true;
    }
    return news;
  }
  bool Marked(uint32_t at) const { return marked_[at]; }

  bool IsLost(uint32_t at) const {
    uint32_t octets = 0;
    uint32_t runs = 0;
    for (uint32_t above = at + 1; above < octets_; ++above) {
      octets += marked_[above];
      runs += marked_[above] && !marked_[above - 1];
    }
    return runs >= 3 || octets > 2 * smss_;
  }
  uint32_t Pipe() const {
    uint32_t pipe = 0;
    for (uint32_t at = 0; at < octets_; ++at) {
      if (marked_[at]) continue;
      pipe += !IsLost(at);
      pipe += at < high_rxt;
    }
    return pipe;
  }
  // The first octet that rule 1 (or, without `lost`, rule 3) of NextSeg() names; octets_ if none.
  uint32_t Next(bool lost) const {
    uint32_t highest = 0;
    for (uint32_t at = 0; at < octets_; ++at) {
      if (marked_[at]) highest = at;
    }
    for (uint32_t at = high_rxt; at < highest; ++at) {
      if (!marked_[at] && (!lost || IsLost(at))) return at;
    }
    return octets_;
  }
  // How far what is not marked reaches from `at` on.
  uint32_t Run(uint32_t at) const {
    uint32_t size = 0;
    while (at + size < octets_ && !marked_[at + size]) ++size;
    return size;
  }
  uint32_t Highest() const {
    uint32_t highest = octets_;
    for (uint32_t at = 0; at < octets_; ++at) {
      if (!marked_[at]) highest = at;
    }
    return highest;
  }
  size_t Runs() const {
    size_t runs = 0;
    for (uint32_t at = 1; at < octets_; ++at) runs += marked_[at] && !marked_[at - 1];
    return runs;
  }

  uint32_t high_rxt = 0;
  uint32_t una_;
  uint32_t octets_;
  uint32_t smss_;

 private:
  std::array<bool, kSpan + 1> marked_{};
};

SackBlock BlockAt(uint32_t una, uint32_t left, uint32_t right) { return {una + left, una + right}; }

void ExpectSame(const Scoreboard& board, const Model& model) {
  const Flight flight{SndSeq(model.una_), SndSeq(model.una_ + model.octets_), model.smss_};
  const auto offset = [&](SndSeq seq) { return seq.wire() - model.una_; };
  uint32_t below = 0;
  for (uint32_t at = 0; at < model.octets_; ++at) {
    const SndSeq seq(model.una_ + at);
    ASSERT_EQ(ReportedBelow(board, seq), below);
    below += model.Marked(at);
    if (model.Marked(at)) continue;
    ASSERT_EQ(IsLost(board, flight, seq), model.IsLost(at)) << at;
    const SeqRange missing = MissingFrom(board, flight, seq);
    ASSERT_EQ(missing, (SeqRange{seq, model.Run(at)}));
  }
  ASSERT_EQ(Pipe(board, flight), model.Pipe());
  for (bool lost : {true, false}) {
    const auto found = lost ? FirstLost(board, flight) : FirstMissing(board, flight);
    const uint32_t expected = model.Next(lost);
    ASSERT_EQ(found.has_value(), expected != model.octets_);
    if (!found.has_value()) continue;
    ASSERT_EQ(offset(found->left), expected);
    ASSERT_EQ(found->size, model.Run(expected));
  }
  const auto highest = HighestMissing(board, flight, model.smss_);
  ASSERT_EQ(highest.has_value(), model.Highest() != model.octets_);
  if (highest.has_value()) {
    ASSERT_EQ(offset(highest->left) + highest->size, model.Highest() + 1);
    ASSERT_LE(highest->size, model.smss_);
    for (uint32_t i = 0; i < highest->size; ++i) {
      ASSERT_FALSE(model.Marked(offset(highest->left) + i));
    }
  }
}

//= RFC6675-5-1 type=test
//= 6675:4 type=test
TEST(ScoreboardTest, AgreesWithAModelThatMarksOctets) {
  Prng prng(6675);
  int full = 0;
  int compared = 0;
  for (int run = 0; run < 3000; ++run) {
    const uint32_t una = prng.OneIn(2) ? 0u - static_cast<uint32_t>(prng.Below(Model::kSpan))
                                       : static_cast<uint32_t>(prng.Next());
    const auto octets = static_cast<uint32_t>(1 + prng.Below(Model::kSpan));
    const auto smss = static_cast<uint32_t>(1 + prng.Below(30));
    Model model(una, octets, smss);
    Scoreboard board;
    board.high_rxt = SndSeq(una);
    const Flight flight{SndSeq(una), SndSeq(una + octets), smss};
    for (int step = 0; step < 12; ++step) {
      const auto left = static_cast<uint32_t>(prng.Below(octets + 2));
      const auto right = left + static_cast<uint32_t>(prng.Below(25));
      const SackBlock far{static_cast<uint32_t>(prng.Next()), static_cast<uint32_t>(prng.Next())};
      ASSERT_EQ(Record(board, flight, {&far, 1}), 0u) << "as good as never inside";
      const SackBlock block = BlockAt(una, left, right);
      const uint32_t news = Record(board, flight, {&block, 1});
      const bool valid = left > 0 && left < right && right <= octets;
      Model with = model;
      const uint32_t expected = valid ? with.Mark(left, right) : 0;
      if (with.Runs() > Scoreboard::kMaxRanges) {
        ASSERT_EQ(news, 0u) << "there was no place for it";
        ++full;
      } else {
        ASSERT_EQ(news, expected);
        model = with;
      }
      if (prng.OneIn(3)) {
        model.high_rxt = static_cast<uint32_t>(prng.Below(octets + 1));
        board.high_rxt = SndSeq(una + model.high_rxt);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectSame(board, model)) << "run " << run << ", step " << step;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 36'000);
  RecordProperty("refused", full);
}

TEST(ScoreboardTest, FullItRefusesWhatIsNewAndStillLetsRangesGrow) {
  Scoreboard board;
  const Flight flight{SndSeq(100), SndSeq(1000), 10};
  for (uint32_t i = 0; i < Scoreboard::kMaxRanges; ++i) {
    const SackBlock block{110 + 20 * i, 115 + 20 * i};
    ASSERT_EQ(Record(board, flight, {&block, 1}), 5u);
  }
  const SackBlock another{900, 905};
  EXPECT_EQ(Record(board, flight, {&another, 1}), 0u);
  const SackBlock bridge{115, 130};
  EXPECT_EQ(Record(board, flight, {&bridge, 1}), 15u);
  EXPECT_EQ(Record(board, flight, {&another, 1}), 5u);
}

TEST(ScoreboardTest, BlocksThatDoNotLieInTheFlightMeanNothing) {
  Scoreboard board;
  const Flight flight{SndSeq(0xffff'fff0), SndSeq(0x100), 10};
  const SackBlock hostile[] = {{0xffff'ffe0, 0xffff'fff0},  // below: a D-SACK
                               {0xffff'ffe0, 0x20},         // from below into it
                               {0xffff'fff0, 0x20},         // SND.UNA itself
                               {0x50, 0x101},               // beyond SND.NXT
                               {0x200, 0x300},
                               {0x60, 0x50},  // inverted
                               {0x50, 0x50},  // empty
                               {0x50, 0x8000'0050},
                               {0x7fff'0000, 0x9000'0000},
                               {0, 0xffff'ffff}};
  EXPECT_EQ(Record(board, flight, hostile), 0u);
  EXPECT_TRUE(board.sacked.empty());
  const SackBlock good[] = {{0xffff'fff1, 0x20}, {0xffff'fff8, 0x10}, {0x10, 0x100}};
  EXPECT_EQ(Record(board, flight, good), 0x10fu);
  EXPECT_EQ(board.sacked.size(), 1u);
}

TEST(ScoreboardTest, WhatSndUnaPassesIsForgottenAndSoIsARangeThatItEntersOrTouches) {
  Scoreboard start;
  const Flight flight{SndSeq(0), SndSeq(1000), 10};
  const SackBlock blocks[] = {{100, 200}, {300, 400}, {500, 600}};
  Record(start, flight, blocks);
  struct Case {
    uint32_t una;
    size_t left;
  };
  for (const Case c : {Case{99, 3}, {100, 2}, {150, 2}, {200, 2}, {299, 2}, {300, 1}, {1000, 0}}) {
    Scoreboard board = start;
    Forget(board, SndSeq(c.una));
    EXPECT_EQ(board.sacked.size(), c.left) << c.una;
    EXPECT_EQ(board.high_rxt, SndSeq(c.una));
  }
}

}  // namespace
}  // namespace assay::tcp
