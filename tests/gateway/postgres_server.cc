#include "tests/gateway/postgres_server.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>
#include <vector>

namespace weir::gateway {
namespace {

// The newest of those that Debian installs side by side.
std::string FindBinaries() {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string folder = version.path().string() + "/bin";
    if (std::filesystem::exists(folder + "/initdb")) found.push_back(folder);
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? std::string() : found.back();
}

std::string Connection(const std::string& folder, const std::string& database) {
  return "host='" + folder + "' port=5432 user=postgres dbname=" + database;
}

}  // namespace

std::unique_ptr<PostgresServer> PostgresServer::Start() {
  const std::string binaries = FindBinaries();
  if (binaries.empty()) return nullptr;
  std::string folder = (std::filesystem::temp_directory_path() / "weir-pg-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("cannot run a server as `postgres`");
    }
  }
  std::unique_ptr<PostgresServer> server(new PostgresServer(folder, binaries));
  const std::string options = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=20 "
                              "-c shared_buffers=16MB -k " + folder;
  const bool made = server->Command("initdb -D " + folder + "/data -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync");
  std::ofstream(folder + "/data/pg_hba.conf") << "local all secretive scram-sha-256\nlocal all all trust\n";
  if (!made ||
      !server->Command("pg_ctl -D " + folder + "/data -w -l " + folder + "/log -o '" + options + "' start")) {
    throw std::runtime_error("the server did not start; see " + folder + "/log");
  }
  pqxx::connection connection(Connection(folder, "postgres"));
  pqxx::nontransaction(connection).exec("CREATE DATABASE shop");
  return server;
}

PostgresServer::~PostgresServer() {
  Command("pg_ctl -D " + folder_ + "/data -m immediate stop");
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool PostgresServer::Command(const std::string& command) const {
  const std::string prefix = ::geteuid() == 0 ? "cd / && runuser -u postgres -- " : "";
  return std::system((prefix + binaries_ + "/" + command + " >/dev/null 2>&1").c_str()) == 0;
}

void PostgresServer::Run(const std::string& sql) const {
  pqxx::connection connection(Connection(folder_, "shop"));
  pqxx::nontransaction(connection).exec(sql);
}

std::string PostgresServer::One(const std::string& sql) const {
  pqxx::connection connection(Connection(folder_, "shop"));
  return pqxx::nontransaction(connection).exec1(sql)[0].as<std::string>();
}

SourceConfig PostgresServer::Config() const {
  SourceConfig config;
  config.kind = "postgres";
  config.host = folder_;
  config.port = "5432";
  config.dbname = "shop";
  config.user = "postgres";
  return config;
}

}  // namespace weir::gateway
