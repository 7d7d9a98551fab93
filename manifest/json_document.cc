#include "manifest/json_document.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "manifest/artifacts.h"
#include "manifest/diagnostic.h"
#include "manifest/source_line.h"

namespace weir::manifest {

namespace ondemand = simdjson::ondemand;

struct JsonReading {
  JsonReading(const ArtifactFile& the_file, std::string the_remedy)
      : file(the_file), remedy(std::move(the_remedy)) {}

  const ArtifactFile& file;
  std::string remedy;
  ondemand::parser parser;
  ondemand::document document;

  std::size_t Offset() {
    const char* at = nullptr;
    if (document.current_location().get(at) != simdjson::SUCCESS) return file.text().size();
    const std::ptrdiff_t offset = at - file.text().data();
    return static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(file.text().size())));
  }

  std::string Located(std::size_t offset, const std::string& message) const {
    const Position at = PositionOfByte(file.text(), offset);
    return file.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
           EscapeForTerminal(message);  // it may quote the file
  }

  [[noreturn]] void ThrowDamaged(std::size_t offset, const std::string& what) const {
    throw ArtifactError("W-ART-002", Located(offset, what + "; " + remedy));
  }

  [[noreturn]] void Throw(simdjson::error_code error);

  void Check(simdjson::error_code error) {
    if (error != simdjson::SUCCESS) [[unlikely]]
      Throw(error);
  }
};

namespace {

// simdjson finds out in blocks that a text is not UTF-8, without saying where.
std::optional<std::size_t> FindInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = Utf8Length(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::nullopt;
}

std::size_t FindControlInString(std::string_view text) {
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (in_string && static_cast<unsigned char>(c) < 0x20) {
      return at;
    }
  }
  return text.size();
}

ondemand::value& Raw(void* value) { return *static_cast<ondemand::value*>(value); }

std::string_view Describe(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::array:
      return "a list";
    case ondemand::json_type::object:
      return "a map";
    case ondemand::json_type::number:
      return "a number";
    case ondemand::json_type::string:
      return "a string";
    case ondemand::json_type::boolean:
      return "a boolean";
    case ondemand::json_type::null:
      return "null";
  }
  return "unknown";
}

}  // namespace

void JsonReading::Throw(simdjson::error_code error) {
  const std::string_view text = file.text();
  switch (error) {
    case simdjson::EMPTY:
      ThrowDamaged(0, "the file is empty");
    case simdjson::UNCLOSED_STRING:
      ThrowDamaged(text.size(), "the file ends inside of a string: it is cut off or damaged");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      ThrowDamaged(text.size(), "the file ends too early: it is cut off or damaged");
    case simdjson::UTF8_ERROR:
      ThrowDamaged(FindInvalidUtf8(text).value_or(text.size()), "not JSON: not UTF-8");
    case simdjson::UNESCAPED_CHARS:
      ThrowDamaged(FindControlInString(text), "not JSON: a control character inside of a string");
    case simdjson::STRING_ERROR:
      ThrowDamaged(Offset(), "not JSON: a wrong escape in a string");
    case simdjson::NUMBER_ERROR:
      ThrowDamaged(Offset(), "not JSON: a wrong number");
    case simdjson::MEMALLOC:
      throw ArtifactError(
          "W-ART-004", file.path() + ": not enough memory to read " + std::to_string(text.size()) + " bytes");
    case simdjson::CAPACITY:
    case simdjson::DEPTH_ERROR:
      throw ArtifactError("W-ART-004", Located(Offset(), "nested deeper than weir reads"));
    default: {
      const std::size_t offset = Offset();
      if (offset >= text.size()) ThrowDamaged(offset, "the file ends too early: it is cut off or damaged");
      ThrowDamaged(offset, "not JSON");
    }
  }
}

namespace {

ondemand::json_type TypeOf(JsonReading* reading, void* value) {
  ondemand::json_type type = ondemand::json_type::null;
  reading->Check(Raw(value).type().get(type));
  return type;
}

}  // namespace

void JsonNode::RefuseAs(const std::string& code, const std::string& message) {
  throw ArtifactError(code, reading_->Located(reading_->Offset(), message));
}

void JsonNode::Refuse(const std::string& message) { RefuseAs("W-ART-005", message); }

bool JsonNode::IsNull() {
  if (TypeOf(reading_, value_) != ondemand::json_type::null) return false;
  bool null = false;
  reading_->Check(simdjson::simdjson_result<bool>(Raw(value_).is_null()).get(null));
  if (!null) reading_->Throw(simdjson::N_ATOM_ERROR);
  return true;
}

bool JsonNode::IsString() { return TypeOf(reading_, value_) == ondemand::json_type::string; }
bool JsonNode::IsMap() { return TypeOf(reading_, value_) == ondemand::json_type::object; }
bool JsonNode::IsList() { return TypeOf(reading_, value_) == ondemand::json_type::array; }

std::string_view JsonNode::String() {
  if (const ondemand::json_type type = TypeOf(reading_, value_); type != ondemand::json_type::string) {
    Refuse("expected a string, not " + std::string(Describe(type)));
  }
  std::string_view text;
  reading_->Check(Raw(value_).get_string().get(text));
  return text;
}

std::string JsonNode::Text() {
  switch (const ondemand::json_type type = TypeOf(reading_, value_)) {
    case ondemand::json_type::string:
      return std::string(String());
    case ondemand::json_type::boolean:
      return Bool() ? "true" : "false";
    case ondemand::json_type::null:
      IsNull();
      return {};
    case ondemand::json_type::number: {
      std::string_view token = Raw(value_).raw_json_token();
      token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
      if (!IsJsonNumber(token)) reading_->Throw(simdjson::NUMBER_ERROR);
      return std::string(token);
    }
    default:
      Refuse("expected a string, not " + std::string(Describe(type)));
  }
}

bool JsonNode::Bool() {
  if (IsNull()) return false;
  if (const ondemand::json_type type = TypeOf(reading_, value_); type != ondemand::json_type::boolean) {
    Refuse("expected `true` or `false`, not " + std::string(Describe(type)));
  }
  bool boolean = false;
  reading_->Check(Raw(value_).get_bool().get(boolean));
  return boolean;
}

double JsonNode::Number() {
  if (IsNull()) return 0;
  if (const ondemand::json_type type = TypeOf(reading_, value_); type != ondemand::json_type::number) {
    Refuse("expected a number, not " + std::string(Describe(type)));
  }
  double number = 0;
  reading_->Check(Raw(value_).get_double().get(number));
  return number;
}

void JsonNode::EachField(Visitor<std::string_view, JsonNode&> visit) {
  if (IsNull()) return;
  if (const ondemand::json_type type = TypeOf(reading_, value_); type != ondemand::json_type::object) {
    Refuse("expected a map, not " + std::string(Describe(type)));
  }
  ondemand::object object;
  reading_->Check(Raw(value_).get_object().get(object));
  for (auto result : object) {
    ondemand::field field;
    reading_->Check(std::move(result).get(field));
    std::string_view key;
    reading_->Check(field.unescaped_key().get(key));
    ondemand::value value = field.value();
    JsonNode node(&value, reading_);
    visit(key, node);
  }
}

std::string_view JsonNode::EachFieldOfText(Visitor<std::string_view, JsonNode&> visit) {
  if (IsNull()) return {};
  const char* const begin = Raw(value_).raw_json_token().data();
  EachField(visit);
  // The reading stands at what comes next: a comma, or a bracket that closes an outer value.
  const char* end = nullptr;
  reading_->Check(reading_->document.current_location().get(end));
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  return text.substr(0, text.rfind('}') + 1);
}

void JsonNode::EachItem(Visitor<JsonNode&> visit) {
  if (IsNull()) return;
  if (const ondemand::json_type type = TypeOf(reading_, value_); type != ondemand::json_type::array) {
    Refuse("expected a list, not " + std::string(Describe(type)));
  }
  ondemand::array array;
  reading_->Check(Raw(value_).get_array().get(array));
  for (auto result : array) {
    ondemand::value value;
    reading_->Check(std::move(result).get(value));
    JsonNode node(&value, reading_);
    visit(node);
  }
}

Value JsonNode::ToValue() { return ToValueAt(0); }

Value JsonNode::ToValueAt(std::size_t depth) {
  if (depth > JsonDocument::kMaxDepth) {
    RefuseAs("W-ART-004", "nested deeper than " + std::to_string(JsonDocument::kMaxDepth) + " levels");
  }
  switch (TypeOf(reading_, value_)) {
    case ondemand::json_type::null:
      IsNull();
      return Value::Null();
    case ondemand::json_type::boolean:
      return Value::Bool(Bool());
    case ondemand::json_type::number:
      return Value::Number(Text());
    case ondemand::json_type::string:
      return Value::String(std::string(String()));
    case ondemand::json_type::array: {
      std::vector<Value> items;
      EachItem([&](JsonNode& item) { items.push_back(item.ToValueAt(depth + 1)); });
      return Value::List(std::move(items));
    }
    case ondemand::json_type::object: {
      std::vector<Value::Member> members;
      std::unordered_map<std::string, std::size_t> index;  // of maps that are too long to be searched
      EachField([&](std::string_view key, JsonNode& item) {
        static constexpr std::size_t kSearched = 16;
        std::size_t at = members.size();
        if (members.size() < kSearched) {
          const auto same = [key](const Value::Member& member) { return member.key == key; };
          at = static_cast<std::size_t>(std::find_if(members.begin(), members.end(), same) - members.begin());
        } else {
          if (index.empty()) {
            for (std::size_t i = 0; i < members.size(); ++i) index.emplace(members[i].key, i);
          }
          at = index.emplace(key, members.size()).first->second;
        }
        if (at == members.size()) members.push_back({std::string(key), {}, {}});
        members[at].value = item.ToValueAt(depth + 1);
      });
      return Value::Map(std::move(members));
    }
  }
  reading_->Throw(simdjson::TAPE_ERROR);
}

JsonDocument::JsonDocument(const ArtifactFile& file, std::string remedy)
    : reading_(std::make_unique<JsonReading>(file, std::move(remedy))) {}

JsonDocument::~JsonDocument() = default;

void JsonDocument::EachField(Visitor<std::string_view, JsonNode&> visit) {
  static_assert(ArtifactFile::kPadding >= simdjson::SIMDJSON_PADDING);
  JsonReading& reading = *reading_;
  const std::string_view text = reading.file.text();
  const simdjson::error_code error =
      reading.parser.iterate(text.data(), text.size(), text.size() + ArtifactFile::kPadding)
          .get(reading.document);
  if (error != simdjson::SUCCESS) {
    // Nothing has been read: the document is not there to be asked for a position.
    if (error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS || error == simdjson::EMPTY ||
        error == simdjson::UNCLOSED_STRING || error == simdjson::MEMALLOC) {
      reading.Throw(error);
    }
    reading.ThrowDamaged(text.size(), "not JSON");
  }
  ondemand::json_type type = ondemand::json_type::null;
  if (reading.document.type().get(type) != simdjson::SUCCESS) reading.ThrowDamaged(0, "not JSON");
  if (type != ondemand::json_type::object) {
    throw ArtifactError("W-ART-005",
                        reading.Located(0, "expected a map, not " + std::string(Describe(type))));
  }
  ondemand::object object;
  reading.Check(reading.document.get_object().get(object));
  for (auto result : object) {
    ondemand::field field;
    reading.Check(std::move(result).get(field));
    std::string_view key;
    reading.Check(field.unescaped_key().get(key));
    ondemand::value value = field.value();
    JsonNode node(&value, &reading);
    visit(key, node);
  }
  const char* rest = nullptr;
  if (reading.document.current_location().get(rest) == simdjson::SUCCESS) {
    reading.ThrowDamaged(static_cast<std::size_t>(rest - text.data()), "not JSON: text behind the end");
  }
}

}  // namespace weir::manifest
