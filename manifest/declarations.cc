#include "manifest/declarations.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "manifest/column_names.h"
#include "manifest/selectable.h"
#include "manifest/yaml_document.h"

namespace weir::manifest {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = 4u << 20;

// The item of `list` in `map` whose `key` is `name`; null pointer when there is none.
const Value* FindItem(const Value* map, std::string_view list, std::string_view name, std::string_view key = "name",
                      bool ignoring_case = false) {
  const Value* const items = map == nullptr ? nullptr : map->Find(list);
  if (items == nullptr) return nullptr;
  for (const Value& item : items->items()) {
    const Value* const found = item.Find(key);
    if (found == nullptr) continue;
    if (found->text() == name || (ignoring_case && EqualIgnoringCase(found->text(), name))) return &item;
  }
  return nullptr;
}

std::string_view ListOf(std::string_view resource_type) {
  if (resource_type == "model") return "models";
  if (resource_type == "seed") return "seeds";
  if (resource_type == "snapshot") return "snapshots";
  if (resource_type == "metric") return "metrics";
  if (resource_type == "semantic_model") return "semantic_models";
  if (resource_type == "saved_query") return "saved_queries";
  if (resource_type == "analysis") return "analyses";
  if (resource_type == "function") return "functions";
  return {};
}

// `unique`, `dbt_utils.expression_is_true`, as an item of `data_tests:`: the name alone, a map of it, or a map with
// `test_name:`. Its name's position; unknown when the item is of another test.
std::optional<Position> NamedSo(const Value& item, const Test& test) {
  if (item.text() == test.name) return item.position();
  for (const Value::Member& member : item.members()) {
    if (member.key == test.name) return member.key_position;
    if (member.key == "test_name" && member.value.text() == test.name) return member.value.position();
  }
  return std::nullopt;
}

const Value& Settings(const Value& item, const Test& test) {
  const Value* const inner = item.Find(test.name);
  return inner == nullptr ? item : *inner;
}

std::string_view OwnName(const Test& test) {
  std::string_view name = test.unique_id;
  for (int i = 0; i < 2; ++i) name.remove_prefix(std::min(name.find('.'), name.size() - 1) + 1);
  return name.substr(0, name.find('.'));
}

bool SameText(const Value& yaml, const Value& json) {
  if (json.kind() == Value::Kind::kMap) return false;
  if (json.kind() != Value::Kind::kList) return yaml.text() == json.text();
  return std::equal(yaml.items().begin(), yaml.items().end(), json.items().begin(), json.items().end(), SameText);
}

bool HasArguments(const Value& settings, const Test& test) {
  const Value* const inner = settings.Find("arguments");
  for (const Value::Member& argument : test.kwargs.members()) {
    if (argument.key == "model" || argument.key == "column_name") continue;
    const Value* written = inner == nullptr ? nullptr : inner->Find(argument.key);
    if (written == nullptr) written = settings.Find(argument.key);
    if (written == nullptr || !SameText(*written, argument.value)) return false;
  }
  return true;
}

// The only item that can be this test: by its name, then by a name of its own, then by its arguments.
std::optional<Position> FindTestItem(const Value* holder, const Test& test) {
  struct Candidate {
    Position at;
    const Value* settings;
  };
  std::vector<Candidate> candidates;
  for (const char* list : {"data_tests", "tests"}) {
    const Value* const items = holder == nullptr ? nullptr : holder->Find(list);
    if (items == nullptr) continue;
    for (const Value& item : items->items()) {
      const std::optional<Position> at = NamedSo(item, test);
      if (!at) continue;
      const Value& settings = Settings(item, test);
      const Value* name = settings.Find("name");
      if (name == nullptr) name = item.Find("name");
      if (name != nullptr && name->text() == OwnName(test)) return at;
      if (name == nullptr) candidates.push_back({*at, &settings});
    }
  }
  if (candidates.size() > 1) {
    std::erase_if(candidates, [&test](const Candidate& candidate) { return !HasArguments(*candidate.settings, test); });
  }
  if (candidates.size() != 1) return std::nullopt;
  return candidates.front().at;
}

bool StaysBelow(const fs::path& path) {
  return !path.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

// Links followed: the file itself, below `folder`, plain, and not too large.
bool IsReadable(const std::string& folder, const std::string& file) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) return false;
  const fs::path real = fs::canonical(root / file, error);
  if (error || !StaysBelow(real.lexically_relative(root))) return false;
  return fs::is_regular_file(real, error) && !error && fs::file_size(real, error) <= kMaxBytes && !error;
}

}  // namespace

struct Declarations::Block {
  std::string file;
  const Value* map = nullptr;      // points into files_, whose nodes stay where they are
  const Value* version = nullptr;  // of a versioned model
};

Declarations::Declarations(std::string project_folder, const Project& project)
    : folder_(std::move(project_folder)), project_(project) {}

std::optional<std::string> Declarations::PathOf(std::string_view package, std::string_view path) const {
  const bool installed = !project_.metadata.project_name.empty() && package != project_.metadata.project_name;
  const fs::path written = WithoutPackage(path);
  if (!StaysBelow(written) || package.find('/') != std::string_view::npos) return std::nullopt;
  const fs::path file = installed ? fs::path("dbt_packages") / package / written : written;
  if (!StaysBelow(file)) return std::nullopt;
  return file.lexically_normal().generic_string();
}

const Value* Declarations::Read(const std::string& file) {
  auto known = files_.find(file);
  if (known == files_.end()) {
    known = files_.emplace(file, std::nullopt).first;
    if (IsReadable(folder_, file)) {
      std::ifstream stream(fs::path(folder_) / file, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      if (text.size() <= kMaxBytes) known->second = ReadYamlLeniently(text);
    }
  }
  return known->second ? &*known->second : nullptr;
}

std::optional<Declarations::Block> Declarations::Find(std::string_view package, std::string_view path,
                                                      std::string_view list, std::string_view name) {
  const std::optional<std::string> file = PathOf(package, path);
  if (!file || !(file->ends_with(".yml") || file->ends_with(".yaml"))) return std::nullopt;
  const Value* const found = FindItem(Read(*file), list, name);
  if (found == nullptr) return std::nullopt;
  return Block{*file, found, nullptr};
}

std::optional<Declarations::Block> Declarations::BlockOf(std::string_view unique_id) {
  if (const Node* node = project_.FindNode(unique_id)) {
    const std::string& path = node->patch_path.empty() ? node->original_file_path : node->patch_path;
    // dbt writes the package of the YAML in front of it, which may be the root patching a package.
    const std::size_t scheme = path.find("://");
    const std::string_view package =
        scheme == std::string::npos ? std::string_view(node->package) : std::string_view(path).substr(0, scheme);
    std::optional<Block> block = Find(package, path, ListOf(node->resource_type), node->name);
    if (block && !node->version.empty()) block->version = FindItem(block->map, "versions", node->version, "v");
    return block;
  }
  if (const Source* source = project_.FindSource(unique_id)) {
    std::optional<Block> block = Find(source->package, source->original_file_path, "sources", source->source_name);
    if (block) block->map = FindItem(block->map, "tables", source->name);
    return block && block->map != nullptr ? block : std::nullopt;
  }
  if (const Exposure* exposure = project_.FindExposure(unique_id)) {
    return Find(exposure->package, exposure->original_file_path, "exposures", exposure->name);
  }
  for (const Group& group : project_.groups) {
    if (group.unique_id == unique_id) return Find(group.package, group.original_file_path, "groups", group.name);
  }
  return std::nullopt;
}

std::optional<DeclaredAt> Declarations::Beginning(std::string_view package, std::string_view path) {
  const std::optional<std::string> file = PathOf(package, path);
  if (!file || !IsReadable(folder_, *file)) return std::nullopt;
  return DeclaredAt{*file, {1, 1}};
}

std::optional<DeclaredAt> Declarations::OfTest(const Test& test) {
  if (test.unit) {
    const std::optional<Block> block = Find(test.package, test.original_file_path, "unit_tests", test.name);
    if (!block) return std::nullopt;
    return DeclaredAt{block->file, block->map->Find("name")->position()};
  }
  if (!test.generic) return Beginning(test.package, test.original_file_path);
  const std::optional<Block> block = BlockOf(test.attached_node);
  if (!block) return std::nullopt;
  for (const Value* holder : {block->version, block->map}) {
    const Value* const column =
        test.column_name.empty() ? nullptr : FindItem(holder, "columns", test.column_name, "name", true);
    for (const Value* place : {column, holder}) {
      if (const std::optional<Position> at = FindTestItem(place, test)) return DeclaredAt{block->file, *at};
    }
  }
  if (!test.column_name.empty()) {
    if (std::optional<DeclaredAt> column = OfColumn(test.attached_node, test.column_name)) return column;
  }
  return Of(test.attached_node);
}

std::optional<DeclaredAt> Declarations::Of(std::string_view unique_id) {
  if (const Test* test = project_.FindTest(unique_id)) return OfTest(*test);
  if (const std::optional<Block> block = BlockOf(unique_id)) {
    const Value* const version = block->version == nullptr ? nullptr : block->version->Find("v");
    return DeclaredAt{block->file, (version == nullptr ? block->map->Find("name") : version)->position()};
  }
  const Node* const node = project_.FindNode(unique_id);
  return node == nullptr ? std::nullopt : Beginning(node->package, node->original_file_path);
}

std::optional<DeclaredAt> Declarations::OfColumn(std::string_view unique_id, std::string_view column) {
  const std::optional<Block> block = BlockOf(unique_id);
  if (!block) return std::nullopt;
  for (const Value* holder : {block->version, block->map}) {
    for (const bool ignoring_case : {false, true}) {
      if (const Value* found = FindItem(holder, "columns", column, "name", ignoring_case)) {
        return DeclaredAt{block->file, found->Find("name")->position()};
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> ProjectFolderOf(const std::string& target_folder) {
  std::error_code error;
  const fs::path target = fs::canonical(target_folder, error);
  if (error || !fs::is_regular_file(target.parent_path() / "dbt_project.yml", error)) return std::nullopt;
  return target.parent_path().string();
}

}  // namespace weir::manifest
