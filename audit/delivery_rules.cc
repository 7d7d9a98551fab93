#include "audit/delivery_rules.h"

namespace weir::audit {

void DeliveryRules::Mark(std::vector<bool>* bits, std::uint64_t index) {
  if (bits->size() <= index) bits->resize(index + 1);
  (*bits)[index] = true;
}

void DeliveryRules::Check(std::uint64_t index, std::string_view text) {
  const auto entry = ParseEntry(text);
  if (!entry) {
    report_(index, "is not a line of JSON with sorted keys and a kind");
    return;
  }
  CheckReferences(index, entry->value);
  if (entry->kind == "run_start") Mark(&is_run_, index);
  if (entry->kind == "plan") Mark(&is_plan_, index);
  if (entry->kind == "intent") CheckIntent(index, entry->value);
  if (entry->kind == "outcome") CheckOutcome(index, entry->value);
  approvals_.Check(index, *entry);
}

void DeliveryRules::CheckReferences(std::uint64_t index, const JsonValue& value) {
  // In a run_start `run` is a text; everywhere else an index.
  if (const auto run = value.Integer("run"); run && !Has(is_run_, *run)) {
    report_(index, "names entry " + std::to_string(*run) + " as its run, which is no earlier run_start");
  }
  if (const auto plan = value.Integer("plan"); plan && !Has(is_plan_, *plan)) {
    report_(index, "names entry " + std::to_string(*plan) + " as its plan, which is no earlier plan");
  }
  if (const auto first = value.Integer("retry_of"); first && !Has(is_intent_, *first)) {
    report_(index, "repeats entry " + std::to_string(*first) + ", which is no earlier intent");
  }
}

void DeliveryRules::CheckIntent(std::uint64_t index, const JsonValue& value) {
  ++intents_;
  Mark(&is_intent_, index);
  const JsonValue* records = value.Find("records");
  OpenIntent intent;
  intent.run = value.Integer("run").value_or(0);
  if (records != nullptr) {
    for (const JsonValue& item : records->items) {
      if (item.kind != JsonValue::Kind::kString || !DecodeTag(item.string, &intent.records.emplace_back())) {
        report_(index, "is an intent with a malformed record tag");
        return;
      }
    }
  }
  if (intent.records.empty() || intent.records.size() > kMaxIntentRecords) {
    report_(index, "is an intent of " + std::to_string(intent.records.size()) + " records; 1 to 512 are allowed");
    return;
  }
  const auto part = value.Integer("part");
  const auto parts = value.Integer("parts");
  if (!part || !parts || *part >= *parts) report_(index, "is an intent whose part is not below its parts");
  intent.deliveries.assign(intent.records.size(), Delivery::kOpen);
  intent.open = intent.records.size();
  open_.emplace(index, std::move(intent));
}

void DeliveryRules::CheckOutcome(std::uint64_t index, const JsonValue& value) {
  ++outcomes_;
  const auto intent_index = value.Integer("intent");
  const auto pos = value.Integer("pos");
  Tag record;
  if (!intent_index || !pos || !DecodeTag(value.TextOr("record", ""), &record)) {
    report_(index, "is an outcome without intent, pos or record");
    return;
  }
  const std::string of = "entry " + std::to_string(*intent_index);
  const std::string place = "record " + std::to_string(*pos) + " of intent " + std::to_string(*intent_index);
  if (!Has(is_intent_, *intent_index)) {
    report_(index, "is an outcome of " + of + ", which is no earlier intent");
    return;
  }
  const auto found = open_.find(*intent_index);
  if (found == open_.end()) {
    report_(index, "is a second outcome: every record of intent " + std::to_string(*intent_index) + " has one already");
    return;
  }
  OpenIntent& intent = found->second;
  if (*pos >= intent.records.size()) {
    report_(index, "is an outcome of " + place + ", which has only " + std::to_string(intent.records.size()));
    return;
  }
  if (intent.records[*pos] != record) {
    report_(index, "is an outcome of " + place + " but names another record");
    return;
  }
  Delivery& delivery = intent.deliveries[*pos];
  const std::string_view result = value.TextOr("result", "");
  if (result == Name(OutcomeResult::kAccepted)) {
    if (delivery != Delivery::kOpen) report_(index, "accepts " + place + ", which has an outcome already");
    if (delivery == Delivery::kOpen) delivery = Delivery::kAccepted;
    return;
  }
  const bool known = result == Name(OutcomeResult::kDelivered) || result == Name(OutcomeResult::kRejected) ||
                     result == Name(OutcomeResult::kAlreadySo) || result == Name(OutcomeResult::kUnknown);
  if (!known) {
    report_(index, "is an outcome with an unknown result");
    return;
  }
  if (delivery == Delivery::kDone) {
    report_(index, "is a second terminal outcome of " + place);
    return;
  }
  delivery = Delivery::kDone;
  if (--intent.open == 0) open_.erase(found);
}

std::map<std::uint64_t, std::uint64_t> DeliveryRules::Unknown() const {
  std::map<std::uint64_t, std::uint64_t> by_run;
  for (const auto& [index, intent] : open_) by_run[intent.run] += intent.open;
  return by_run;
}

}  // namespace weir::audit
