#include <algorithm>
#include <iterator>
#include <map>

#include "manifest/selector.h"

namespace weir::manifest {

struct Selector::Item {
  std::string_view unique_id, resource_type, package, name, path;
  const std::vector<std::string>* fqn = nullptr;  // null: not selected by fqn
  const std::vector<std::string>* tags = nullptr;
  const std::vector<std::string>* depends_on = nullptr;
  const Value* meta = nullptr;
  const Node* node = nullptr;
  const Source* source = nullptr;
  const Test* test = nullptr;
};

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

bool AnyMatches(const std::vector<std::string>& texts, std::string_view pattern) {
  return std::any_of(texts.begin(), texts.end(),
                     [pattern](const std::string& text) { return MatchesGlob(text, pattern); });
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
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

bool MatchesSource(const Source& source, std::string_view written) {
  const std::vector<std::string_view> parts = SplitDots(written);
  if (parts.size() == 3 && !MatchesGlob(source.package, parts[0])) return false;
  const std::size_t first = parts.size() == 3 ? 1 : 0;
  if (!MatchesGlob(source.source_name, parts[first])) return false;
  return parts.size() == 1 || MatchesGlob(source.name, parts[first + 1]);
}

bool MatchesPackaged(std::string_view package, std::string_view name, std::string_view written) {
  const std::size_t dot = written.find('.');
  if (dot == std::string_view::npos) return MatchesGlob(name, written);
  return MatchesGlob(package, written.substr(0, dot)) && MatchesGlob(name, written.substr(dot + 1));
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

}  // namespace

std::vector<Selector::Item> Selector::Items(const Project& project) {
  std::vector<Item> items;
  items.reserve(project.nodes.size() + project.sources.size() + project.tests.size() +
                project.exposures.size());
  for (const Node& node : project.nodes) {
    Item item{node.unique_id, node.resource_type, node.package, node.name, node.original_file_path};
    item.fqn = &node.fqn;
    item.tags = &node.tags;
    item.depends_on = &node.depends_on;
    item.meta = &node.meta;
    item.node = &node;
    items.push_back(item);
  }
  for (const Source& source : project.sources) {
    Item item{source.unique_id, "source", source.package, source.name, source.original_file_path};
    item.tags = &source.tags;
    item.meta = &source.meta;
    item.source = &source;
    items.push_back(item);
  }
  for (const Test& test : project.tests) {
    Item item{test.unique_id, test.unit ? "unit_test" : "test", test.package, test.name,
              test.original_file_path};
    item.fqn = &test.fqn;
    item.tags = &test.tags;
    item.depends_on = &test.depends_on;
    item.meta = &test.meta;
    item.test = &test;
    items.push_back(item);
  }
  for (const Exposure& exposure : project.exposures) {
    Item item{exposure.unique_id, "exposure", exposure.package, exposure.name, exposure.original_file_path};
    item.fqn = &exposure.fqn;
    item.tags = &exposure.tags;
    item.depends_on = &exposure.depends_on;
    item.meta = &exposure.meta;
    items.push_back(item);
  }
  return items;
}

bool Selector::MatchesConfig(const Atom& atom, const Item& item) {
  const std::string& field = atom.arguments.front();
  if (field == "meta") return DescendMatches(*item.meta, atom.arguments, 1, atom.value);
  if (field == "tags") return std::find(item.tags->begin(), item.tags->end(), atom.value) != item.tags->end();
  if (field == "severity")
    return item.test != nullptr && !item.test->unit && EqualIgnoringCase(item.test->severity, atom.value);
  if (item.node == nullptr) return false;
  if (field == "materialized") return item.node->materialized == atom.value;
  if (field == "access") return item.node->access == atom.value;
  return item.node->group == atom.value;
}

bool Selector::MatchesItem(const Atom& atom, const Project& project, const Item& item) {
  switch (atom.method) {
    case Method::kFqn: {
      if (item.fqn == nullptr || item.fqn->empty()) return false;
      std::vector<std::string_view> fqn(item.fqn->begin(), item.fqn->end());
      const bool versioned = item.node != nullptr && !item.node->version.empty();
      if (MatchesFqn(fqn, atom.value, versioned)) return true;
      fqn.erase(fqn.begin());  // without the package
      return MatchesFqn(fqn, atom.value, versioned);
    }
    case Method::kTag:
      return AnyMatches(*item.tags, atom.value);
    case Method::kConfig:
      return MatchesConfig(atom, item);
    case Method::kResourceType:
      return item.resource_type == atom.value;
    case Method::kPackage:
      return MatchesGlob(item.package, atom.value == "this" ? project.metadata.project_name : atom.value);
    case Method::kPath:
      return MatchesPathGlob(item.path, atom.value);
    case Method::kFile:
      return MatchesFile(item.path, atom.value);
    case Method::kSource:
      return item.source != nullptr && MatchesSource(*item.source, atom.value);
    case Method::kExposure:
      return item.resource_type == "exposure" && MatchesPackaged(item.package, item.name, atom.value);
    case Method::kAccess:
      return item.node != nullptr && item.node->access == atom.value;
    case Method::kGroup:
      return item.node != nullptr && !item.node->group.empty() && MatchesGlob(item.node->group, atom.value);
    case Method::kTestName:
      return item.test != nullptr && (item.test->generic || item.test->unit) &&
             MatchesGlob(BareName(*item.test), atom.value);
    case Method::kTestType:
      return item.test != nullptr && MatchesTestType(*item.test, atom.value);
  }
  return false;
}

std::set<std::string> Selector::SelectAtom(const Atom& atom, const Project& project,
                                           const std::vector<Item>& items) {
  std::set<std::string> selected;
  for (const Item& item : items) {
    if (MatchesItem(atom, project, item)) selected.emplace(item.unique_id);
  }
  if (atom.parents == 0 && atom.children == 0 && !atom.childrens_parents) return selected;

  std::map<std::string_view, std::vector<std::string_view>> parents, children;
  for (const Item& item : items) parents[item.unique_id];
  for (const Item& item : items) {
    if (item.depends_on == nullptr) continue;
    for (const std::string& parent : *item.depends_on) {
      if (parents.find(parent) == parents.end()) continue;
      parents[item.unique_id].push_back(parent);
      children[parent].push_back(item.unique_id);
    }
  }
  const auto walk = [](const auto& edges, const std::set<std::string>& from, std::size_t steps) {
    std::set<std::string> reached = from;
    std::vector<std::string> border(from.begin(), from.end());
    for (std::size_t step = 0; step < steps && !border.empty(); ++step) {
      std::vector<std::string> next;
      for (const std::string& id : border) {
        const auto at = edges.find(id);
        if (at == edges.end()) continue;
        for (const std::string_view other : at->second) {
          if (const auto [place, added] = reached.emplace(other); added) next.push_back(*place);
        }
      }
      border = std::move(next);
    }
    return reached;
  };
  std::set<std::string> all = selected;
  if (atom.childrens_parents) all.merge(walk(parents, walk(children, selected, kAll), kAll));
  if (atom.parents > 0) all.merge(walk(parents, selected, atom.parents));
  if (atom.children > 0) all.merge(walk(children, selected, atom.children));
  return all;
}

std::vector<std::string> Selector::Select(const Project& project) const {
  const std::vector<Item> items = Items(project);
  std::set<std::string> all;
  for (const std::vector<Atom>& intersection : unions_) {
    std::set<std::string> common = SelectAtom(intersection.front(), project, items);
    for (std::size_t i = 1; i < intersection.size() && !common.empty(); ++i) {
      const std::set<std::string> other = SelectAtom(intersection[i], project, items);
      std::set<std::string> both;
      std::set_intersection(common.begin(), common.end(), other.begin(), other.end(),
                            std::inserter(both, both.end()));
      common = std::move(both);
    }
    all.merge(common);
  }
  return {all.begin(), all.end()};
}

bool Selector::Matches(const Project& project, std::string_view unique_id) const {
  const std::vector<std::string> selected = Select(project);
  return std::binary_search(selected.begin(), selected.end(), unique_id);
}

}  // namespace weir::manifest
