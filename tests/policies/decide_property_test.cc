#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "policies/decide_column.h"
#include "policies/declared_type.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

// Random policies over a small world, where every rule meets every other. Seeded: a failure repeats.
class World {
 public:
  static constexpr const char* kTypes[] = {"", "point", "text", "integer", "numeric", "boolean", "date", "uuid", "json", "bytea"};

  explicit World(std::uint32_t seed) : random_(seed) {
    for (const char* name : {"a", "a.x", "a.y", "b", "b.x"}) {
      ClassDefinition defined;
      defined.name = name;
      defined.markers.tags = {name};
      policy.classes.push_back(defined);
    }
    policy.roles = {Role{"r1", {}, {}}, Role{"r2", {}, {}}};
    for (const char* name : {"d1", "d2"}) {
      DestinationFacts facts;
      facts.name = name;
      facts.readers = Pick(2) == 0 ? std::vector<std::string>{"r1"} : std::vector<std::string>{"r1", "r2"};
      facts.trust = Pick(2) == 0 ? "internal" : "external";
      policy.destinations.push_back(facts);
    }
    policy.purposes = {Purpose{"p1", {}, "", {"exposure:*"}}, Purpose{"p2", {}, "", {"exposure:z*"}}};
    policy.unclassified = static_cast<Unclassified>(Pick(3));
    const std::size_t rules = 1 + Pick(9);
    for (std::size_t i = 0; i < rules; ++i) policy.rules.push_back(AnyRule("R" + std::to_string(i)));
    if (Pick(4) != 0) policy.subjects = {Subject{"s", {}, {{"m", "key"}}}};
    manifest::Node model = Model("m", {});
    for (std::size_t i = 0; i < 4; ++i) {
      std::vector<manifest::Text> tags;
      for (const ClassDefinition& defined : policy.classes) {
        if (Pick(4) == 0) tags.push_back(defined.name);
      }
      manifest::Column column = Col("c" + std::to_string(i), "", std::move(tags));
      column.data_type = kTypes[Pick(std::size(kTypes))];
      model.columns.push_back(column);
    }
    model.columns.push_back(Col("key"));
    project.nodes = {model};
    Close(&project);
    spec.id = "exposure:x";
    spec.model_id = "model.shop.m";
    spec.destination = Pick(2) == 0 ? "d1" : "d2";
    spec.purpose = Pick(2) == 0 ? "p1" : "p2";
    for (std::size_t i = 0; i < 4; ++i) {
      SyncSpec::Mapped mapped;
      mapped.column = "c" + std::to_string(i);
      mapped.field = mapped.column;
      (i == 0 ? spec.match : spec.columns).push_back(mapped);
    }
  }

  std::size_t Pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }

  Rule AnyRule(const std::string& id) {
    static const char* const classes[] = {"a", "a.x", "a.y", "b", "b.x"};
    Rule rule;
    rule.id = id;
    rule.subject = classes[Pick(5)];
    rule.kind = Pick(4) == 0 ? Rule::Kind::kNever : Rule::Kind::kGive;
    if (Pick(3) == 0) rule.to.destination = Pick(2) == 0 ? "d1" : "d2";
    if (Pick(3) == 0) rule.to.role = Pick(2) == 0 ? "r1" : "r2";
    if (Pick(4) == 0) rule.to.purpose = Pick(2) == 0 ? "p1" : "p2";
    if (Pick(4) == 0) rule.to.trust = Pick(2) == 0 ? "internal" : "external";
    if (rule.kind == Rule::Kind::kNever) {
      static const TransformKind forms[] = {TransformKind::kMask, TransformKind::kHash,
                                            TransformKind::kRedact, TransformKind::kBlank};
      if (Pick(2) == 0) rule.except.push_back(forms[Pick(4)]);
      return rule;
    }
    rule.as_filter = Pick(10) == 0;
    rule.as = AnyTransform();
    return rule;
  }

  Transform AnyTransform() {
    static const TransformKind kinds[] = {
        TransformKind::kUnchanged, TransformKind::kSha256,    TransformKind::kGeneralize, TransformKind::kMask,
        TransformKind::kTokenize,  TransformKind::kHash,      TransformKind::kDateShift,  TransformKind::kScrub,
        TransformKind::kJson,      TransformKind::kRedact,    TransformKind::kBlank,      TransformKind::kDrop};
    Transform out;
    out.kind = kinds[Pick(12)];
    out.keep_first = out.kind == TransformKind::kMask ? static_cast<std::uint32_t>(1 + Pick(3)) : 0;
    if (Pick(2) == 0) out.normalize = "email@1";
    out.generalize.what = Pick(2) == 0 ? Generalization::What::kNumber : Generalization::What::kIp;
    out.generalize.bucket = 2 + Pick(8);
    out.generalize.v4_prefix = static_cast<std::uint32_t>(20 + Pick(4));
    out.tokenize.format_preserving = Pick(2) == 0;
    out.shift_days = static_cast<std::uint32_t>(1 + Pick(3));
    out.scrub = Pick(2) == 0 ? std::vector<Detector>{Detector::kEmail} : std::vector<Detector>{Detector::kPhone};
    if (out.kind == TransformKind::kJson) {
      for (const char* path : {"$.a", "$.b"}) {
        Transform inner;
        inner.kind = Pick(2) == 0 ? TransformKind::kUnchanged : TransformKind::kHash;
        if (path[2] == 'a' || Pick(2) == 0) out.paths.push_back({path, inner});
      }
    }
    return Canonical(out);
  }

  template <typename T>
  void Shuffle(std::vector<T>* items) {
    std::shuffle(items->begin(), items->end(), random_);
  }

  Policy policy;
  manifest::Project project;
  SyncSpec spec;

 private:
  std::mt19937 random_;
};

std::map<std::string, ColumnDecision> ByColumn(const SyncDecision& decision) {
  std::map<std::string, ColumnDecision> out;
  for (const ColumnDecision& column : decision.columns) {
    if (column.use == Use::kSend || column.use == Use::kMatch) out[column.column] = column;
  }
  return out;
}

// Every `after` is at least as strict as its `before`; `only_denials`: what was denied stays denied.
void ExpectNotLooser(const SyncDecision& before, const SyncDecision& after, bool only_denials,
                     std::uint32_t seed) {
  const auto old = ByColumn(before);
  for (const auto& [name, column] : ByColumn(after)) {
    const Transform& was = old.at(name).transform;
    if (only_denials) {
      EXPECT_TRUE(was.kind != TransformKind::kDeny || column.denied()) << "seed " << seed << " " << name;
    } else {
      EXPECT_EQ(Join(was, column.transform, nullptr), column.transform)
          << "seed " << seed << " " << name << ": " << was.ToText() << " became "
          << column.transform.ToText();
    }
  }
  EXPECT_TRUE(only_denials || before.refusals.empty() || !after.refusals.empty()) << "seed " << seed;
}

constexpr std::uint32_t kWorlds = 1000;

TEST(DecidePropertyTest, OrderNeverMatters) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    const auto before = ByColumn(Decide(world.policy, world.project, world.spec));
    Policy shuffled = world.policy;
    world.Shuffle(&shuffled.rules);
    world.Shuffle(&shuffled.classes);
    world.Shuffle(&shuffled.destinations);
    manifest::Project project = world.project;
    world.Shuffle(&project.nodes[0].columns);
    for (manifest::Column& column : project.nodes[0].columns) {
      std::vector<manifest::Text> tags = column.tags;
      world.Shuffle(&tags);
      column.tags = std::move(tags);
    }
    SyncSpec spec = world.spec;
    world.Shuffle(&spec.columns);
    for (const auto& [name, column] : ByColumn(Decide(shuffled, project, spec))) {
      const ColumnDecision& old = before.at(name);
      EXPECT_EQ(column.transform, old.transform) << "seed " << seed;
      EXPECT_EQ(column.reason, old.reason) << "seed " << seed;
      EXPECT_EQ(column.rules, old.rules) << "seed " << seed;
      EXPECT_EQ(column.conflict, old.conflict) << "seed " << seed;
      EXPECT_EQ(column.unfit, old.unfit) << "seed " << seed;
      EXPECT_EQ(column.entity, old.entity) << "seed " << seed;
    }
  }
}

TEST(DecidePropertyTest, ANeverNeverLoosens) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    const SyncDecision before = Decide(world.policy, world.project, world.spec);
    Policy stricter = world.policy;
    Rule rule = world.AnyRule("N");
    rule.kind = Rule::Kind::kNever;
    rule.as_filter = false;
    stricter.rules.insert(stricter.rules.begin(), rule);
    ExpectNotLooser(before, Decide(stricter, world.project, world.spec), false, seed);
  }
}

TEST(DecidePropertyTest, AClassNeverLoosensWhatHasOne) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    // What has no class falls under `unclassified`, and a first class is what lifts it from there.
    for (manifest::Column& column : world.project.nodes[0].columns) {
      if (column.tags.empty()) column.tags = {"b"};
    }
    const SyncDecision before = Decide(world.policy, world.project, world.spec);
    manifest::Project project = world.project;
    manifest::Column& column = project.nodes[0].columns[world.Pick(4)];
    std::vector<manifest::Text> tags = column.tags;
    tags.push_back(world.policy.classes[world.Pick(5)].name);
    column.tags = std::move(tags);
    ExpectNotLooser(before, Decide(world.policy, project, world.spec), false, seed);
  }
}

TEST(DecidePropertyTest, ARemovedGiveNeverLetsADeniedColumnLeave) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    const SyncDecision before = Decide(world.policy, world.project, world.spec);
    Policy fewer = world.policy;
    const std::size_t at = world.Pick(fewer.rules.size());
    if (fewer.rules[at].kind != Rule::Kind::kGive) continue;
    fewer.rules.erase(fewer.rules.begin() + static_cast<std::ptrdiff_t>(at));
    ExpectNotLooser(before, Decide(fewer, world.project, world.spec), true, seed);
  }
}

TEST(DecidePropertyTest, AReaderMoreNeverLoosens) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    for (DestinationFacts& facts : world.policy.destinations) facts.readers = {"r1"};
    const SyncDecision before = Decide(world.policy, world.project, world.spec);
    for (DestinationFacts& facts : world.policy.destinations) facts.readers = {"r1", "r2"};
    ExpectNotLooser(before, Decide(world.policy, world.project, world.spec), false, seed);
  }
}

// Whatever the documents say of a column's type, or do not: the form fits it, and fits the warehouse's.
TEST(DecidePropertyTest, AFormFitsEveryTypeThatIsKnown) {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    const SyncDecision before = Decide(world.policy, world.project, world.spec);
    std::vector<ColumnSchema> real;
    for (const manifest::Column& column : world.project.nodes[0].columns) {
      const char* const declared = World::kTypes[2 + world.Pick(std::size(World::kTypes) - 2)];
      real.push_back({column.name, *ColumnTypeOf(declared), declared});
    }
    const SyncDecision after = Decide(world.policy, world.project, world.spec, nullptr, &real);
    for (const SyncDecision* decision : {&before, &after}) {
      for (const auto& [name, column] : ByColumn(*decision)) {
        EXPECT_EQ(column.types.empty(), decision == &before && !ColumnTypeOf(world.project.nodes[0].FindColumn(name)->data_type));
        for (const ColumnType type : column.types) {
          EXPECT_EQ(FitTo(type, column.transform, nullptr), column.transform) << "seed " << seed << " " << name;
        }
      }
    }
    // The warehouse's types add to what must fit.
    for (const auto& [name, column] : ByColumn(after)) {
      const TransformKind was = ByColumn(before).at(name).transform.kind;
      EXPECT_GE(column.transform.kind, was) << "seed " << seed << " " << name;
    }
  }
}

}  // namespace
}  // namespace weir::policies
