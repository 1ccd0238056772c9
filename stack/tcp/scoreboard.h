// Scoreboard: which octets of what is in flight the peer has reported as received (RFC 6675, 3 and
// 4; the reports are those of RFC 2018).
//
// It answers what is lost, how much is still under way and what to send again, and sends nothing
// itself. It holds a bounded number of ranges: a report that finds no place is forgotten, which is
// as if its ACK had been lost. All edges are exclusive on the right, and so are HighRxt and
// RescueRxt: they stand behind the last octet that the RFC means by them.

#ifndef ASSAY_STACK_TCP_SCOREBOARD_H_
#define ASSAY_STACK_TCP_SCOREBOARD_H_

#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/bounded_vector.h"
#include "stack/wire/options.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

// How many reports above an octet make it lost: DupThresh.
inline constexpr uint32_t kDupThresh = 3;

// Octets in a row: [left, left + size).
struct SeqRange {
  wire::SndSeq left;
  uint32_t size = 0;
  friend constexpr bool operator==(const SeqRange&, const SeqRange&) = default;
};

// What is in flight, and the largest segment that it went in.
struct Flight {
  wire::SndSeq una;
  wire::SndSeq nxt;
  uint32_t smss = 0;
};

struct Scoreboard {
  static constexpr size_t kMaxRanges = 4;
  struct Range {
    wire::SndSeq left;
    wire::SndSeq right;
    friend constexpr bool operator==(const Range&, const Range&) = default;
  };

  wire::SndSeq high_rxt;                    // HighRxt: behind what this recovery has sent again
  wire::SndSeq rescue_rxt;                  // RescueRxt
  BoundedVector<Range, kMaxRanges> sacked;  // ascending, disjoint, not touching, beyond SND.UNA
};

// Update(): notes what an ACK reports. Blocks that do not lie between SND.UNA and SND.NXT mean
// nothing here (a D-SACK is one of them). Returns how many octets were not known before.
uint32_t Record(Scoreboard& board, const Flight& flight, std::span<const wire::SackBlock> blocks);
// SND.UNA has moved.
void Forget(Scoreboard& board, wire::SndSeq una);

// IsLost(), of an octet that is not reported.
bool IsLost(const Scoreboard& board, const Flight& flight, wire::SndSeq seq);
// SetPipe(): how many octets are thought to be under way.
uint32_t Pipe(const Scoreboard& board, const Flight& flight);

// The rules of NextSeg() that send again; the second sends what is new, which is not known here.
// The first two do not cut what they find to a segment.
// (1) the first that is lost and was not sent again,
std::optional<SeqRange> FirstLost(const Scoreboard& board, const Flight& flight);
// (3) the first that was not sent again and lies below something that is reported,
std::optional<SeqRange> FirstMissing(const Scoreboard& board, const Flight& flight);
// (4) the highest that is not reported: `most` octets of it at most.
std::optional<SeqRange> HighestMissing(const Scoreboard& board, const Flight& flight,
                                       uint32_t most);

// What is not reported from `seq` on, up to the next that is. Its size is that to SND.NXT if
// nothing beyond is reported.
SeqRange MissingFrom(const Scoreboard& board, const Flight& flight, wire::SndSeq seq);
// How many octets below `seq` are reported.
uint32_t ReportedBelow(const Scoreboard& board, wire::SndSeq seq);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_SCOREBOARD_H_
