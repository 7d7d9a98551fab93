#pragma once

#include <string>

#include "gateway/config.h"

namespace weir::gateway {

// How to reach the server. `text` holds the password: it goes to libpq and nowhere else.
struct PostgresOptions {
  std::string text;    // libpq's `key='value' …`
  std::string server;  // for messages: "`db.example` port 5432, database `shop`, user `weir`"
  std::string dbname;
};

// The configuration's parts, or its `url` (a URI or `key=value` text) taken apart by libpq, with secrets resolved and what
// Weir wants of every connection: a connection that dies is noticed within about a minute, and `sslmode=verify-full`
// where nothing else is said and the host is another machine. Throws SourceError, ConfigError.
PostgresOptions ResolvePostgresOptions(const SourceConfig& config);

}  // namespace weir::gateway
