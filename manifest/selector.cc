#include "manifest/selector.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "manifest/diagnostic.h"

namespace weir::manifest {
namespace {

constexpr std::string_view kKnown =
    "exposure, tag, config.meta.<path>, resource_type, package, path, file, fqn, source, access, group, "
    "test_name, "
    "test_type";

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "" is all of them.
std::size_t Steps(std::string_view digits, std::size_t all) {
  std::size_t steps = 0;
  if (digits.empty() ||
      std::from_chars(digits.data(), digits.data() + digits.size(), steps).ec != std::errc())
    return all;
  return steps;
}

std::vector<std::string> SplitBy(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool EndsLikeFile(std::string_view value) {
  return value.ends_with(".sql") || value.ends_with(".csv") || value.ends_with(".py");
}

}  // namespace

std::optional<Selector> Selector::Parse(std::string_view text, std::string* error) {
  static constexpr std::string_view kSpace = " \t\r\n";
  static constexpr std::size_t kMaxBytes = 10'000;
  if (text.size() > kMaxBytes) {
    *error = "a selector of more than " + std::to_string(kMaxBytes) + " bytes";
    return std::nullopt;
  }
  Selector selector;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(kSpace, at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    std::vector<Atom> intersection;
    for (const std::string& part : SplitBy(text.substr(at, end - at), ',')) {
      Atom atom;
      if (!ParseAtom(part, &atom, error)) return std::nullopt;
      intersection.push_back(std::move(atom));
    }
    selector.unions_.push_back(std::move(intersection));
    at = end;
  }
  if (selector.unions_.empty()) {
    *error = "the selector is empty";
    return std::nullopt;
  }
  return selector;
}

bool Selector::ParseAtom(std::string_view text, Atom* atom, std::string* error) {
  const std::string written(text);
  if (text.starts_with('@')) {
    atom->childrens_parents = true;
    text.remove_prefix(1);
  }
  if (const std::size_t plus = text.find('+');
      plus != std::string_view::npos && IsDigits(text.substr(0, plus)) && plus + 1 < text.size()) {
    atom->parents = Steps(text.substr(0, plus), kAll);
    text.remove_prefix(plus + 1);
  }
  if (const std::size_t plus = text.rfind('+');
      plus != std::string_view::npos && IsDigits(text.substr(plus + 1))) {
    atom->children = Steps(text.substr(plus + 1), kAll);
    text = text.substr(0, plus);
  }
  if (atom->childrens_parents && atom->children > 0) {
    *error = "`" + written + "` has both `@` and a `+` behind; `@` walks down already";
    return false;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    atom->value = text;
    atom->method = text.find('/') != std::string_view::npos ? Method::kPath
                   : EndsLikeFile(text)                     ? Method::kFile
                                                            : Method::kFqn;
  } else {
    atom->value = text.substr(colon + 1);
    if (!ChooseMethod(text.substr(0, colon), atom, error)) return false;
  }
  if (atom->value.empty()) {
    *error = "`" + written + "` selects nothing: a name is missing";
    return false;
  }
  if (atom->method == Method::kResourceType) {
    static const std::vector<std::string> kTypes = {
        "model",    "seed",   "snapshot",       "source",      "test",     "unit_test", "exposure",
        "analysis", "metric", "semantic_model", "saved_query", "function", "operation", "sql_operation"};
    if (std::find(kTypes.begin(), kTypes.end(), atom->value) == kTypes.end()) {
      *error = "unknown resource type `" + atom->value + "`" + DidYouMean(atom->value, kTypes);
      return false;
    }
  }
  const auto dots = std::count(atom->value.begin(), atom->value.end(), '.');
  if ((atom->method == Method::kSource && dots > 2) || (atom->method == Method::kExposure && dots > 1)) {
    *error = "`" + written + "` has too many parts; " +
             (atom->method == Method::kSource ? "a source is `package.source.table`"
                                              : "an exposure is `package.name`");
    return false;
  }
  return true;
}

bool Selector::ChooseMethod(std::string_view name, Atom* atom, std::string* error) {
  struct Named {
    std::string_view name;
    Method method;
  };
  static constexpr auto kMethods = std::to_array<Named>({{"fqn", Method::kFqn},
                                                         {"tag", Method::kTag},
                                                         {"resource_type", Method::kResourceType},
                                                         {"package", Method::kPackage},
                                                         {"path", Method::kPath},
                                                         {"file", Method::kFile},
                                                         {"source", Method::kSource},
                                                         {"exposure", Method::kExposure},
                                                         {"access", Method::kAccess},
                                                         {"group", Method::kGroup},
                                                         {"test_name", Method::kTestName},
                                                         {"test_type", Method::kTestType}});
  for (const Named& named : kMethods) {
    if (named.name != name) continue;
    atom->method = named.method;
    return true;
  }
  if (name == "config" || name.starts_with("config.")) {
    static constexpr auto kReadable =
        std::to_array<std::string_view>({"meta", "materialized", "access", "group", "severity", "tags"});
    atom->method = Method::kConfig;
    if (name.size() > 7) atom->arguments = SplitBy(name.substr(7), '.');
    const bool readable = !atom->arguments.empty() && std::find(kReadable.begin(), kReadable.end(),
                                                                atom->arguments.front()) != kReadable.end();
    const bool deep_enough = readable && (atom->arguments.front() == "meta" ? atom->arguments.size() > 1
                                                                            : atom->arguments.size() == 1);
    if (deep_enough) return true;
    *error =
        "`" + std::string(name) +
        ":` is not known; of config weir reads meta.<path>, materialized, access, group, severity and tags";
    return false;
  }
  std::vector<std::string> names;
  for (const Named& named : kMethods) names.emplace_back(named.name);
  *error = "unknown method `" + std::string(name) + ":`" + DidYouMean(name, names);
  if (!error->ends_with('?')) error->append("; there are ").append(kKnown);
  return false;
}

}  // namespace weir::manifest
