// The command line from its arguments to its streams and exit status, without a warehouse: examples/shop has artifacts of
// a real `dbt build`.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/command_line.h"
#include "gateway/commands/dbt_profile.h"
#include "gateway/commands/starting_files.h"
#include "gateway/exit_status.h"
#include "manifest/diagnostic.h"
#include "policies/policy.h"
#include "tests/audit/test_clock.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = 0;
  std::string out, err;
};

Outcome Weir(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const audit::TestClock clock;
  const std::atomic<bool> stop{false};
  Outcome outcome;
  outcome.status = RunCommandLine(arguments, {out, err}, clock, stop);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

void WriteText(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// A copy of the shop with a key file, thrown away at the end.
class CliTest : public testing::Test {
 protected:
  CliTest() {
    const fs::path shop = fs::path(WEIR_SOURCE_DIR) / "examples/shop";
    for (const char* name : {"weir.yml", "policies", "target", "dbt_project.yml", "profiles.yml"}) {
      fs::copy(shop / name, fs::path(folder_.path()) / name, fs::copy_options::recursive);
    }
  }

  Outcome Run(std::vector<std::string> arguments) const {
    arguments.push_back("--config");
    arguments.push_back(Path("weir.yml"));
    return Weir(arguments);
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  TemporaryFolder folder_;
};

TEST(Cli, UsageErrorsSayWhatToDo) {
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    const char* err;
  };
  const Case kCases[] = {
      {"unknown option",
       {"plan", "--nonsense"},
       "weir: error: the following argument was not expected: --nonsense; `weir --help` shows what there is [W-CLI-001]\n"},
      {"missing argument", {"preview"}, "weir: error: SYNC is required; `weir --help` shows what there is [W-CLI-001]\n"},
      {"unknown command",
       {"deliver"},
       "weir: error: there is no command `deliver`; `weir --help` shows what there is [W-CLI-001]\n"},
      {"misspelt command",
       {"--no-color", "sycn"},
       "weir: error: there is no command `sycn`; did you mean `sync`?; `weir --help` shows what there is [W-CLI-001]\n"},
      {"no command", {"--quiet"}, "weir: error: a command is required; `weir --help` shows what there is [W-CLI-001]\n"},
      {"an empty value, of a variable that nobody set",
       {"check", "--base-policies", ""},
       "weir: error: --base-policies: its value is empty; `weir --help` shows what there is [W-CLI-001]\n"},
      {"an empty environment is not the default one",
       {"sync", "--env", ""},
       "weir: error: --env: its value is empty; `weir --help` shows what there is [W-CLI-001]\n"},
      {"two that exclude each other",
       {"sync", "--baseline", "--dry-run"},
       "weir: error: --dry-run excludes --baseline; `weir --help` shows what there is [W-CLI-001]\n"},
      {"a command's name as the code",
       {"help", "sync"},
       "weir: error: no message has the code `sync`; a command is explained by `weir COMMAND --help` [W-CLI-009]\n"},
      {"unknown code",
       {"help", "W-GATE-999"},
       "weir: error: no message has the code `W-GATE-999`; did you mean `W-GATE-009`?; `weir help` lists all [W-CLI-009]\n"},
      {"no such file",
       {"plan", "--config", "nowhere/weir.yml"},
       "nowhere/weir.yml: error: there is no such file; run `weir init` in the folder of the dbt project [W-CFG-001]\n"
       "weir: 1 error; nothing was done. `weir help CODE` explains a code\n"},
  };
  for (const Case& test : kCases) {
    const Outcome outcome = Weir(test.arguments);
    EXPECT_EQ(outcome.status, kExitConfig) << test.name;
    EXPECT_EQ(outcome.err, test.err) << test.name;
    EXPECT_EQ(outcome.out, "") << test.name;
  }
}

TEST(Cli, EveryCommandTeaches) {
  for (const char* command : {"init", "check", "inspect", "plan", "preview", "sync", "explain", "report", "import", "audit", "help"}) {
    const Outcome outcome = Weir({command, "--help"});
    EXPECT_EQ(outcome.status, kExitGood) << command;
    for (const char* part : {"Examples:\n", "Exit status:\n", "Read on:\n", "--config FILE"}) {
      EXPECT_NE(outcome.out.find(part), std::string::npos) << command << " lacks " << part;
    }
    for (std::istringstream lines(outcome.out); !lines.eof();) {
      std::string line;
      std::getline(lines, line);
      EXPECT_LE(line.size(), 120u) << command << ": " << line;
    }
  }
  for (const char* command : {"verify", "show", "prove", "key"}) {
    EXPECT_NE(Weir({"audit", command, "--help"}).out.find("Examples:\n"), std::string::npos) << command;
  }
}

TEST(Cli, TheListOfCommandsHasOneLineEach) {
  const Outcome outcome = Weir({"--help"});
  EXPECT_EQ(outcome.status, kExitGood);
  EXPECT_NE(outcome.out.find("send what changed, if dbt and policy allow it\n"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("For each sync: checks dbt's evidence"), std::string::npos);
}

TEST(Cli, NothingIsHelpOnStandardError) {
  const Outcome outcome = Weir({});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("Examples:"), std::string::npos);
}

TEST(Cli, VersionIsTold) { EXPECT_EQ(Weir({"--version"}).out.substr(0, 5), "weir "); }

TEST(Cli, HelpExplainsACode) {
  const Outcome outcome = Weir({"help", "w-key-003"});
  EXPECT_EQ(outcome.status, kExitGood);
  EXPECT_EQ(outcome.out,
            "W-KEY-003  the key file is open to others\n"
            "  A key that others can read is no key.\n"
            "  What to do:\n"
            "    Run `chmod 600` on it. If others may have read it, treat it as known to them.\n");
}

TEST(ExitStatus, TheWorstIsTold) {
  EXPECT_EQ(WorseExitStatus(kExitGood, kExitFindings), kExitFindings);
  EXPECT_EQ(WorseExitStatus(kExitHeld, kExitUnreadable), kExitUnreadable);
  EXPECT_EQ(WorseExitStatus(kExitConfig, kExitInterrupted), kExitInterrupted);
  EXPECT_EQ(WorseExitStatus(kExitInterrupted, kExitInDoubt), kExitInDoubt);
  EXPECT_EQ(WorseExitStatus(kExitGood, 77), 77) << "what nobody knows is the worst";
}

TEST_F(CliTest, PlanShowsEachColumnWithItsRule) {
  const Outcome outcome = Run({"plan", "crm_contacts"});
  for (const char* part : {"crm_contacts -> crm/contacts (campaign)\n", "hash: {normalize: email@1}", "P010", "DENIED",
                           "rows      only where {marketing_consent: true} [P040]", "gate      "}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out << outcome.err;
  }
}

TEST_F(CliTest, PlanAsJson) {
  const Outcome outcome = Run({"plan", "--format", "json"});
  for (const char* part : {"\"document\": \"weir.plan\"", "\"version\": 1", "\"sync\": \"exposure:crm_contacts\"",
                           "\"use\": \"match\"", "\"origin\": \"http://127.0.0.1:8765\""}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out << outcome.err;
  }
}

TEST_F(CliTest, AnUnknownSyncIsNamed) {
  const Outcome outcome = Run({"plan", "crm_contact"});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_EQ(outcome.err,
            "weir: error: no sync is called `crm_contact`; did you mean `crm_contacts`?; there are: `crm_contacts` "
            "`support_tickets` [W-CLI-007]\n");
}

TEST_F(CliTest, ASyncMayBeCalledLikeACommand) {
  const Outcome outcome = Run({"plan", "check"});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_NE(outcome.err.find("no sync is called `check`"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, SyncNeedsAKeyFile) {
  const Outcome outcome = Run({"sync"});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_NE(outcome.err.find("[W-KEY-001]"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(CliTest, AuditNeedsALog) {
  const Outcome outcome = Run({"audit", "verify"});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_NE(outcome.err.find("a sync's first run begins its log [W-CLI-010]"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, AMissingArtifactIsUnreadable) {
  fs::remove(Path("target/manifest.json"));
  const Outcome outcome = Run({"plan"});
  EXPECT_EQ(outcome.status, kExitUnreadable);
  EXPECT_NE(outcome.err.find("[W-ART-001]"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, AMistakeInAPolicyIsShownWithItsPlace) {
  WriteText(Path("policies/more.yml"), "version: 1\nrules:\n  - {id: P900, give: pii.emial, to: any, as: unchanged}\n");
  const Outcome outcome = Run({"plan"});
  EXPECT_EQ(outcome.status, kExitConfig);
  EXPECT_NE(outcome.err.find("did you mean `pii.email`? [W-POL-012]"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("more.yml:3:"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("weir: 1 error; nothing was done"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, CheckTellsWhatWouldLeave) {
  fs::copy(Path("target"), Path("base"));
  const std::string manifest = ReadWhole(Path("target/manifest.json"));
  WriteText(Path("base/manifest.json"), manifest + "\n");  // as made by another run
  const Outcome outcome = Run({"check", "--format", "json", "--base", Path("base")});
  EXPECT_EQ(outcome.status, kExitGood) << outcome.err;
  EXPECT_NE(outcome.out.find("\"document\": \"weir.check\""), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\"has_base\": true"), std::string::npos) << outcome.out;
}

TEST_F(CliTest, ExplainFollowsTheRules) {
  const Outcome allowed = Run({"explain", "dim_customers.email", "--sync", "crm_contacts"});
  EXPECT_EQ(allowed.status, kExitGood) << allowed.out << allowed.err;
  EXPECT_NE(allowed.out.find("P010"), std::string::npos) << allowed.out;
  const Outcome denied = Run({"explain", "dim_customers.ssn", "--to", "crm", "--purpose", "campaign"});
  EXPECT_EQ(denied.status, kExitFindings) << denied.out << denied.err;
  EXPECT_NE(denied.out.find("P001"), std::string::npos) << denied.out;
  const Outcome misspelt = Run({"explain", "dim_customers.emial", "--to", "crm", "--purpose", "campaign"});
  EXPECT_EQ(misspelt.status, kExitConfig) << misspelt.out;
  EXPECT_NE(misspelt.err.find("model `dim_customers` documents no column `emial`"), std::string::npos) << misspelt.err;
  EXPECT_NE(misspelt.err.find("; did you mean `email`?; what is not documented is denied, whether the warehouse has it or not "
                              "[W-CLI-018]"),
            std::string::npos)
      << misspelt.err;
}

TEST_F(CliTest, InitMakesTheKeyFileOfAnExistingConfiguration) {
  const Outcome first = Run({"init"});
  EXPECT_EQ(first.status, kExitGood) << first.err;
  EXPECT_NE(first.out.find("weir.keys (secret, mode 0600)"), std::string::npos) << first.out;
  EXPECT_EQ(fs::status(Path("weir.keys")).permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
  const std::string keys = ReadWhole(Path("weir.keys"));
  const Outcome second = Run({"init"});
  EXPECT_EQ(second.status, kExitGood) << second.err;
  EXPECT_EQ(ReadWhole(Path("weir.keys")), keys);
}

TEST_F(CliTest, InitProposesFromTheProject) {
  fs::remove(Path("weir.yml"));
  fs::remove_all(Path("policies"));
  const Outcome init = Weir({"init", "--project-dir", folder_.path(), "--database", Path("shop.duckdb")});
  EXPECT_EQ(init.status, kExitGood) << init.out << init.err;
  EXPECT_NE(init.out.find("exposures declare syncs already"), std::string::npos) << init.out;
  EXPECT_NE(ReadWhole(Path("policies/weir.yml")).find("dim_customers.plan  # confirm"), std::string::npos);
  EXPECT_EQ(ReadWhole(Path("policies/weir.yml")).find("- dim_customers.email"), std::string::npos);
  EXPECT_NE(ReadWhole(Path(".gitignore")).find("/.weir/\n/outbox/\n"), std::string::npos);
  // What it wrote is what the strict readers take: the plan has an answer.
  const Outcome plan = Run({"plan"});
  EXPECT_EQ(plan.err.find("error:"), std::string::npos) << plan.err;
  EXPECT_NE(plan.out.find("dim_customers"), std::string::npos) << plan.out;
}

// A report or a log that somebody names is never written over what Weir keeps.
TEST_F(CliTest, NoOutputGoesOverWhatWeirKeeps) {
  const std::string keys = Path("weir.keys"), places[] = {
      keys, Path("weir.yml"), Path("policies/rules.yml"), Path("policies/new.yaml"), Path("target/run_results.json"),
      Path("state/crm_contacts/g00000002.state"), Path("log/crm_contacts/segments/0000000000000001.seg"),
      Path(".weir/approvals/x.approval"), Path("sent/helpdesk/tickets/x.jsonl")};
  ASSERT_EQ(Run({"init"}).status, kExitGood);
  fs::create_directories(Path("elsewhere"));
  fs::create_symlink(keys, Path("elsewhere/link"));
  std::vector<std::string> refused(std::begin(places), std::end(places));
  refused.push_back(Path("elsewhere/link"));
  for (const std::string& place : refused) {
    const bool was_there = fs::exists(place);
    const std::uintmax_t size = was_there ? fs::file_size(place) : 0;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"check", "--output", "json=" + place},
                                                      {"check", "--write-baseline", place},
                                                      {"report", "ropa", "--output", place},
                                                      {"plan", "--log-file", place}}) {
      const Outcome outcome = Run(arguments);
      EXPECT_EQ(outcome.status, kExitConfig) << arguments[0] << " " << place;
      EXPECT_NE(outcome.err.find("[W-CLI-031]"), std::string::npos) << arguments[0] << " " << place << "\n" << outcome.err;
    }
    EXPECT_EQ(fs::exists(place), was_there) << place;
    EXPECT_EQ(was_there ? fs::file_size(place) : 0, size) << place;
  }
  EXPECT_EQ(Run({"report", "ropa", "--output", Path("target/ropa.md")}).status, kExitGood);
}

TEST_F(CliTest, ReportsAreMarkdownInAPipeAndTextWhereItIsAskedFor) {
  const Outcome markdown = Run({"report", "ropa"});
  EXPECT_EQ(markdown.status, kExitGood) << markdown.err;
  EXPECT_NE(markdown.out.find("- **Legal basis**: consent\n"), std::string::npos) << markdown.out;
  const Outcome text = Run({"report", "ropa", "--format", "text"});
  EXPECT_NE(text.out.find("  Legal basis      consent\n"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("&#"), std::string::npos) << text.out;
  ASSERT_EQ(Run({"report", "ropa", "--format", "text", "--output", Path("target/ropa.txt")}).status, kExitGood);
  EXPECT_EQ(ReadWhole(Path("target/ropa.txt")), text.out);
}

TEST_F(CliTest, InitOverwritesNothing) {
  fs::remove(Path("weir.yml"));
  const std::string policy = ReadWhole(Path("policies/rules.yml"));
  const Outcome init = Weir({"init", "--project-dir", folder_.path(), "--database", Path("shop.duckdb")});
  EXPECT_EQ(init.status, kExitGood) << init.err;
  EXPECT_NE(init.out.find("policies: it was there already"), std::string::npos) << init.out;
  EXPECT_EQ(ReadWhole(Path("policies/rules.yml")), policy);
  EXPECT_FALSE(fs::exists(Path("policies/weir.yml")));
}

TEST(Readme, ItsFirstPolicyIsOne) {
  const std::string readme = ReadWhole(std::string(WEIR_SOURCE_DIR) + "/README.md");
  const std::size_t begin = readme.find("```yaml\n") + 8;
  TemporaryFolder folder;
  WriteText(folder.path() + "/readme.yml", readme.substr(begin, readme.find("```", begin) - begin));
  manifest::Diagnostics diagnostics;
  EXPECT_TRUE(policies::ReadPolicy(folder.path(), &diagnostics).has_value()) << diagnostics.Render();
}

TEST(DbtProfile, UnderstandsEnvVarAlone) {
  struct Case {
    const char* text;
    bool is_call;
    const char* name;
    const char* fallback;
  };
  const Case kCases[] = {
      {"{{ env_var('DB') }}", true, "DB", ""},
      {"{{env_var(\"DB\",'x.duckdb')}}", true, "DB", "x.duckdb"},
      {"{{ env_var('PORT', '5432') | int }}", true, "PORT", "5432"},
      {"{{ env_var('A') }}/{{ env_var('B') }}", false, "", ""},
      {"dev.duckdb", false, "", ""},
      {"{{ var('x') }}", false, "", ""},
      {"{{ env_var('x' }}", false, "", ""},
  };
  for (const Case& test : kCases) {
    EnvVarCall call;
    EXPECT_EQ(ParseEnvVarCall(test.text, &call), test.is_call) << test.text;
    if (!test.is_call) continue;
    EXPECT_EQ(call.name, test.name) << test.text;
    EXPECT_EQ(call.fallback, test.fallback) << test.text;
  }
}

TEST(DbtProfile, TakesNoPasswordOver) {
  TemporaryFolder folder;
  WriteText(folder.path() + "/dbt_project.yml", "name: my_shop\nprofile: shop\ntarget-path: out\n");
  WriteText(folder.path() + "/profiles.yml",
            "shop:\n  target: prod\n  outputs:\n    prod:\n      type: postgres\n      host: db.example\n      port: 5433\n"
            "      user: loader\n      pass: hunter2\n      dbname: shop\n");
  const DbtProfile profile = ReadDbtProfile(folder.path(), folder.path());
  EXPECT_EQ(profile.project_name, "my_shop");
  EXPECT_EQ(profile.target_folder, "out");
  EXPECT_EQ(profile.type, "postgres");
  EXPECT_EQ(profile.host, "db.example");
  EXPECT_EQ(profile.port, "5433");
  EXPECT_EQ(profile.dbname, "shop");
  EXPECT_EQ(profile.password_variable, "");
  StartingText start;
  start.tenant = "my_shop";
  start.profile = profile;
  start.destinations = {"outbox"};
  EXPECT_EQ(ConfigText(start).find("hunter2"), std::string::npos);
  EXPECT_NE(ConfigText(start).find("password: env:PGPASSWORD"), std::string::npos);
}

TEST(YamlScalar, QuotesWhatYamlWouldGuessAt) {
  EXPECT_EQ(YamlScalar("customer_id"), "customer_id");
  EXPECT_EQ(YamlScalar("models/a.b"), "models/a.b");
  EXPECT_EQ(YamlScalar("NO"), "'NO'");
  EXPECT_EQ(YamlScalar("a: b"), "'a: b'");
  EXPECT_EQ(YamlScalar("it's"), "'it''s'");
  EXPECT_EQ(YamlScalar(""), "''");
  EXPECT_EQ(YamlScalar("-x"), "'-x'");
}

TEST_F(CliTest, InspectNeedsNothingButTheManifest) {
  const fs::path alone = fs::path(folder_.path()) / "alone";
  fs::create_directories(alone);
  fs::copy_file(fs::path(folder_.path()) / "target/manifest.json", alone / "manifest.json");
  const Outcome text = Weir({"inspect", "--target", alone.string()});
  EXPECT_EQ(text.status, kExitGood) << text.err;
  for (const char* part : {"schema        v12", "adapter       duckdb", "models             6", "columns with meta  16",
                           "meta contains_pii  16       true ×16", "crm_contacts to crm",
                           "no run_results.json: nothing proves that a test ran"}) {
    EXPECT_NE(text.out.find(part), std::string::npos) << part << "\n" << text.out;
  }
  EXPECT_EQ(text.out.find("What the last run proves"), std::string::npos);
  const Outcome json = Weir({"inspect", "--target", alone.string(), "--format", "json"});
  for (const char* part : {R"("document": "weir.inspect")", R"("schema": "v12")", R"("models": 6)", R"("tests": 27)",
                           R"("evidence": [])"}) {
    EXPECT_NE(json.out.find(part), std::string::npos) << part << "\n" << json.out;
  }
  EXPECT_EQ(json.out.find("\"selected\""), std::string::npos);
}

TEST_F(CliTest, InspectShowsWhatTheLastRunProves) {
  const Outcome shown = Run({"inspect"});
  EXPECT_EQ(shown.status, kExitGood) << shown.err;
  for (const char* part : {"results       of `dbt build`", "dim_customers  yes    7 passed, 1 warned"}) {
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << "\n" << shown.out;
  }
  const Outcome json = Run({"inspect", "--format", "json"});
  EXPECT_NE(json.out.find(R"("verdict": "passed")"), std::string::npos);
  EXPECT_NE(json.out.find(R"("syncs": [
        "crm_contacts"
      ])"),
            std::string::npos)
      << json.out;
}

TEST_F(CliTest, InspectListsASelection) {
  const Outcome listed = Run({"inspect", "--select", "+exposure:crm_contacts", "--exclude", "resource_type:seed"});
  EXPECT_EQ(listed.status, kExitGood) << listed.err;
  EXPECT_NE(listed.out.find("model.shop.dim_customers    model     models/marts/dim_customers.sql\n"), std::string::npos) << listed.out;
  const Outcome located = Weir({"inspect", "--target", std::string(WEIR_SOURCE_DIR) + "/examples/shop/target", "--select", "dim_customers"});
  EXPECT_NE(located.out.find("model.shop.dim_customers  model  models/marts/_marts.yml:6\n"), std::string::npos) << located.out;
  EXPECT_EQ(listed.out.find("seed.shop.raw_customers"), std::string::npos) << listed.out;
  const Outcome none = Run({"inspect", "--select", "tag:nobody"});
  EXPECT_EQ(none.status, kExitGood);
  EXPECT_EQ(none.err, "weir: the selection finds nothing\n");
  const Outcome wrong = Run({"inspect", "--exclude", "tags:pii"});
  EXPECT_EQ(wrong.status, kExitConfig);
  EXPECT_EQ(wrong.err, "weir: error: --exclude: unknown method `tags:`; did you mean `tag`? [W-CLI-020]\n");
  const Outcome gone = Weir({"inspect", "--target", "/nowhere"});
  EXPECT_EQ(gone.status, kExitUnreadable);
}

TEST_F(CliTest, InspectTellsWhatChangedBetweenTwoFolders) {
  const fs::path target = fs::path(folder_.path()) / "target", base = fs::path(folder_.path()) / "base";
  fs::create_directories(base);
  std::ifstream stream(target / "manifest.json", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string access = "\"access\": \"private\"", plain = "\"access\":\"private\"";
  const std::string& written = text.find(access) == std::string::npos ? plain : access;
  for (std::size_t at = text.find(written); at != std::string::npos; at = text.find(written)) {
    text.replace(at, written.size(), "\"access\":\"protected\"");
  }
  WriteText(base / "manifest.json", text);
  const Outcome shown = Run({"inspect", "--base", base.string()});
  EXPECT_EQ(shown.status, kExitGood) << shown.err;
  EXPECT_EQ(shown.out,
            "model.shop.stg_customers\n  access changed  protected → private\n\n"
            "model.shop.stg_orders\n  access changed  protected → private\n\n"
            "model.shop.stg_tickets\n  access changed  protected → private\n\n"
            "3 changes of 3 resources\n");
  EXPECT_EQ(shown.err, "");
  const Outcome json = Run({"inspect", "--base", base.string(), "--head", target.string(), "--select", "stg_orders", "--format", "json"});
  EXPECT_NE(json.out.find(R"("changes": [
    {
      "kind": "access_changed",
      "node": "model.shop.stg_orders",
      "column": null,
      "before": "protected",
      "after": "private"
    }
  ])"),
            std::string::npos)
      << json.out;
  const Outcome same = Run({"inspect", "--base", target.string(), "--head", target.string()});
  EXPECT_EQ(same.out, "");
  EXPECT_EQ(same.err, "weir: nothing has changed\n");
  EXPECT_EQ(Run({"inspect", "--head", target.string()}).status, kExitConfig);
  EXPECT_EQ(Run({"inspect", "--base", base.string(), "--target", target.string()}).status, kExitConfig);
}

}  // namespace
}  // namespace weir::gateway
