#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>

#include "tests/policies/gate_samples.h"

namespace weir::policies {
namespace {

using Change = std::function<void(manifest::Artifacts*)>;

manifest::Node& Dim(manifest::Artifacts* artifacts) { return artifacts->project.nodes.front(); }

std::string WaiverOf(const std::string& rule, const std::string& target, const std::string& expires = "2026-11-22") {
  return "waivers: [{id: W1, rule: " + rule + ", target: '" + target +
         "', reason: replaced, approver: dpo@acme.com, expires: " + expires + "}]\n";
}

TEST(GateRequirementsTest, Facts) {
  const Change nothing = [](manifest::Artifacts*) {};
  const struct {
    const char* name;
    const char* require;
    Change change;
    std::string expected;
  } cases[] = {
      {"access", "{id: Q1, select: '*', access: public}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).access = "public"; }, "open\n"},
      {"another access", "{id: Q1, select: '*', access: [public, protected]}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).access = "private"; },
       "held\nW-GATE-015 holds Q1: model `dim` has access `private`, and `public`, `protected` are what is allowed; set "
       "`access`, or put a model with it over this one\n"},
      {"no access at all", "{id: Q1, select: '*', access: public}", nothing,
       "held\nW-GATE-015 holds Q1: model `dim` has no `access`, and `public` is required; set `access`, or put a model with "
       "it over this one\n"},
      {"contract", "{id: Q1, select: '*', contract: enforced}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).contract_enforced = true; }, "open\n"},
      {"no contract", "{id: Q1, select: '*', contract: enforced}", nothing,
       "held\nW-GATE-016 holds Q1: model `dim` has no enforced contract; set `contract: {enforced: true}` in its `config`\n"},
      {"no contract, told", "{id: Q1, select: '*', contract: enforced, severity: warn}", nothing,
       "open\nW-GATE-016 told Q1: model `dim` has no enforced contract; set `contract: {enforced: true}` in its `config`\n"},
      {"not deprecated yet", "{id: Q1, select: '*', versions: {}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).deprecation_date = "2026-11-22T12:00:01+00:00"; }, "open\n"},
      {"deprecated", "{id: Q1, select: '*', versions: {}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).deprecation_date = "2026-11-22"; },
       "held\nW-GATE-017 holds Q1: model `dim` is deprecated since 2026-11-22; turn to a model that is kept up\n"},
      {"deprecated, let pass", "{id: Q1, select: '*', versions: {deprecated: send}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).deprecation_date = "2026-11-22"; },
       "open\nW-GATE-017 told Q1: model `dim` is deprecated since 2026-11-22; turn to a model that is kept up\n"},
      {"a date nobody can read", "{id: Q1, select: '*', versions: {}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).deprecation_date = "soon"; },
       "held\nW-GATE-017 holds Q1: model `dim` has a `deprecation_date` that cannot be read; turn to a model that is kept "
       "up\n"},
      {"an old version", "{id: Q1, select: '*', versions: {latest_only: true}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).version = "1", Dim(artifacts).latest_version = "2"; },
       "held\nW-GATE-017 holds Q1: model `dim.v1` is not the latest version, which is 2; turn to that one\n"},
      {"too many versions", "{id: Q1, select: '*', versions: {max_active: 1}}",
       [](manifest::Artifacts* artifacts) {
         Dim(artifacts).version = Dim(artifacts).latest_version = "3";
         manifest::Node other = Dim(artifacts);
         other.unique_id = "model.shop.dim.v2", other.version = "2";
         artifacts->project.nodes.push_back(other);
         other.unique_id = "model.shop.dim.v1", other.version = "1", other.deprecation_date = "2026-01-01";
         artifacts->project.nodes.push_back(other);
       },
       "held\nW-GATE-017 holds Q1: model `dim` has 2 versions in use, more than `max_active: 1`; give old ones a "
       "`deprecation_date`, or remove them\n"},
      {"no group", "{id: Q1, select: '*', groups: any}", nothing,
       "held\nW-GATE-018 holds Q1: model `dim` is in no group; set `group` in its `config`\n"},
      {"a group", "{id: Q1, select: '*', groups: any}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).group = "growth"; }, "open\n"},
      {"another group", "{id: Q1, select: '*', groups: [finance, sales]}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).group = "growth"; },
       "held\nW-GATE-018 holds Q1: model `dim` is in group `growth`, and must be in one of `finance`, `sales`; set `group` "
       "in its `config`\n"},
      {"maturity", "{id: Q1, select: '*', maturity: medium}",
       [](manifest::Artifacts* artifacts) { artifacts->project.exposures[0].maturity = "high"; }, "open\n"},
      {"too young", "{id: Q1, select: '*', maturity: medium}",
       [](manifest::Artifacts* artifacts) { artifacts->project.exposures[0].maturity = "low"; },
       "held\nW-GATE-019 holds Q1: exposure `crm_contacts` has maturity `low`, and at least `medium` is required; set "
       "`maturity: medium` when it is\n"},
      {"no maturity", "{id: Q1, select: '*', maturity: low}", nothing,
       "held\nW-GATE-019 holds Q1: exposure `crm_contacts` has no `maturity`, and at least `low` is required; set "
       "`maturity: low` when it is\n"},
      {"for another model", "{id: Q1, select: 'other*', for: model, contract: enforced}", nothing, "open\n"},
      {"owner of the model", "{id: Q1, select: dim, for: model, owner: {email: '@acme'}}", nothing,
       "held\nW-GATE-010 holds Q1: model `dim` has no owner whose email matches `@acme`; put it in a group with one, or set "
       "`meta: {owner: ...}`\n"},
      {"owner by group", "{id: Q1, select: dim, for: model, owner: {email: '@acme'}}",
       [](manifest::Artifacts* artifacts) {
         Dim(artifacts).group = "growth";
         manifest::Group group;
         group.name = "growth", group.package = "shop", group.owner.emails = {"growth@acme.com"};
         artifacts->project.groups = {group};
       },
       "open\n"},
      {"owner by meta", "{id: Q1, select: dim, for: model, owner: {email: '@acme'}}",
       [](manifest::Artifacts* artifacts) { Dim(artifacts).meta = Yaml("owner: {email: [a@b.c, growth@acme.com]}"); },
       "open\n"},
      {"owner of the source", "{id: Q1, select: 'source:raw', for: source, owner: {email: '@acme'}}", nothing,
       "held\nW-GATE-010 holds Q1: source `raw.customers` has no owner whose email matches `@acme`; set `meta: {owner: "
       "...}`\n"},
      {"observed", "{id: Q1, select: '*', contract: enforced, mode: observe}", nothing,
       "open\nW-GATE-016 told Q1: model `dim` has no enforced contract; set `contract: {enforced: true}` in its `config`; "
       "observed: it would hold the sync without `mode: observe`\n"},
      {"observed tests take no default's place", "{id: Q1, select: '*', tests: {missing: send}, mode: observe}",
       [](manifest::Artifacts* artifacts) { artifacts->run_results->results[1].status = "skipped"; },
       "held\nW-GATE-003 holds: test `not_null(id)`: was skipped, because something that it depends on failed\n"},
  };
  for (const auto& one : cases) {
    manifest::Artifacts artifacts = Good();
    one.change(&artifacts);
    EXPECT_EQ(Told(Evaluate(one.require, artifacts)), one.expected) << one.name;
  }
}

TEST(GateRequirementsTest, Waivers) {
  const std::string require = "{id: Q1, select: '*', contract: enforced, fresh: {max_age: 3h}}, {id: Q2, select: '*', "
                              "maturity: low}";
  const std::string contract =
      "W-GATE-016 holds Q1: model `dim` has no enforced contract; set `contract: {enforced: true}` in its `config`\n";
  const std::string age = "W-GATE-009 holds Q1: source `raw.customers`: last loaded at 2026-11-22T08:00:00Z, longer ago than "
                          "10800 seconds; load it, run `dbt source freshness` and `dbt build`\n";
  const std::string maturity = "W-GATE-019 holds Q2: exposure `crm_contacts` has no `maturity`, and at least `low` is "
                               "required; set `maturity: low` when it is\n";
  const auto lifted = [](std::string reason, const std::string& until = "2026-11-22") {
    reason.replace(reason.find(" holds"), 6, " told");
    reason.insert(reason.size() - 1, "; waived by `W1` until " + until);
    return reason;
  };
  const std::string expired =
      "W-GATE-021 told Q1: waiver `W1` of requirement `Q1` expired on 2026-11-21; meet the requirement, or have the waiver "
      "approved anew\n";
  const struct {
    const char* name;
    std::string waivers;
    std::string expected;
  } cases[] = {
      {"none", "", "held\n" + age + contract + maturity},
      {"the exposure: all of the requirement", WaiverOf("Q1", "exposure:crm_contacts"),
       "held\n" + maturity + lifted(age) + lifted(contract)},
      {"the model", WaiverOf("Q1", "model:dim"), "held\n" + age + maturity + lifted(contract)},
      {"the source", WaiverOf("Q1", "source:raw.customers"), "held\n" + contract + maturity + lifted(age)},
      {"another exposure", WaiverOf("Q1", "exposure:crm"), "held\n" + age + contract + maturity},
      {"of another requirement", WaiverOf("Q2", "model:dim"), "held\n" + age + contract + maturity},
      {"expired", WaiverOf("Q1", "model:dim", "2026-11-21"), "held\n" + age + contract + maturity + expired},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(Told(Evaluate(require, Good(), kNow, one.waivers)), one.expected) << one.name;
  }
  EXPECT_EQ(Told(Evaluate("{id: Q1, select: '*', contract: enforced}", Good(), kNow, WaiverOf("Q1", "model:dim"))),
            "open\n" + lifted(contract));
  manifest::Artifacts twice = Good();
  manifest::Node other = Dim(&twice);
  other.unique_id = "model.other.dim", other.package = "other", other.depends_on.clear();
  twice.project.nodes.push_back(other);
  Close(&twice.project);
  EXPECT_FALSE(Evaluate("{id: Q1, select: '*', contract: enforced}", twice, kNow, WaiverOf("Q1", "model:dim")).open)
      << "a name that means two models lifts nothing";
}

TEST(GateRequirementsTest, AWaiverIsBoundToDestinations) {
  const auto lifts = [](const std::string& block) {
    manifest::Artifacts artifacts = Good();
    artifacts.project.exposures[0] = ExposureOf("crm_contacts", block, {"dim"});
    Close(&artifacts.project);
    const std::string waivers = "waivers: [{id: W1, rule: Q1, target: 'exposure:crm_contacts', destination: crm, reason: "
                                "replaced, approver: dpo@acme.com, expires: 2026-11-22}]\n";
    return Evaluate("{id: Q1, select: '*', contract: enforced}", artifacts, kNow, waivers).open;
  };
  const std::string crm = "{destination: crm, match: id, columns: [email]}";
  const std::string desk = "{destination: desk, match: id, columns: [email]}";
  EXPECT_TRUE(lifts(crm));
  EXPECT_FALSE(lifts(desk));
  EXPECT_TRUE(lifts("{syncs: [" + crm + "]}"));
  EXPECT_TRUE(lifts("{syncs: [" + crm + ", " + crm + "]}"));
  EXPECT_FALSE(lifts("{syncs: [" + crm + ", " + desk + "]}"));
  EXPECT_FALSE(lifts("{syncs: [" + desk + "]}"));
}

TEST(GateRequirementsTest, NoWaiverLiftsWhatNobodyMayWaive) {
  Policy policy = GoodPolicy(std::string(kFacts) + "require: [{id: Q1, select: '*', contract: enforced}]\n" +
                             WaiverOf("Q1", "model:dim"));
  const manifest::Artifacts artifacts = Good();
  const auto syncs = GoodSyncs(artifacts.project);
  const SyncDecision decision = Decide(policy, artifacts.project, syncs[0]);
  EXPECT_TRUE(EvaluateGate(policy, artifacts, decision, kNow).open);
  policy.approvals.emplace().never_waivable = {"Q2"};
  EXPECT_TRUE(EvaluateGate(policy, artifacts, decision, kNow).open);
  policy.approvals->never_waivable = {"Q1"};
  EXPECT_FALSE(EvaluateGate(policy, artifacts, decision, kNow).open);
}

TEST(GateRequirementsTest, AWaiverNeverTouchesARule) {
  // The column is denied, waived requirement or not: waivers are no part of a decision.
  const Policy policy = GoodPolicy(std::string(kFacts) + "require: [{id: Q1, select: '*', contract: enforced}]\n" +
                                   WaiverOf("Q1", "exposure:crm_contacts"));
  const Policy without = GoodPolicy(std::string(kFacts) + "require: [{id: Q1, select: '*', contract: enforced}]\n");
  const manifest::Artifacts artifacts = Good();
  const auto syncs = GoodSyncs(artifacts.project);
  const SyncDecision a = Decide(policy, artifacts.project, syncs[0]), b = Decide(without, artifacts.project, syncs[0]);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (std::size_t i = 0; i < a.columns.size(); ++i) EXPECT_EQ(a.columns[i].transform, b.columns[i].transform);
  EXPECT_EQ(a.refusals, b.refusals);
}

TEST(GateRequirementsTest, GuardsThatAreLiftedAreTold) {
  const std::string guards = "guards: {max_deletes: 2%}, k_anonymity: {columns: [id], k: 5}";
  const GateVerdict held = Evaluate("{id: Q1, select: '*', " + guards + "}", Good());
  EXPECT_TRUE(held.guards.max_deletes);
  EXPECT_TRUE(held.told_guards.empty());
  ASSERT_EQ(held.anonymity.size(), 1u);
  EXPECT_TRUE(held.anonymity[0].holds);
  const struct {
    const char* name;
    std::string require, waivers, note, told;
  } cases[] = {
      {"observed", "{id: Q1, select: '*', mode: observe, " + guards + "}", "",
       "; observed: it would hold the sync without `mode: observe`",
       "open\nW-GATE-022 told Q1: the guards of requirement `Q1` hold nothing back; observed: it would hold the sync without "
       "`mode: observe`\n"},
      {"waived", "{id: Q1, select: '*', " + guards + "}", WaiverOf("Q1", "model:dim"), "; waived by `W1` until 2026-11-22",
       "open\nW-GATE-022 told Q1: the guards of requirement `Q1` hold nothing back; waived by `W1` until 2026-11-22\n"},
      {"warned", "{id: Q1, select: '*', severity: warn, " + guards + "}", "", "; told only (`severity: warn`)", "open\n"},
  };
  for (const auto& one : cases) {
    const GateVerdict verdict = Evaluate(one.require, Good(), kNow, one.waivers);
    EXPECT_FALSE(verdict.guards.max_deletes) << one.name;
    ASSERT_EQ(verdict.told_guards.size(), 1u) << one.name;
    EXPECT_EQ(verdict.told_guards[0].note, one.note) << one.name;
    ASSERT_EQ(verdict.anonymity.size(), 1u) << one.name;
    EXPECT_FALSE(verdict.anonymity[0].holds) << one.name;
    EXPECT_EQ(Told(verdict), one.told) << one.name;
  }
}

TEST(GateRequirementsTest, NamesThatNothingHas) {
  const std::string column = "p0.yml:7:11: requirement `Q1` counts by column `emial`, which no model of the project "
                             "documents; did you mean `email`?";
  const struct {
    const char* name;
    std::string require, waivers;
    std::string expected;
  } cases[] = {
      {"a column in another case", "{id: Q1, select: '*', k_anonymity: {columns: [EMAIL], k: 5}}", "", "open\n"},
      {"a misspelt column", "{id: Q1, select: '*', k_anonymity: {columns: [emial], k: 5}}", "",
       "held\nW-GATE-023 holds Q1: " + column + "\n"},
      {"one right and one wrong", "{id: Q1, select: '*', k_anonymity: {columns: [email, emial], k: 5}}", "",
       "held\nW-GATE-023 holds Q1: " + column + "\n"},
      {"of another sync", "{id: Q1, select: 'exposure:desk_*', k_anonymity: {columns: [emial], k: 5}}", "", "open\n"},
      {"a model nobody has", "{id: Q1, select: din, for: model, contract: enforced}", "",
       "held\nW-GATE-024 holds Q1: p0.yml:7:11: requirement `Q1` selects `din`, which the project does not have; did you mean "
       "`dim`?\n"},
      {"one model right and one wrong", "{id: Q1, select: 'exposure:crm_contacts exposure:crm_contact', for: exposure, groups: "
       "any, mode: observe}", "",
       "open\nW-GATE-018 told Q1: model `dim` is in no group; set `group` in its `config`; observed: it would hold the sync "
       "without `mode: observe`\n"
       "W-GATE-024 told Q1: p0.yml:7:11: requirement `Q1` selects `exposure:crm_contact`, which the project does not have; did "
       "you mean `crm_contacts`?; observed: it would hold the sync without `mode: observe`\n"},
      {"a source nobody has", "{id: Q1, select: 'source:raw.nope', for: source, fresh: {max_age: 9h}}", "",
       "held\nW-GATE-024 holds Q1: p0.yml:7:11: requirement `Q1` selects `source:raw.nope`, which the project does not have\n"},
      {"a pattern that picks nothing", "{id: Q1, select: 'source:raw.nope*', for: source, fresh: {max_age: 9h}}", "", "open\n"},
      {"a name, waived", "{id: Q1, select: din, for: model, contract: enforced}", WaiverOf("Q1", "exposure:crm_contacts"),
       "open\nW-GATE-024 told Q1: p0.yml:7:11: requirement `Q1` selects `din`, which the project does not have; did you mean "
       "`dim`?; waived by `W1` until 2026-11-22\n"},
      {"only told", "{id: Q1, select: '*', k_anonymity: {columns: [emial], k: 5}, severity: warn}", "",
       "open\nW-GATE-023 told Q1: " + column + "\n"},
      {"waived", "{id: Q1, select: '*', k_anonymity: {columns: [emial], k: 5}}", WaiverOf("Q1", "exposure:crm_contacts"),
       "open\nW-GATE-022 told Q1: the guards of requirement `Q1` hold nothing back; waived by `W1` until 2026-11-22\n"
       "W-GATE-023 told Q1: " + column + "; waived by `W1` until 2026-11-22\n"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(Told(Evaluate(one.require, Good(), kNow, one.waivers)), one.expected) << one.name;
  }
}

TEST(GateRequirementsTest, WaitsForNothingButEvidence) {
  const std::string wait = "{id: Q1, select: '*', fresh: {max_age: 3h, wait: 2h}}";
  const struct {
    const char* name;
    std::string require;
    Change change;
    std::optional<std::chrono::seconds> expected;
  } cases[] = {
      {"the source is too old", wait, [](manifest::Artifacts*) {}, std::chrono::hours(2)},
      {"the shortest of two", wait + ", {id: Q2, select: '*', fresh: {max_age: 3h, wait: 30m}}", [](manifest::Artifacts*) {},
       std::chrono::minutes(30)},
      {"nothing is missing", "{id: Q1, select: '*', fresh: {max_age: 9h, wait: 2h}}", [](manifest::Artifacts*) {},
       std::nullopt},
      {"the build failed", wait, [](manifest::Artifacts* artifacts) { artifacts->run_results->results[0].status = "error"; },
       std::nullopt},
      {"no run yet", wait, [](manifest::Artifacts* artifacts) { artifacts->run_results.reset(); }, std::chrono::hours(2)},
      {"a test failed", wait, [](manifest::Artifacts* artifacts) { artifacts->run_results->results[2].status = "fail"; },
       std::nullopt},
      {"a fact is wrong, too", wait + ", {id: Q2, select: '*', contract: enforced}", [](manifest::Artifacts*) {},
       std::nullopt},
      {"dbt never checks the source", wait,
       [](manifest::Artifacts* artifacts) { artifacts->project.sources[0].freshness.reset(); }, std::nullopt},
      {"only observed", "{id: Q1, select: '*', fresh: {max_age: 3h, wait: 2h}, mode: observe}",
       [](manifest::Artifacts* artifacts) { artifacts->run_results.reset(); }, std::nullopt},
  };
  for (const auto& one : cases) {
    manifest::Artifacts artifacts = Good();
    one.change(&artifacts);
    EXPECT_EQ(Evaluate(one.require, artifacts).wait, one.expected) << one.name;
  }
}

// Random requirements and waivers over random artifacts. Seeded: a failure repeats.
class AnyPolicy {
 public:
  explicit AnyPolicy(std::uint32_t seed) : random_(seed) {
    artifacts = Good();
    if (Pick(2) == 0) Dim(&artifacts).contract_enforced = true;
    if (Pick(2) == 0) Dim(&artifacts).access = "public";
    if (Pick(2) == 0) artifacts.project.exposures[0].maturity = "low";
    if (Pick(3) == 0) artifacts.run_results->results[1 + Pick(2)].status = Pick(2) == 0 ? "fail" : "skipped";
    if (Pick(3) == 0) artifacts.freshness.reset();
    const std::size_t count = 1 + Pick(4);
    for (std::size_t i = 0; i < count; ++i) requirements.push_back(AnyRequirement(i));
    for (std::size_t i = 0; i < count; ++i) {
      if (Pick(2) != 0) continue;
      static const char* kTargets[] = {"exposure:crm_contacts", "model:dim", "source:raw.customers", "exposure:other"};
      waivers.push_back("{id: W" + std::to_string(i) + ", rule: Q" + std::to_string(i) + ", target: '" +
                        kTargets[Pick(4)] + "', reason: r, approver: a, expires: " +
                        (Pick(3) == 0 ? "2026-11-21" : "2027-01-01") + "}");
    }
  }

  std::size_t Pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  // `fail: send` and `missing: send` are left out: one that has them takes the place of the default, which is what they
  // are for.
  std::string AnyRequirement(std::size_t number) {
    static const char* kAsks[] = {"tests: {}",        "fresh: {max_age: 3h}", "contract: enforced", "access: public",
                                  "maturity: low",    "groups: any",          "owner: {email: '@acme'}",
                                  "versions: {latest_only: true}"};
    static const char* kHow[] = {"", "", "", ", mode: observe", ", severity: warn"};
    return "{id: Q" + std::to_string(number) + ", select: '*', " + kAsks[Pick(8)] + kHow[Pick(5)] + "}";
  }

  static std::string Joined(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
    return out;
  }

  bool Open() const {
    return Evaluate(Joined(requirements), artifacts, kNow, waivers.empty() ? "" : "waivers: [" + Joined(waivers) + "]\n").open;
  }

  manifest::Artifacts artifacts;
  std::vector<std::string> requirements, waivers;

 private:
  std::mt19937 random_;
};

TEST(GateRequirementsTest, NeitherAnotherRequirementNorAWaiverLessOpensAGate) {
  std::size_t opened = 0, held = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    AnyPolicy any(seed);
    const bool open = any.Open();
    ++(open ? opened : held);
    AnyPolicy more = any;
    more.requirements.push_back(more.AnyRequirement(more.requirements.size()));
    EXPECT_TRUE(open || !more.Open()) << "seed " << seed << ": another requirement opened the gate";
    for (std::size_t i = 0; i < any.waivers.size(); ++i) {
      AnyPolicy less = any;
      less.waivers.erase(less.waivers.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_TRUE(open || !less.Open()) << "seed " << seed << ": a waiver less opened the gate";
    }
  }
  EXPECT_GT(opened, 30u);
  EXPECT_GT(held, 30u);
}

TEST(GateRequirementsTest, ObservingNeverHolds) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    AnyPolicy any(seed);
    const bool without = [&] {
      AnyPolicy none = any;
      none.requirements.clear();
      none.waivers.clear();
      return none.Open();
    }();
    for (std::string& requirement : any.requirements) {
      if (requirement.find("mode: observe") == std::string::npos) {
        requirement.replace(requirement.size() - 1, 1, ", mode: observe}");
      }
    }
    EXPECT_EQ(any.Open(), without) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::policies
