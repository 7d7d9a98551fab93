#include "policies/check_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "policies/check.h"

namespace weir::policies {
namespace {

using Settings = std::map<std::string, ConfigSetting>;

ConfigSetting Of(const std::string& value) { return {value, value, 7, 3}; }

TEST(CheckConfig, WhatChangesWhatLeaves) {
  const Settings base = {{"destinations.crm.kind", Of("http")},          {"destinations.crm.url", Of("https://crm.example/a")},
                         {"destinations.crm.timeout", Of("5s")},         {"destinations.crm.retry.attempts", Of("3")},
                         {"destinations.crm.headers.Key", Of("env:A")},  {"environments.prod.destinations.crm.url", Of("https://crm.example/p")},
                         {"audit", Of("log")},                           {"source.password", {"secret", "", 1, 1}}};
  struct Case {
    const char* name;
    std::function<void(Settings*)> edit;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"nothing", [](Settings*) {}, {}},
      {"only where a value stands", [](Settings* head) { (*head)["audit"].line = 9; }, {}},
      {"a path", [](Settings* head) { (*head)["destinations.crm.url"] = Of("https://crm.example/b"); },
       {"destination-changed destination:crm weir.yml:7: weir.yml changes `destinations.crm.url` from `https://crm.example/a` to `https://crm.example/b`"}},
      {"a path of one environment", [](Settings* head) { (*head)["environments.prod.destinations.crm.url"] = Of("https://crm.example/b"); },
       {"destination-changed destination:crm weir.yml:7: weir.yml changes `environments.prod.destinations.crm.url` from `https://crm.example/p` to `https://crm.example/b`"}},
      {"an environment that is new", [](Settings* head) { (*head)["environments.dev.destinations.crm.url"] = Of("https://crm.example/d"); },
       {"destination-changed destination:crm weir.yml:7: weir.yml changes `environments.dev.destinations.crm.url` from nothing to `https://crm.example/d`"}},
      {"another account", [](Settings* head) { (*head)["destinations.crm.headers.Key"] = Of("env:B"); },
       {"destination-changed destination:crm weir.yml:7: weir.yml changes `destinations.crm.headers.Key` from `env:A` to `env:B`"}},
      {"another format of files", [](Settings* head) { (*head)["destinations.crm.format"] = Of("csv"); },
       {"destination-changed destination:crm weir.yml:7: weir.yml changes `destinations.crm.format` from nothing to `csv`"}},
      {"no credentials", [](Settings* head) { head->erase("destinations.crm.headers.Key"); },
       {"destination-changed destination:crm weir.yml:0: weir.yml changes `destinations.crm.headers.Key` from `env:A` to nothing"}},
      {"patience", [](Settings* head) { (*head)["destinations.crm.timeout"] = Of("9s"); (*head)["destinations.crm.retry.attempts"] = Of("9"); }, {}},
      {"a destination that is new", [](Settings* head) { (*head)["destinations.ads.url"] = Of("https://ads.example"); }, {}},
      {"what may not be shown", [](Settings* head) { (*head)["source.password"].value = "other"; },
       {"config-changed config weir.yml:1: weir.yml changes `source.password` from what is not shown to what is not shown"}},
      {"the log", [](Settings* head) { (*head)["audit"] = Of("log2"); }, {"config-changed config weir.yml:7: weir.yml changes `audit` from `log` to `log2`"}},
  };
  for (const Case& one : cases) {
    CheckSide before, after;
    before.settings = after.settings = base;
    after.config = "weir.yml";
    one.edit(&after.settings);
    std::vector<std::string> found;
    for (const Finding& finding : FindChangedConfig(after, before)) {
      found.push_back(finding.rule + " " + finding.target + " " + finding.path + ":" + std::to_string(finding.line) + ": " +
                      finding.message.substr(0, finding.message.find("; make sure")));
    }
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

TEST(CheckConfig, ABaseOfWhichNobodyKnowsTheFile) {
  CheckSide before, after;
  after.config = "weir.yml";
  after.settings = {{"audit", Of("log")}};
  before.no_config = "the base's weir.yml is not known";
  const std::vector<Finding> found = FindChangedConfig(after, before);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rule, "base-config-unknown");
  EXPECT_EQ(found[0].message, "the base's weir.yml is not known, so that nobody sees what the pull request changes in weir.yml, and its "
                              "`syncs:` count as new; give that of the protected branch as `--base-config`");
}

}  // namespace
}  // namespace weir::policies
