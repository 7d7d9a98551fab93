#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/approval_rules.h"
#include "audit/entry.h"

namespace weir::audit {

// What the entries of a log owe one another, checked in their order:
//   - an entry is canonical JSON with a kind; `run` and `plan` refer to an earlier run_start and plan;
//   - an outcome refers to an earlier intent that holds its record at its position;
//   - a record of an intent has at most one terminal outcome (any but `accepted`), and `accepted` at most once, before;
//   - approvals are what approval_rules.h says.
// A record without terminal outcome is no fault: its delivery is unknown. Memory grows with the intents that are open,
// and by two bits an entry.
class DeliveryRules {
 public:
  using Report = std::function<void(std::uint64_t index, const std::string& message)>;

  explicit DeliveryRules(Report report) : report_(std::move(report)), approvals_(report_) {}

  void Check(std::uint64_t index, std::string_view entry);

  std::uint64_t intents() const { return intents_; }
  std::uint64_t outcomes() const { return outcomes_; }
  // By index of the run_start: how many records have an intent and no terminal outcome.
  std::map<std::uint64_t, std::uint64_t> Unknown() const;

 private:
  enum class Delivery : std::uint8_t { kOpen, kAccepted, kDone };
  struct OpenIntent {
    std::uint64_t run = 0;
    std::vector<Tag> records;
    std::vector<Delivery> deliveries;
    std::size_t open = 0;  // deliveries that are not kDone
  };

  void CheckReferences(std::uint64_t index, const JsonValue& value);
  void CheckIntent(std::uint64_t index, const JsonValue& value);
  void CheckOutcome(std::uint64_t index, const JsonValue& value);
  static bool Has(const std::vector<bool>& bits, std::uint64_t index) { return index < bits.size() && bits[index]; }
  static void Mark(std::vector<bool>* bits, std::uint64_t index);

  Report report_;
  ApprovalRules approvals_;
  std::unordered_map<std::uint64_t, OpenIntent> open_;
  std::vector<bool> is_intent_;
  std::vector<bool> is_run_;
  std::vector<bool> is_plan_;
  std::uint64_t intents_ = 0;
  std::uint64_t outcomes_ = 0;
};

}  // namespace weir::audit
