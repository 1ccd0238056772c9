#include "properties/policy_generators.h"

#include <array>

#include "properties/general_generators.h"

namespace assay::properties {
namespace {

using tcp::Policy;

// A new knob does not compile here until it stands in the list below, or is said to be none.
[[maybe_unused]] void EveryKnobIsKnown(const Policy& policy) {
  [[maybe_unused]] const auto& [rst, syn, refuse_old_acks, challenge_limit, challenge_period,
                                repeated_syn, ignore_rst_in_time_wait, reopen_time_wait,
                                reopen_by_timestamps, restart_time_wait, msl, let_go,
                                hold_out_of_order, nagle, push_every_send, delayed_ack,
                                override_sws, rto_initial, rto_after_syn_loss, rto_min, rto_max,
                                clock_granularity, r1, r2, r2_syn, r2_probes, persist_max,
                                keep_alive_idle, keep_alive_interval, keep_alive_probes,
                                keep_alive_octet, hard_errors_abort, soft_errors_end_opening,
                                icmp_checks_sequence, path_mtu_discovery, path_mtu_floor,
                                congestion, initial_window, limited_transmit, restart_after_idle,
                                limit_inflation, full_ack, partial_ack_timer, rearm_in_recovery,
                                sack, send_buffer, receive_buffer, mss_floor, window_scale,
                                timestamps, drop_without_timestamps, timestamp_tick,
                                timestamps_outdated] = policy;
}

constexpr Duration Ms(int64_t n) { return Duration::Milliseconds(n); }

const std::vector<Knob>& AllKnobs() {
  using tcp::InWindowRule;
  using tcp::LetGo;
  using tcp::RepeatedSyn;
  static const std::vector<Knob> knobs = {
      {"rst", {0, 1}, [](Policy& p, int64_t v) { p.rst = static_cast<InWindowRule>(v); }},
      {"syn", {0, 1}, [](Policy& p, int64_t v) { p.syn = static_cast<InWindowRule>(v); }},
      {"refuse_old_acks", {0, 1}, [](Policy& p, int64_t v) { p.refuse_old_acks = v != 0; }},
      {"challenge_limit",
       {0, 1, 10},
       [](Policy& p, int64_t v) { p.challenge_limit = static_cast<uint32_t>(v); }},
      {"challenge_period", {500, 5000}, [](Policy& p, int64_t v) { p.challenge_period = Ms(v); }},
      {"repeated_syn",
       {0, 1},
       [](Policy& p, int64_t v) { p.repeated_syn = static_cast<RepeatedSyn>(v); }},
      {"ignore_rst_in_time_wait",
       {0, 1},
       [](Policy& p, int64_t v) { p.ignore_rst_in_time_wait = v != 0; }},
      {"reopen_time_wait", {0, 1}, [](Policy& p, int64_t v) { p.reopen_time_wait = v != 0; }},
      {"reopen_by_timestamps",
       {1, 0},
       [](Policy& p, int64_t v) { p.reopen_by_timestamps = v != 0; }},
      {"restart_time_wait", {0, 1}, [](Policy& p, int64_t v) { p.restart_time_wait = v != 0; }},
      {"msl", {120'000, 30'000, 10'000}, [](Policy& p, int64_t v) { p.msl = Ms(v); }},
      {"let_go", {0, 1}, [](Policy& p, int64_t v) { p.let_go = static_cast<LetGo>(v); }},
      {"hold_out_of_order", {1, 0}, [](Policy& p, int64_t v) { p.hold_out_of_order = v != 0; }},
      {"nagle", {1, 0}, [](Policy& p, int64_t v) { p.nagle = v != 0; }},
      {"push_every_send", {1, 0}, [](Policy& p, int64_t v) { p.push_every_send = v != 0; }},
      {"delayed_ack", {200, 0, 40, 499}, [](Policy& p, int64_t v) { p.delayed_ack = Ms(v); }},
      {"override_sws", {500, 100, 1000}, [](Policy& p, int64_t v) { p.override_sws = Ms(v); }},
      {"rto_initial", {1000, 3000}, [](Policy& p, int64_t v) { p.rto_initial = Ms(v); }},
      {"rto_after_syn_loss",
       {3000, 1000},
       [](Policy& p, int64_t v) { p.rto_after_syn_loss = Ms(v); }},
      {"rto_min", {1000, 200, 30}, [](Policy& p, int64_t v) { p.rto_min = Ms(v); }},
      {"rto_max", {60'000, 120'000}, [](Policy& p, int64_t v) { p.rto_max = Ms(v); }},
      {"clock_granularity", {1, 100}, [](Policy& p, int64_t v) { p.clock_granularity = Ms(v); }},
      {"r1", {3, 1}, [](Policy& p, int64_t v) { p.r1 = static_cast<uint8_t>(v); }},
      {"r2", {100'000, 1'000'000}, [](Policy& p, int64_t v) { p.r2 = Ms(v); }},
      {"r2_syn", {180'000, 1'000'000}, [](Policy& p, int64_t v) { p.r2_syn = Ms(v); }},
      {"r2_probes", {8, 3}, [](Policy& p, int64_t v) { p.r2_probes = static_cast<uint8_t>(v); }},
      {"persist_max", {60'000, 5000}, [](Policy& p, int64_t v) { p.persist_max = Ms(v); }},
      {"keep_alive_idle",
       {7'200'000, 60'000},
       [](Policy& p, int64_t v) { p.keep_alive_idle = Ms(v); }},
      {"keep_alive_interval",
       {75'000, 5000},
       [](Policy& p, int64_t v) { p.keep_alive_interval = Ms(v); }},
      {"keep_alive_probes",
       {9, 2},
       [](Policy& p, int64_t v) { p.keep_alive_probes = static_cast<uint8_t>(v); }},
      {"keep_alive_octet", {0, 1}, [](Policy& p, int64_t v) { p.keep_alive_octet = v != 0; }},
      {"hard_errors_abort", {1, 0}, [](Policy& p, int64_t v) { p.hard_errors_abort = v != 0; }},
      {"soft_errors_end_opening",
       {0, 1},
       [](Policy& p, int64_t v) { p.soft_errors_end_opening = v != 0; }},
      {"icmp_checks_sequence",
       {1, 0},
       [](Policy& p, int64_t v) { p.icmp_checks_sequence = v != 0; }},
      {"path_mtu_discovery", {1, 0}, [](Policy& p, int64_t v) { p.path_mtu_discovery = v != 0; }},
      {"path_mtu_floor",
       {68, 552},
       [](Policy& p, int64_t v) { p.path_mtu_floor = static_cast<uint32_t>(v); }},
      {"congestion",
       {0, 1},
       [](Policy& p, int64_t v) { p.congestion = static_cast<tcp::Congestion>(v); }},
      {"initial_window",
       {0, 1},
       [](Policy& p, int64_t v) { p.initial_window = static_cast<tcp::InitialWindow>(v); }},
      {"limited_transmit", {1, 0}, [](Policy& p, int64_t v) { p.limited_transmit = v != 0; }},
      {"restart_after_idle", {1, 0}, [](Policy& p, int64_t v) { p.restart_after_idle = v != 0; }},
      {"limit_inflation", {0, 1}, [](Policy& p, int64_t v) { p.limit_inflation = v != 0; }},
      {"full_ack", {0, 1}, [](Policy& p, int64_t v) { p.full_ack = static_cast<tcp::FullAck>(v); }},
      {"partial_ack_timer",
       {0, 1},
       [](Policy& p, int64_t v) { p.partial_ack_timer = static_cast<tcp::PartialAckTimer>(v); }},
      {"rearm_in_recovery", {0, 1}, [](Policy& p, int64_t v) { p.rearm_in_recovery = v != 0; }},
      {"sack", {1, 0}, [](Policy& p, int64_t v) { p.sack = v != 0; }},
      {"send_buffer",
       {1 << 16, 1 << 10, 1 << 13, 1 << 20},
       [](Policy& p, int64_t v) { p.send_buffer = static_cast<uint32_t>(v); }},
      {"receive_buffer",
       {1 << 16, 1 << 9, 1 << 12, 1 << 20},
       [](Policy& p, int64_t v) { p.receive_buffer = static_cast<uint32_t>(v); }},
      {"mss_floor",
       {64, 536},
       [](Policy& p, int64_t v) { p.mss_floor = static_cast<uint16_t>(v); }},
      {"window_scale", {0, 1}, [](Policy& p, int64_t v) { p.window_scale = v != 0; }},
      {"timestamps", {1, 0}, [](Policy& p, int64_t v) { p.timestamps = v != 0; }},
      {"drop_without_timestamps",
       {1, 0},
       [](Policy& p, int64_t v) { p.drop_without_timestamps = v != 0; }},
      {"timestamp_tick", {1, 10, 1000}, [](Policy& p, int64_t v) { p.timestamp_tick = Ms(v); }},
      {"timestamps_outdated",
       {2'073'600'000, 60'000},
       [](Policy& p, int64_t v) { p.timestamps_outdated = Ms(v); }},
  };
  return knobs;
}

}  // namespace

std::span<const Knob> Knobs() { return AllKnobs(); }

Policy PolicyChoice::policy() const {
  Policy policy = base == ReadyMade::kRfc793     ? Policy::Rfc793()
                  : base == ReadyMade::kHardened ? Policy::Hardened()
                                                 : Policy::Rfc9293();
  for (const Setting& setting : settings) {
    const Knob& knob = Knobs()[setting.knob];
    knob.set(policy, knob.values[setting.value % knob.values.size()]);
  }
  return policy;
}

void showValue(const PolicyChoice& choice, std::ostream& out) {
  constexpr std::array<std::string_view, 3> kNames = {"RFC 9293", "RFC 793", "hardened"};
  out << kNames[static_cast<size_t>(choice.base)];
  for (const PolicyChoice::Setting& setting : choice.settings) {
    const Knob& knob = Knobs()[setting.knob];
    out << ", " << knob.name << " = " << knob.values[setting.value % knob.values.size()];
  }
}

rc::Gen<PolicyChoice> AnyPolicy() {
  const auto setting = rc::gen::construct<PolicyChoice::Setting>(
      rc::gen::inRange<size_t>(0, Knobs().size()), rc::gen::inRange<size_t>(0, 4));
  return rc::gen::construct<PolicyChoice>(
      rc::gen::element(ReadyMade::kRfc9293, ReadyMade::kRfc793, ReadyMade::kHardened),
      UpTo(12, setting));
}

}  // namespace assay::properties
