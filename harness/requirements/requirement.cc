#include "harness/requirements/requirement.h"

#include <algorithm>
#include <array>

#include "harness/requirements/table.h"
#include "stack/base/check.h"

namespace assay::requirements {
namespace {

template <typename Enum, size_t kCount>
std::string_view NameIn(const std::array<std::string_view, kCount>& names, Enum value) {
  const auto index = static_cast<size_t>(value);
  ASSAY_CHECK(index < kCount);
  return names[index];
}

}  // namespace

std::span<const Requirement> All() { return {kTable, kTableSize}; }

const Requirement* Find(std::string_view id) {
  const std::span<const uint16_t> by_id(kById, kTableSize);
  const auto found =
      std::ranges::lower_bound(by_id, id, {}, [](uint16_t row) { return kTable[row].id; });
  return found != by_id.end() && kTable[*found].id == id ? &kTable[*found] : nullptr;
}

std::string_view Name(Level level) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED", "MAY", "PROSE"};
  return NameIn(kNames, level);
}

std::string_view Name(Scope scope) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "wire-sender", "wire-receiver", "timer", "app-api", "ip-layer", "security", "admin"};
  return NameIn(kNames, scope);
}

std::string_view Name(Observability observability) {
  static constexpr std::array<std::string_view, 4> kNames = {"black-box", "gray", "white", "none"};
  return NameIn(kNames, observability);
}

int Rfc(const Requirement& requirement) {
  int number = 0;
  for (size_t i = 3; i < requirement.id.size() && requirement.id[i] != '-'; ++i) {
    number = number * 10 + (requirement.id[i] - '0');
  }
  return number;
}

std::string Citation(const Requirement& requirement) {
  return "RFC " + std::to_string(Rfc(requirement)) + ", " + std::string(requirement.section);
}

}  // namespace assay::requirements
