#include "stack/tcp/reassembly.h"

#include <algorithm>

namespace assay::tcp {

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
  return true;
}

void TakeHeld(Tcb& tcb) {
  auto& held = tcb.rcv.held;
  size_t taken = 0;
  while (taken < held.size() && AtOrBefore(held[taken].left, tcb.rcv.nxt)) {
    if (Before(tcb.rcv.nxt, held[taken].right)) tcb.rcv.nxt = held[taken].right;
    ++taken;
  }
  held.Erase(0, taken);
}

void DropHeldFrom(Tcb& tcb, RcvSeq edge) {
  auto& held = tcb.rcv.held;
  size_t kept = 0;
  while (kept < held.size() && Before(held[kept].left, edge)) ++kept;
  held.Erase(kept, held.size());
  if (!held.empty() && Before(edge, held.back().right)) held.back().right = edge;
}

}  // namespace assay::tcp
