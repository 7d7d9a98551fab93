#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "policies/gate.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {

inline constexpr char kFacts[] =
    "version: 1\n"
    "classes: {pii: {tags: [pii]}, key: {permissive: true, columns: [dim.id]}}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: external, transfer: {mechanism: SCC, "
    "until: 2027-06-30}}}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}, {id: P1, give: pii, to: any, as: hash}]\n";

// 2026-11-22T12:00:00Z; what ran, ran at 11:00.
inline const audit::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(12);

inline manifest::TestResult Result(const std::string& id, const std::string& status, const std::string& at) {
  manifest::TestResult result;
  result.unique_id = id;
  result.status = status;
  result.completed_at = at;
  return result;
}

// A project whose sync `crm_contacts` may run: model `dim` of source `raw.customers`, tested and fresh.
inline manifest::Artifacts Good() {
  manifest::Artifacts out;
  manifest::Project& project = out.project;
  project.digest = "d0";
  project.metadata.invocation_id = "i1";
  project.metadata.adapter_type = "duckdb";
  project.nodes = {Model("dim", {Col("id"), Col("email", "", {"pii"})}, {"source.shop.raw.customers"})};
  manifest::Source source;
  source.unique_id = "source.shop.raw.customers";
  source.source_name = "raw";
  source.name = "customers";
  source.package = "shop";
  source.freshness = manifest::Freshness{};
  project.sources = {source};
  project.tests = {GenericTest("unique", "dim", "id"), GenericTest("not_null", "dim", "id")};
  project.exposures = {
      ExposureOf("crm_contacts", "{destination: crm, match: id, columns: [email]}", {"dim"})};
  Close(&project);
  out.run_results.emplace();
  out.run_results->which = "build";
  out.run_results->invocation_id = "i1";
  out.run_results->digest = "r0";
  out.run_results->results = {Result("model.shop.dim", "success", "2026-11-22T10:59:00.000000Z"),
                              Result("test.shop.not_null_dim_id", "pass", "2026-11-22T11:00:00.000000Z"),
                              Result("test.shop.unique_dim_id", "pass", "2026-11-22T11:00:00.000000Z")};
  out.run_results->results[0].relation_name = project.nodes[0].relation_name;
  out.freshness.emplace();
  out.freshness->results = {
      {"source.shop.raw.customers", "pass", "2026-11-22T08:00:00Z", "2026-11-22T11:00:00Z"}};
  return out;
}

// The gate of the first sync under kFacts, `require: [REQUIRE]` and whatever `more` holds.
inline GateVerdict Evaluate(const std::string& require, const manifest::Artifacts& artifacts,
                            audit::Time now = kNow, const std::string& more = "") {
  static std::vector<std::unique_ptr<std::pair<Policy, std::vector<SyncSpec>>>> kept;
  const std::string tail = require.empty() ? "" : "require: [" + require + "]\n";
  kept.push_back(std::make_unique<std::pair<Policy, std::vector<SyncSpec>>>(GoodPolicy(kFacts + tail + more),
                                                                            GoodSyncs(artifacts.project)));
  const auto& [policy, syncs] = *kept.back();
  return EvaluateGate(policy, artifacts, Decide(policy, artifacts.project, syncs.at(0)), now);
}

inline std::string Told(const GateVerdict& verdict) {
  std::string out = verdict.open ? "open\n" : "held\n";
  for (const GateReason& reason : verdict.reasons) {
    out += reason.code + (reason.holds ? " holds" : " told") +
           (reason.requirement.empty() ? "" : " " + reason.requirement);
    for (const std::string& also : reason.also) out += "," + also;
    out += ": " + reason.text + "\n";
  }
  return out;
}

}  // namespace weir::policies
