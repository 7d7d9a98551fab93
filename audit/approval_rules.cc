#include "audit/approval_rules.h"

#include <algorithm>

namespace weir::audit {
namespace {

bool IsDigest(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool IsListOfTexts(const JsonValue* list) {
  return list != nullptr && list->kind == JsonValue::Kind::kArray && !list->items.empty() &&
         std::all_of(list->items.begin(), list->items.end(), [](const JsonValue& item) {
           return item.kind == JsonValue::Kind::kString && !item.string.empty();
         });
}

}  // namespace

void ApprovalRules::Check(std::uint64_t index, const Entry& entry) {
  const bool approval = entry.kind == "approval";
  if (!approval && entry.kind != "override") return;
  const JsonValue& value = entry.value;
  if (!value.Integer("run")) report_(index, "is an " + entry.kind + " without a run");
  if (!IsDigest(value.TextOr("plan_digest", ""))) report_(index, "is an " + entry.kind + " without the digest of a plan");
  if (!approval && !IsListOfTexts(value.Find("lifted"))) report_(index, "is an override that lifts nothing");
  if (approval && !value.Integer("changes") && !value.Integer("deletes") && !value.Integer("rows")) {
    report_(index, "is an approval of no guard");
  }
  const std::string_view action = value.TextOr("action", "");
  if (approval && action == "waiting") return;
  if (approval && action != "used") {
    report_(index, "is an approval with an unknown action");
    return;
  }
  CheckUse(index, value);
}

void ApprovalRules::CheckUse(std::uint64_t index, const JsonValue& value) {
  const std::string_view document = value.TextOr("document", "");
  if (!IsDigest(document) || !IsListOfTexts(value.Find("principals"))) {
    report_(index, "uses an approval without saying which, or who signed it");
    return;
  }
  const auto [before, first] = used_.try_emplace(std::string(document), index);
  if (!first) report_(index, "uses an approval that entry " + std::to_string(before->second) + " used already");
}

}  // namespace weir::audit
