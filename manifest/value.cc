#include "manifest/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "audit/json.h"

namespace weir::manifest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// `integer`: no fraction and no exponent.
bool IsNumber(std::string_view text, bool integer) {
  std::size_t at = 0;
  if (at < text.size() && text[at] == '-') ++at;
  if (at == text.size() || !IsDigit(text[at])) return false;
  if (text[at] == '0') {
    ++at;
  } else {
    while (at < text.size() && IsDigit(text[at])) ++at;
  }
  if (integer) return at == text.size();
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (at == first) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t first = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (at == first) return false;
  }
  return at == text.size();
}

void AppendCanonical(const Value& value, std::string* out) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      out->append("null");
      return;
    case Value::Kind::kBool:
    case Value::Kind::kNumber:
      out->append(value.text());
      return;
    case Value::Kind::kString:
      audit::AppendJsonString(value.text(), out);
      return;
    case Value::Kind::kList: {
      out->push_back('[');
      bool first = true;
      for (const Value& item : value.items()) {
        if (!first) out->push_back(',');
        first = false;
        AppendCanonical(item, out);
      }
      out->push_back(']');
      return;
    }
    case Value::Kind::kMap: {
      std::vector<const Value::Member*> sorted;
      sorted.reserve(value.members().size());
      for (const Value::Member& member : value.members()) sorted.push_back(&member);
      std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
      out->push_back('{');
      bool first = true;
      for (const Value::Member* member : sorted) {
        if (!first) out->push_back(',');
        first = false;
        audit::AppendJsonString(member->key, out);
        out->push_back(':');
        AppendCanonical(member->value, out);
      }
      out->push_back('}');
      return;
    }
  }
}

}  // namespace

bool IsJsonNumber(std::string_view text) { return IsNumber(text, false); }

Value Value::Null(Position at) {
  Value value;
  value.position_ = at;
  return value;
}

Value Value::Bool(bool boolean, Position at) {
  Value value = Null(at);
  value.kind_ = Kind::kBool;
  value.text_ = boolean ? "true" : "false";
  return value;
}

Value Value::Number(std::string text, Position at) {
  Value value = Null(at);
  value.kind_ = Kind::kNumber;
  value.text_ = std::move(text);
  return value;
}

Value Value::String(std::string text, Position at, bool plain) {
  Value value = Null(at);
  value.kind_ = Kind::kString;
  value.plain_ = plain;
  value.text_ = std::move(text);
  return value;
}

Value Value::List(std::vector<Value> items, Position at) {
  Value value = Null(at);
  value.kind_ = Kind::kList;
  value.items_ = std::move(items);
  return value;
}

Value Value::Map(std::vector<Member> members, Position at) {
  Value value = Null(at);
  value.kind_ = Kind::kMap;
  value.members_ = std::move(members);
  return value;
}

const Value* Value::Find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::optional<std::string> Value::AsString() const {
  if (kind_ != Kind::kString) return std::nullopt;
  return text_;
}

std::optional<bool> Value::AsBool() const {
  if (kind_ != Kind::kBool && !(kind_ == Kind::kString && plain_)) return std::nullopt;
  if (text_ == "true") return true;
  if (text_ == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> Value::AsInteger() const {
  if (kind_ != Kind::kNumber && !(kind_ == Kind::kString && plain_)) return std::nullopt;
  if (!IsNumber(text_, true)) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text_.data() + text_.size();
  const auto [stopped, error] = std::from_chars(text_.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::optional<double> Value::AsNumber() const {
  if (kind_ != Kind::kNumber && !(kind_ == Kind::kString && plain_)) return std::nullopt;
  if (!IsNumber(text_, false)) return std::nullopt;
  double number = 0;
  const char* end = text_.data() + text_.size();
  const auto [stopped, error] = std::from_chars(text_.data(), end, number);
  if (error != std::errc() || stopped != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string Value::CanonicalJson() const {
  std::string out;
  AppendCanonical(*this, &out);
  return out;
}

}  // namespace weir::manifest
