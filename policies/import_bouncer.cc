#include "policies/import_bouncer.h"

#include <map>
#include <set>

#include "manifest/yaml_document.h"

namespace weir::policies {
namespace {

using manifest::Value;

constexpr std::string_view kShape = "W-IMP-001";

// What becomes of one check, save its `include` and its severity.
struct Translation {
  std::string_view check;
  std::string_view for_what;
  std::string_view select;  // what all of them have
  std::string_view keys;
  std::string_view remark;  // empty: it says the same
};

constexpr Translation kTranslations[] = {
    {"check_exposure_based_on_non_public_models", "exposure", "exposure:*", "access: public", ""},
    {"check_model_contract_enforced_for_public_model", "model", "access:public", "contract: enforced", ""},
    {"check_model_has_contracts_enforced", "model", "", "contract: enforced", ""},
    {"check_source_freshness_populated", "source", "", "fresh: {max_age: 24h}",
     "dbt-bouncer asks that a freshness is declared, Weir that the data is fresh; 24h is a guess"},
};

// Checks on what leaves that have no counterpart, and why.
constexpr std::pair<std::string_view, std::string_view> kWithout[] = {
    {"check_exposure_based_on_model", "a sync has one model, and what a dashboard shows is decided column by column"},
    {"check_exposure_based_on_view", "how a model is stored decides nothing about what leaves"},
    {"check_exposure_description_populated", "no requirement asks for descriptions"},
    {"check_exposure_has_meta_keys", "no requirement asks for meta; select by it: `config.meta.KEY:VALUE`"},
    {"check_model_grant_privilege", "grants are the warehouse's; what may leave is decided by `rules:`"},
    {"check_model_grant_privilege_required", "grants are the warehouse's; what may leave is decided by `rules:`"},
    {"check_model_number_of_grants", "grants are the warehouse's; what may leave is decided by `rules:`"},
    {"check_model_has_exposure", "it is about models without an exposure, which send nothing"},
    {"check_semantic_model_based_on_non_public_models", "require `access` of the exposures that show its metrics"},
};

// What Translate reads of a check; everything else only narrows what dbt-bouncer looks at.
const std::set<std::string, std::less<>> kTakenKeys = {"name",   "description",     "severity",       "include",
                                                       "access", "required_fields", "materialization"};

// Above all checks: said, used, or about dbt-bouncer itself.
const std::set<std::string, std::less<>> kKnownKeys = {"include",  "exclude",           "package_name", "selector",
                                                       "severity", "dbt_artifacts_dir"};

constexpr std::string_view kOther = "it is not about exposures, access, contracts or freshness; keep dbt-bouncer for it";

// `^models/marts` as the folder; nullopt for any other regular expression.
std::optional<std::string> FolderOf(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  for (const std::string_view end : {"/.*$", "/.*", ".*", "$"}) {
    if (!pattern.ends_with(end)) continue;
    pattern.remove_suffix(end.size());
    break;
  }
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  const bool literal = pattern.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/") ==
                       std::string_view::npos;
  return literal && !pattern.empty() && !pattern.starts_with('/') ? std::optional<std::string>(pattern) : std::nullopt;
}

std::vector<std::string> TextsOf(const Value* value) {
  if (value == nullptr || value->IsNull()) return {};
  if (value->kind() != Value::Kind::kList) return {value->text()};
  std::vector<std::string> out;
  for (const Value& item : value->items()) out.push_back(item.text());
  return out;
}

class Importer {
 public:
  Importer(const Value& document, Imported* out) : document_(document), out_(*out) {}

  void Run() {
    for (const Value::Member& member : document_.members()) {
      if (!member.key.ends_with("_checks")) continue;
      for (const Value& check : member.value.items()) Add(check);
    }
    for (const char* key : {"include", "exclude", "package_name", "selector"}) {
      const Value* const value = document_.Find(key);
      if (value != nullptr && !value->IsNull()) {
        out_.left.push_back({key, "it stands above all checks and is no selector; the requirements ask of all"});
      }
    }
    for (const Value::Member& member : document_.members()) {
      if (member.value.IsNull() || member.key.ends_with("_checks") || kKnownKeys.contains(member.key)) continue;
      out_.left.push_back({CommentText(member.key), member.key == "custom_checks_dir" ? "checks in Python are dbt-bouncer's to run"
                                                                                       : "no requirement says it"});
    }
    out_.yaml = "# Made by `weir import dbt-bouncer`. Weir asks these of what a sync or a dashboard reads, dbt-bouncer of the\n"
                "# whole project. Read the lines marked `confirm`.\n"
                "version: 1\n" + std::string(out_.taken.empty() ? "# Nothing of the file became a requirement.\n" : "\nrequire:\n") + list_;
  }

 private:
  void Add(const Value& check) {
    const Value* const written = check.Find("name");
    const std::string name = written == nullptr ? "" : written->text();
    if (name.empty()) {
      out_.left.push_back({"a check without a name", "it cannot be told which it is"});
      return;
    }
    for (const Translation& translation : kTranslations) {
      if (translation.check == name) return Translate(check, translation);
    }
    if (name == "check_model_access") return TranslateAccess(check);
    if (name == "check_exposure_has_owner") return TranslateOwner(check);
    for (const auto& [without, why] : kWithout) {
      if (without == name) return Leave(name, why);
    }
    Leave(name, kOther);
  }

  void Leave(const std::string& name, std::string_view why) { out_.left.push_back({name, std::string(why)}); }

  void TranslateAccess(const Value& check) {
    const Value* const written = check.Find("access");
    const std::string access = written == nullptr ? "" : written->text();
    if (access != "public" && access != "protected" && access != "private") {
      return Leave("check_model_access", "its `access` is none of public, protected and private");
    }
    const std::string keys = "access: " + access;
    Translate(check, {"check_model_access", "model", "", keys, ""});
  }

  void TranslateOwner(const Value& check) {
    const std::vector<std::string> fields = TextsOf(check.Find("required_fields"));
    bool email = fields.empty();  // its default
    for (const std::string& field : fields) {
      if (field == "email") {
        email = true;
      } else {
        Leave("check_exposure_has_owner", "a requirement asks for the owner's email alone, not for `" + field + "`");
      }
    }
    if (email) Translate(check, {"check_exposure_has_owner", "exposure", "exposure:*", "owner: {email: '.+'}", ""});
  }

  void Translate(const Value& check, const Translation& translation) {
    const std::string name(translation.check);
    RequirementText out;
    out.id = "bouncer." + name.substr(std::string_view("check_").size()) + "." + std::to_string(++count_[name]);
    out.for_what = translation.for_what;
    out.keys = {std::string(translation.keys)};
    if (!translation.remark.empty()) out.remarks.emplace_back(translation.remark);
    if (!AddSelect(check, translation, &out)) return;
    for (const Value::Member& member : check.members()) {
      if (member.value.IsNull() || kTakenKeys.contains(member.key)) continue;
      out.remarks.push_back("its `" + CommentText(member.key) + "` is not taken over: this asks of more than dbt-bouncer did");
    }
    const Value* severity = check.Find("severity");
    if (severity == nullptr) severity = document_.Find("severity");
    out.warn = severity != nullptr && severity->text() == "warn";
    if (const Value* description = check.Find("description"); description != nullptr && !description->text().empty()) {
      out.why = CommentText(description->text());
    }
    AddRequirement(out, name, &list_, &out_);
  }

  // False, and listed, when `include` says what no selector can.
  bool AddSelect(const Value& check, const Translation& translation, RequirementText* out) {
    const std::string name(translation.check);
    std::string part(translation.select);
    if (const Value* materialized = check.Find("materialization"); materialized != nullptr && !materialized->IsNull()) {
      const std::string& value = materialized->text();
      if (value.empty() || value.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) {
        Leave(name, "its `materialization` is no name");
        return false;
      }
      part += (part.empty() ? "" : ",") + ("config.materialized:" + value);
    }
    const std::vector<std::string> includes = TextsOf(check.Find("include"));
    for (const std::string& include : includes) {
      const std::optional<std::string> folder = FolderOf(include);
      if (!folder) {
        Leave(name, "its `include` is a regular expression that no selector says: `" + include + "`");
        return false;
      }
      out->select += (out->select.empty() ? "" : " ") + (part.empty() ? "" : part + ",") + "path:" + *folder;
      out->remarks.push_back("`include: " + include + "` is read as the folder " + *folder);
    }
    if (includes.empty()) out->select = part.empty() ? (translation.for_what == "source" ? "source:*" : "resource_type:model") : part;
    return true;
  }

  const Value& document_;
  Imported& out_;
  std::string list_;
  std::map<std::string, int> count_;
};

}  // namespace

std::optional<Imported> ImportBouncer(std::string_view text, const std::string& file, manifest::Diagnostics* diagnostics) {
  diagnostics->AddSource(file, std::string(text));
  const std::optional<Value> document = manifest::ReadYaml(text, file, diagnostics);
  if (!document) return std::nullopt;
  bool has_checks = false;
  for (const Value::Member& member : document->members()) {
    if (!member.key.ends_with("_checks")) continue;
    has_checks = true;
    if (member.value.kind() != Value::Kind::kList) {
      diagnostics->Error(kShape, file, member.value.position(), "`" + member.key + "` is no list of checks");
    }
  }
  if (!has_checks) {
    diagnostics->Error(kShape, file, document->position(),
                       "this is no configuration of dbt-bouncer: it has no `manifest_checks`; name its dbt-bouncer.yml");
  }
  if (diagnostics->HasErrors()) return std::nullopt;
  Imported out;
  Importer(*document, &out).Run();
  return out;
}

}  // namespace weir::policies
