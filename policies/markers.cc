#include "policies/markers.h"

#include <algorithm>
#include <array>

#include "policies/policy.h"

namespace weir::policies {
namespace {

using manifest::Value;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool SaysNo(std::string_view text) {
  constexpr std::array<std::string_view, 7> kNo = {"", "false", "no", "none", "off", "n", "0"};
  return std::find(kNo.begin(), kNo.end(), Lower(text)) != kNo.end();
}

bool Matches(std::string_view wanted, std::string_view text) {
  if (wanted == "*") return !SaysNo(text);
  if (!wanted.ends_with('*')) return SameIgnoringCase(wanted, text);
  wanted.remove_suffix(1);
  return text.size() >= wanted.size() && SameIgnoringCase(wanted, text.substr(0, wanted.size()));
}

bool MatchesOne(const std::vector<std::string>& wanted, std::string_view text) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) { return Matches(one, text); });
}

// What matches one of `wanted`, as a message shows it: a scalar, or an item of a list.
std::optional<std::string> MatchingValue(const Value& written, const std::vector<std::string>& wanted) {
  if (written.kind() == Value::Kind::kList) {
    for (const Value& item : written.items()) {
      if (auto found = MatchingValue(item, wanted)) return found;
    }
    return std::nullopt;
  }
  if (written.IsNull()) return std::nullopt;
  if (written.kind() == Value::Kind::kMap) {  // something stands there, and it is no `no`
    const bool any = std::find(wanted.begin(), wanted.end(), "*") != wanted.end();
    return any && !written.members().empty() ? std::optional<std::string>("{…}") : std::nullopt;
  }
  return MatchesOne(wanted, written.text()) ? std::optional<std::string>(written.text()) : std::nullopt;
}

// The value under a literal key or, by its dots, a nested one.
const Value* FindMeta(const Value& meta, std::string_view key) {
  if (const Value* literal = meta.Find(key)) return literal;
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const Value* inner = meta.Find(key.substr(0, dot));
  return inner == nullptr ? nullptr : FindMeta(*inner, key.substr(dot + 1));
}

// As the policy writes it; what a `*` stands for as it is found, the least of several, for their order means nothing.
std::optional<std::string> MatchingTag(const Markers& markers, const std::vector<manifest::Text>& tags) {
  for (const std::string& wanted : markers.tags) {
    std::optional<std::string> least;
    for (const manifest::Text& tag : tags) {
      if (Matches(wanted, tag) && (!least || tag < *least)) least = tag;
    }
    if (least) return wanted.ends_with('*') ? least : wanted;
  }
  return std::nullopt;
}

bool Labels(const std::vector<std::string>& wanted, const std::string& label) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& one) { return Covers(Lower(one), Lower(label)); });
}

std::optional<std::string> MatchingClassifier(const Markers& markers, const std::vector<manifest::Text>& labels) {
  std::optional<std::string> least;
  for (const manifest::Text& label : labels) {
    if (!Labels(markers.classifiers, label) || Labels(markers.not_classifiers, label)) continue;
    if (!least || label < *least) least = label;
  }
  return least;
}

std::optional<Marked> OfColumn(const Markers& markers, const manifest::Column& column) {
  for (const auto& [key, wanted] : markers.meta) {
    const Value* written = FindMeta(column.meta, key);
    const auto found = written == nullptr ? std::nullopt : MatchingValue(*written, wanted);
    if (!found) continue;
    const bool declared = !column.meta_copied_from_node;
    return Marked{declared, "by meta `" + key + ": " + *found + "`" + (declared ? "" : " of its model")};
  }
  if (const auto tag = MatchingTag(markers, column.tags)) return Marked{true, "by tag `" + *tag + "`"};
  if (const auto label = MatchingClassifier(markers, column.classifiers)) {
    return Marked{true, "by classifier `" + *label + "`"};
  }
  return std::nullopt;
}

std::optional<Marked> OfModel(const Markers& markers, const std::vector<manifest::Text>& tags,
                              const std::vector<manifest::Text>& classifiers) {
  if (const auto tag = markers.tags_of_model ? MatchingTag(markers, tags) : std::nullopt) {
    return Marked{false, "by tag `" + *tag + "` of its model"};
  }
  if (const auto label = MatchingClassifier(markers, classifiers)) {
    return Marked{false, "by classifier `" + *label + "` of its model"};
  }
  return std::nullopt;
}

}  // namespace

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && Lower(a) == Lower(b);
}

std::optional<Marked> FindMarker(const Markers& markers, const std::vector<manifest::Text>& tags,
                                 const std::vector<manifest::Text>& classifiers,
                                 const std::vector<const manifest::Column*>& documented) {
  std::optional<Marked> found;
  for (const manifest::Column* column : documented) {
    if (!found) found = OfColumn(markers, *column);
  }
  if (!found) found = OfModel(markers, tags, classifiers);
  if (found && !markers.preset.empty()) found->how += ", preset `" + markers.preset + "`";
  return found;
}

}  // namespace weir::policies
