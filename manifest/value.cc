#include "manifest/value.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <memory>
#include <variant>

#include "audit/json.h"

namespace weir::manifest {

struct Value::Held {
  static constexpr std::uint32_t kForever = 0;  // never destroyed, and never counted

  std::atomic<std::uint32_t> owners = 1;
  Kind kind = Kind::kNull;
  bool plain = false;
  Position position;
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

// A manifest holds tens of thousands of empty maps and lists: all are one.
Value Value::Empty(Kind kind) {
  Held* const held = Hold(kind, {});
  if (kind == Kind::kMap) {
    held->content = std::vector<Member>();
  } else {
    held->content = std::vector<Value>();
  }
  held->owners = Held::kForever;
  return Value(held);
}

Value::Held* Value::Hold(Kind kind, Position at) {
  auto held = std::make_unique<Held>();
  held->kind = kind;
  held->position = at;
  return held.release();
}

void Value::Keep() const {
  if (held_ != nullptr && held_->owners.load(std::memory_order_relaxed) != Held::kForever) {
    held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
}

void Value::Release() {
  if (held_->owners.load(std::memory_order_relaxed) == Held::kForever) return;
  if (held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
}

Value Value::Null(Position at) { return at == Position{} ? Value() : Value(Hold(Kind::kNull, at)); }

Value Value::MakeBool(bool boolean, Position at) {
  Value value(Hold(Kind::kBool, at));
  value.held_->content = std::string(boolean ? "true" : "false");
  return value;
}

Value Value::Bool(bool boolean, Position at) {
  static const Value kBooleans[] = {MakeBool(false, {}), MakeBool(true, {})};
  if (at == Position{}) return kBooleans[boolean ? 1 : 0];
  return MakeBool(boolean, at);
}

Value Value::Number(std::string text, Position at) {
  Value value(Hold(Kind::kNumber, at));
  value.held_->content = std::move(text);
  return value;
}

Value Value::String(std::string text, Position at, bool plain) {
  Value value(Hold(Kind::kString, at));
  value.held_->plain = plain;
  value.held_->content = std::move(text);
  return value;
}

Value Value::List(std::vector<Value> items, Position at) {
  static const Value kEmpty = Empty(Kind::kList);
  if (items.empty() && at == Position{}) return kEmpty;
  Value value(Hold(Kind::kList, at));
  value.held_->content = std::move(items);
  return value;
}

Value Value::Map(std::vector<Member> members, Position at) {
  static const Value kEmpty = Empty(Kind::kMap);
  if (members.empty() && at == Position{}) return kEmpty;
  Value value(Hold(Kind::kMap, at));
  value.held_->content = std::move(members);
  return value;
}

Value::Kind Value::kind() const { return held_ == nullptr ? Kind::kNull : held_->kind; }
Position Value::position() const { return held_ == nullptr ? Position() : held_->position; }
bool Value::plain() const { return held_ != nullptr && held_->plain; }

const std::string& Value::text() const {
  static const std::string kEmpty;
  const std::string* text = held_ == nullptr ? nullptr : std::get_if<std::string>(&held_->content);
  return text == nullptr ? kEmpty : *text;
}

const std::vector<Value>& Value::items() const {
  static const std::vector<Value> kEmpty;
  const std::vector<Value>* items = held_ == nullptr ? nullptr : std::get_if<std::vector<Value>>(&held_->content);
  return items == nullptr ? kEmpty : *items;
}

const std::vector<Value::Member>& Value::members() const {
  static const std::vector<Member> kEmpty;
  const std::vector<Member>* members = held_ == nullptr ? nullptr : std::get_if<std::vector<Member>>(&held_->content);
  return members == nullptr ? kEmpty : *members;
}

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
