#include "manifest/fields.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace weir::manifest {
namespace {

std::string_view Describe(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "a boolean";
    case Value::Kind::kNumber:
      return "a number";
    case Value::Kind::kString:
      return "a string";
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kMap:
      return "a map";
  }
  return "null";
}

// A short scalar is shown as written, anything else by its kind.
std::string Found(const Value& value) {
  const bool scalar = value.kind() == Value::Kind::kBool || value.kind() == Value::Kind::kNumber ||
                      value.kind() == Value::Kind::kString;
  if (!scalar || value.text().size() > 60) return std::string(Describe(value));
  if (value.kind() == Value::Kind::kString && !value.plain()) return "the string `" + value.text() + "`";
  return "`" + value.text() + "`";
}

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "`" : ", `").append(name).append("`");
  return out;
}

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

}  // namespace

Fields::Fields(const Value& value, std::string what, std::string file, std::string code,
               Diagnostics* diagnostics, std::string_view example)
    : value_(value),
      what_(std::move(what)),
      file_(std::move(file)),
      code_(std::move(code)),
      diagnostics_(diagnostics) {
  if (value_.kind() == Value::Kind::kMap) return;
  Error(value_, what_ + " must be a map, not " + Found(value_) +
                    (example.empty() ? "" : ", such as " + Quoted(example)));
}

const Value* Fields::Any(std::string_view key) {
  asked_.emplace_back(key);
  const Value* value = value_.Find(key);
  return value == nullptr || value->IsNull() ? nullptr : value;
}

const Value* Fields::Required(std::string_view key) {
  const Value* value = Any(key);
  if (value == nullptr && value_.kind() == Value::Kind::kMap) Error(value_, what_ + " needs " + Quoted(key));
  return value;
}

std::optional<std::string> Fields::String(std::string_view key) {
  const Value* value = Any(key);
  if (value == nullptr) return std::nullopt;
  std::optional<std::string> text = value->AsString();
  if (!text) Error(*value, Quoted(key) + " of " + what_ + " must be a string, not " + Found(*value));
  return text;
}

std::optional<std::string> Fields::RequiredString(std::string_view key) {
  if (Required(key) == nullptr) return std::nullopt;
  std::optional<std::string> text = String(key);
  if (text && text->empty()) {
    Error(*value_.Find(key), Quoted(key) + " of " + what_ + " is empty");
    return std::nullopt;
  }
  return text;
}

std::optional<bool> Fields::Bool(std::string_view key) {
  const Value* value = Any(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<bool> boolean = value->AsBool();
  if (!boolean) {
    Error(*value, Quoted(key) + " of " + what_ + " must be `true` or `false`, not " + Found(*value));
  }
  return boolean;
}

std::optional<std::int64_t> Fields::Integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const Value* value = Any(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::int64_t> number = value->AsInteger();
  if (number && *number >= least && *number <= most) return number;
  Error(*value, Quoted(key) + " of " + what_ + " must be an integer from " + std::to_string(least) + " to " +
                    std::to_string(most) + ", not " + Found(*value));
  return std::nullopt;
}

std::vector<std::string> Fields::Strings(std::string_view key) {
  const Value* value = Any(key);
  if (value == nullptr) return {};
  if (const std::optional<std::string> text = value->AsString()) return {*text};
  std::vector<std::string> strings;
  if (value->kind() != Value::Kind::kList) {
    Error(*value, Quoted(key) + " of " + what_ + " must be a list of strings, not " + Found(*value));
    return strings;
  }
  for (const Value& item : value->items()) {
    if (std::optional<std::string> text = item.AsString()) {
      strings.push_back(std::move(*text));
    } else {
      Error(item, "every item of " + Quoted(key) + " of " + what_ + " must be a string, not " + Found(item));
    }
  }
  return strings;
}

std::optional<std::string> Fields::Choice(std::string_view key, const std::vector<std::string>& choices) {
  const Value* value = Any(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::string> text = value->AsString();
  if (text && std::find(choices.begin(), choices.end(), *text) != choices.end()) return text;
  std::string message =
      Quoted(key) + " of " + what_ + " must be one of " + Listed(choices) + ", not " + Found(*value);
  if (text) message += DidYouMean(*text, choices);
  Error(*value, std::move(message));
  return std::nullopt;
}

void Fields::Error(const Value& at, std::string message) {
  // A value without a position (an absent one, an empty map of JSON) is reported where its map stands.
  Error(at.position().line == 0 ? value_.position() : at.position(), std::move(message));
}

void Fields::Error(Position at, std::string message) {
  diagnostics_->Error(code_, file_, at, std::move(message));
}

void Fields::Finish() {
  static constexpr std::size_t kMostListed = 20;
  std::sort(asked_.begin(), asked_.end());
  asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
  for (const Value::Member& member : value_.members()) {
    if (std::binary_search(asked_.begin(), asked_.end(), member.key)) continue;
    std::string hint = DidYouMean(member.key, asked_);
    if (hint.empty() && !asked_.empty() && asked_.size() <= kMostListed)
      hint = "; it takes " + Listed(asked_);
    const std::string shown = member.key.size() > 60 ? member.key.substr(0, 57) + "..." : member.key;
    Error(member.key_position.line == 0 ? value_.position() : member.key_position,
          "unknown key " + Quoted(shown) + " in " + what_ + hint);
  }
}

std::optional<std::int64_t> ParseDurationSeconds(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    default:
      return std::nullopt;
  }
  if (text.front() < '0' || text.front() > '9') return std::nullopt;
  std::int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stopped != end || count > std::numeric_limits<std::int64_t>::max() / unit) {
    return std::nullopt;
  }
  return count * unit;
}

}  // namespace weir::manifest
