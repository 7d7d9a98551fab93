#include "policies/check_hooks.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

manifest::Text Config(const std::string& text) { return text; }

manifest::Project Shop() {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("plan")}, {"model.shop.stg"}), Model("other", {Col("id")}), Model("stg", {Col("id")})};
  for (manifest::Node& node : project.nodes) {
    node.materialized = "table";
    node.config = Config(R"({"materialized": "table", "pre-hook": [], "post-hook": [{"sql": "analyze {{ this }}", "transaction": true, "index": null}], "sql_header": null})");
  }
  project.exposures = {ExposureOf("contacts", "{destination: crm, model: dim, match: id, columns: [plan]}", {"dim", "other"})};
  Close(&project);
  return project;
}

TEST(CheckHooks, WhatRunsBesideTheSql) {
  struct Case {
    const char* name;
    std::function<void(manifest::Project* head, manifest::Project* base)> edit;
    std::vector<std::string> expected;  // `key of model`
  };
  const auto set = [](const char* text) { return [text](manifest::Project* head, manifest::Project*) { head->nodes[0].config = Config(text); }; };
  const std::vector<Case> cases = {
      {"nothing", [](auto*, auto*) {}, {}},
      {"a hook that is new", set(R"({"pre-hook": [{"sql": "update x"}], "post-hook": [{"sql": "analyze {{ this }}"}]})"), {"`pre-hook` of `dim`"}},
      {"another hook", set(R"({"post-hook": [{"sql": "update {{ this }} set plan = email", "transaction": true}]})"), {"`post-hook` of `dim`"}},
      {"one hook more", set(R"({"post-hook": [{"sql": "analyze {{ this }}"}, {"sql": "update x"}]})"), {"`post-hook` of `dim`"}},
      {"a hook that is gone", set(R"({"post-hook": []})"), {"`post-hook` of `dim`"}},
      {"as dbt 2 writes it", set(R"({"post_hook": "analyze {{ this }}", "pre_hook": null})"), {}},
      {"another spacing", set(R"({"post-hook": [{"sql": " analyze\n{{ this }}"}]})"), {}},
      {"a header", set(R"({"post-hook": ["analyze {{ this }}"], "sql_header": "create temp function plan() as (email);"})"), {"`sql_header` of `dim`"}},
      {"what else a config says", set(R"({"post-hook": ["analyze {{ this }}"], "tags": ["x"]})"), {}},
      {"above the sync", [](auto* head, auto*) { head->nodes[2].config = Config(R"({"post-hook": ["update x"]})"); }, {"`post-hook` of `stg`"}},
      {"beside the sync", [](auto* head, auto*) { head->nodes[1].config = Config(R"({"post-hook": ["update x"]})"); }, {}},
      {"of a model that is new", [](auto*, auto* base) { base->nodes.pop_back(); }, {"`post-hook` of `stg`"}},
      {"a materialization of one's own", [](auto* head, auto*) { head->nodes[0].materialized = "mine"; }, {"`materialized` of `dim`"}},
      {"another one of dbt's", [](auto* head, auto*) { head->nodes[0].materialized = "incremental"; }, {}},
  };
  for (const Case& one : cases) {
    manifest::Project base = Shop(), head = Shop();
    one.edit(&head, &base);
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    std::vector<std::string> found;
    for (const Finding& finding : FindOtherHooks({nullptr, &head, &after}, {nullptr, &base, &before})) {
      EXPECT_EQ(finding.rule + " " + finding.target, "hook-changed exposure:contacts") << one.name;
      EXPECT_EQ(finding.message.find("update"), std::string::npos) << one.name;
      found.push_back(finding.message.substr(0, finding.message.find(" is another")));
    }
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

}  // namespace
}  // namespace weir::policies
