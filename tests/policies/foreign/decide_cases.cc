// What Weir decides of other people's cases: reads one case a line from standard input, prints one decision a line. For
// judges of another make (cedar_judge.mjs); no part of the program.
//
// A case, as JSON: {"policy": "text of a policy file", "tags": {"column": ["tag"]}, "destination", "purpose",
//                   "match": "column", "columns": ["column"]}. The sync is `exposure:x`, its model `m`.
// A decision: {"use": {"column": {"denied": bool, "rules": ["id"]}}}; use is send, match or filter. A policy that cannot be
// read ends the program with status 2.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "manifest/yaml_document.h"
#include "policies/decision.h"
#include "policies/json_writer.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace {

using weir::manifest::Value;
namespace manifest = weir::manifest;
namespace policies = weir::policies;

manifest::Project ProjectOf(const Value& a_case) {
  manifest::Node model;
  model.unique_id = "model.shop.m";
  model.type = manifest::ResourceType::kModel;
  model.name = "m";
  model.package = "shop";
  for (const Value::Member& member : a_case.Find("tags")->members()) {
    manifest::Column column;
    column.name = member.key;
    std::vector<manifest::Text> tags;
    for (const Value& tag : member.value.items()) tags.push_back(tag.text());
    column.tags = std::move(tags);
    model.columns.push_back(column);
  }
  manifest::Project project;
  project.metadata.project_name = "shop";
  project.nodes = {model};
  return project;
}

policies::SyncSpec SyncOf(const Value& a_case) {
  policies::SyncSpec sync;
  sync.id = "exposure:x";
  sync.model_id = "model.shop.m";
  sync.destination = a_case.Find("destination")->text();
  sync.purpose = a_case.Find("purpose")->text();
  const auto mapped = [](const std::string& name) {
    policies::SyncSpec::Mapped out;
    out.column = out.field = name;
    return out;
  };
  sync.match = {mapped(a_case.Find("match")->text())};
  for (const Value& column : a_case.Find("columns")->items()) sync.columns.push_back(mapped(column.text()));
  return sync;
}

std::string Answer(const policies::SyncDecision& decision) {
  policies::JsonWriter json;
  json.BeginObject();
  for (const auto& [use, name] : {std::pair{policies::Use::kSend, "send"}, std::pair{policies::Use::kMatch, "match"},
                                  std::pair{policies::Use::kFilter, "filter"}}) {
    json.BeginObject(name);
    for (const policies::ColumnDecision& column : decision.columns) {
      if (column.use != use) continue;
      json.BeginObject(column.column);
      json.Bool("denied", column.denied());
      json.Texts("rules", column.rules);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
  return json.text();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: decide_cases FOLDER < cases > decisions\n";
    return 2;
  }
  const std::string file = (std::filesystem::path(arguments[1]) / "policy.yml").string();
  std::ios::sync_with_stdio(false);
  std::string line;
  while (std::getline(std::cin, line)) {
    manifest::Diagnostics diagnostics;
    const std::optional<Value> a_case = manifest::ReadYaml(line, "case", &diagnostics);
    std::optional<policies::Policy> policy;
    if (a_case) {
      std::ofstream(file, std::ios::binary | std::ios::trunc) << a_case->Find("policy")->text();
      policy = policies::ReadPolicy(file, &diagnostics);
    }
    if (!policy) {
      std::cerr << diagnostics.Render() << line << "\n";
      return 2;
    }
    const manifest::Project project = ProjectOf(*a_case);
    const policies::SyncSpec sync = SyncOf(*a_case);
    std::cout << Answer(policies::Decide(*policy, project, sync)) << "\n";
  }
  return 0;
}
