// The generated arrays behind All() and Find(); nobody else includes this. See ci/registry.py.

#ifndef ASSAY_HARNESS_REQUIREMENTS_TABLE_H_
#define ASSAY_HARNESS_REQUIREMENTS_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "harness/requirements/requirement.h"

namespace assay::requirements {

extern const Requirement kTable[];
extern const size_t kTableSize;
extern const uint16_t kById[];

}  // namespace assay::requirements

#endif  // ASSAY_HARNESS_REQUIREMENTS_TABLE_H_
