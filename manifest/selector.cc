#include "manifest/selector.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "manifest/column_names.h"
#include "manifest/diagnostic.h"
#include "manifest/selectable.h"

namespace weir::manifest {
namespace {

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
  std::string ending(value.substr(value.size() - std::min<std::size_t>(value.size(), 4)));
  std::transform(ending.begin(), ending.end(), ending.begin(), LowerAscii);
  return ending == ".sql" || ending == ".csv" || ending.ends_with(".py");
}

// Config keys of dbt and its adapters are without end; one that is nearly one of these is a slip, and a gate that then
// asked for nothing would stand open.
const std::vector<std::string>& KnownConfigKeys() {
  static const std::vector<std::string> kKeys = {
      "access", "alias", "batch_size", "begin", "column_types", "contract", "database", "delimiter", "docs", "enabled",
      "error_if", "event_time", "fail_calc", "freshness", "full_refresh", "grants", "group", "incremental_strategy",
      "limit", "loaded_at_field", "loaded_at_query", "lookback", "materialized", "merge_exclude_columns",
      "merge_update_columns", "meta", "on_configuration_change", "on_schema_change", "packages", "persist_docs",
      "quote_columns", "quoting", "schema", "severity", "sql_header", "static_analysis", "store_failures",
      "store_failures_as", "strategy", "tags", "target_schema", "unique_key", "updated_at", "warn_if", "where"};
  return kKeys;
}

// What a value of a method must be one of; empty: anything.
std::vector<std::string> Choices(std::string_view method) {
  if (method == "resource_type") {
    return {"model",    "seed",   "snapshot",       "source",      "test",     "unit_test", "exposure",
            "analysis", "metric", "semantic_model", "saved_query", "function"};
  }
  if (method == "version") return {"latest", "prerelease", "old", "none"};
  if (method == "test_type") return {"generic", "schema", "singular", "data", "unit"};
  return {};
}

std::string Listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

const std::vector<Selector::NamedMethod>& Selector::Methods() {
  static const std::vector<NamedMethod> kMethods = {{"fqn", Method::kFqn},
                                                    {"tag", Method::kTag},
                                                    {"resource_type", Method::kResourceType},
                                                    {"package", Method::kPackage},
                                                    {"path", Method::kPath},
                                                    {"file", Method::kFile},
                                                    {"source", Method::kSource},
                                                    {"exposure", Method::kExposure},
                                                    {"access", Method::kAccess},
                                                    {"group", Method::kGroup},
                                                    {"version", Method::kVersion},
                                                    {"test_name", Method::kTestName},
                                                    {"test_type", Method::kTestType},
                                                    {"unit_test", Method::kUnitTest},
                                                    {"metric", Method::kMetric},
                                                    {"semantic_model", Method::kSemanticModel},
                                                    {"saved_query", Method::kSavedQuery}};
  return kMethods;
}

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
  atom->written = written;
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
    if (atom->childrens_parents) {
      *error = "`" + written + "` has both `@` and a `+` behind; `@` walks down already";
      return false;
    }
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
  return CheckValue(*atom, written, error);
}

std::string_view Selector::NameOf(Method method) {
  const auto named = std::find_if(Methods().begin(), Methods().end(),
                                  [&](const NamedMethod& one) { return one.method == method; });
  return named == Methods().end() ? "config" : named->name;
}

bool Selector::CheckValue(const Atom& atom, const std::string& written, std::string* error) {
  if (atom.value.empty()) {
    *error = "`" + written + "` selects nothing: a name is missing";
    return false;
  }
  const std::string_view method = NameOf(atom.method);
  const std::vector<std::string> choices = Choices(method);
  if (!choices.empty() && std::find(choices.begin(), choices.end(), atom.value) == choices.end()) {
    const std::string hint = DidYouMean(atom.value, choices);
    *error = (method == "resource_type" ? "unknown resource type `" : "`" + std::string(method) + ":` has no `") +
             atom.value + "`" + (hint.empty() ? "; there are " + Listed(choices) : hint);
    return false;
  }
  const auto dots = std::count(atom.value.begin(), atom.value.end(), '.');
  const bool packaged = atom.method == Method::kExposure || atom.method == Method::kMetric ||
                        atom.method == Method::kSemanticModel || atom.method == Method::kSavedQuery ||
                        atom.method == Method::kUnitTest;
  if ((atom.method == Method::kSource && dots > 2) || (packaged && dots > 1)) {
    *error = "`" + written + "` has too many parts; " +
             (packaged ? std::string(atom.method == Method::kExposure ? "an " : "a ") + std::string(method) +
                             " is `package.name`"
                       : "a source is `package.source.table`");
    return false;
  }
  return true;
}

bool Selector::ChooseMethod(std::string_view name, Atom* atom, std::string* error) {
  std::vector<std::string> names;
  for (const NamedMethod& named : Methods()) {
    names.emplace_back(named.name);
    if (named.name != name) continue;
    atom->method = named.method;
    return true;
  }
  names.emplace_back("config.<path>");
  const std::string written = "`" + std::string(name) + ":`";
  if (name == "config" || name.starts_with("config.")) {
    atom->method = Method::kConfig;
    if (name.size() > 7) atom->arguments = SplitBy(name.substr(7), '.');
    const auto nothing = [](const std::string& part) { return part.empty(); };
    if (atom->arguments.empty() || std::any_of(atom->arguments.begin(), atom->arguments.end(), nothing)) {
      *error = written + " says no key; write `config.materialized:table` or `config.meta.owner:growth`";
      return false;
    }
    if (atom->arguments.front() == "meta" && atom->arguments.size() == 1) {
      *error = written + " is a whole map; write which key of it: `config.meta.owner:growth`";
      return false;
    }
    const std::vector<std::string>& known = KnownConfigKeys();
    if (std::find(known.begin(), known.end(), atom->arguments.front()) != known.end()) return true;
    const std::string hint = DidYouMean(atom->arguments.front(), known);
    if (hint.empty()) return true;
    *error = "unknown config key `" + atom->arguments.front() + "`" + hint;
    return false;
  }
  if (name == "state" || name == "result" || name == "source_status" || name == "selector") {
    *error = written + (name == "selector" ? " needs selectors.yml, which weir does not read; write the selection out"
                                           : " needs the artifacts of another run, which a selector does not have; "
                                             "`weir inspect --base DIR --head DIR` compares two");
    return false;
  }
  *error = "unknown method " + written + DidYouMean(name, names);
  if (!error->ends_with('?')) error->append("; there are ").append(Listed(names));
  return false;
}

std::vector<char> Selector::SelectAtom(const Atom& atom, const Project& project, const SelectableGraph& graph) {
  using Direction = SelectableGraph::Direction;
  SelectableGraph::Set selected;
  if (atom.method == Method::kPath) {
    selected = SelectByPath(atom, project, graph);
  } else {
    selected.reserve(graph.items().size());
    for (const Selectable& item : graph.items()) selected.push_back(MatchesItem(atom, project, item) ? 1 : 0);
  }
  SelectableGraph::Set all = selected;
  const auto add = [&all](const SelectableGraph::Set& more) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] |= more[i];
  };
  if (atom.childrens_parents) {
    add(graph.Reach(graph.Reach(selected, Direction::kChildren, kAll), Direction::kParents, kAll));
  }
  if (atom.parents > 0) add(graph.Reach(selected, Direction::kParents, atom.parents));
  if (atom.children > 0) add(graph.Reach(selected, Direction::kChildren, atom.children));
  return all;
}

std::vector<std::string> Selector::Select(const Project& project) const {
  using With = SelectableGraph::With;
  return Select(project, SelectableGraph(project, Walks() ? With::kEdges : With::kItems));
}

bool Selector::Walks() const {
  for (const std::vector<Atom>& intersection : unions_) {
    for (const Atom& atom : intersection) {
      if (atom.childrens_parents || atom.parents > 0 || atom.children > 0) return true;
    }
  }
  return false;
}

bool Selector::NamesOne(const Atom& atom) {
  static constexpr std::array kMethods = {Method::kFqn,           Method::kSource,     Method::kExposure, Method::kMetric,
                                          Method::kSemanticModel, Method::kSavedQuery, Method::kUnitTest};
  return std::find(kMethods.begin(), kMethods.end(), atom.method) != kMethods.end() &&
         atom.value.find_first_of("*?[") == std::string::npos;
}

Selector::Absent Selector::AbsentOf(const Atom& atom, const SelectableGraph& graph) {
  std::vector<std::string> names;
  for (const Selectable& item : graph.items()) {
    if (atom.method == Method::kSource && item.source != nullptr) {
      names.push_back(item.source->source_name);
      names.push_back(item.source->source_name + "." + item.source->name);
    } else if (atom.method == Method::kFqn ? item.node != nullptr : item.resource_type == NameOf(atom.method)) {
      names.emplace_back(item.name);
    }
  }
  return {atom.written, DidYouMean(atom.value, names)};
}

std::vector<std::string> Selector::Select(const Project& project, const SelectableGraph& graph,
                                          std::vector<Absent>* absent) const {
  const auto select = [&](const Atom& atom) {
    SelectableGraph::Set selected = SelectAtom(atom, project, graph);
    const bool nothing = std::find(selected.begin(), selected.end(), 1) == selected.end();
    if (absent != nullptr && nothing && NamesOne(atom)) absent->push_back(AbsentOf(atom, graph));
    return selected;
  };
  SelectableGraph::Set all(graph.items().size(), 0);
  for (const std::vector<Atom>& intersection : unions_) {
    SelectableGraph::Set common = select(intersection.front());
    for (std::size_t i = 1; i < intersection.size(); ++i) {
      const SelectableGraph::Set other = select(intersection[i]);
      for (std::size_t k = 0; k < common.size(); ++k) common[k] &= other[k];
    }
    for (std::size_t k = 0; k < all.size(); ++k) all[k] |= common[k];
  }
  std::vector<std::string> unique_ids;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k] != 0) unique_ids.emplace_back(graph.items()[k].unique_id);
  }
  return unique_ids;
}

bool Selector::Matches(const Project& project, std::string_view unique_id) const {
  const std::vector<std::string> selected = Select(project);
  return std::binary_search(selected.begin(), selected.end(), unique_id);
}

std::optional<std::vector<std::string>> SelectIds(const Project& project, std::string_view select,
                                                  std::string_view exclude, std::string* error) {
  const auto choose = [&](std::string_view text, std::string_view which) -> std::optional<std::vector<std::string>> {
    const std::optional<Selector> selector = Selector::Parse(text, error);
    if (selector) return selector->Select(project);
    *error = std::string(which) + ": " + *error;
    return std::nullopt;
  };
  std::optional<std::vector<std::string>> in = choose(select.empty() ? "package:*" : select, "--select");
  if (!in || exclude.empty()) return in;
  const std::optional<std::vector<std::string>> out = choose(exclude, "--exclude");
  if (!out) return std::nullopt;
  std::vector<std::string> left;
  std::set_difference(in->begin(), in->end(), out->begin(), out->end(), std::back_inserter(left));
  return left;
}

}  // namespace weir::manifest
