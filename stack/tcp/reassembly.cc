#include "stack/tcp/reassembly.h"

#include <algorithm>

namespace assay::tcp {
namespace {

// The ranges [from, to) have become one, which grew last, or are gone.
enum class Became : uint8_t { kNone, kOne };
void Reorder(Tcb& tcb, size_t from, size_t to, Became became) {
  auto& recent = tcb.rcv.recent;
  const auto before = recent;
  recent.clear();
  const size_t ones = became == Became::kOne ? 1 : 0;
  if (ones > 0) recent.push_back(static_cast<uint8_t>(from));
  for (const uint8_t place : before) {
    if (place < from) recent.TryPush(place);
    if (place >= to) recent.TryPush(static_cast<uint8_t>(place - (to - from) + ones));
  }
}

void Erase(Tcb& tcb, size_t from, size_t to) {
  tcb.rcv.held.Erase(from, to);
  Reorder(tcb, from, to, Became::kNone);
}

}  // namespace

bool Hold(Tcb& tcb, RcvSeq left, uint32_t size) {
  auto& held = tcb.rcv.held;
  HeldRange range{left, left + size};
  // [first, last) are the ranges that touch the new one; they become one with it.
  size_t first = 0;
  while (first < held.size() && Before(held[first].right, range.left)) ++first;
  size_t last = first;
  while (last < held.size() && AtOrBefore(held[last].left, range.right)) {
    if (Before(held[last].left, range.left)) range.left = held[last].left;
    if (Before(range.right, held[last].right)) range.right = held[last].right;
    ++last;
  }
  if (first == last) {
    if (held.full()) return false;
    held.Insert(first, range);
  } else {
    held[first] = range;
    held.Erase(first + 1, last);
  }
  Reorder(tcb, first, last, Became::kOne);
  return true;
}

void TakeHeld(Tcb& tcb) {
  auto& held = tcb.rcv.held;
  size_t taken = 0;
  while (taken < held.size() && AtOrBefore(held[taken].left, tcb.rcv.nxt)) {
    if (Before(tcb.rcv.nxt, held[taken].right)) tcb.rcv.nxt = held[taken].right;
    ++taken;
  }
  Erase(tcb, 0, taken);
}

BoundedVector<wire::SackBlock, 4> NewestHeld(const Tcb& tcb, size_t most) {
  BoundedVector<wire::SackBlock, 4> blocks;
  most = std::min(most, blocks.capacity());
  const auto add = [&](const HeldRange& range) {
    const wire::SackBlock block{range.left.wire(), range.right.wire()};
    const bool told = std::find(blocks.begin(), blocks.end(), block) != blocks.end();
    if (!told && blocks.size() < most) blocks.push_back(block);
  };
  //= RFC2018-4-4
  for (const uint8_t place : tcb.rcv.recent) {
    if (place < tcb.rcv.held.size()) add(tcb.rcv.held[place]);
  }
  //= RFC2018-4-5
  //= RFC2018-4-6
  //= RFC2018-8-1
  for (const HeldRange& range : tcb.rcv.held) add(range);
  return blocks;
}

void DropHeldFrom(Tcb& tcb, RcvSeq edge) {
  auto& held = tcb.rcv.held;
  size_t kept = 0;
  while (kept < held.size() && Before(held[kept].left, edge)) ++kept;
  Erase(tcb, kept, held.size());
  if (!held.empty() && Before(edge, held.back().right)) held.back().right = edge;
}

}  // namespace assay::tcp
