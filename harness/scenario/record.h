// Records: a scenario as octets, for fuzzers. Version 1.
//
// A header of 8 octets and 12 octets an event, little-endian, all of fixed width: changing an octet
// changes one event and leaves the rest in step. Each tabled field repeats likely words, so that
// weight is data and a random octet is a likely event; all zeros is a polite peer. Decoding is
// total: what is missing is zero, what is beyond 32 events is ignored, every nibble has a meaning.
//
// Octet 11 of an event is its twist; records from before there were twists have 0 there.
//
// The tables never change: another meaning is another version. Octet 0 holds the version; a fuzz
// target is bound to one and does not look, whoever opens a file must (CheckRecords).

#ifndef ASSAY_HARNESS_SCENARIO_RECORD_H_
#define ASSAY_HARNESS_SCENARIO_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/scenario/event.h"
#include "stack/wire/octets.h"

namespace assay::scenario {

inline constexpr uint8_t kRecordVersion = 1;
inline constexpr size_t kHeaderOctets = 8;
inline constexpr size_t kEventOctets = 12;
inline constexpr size_t kMostOctets = kHeaderOctets + kMostEvents * kEventOctets;

Scenario DecodeRecords(wire::Octets octets);

// Writes the scenario with the first word of each table that has the meaning; returns the octets,
// the first part of `out`, which holds kMostOctets. Decoding them gives the scenario back.
wire::MutableOctets EncodeRecords(const Scenario& scenario, wire::MutableOctets out);

// What keeps a file from being records, or empty: its sentence says where ("offset 0: version 7,
// this program knows 1"). For files; a fuzzer's input is never refused.
std::string CheckRecords(wire::Octets octets);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_RECORD_H_
