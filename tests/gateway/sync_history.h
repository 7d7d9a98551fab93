#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "audit/note.h"
#include "gateway/run_sync.h"
#include "policies/policy.h"
#include "tests/audit/temporary_folder.h"

// One mirror sync of people with consent, from a table in memory to a destination in memory that behaves as told: for tests
// of whole runs.
namespace weir::gateway {

using audit::TemporaryFolder;

struct SourceRow {
  std::string email;
  std::optional<bool> consent;
};
using Table = std::map<int, SourceRow>;  // by id

class TableSource final : public Source {
 public:
  // `ends_early`: throws in the middle, as a lost connection does.
  TableSource(const Table& table, bool ends_early) : table_(table), ends_early_(ends_early) {}

  std::vector<policies::ColumnSchema> Columns(const std::string&) override {
    return {{"id", policies::ColumnType::kInteger, "integer"},
            {"email", policies::ColumnType::kText, "varchar"},
            {"consent", policies::ColumnType::kBoolean, "boolean"}};
  }
  std::vector<policies::ColumnSchema> Start(const ScanRequest& request) override {
    std::vector<policies::ColumnSchema> out;
    for (const std::string& name : request.columns) {
      for (policies::ColumnSchema& column : Columns("")) {
        if (column.name == name) out.push_back(std::move(column));
      }
    }
    columns_ = request.columns;
    next_ = table_.begin();
    return out;
  }
  bool Next(policies::Batch* batch) override {
    batch->Clear();
    batch->columns.resize(columns_.size());
    for (int i = 0; i < 7 && next_ != table_.end(); ++i, ++next_) {
      if (ends_early_ && i == 5) throw SourceError("W-SRC-009", "the connection was lost");
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        policies::CellColumn& cells = batch->columns[column];
        if (columns_[column] == "id") cells.AppendText(std::to_string(next_->first));
        else if (columns_[column] == "email") cells.AppendText(next_->second.email);
        else if (!next_->second.consent) cells.AppendNull();
        else cells.AppendText(*next_->second.consent ? "true" : "false");
      }
      ++batch->rows;
    }
    return batch->rows != 0;
  }

 private:
  Table table_;
  bool ends_early_;
  std::vector<std::string> columns_;
  Table::const_iterator next_;
};

struct Crash {};  // the process dies: nothing catches it but the test

struct Remote {
  std::map<std::string, std::optional<std::string>> records;  // by external id: the mail
  std::set<std::string> keys;                                 // idempotency keys of applied rows
};

enum class Weather { kFair, kRejects, kWaits, kLoses, kCrashes, kInterrupts };

class FickleDestination final : public Destination {
 public:
  // `interrupt` is called while a request is under way.
  FickleDestination(Remote* remote, Weather weather, std::uint64_t seed, std::function<void()> interrupt)
      : remote_(*remote), weather_(weather), random_(seed), interrupt_(std::move(interrupt)) {}
  Limits limits() const override { return {3, 1u << 20}; }
  bool Supports(Operation) const override { return true; }
  bool Deduplicates() const override { return deduplicates; }
  void Prepare() override {}
  Reply Submit(const Request& request) override {
    Reply reply;
    reply.status = 200;
    reply.rows.assign(request.rows->rows, {Result::kDelivered, false});
    const bool bad = weather_ != Weather::kFair && random_() % 3 == 0;
    if (bad && weather_ == Weather::kCrashes && random_() % 2 == 0) throw Crash{};  // before the rows arrive
    if (bad && weather_ == Weather::kInterrupts) interrupt_();
    for (std::size_t row = 0; row < request.rows->rows; ++row) {
      if (bad && weather_ == Weather::kRejects && random_() % 2 == 0) {
        reply.rows[row] = {Result::kRejected, false};
        reply.code = "http_422";
        continue;
      }
      if (bad && weather_ == Weather::kWaits) {
        reply.rows[row] = {Result::kDeferred, true};
        reply.code = "http_429";
        continue;
      }
      if (bad && weather_ == Weather::kLoses) reply.rows[row] = {Result::kUnknown, true};
      if (bad && weather_ == Weather::kLoses && random_() % 2 == 0) continue;  // lost before it arrived
      Apply(request, row);
    }
    if (bad && weather_ == Weather::kLoses) reply.code = "timeout";
    if (bad && weather_ == Weather::kCrashes) throw Crash{};  // after
    return reply;
  }

  bool deduplicates = true;

 private:
  void Apply(const Request& request, std::size_t row) {
    std::optional<std::string> mail;
    std::string id;
    for (std::size_t i = 0; i < request.fields.size(); ++i) {
      const policies::CellColumn& column = request.rows->columns[i];
      if (request.fields[i].name == "external_id") id = std::string(column.Text(row));
      if (request.fields[i].name == "mail" && !column.IsNull(row)) mail = std::string(column.Text(row));
    }
    if (request.operation == Operation::kDelete) remote_.records.erase(id);
    else remote_.records[id] = mail;
    remote_.keys.emplace(request.idempotency_keys[row]);
  }
  Remote& remote_;
  Weather weather_;
  std::mt19937_64 random_;
  std::function<void()> interrupt_;
};

class QuietProgress final : public Progress {
 public:
  void Phase(std::string_view, std::string_view, std::uint64_t) override {}
  void Rows(std::uint64_t) override {}
  void Done() override {}
};

// Real time, without waiting.
class ImpatientClock final : public audit::Clock {
 public:
  audit::Time Now() const override { return audit::SystemClock().Now(); }
  std::chrono::steady_clock::time_point Monotonic() const override { return audit::SystemClock().Monotonic(); }
  bool Sleep(std::chrono::milliseconds, bool (*)()) const override { return true; }
};

inline constexpr const char* kPolicy = R"(
version: 1
classes:
  pii.email: {name: '^email$'}
  public: {permissive: true, columns: [people.id]}
  consent: {name: '^consent$'}
subjects: {person: {people: id}}
roles: {marketer: {groups: [growth]}}
destinations:
  crm: {origin: 'file:', readers: [marketer], trust: external, legal_name: CRM, country: US, relation: processor,
        on_leave: {deleted: delete, withheld: delete, denied: blank}}
purposes: {campaign: {legal_basis: consent, syncs: ['exposure:*']}}
rules:
  - {id: P1, give: pii.email, to: {destination: crm}, as: {mask: {keep: domain}}}
  - {id: P2, give: public, to: any, as: unchanged}
  - {id: P3, give: consent, to: any, as: filter}
  - {id: P4, rows: people, to: any, send_if: {consent: true}}
require:
  - {id: Q1, select: 'exposure:*', for: sync, tests: {missing: send}, guards: {max_deletes: 100%}}
)";

inline std::string Manifest() {
  return R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","dbt_version":"1.11.0",
"generated_at":"2026-01-01T00:00:00.000000Z","invocation_id":"i-1","adapter_type":"duckdb","project_name":"p"},
"nodes":{"model.p.people":{"unique_id":"model.p.people","name":"people","resource_type":"model","package_name":"p",
"database":"d","schema":"s","alias":"people","relation_name":"\"d\".\"s\".\"people\"","original_file_path":"m.sql","path":"m.sql",
"fqn":["p","people"],"tags":[],"checksum":{"name":"sha256","checksum":"00"},"raw_code":"select 1","created_at":1.0,
"config":{"materialized":"table"},"meta":{},"depends_on":{"nodes":[],"macros":[]},
"columns":{"id":{"name":"id","data_type":"integer"},"email":{"name":"email","data_type":"varchar"},
"consent":{"name":"consent","data_type":"boolean"}}}},
"sources":{},"macros":{},"docs":{},"metrics":{},"groups":{},"selectors":{},"disabled":{},
"exposures":{"exposure.p.crm":{"unique_id":"exposure.p.crm","name":"crm","resource_type":"exposure","package_name":"p",
"type":"application","owner":{"name":"n","email":"o@p.example"},"original_file_path":"e.yml","path":"e.yml","fqn":["p","crm"],
"depends_on":{"nodes":["model.p.people"],"macros":[]},"config":{"meta":{"weir":{"destination":"crm","object":"contacts",
"purpose":"campaign","mode":"mirror","match":{"id":"external_id"},"columns":{"email":"mail"}}}}}}})";
}

inline std::string RunResults() {
  return R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json","dbt_version":"1.11.0",
"generated_at":"2026-01-01T00:03:00.000000Z","invocation_id":"i-1"},"args":{"which":"build"},"elapsed_time":1.0,
"results":[{"unique_id":"model.p.people","status":"success","failures":null,"message":null,"relation_name":"\"d\".\"s\".\"people\"",
"timing":[{"name":"execute","started_at":"2026-01-01T00:01:00.000000Z","completed_at":"2026-01-01T00:01:01.000000Z"}]}]})";
}

// The policy, said again: what the destination should have.
inline std::map<std::string, std::optional<std::string>> Expected(const Table& table) {
  std::map<std::string, std::optional<std::string>> out;
  for (const auto& [id, row] : table) {
    if (row.consent != true) continue;
    const std::size_t at = row.email.find('@');
    out[std::to_string(id)] = std::string(at, '*') + row.email.substr(at);
  }
  return out;
}

class SyncHistories : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_.root() + "/target");
    Write("target/manifest.json", Manifest());
    Write("target/run_results.json", RunResults());
    Write("policy.yml", kPolicy);
    manifest::Diagnostics diagnostics;
    std::optional<policies::Policy> policy = policies::ReadPolicy(folder_.root() + "/policy.yml", &diagnostics);
    ASSERT_TRUE(policy.has_value()) << diagnostics.Render();
    workspace_.policy = std::move(*policy);
    workspace_.artifacts = manifest::ReadArtifacts(folder_.root() + "/target");
    workspace_.syncs = policies::ReadSyncs(workspace_.artifacts.project, nullptr, "", &diagnostics);
    ASSERT_EQ(workspace_.syncs.size(), 1u) << diagnostics.Render();
    workspace_.config.tenant = "p";
    workspace_.config.environment = "default";
    workspace_.config.state = folder_.root() + "/state";
    workspace_.config.audit = folder_.root() + "/log";
    workspace_.config.destinations["crm"].name = "crm";
    CreateKeyring(folder_.root() + "/keys", "p", "default");
    keyring_ = ReadKeyring(folder_.root() + "/keys", "p", "default");
  }
  void Write(const std::string& name, std::string_view text) {
    audit::RealFileSystem().WriteAtomically(folder_.root() + "/" + name, text);
  }
  RunReport Sync(const Table& table, Weather weather, std::uint64_t seed, bool ends_early = false) {
    QuietProgress progress;
    std::atomic<bool> stop = false;
    auto destination = std::make_unique<FickleDestination>(&remote_, weather, seed, [&] {
      if (before_interrupt_) before_interrupt_();
      stop = true;
    });
    destination->deduplicates = deduplicates_;
    RunEnds ends{std::make_unique<TableSource>(table, ends_early), std::move(destination)};
    return RunSync(workspace_, workspace_.syncs[0], keyring_, options_, clock_, &progress, stop, std::move(ends));
  }
  void Mutate(Table* table, std::mt19937_64* random) {
    for (int i = 0; i < 12; ++i) {
      const int id = static_cast<int>((*random)() % 40);
      switch ((*random)() % 4) {
        case 0: table->erase(id); break;
        case 1: (*table)[id] = {"p" + std::to_string((*random)() % 50) + "@x" + std::to_string((*random)() % 9) + ".example", true}; break;
        case 2: if (table->contains(id)) (*table)[id].consent = false; break;
        case 3: if (table->contains(id)) (*table)[id].consent = (*random)() % 2 == 0 ? std::optional<bool>() : true; break;
      }
    }
  }

  TemporaryFolder folder_;
  Workspace workspace_;
  Keyring keyring_;
  ImpatientClock clock_;
  Remote remote_;
  RunOptions options_;
  std::function<void()> before_interrupt_;
  bool deduplicates_ = true;
};

inline bool Says(const RunReport& report, const std::string& code, const std::string& text) {
  return std::any_of(report.reasons.begin(), report.reasons.end(), [&](const SyncPlan::Refusal& reason) {
    return reason.code == code && reason.text.find(text) != std::string::npos;
  });
}

}  // namespace weir::gateway
