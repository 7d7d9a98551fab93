#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include "manifest/artifact_file.h"
#include "manifest/column_names.h"
#include "manifest/json_document.h"
#include "manifest/selectable.h"
#include "manifest/selector.h"

namespace weir::manifest {
namespace {

std::vector<std::string_view> SplitDots(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find('.');
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string Joined(const std::vector<std::string_view>& parts, std::size_t from, char separator) {
  std::string out;
  for (std::size_t i = from; i < parts.size(); ++i) {
    if (i > from) out.push_back(separator);
    out.append(parts[i]);
  }
  return out;
}

// dbt's is_selected_node (core/dbt/graph/selector_methods.py).
bool MatchesFqn(const std::vector<std::string_view>& fqn, std::string_view written, bool versioned) {
  if (fqn.empty()) return false;
  const std::vector<std::string_view> wanted = SplitDots(written);
  if (versioned && fqn.size() >= 2) {
    if (fqn[fqn.size() - 2] == written) return true;
    const std::size_t last_two = wanted.size() > 2 ? wanted.size() - 2 : 0;
    if (Joined(fqn, fqn.size() - 2, '_') == Joined(wanted, last_two, '_')) return true;
  } else if (fqn.back() == written) {
    return true;
  }
  std::vector<std::string_view> flat;
  for (const std::string_view segment : fqn) {
    const std::vector<std::string_view> parts = SplitDots(segment);
    flat.insert(flat.end(), parts.begin(), parts.end());
  }
  if (flat.size() < wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].find_first_of("*?[]") != std::string_view::npos) {
      if (MatchesGlob(Joined(flat, i, '.'), Joined(wanted, i, '.'))) return true;
      const bool named_last = versioned && fqn.size() >= 2;  // behind the name comes the version
      return wanted.size() == 1 && MatchesGlob(named_last ? fqn[fqn.size() - 2] : fqn.back(), written);
    }
    if (flat[i] != wanted[i]) return false;
  }
  return true;
}

bool MatchesAnyFqn(const Selectable& item, std::string_view written) {
  if (item.source != nullptr || item.fqn->empty()) return false;  // dbt selects sources by `source:` only
  std::vector<std::string_view> fqn(item.fqn->begin(), item.fqn->end());
  if (MatchesFqn(fqn, written, item.Versioned())) return true;
  fqn.erase(fqn.begin());  // without the package
  return MatchesFqn(fqn, written, item.Versioned());
}

bool AnyMatches(const std::vector<Text>& texts, std::string_view pattern) {
  return std::any_of(texts.begin(), texts.end(),
                     [pattern](const Text& text) { return MatchesGlob(text, pattern); });
}

// A list matches by any item, a scalar by its text; `True` is `true`. dbt never finds a number, which a
// command line cannot write; here `tier:1` finds the number 1 too.
bool ValueMatches(const Value& value, std::string_view wanted) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return false;
    case Value::Kind::kBool:
      return EqualIgnoringCase(value.text(), wanted);
    case Value::Kind::kNumber:
    case Value::Kind::kString:
      return value.text() == wanted;
    case Value::Kind::kList:
      return std::any_of(value.items().begin(), value.items().end(), [wanted](const Value& item) {
        return item.kind() != Value::Kind::kList && item.kind() != Value::Kind::kMap &&
               ValueMatches(item, wanted);
      });
    case Value::Kind::kMap:
      return false;
  }
  return false;
}

// Keys may hold dots themselves (`publish.include`): every way to cut the path is tried, the longest key
// last.
bool DescendMatches(const Value& value, const std::vector<std::string>& path, std::size_t from,
                    std::string_view wanted) {
  if (from == path.size()) return ValueMatches(value, wanted);
  std::string key;
  for (std::size_t end = from; end < path.size(); ++end) {
    if (end > from) key.push_back('.');
    key.append(path[end]);
    const Value* inner = value.Find(key);
    if (inner != nullptr && DescendMatches(*inner, path, end + 1, wanted)) return true;
  }
  return false;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// `config` without what cannot matter: only configs whose text holds the first key are taken apart.
Value ReadConfig(std::string_view config, const std::string& first_key) {
  const bool may_be_escaped = !IsAscii(first_key);
  if (config.empty() || (!may_be_escaped && config.find(first_key) == std::string_view::npos)) return {};
  const ArtifactFile file = ArtifactFile::FromText("config", std::string(config));
  JsonDocument document(file, "");
  std::vector<Value::Member> members;
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key.starts_with(first_key)) members.push_back({std::string(key), {}, value.ToValue()});
  });
  return Value::Map(std::move(members));
}

// dbt looks into the config of what runs, and of sources.
bool IsConfigurable(const Selectable& item) {
  if (item.source != nullptr) return true;
  if (item.test != nullptr) return !item.test->unit;
  return item.node != nullptr && item.resource_type != "metric" && item.resource_type != "semantic_model" &&
         item.resource_type != "saved_query" && item.resource_type != "function";
}

bool MatchesConfig(const std::vector<std::string>& path, const std::string& wanted, const Selectable& item) {
  const std::string& field = path.front();
  const bool meta_of_exposure = field == "meta" && item.resource_type == "exposure";
  if (!IsConfigurable(item) && !meta_of_exposure) return false;
  if (field == "meta") return DescendMatches(*item.meta, path, 1, wanted);
  if (field == "severity" && path.size() == 1) {
    return item.test != nullptr && EqualIgnoringCase(item.test->severity, wanted);
  }
  if (DescendMatches(ReadConfig(item.config, field), path, 0, wanted)) return true;
  // Before dbt 1.7 these stood beside `config` only.
  if (item.node == nullptr || path.size() > 1) return false;
  return (field == "access" && item.node->access == wanted) || (field == "group" && item.node->group == wanted);
}

bool MatchesSource(const Source& source, std::string_view written) {
  const std::vector<std::string_view> parts = SplitDots(written);
  if (parts.size() == 3 && !MatchesGlob(source.package, parts[0])) return false;
  const std::size_t first = parts.size() == 3 ? 1 : 0;
  if (!MatchesGlob(source.source_name, parts[first])) return false;
  return parts.size() == 1 || MatchesGlob(source.name, parts[first + 1]);
}

bool MatchesPackaged(const Selectable& item, std::string_view resource_type, std::string_view written) {
  if (item.resource_type != resource_type) return false;
  const std::size_t dot = written.find('.');
  if (dot == std::string_view::npos) return MatchesGlob(item.name, written);
  return MatchesGlob(item.package, written.substr(0, dot)) && MatchesGlob(item.name, written.substr(dot + 1));
}

bool MatchesFile(std::string_view path, std::string_view written) {
  const std::size_t slash = path.rfind('/');
  const std::string_view file = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return MatchesGlob(file, written) || MatchesGlob(file.substr(0, file.rfind('.')), written);
}

bool MatchesTestType(const Test& test, std::string_view written) {
  if (written == "unit") return test.unit;
  if (written == "data") return !test.unit;
  if (written == "generic" || written == "schema") return test.generic;
  return written == "singular" && !test.generic && !test.unit;
}

std::string_view BareName(const Test& test) {
  const std::string_view name = test.name;
  return test.generic ? name.substr(name.rfind('.') + 1) : name;
}

std::optional<double> AsNumber(const std::string& version) {
  char* end = nullptr;
  const double number = std::strtod(version.c_str(), &end);
  if (version.empty() || *end != '\0') return std::nullopt;
  return number;
}

// Negative: a is before b. Numbers by value, everything else as text, like dbt's UnparsedVersion.
int CompareVersions(const std::string& a, const std::string& b) {
  const std::optional<double> x = AsNumber(a), y = AsNumber(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  return a.compare(b);
}

bool MatchesVersion(const Node& node, std::string_view written) {
  if (node.type != ResourceType::kModel) return false;
  if (written == "none") return node.version.empty();
  if (node.version.empty() || node.latest_version.empty()) return false;
  const int order = CompareVersions(node.version, node.latest_version);
  return written == "latest" ? order == 0 : written == "prerelease" ? order > 0 : order < 0;
}

// Of models and whatever runs; dbt asks tests for their config's group, and metrics.
bool MatchesGroup(const Selectable& item, const std::string& written) {
  if (item.node != nullptr) {
    const bool groupable = item.resource_type != "semantic_model" && item.resource_type != "saved_query" &&
                           item.resource_type != "function";
    return groupable && !item.node->group.empty() && MatchesGlob(item.node->group, written);
  }
  if (item.test == nullptr || item.test->unit) return false;
  const Value config = ReadConfig(item.config, "group");
  const Value* const group = config.Find("group");
  return group != nullptr && !group->text().empty() && MatchesGlob(group->text(), written);
}

std::string_view Folder(std::string_view path, std::size_t segments) {
  std::size_t end = 0;
  while (segments > 0 && end < path.size()) {
    end = std::min(path.find('/', end + 1), path.size());
    --segments;
  }
  return path.substr(0, end);
}

}  // namespace

bool Selector::MatchesItem(const Atom& atom, const Project& project, const Selectable& item) {
  const std::string& wanted = atom.value;
  switch (atom.method) {
    case Method::kFqn:
      return MatchesAnyFqn(item, wanted);
    case Method::kTag:
      return AnyMatches(*item.tags, wanted);
    case Method::kConfig:
      return MatchesConfig(atom.arguments, wanted, item);
    case Method::kResourceType:
      return item.resource_type == wanted;
    case Method::kPackage:
      return MatchesGlob(item.package, wanted == "this" ? project.metadata.project_name : wanted);
    case Method::kPath:
      return false;  // SelectByPath looks at all of them together
    case Method::kFile:
      return MatchesFile(item.path, wanted);
    case Method::kSource:
      return item.source != nullptr && MatchesSource(*item.source, wanted);
    case Method::kExposure:
      return MatchesPackaged(item, "exposure", wanted);
    case Method::kMetric:
      return MatchesPackaged(item, "metric", wanted);
    case Method::kSemanticModel:
      return MatchesPackaged(item, "semantic_model", wanted);
    case Method::kSavedQuery:
      return MatchesPackaged(item, "saved_query", wanted);
    case Method::kUnitTest:
      return MatchesPackaged(item, "unit_test", wanted);
    case Method::kAccess:
      return item.node != nullptr && item.node->access == wanted;
    case Method::kGroup:
      return MatchesGroup(item, wanted);
    case Method::kVersion:
      return item.node != nullptr && MatchesVersion(*item.node, wanted);
    case Method::kTestName:
      return item.test != nullptr && (item.test->generic || item.test->unit) &&
             MatchesGlob(BareName(*item.test), wanted);
    case Method::kTestType:
      return item.test != nullptr && MatchesTestType(*item.test, wanted);
  }
  return false;
}

// dbt asks the file system of the root project. A package's resource has paths of its own, so it is found only under a
// path that the root project has too.
std::vector<char> Selector::SelectByPath(const Atom& atom, const Project& project, const SelectableGraph& graph) {
  const std::string& root = project.metadata.project_name;
  std::unordered_set<std::string_view> of_root = {""};
  for (const Selectable& item : graph.items()) {
    if (root.empty() || item.package != root) continue;
    for (const std::string_view path : {item.path, item.patch}) {
      for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/', end + 1)) {
        of_root.insert(path.substr(0, end));
      }
      of_root.insert(path);
    }
  }
  const bool names_folders = atom.value.ends_with("**");
  std::vector<char> selected;
  selected.reserve(graph.items().size());
  for (const Selectable& item : graph.items()) {
    const bool foreign = !root.empty() && item.package != root;
    const auto is_there = [&](std::string_view path) { return !foreign || of_root.contains(path); };
    const std::vector<std::size_t> folders = MatchedFolders(item.path, atom.value);
    bool found = std::any_of(folders.begin(), folders.end(),
                             [&](std::size_t segments) { return is_there(Folder(item.path, segments)); });
    if (!found && !item.patch.empty() && !names_folders) {
      const std::vector<std::size_t> of_patch = MatchedFolders(item.patch, atom.value);
      found = !of_patch.empty() && Folder(item.patch, of_patch.back()) == item.patch && is_there(item.patch);
    }
    selected.push_back(found ? 1 : 0);
  }
  return selected;
}

}  // namespace weir::manifest
