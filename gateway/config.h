#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weir::gateway {

// A reference to a secret: `env:NAME`, `file:PATH` (mode 0600), `command:…`; never the secret. Resolve reads it when it
// is needed; throws ConfigError naming the reference, never the value.
class SecretReference {
 public:
  SecretReference() = default;
  static std::optional<SecretReference> Parse(std::string_view text);  // nullopt: not a reference
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  std::string Resolve(const std::string& base_folder) const;

 private:
  std::string text_;
};

struct SourceConfig {
  std::string kind;       // duckdb | postgres
  std::string path;       // duckdb: the database file, absolute
  std::string library;    // duckdb: libduckdb.so; empty: $WEIR_DUCKDB_LIBRARY, then beside the program, then installed
  std::string host, port, dbname, user;  // postgres
  SecretReference url;        // postgres: whole connection string
  SecretReference password;
  std::string sslmode;        // default verify-full unless the host is this machine
  std::string base_folder;    // secrets are relative to it
  manifest::Position position;
};

struct DestinationConfig {
  std::string name;
  std::string kind;           // file | http
  std::string path;           // file: folder, absolute
  std::string format = "jsonl";  // jsonl | csv
  std::string url;            // http; literal
  struct Header {
    std::string name;
    SecretReference value;    // secret
    std::string literal;      // for harmless ones
  };
  std::vector<Header> headers;
  std::size_t max_rows = 0, max_bytes = 0;  // 0: the kind's default
  std::chrono::milliseconds connect_timeout{10'000}, timeout{30'000};
  // Retries are the engine's: attempts a row within one run, and full jitter between base and cap.
  std::uint32_t max_attempts = 5;
  std::chrono::milliseconds retry_base{500}, retry_cap{30'000};
  bool allow_plain_http = false;  // http:// to another machine than this one is refused without it
  bool deduplicates = false;      // http: the other side honours Idempotency-Key
  std::string base_folder;
  manifest::Position position;

  // What policy pins: `https://api.crm.example` (scheme, host, port unless default), or `file:`.
  std::string Origin() const;
};

struct Config {
  std::string file;          // weir.yml as the user named it
  std::string folder;        // where it lies, absolute: relative paths start there
  std::string environment;   // `default`, or the overlay chosen by --env
  std::string tenant;
  std::string target_folder; // projects[0].target, absolute
  std::optional<std::chrono::seconds> keep_runs;  // projects[0].keep_runs; nullopt: the last run alone is evidence
  SourceConfig source;
  std::string policies;      // folder, absolute
  std::string keys;          // file, absolute
  std::string state;         // folder, absolute
  std::string audit;         // folder, absolute
  std::string approvals;     // folder, absolute; all environments' lie there
  std::map<std::string, DestinationConfig> destinations;
  manifest::Value syncs;     // `syncs:` as written, or null
  manifest::Value written;   // the whole file
};

// Configuration that cannot be used although it reads well: a key file readable by others, an unset variable.
class ConfigError : public std::runtime_error {
 public:
  ConfigError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Reads weir.yml with its overlay (`environments:`); every error is reported, nullopt then. Unknown keys are errors; a
// scalar that looks like a secret where a reference belongs is refused and not echoed.
std::optional<Config> ReadConfig(const std::string& file, const std::string& environment,
                                 manifest::Diagnostics* diagnostics);

}  // namespace weir::gateway
