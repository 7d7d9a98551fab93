#include <algorithm>

#include "manifest/column_names.h"
#include "policies/located.h"
#include "policies/row_filter.h"

namespace weir::policies {
namespace {

using manifest::Value;

constexpr std::string_view kCode = "W-POL-019";
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxConstants = 10'000;

class PredicateReader {
 public:
  PredicateReader(const std::string& file, manifest::Diagnostics* diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  std::optional<RowPredicate> Read(const Value& value, std::size_t depth) {
    if (depth > kMaxDepth)
      return Fail(value, "a condition nests at most " + std::to_string(kMaxDepth) + " deep");
    if (value.kind() != Value::Kind::kMap || value.members().empty()) {
      return Fail(value,
                  "a condition is a map: `{marketing_consent: true}`, `{country: {in: [DE, FR]}}` or "
                  "`{all: [...]}`");
    }
    if (value.members().size() != 1) {
      return Fail(value, "a condition is about one column; join several with `all: [{...}, {...}]`");
    }
    const Value::Member& member = value.members().front();
    if (member.key == "all" || member.key == "any") return ReadJoined(member, depth);
    if (member.key == "not") {
      auto child = Read(member.value, depth + 1);
      if (!child) return std::nullopt;
      RowPredicate out = At(RowPredicate::Kind::kNot, member);
      out.children.push_back(std::move(*child));
      return out;
    }
    return ReadComparison(member);
  }

 private:
  std::optional<RowPredicate> Fail(const Value& at, std::string message) {
    diagnostics_->Error(kCode, file_, at.position(), std::move(message));
    return std::nullopt;
  }

  RowPredicate At(RowPredicate::Kind kind, const Value::Member& member) const {
    RowPredicate out;
    out.file = file_;
    out.kind = kind;
    out.position = member.key_position;
    return out;
  }

  std::optional<RowPredicate> ReadJoined(const Value::Member& member, std::size_t depth) {
    if (member.value.kind() != Value::Kind::kList || member.value.items().empty()) {
      // An empty `all` would let every row pass.
      return Fail(member.value, "`" + member.key + "` takes a list of one condition or more");
    }
    RowPredicate out = At(member.key == "all" ? RowPredicate::Kind::kAll : RowPredicate::Kind::kAny, member);
    bool good = true;
    for (const Value& item : member.value.items()) {
      auto child = Read(item, depth + 1);
      if (child) {
        out.children.push_back(std::move(*child));
      } else {
        good = false;
      }
    }
    if (!good) return std::nullopt;
    return out;
  }

  // A scalar as canonical text; typed by the column when the filter is compiled.
  std::optional<std::string> Constant(const Value& value) {
    const bool scalar = value.kind() == Value::Kind::kString || value.kind() == Value::Kind::kNumber ||
                        value.kind() == Value::Kind::kBool;
    if (!scalar) {
      Fail(value, value.IsNull() ? "null compares with nothing; use `{is_null: true}`"
                                 : "a constant must be text, a number or a boolean");
      return std::nullopt;
    }
    if (++constants_ > kMaxConstants) {
      Fail(value, "a condition takes at most " + std::to_string(kMaxConstants) + " constants");
      return std::nullopt;
    }
    return value.text();
  }

  std::optional<RowPredicate> ReadComparison(const Value::Member& member) {
    if (member.key.empty()) return Fail(member.value, "a condition needs the name of a column");
    if (member.value.kind() == Value::Kind::kMap) return ReadOperators(member);
    if (member.value.kind() == Value::Kind::kList) {
      return Fail(member.value, "a list of values is written `{" + member.key + ": {in: [...]}}`");
    }
    RowPredicate out = At(RowPredicate::Kind::kIn, member);
    out.column = member.key;
    const auto constant = Constant(member.value);
    if (!constant) return std::nullopt;
    out.constants.push_back(*constant);
    return out;
  }

  std::optional<RowPredicate> ReadOperators(const Value::Member& member) {
    if (member.value.members().empty())
      return Fail(member.value, "the condition on `" + member.key + "` is empty");
    std::vector<RowPredicate> parts;
    for (const Value::Member& written : member.value.members()) {
      auto part = ReadOperator(member, written);
      if (!part) return std::nullopt;
      parts.push_back(std::move(*part));
    }
    if (parts.size() == 1) return std::move(parts.front());
    RowPredicate out = At(RowPredicate::Kind::kAll, member);
    out.children = std::move(parts);
    return out;
  }

  std::optional<RowPredicate> ReadOperator(const Value::Member& member, const Value::Member& written) {
    static const std::vector<std::string> operators = {"in",      "not_in",  "at_least",
                                                       "at_most", "is_null", "is_not_null"};
    RowPredicate out = At(RowPredicate::Kind::kIn, member);
    out.column = member.key;
    if (written.key == "in" || written.key == "not_in") {
      if (written.key == "not_in") out.kind = RowPredicate::Kind::kNotIn;
      if (written.value.kind() != Value::Kind::kList || written.value.items().empty()) {
        return Fail(written.value, "`" + written.key + "` takes a list of one value or more");
      }
      for (const Value& item : written.value.items()) {
        const auto constant = Constant(item);
        if (!constant) return std::nullopt;
        out.constants.push_back(*constant);
      }
      return out;
    }
    if (written.key == "at_least" || written.key == "at_most") {
      out.kind = written.key == "at_least" ? RowPredicate::Kind::kAtLeast : RowPredicate::Kind::kAtMost;
      const auto constant = Constant(written.value);
      if (!constant) return std::nullopt;
      out.constants.push_back(*constant);
      return out;
    }
    if (written.key == "is_null" || written.key == "is_not_null") {
      const auto wanted = written.value.AsBool();
      if (!wanted) return Fail(written.value, "`" + written.key + "` takes `true` or `false`");
      out.kind = (written.key == "is_null") == *wanted ? RowPredicate::Kind::kIsNull
                                                       : RowPredicate::Kind::kIsNotNull;
      return out;
    }
    diagnostics_->Error(kCode, file_, written.key_position,
                        "unknown comparison `" + written.key +
                            "`; it is one of `in`, `not_in`, `at_least`, "
                            "`at_most`, `is_null`, `is_not_null`" +
                            manifest::DidYouMean(written.key, operators));
    return std::nullopt;
  }

  const std::string& file_;
  manifest::Diagnostics* diagnostics_;
  std::size_t constants_ = 0;
};

void Collect(const RowPredicate& predicate, std::vector<std::string>* out) {
  if (!predicate.column.empty()) out->push_back(predicate.column);
  for (const RowPredicate& child : predicate.children) Collect(child, out);
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  return out + "'";
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "" : ", ").append(part);
  return out;
}

// Plain where YAML reads it as the same text.
std::string AsScalar(std::string_view text) {
  static constexpr std::string_view kBegins = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  static constexpr std::string_view kGoesOn = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./@";
  const std::size_t sign = text.size() > 1 && text.front() == '-' && text[1] >= '0' && text[1] <= '9' ? 1 : 0;
  const bool plain = !text.empty() && text != "null" && kBegins.find(text[sign]) != std::string_view::npos &&
                     text.find_first_not_of(kGoesOn, sign) == std::string_view::npos;
  return plain ? std::string(text) : Quoted(text);
}

std::string Render(const RowPredicate& predicate, std::string (*constant)(std::string_view)) {
  using Kind = RowPredicate::Kind;
  const std::string& column = predicate.column;
  std::vector<std::string> parts;
  for (const RowPredicate& child : predicate.children) parts.push_back(Render(child, constant));
  for (const std::string& text : predicate.constants) parts.push_back(constant(text));
  switch (predicate.kind) {
    case Kind::kAll:
      return "{all: [" + Joined(parts) + "]}";
    case Kind::kAny:
      return "{any: [" + Joined(parts) + "]}";
    case Kind::kNot:
      return "{not: " + Joined(parts) + "}";
    case Kind::kIn:
      if (parts.size() == 1) return "{" + column + ": " + parts.front() + "}";
      return "{" + column + ": {in: [" + Joined(parts) + "]}}";
    case Kind::kNotIn:
      return "{" + column + ": {not_in: [" + Joined(parts) + "]}}";
    case Kind::kAtLeast:
      return "{" + column + ": {at_least: " + Joined(parts) + "}}";
    case Kind::kAtMost:
      return "{" + column + ": {at_most: " + Joined(parts) + "}}";
    case Kind::kIsNull:
      return "{" + column + ": {is_null: true}}";
    case Kind::kIsNotNull:
      return "{" + column + ": {is_null: false}}";
  }
  return {};
}

}  // namespace

std::string RowPredicate::PlaceOf(const std::string& name) const {
  if (children.empty() && manifest::EqualIgnoringCase(column, name)) return policies::ToText(Located{file, position});
  for (const RowPredicate& child : children) {
    if (std::string place = child.PlaceOf(name); !place.empty()) return place;
  }
  return {};
}

std::vector<std::string> RowPredicate::Columns() const {
  std::vector<std::string> out;
  Collect(*this, &out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string RowPredicate::ToText() const { return Render(*this, Quoted); }

std::string RowPredicate::ToYaml() const { return Render(*this, AsScalar); }

std::optional<RowPredicate> ReadRowPredicate(const Value& value, const std::string& file,
                                             manifest::Diagnostics* diagnostics) {
  return PredicateReader(file, diagnostics).Read(value, 0);
}

}  // namespace weir::policies
