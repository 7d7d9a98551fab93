#include "gateway/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Reading {
  std::optional<Config> config;
  std::string rendered;  // with the folder as DIR
};

Reading Read(const std::string& text, const std::string& environment = "") {
  const TemporaryFolder folder;
  WriteWhole(folder / "weir.yml", text);
  manifest::Diagnostics diagnostics;
  Reading reading;
  reading.config = ReadConfig(folder / "weir.yml", environment, &diagnostics);
  reading.rendered = Replaced(diagnostics.Render(), folder.path(), "DIR");
  if (reading.config) {
    for (std::string* path : {&reading.config->file, &reading.config->folder, &reading.config->target_folder,
                              &reading.config->policies, &reading.config->keys, &reading.config->state,
                              &reading.config->audit, &reading.config->source.path, &reading.config->source.library}) {
      *path = Replaced(*path, folder.path(), "DIR");
    }
    for (auto& [name, destination] : reading.config->destinations) {
      destination.path = Replaced(destination.path, folder.path(), "DIR");
    }
  }
  return reading;
}

const std::string kHead = "version: 1\ntenant: acme\n";
const std::string kDuckdb = kHead + "source: {kind: duckdb, path: shop.duckdb}\n";

// The first line of the first diagnostic, without its code's place in the file's name.
std::string FirstError(const std::string& text, const std::string& environment = "") {
  const std::string rendered = Read(text, environment).rendered;
  return rendered.substr(0, rendered.find('\n'));
}

TEST(Config, DefaultsAreFilledIn) {
  const Reading reading = Read(kDuckdb);
  ASSERT_TRUE(reading.config) << reading.rendered;
  const Config& config = *reading.config;
  EXPECT_EQ(config.environment, "default");
  EXPECT_EQ(config.tenant, "acme");
  EXPECT_EQ(config.folder, "DIR");
  EXPECT_EQ(config.target_folder, "DIR/target");
  EXPECT_EQ(config.policies, "DIR/policies");
  EXPECT_EQ(config.keys, "DIR/.weir/keys");
  EXPECT_EQ(config.state, "DIR/.weir/state");
  EXPECT_EQ(config.audit, "DIR/.weir/audit");
  EXPECT_EQ(config.source.kind, "duckdb");
  EXPECT_EQ(config.source.path, "DIR/shop.duckdb");
  EXPECT_EQ(config.source.library, "");
  EXPECT_TRUE(config.syncs.IsNull());
  EXPECT_EQ(reading.rendered, "");
}

TEST(Config, EveryKeyIsRead) {
  const Reading reading = Read(R"(version: 1
tenant: acme
projects: [{target: ../shop/target/}]
policies: rules
keys: /secret/keys
state: s
audit: a
source:
  kind: postgres
  host: db.example
  port: 6432
  dbname: shop
  user: weir
  password: env:PGPASSWORD
destinations:
  crm:
    kind: http
    url: HTTPS://API.CRM.example:443/v1/contacts?mode=upsert
    headers: {Authorization: 'env:CRM_TOKEN', X-Api-Version: '2024-01', X-Team: 'file:team.txt'}
    timeout: 45s
    connect_timeout: 500ms
    max_rows: 100
    max_bytes: 65536
    retry: {attempts: 3, base: 100ms, cap: 1m}
    deduplicates: true
  local:
    kind: http
    url: http://127.0.0.1:8080/in
  out:
    kind: file
    path: out
    format: csv
    max_rows: 1000
syncs:
  - {name: a, model: b}
)");
  ASSERT_TRUE(reading.config) << reading.rendered;
  const Config& config = *reading.config;
  EXPECT_EQ(config.keys, "/secret/keys");
  EXPECT_EQ(config.policies, "DIR/rules");
  EXPECT_EQ(config.source.host, "db.example");
  EXPECT_EQ(config.source.port, "6432");
  EXPECT_EQ(config.source.dbname, "shop");
  EXPECT_EQ(config.source.user, "weir");
  EXPECT_EQ(config.source.password.text(), "env:PGPASSWORD");
  EXPECT_EQ(config.source.sslmode, "verify-full");
  const DestinationConfig& crm = config.destinations.at("crm");
  EXPECT_EQ(crm.url, "https://api.crm.example/v1/contacts?mode=upsert");
  EXPECT_EQ(crm.Origin(), "https://api.crm.example");
  ASSERT_EQ(crm.headers.size(), 3u);
  EXPECT_EQ(crm.headers[0].value.text(), "env:CRM_TOKEN");
  EXPECT_EQ(crm.headers[1].literal, "2024-01");
  EXPECT_EQ(crm.headers[2].value.text(), "file:team.txt");
  EXPECT_EQ(crm.timeout, std::chrono::seconds(45));
  EXPECT_EQ(crm.connect_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(crm.max_rows, 100u);
  EXPECT_EQ(crm.max_bytes, 65536u);
  EXPECT_EQ(crm.max_attempts, 3u);
  EXPECT_EQ(crm.retry_base, std::chrono::milliseconds(100));
  EXPECT_EQ(crm.retry_cap, std::chrono::minutes(1));
  EXPECT_TRUE(crm.deduplicates);
  EXPECT_EQ(config.destinations.at("local").Origin(), "http://127.0.0.1:8080");
  EXPECT_EQ(config.destinations.at("out").Origin(), "file:");
  EXPECT_EQ(config.destinations.at("out").format, "csv");
  EXPECT_EQ(config.destinations.at("out").path, "DIR/out");
  EXPECT_EQ(config.syncs.items().size(), 1u);
}

const std::string kEnvironments = kDuckdb + R"(state: st
keys: k
destinations:
  out: {kind: file, path: out}
  crm: {kind: http, url: 'https://api.crm.example/'}
environments:
  prod:
    source: {kind: postgres, url: env:PROD_URL}
    destinations:
      out: {kind: file, path: prod_out, format: csv}
    audit: /log/prod
  staging:
  dev:
    destinations:
      crm: {kind: file, path: dev_out}
)";

TEST(Config, AnEnvironmentReplacesWhatItNames) {
  const Reading reading = Read(kEnvironments, "prod");
  ASSERT_TRUE(reading.config) << reading.rendered;
  const Config& config = *reading.config;
  EXPECT_EQ(config.environment, "prod");
  EXPECT_EQ(config.source.kind, "postgres");
  EXPECT_EQ(config.source.path, "");
  EXPECT_EQ(config.source.url.text(), "env:PROD_URL");
  EXPECT_EQ(config.state, "DIR/st/prod");
  EXPECT_EQ(config.keys, "DIR/k.prod");
  EXPECT_EQ(config.audit, "/log/prod");
  EXPECT_EQ(config.destinations.at("out").path, "DIR/prod_out");
  EXPECT_EQ(config.destinations.at("crm").kind, "http");
  const Reading staging = Read(kEnvironments, "staging");
  ASSERT_TRUE(staging.config) << staging.rendered;
  EXPECT_EQ(staging.config->audit, "DIR/.weir/audit/staging");
  EXPECT_EQ(staging.config->source.kind, "duckdb");
}

TEST(Config, DevelopmentWritesFilesOnly) {
  EXPECT_TRUE(Read(kEnvironments, "dev").config);
  const std::string without = Replaced(kEnvironments, "      crm: {kind: file, path: dev_out}\n", "      more: {kind: file, path: x}\n");
  EXPECT_EQ(FirstError(without, "dev"),
            "DIR/weir.yml:8:8: error: environment `dev` writes files only, and destination `crm` is http; give it a file "
            "destination under `environments.dev`, or set `allow_http: true` there [W-CFG-005]");
  EXPECT_TRUE(Read(without + "    allow_http: true\n", "dev").config);
  EXPECT_TRUE(Read(without, "staging").config);
}

TEST(Config, AMissingFileSaysWhatToDo) {
  const TemporaryFolder folder;
  manifest::Diagnostics diagnostics;
  EXPECT_FALSE(ReadConfig(folder / "weir.yml", "", &diagnostics));
  EXPECT_EQ(Replaced(diagnostics.Render(), folder.path(), "DIR"),
            "DIR/weir.yml: error: there is no such file; run `weir init` in the folder of the dbt project "
            "[W-CFG-001]\n");
  manifest::Diagnostics other;
  EXPECT_FALSE(ReadConfig(folder.path(), "", &other));
  EXPECT_THAT(other.Render(), HasSubstr("this is not a plain file [W-CFG-001]"));
}

std::string Http(const std::string& rest) { return kDuckdb + "destinations:\n  crm:\n    kind: http\n" + rest; }
std::string Url(const std::string& url) { return Http("    url: '" + url + "'\n"); }

TEST(Config, BadInputs) {
  const struct {
    const char* name;
    std::string text;
    std::string message;  // of the first diagnostic, behind `DIR/weir.yml`
  } cases[] = {
      {"empty", "", ": error: weir.yml must be a map: `version: 1`, `tenant: NAME`, … [W-CFG-002]"},
      {"list", "- a\n", ":1:1: error: weir.yml must be a map: `version: 1`, `tenant: NAME`, … [W-CFG-002]"},
      {"no version", "tenant: acme\nsource: {kind: duckdb, path: x}\n", ":1:1: error: weir.yml needs `version: 1` [W-CFG-003]"},
      {"version 2", Replaced(kDuckdb, "version: 1", "version: 2"),
       ":1:10: error: `version` must be `1`, not `2`; this program knows no other [W-CFG-003]"},
      {"no tenant", "version: 1\nsource: {kind: duckdb, path: x}\n", ":1:1: error: weir.yml needs `tenant` [W-CFG-002]"},
      {"tenant", Replaced(kDuckdb, "acme", "Acme Inc"),
       ":2:9: error: `tenant` consists of `a-z`, `0-9`, `_` and `-`, at most 64 [W-CFG-002]"},
      {"misspelt key", kDuckdb + "polices: x\n",
       ":4:1: error: unknown key `polices` in weir.yml; did you mean `policies`? [W-CFG-002]"},
      {"server", kDuckdb + "server: {port: 1}\n",
       ":4:9: error: `server` is not known to this version of Weir; remove it [W-CFG-002]"},
      {"two projects", kDuckdb + "projects: [{target: a}, {target: b}]\n",
       ":4:25: error: this version of Weir reads one project, and a second one stands here; give it a weir.yml of its "
       "own [W-CFG-002]"},
      {"no project", kDuckdb + "projects: []\n",
       ":4:11: error: `projects` must be a list with one project: `projects: [{target: target}]` [W-CFG-002]"},
      {"target elsewhere", kDuckdb + "projects: [{target: 's3://b/t'}]\n",
       ":4:21: error: `target` must be a path on this machine in this version of Weir [W-CFG-002]"},
      {"no source", kHead, ":1:1: error: no `source` is configured; write `source: {kind: duckdb, path: FILE}` or `kind: "
                           "postgres` [W-CFG-006]"},
      {"source kind", kHead + "source: {kind: duckbd, path: x}\n",
       ":3:16: error: `kind` of the source must be one of `duckdb`, `postgres`, not `duckbd`; did you mean `duckdb`? "
       "[W-CFG-002]"},
      {"no path", kHead + "source: {kind: duckdb}\n", ":3:9: error: the source needs `path` [W-CFG-002]"},
      {"profile", kHead + "source: {profile: shop}\n",
       ":3:19: error: `profile` is not read by this version; write `kind: duckdb` with `path`, or `kind: postgres` with "
       "`host`, `dbname`, `user` and `password` [W-CFG-006]"},
      {"url and host", kHead + "source: {kind: postgres, url: env:URL, host: db}\n",
       ":3:46: error: `url` already says `host`; remove one of them [W-CFG-006]"},
      {"port", kHead + "source: {kind: postgres, host: db, dbname: d, user: u, port: 70000}\n",
       ":3:62: error: `port` of the source must be an integer from 1 to 65535, not `70000` [W-CFG-002]"},
      {"destination name", kDuckdb + "destinations: {My CRM: {kind: file, path: x}}\n",
       ":4:16: error: the name of a destination consists of `a-z`, `0-9`, `_` and `-`, at most 64 [W-CFG-007]"},
      {"destination kind", kDuckdb + "destinations: {crm: {path: x}}\n",
       ":4:21: error: destination `crm` needs `kind` [W-CFG-002]"},
      {"key of another kind", kDuckdb + "destinations: {out: {kind: file, path: x, timeout: 3s}}\n",
       ":4:43: error: unknown key `timeout` in destination `out`; it takes `format`, `kind`, `max_rows`, `path` "
       "[W-CFG-002]"},
      {"duration", Http("    url: https://a.example\n    timeout: 30\n"),
       ":8:14: error: `timeout` must be a duration from `100ms` to `15m`, not `30` [W-CFG-002]"},
      {"cap below base", Http("    url: https://a.example\n    retry: {base: 5s, cap: 1s}\n"),
       ":8:12: error: `cap` must not be below `base` in `retry` of destination `crm` [W-CFG-007]"},
      {"scheme", Url("ftp://a.example/"),
       ":7:10: error: `url` of destination `crm` must begin with `https://` or `http://` [W-CFG-008]"},
      {"user", Url("https://weir:pw@a.example/"),
       ":7:10: error: `url` of destination `crm` must hold no user and no password; put credentials into a header as a "
       "reference [W-CFG-008]"},
      {"fragment", Url("https://a.example/#x"),
       ":7:10: error: `url` of destination `crm` must hold no fragment (`#`) [W-CFG-008]"},
      {"host", Url("https://{{ host }}/x"),
       ":7:10: error: `url` of destination `crm` must name its host literally: letters, digits, `-` and `.`, or an "
       "address [W-CFG-008]"},
      {"numeric host", Url("https://2130706433/x"),
       ":7:10: error: `url` of destination `crm` must name its host literally: letters, digits, `-` and `.`, or an "
       "address [W-CFG-008]"},
      {"metadata", Url("http://169.254.169.254/latest"),
       ":7:10: error: `url` of destination `crm` names a link-local or metadata address, which is never a recipient "
       "[W-CFG-008]"},
      {"port of url", Url("https://a.example:0/"),
       ":7:10: error: `url` of destination `crm` has a port that is not from 1 to 65535 [W-CFG-008]"},
      {"template", Url("https://a.example/{id}"),
       ":7:10: error: `url` of destination `crm` holds characters that a URL must percent-encode; templates are not "
       "known here [W-CFG-008]"},
      {"token in query", Url("https://a.example/x?api_key=1234"),
       ":7:10: error: `url` of destination `crm` seems to hold a secret; put it into a header as a reference "
       "[W-CFG-008]"},
      {"plain http", Url("http://a.example/"),
       ":7:10: error: `url` of destination `crm` sends data unencrypted to another machine; use `https://`, or set "
       "`allow_plain_http: true` [W-CFG-008]"},
      {"url by reference", Url("env:CRM_URL"),
       ":7:10: error: `url` of destination `crm` must be literal, because policy pins where data goes; put secrets into "
       "headers [W-CFG-008]"},
      {"own header", Http("    url: https://a.example\n    headers: {Content-Type: text/csv}\n"),
       ":8:15: error: Weir writes the header `Content-Type` itself; remove it [W-CFG-007]"},
      {"header twice", Http("    url: https://a.example\n    headers: {X-A: env:A, x-a: env:B}\n"),
       ":8:27: error: the header `x-a` stands here twice [W-CFG-007]"},
      {"default environment", kDuckdb + "environments: {default: {}}\n",
       ":4:16: error: `default` is what stands at the top of weir.yml; give this environment another name [W-CFG-005]"},
      {"key of an environment", kDuckdb + "environments: {prod: {tenant: x}}\n",
       ":4:23: error: unknown key `tenant` in environment `prod`; it takes `allow_http`, `audit`, `destinations`, `keys`, "
       "`projects`, `source`, `state` [W-CFG-002]"},
      {"shared state", kDuckdb + "state: s\nenvironments: {prod: {state: ./s/}}\n",
       ":5:16: error: environments `default` and `prod` share `state`; each needs its own [W-CFG-005]"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    EXPECT_EQ(FirstError(test.text), "DIR/weir.yml" + test.message);
    EXPECT_FALSE(Read(test.text).config);
  }
  EXPECT_EQ(FirstError(kEnvironments, "prd"),
            "DIR/weir.yml: error: there is no environment `prd`; did you mean `prod`? [W-CFG-005]");
  EXPECT_EQ(FirstError(kEnvironments, "production"),
            "DIR/weir.yml: error: there is no environment `production`; there is `default`, `dev`, `prod`, `staging` "
            "[W-CFG-005]");
}

TEST(Config, ReportsEveryError) {
  const std::string rendered =
      Read("version: 3\ntenant: A\nsource: {kind: duckdb}\ndestinations: {crm: {kind: ftp}}\nserver: {}\n").rendered;
  for (const char* code : {"1:10", "2:9", "3:9", "4:28", "5:9"}) EXPECT_THAT(rendered, HasSubstr(code));
}

TEST(Config, WarnsOfAnUnprovenServer) {
  const Reading reading =
      Read(kHead + "source: {kind: postgres, host: db.example, dbname: d, user: u, sslmode: require}\n");
  EXPECT_TRUE(reading.config);
  EXPECT_THAT(reading.rendered, HasSubstr("warning: `sslmode: require` does not prove who answers at `db.example`; use "
                                          "`verify-full` [W-CFG-009]"));
  EXPECT_EQ(Read(kHead + "source: {kind: postgres, host: localhost, dbname: d, user: u}\n").config->source.sslmode,
            "prefer");
}

// Wherever somebody writes a secret, no message and no source line shows it.
TEST(Config, NeverEchoesALiteral) {
  const std::string secret = "hunter2-correct";
  const std::string base = kHead + "source: {kind: postgres, host: db, dbname: d, user: u}\n";
  const std::string texts[] = {
      kHead + "source: {kind: postgres, host: db, dbname: d, user: u, password: " + secret + "}\n",
      kHead + "source: {kind: postgres, host: db, dbname: d, user: u, pasword: " + secret + "}\n",
      kHead + "source: {kind: postgres, host: db, dbname: d, user: u, password: '" + secret + "', unknown: 1}\n",
      kHead + "source: {kind: postgres, url: 'postgres://u:" + secret + "@db/d'}\n",
      kHead + "source: {kind: postgres, url: 'host=db password=" + secret + "'}\n",
      kHead + "source:\n  kind: postgres\n  password:\n    - " + secret + "\n",
      kHead + "source:\n  kind: postgres\n  password:\n    value: " + secret + "\n",
      kHead + "source:\n  kind: postgres\n  password: \"a\n    " + secret + "\"\n  hots: x\n",
      kHead + "source: {kind: postgres, password: \"a\n    " + secret + "\", hots: x}\n",
      kHead + "source:\n  kind: postgres\n  password: |\n    " + secret + "\n  hots: x\n",
      base + "destinations:\n  crm:\n    kind: http\n    url: https://a.example\n    headers:\n      X-Key: " + secret + "\n",
      base + "destinations:\n  crm:\n    kind: http\n    url: https://a.example\n    headers: {Accept: [" + secret + "]}\n",
      base + "destinations:\n  crm:\n    kind: http\n    url: https://a.example\n    headers: " + secret + "\n",
      base + "destinations:\n  crm:\n    kind: http\n    url: https://u:" + secret + "@a.example\n",
      base + "destinations:\n  crm:\n    kind: http\n    token: " + secret + "\n    url: https://a.example\n",
      base + "destinations: " + secret + "\n",
      base + "api_key: " + secret + "\n",
      base + "environments: {prod: {password: " + secret + "}}\n",
  };
  for (const std::string& text : texts) {
    const Reading reading = Read(text);
    EXPECT_FALSE(reading.config) << text;
    EXPECT_NE(reading.rendered, "");
    EXPECT_THAT(reading.rendered, Not(HasSubstr("hunter2"))) << text;
    EXPECT_THAT(reading.rendered, Not(HasSubstr("correct"))) << text;
  }
  EXPECT_EQ(Read(texts[0]).rendered,
            "DIR/weir.yml:3:66: error: `password` of the source must be a reference, never the secret itself: `env:NAME`, "
            "`file:PATH` or `command:...` [W-CFG-004]\n"
            "  3 | source: {kind: postgres, host: db, dbname: d, user: u, password: ***\n"
            "    |                                                                  ^\n");
}

}  // namespace
}  // namespace weir::gateway
