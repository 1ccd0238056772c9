// How a property is run: its seed and its distribution are printed, and it can be seen to fail.
//
// RC_PARAMS says how long: `max_success` is how many cases a cheap property gets, and a dear one
// gets a share of them. Without RC_PARAMS the build's own seed and number are used, so that a
// commit is judged the same each time.

#ifndef ASSAY_PROPERTIES_PROPERTY_H_
#define ASSAY_PROPERTIES_PROPERTY_H_

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace assay::properties {

using Property = std::function<void()>;

// Fails the test that it is called in if some case breaks `property`; one in `share` of the cases
// that RC_PARAMS asks for is run.
void MustHold(const Property& property, int share);

enum class Shrinking : bool { kOff, kOn };

// What RapidCheck says of the case that breaks `property`, drawn as MustHold draws them; empty if
// `cases` of them do not. The mutants are held against it: a property that nothing breaks says
// nothing.
std::string Falsified(const Property& property, int cases, Shrinking shrinking = Shrinking::kOn);

}  // namespace assay::properties

// Defines a test whose body is run for each case: PROPERTY(Suite, Name, share) { ... }
#define PROPERTY(Suite, Name, share)                                                 \
  static void Suite##_##Name##_Body();                                               \
  TEST(Suite, Name) { ::assay::properties::MustHold(Suite##_##Name##_Body, share); } \
  static void Suite##_##Name##_Body()

#endif  // ASSAY_PROPERTIES_PROPERTY_H_
