// Random policies as text: however they are spread over files, they decide alike; and with one mistake they decide nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "policies/decision.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr std::uint32_t kPolicies = 150;

// Items of each top-level key, as lines.
using Items = std::map<std::string, std::vector<std::string>>;

class Author {
 public:
  explicit Author(std::uint32_t seed) : random_(seed) {}

  std::size_t Pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  template <std::size_t kCount>
  std::string One(const std::array<const char*, kCount>& from) {
    return from[Pick(kCount)];
  }

  Items Write() {
    Items items;
    for (const char* name : {"a", "a.x", "a.y", "b"}) {
      items["classes"].push_back(std::string(name) + ": {tags: [" + name + "]}");
    }
    items["classes"].push_back("open: {permissive: true, columns: [m.c0, m.c3]}");
    items["subjects"] = {"s: {m: key}"};
    items["roles"] = {"r1: {groups: [g]}", "r2: {groups: [g]}"};
    items["destinations"] = {"d1: {origin: 'file:', readers: [r1], trust: " + One(kTrusts) + "}",
                             "d2: {origin: 'https://d2.example', readers: [r1, r2], trust: " + One(kTrusts) + "}"};
    items["purposes"] = {"p1: {syncs: ['exposure:*']}", "p2: {syncs: ['exposure:z*']}"};
    const std::size_t rules = 3 + Pick(9);
    for (std::size_t i = 0; i < rules; ++i) items["rules"].push_back(AnyRule("R" + std::to_string(i)));
    if (Pick(2) == 0) items["rules"].push_back("{id: W, rows: m, to: any, send_if: {" + One(kColumns) + ": v}}");
    return items;
  }

  std::string AnyRule(const std::string& id) {
    std::string to;
    const auto add = [&](const std::string& what) { to += (to.empty() ? "" : ", ") + what; };
    if (Pick(4) == 0) add("destination: " + std::string(Pick(2) == 0 ? "d1" : "d2"));
    if (Pick(4) == 0) add("role: " + std::string(Pick(2) == 0 ? "r1" : "r2"));
    if (Pick(4) == 0) add("purpose: " + std::string(Pick(2) == 0 ? "p1" : "p2"));
    if (Pick(4) == 0) add("trust: " + One(kTrusts));
    const std::string audience = to.empty() ? "any" : "{" + to + "}";
    if (Pick(4) == 0) return "{id: " + id + ", never: " + One(kClasses) + ", to: " + audience + "}";
    return "{id: " + id + ", give: " + One(kClasses) + ", to: " + audience + ", as: " + One(kForms) + "}";
  }

  // The items spread over so many files, in any order.
  std::vector<std::string> Spread(const Items& items, std::size_t files) {
    std::vector<Items> parts(files);
    for (const auto& [key, lines] : items) {
      std::vector<std::string> shuffled = lines;
      std::shuffle(shuffled.begin(), shuffled.end(), random_);
      for (const std::string& line : shuffled) parts[Pick(files)][key].push_back(line);
    }
    std::vector<std::string> out;
    for (const Items& part : parts) {
      std::vector<std::string> keys;
      for (const auto& [key, lines] : part) keys.push_back(key);
      std::shuffle(keys.begin(), keys.end(), random_);
      std::string text = "version: 1\n";
      for (const std::string& key : keys) {
        text += key + ":\n";
        for (const std::string& line : part.at(key)) text += (key == "rules" ? "  - " : "  ") + line + "\n";
      }
      out.push_back(text);
    }
    return out;
  }

  manifest::Project AnyProject() {
    manifest::Node model = Model("m", {});
    for (const char* name : kColumns) {
      std::vector<manifest::Text> tags;
      for (const char* tag : {"a", "a.x", "a.y", "b"}) {
        if (Pick(5) == 0) tags.push_back(tag);
      }
      model.columns.push_back(Col(name, "", std::move(tags)));
    }
    model.columns.push_back(Col("key"));
    manifest::Project project;
    project.nodes = {model};
    Close(&project);
    return project;
  }

  static constexpr std::array<const char*, 4> kColumns = {"c0", "c1", "c2", "c3"};

 private:
  static constexpr std::array<const char*, 2> kTrusts = {"internal", "external"};
  static constexpr std::array<const char*, 6> kClasses = {"a", "a.x", "a.y", "b", "open", "open"};
  static constexpr std::array<const char*, 6> kForms = {"unchanged", "hash",  "{mask: {keep: {first: 2}}}",
                                                        "redact",    "blank", "{hash: {normalize: email@1}}"};
  std::mt19937 random_;
};

SyncSpec SyncTo(const std::string& destination, const std::string& purpose) {
  SyncSpec sync;
  sync.id = "exposure:x";
  sync.model_id = "model.shop.m";
  sync.destination = destination;
  sync.purpose = purpose;
  for (const char* name : Author::kColumns) {
    SyncSpec::Mapped mapped;
    mapped.column = mapped.field = name;
    sync.columns.push_back(mapped);
  }
  return sync;
}

// Everything that a decision says, but for where a rule stands.
std::string Told(const SyncDecision& decision) {
  std::string out;
  for (const ColumnDecision& column : decision.columns) {
    out += column.column + " " + column.transform.ToText() + " " + column.reason + " " + column.conflict + " " + column.entity;
    for (const std::string& rule : column.rules) out += " " + rule;
    out += "\n";
  }
  for (const std::string& refusal : decision.refusals) out += "refused: " + refusal + "\n";
  for (const std::string& rule : decision.row_rules) out += "rows: " + rule + "\n";
  return out;
}

TEST(PolicyFilesProperty, HowTheyAreSpreadNeverMatters) {
  for (std::uint32_t seed = 0; seed < kPolicies; ++seed) {
    Author author(seed);
    const Items items = author.Write();
    const manifest::Project project = author.AnyProject();
    const Policy whole = GoodPolicy(author.Spread(items, 1));
    const Policy spread = GoodPolicy(author.Spread(items, 2 + author.Pick(4)));
    for (const char* destination : {"d1", "d2"}) {
      for (const char* purpose : {"p1", "p2", ""}) {
        const SyncSpec sync = SyncTo(destination, purpose);
        ASSERT_EQ(Told(Decide(whole, project, sync)), Told(Decide(spread, project, sync))) << "seed " << seed;
      }
    }
  }
}

struct Mistake {
  const char* name;
  void (*make)(Author* author, std::vector<std::string>* files);
};

void Replace(std::string* text, std::string_view from, std::string_view to) {
  const std::size_t at = text->find(from);
  if (at != std::string::npos) text->replace(at, from.size(), to);
}

TEST(PolicyFilesProperty, AMistakeAnywhereDecidesNothing) {
  const std::vector<Mistake> mistakes = {
      {"a rule about a class that is not there", [](Author*, std::vector<std::string>* files) { files->push_back("version: 1\nrules: [{id: X, never: a.z, to: any}]\n"); }},
      {"a rule with a key too many", [](Author* author, std::vector<std::string>* files) { files->push_back("version: 1\nrules:\n  - " + author->AnyRule("X") + "\n"); Replace(&files->back(), "id: X, ", "id: X, unless: x, "); }},
      {"a file without its version", [](Author* author, std::vector<std::string>* files) { Replace(&(*files)[author->Pick(files->size())], "version: 1\n", ""); }},
      {"a file of a later version", [](Author* author, std::vector<std::string>* files) { Replace(&(*files)[author->Pick(files->size())], "version: 1\n", "version: 2\n"); }},
      {"an unknown key", [](Author* author, std::vector<std::string>* files) { (*files)[author->Pick(files->size())] += "rule: []\n"; }},
      {"a file that is cut", [](Author* author, std::vector<std::string>* files) { std::string& text = (*files)[author->Pick(files->size())]; text += "roles:\n  x: {groups: [y"; }},
      {"a rule twice", [](Author*, std::vector<std::string>* files) { files->push_back("version: 1\nrules: [{id: R0, give: a, to: any, as: unchanged}]\n"); }},
      {"a transform that is not there", [](Author*, std::vector<std::string>* files) { files->push_back("version: 1\nrules: [{id: X, give: a, to: any, as: hush}]\n"); }},
      {"a reader that is not there", [](Author*, std::vector<std::string>* files) { files->push_back("version: 1\ndestinations: {x: {origin: 'file:', readers: [r3], trust: internal}}\n"); }},
      {"bytes that are no text", [](Author* author, std::vector<std::string>* files) { (*files)[author->Pick(files->size())] += "# \xff\n"; }},
  };
  for (const Mistake& mistake : mistakes) {
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
      Author author(seed);
      std::vector<std::string> files = author.Spread(author.Write(), 1 + author.Pick(3));
      mistake.make(&author, &files);
      PolicyFolder folder;
      for (std::size_t i = 0; i < files.size(); ++i) folder.Write("p" + std::to_string(i) + ".yml", files[i]);
      std::optional<Policy> policy;
      const std::string problems = folder.Read(&policy);
      EXPECT_FALSE(policy.has_value()) << mistake.name << ", seed " << seed;
      EXPECT_NE(problems, "") << mistake.name << ", seed " << seed;
    }
  }
}

// What a sync names and nobody knows denies all of it; and one more rule about rows lets no more of them go.
TEST(PolicyFilesProperty, WhatIsUnknownNeverLoosens) {
  for (std::uint32_t seed = 0; seed < kPolicies; ++seed) {
    Author author(seed);
    const Items items = author.Write();
    const manifest::Project project = author.AnyProject();
    const Policy policy = GoodPolicy(author.Spread(items, 1));
    SyncSpec elsewhere = SyncTo("d3", "p1"), gone = SyncTo("d1", "p1");
    gone.model_id = "model.shop.gone";
    for (const SyncSpec& sync : {elsewhere, gone}) {
      const SyncDecision decision = Decide(policy, project, sync);
      EXPECT_FALSE(decision.refusals.empty()) << "seed " << seed;
      for (const ColumnDecision& column : decision.columns) EXPECT_TRUE(column.denied()) << "seed " << seed;
    }
    for (const char* purpose : {"p2", "p3", ""}) {
      EXPECT_FALSE(Decide(policy, project, SyncTo("d1", purpose)).refusals.empty()) << "seed " << seed << " purpose " << purpose;
    }
    Items more = items;
    more["rules"].push_back("{id: W2, rows: " + std::string(author.Pick(3) == 0 ? "nowhere" : "m") + ", to: any, send_if: {c1: v}}");
    const Policy stricter = GoodPolicy(author.Spread(more, 1));
    const SyncSpec sync = SyncTo("d1", "p1");
    const SyncDecision before = Decide(policy, project, sync), after = Decide(stricter, project, sync);
    EXPECT_TRUE(!after.refusals.empty() || after.row_filters.size() == before.row_filters.size() + 1) << "seed " << seed;
    EXPECT_TRUE(before.refusals.empty() || !after.refusals.empty()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::policies
