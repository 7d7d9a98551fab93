#include "audit/json.h"

#include "audit/utf8.h"

namespace weir::audit {
namespace {

constexpr int kMaxDepth = 16;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Value(JsonValue* value, int depth) {
    if (depth > kMaxDepth || at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '{': return Object(value, depth);
      case '[': return Array(value, depth);
      case '"': value->kind = JsonValue::Kind::kString; return String(&value->string);
      case 't': value->kind = JsonValue::Kind::kBool; value->boolean = true; return Take("true");
      case 'f': value->kind = JsonValue::Kind::kBool; return Take("false");
      case 'n': return Take("null");
      default: value->kind = JsonValue::Kind::kInteger; return Integer(&value->integer);
    }
  }

  bool AtEnd() const { return at_ == text_.size(); }

 private:
  bool Take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  bool Object(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kObject;
    if (!Take("{")) return false;
    if (Take("}")) return true;
    do {
      auto& [name, member] = value->members.emplace_back();
      if (!String(&name) || !Take(":") || !Value(&member, depth + 1)) return false;
      const std::size_t count = value->members.size();
      if (count > 1 && value->members[count - 2].first >= value->members[count - 1].first) return false;
    } while (Take(","));
    return Take("}");
  }

  bool Array(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kArray;
    if (!Take("[")) return false;
    if (Take("]")) return true;
    do {
      if (!Value(&value->items.emplace_back(), depth + 1)) return false;
    } while (Take(","));
    return Take("]");
  }

  bool Integer(std::uint64_t* out) {
    const std::size_t start = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (UINT64_MAX - digit) / 10) return false;
      value = value * 10 + digit;
    }
    *out = value;
    return at_ > start && (at_ == start + 1 || text_[start] != '0');
  }

  bool String(std::string* out) {
    if (!Take("\"")) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!Escape(out)) return false;
        continue;
      }
      const std::size_t length = Utf8Length(text_.substr(at_));
      if (length == 0 || static_cast<unsigned char>(c) < 0x20) return false;
      out->append(text_.substr(at_, length));
      at_ += length;
    }
    return false;
  }

  // The only escapes that AppendJsonString writes: \" \\ and \u00XX of control characters.
  bool Escape(std::string* out) {
    if (Take("\\\"")) {
      out->push_back('"');
    } else if (Take("\\\\")) {
      out->push_back('\\');
    } else if (Take("\\u00") && at_ + 2 <= text_.size()) {
      const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99; };
      const int code = digit(text_[at_]) * 16 + digit(text_[at_ + 1]);
      if (code >= 0x20) return false;
      out->push_back(static_cast<char>(code));
      at_ += 2;
    } else {
      return false;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  std::size_t plain = 0;  // start of what is copied as it stands
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x80 ? 1 : Utf8Length(text.substr(at));
    if (length > 1 || (length == 1 && c >= 0x20 && c != '"' && c != '\\')) {
      at += length;
      continue;
    }
    out->append(text.substr(plain, at - plain));
    if (length == 0) {
      out->append("\xef\xbf\xbd");
    } else if (c < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out->append("\\u00");
      out->push_back(kDigits[c >> 4]);
      out->push_back(kDigits[c & 15]);
    } else {
      out->push_back('\\');
      out->push_back(static_cast<char>(c));
    }
    plain = ++at;
  }
  out->append(text.substr(plain));
  out->push_back('"');
}

JsonValue::JsonValue() = default;
JsonValue::~JsonValue() = default;
JsonValue::JsonValue(const JsonValue&) = default;
JsonValue& JsonValue::operator=(const JsonValue&) = default;
JsonValue::JsonValue(JsonValue&&) noexcept = default;
JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;

const JsonValue* JsonValue::Find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view JsonValue::TextOr(std::string_view name, std::string_view otherwise) const {
  const JsonValue* value = Find(name);
  return value != nullptr && value->kind == Kind::kString ? std::string_view(value->string) : otherwise;
}

std::optional<std::uint64_t> JsonValue::Integer(std::string_view name) const {
  const JsonValue* value = Find(name);
  if (value == nullptr || value->kind != Kind::kInteger) return std::nullopt;
  return value->integer;
}

std::optional<JsonValue> ParseCanonicalJson(std::string_view text) {
  Parser parser(text);
  JsonValue value;
  if (!parser.Value(&value, 1) || !parser.AtEnd()) return std::nullopt;
  return value;
}

}  // namespace weir::audit
