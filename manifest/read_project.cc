#include <algorithm>

#include "manifest/artifact_file.h"
#include "manifest/artifact_schema.h"
#include "manifest/artifacts.h"
#include "manifest/diagnostic.h"
#include "manifest/json_document.h"
#include "manifest/project_name.h"
#include "manifest/resource_reader.h"

namespace weir::manifest {
namespace {

constexpr AcceptedSchema kSchema = {"manifest", " v4 v5 v6 v7 v8 v9 v10 v11 v12 v20 ", "v4 to v12 and v20"};

void ReadMetadata(JsonNode& json, Metadata* out, std::string* project_id) {
  json.EachField([out, project_id](std::string_view key, JsonNode& value) {
    if (key == "dbt_schema_version") {
      if (!value.IsNull()) out->schema = RequireSchema(value, kSchema);
    } else if (key == "dbt_version") {
      out->dbt_version = value.Text();
    } else if (key == "generated_at") {
      out->generated_at = value.Text();
    } else if (key == "invocation_id") {
      out->invocation_id = value.Text();
    } else if (key == "adapter_type") {
      out->adapter_type = value.Text();
    } else if (key == "project_name") {
      out->project_name = value.Text();
    } else if (key == "project_id") {
      *project_id = value.Text();
    } else if (key == "invocation_started_at") {
      out->invocation_started_at = value.Text();
    } else if (key == "run_started_at") {
      out->run_started_at = value.Text();
    } else if (key == "env") {
      out->env = value.ToValue();
    }
  });
}

void AddNode(std::string_view key, JsonNode& json, ReadContext* context, Project* project) {
  Resource resource = ReadResource(key, json, context);
  switch (resource.node.type) {
    case ResourceType::kTest:
      project->tests.push_back(ToTest(std::move(resource), false));
      return;
    case ResourceType::kUnitTest:
      project->tests.push_back(ToTest(std::move(resource), true));
      return;
    case ResourceType::kSource:
      project->sources.push_back(ToSource(std::move(resource)));
      return;
    case ResourceType::kExposure:
      project->exposures.push_back(ToExposure(std::move(resource)));
      return;
    default:
      project->nodes.push_back(std::move(resource.node));
  }
}

void ReadDisabled(JsonNode& json, ReadContext* context, std::vector<DisabledResource>* out) {
  if (json.IsMap()) {
    json.EachField([&](std::string_view key, JsonNode& value) {
      out->push_back(ReadDisabledResource(key, value, context));
    });
    return;
  }
  if (!json.IsList()) return;
  json.EachItem([&](JsonNode& item) {
    DisabledResource disabled = ReadDisabledResource({}, item, context);
    if (!disabled.unique_id.empty()) out->push_back(std::move(disabled));
  });
}

// By unique_id, equal ones in written order. They are large: each is moved once, to where it belongs.
template <typename Resource>
void SortById(std::vector<Resource>* resources) {
  std::vector<std::pair<std::string_view, Resource*>> order;
  order.reserve(resources->size());
  for (Resource& resource : *resources) order.emplace_back(resource.unique_id, &resource);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Resource> sorted;
  sorted.reserve(order.size());
  for (const auto& [id, resource] : order) sorted.push_back(std::move(*resource));
  *resources = std::move(sorted);
}

template <typename Resource>
void Sort(const std::string& path, std::vector<Resource>* resources) {
  SortById(resources);
  const auto twice =
      std::adjacent_find(resources->begin(), resources->end(),
                         [](const Resource& a, const Resource& b) { return a.unique_id == b.unique_id; });
  if (twice != resources->end()) {
    throw ArtifactError("W-ART-005", path + ": holds `" + EscapeForTerminal(twice->unique_id) + "` twice");
  }
}

// Every manifest since v4 has these, be they empty. One that lacks any is damaged, and reading it as empty
// would pass over the sources and tests that a gate asks for.
struct Seen {
  bool nodes = false, sources = false, exposures = false;
};

// Two of one key would each be read as if it were all. Null is absent.
void Once(bool* seen, std::string_view key, JsonNode& value) {
  if (*seen) value.Refuse("the key `" + std::string(key) + "` is there twice");
  *seen = !value.IsNull();
}

void Require(bool seen, const std::string& path, std::string_view key) {
  if (!seen)
    throw ArtifactError("W-ART-005", path + ": has no `" + std::string(key) + "`; is it a dbt manifest?");
}

}  // namespace

Project ReadProjectFrom(const ArtifactFile& file, const ReadOptions& options) {
  Project project;
  project.path = file.path();
  Seen seen;
  std::string project_id;
  ReadContext context(options);
  const auto add = [&](std::string_view key, JsonNode& json) { AddNode(key, json, &context, &project); };
  JsonDocument document(file, "run `dbt build` again", options.digest);
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "metadata") {
      ReadMetadata(value, &project.metadata, &project_id);
    } else if (key == "nodes") {
      Once(&seen.nodes, key, value);
      value.EachField(add);
    } else if (key == "sources") {
      Once(&seen.sources, key, value);
      value.EachField(add);
    } else if (key == "exposures") {
      Once(&seen.exposures, key, value);
      context.descriptions = true;
      value.EachField(add);
      context.descriptions = options.descriptions;
    } else if (key == "unit_tests" || key == "metrics" || key == "semantic_models" ||
               key == "saved_queries" || key == "functions") {
      // The last four only carry the graph on, from an exposure to the sources.
      value.EachField(add);
    } else if (key == "groups") {
      value.EachField([&project](std::string_view name, JsonNode& json) {
        project.groups.push_back(ReadGroup(name, json));
      });
    } else if (key == "macros" && options.test_code) {
      value.EachField([&project](std::string_view id, JsonNode& json) { project.macros.push_back(ReadMacro(id, json)); });
    } else if (key == "disabled") {
      ReadDisabled(value, &context, &project.disabled);
    }
  });
  if (options.digest) project.digest = document.Digest();
  if (project.metadata.schema.empty()) ThrowNoSchema(file.path(), kSchema);
  Require(seen.nodes, file.path(), "nodes");
  Require(seen.sources, file.path(), "sources");
  Require(seen.exposures, file.path(), "exposures");
  if (project.metadata.project_name.empty()) project.metadata.project_name = FindProjectName(project, project_id);
  Sort(file.path(), &project.nodes);
  Sort(file.path(), &project.sources);
  Sort(file.path(), &project.tests);
  Sort(file.path(), &project.exposures);
  Sort(file.path(), &project.macros);
  if (!project.metadata.dbt_version.starts_with("1.")) {  // dbt 1 copies nothing
    for (Node& node : project.nodes) MarkCopiedMeta(node.meta, &node.columns);
    for (Source& source : project.sources) MarkCopiedMeta(source.meta, &source.columns);
  }
  std::sort(project.groups.begin(), project.groups.end(),
            [](const Group& a, const Group& b) { return a.name < b.name; });
  const auto same_id = [](const DisabledResource& a, const DisabledResource& b) {
    return a.unique_id == b.unique_id;
  };
  std::vector<DisabledResource>& disabled = project.disabled;
  SortById(&disabled);
  disabled.erase(std::unique(disabled.begin(), disabled.end(), same_id), disabled.end());
  return project;
}

Project ReadProject(const std::string& manifest_path, const ReadOptions& options) {
  const std::optional<ArtifactFile> file = ArtifactFile::Open(manifest_path);
  if (!file) {
    throw ArtifactError("W-ART-001",
                        manifest_path +
                            ": not found; run `dbt build` first, or name the folder that holds it (`projects` in weir.yml, "
                            "`--target`, `--base`, `--head`)");
  }
  return ReadProjectFrom(*file, options);
}

}  // namespace weir::manifest
