#include <nlohmann/json.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/file.h"
#include "gateway/commands/command.h"
#include "gateway/commands/dbt_profile.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/starting_evidence.h"
#include "gateway/commands/starting_files.h"
#include "gateway/commands/starting_point.h"
#include "gateway/config.h"
#include "gateway/exit_status.h"
#include "gateway/keyring.h"
#include "gateway/source.h"
#include "manifest/artifacts.h"

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxTextBytes = 1u << 20;

constexpr CommandHelp kHelp = {
    "init",
    "make weir.yml, a first policy and a key file in a dbt project",
    "Looks at what dbt left in target/ and at dbt's profile, and writes what is missing: weir.yml, a\n"
    "starting policy, a key file (mode 0600) and lines in .gitignore. Proposes one sync to a folder, of\n"
    "columns that look harmless, so that `weir plan` has an answer at once. Overwrites nothing; reads the\n"
    "warehouse only to see which columns the proposed model really has.",
    "  cd my_dbt_project && dbt build && weir init\n"
    "  weir init --database dev.duckdb         when profiles.yml does not say where the database is\n"
    "  weir init --env prod                    the key file of another environment of weir.yml\n",
    "0 done, or all was there; 2 the project cannot be used so; 3 dbt's artifacts cannot be read",
    "README.md, \"Your own dbt project in ten minutes\"; gateway/README.md: every key of weir.yml",
};

class Init final : public Command {
 public:
  Init(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Text("--project-dir", &project_, "DIR", "folder of the dbt project [here]");
    options_.Text("--target", &target_, "DIR", "folder with manifest.json [target-path of dbt_project.yml]");
    options_.Text("--profiles-dir,--profile-dir", &profiles_, "DIR", "folder of profiles.yml [where dbt looks]");
    options_.Text("--database", &database_, "PATH", "DuckDB's file [from profiles.yml]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::string config_file =
        invocation.options.config.empty() ? Beside("weir.yml") : invocation.options.config;
    if (!Exists(config_file)) {
      const StartingText start = Propose();
      Write(config_file, ConfigText(start));
      WritePolicy(Beside("policies"), start);
      proposed_ = ExposureText(start);
      if (!start.point.models.empty() && start.point.declared.empty()) model_ = start.point.models.front().node->name;
      IgnoreInGit({"/.weir/", "/" + std::string(kOutbox) + "/"});
    } else {
      configured_ = true;
      left_alone_.push_back(config_file);
    }
    manifest::Diagnostics diagnostics;
    const std::optional<Config> config = ReadConfig(config_file, invocation.options.environment, &diagnostics);
    if (!config) {
      invocation.err.Block(diagnostics.Render());
      return kExitConfig;
    }
    MakeKeys(*config);
    Report(invocation);
    return kExitGood;
  }

 private:
  std::string Beside(const std::string& name) const {
    return project_.empty() || project_ == "." ? name : project_ + "/" + name;
  }

  static bool Exists(const std::string& path) { return audit::RealFileSystem().Exists(path); }

  // `path`, said from the folder of weir.yml.
  std::string FromProject(const std::string& path) const {
    std::error_code error;
    const fs::path base = fs::absolute(project_.empty() ? "." : project_, error).lexically_normal();
    const fs::path relative = fs::absolute(path, error).lexically_normal().lexically_relative(base);
    return relative.empty() ? path : relative.string();
  }

  StartingText Propose() {
    StartingText start;
    const std::string folder = project_.empty() ? "." : project_;
    start.profile = ReadDbtProfile(folder, profiles_);
    const std::string target = target_.empty() ? Beside(start.profile.target_folder) : target_;
    start.target_folder = target_.empty() ? start.profile.target_folder : FromProject(target_);
    artifacts_ = std::make_unique<manifest::Artifacts>(manifest::ReadArtifacts(target));
    const manifest::Project& project = artifacts_->project;
    start.tenant = TenantName(project.metadata.project_name.empty() ? start.profile.project_name
                                                                    : project.metadata.project_name);
    FindSource(project, &start.profile);
    FindModels(project, &start);
    return start;
  }

  // Where the warehouse is: the manifest says which kind, the profile where.
  void FindSource(const manifest::Project& project, DbtProfile* profile) {
    const std::string adapter = project.metadata.adapter_type.empty() ? profile->type : project.metadata.adapter_type;
    if (adapter != "duckdb" && adapter != "postgres") {
      throw ConfigError("W-INIT-001", "this project is built with `" + adapter +
                                          "`; this version of Weir reads duckdb and postgres");
    }
    if (profile->type != adapter) {
      if (profile->problem.empty()) profile->problem = "its chosen output is `" + profile->type + "`, not `" + adapter + "`";
      const DbtProfile other = *profile;
      *profile = DbtProfile{};
      profile->project_name = other.project_name;
      profile->target_folder = other.target_folder;
      profile->problem = other.problem;
      profile->found_in = other.found_in;
      profile->type = adapter;
    }
    if (adapter == "postgres") {
      if (profile->password_variable.empty()) {
        remarks_.push_back("export the warehouse's password as PGPASSWORD: weir.yml refers to it and never holds it");
      }
      return;
    }
    FindDatabase(project, profile);
  }

  void FindDatabase(const manifest::Project& project, DbtProfile* profile) {
    if (!database_.empty()) {
      profile->path = FromProject(database_);
    } else if (profile->path.empty() || profile->path == ":memory:") {
      // dbt-duckdb names the database after its file.
      for (const manifest::Node& node : project.nodes) {
        if (!node.database.empty() && Exists(Beside(node.database + ".duckdb"))) profile->path = node.database + ".duckdb";
      }
    }
    if (profile->path.empty() || profile->path == ":memory:") {
      throw ConfigError("W-INIT-002", "cannot tell where DuckDB's file is" +
                                          (profile->problem.empty() ? std::string() : " (" + profile->problem + ")") +
                                          "; name it: `weir init --database PATH`");
    }
    // `?motherduck_token=…` and the like: such a path is neither shown nor written.
    if (profile->path.find('?') != std::string::npos || manifest::LooksLikeSecret(profile->path)) {
      throw ConfigError("W-INIT-003", "the path of DuckDB's file carries settings or a secret; name a plain file: `weir init "
                                      "--database PATH`");
    }
    if (profile->path.starts_with("md:") || profile->path.find("://") != std::string::npos) {
      throw ConfigError("W-INIT-003", "`" + profile->path.substr(0, profile->path.find(':')) +
                                          ":` databases are remote; this version of Weir reads DuckDB files on this machine");
    }
    const bool absolute = profile->path.front() == '/';
    if (!Exists(absolute ? profile->path : Beside(profile->path))) {
      remarks_.push_back("there is no database at `" + profile->path + "` yet: run `dbt build`");
    }
  }

  void FindModels(const manifest::Project& project, StartingText* start) {
    start->point.classes = UsualClasses();
    seen_ = FindEvidence(start->point.classes, project);
    start->point.presets = FindPresets(start->point.classes, project);
    for (const StartingPreset& preset : start->point.presets) {
      remarks_.push_back("the project follows the convention of preset `" + preset.name + "` (" + ToText(preset) + "): " +
                         (preset.needed ? "the policy names it under `presets:`" : "the policy's own classes find these columns, too"));
    }
    manifest::Diagnostics ignored;  // `weir plan` reports them, with all that belongs to it
    start->point.declared = policies::ReadSyncs(project, nullptr, "weir.yml", &ignored);
    if (!start->point.declared.empty()) {
      std::set<std::string> destinations, models;
      for (const policies::SyncSpec& sync : start->point.declared) {
        destinations.insert(sync.destination);
        const manifest::Node* const node = project.FindNode(sync.model_id);
        if (node == nullptr || !models.insert(sync.model_id).second) continue;
        start->point.models.push_back({node, ColumnsOf(project, *node, {}, start->point.presets), KeyOf(project, *node), ""});
        KeepUsed(start->point.declared, &start->point.models.back());
      }
      start->destinations.assign(destinations.begin(), destinations.end());
      remarks_.push_back("the project's exposures declare syncs already; their destinations are folders under " +
                         std::string(kOutbox) + "/ until weir.yml says otherwise");
      return;
    }
    start->destinations = {std::string(kOutbox)};
    StartingModel model = ChooseModel(project);
    if (model.node == nullptr) {
      remarks_.push_back("no sync is proposed: no model has a column that dbt tests as `unique` and `not_null`. Add these "
                         "tests to the key of a mart, run `dbt build`, remove weir.yml and run `weir init` again");
      return;
    }
    model.columns = ColumnsOf(project, *model.node, AskWarehouse(*model.node, start->profile), start->point.presets);
    start->point.models.push_back(std::move(model));
  }

  // What no sync uses need not be public.
  static void KeepUsed(const std::vector<policies::SyncSpec>& syncs, StartingModel* model) {
    std::set<std::string> used;
    for (const policies::SyncSpec& sync : syncs) {
      if (sync.model_id != model->node->unique_id) continue;
      for (const auto& mapped : sync.match) used.insert(mapped.column);
      for (const auto& mapped : sync.columns) used.insert(mapped.column);
    }
    std::erase_if(model->columns, [&used](const StartingColumn& column) { return !used.contains(column.name); });
  }

  // The columns that the model's relation really has; none when the warehouse cannot be asked, which is told.
  std::vector<policies::ColumnSchema> AskWarehouse(const manifest::Node& node, const DbtProfile& profile) {
    SourceConfig source;
    source.kind = profile.type;
    source.base_folder = fs::absolute(project_.empty() ? "." : project_).string();
    source.path = profile.path.starts_with("/") ? profile.path : source.base_folder + "/" + profile.path;
    source.host = profile.host;
    source.port = profile.port;
    source.dbname = profile.dbname;
    source.user = profile.user;
    source.sslmode = profile.sslmode;
    const std::string variable = profile.password_variable.empty() ? "PGPASSWORD" : profile.password_variable;
    if (profile.type == "postgres" && std::getenv(variable.c_str()) != nullptr) {
      source.password = SecretReference::Parse("env:" + variable).value_or(SecretReference());
    }
    try {
      return MakeSource(source)->Columns(node.relation_name);
    } catch (const SourceError& error) {
      remarks_.push_back("the warehouse was not asked for the columns of `" + node.name + "`; those of the dbt project are taken (" +
                         error.what() + ")");
    } catch (const ConfigError& error) {
      remarks_.push_back("the warehouse was not asked for the columns of `" + node.name + "`; those of the dbt project are taken (" +
                         error.what() + ")");
    }
    return {};
  }

  void Write(const std::string& path, const std::string& text) {
    if (Exists(path)) {
      left_alone_.push_back(path);
      return;
    }
    audit::RealFileSystem().WriteAtomically(path, text);
    std::error_code error;  // no secret stands in it: everybody who may read the project may read it
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read,
                    error);
    written_.push_back(path);
  }

  void WritePolicy(const std::string& folder, const StartingText& start) {
    audit::FileSystem& files = audit::RealFileSystem();
    if (Exists(folder)) {
      const std::vector<std::string> names = files.List(folder);
      const bool has_policy = std::any_of(names.begin(), names.end(), [](const std::string& name) {
        return name.ends_with(".yml") || name.ends_with(".yaml");
      });
      if (has_policy) {
        left_alone_.push_back(folder);
        return;
      }
    } else {
      std::error_code error;
      fs::create_directories(folder, error);
    }
    Write(folder + "/weir.yml", PolicyText(start));
  }

  void IgnoreInGit(const std::vector<std::string>& lines) {
    const std::string path = Beside(".gitignore");
    std::string text = audit::RealFileSystem().ReadAll(path, kMaxTextBytes).value_or("");
    std::string added;
    for (const std::string& line : lines) {
      if (("\n" + text + "\n").find("\n" + line + "\n") == std::string::npos) added += line + "\n";
    }
    if (added.empty()) return;
    if (!text.empty() && text.back() != '\n') text += '\n';
    audit::RealFileSystem().WriteAtomically(path, text + added);
    std::error_code error;
    fs::permissions(path, fs::perms::group_read | fs::perms::others_read, fs::perm_options::add, error);
    written_.push_back(path + " (lines added)");
  }

  // Keys that are gone are not made anew: the log that they signed and the state that they sealed would open no more.
  static void RefuseKeysBesideHistory(const Config& config) {
    for (const std::string& folder : {config.audit, config.state}) {
      if (!Exists(folder) || audit::RealFileSystem().List(folder).empty()) continue;
      throw ConfigError("W-INIT-004", "`" + folder + "` holds what another key file signed or sealed, and `" + config.keys +
                                          "` is not there; restore that key file from a backup (or move log and state away, "
                                          "if this is meant to begin anew: everything is then sent again)");
    }
  }

  void MakeKeys(const Config& config) {
    const std::string shown = FromProject(config.keys).starts_with("..") ? config.keys : Beside(FromProject(config.keys));
    if (Exists(config.keys)) {
      ReadKeyring(config.keys, config.tenant, config.environment);  // throws when it cannot be used
      left_alone_.push_back(shown);
      return;
    }
    RefuseKeysBesideHistory(config);
    audit::RealFileSystem().MakeFolders(fs::path(config.keys).parent_path().string());
    CreateKeyring(config.keys, config.tenant, config.environment);
    written_.push_back(shown + " (secret, mode 0600)");
  }

  void Report(Invocation& invocation) const {
    if (invocation.json()) {
      nlohmann::ordered_json seen = nlohmann::ordered_json::array();
      for (const StartingEvidence& evidence : seen_) {
        seen.push_back({{"class", evidence.class_name}, {"how", evidence.how}, {"columns", evidence.count}, {"first", evidence.columns}});
      }
      const nlohmann::ordered_json document = {{"document", "weir.init"},      {"version", 1},
                                               {"written", written_},          {"left_alone", left_alone_},
                                               {"proposed_model", model_},     {"seen", std::move(seen)},
                                               {"remarks", remarks_}};
      PrintJson(document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), invocation.out);
      return;
    }
    Terminal& out = invocation.out;
    for (const std::string& path : written_) out.Line(Spans{{"wrote  ", Style::kGood}, {path}});
    for (const std::string& path : left_alone_) out.Line(Spans{{"kept   ", Style::kDim}, {path + ": it was there already"}});
    for (const StartingEvidence& evidence : seen_) out.Line(Spans{{"class  ", Style::kDim}, {evidence.ToText()}});
    for (const std::string& remark : remarks_) out.Line(Spans{{"note   ", Style::kWarning}, {remark}});
    if (invocation.options.quiet || written_.empty()) return;
    if (model_.empty()) {
      out.Line();
      out.Line(configured_ ? "Next: weir plan" : "Next: read weir.yml and policies/weir.yml, then `weir plan`");
      return;
    }
    out.Line();
    out.Line("A first sync of `" + model_ + "` to the folder " + std::string(kOutbox) + "/ is proposed. Next:");
    out.Line("  1. read policies/weir.yml: confirm or delete the lines marked `confirm`");
    out.Line("  2. weir plan       what would leave, by which rule, and whether dbt vouches for the data");
    out.Line("  3. weir sync       send it; again, and only what changed is sent");
    out.Line("  4. weir audit verify");
    out.Line();
    out.Line("Later the sync may move from weir.yml into the dbt project, where reviewers see it. Delete `syncs:` of weir.yml then:");
    out.Line("with both, every row would be sent twice.");
    out.Line();
    out.Block(proposed_);
  }

  Options options_;
  std::string project_, target_, profiles_, database_;
  std::unique_ptr<manifest::Artifacts> artifacts_;  // what is proposed points into it
  std::vector<std::string> written_, left_alone_, remarks_;
  std::vector<StartingEvidence> seen_;  // what shows which class
  std::string proposed_, model_;
  bool configured_ = false;  // weir.yml was there before
};

}  // namespace

std::unique_ptr<Command> AddInit(CLI::App& app, GlobalOptions* global) { return std::make_unique<Init>(app, global); }

}  // namespace weir::gateway
