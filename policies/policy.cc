#include "policies/policy.h"

#include <algorithm>

namespace weir::policies {
namespace {

template <typename T>
const T* FindNamed(const std::vector<T>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const T& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string_view Name(LeaveAction action) {
  switch (action) {
    case LeaveAction::kDelete:
      return "delete";
    case LeaveAction::kBlank:
      return "blank";
    case LeaveAction::kSuppress:
      return "suppress";
    case LeaveAction::kKeep:
      return "keep";
  }
  return "delete";
}

std::string Audience::ToText() const {
  std::string out;
  const auto add = [&out](std::string_view key, const std::string& value) {
    if (!value.empty()) out.append(out.empty() ? "" : ", ").append(key).append(": ").append(value);
  };
  add("destination", destination);
  add("role", role);
  add("purpose", purpose);
  add("trust", trust);
  return out.empty() ? "any" : "{" + out + "}";
}

const DestinationFacts* Policy::FindDestination(std::string_view name) const {
  return FindNamed(destinations, name);
}
const Purpose* Policy::FindPurpose(std::string_view name) const { return FindNamed(purposes, name); }
const ClassDefinition* Policy::FindClass(std::string_view name) const { return FindNamed(classes, name); }

bool Covers(std::string_view rule_class, std::string_view column_class) {
  return column_class == rule_class ||
         (column_class.size() > rule_class.size() && column_class.starts_with(rule_class) &&
          column_class[rule_class.size()] == '.');
}

}  // namespace weir::policies
