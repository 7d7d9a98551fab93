#include "policies/json_writer.h"

#include "audit/json.h"

namespace weir::policies {

void JsonWriter::Open(std::string_view key) {
  if (comma_) out_.push_back(',');
  comma_ = true;
  if (key.empty()) return;
  audit::AppendJsonString(key, &out_);
  out_.push_back(':');
}

void JsonWriter::BeginObject(std::string_view key) {
  Open(key);
  out_.push_back('{');
  comma_ = false;
}

void JsonWriter::EndObject() {
  out_.push_back('}');
  comma_ = true;
}

void JsonWriter::BeginArray(std::string_view key) {
  Open(key);
  out_.push_back('[');
  comma_ = false;
}

void JsonWriter::EndArray() {
  out_.push_back(']');
  comma_ = true;
}

void JsonWriter::Text(std::string_view key, std::string_view value) {
  Open(key);
  audit::AppendJsonString(value, &out_);
}

void JsonWriter::Bool(std::string_view key, bool value) {
  Open(key);
  out_.append(value ? "true" : "false");
}

void JsonWriter::Integer(std::string_view key, std::uint64_t value) {
  Open(key);
  out_.append(std::to_string(value));
}

void JsonWriter::Texts(std::string_view key, const std::vector<std::string>& values) {
  BeginArray(key);
  for (const std::string& value : values) Text({}, value);
  EndArray();
}

void JsonWriter::TextOrNull(std::string_view key, std::string_view value) {
  if (!value.empty()) return Text(key, value);
  Open(key);
  out_.append("null");
}

}  // namespace weir::policies
