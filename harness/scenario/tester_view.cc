#include "harness/scenario/tester_view.h"

#include <algorithm>

#include "stack/wire/packet.h"

namespace assay::scenario {
namespace {

// Forward distance on the circle, as a signed number.
int32_t Ahead(uint32_t from, uint32_t to) { return static_cast<int32_t>(to - from); }

}  // namespace

TesterView::TesterView(const wire::Endpoint& tester_end, const wire::Endpoint& stack_end,
                       uint32_t first, uint32_t link_mtu)
    : tester(tester_end),
      stack(stack_end),
      mtu(link_mtu),
      iss(first),
      next(first),
      unacknowledged(first),
      right_edge(first),
      last_seq(first) {}

uint32_t TesterView::MaxSegment() const {
  const auto headers =
      static_cast<uint32_t>(wire::IpHeaderSize(tester.address.family()) + wire::kHeaderMin);
  return std::min<uint32_t>(stack_mss, mtu > headers ? mtu - headers : 1);
}

void TesterView::Sent(const wire::Header& header, uint32_t length, const wire::OptionSet& options,
                      bool honest) {
  last_seq = header.seq;
  last_length = length;
  if (header.has_ack()) acknowledged = header.ack;
  if (!honest) return;
  if (header.rst()) reset = true;
  if (header.seq != next) return;
  next = header.seq + length;
  if (header.syn()) {
    if (syn_sent) {  // a new incarnation: what was known of the old one no longer holds
      unacknowledged = header.seq;
      right_edge = header.seq;
      window = 0;
      stack_syn_seen = stack_syn_seen && !syn_acknowledged && !reset;
      syn_acknowledged = fin_sent = fin_acknowledged = stack_fin_seen = false;
    }
    syn_sent = true;
    reset = false;
    sent_window_scale = options.window_scale.has_value();
    sent_timestamps = options.timestamps.has_value();
    sent_sack = options.sack_permitted;
  }
  if (header.fin()) fin_sent = true;
}

void TesterView::UpdateShift(const wire::OptionSet& options) {
  stack_shift = sent_window_scale && options.window_scale.has_value()
                    ? std::min<uint8_t>(*options.window_scale, 14)
                    : 0;
  sack = sent_sack && options.sack_permitted;
  timestamps = sent_timestamps && options.timestamps.has_value();
  stack_mss = options.mss.value_or(tester.address.family() == wire::IpFamily::kIpv4 ? 536 : 1220);
}

void TesterView::Hold(uint32_t left, uint32_t right) {
  for (size_t i = 0; i < held.size();) {
    if (Ahead(held[i].left, right) >= 0 && Ahead(left, held[i].right) >= 0) {
      if (Ahead(held[i].left, left) > 0) left = held[i].left;
      if (Ahead(right, held[i].right) > 0) right = held[i].right;
      held.Erase(i, i + 1);
    } else {
      ++i;
    }
  }
  if (held.full()) held.pop_back();
  held.Insert(0, {left, right});
}

void TesterView::TakeHeld() {
  for (size_t i = 0; i < held.size();) {
    if (Ahead(held[i].left, expected) < 0) {
      ++i;
      continue;
    }
    if (Ahead(expected, held[i].right) > 0) expected = held[i].right;
    held.Erase(i, i + 1);
    i = 0;
  }
}

void TesterView::Received(const wire::Header& header, uint32_t length,
                          const wire::OptionSet& options) {
  last_start = header.seq;
  last_size = length;
  if (header.rst()) {
    reset = true;
    return;
  }
  if (options.timestamps.has_value()) recent_timestamp = options.timestamps->value;
  if (header.syn()) {
    if (!stack_syn_seen || irs != header.seq) {
      irs = header.seq;
      expected = highest = header.seq;
      stack_syn_seen = true;
      stack_fin_seen = false;
      reset = false;
      held.clear();
    }
    UpdateShift(options);
  }
  const uint32_t end = header.seq + length;
  if (Ahead(highest, end) > 0) highest = end;
  if (header.seq == expected || (Ahead(header.seq, expected) > 0 && Ahead(expected, end) > 0)) {
    expected = end;
    if (header.fin()) stack_fin_seen = true;
    if (!held.empty()) TakeHeld();
  } else if (sack && length > 0 && Ahead(expected, header.seq) > 0 && !header.fin()) {
    Hold(header.seq, end);
  }
  if (!header.has_ack()) {
    window = header.window;
    right_edge = unacknowledged + window;
    return;
  }
  if (Ahead(unacknowledged, header.ack) > 0 && Ahead(header.ack, next) >= 0) {
    unacknowledged = header.ack;
    syn_acknowledged = syn_acknowledged || syn_sent;
    if (fin_sent && header.ack == next) fin_acknowledged = true;
  }
  window = static_cast<uint32_t>(header.window) << (header.syn() ? 0 : stack_shift);
  right_edge = header.ack + window;
}

spec::State TesterView::state() const {
  using enum spec::State;
  if (reset) return kClosed;
  if (!syn_sent) return stack_syn_seen ? kListen : kClosed;
  if (!stack_syn_seen) return kSynSent;
  if (!syn_acknowledged) return kSynReceived;
  if (!fin_sent) return stack_fin_seen ? kCloseWait : kEstablished;
  if (fin_acknowledged) return stack_fin_seen ? kTimeWait : kFinWait2;
  return stack_fin_seen ? kClosing : kFinWait1;
}

}  // namespace assay::scenario
