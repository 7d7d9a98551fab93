#include "policies/policy_schema.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "policies/detector.h"
#include "policies/presets.h"
#include "policies/transform_parameters.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

using manifest::Value;
using Names = std::set<std::string>;
using Path = std::vector<std::string>;

// What nobody calls a key or a choice, and what no name of the language is near to.
constexpr char kOdd[] = "zzqqxxodd";

std::string TextOf(const std::string& file) {
  std::ifstream stream(std::string(WEIR_SOURCE_DIR) + "/tests/policies/every_key/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Back to YAML, scalars as the reader would type them.
std::string ToYaml(const Value& value) {
  const auto quoted = [](const std::string& text) {
    std::string out = "'";
    for (const char c : text) out.append(c == '\'' ? "''" : std::string(1, c));
    return out + "'";
  };
  std::string out;
  switch (value.kind()) {
    case Value::Kind::kMap:
      for (const Value::Member& member : value.members()) {
        out.append(out.empty() ? "{" : ", ").append(quoted(member.key)).append(": ").append(ToYaml(member.value));
      }
      return out.empty() ? "{}" : out + "}";
    case Value::Kind::kList:
      for (const Value& item : value.items()) out.append(out.empty() ? "[" : ", ").append(ToYaml(item));
      return out.empty() ? "[]" : out + "]";
    default:
      return value.AsInteger() || value.AsBool() || value.AsNumber() ? value.text() : quoted(value.text());
  }
}

// `value` with `put` in the place of what stands at `path`.
Value With(const Value& value, const Path& path, std::size_t depth, const Value& put) {
  if (depth == path.size()) return put;
  if (value.kind() == Value::Kind::kList) {
    std::vector<Value> items = value.items();
    Value& item = items[std::stoul(path[depth])];
    item = With(item, path, depth + 1, put);
    return Value::List(std::move(items));
  }
  std::vector<Value::Member> members = value.members();
  for (Value::Member& member : members) {
    if (member.key == path[depth]) member.value = With(member.value, path, depth + 1, put);
  }
  return Value::Map(std::move(members));
}

// The names in backticks behind `behind` of the line that speaks of kOdd; none: no line lists any.
Names ListedBehind(const std::string& says, const std::vector<std::string>& behind) {
  std::istringstream lines(says);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(kOdd) == std::string::npos) continue;
    for (const std::string& words : behind) {
      std::size_t at = line.find(words);
      if (at == std::string::npos) continue;
      Names out;
      at += words.size();
      while (at < line.size() && line[at] == '`') {
        const std::size_t end = line.find('`', at + 1);
        out.insert(line.substr(at + 1, end - at - 1));
        at = end + 1;
        if (line.compare(at, 2, ", ") != 0) break;
        at += 2;
      }
      return out;
    }
  }
  return {};
}

// The schema that is behind references and alternatives, as far as it is not `false`.
class Schema {
 public:
  Schema() : root_(Yaml(std::string(PolicySchema()))) {}
  const Value& root() const { return root_; }
  const Value& Definition(const std::string& name) const { return *root_.Find("$defs")->Find(name); }

  std::vector<Value> Alternatives(const Value& schema) const {
    std::vector<Value> out = {schema};
    if (const Value* to = schema.Find("$ref")) {
      const std::string name = to->text().substr(to->text().rfind('/') + 1);
      for (const Value& one : Alternatives(Definition(name))) out.push_back(one);
    }
    for (const char* key : {"oneOf", "anyOf"}) {
      const Value* several = schema.Find(key);
      if (several == nullptr) continue;
      for (const Value& alternative : several->items()) {
        for (const Value& one : Alternatives(alternative)) out.push_back(one);
      }
    }
    return out;
  }

  Names KeysOf(const std::vector<Value>& alternatives) const {
    Names out;
    for (const Value& one : alternatives) {
      const Value* properties = one.Find("properties");
      if (properties == nullptr) continue;
      for (const Value::Member& member : properties->members()) {
        if (member.value.kind() == Value::Kind::kMap) out.insert(member.key);
      }
    }
    return out;
  }

  // Whether it is a map of free names.
  bool TakesAnyKey(const std::vector<Value>& alternatives) const {
    for (const Value& one : alternatives) {
      const Value* rest = one.Find("additionalProperties");
      if (rest != nullptr && rest->kind() == Value::Kind::kMap) return true;
    }
    return false;
  }

  std::vector<Value> Below(const std::vector<Value>& alternatives, const std::string& key) const {
    std::vector<Value> out;
    const auto add = [&](const Value* schema) {
      if (schema == nullptr || schema->kind() != Value::Kind::kMap) return false;
      for (const Value& one : Alternatives(*schema)) out.push_back(one);
      return true;
    };
    for (const Value& one : alternatives) {
      const Value* properties = one.Find("properties");
      if (properties == nullptr || !add(properties->Find(key))) add(one.Find("additionalProperties"));
    }
    return out;
  }

  std::vector<Value> Items(const std::vector<Value>& alternatives) const {
    std::vector<Value> out;
    for (const Value& one : alternatives) {
      if (const Value* items = one.Find("items")) {
        for (const Value& alternative : Alternatives(*items)) out.push_back(alternative);
      }
    }
    return out;
  }

  Names Words(const std::vector<Value>& alternatives) const {
    Names out;
    for (const Value& one : alternatives) {
      if (const Value* words = one.Find("enum")) {
        for (const Value& word : words->items()) out.insert(word.text());
      }
      if (const Value* word = one.Find("const")) out.insert(word->text());
    }
    return out;
  }

 private:
  Value root_;
};

// Walks the document that has every key. At each map it adds a key that nobody knows, at each text it writes one that no
// choice is, and hears from the reader what would have been right.
class Walk {
 public:
  Walk() : document_(Yaml(TextOf("policy.yml"))) {
    std::filesystem::create_directories(folder_.path() + "/packs");
    folder_.Write("packs/company.yml", TextOf("packs/company.yml"));
    folder_.Write("allowed_signers", TextOf("allowed_signers"));
  }

  void Run() {
    EXPECT_EQ(Says(document_), "");
    Path path;
    Visit(document_, &path, "", schema_.Alternatives(schema_.root()));
  }

  struct Keys {
    Names reader, schema, written;
  };
  std::map<std::string, Keys> keys;      // by general path: `rules.*.to`
  std::map<std::string, Keys> choices;

 private:
  std::string Says(const Value& document) {
    folder_.Write("p.yml", ToYaml(document));
    std::optional<Policy> policy;
    return folder_.Read(&policy);
  }

  void Visit(const Value& value, Path* path, const std::string& general, const std::vector<Value>& schema) {
    EXPECT_FALSE(schema.empty()) << general << ": the schema has nothing there";
    const auto into = [&](const std::string& step, const Value& below, const std::string& name,
                          const std::vector<Value>& alternatives) {
      path->push_back(step);
      Visit(below, path, general.empty() ? name : general + "." + name, alternatives);
      path->pop_back();
    };
    if (value.kind() == Value::Kind::kList) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        into(std::to_string(i), value.items()[i], "*", schema_.Items(schema));
      }
    } else if (value.kind() == Value::Kind::kMap) {
      std::vector<Value::Member> members = value.members();
      members.push_back({kOdd, {}, Value::String("x")});
      const std::string says = Says(With(document_, *path, 0, Value::Map(members)));
      const Names known = ListedBehind(says, {"; it takes ", "; it is one of "});
      const bool strict = !known.empty();
      // A word of the schema that stands beside free names (`all` of a condition) is one step of the path, a name `*`.
      const Names fixed = schema_.KeysOf(schema);
      if (strict) {
        Keys& here = keys[general];
        here.reader.insert(known.begin(), known.end());
        here.schema.insert(fixed.begin(), fixed.end());
        for (const Value::Member& member : value.members()) here.written.insert(member.key);
        EXPECT_FALSE(schema_.TakesAnyKey(schema)) << general << ": strict for the reader, not for the schema";
      } else {
        const bool single = value.members().size() == 1 && !fixed.empty();
        EXPECT_TRUE(schema_.TakesAnyKey(schema) || single) << general << ": strict for the schema alone\n" << says;
      }
      for (const Value::Member& member : value.members()) {
        const bool free = !fixed.contains(member.key);
        into(member.key, member.value, free ? "*" : member.key, schema_.Below(schema, member.key));
      }
    } else if (!value.AsInteger() && !value.AsBool()) {
      const std::string says = Says(With(document_, *path, 0, Value::String(kOdd)));
      const Names known = ListedBehind(says, {"must be one of ", "; it is one of ", " must be of ", " is neither "});
      const Names words = schema_.Words(schema);
      if (known.empty() && words.empty()) return;
      choices[general].reader.insert(known.begin(), known.end());
      choices[general].schema.insert(words.begin(), words.end());
    }
  }

  Schema schema_;
  Value document_;
  PolicyFolder folder_;
};

TEST(PolicySchemaTest, HasEveryKeyOfTheReaderAndNoOther) {
  Walk walk;
  walk.Run();
  EXPECT_GE(walk.keys.size(), 25u);
  for (const auto& [path, keys] : walk.keys) {
    const std::string place = path.empty() ? "a policy file" : path;
    EXPECT_EQ(keys.reader, keys.schema) << place << ": the reader's keys, and the schema's";
    EXPECT_EQ(keys.reader, keys.written) << place << ": the reader's keys, and tests/policies/every_key/policy.yml's";
  }
}

TEST(PolicySchemaTest, HasEveryChoiceOfTheReaderAndNoOther) {
  Walk walk;
  walk.Run();
  // Where the reader lists what may stand there in other words; the transforms are compared below.
  const std::map<std::string, Names> by_hand = {
      {"rules.*.to", {"any"}},
      {"tests.*.to", {"any"}},
      {"tests.*.for_all.to", {"any"}},
      {"rules.*.as.mask.keep", {"domain"}},
      {"tests.*.expect.mask.keep", {"domain"}},
      {"approvals.two_persons.*", {"break_glass", "guards"}},
  };
  std::size_t compared = 0;
  for (const auto& [path, choices] : walk.choices) {
    if (const auto found = by_hand.find(path); found != by_hand.end()) {
      EXPECT_EQ(choices.schema, found->second) << path;
      continue;
    }
    const bool transform = path.ends_with(".as") || path.ends_with(".expect") || path.ends_with(".except.*") ||
                           path.find(".paths.") != std::string::npos;
    if (transform && path.find(".normalize") == std::string::npos) continue;
    EXPECT_EQ(choices.reader, choices.schema) << path;
    ++compared;
  }
  EXPECT_GE(compared, 20u);
}

Names NamesIn(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

TEST(PolicySchemaTest, HasEveryTransformAsItIsWritten) {
  const Schema schema;
  const auto words = [&](const char* definition) { return schema.Words({schema.Definition(definition)}); };
  Names bare, with_parameters;
  for (int kind = 0; kind < static_cast<int>(TransformKind::kDeny); ++kind) {
    const std::string name(Name(static_cast<TransformKind>(kind)));
    manifest::Diagnostics ignored;
    if (ReadTransform(Value::String(name), "t", &ignored)) bare.insert(name);
    manifest::Diagnostics said;
    ReadTransform(Value::Map({{name, {}, Value::Map({})}}), "t", &said);
    if (said.Render().find("takes no parameters") == std::string::npos) with_parameters.insert(name);
  }
  EXPECT_EQ(words("transform_name"), bare);
  EXPECT_EQ(schema.KeysOf({schema.Definition("transform_map")}), with_parameters);
  Names excepted = bare;
  excepted.insert(with_parameters.begin(), with_parameters.end());
  excepted.erase("unchanged");
  excepted.erase("json");
  EXPECT_EQ(words("transform_kind"), excepted);
  EXPECT_EQ(words("detector"), NamesIn(DetectorNames()));
  EXPECT_EQ(words("preset"), NamesIn(PresetNames()));
}

}  // namespace
}  // namespace weir::policies
