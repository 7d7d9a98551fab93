#include "manifest/field_table.h"
#include "manifest/resource_reader.h"

namespace weir::manifest {
namespace {

using Extras = ColumnReader::Extras;
using ColumnReading = ColumnReader::Reading;

using ReadField = void (*)(JsonNode&, ColumnReading*);

template <Text Column::*kMember>
void TextField(JsonNode& value, ColumnReading* out) {
  out->column->*kMember = value.Text();
  out->last_text = value.token();
}

void Meta(JsonNode& value, ColumnReading* out) { out->extras->meta = value.ToMap(); }

template <Value Extras::*kMember>
void AnyValue(JsonNode& value, ColumnReading* out) {
  out->extras->*kMember = value.ToValue();
}

template <std::vector<Text> Extras::*kMember>
void Strings(JsonNode& value, ColumnReading* out) {
  out->extras->*kMember = ReadStrings(value);
}

constexpr FieldTable kConfigFields({
    TableField<ReadField>{"meta", Meta},
    {"tags", Strings<&Extras::tags>},
    {"classifiers", Strings<&Extras::classifiers>},
    {"policy_tags", Strings<&Extras::policy_tags>},
    {"column_mask", AnyValue<&Extras::mask>},
    {"databricks_tags", AnyValue<&Extras::databricks_tags>},
});

constexpr FieldTable kColumnFields({
    TableField<ReadField>{"name", TextField<&Column::name>},
    {"data_type", TextField<&Column::data_type>},
    {"description",
     [](JsonNode& value, ColumnReading* out) {
       if (out->descriptions) out->column->description = value.Text();
       if (!value.IsMap() && !value.IsList()) out->last_text = value.token();
     }},
    {"constraints",
     [](JsonNode& value, ColumnReading* out) { out->column->constraints = value.ToValue(); }},
    {"quote",
     [](JsonNode& value, ColumnReading* out) {
       if (!value.IsNull()) out->column->quote = value.Text() == "true";
     }},
    {"config",
     [](JsonNode& value, ColumnReading* out) {
       out->extras = &out->config;
       value.ReadFields(kConfigFields, out->config_order, out);
       out->extras = &out->top;
     }},
    {"meta", Meta},
    {"tags", Strings<&Extras::tags>},
    {"classifiers", Strings<&Extras::classifiers>},
    {"policy_tags", Strings<&Extras::policy_tags>},
    {"column_mask", AnyValue<&Extras::mask>},
    {"databricks_tags", AnyValue<&Extras::databricks_tags>},
});

void AddValue(const Value& value, Value* to) {
  if (!value.IsNull()) *to = value;
}

void AddValues(const Extras& more, Extras* to) {
  AddValue(more.meta, &to->meta);
  AddValue(more.mask, &to->mask);
  AddValue(more.databricks_tags, &to->databricks_tags);
}

std::vector<Text> Union(std::vector<Text>&& a, std::vector<Text>&& b) {
  std::vector<Text> all;
  AddDistinct(std::move(a), &all);
  AddDistinct(std::move(b), &all);
  return all;
}

}  // namespace

bool ColumnReader::Extras::SaysNothing() const {
  return HasNoLabels() && meta.IsNothing() && mask.IsNothing() && databricks_tags.IsNothing();
}

bool ColumnReader::Reading::SaysNothing() const {
  return !column->quote && column->constraints.IsNothing() && top.SaysNothing() && config.SaysNothing();
}

void ColumnReader::ReadColumn(std::string_view key, JsonNode& json, Column* column) {
  Reading& reading = reading_;
  reading.column = column;
  reading.last_text = 0;
  if (json.ReadFieldsBefore(usual_.rest, kColumnFields, &order_, &reading)) {
    ++usual_.hits;
    usual_.misses_in_a_row = 0;
    AddValue(usual_.constraints, &column->constraints);
    AddValues(usual_.top, &reading.top);
    AddValues(usual_.config, &reading.config);
  } else {
    LearnRest(json, reading.last_text);
  }
  Extras& top = reading.top;
  Extras& config = reading.config;
  if (column->name.empty()) column->name = key;
  column->meta = MergeMeta(std::move(top.meta), std::move(config.meta));
  column->mask = config.mask.IsNull() ? std::move(top.mask) : std::move(config.mask);
  column->databricks_tags = MergeMeta(std::move(top.databricks_tags), std::move(config.databricks_tags));
  if (top.HasNoLabels() && config.HasNoLabels()) {
    for (Extras* extras : {&top, &config}) extras->meta = extras->mask = extras->databricks_tags = Value();
    return;
  }
  column->tags = Union(std::move(top.tags), std::move(config.tags));
  column->classifiers = Union(std::move(top.classifiers), std::move(config.classifiers));
  column->policy_tags = Union(std::move(top.policy_tags), std::move(config.policy_tags));
  top = config = {};
}

void ColumnReader::LearnRest(JsonNode& json, std::size_t last_text) {
  static constexpr std::size_t kLongest = 1024;  // bytes
  static constexpr std::size_t kPatience = 16;   // beyond what it has spared
  ++usual_.misses_in_a_row;
  if (!usual_.rest.text.empty() && usual_.misses_in_a_row == 1) return;  // an exception, perhaps
  if (usual_.learnt > usual_.hits + kPatience) return;
  ++usual_.learnt;
  const JsonNode::Rest rest = json.RestBehind(last_text);
  if (rest.text.empty() || rest.text.size() > kLongest) return;
  Column column;
  Reading reading;
  reading.column = &column;
  reading.config_order = &config_order_;
  json.ReadRest(rest, kColumnFields, &order_, &reading);
  if (column.quote || !reading.top.HasNoLabels() || !reading.config.HasNoLabels()) return;
  usual_.text = rest.text;
  usual_.rest = {usual_.text, rest.first_token, rest.tokens};
  usual_.constraints = column.constraints;
  usual_.top = std::move(reading.top);
  usual_.config = std::move(reading.config);
}

std::vector<Column> ColumnReader::Read(JsonNode& json) {
  columns_.clear();
  json.EachField(
      [this](std::string_view key, JsonNode& value) { ReadColumn(key, value, &columns_.emplace_back()); });
  return {std::make_move_iterator(columns_.begin()), std::make_move_iterator(columns_.end())};
}

void MarkCopiedMeta(const Value& node_meta, std::vector<Column>* columns) {
  if (node_meta.members().empty()) return;
  std::string node_json;
  for (Column& column : *columns) {
    if (column.meta.members().size() != node_meta.members().size()) continue;
    if (node_json.empty()) node_json = node_meta.CanonicalJson();
    column.meta_copied_from_node = column.meta.CanonicalJson() == node_json;
  }
}

}  // namespace weir::manifest
