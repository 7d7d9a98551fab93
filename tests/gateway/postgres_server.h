#pragma once

#include <memory>
#include <string>

#include "gateway/config.h"

namespace weir::gateway {

// A PostgreSQL server of a test's own, reached by a Unix socket in a temporary folder, so that no port is taken. Under
// root it runs as the user `postgres`, because the server refuses root. Only the role `secretive` needs a password.
class PostgresServer {
 public:
  // Null when PostgreSQL is not installed. Throws std::runtime_error when it is and does not start.
  static std::unique_ptr<PostgresServer> Start();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void Run(const std::string& sql) const;  // as superuser, any number of statements; throws std::runtime_error
  std::string One(const std::string& sql) const;  // the one value of a query
  SourceConfig Config() const;             // of a source that reads the database `shop` as superuser
  const std::string& folder() const { return folder_; }
  std::string socket() const { return folder_ + "/.s.PGSQL.5432"; }

 private:
  explicit PostgresServer(std::string folder, std::string binaries) : folder_(std::move(folder)), binaries_(std::move(binaries)) {}
  bool Command(const std::string& command) const;

  const std::string folder_;
  const std::string binaries_;
};

}  // namespace weir::gateway
