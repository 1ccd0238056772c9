// What the cells of a transition row say of numbers and segments: "SND.NXT+1",
// "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>".
//
// Numbers are modulo 2^32, and names stand for the values that the caller has for them.

#ifndef ASSAY_STACK_HOST_ROW_FORMULA_FOR_TEST_H_
#define ASSAY_STACK_HOST_ROW_FORMULA_FOR_TEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::host {

using Values = std::map<std::string, uint32_t, std::less<>>;

// Sums and products of numbers and names. A name without a value ends the test.
uint32_t Evaluate(std::string_view formula, const Values& values);

// One segment as the cells write it: its fields in their order.
struct SegmentPattern {
  struct Field {
    std::string_view name;
    std::string_view value;
    bool at_least = false;  // ">=" instead of "="
  };
  std::vector<Field> fields;
  bool optional = false;  // a "?" behind it

  // The field's value, or an empty one.
  std::string_view Get(std::string_view name) const;
};

SegmentPattern ParseSegment(std::string_view text);

// The control bits that a CTL field names: those that must be set, and those that may be.
struct ControlPattern {
  uint8_t required = 0;
  uint8_t allowed = 0;  // the required ones among them
};

ControlPattern ParseControl(std::string_view names);

// Every text that comes of choosing one of the values that "/" separates in each field.
std::vector<std::string> ChooseValues(std::string_view text);

// A segment that was sent, as far as rows speak of it.
struct SentSegment {
  uint32_t seq = 0;
  uint32_t ack = 0;
  uint32_t text = 0;
  uint16_t window = 0;
  uint16_t urgent = 0;
  uint8_t control = 0;
  friend bool operator==(const SentSegment&, const SentSegment&) = default;
};

std::string Tell(const SentSegment& segment);
std::string Tell(const std::vector<SentSegment>& segments);

enum class Names : uint8_t {
  kHaveValues,  // a name without one ends the test
  kAreBound,    // the first number that a name of its own stands for becomes its value
};

// Whether `segment` is what the pattern says.
bool Matches(const SegmentPattern& pattern, const SentSegment& segment, Values& values,
             Names names = Names::kHaveValues);

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_ROW_FORMULA_FOR_TEST_H_
