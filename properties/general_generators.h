// Generators that know nothing of TCP.

#ifndef ASSAY_PROPERTIES_GENERAL_GENERATORS_H_
#define ASSAY_PROPERTIES_GENERAL_GENERATORS_H_

#include <algorithm>
#include <vector>

#include "rapidcheck.h"

namespace assay::properties {

template <typename T, typename... Values>
rc::Gen<T> OneOf(Values... values) {
  return rc::gen::element<T>(static_cast<T>(values)...);
}

// A list of at most that many, which shrinks by leaving elements out; RapidCheck's own lists end at
// a hundred, and their elements shrink with them.
template <typename T>
rc::Gen<std::vector<T>> UpTo(int most, const rc::Gen<T>& one) {
  return rc::gen::withSize([most, one](int size) {
    return rc::gen::resize(std::max(size * most / 100, 1),
                           rc::gen::container<std::vector<T>>(rc::gen::resize(size, one)));
  });
}

// Mostly of full size: RapidCheck's own growth would spend half of the cases on next to nothing.
template <typename T>
rc::Gen<T> MostlyLarge(const rc::Gen<T>& gen) {
  return rc::gen::weightedOneOf<T>({{1, gen}, {3, rc::gen::resize(100, gen)}});
}

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_GENERAL_GENERATORS_H_
