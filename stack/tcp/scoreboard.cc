#include "stack/tcp/scoreboard.h"

#include <algorithm>

namespace assay::tcp {
namespace {

using wire::SndSeq;
using Range = Scoreboard::Range;

uint32_t Size(const Range& range) { return Distance(range.left, range.right); }

// Notes one range; says how many of its octets were not known.
uint32_t Note(Scoreboard& board, Range range) {
  auto& sacked = board.sacked;
  // [first, last) touch the new one, and become one with it.
  size_t first = 0;
  while (first < sacked.size() && Before(sacked[first].right, range.left)) ++first;
  size_t last = first;
  uint32_t known = 0;
  while (last < sacked.size() && AtOrBefore(sacked[last].left, range.right)) {
    known += Size(sacked[last]);
    if (Before(sacked[last].left, range.left)) range.left = sacked[last].left;
    if (Before(range.right, sacked[last].right)) range.right = sacked[last].right;
    ++last;
  }
  if (first == last) {
    if (sacked.full()) return 0;
    sacked.Insert(first, range);
  } else {
    sacked[first] = range;
    sacked.Erase(first + 1, last);
  }
  return Size(range) - known;
}

// What is reported above some place, and in how many pieces.
struct Above {
  size_t ranges = 0;
  uint32_t octets = 0;

  //= 6675:4
  bool MakeLost(uint32_t smss) const {
    return ranges >= kDupThresh || octets > uint64_t{kDupThresh - 1} * smss;
  }
};

Above AboveOf(const Scoreboard& board, SndSeq seq) {
  Above above;
  for (const Range& range : board.sacked) {
    if (!Before(seq, range.left)) continue;
    ++above.ranges;
    above.octets += Size(range);
  }
  return above;
}

// Calls `see(hole, above)` for each run of octets that is not reported, in their order, until it
// says false. `above` is one for all octets of a hole.
template <typename See>
void ForEachHole(const Scoreboard& board, const Flight& flight, See see) {
  Above above = AboveOf(board, flight.una);
  SndSeq left = flight.una;
  for (const Range& range : board.sacked) {
    if (left != range.left && !see(Range{left, range.left}, above)) return;
    --above.ranges;
    above.octets -= Size(range);
    left = range.right;
  }
  if (left != flight.nxt) see(Range{left, flight.nxt}, above);
}

// The part of `hole` from HighRxt on.
SeqRange NotSentAgain(const Scoreboard& board, const Range& hole) {
  const SndSeq left = Before(hole.left, board.high_rxt) ? board.high_rxt : hole.left;
  return Before(left, hole.right) ? SeqRange{left, Distance(left, hole.right)} : SeqRange{};
}

}  // namespace

uint32_t Record(Scoreboard& board, const Flight& flight, std::span<const wire::SackBlock> blocks) {
  uint32_t news = 0;
  const uint32_t size = Distance(flight.una, flight.nxt);
  for (const wire::SackBlock& block : blocks) {
    const Range range{SndSeq(block.left), SndSeq(block.right)};
    // By distances from SND.UNA: three numbers can follow one another all around the circle.
    const uint32_t left = Distance(flight.una, range.left);
    const uint32_t right = Distance(flight.una, range.right);
    if (0 < left && left < right && right <= size) news += Note(board, range);
  }
  return news;
}

void Forget(Scoreboard& board, SndSeq una) {
  auto& sacked = board.sacked;
  size_t passed = 0;
  while (passed < sacked.size() && AtOrBefore(sacked[passed].right, una)) ++passed;
  // An ACK into the middle of a range, or to its edge: the peer has taken back what it reported.
  if (passed < sacked.size() && AtOrBefore(sacked[passed].left, una)) ++passed;
  sacked.Erase(0, passed);
  if (Before(board.high_rxt, una)) board.high_rxt = una;
}

bool IsLost(const Scoreboard& board, const Flight& flight, SndSeq seq) {
  return AboveOf(board, seq).MakeLost(flight.smss);
}

uint32_t Pipe(const Scoreboard& board, const Flight& flight) {
  uint32_t pipe = 0;
  ForEachHole(board, flight, [&](const Range& hole, const Above& above) {
    const uint32_t size = Size(hole);
    if (!above.MakeLost(flight.smss)) pipe += size;
    pipe += size - NotSentAgain(board, hole).size;
    return true;
  });
  return pipe;
}

std::optional<SeqRange> FirstLost(const Scoreboard& board, const Flight& flight) {
  std::optional<SeqRange> found;
  ForEachHole(board, flight, [&](const Range& hole, const Above& above) {
    // Less is reported above what lies higher.
    if (!above.MakeLost(flight.smss)) return false;
    const SeqRange rest = NotSentAgain(board, hole);
    if (rest.size > 0) found = rest;
    return !found.has_value();
  });
  return found;
}

std::optional<SeqRange> FirstMissing(const Scoreboard& board, const Flight& flight) {
  std::optional<SeqRange> found;
  ForEachHole(board, flight, [&](const Range& hole, const Above& above) {
    if (above.ranges == 0) return false;
    const SeqRange rest = NotSentAgain(board, hole);
    if (rest.size > 0) found = rest;
    return !found.has_value();
  });
  return found;
}

std::optional<SeqRange> HighestMissing(const Scoreboard& board, const Flight& flight,
                                       uint32_t most) {
  std::optional<SeqRange> found;
  ForEachHole(board, flight, [&](const Range& hole, const Above&) {
    const uint32_t size = std::min(Size(hole), most);
    found = SeqRange{hole.right - size, size};
    return true;
  });
  return found;
}

SeqRange MissingFrom(const Scoreboard& board, const Flight& flight, SndSeq seq) {
  for (const Range& range : board.sacked) {
    if (Before(seq, range.left)) return {seq, Distance(seq, range.left)};
    if (Before(seq, range.right)) seq = range.right;
  }
  return {seq, Distance(seq, flight.nxt)};
}

uint32_t ReportedBelow(const Scoreboard& board, SndSeq seq) {
  uint32_t octets = 0;
  for (const Range& range : board.sacked) {
    if (!Before(range.left, seq)) break;
    octets += Distance(range.left, Before(seq, range.right) ? seq : range.right);
  }
  return octets;
}

}  // namespace assay::tcp
