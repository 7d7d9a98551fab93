#include "manifest/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <variant>

#include "audit/json.h"

namespace weir::manifest {

struct Value::Content : Held {
  std::variant<std::string, std::vector<Value>, std::vector<Member>> content;
};

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

template <typename Type>
Value Value::Hold(Kind kind, Position at, Type content) {
  auto held = std::make_unique<Content>();
  held->kind = kind;
  held->position = at;
  held->is_nothing = content.empty();
  held->content = std::move(content);
  return Value(held.release());
}

// A manifest holds tens of thousands of empty maps and lists, and of booleans: all are one.
template <typename Type>
Value Value::Forever(Kind kind, Type content) {
  Value value = Hold(kind, {}, std::move(content));
  value.held_->owners = Held::kForever;
  return value;
}

template <typename Type>
const Type& Value::ContentAs() const {
  static const Type kEmpty;
  const Type* const content = held_ == nullptr ? nullptr : std::get_if<Type>(&static_cast<const Content*>(held_)->content);
  return content == nullptr ? kEmpty : *content;
}

void Value::Destroy() { delete static_cast<Content*>(held_); }

Value Value::Null(Position at) { return at == Position{} ? Value() : Hold(Kind::kNull, at, std::string()); }

Value Value::Bool(bool boolean, Position at) {
  static const Value kFalse = Forever(Kind::kBool, std::string("false")), kTrue = Forever(Kind::kBool, std::string("true"));
  if (at == Position{}) return boolean ? kTrue : kFalse;
  return Hold(Kind::kBool, at, std::string(boolean ? "true" : "false"));
}

Value Value::Number(std::string text, Position at) { return Hold(Kind::kNumber, at, std::move(text)); }

Value Value::String(std::string text, Position at, bool plain) {
  Value value = Hold(Kind::kString, at, std::move(text));
  value.held_->plain = plain;
  return value;
}

Value Value::List(std::vector<Value> items, Position at) {
  static const Value kEmpty = Forever(Kind::kList, std::vector<Value>());
  return items.empty() && at == Position{} ? kEmpty : Hold(Kind::kList, at, std::move(items));
}

Value Value::Map(std::vector<Member> members, Position at) {
  static const Value kEmpty = Forever(Kind::kMap, std::vector<Member>());
  return members.empty() && at == Position{} ? kEmpty : Hold(Kind::kMap, at, std::move(members));
}

const std::string& Value::text() const { return ContentAs<std::string>(); }
const std::vector<Value>& Value::items() const { return ContentAs<std::vector<Value>>(); }
const std::vector<Value::Member>& Value::members() const { return ContentAs<std::vector<Member>>(); }

const Value* Value::Find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::optional<std::string> Value::AsString() const {
  if (kind() != Kind::kString) return std::nullopt;
  return text();
}

std::optional<bool> Value::AsBool() const {
  if (kind() != Kind::kBool && !(kind() == Kind::kString && plain())) return std::nullopt;
  if (text() == "true") return true;
  if (text() == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> Value::AsInteger() const {
  if (kind() != Kind::kNumber && !(kind() == Kind::kString && plain())) return std::nullopt;
  if (!IsNumber(text(), true)) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text().data() + text().size();
  const auto [stopped, error] = std::from_chars(text().data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::optional<double> Value::AsNumber() const {
  if (kind() != Kind::kNumber && !(kind() == Kind::kString && plain())) return std::nullopt;
  if (!IsNumber(text(), false)) return std::nullopt;
  double number = 0;
  const char* end = text().data() + text().size();
  const auto [stopped, error] = std::from_chars(text().data(), end, number);
  if (error != std::errc() || stopped != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string Value::CanonicalJson() const {
  std::string out;
  AppendCanonical(*this, &out);
  return out;
}

}  // namespace weir::manifest
