#include <algorithm>
#include <string>
#include <utility>

#include "manifest/change_list.h"

namespace weir::manifest {
namespace {

Value::Member Field(std::string name, Value value) { return {std::move(name), {}, std::move(value)}; }

// dbt writes its own default, or nothing.
Value OrDefault(const std::string& written, std::string_view by_default) {
  return written == by_default ? Value::Null() : TextOrNull(written);
}

Value Thresholds(const Test& test) {
  return Value::Map({Field("warn_if", OrDefault(test.warn_if, "!= 0")),
                     Field("error_if", OrDefault(test.error_if, "!= 0")),
                     Field("fail_calc", OrDefault(test.fail_calc, "count(*)"))});
}

Value Arguments(const Test& test) {
  std::vector<Value::Member> members;
  for (const Value::Member& member : test.kwargs.members()) {
    // The model as Jinja, which `where` changes as well.
    if (member.key != "model") members.push_back(member);
  }
  return Value::Map(std::move(members));
}

Value TestFields(const Test& test) {
  return Value::Map({Field("name", test.generic ? TextOrNull(test.name) : Value::Null()),
                     Field("where", TextOrNull(test.where)), Field("limit", IntegerOrNull(test.limit)),
                     Field("arguments", Arguments(test)), Field("attached_node", TextOrNull(test.attached_node)),
                     Field("column_name", TextOrNull(test.column_name)),
                     Field("stores_failures", test.stores_failures ? Value::Bool(true) : Value::Null()),
                     Field("store_failures_as", TextOrNull(test.store_failures_as)),
                     Field("definition", TextOrNull(test.checksum))});
}

Value OwnerValue(const Owner& owner) {
  return Value::Map({Field("name", TextOrNull(owner.name)), Field("email", TextList(owner.emails))});
}

Value ExposureFields(const Exposure& exposure) {
  std::vector<Text> depends_on = exposure.depends_on;
  std::sort(depends_on.begin(), depends_on.end());
  return Value::Map({Field("type", TextOrNull(exposure.type)), Field("maturity", TextOrNull(exposure.maturity)),
                     Field("label", TextOrNull(exposure.label)), Field("url", TextOrNull(exposure.url)),
                     Field("depends_on", TextList(depends_on)),
                     Field("enabled", exposure.enabled ? Value::Null() : Value::Bool(false))});
}

Value FreshnessValue(const Source& source) {
  if (!source.freshness) return Value::Null();
  return Value::Map({Field("warn_after_seconds", IntegerOrNull(source.freshness->warn_after_seconds)),
                     Field("error_after_seconds", IntegerOrNull(source.freshness->error_after_seconds)),
                     Field("filter", TextOrNull(source.freshness->filter))});
}

// Where a source lies depends on the target that dbt was run for, unless the YAML says it without Jinja. A database
// that it does not say is the target's.
Value SourceFields(const Source& source, bool unrendered) {
  return Value::Map({Field("database", TextOrNull(source.unrendered_database)),
                     Field("schema", TextOrNull(unrendered ? source.unrendered_schema : source.schema)),
                     Field("identifier", TextOrNull(source.identifier)), Field("loader", TextOrNull(source.loader)),
                     Field("loaded_at_field", TextOrNull(source.loaded_at_field)),
                     Field("loaded_at_query", TextOrNull(source.loaded_at_query)),
                     Field("freshness", FreshnessValue(source))});
}

}  // namespace

void DiffTest(const Test& base, const Test& head, ChangeList* changes) {
  const std::string& id = head.unique_id;
  if (base.severity != head.severity) {
    changes->Add(head.severity == "warn" ? ChangeKind::kTestDowngraded : ChangeKind::kTestUpgraded, id, {},
                 Value::String(base.severity), Value::String(head.severity));
  }
  changes->AddIfMembersChanged(ChangeKind::kTestThresholdChanged, id, {}, Thresholds(base), Thresholds(head));
  Value before = TestFields(base), after = TestFields(head);
  if (changes->engines().differ) {
    // Engines compute checksums of unit tests each in their own way, and write arguments in another form.
    const auto comparable = [](const Test& test) {
      return Value::Map({Field("where", TextOrNull(test.where)), Field("limit", IntegerOrNull(test.limit)),
                         Field("attached_node", TextOrNull(test.attached_node))});
    };
    before = comparable(base);
    after = comparable(head);
  }
  changes->AddIfMembersChanged(ChangeKind::kTestChanged, id, {}, before, after);
  changes->AddIfMembersChanged(ChangeKind::kMetaChanged, id, {}, base.meta, head.meta);
  changes->AddIfSetChanged(ChangeKind::kTagsChanged, id, {}, base.tags, head.tags);
}

void DiffExposure(const Exposure& base, const Exposure& head, ChangeList* changes) {
  const std::string& id = head.unique_id;
  changes->AddIfMembersChanged(ChangeKind::kExposureChanged, id, {}, ExposureFields(base), ExposureFields(head));
  changes->AddIfMembersChanged(ChangeKind::kOwnerChanged, id, {}, OwnerValue(base.owner), OwnerValue(head.owner));
  changes->AddIfMembersChanged(ChangeKind::kMetaChanged, id, {}, base.meta, head.meta);
  changes->AddIfSetChanged(ChangeKind::kTagsChanged, id, {}, base.tags, head.tags);
}

void DiffSource(const Source& base, const Source& head, ChangeList* changes) {
  const std::string& id = head.unique_id;
  const bool unrendered = !base.unrendered_schema.empty() && !head.unrendered_schema.empty();
  changes->AddIfMembersChanged(ChangeKind::kSourceChanged, id, {}, SourceFields(base, unrendered),
                               SourceFields(head, unrendered));
  changes->AddIfMembersChanged(ChangeKind::kMetaChanged, id, {}, base.meta, head.meta);
  changes->AddIfSetChanged(ChangeKind::kTagsChanged, id, {}, base.tags, head.tags);
  changes->AddIfSetChanged(ChangeKind::kClassifiersChanged, id, {}, base.classifiers, head.classifiers);
  DiffColumns(id, {base.columns, base.tags}, {head.columns, head.tags}, changes);
}

void DiffGroup(const Group& base, const Group& head, ChangeList* changes) {
  changes->AddIfMembersChanged(ChangeKind::kOwnerChanged, head.unique_id, {}, OwnerValue(base.owner),
                               OwnerValue(head.owner));
  changes->AddIfMembersChanged(ChangeKind::kMetaChanged, head.unique_id, {}, base.meta, head.meta);
}

}  // namespace weir::manifest
