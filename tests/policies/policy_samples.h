#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manifest/artifacts.h"
#include "manifest/evidence.h"
#include "manifest/yaml_document.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// A folder of its own for one test, removed with it.
class PolicyFolder {
 public:
  PolicyFolder() {
    static int count = 0;
    path_ = std::filesystem::path(testing::TempDir()) /
            ("policies-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~PolicyFolder() { std::filesystem::remove_all(path_); }
  PolicyFolder(const PolicyFolder&) = delete;
  PolicyFolder& operator=(const PolicyFolder&) = delete;

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string path() const { return path_.string(); }

  // Diagnostics as `file:line:column: message [CODE]` lines, the folder's own name taken out.
  std::string Read(std::optional<Policy>* policy) const {
    manifest::Diagnostics diagnostics;
    *policy = ReadPolicy(path(), &diagnostics);
    std::string out;
    for (const manifest::Diagnostic& one : diagnostics.Sorted()) {
      out += one.file + ":" + std::to_string(one.position.line) + ":" + std::to_string(one.position.column) +
             ": " + one.message + " [" + one.code + "]\n";
    }
    for (std::size_t at = out.find(path()); at != std::string::npos; at = out.find(path(), at)) {
      out.replace(at, path().size() + (out[at + path().size()] == '/' ? 1u : 0u), "");
    }
    return out;
  }

 private:
  std::filesystem::path path_;
};

// A policy that must read without any diagnostic.
inline Policy GoodPolicy(const std::vector<std::string>& files) {
  PolicyFolder folder;
  for (std::size_t i = 0; i < files.size(); ++i) folder.Write("p" + std::to_string(i) + ".yml", files[i]);
  std::optional<Policy> policy;
  const std::string problems = folder.Read(&policy);
  EXPECT_EQ(problems, "");
  if (!policy) return {};
  // Messages that tell where a requirement stands: without the folder, which is another one for each test.
  for (Requirement& requirement : policy->requirements) {
    requirement.at.file = std::filesystem::path(requirement.at.file).filename();
  }
  return *policy;
}
inline Policy GoodPolicy(const std::string& text) { return GoodPolicy(std::vector<std::string>{text}); }

inline manifest::Value Yaml(const std::string& text) {
  manifest::Diagnostics diagnostics;
  auto value = manifest::ReadYaml(text, "test.yml", &diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return value ? *value : manifest::Value();
}

inline manifest::Column Col(std::string name, const std::string& meta = "",
                            std::vector<manifest::Text> tags = {}) {
  manifest::Column column;
  column.name = std::move(name);
  if (!meta.empty()) column.meta = Yaml(meta);
  column.tags = std::move(tags);
  return column;
}

inline manifest::Node Model(const std::string& name, std::vector<manifest::Column> columns,
                            std::vector<manifest::Text> depends_on = {}) {
  manifest::Node node;
  node.unique_id = "model.shop." + name;
  node.type = manifest::ResourceType::kModel;
  node.resource_type = "model";
  node.name = name;
  node.package = "shop";
  node.fqn = {"shop", name};
  node.relation_name = "\"shop\".\"main\".\"" + name + "\"";
  node.original_file_path = "models/" + name + ".sql";
  node.columns = std::move(columns);
  node.depends_on = std::move(depends_on);
  return node;
}

inline manifest::Exposure ExposureOf(const std::string& name, const std::string& weir,
                                     std::vector<std::string> models) {
  manifest::Exposure exposure;
  exposure.unique_id = "exposure.shop." + name;
  exposure.name = name;
  exposure.package = "shop";
  exposure.type = "application";
  exposure.fqn = {"shop", name};
  exposure.original_file_path = "models/exposures.yml";
  exposure.owner.emails = {"growth@acme.com"};
  for (const std::string& model : models) exposure.depends_on.push_back("model.shop." + model);
  if (!weir.empty()) exposure.meta = Yaml("weir: " + weir);
  return exposure;
}

inline manifest::Test GenericTest(const std::string& name, const std::string& model,
                                  const std::string& column) {
  manifest::Test test;
  test.unique_id = "test.shop." + name + "_" + model + "_" + column;
  test.name = name;
  test.generic = true;
  test.column_name = column;
  test.attached_node = "model.shop." + model;
  test.depends_on = {test.attached_node};
  test.package = "shop";
  return test;
}

// Lists sorted as the reader leaves them.
inline void Close(manifest::Project* project) {
  project->metadata.project_name = "shop";
  const auto by_id = [](const auto& a, const auto& b) { return a.unique_id < b.unique_id; };
  std::sort(project->nodes.begin(), project->nodes.end(), by_id);
  std::sort(project->sources.begin(), project->sources.end(), by_id);
  std::sort(project->tests.begin(), project->tests.end(), by_id);
  std::sort(project->exposures.begin(), project->exposures.end(), by_id);
}

inline std::vector<SyncSpec> GoodSyncs(const manifest::Project& project) {
  manifest::Diagnostics diagnostics;
  auto syncs = ReadSyncs(project, nullptr, "weir.yml", &diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return syncs;
}

}  // namespace weir::policies
