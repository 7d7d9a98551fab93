#include "policies/audience.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {name: email}\n"
    "  public: {permissive: true, columns: [dim.id, dim.plan, fct.id]}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {analyst: {}}\n"
    "destinations: {bi: {origin: 'https://bi.example', readers: [analyst], trust: internal}}\n"
    "purposes: {insight: {syncs: ['exposure:board*']}}\n"
    "rules:\n"
    "  - {id: K1, give: public, to: any, as: unchanged}\n"
    "  - {id: P1, give: pii.email, to: any, as: hash}\n"
    "  - {id: R1, rows: filtered, to: any, send_if: {consent: true}}\n";

manifest::Project Shop(const std::string& weir, std::vector<std::string> models) {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("plan"), Col("email")}), Model("fct", {Col("id")}),
                   Model("loose", {Col("id"), Col("a"), Col("b")}), Model("filtered", {Col("consent")}),
                   Model("derived", {}, {"model.shop.filtered"})};
  manifest::Node metric = Model("revenue", {}, {"model.shop.dim"});
  metric.unique_id = "metric.shop.revenue";
  metric.type = manifest::ResourceType::kOther;
  metric.resource_type = "metric";
  project.nodes.push_back(metric);
  manifest::Source source;
  source.unique_id = "source.shop.raw.events";
  source.source_name = "raw";
  source.name = "events";
  project.sources = {source};
  manifest::Exposure board = ExposureOf("board", "", {});
  board.type = "dashboard";
  for (const std::string& model : models) board.depends_on.push_back(model.find('.') == std::string::npos ? "model.shop." + model : model);
  if (!weir.empty()) board.meta = Yaml("{weir: " + weir + "}");
  project.exposures = {board};
  Close(&project);
  return project;
}

std::vector<std::string> Found(const manifest::Project& project) {
  const Policy policy = GoodPolicy(kPolicy);
  const auto syncs = GoodSyncs(project);
  std::vector<std::string> out;
  for (const Finding& finding : FindShown({&policy, &project, &syncs})) {
    out.push_back(std::string(Name(finding.level)) + " " + finding.rule + " " + finding.column + ": " + finding.message);
  }
  return out;
}

TEST(Audience, ADashboardShowsEveryColumnAsItIs) {
  constexpr char kKnown[] = "{audience: bi, purpose: insight}";
  struct Case {
    const char* name;
    const char* weir;
    const char* url;
    std::vector<std::string> models;
    std::vector<std::string> findings;
  };
  const std::vector<Case> cases = {
      {"public data to anybody", "", "", {"fct"}, {}},
      {"restricted data to nobody knows whom", "", "", {"dim", "fct"},
       {"warning audience-unknown : nobody says who sees it, and it shows `dim.email`; name a destination of the policy: `config: {meta: {weir: "
        "{audience: ..., purpose: ...}}}`"}},
      {"given as a hash, which a dashboard does not make", kKnown, "", {"dim"},
       {"error P1 dim.email: `board` shows column `email` as it is, which `bi` may not see: `pii.email` (by name), given by P1, as `hash`"}},
      {"what is public may be shown", kKnown, "", {"fct"}, {}},
      {"its url tells the audience", "{audience: bi, purpose: insight}", "https://BI.example:443/d/7", {"fct"}, {}},
      {"its url alone has no purpose", "", "https://bi.example/d/7", {"fct"},
       {"error audience-refused : it declares no purpose; add `config: {meta: {weir: {audience: bi, purpose: ...}}}`"}},
      {"an unknown audience", "{audience: bo, purpose: insight}", "", {"fct"},
       {"error audience-refused : audience `bo` is no destination of the policy; did you mean `bi`?"}},
      {"columns without a class, in one finding", kKnown, "", {"loose"},
       {"error column-denied loose.*: `board` shows columns that have no class: `id`, `a`, `b`; say what they are under `classes:`, or take "
        "them out of `loose`"}},
      {"under a metric", kKnown, "", {"metric.shop.revenue"},
       {"error P1 dim.email: `board` shows column `email` as it is, which `bi` may not see: `pii.email` (by name), given by P1, as `hash`"}},
      {"a source", kKnown, "", {"source.shop.raw.events"},
       {"error column-denied raw.events.*: it shows source `raw.events`, whose columns no policy decides; put a model between them"}},
      {"rows that must be filtered, however far up", kKnown, "", {"derived"},
       {"error R1 : rule `R1` lets only some rows of `filtered` go to `bi`, and nothing shows that `board` filters them; show a model that holds "
        "those rows alone"}},
  };
  for (const Case& test : cases) {
    manifest::Project project = Shop(test.weir, test.models);
    project.exposures[0].url = test.url;
    EXPECT_EQ(Found(project), test.findings) << test.name;
  }
}

TEST(Audience, ExposuresOfPackagesAreTheirOwn) {
  manifest::Project project = Shop("{audience: bi}", {"dim"});
  project.exposures[0].package = "somebody";
  EXPECT_EQ(Found(project), std::vector<std::string>());
}

TEST(Audience, OriginsOfUrls) {
  const std::pair<const char*, const char*> kCases[] = {
      {"https://bi.example/d/7", "https://bi.example"},  {"HTTPS://Bi.Example", "https://bi.example"},
      {"https://bi.example:443/", "https://bi.example"}, {"http://bi.example:80?x", "http://bi.example"},
      {"https://bi.example:8443/", "https://bi.example:8443"},
      {"https://bi.example./d", "https://bi.example"},   {"https://bi.example.:8443/d", "https://bi.example:8443"}, {"https://bi.example@evil.example/", ""},
      {"https://bi.example\\@evil.example/", "https://bi.example"}, {"bi.example/d/7", ""}, {"file:///x", ""},
      {"https://", ""}, {"", ""}};
  for (const auto& [url, origin] : kCases) EXPECT_EQ(OriginOfUrl(url), origin) << url;
}

TEST(Audience, KeysAreStrict) {
  const manifest::Project project = Shop("{audience: bi, purpos: insight}", {"dim"});
  manifest::Diagnostics diagnostics;
  EXPECT_TRUE(ReadSyncs(project, nullptr, "weir.yml", &diagnostics).empty());
  EXPECT_NE(diagnostics.Render().find("exposure `board`: "), std::string::npos) << diagnostics.Render();
  EXPECT_NE(diagnostics.Render().find("did you mean `purpose`?"), std::string::npos) << diagnostics.Render();
}

}  // namespace
}  // namespace weir::policies
