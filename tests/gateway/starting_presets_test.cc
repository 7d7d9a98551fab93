#include "gateway/commands/starting_presets.h"

#include <gtest/gtest.h>

#include <fstream>

#include "gateway/commands/starting_files.h"
#include "manifest/yaml_document.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

TEST(StartingPresets, NamesTheConventionsThatTheProjectFollows) {
  manifest::Project project;
  manifest::Node dim;
  dim.unique_id = "model.shop.dim";
  dim.name = "dim";
  dim.type = manifest::ResourceType::kModel;
  const auto column = [&dim](const char* name, const char* meta, std::vector<manifest::Text> tags) {
    manifest::Column& out = dim.columns.emplace_back();
    out.name = name;
    out.tags = std::move(tags);
    manifest::Diagnostics none;
    if (const auto value = manifest::ReadYaml(meta, "m.yml", &none)) out.meta = *value;
  };
  column("email", "{contains_pii: true}", {});
  column("score", "{masking_policy: mp_score}", {});
  column("zip", "{contains_pii: true, masking_policy: mp_zip}", {"pii_zip"});
  column("country", "{contains_pii: false}", {});
  project.nodes.push_back(dim);
  StartingText start;
  start.tenant = "shop";
  start.destinations = {"outbox"};
  start.point.classes = UsualClasses();
  start.point.presets = FindPresets(start.point.classes, project);
  start.point.models.push_back({&project.nodes[0], ColumnsOf(project, project.nodes[0], {}, start.point.presets), "", ""});
  const std::string policy = PolicyText(start);
  EXPECT_NE(policy.find("presets:\n"
                        "#  - contains_pii  # 2 columns: dim.email, dim.zip; the classes below find them, too\n"
                        "  - dbt_snow_mask  # 2 columns: dim.score, dim.zip\n"
                        "#  - dbt_tags  # 1 column: dim.zip; the classes below find them, too\n"),
            std::string::npos)
      << policy;
  EXPECT_EQ(policy.find("- dim.score"), std::string::npos) << policy;  // not public
  EXPECT_NE(policy.find("- dim.country  # confirm"), std::string::npos) << policy;
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/p.yml", std::ios::binary) << policy;
  manifest::Diagnostics diagnostics;
  EXPECT_TRUE(policies::ReadPolicy(folder.path(), &diagnostics)) << diagnostics.Render();
  start.point.presets.clear();
  EXPECT_EQ(PolicyText(start).find("presets"), std::string::npos);
}

}  // namespace
}  // namespace weir::gateway
