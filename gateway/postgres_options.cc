#include "gateway/postgres_options.h"

#include <libpq-fe.h>

#include <algorithm>

#include <map>
#include <memory>

#include "gateway/source.h"
#include "gateway/web_address.h"

namespace weir::gateway {
namespace {

using Parameters = std::map<std::string, std::string>;

Parameters ParseUrl(const std::string& url) {
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), &reason),
                                                                            &PQconninfoFree);
  if (reason != nullptr) PQfreemem(reason);  // quotes the text, and with it the password
  if (options == nullptr) {
    throw SourceError("W-SRC-003", "`url` of the source is no connection string of PostgreSQL; write "
                                   "`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, percent-encoded");
  }
  Parameters parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters[option->keyword] = option->val;
  }
  return parameters;
}

void SetUnlessEmpty(Parameters* parameters, const std::string& name, const std::string& value) {
  if (!value.empty()) (*parameters)[name] = value;
}

std::string Or(const Parameters& parameters, const std::string& name, const std::string& otherwise) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? otherwise : found->second;
}

// A host list is as far away as its farthest; none at all is this machine's socket folder.
bool IsAllHere(const Parameters& parameters) {
  for (const char* name : {"host", "hostaddr"}) {
    const std::string hosts = Or(parameters, name, "");
    for (std::size_t at = 0; at < hosts.size();) {
      const std::size_t comma = std::min(hosts.find(',', at), hosts.size());
      if (!IsThisMachine(std::string_view(hosts).substr(at, comma - at))) return false;
      at = comma + 1;
    }
  }
  return true;
}

std::string Quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

}  // namespace

PostgresOptions ResolvePostgresOptions(const SourceConfig& config) {
  Parameters parameters;
  if (!config.url.empty()) parameters = ParseUrl(config.url.Resolve(config.base_folder));
  SetUnlessEmpty(&parameters, "host", config.host);
  SetUnlessEmpty(&parameters, "port", config.port);
  SetUnlessEmpty(&parameters, "dbname", config.dbname);
  SetUnlessEmpty(&parameters, "user", config.user);
  if (!config.password.empty()) parameters["password"] = config.password.Resolve(config.base_folder);
  SetUnlessEmpty(&parameters, "sslmode", config.sslmode);
  if (!parameters.contains("sslmode")) parameters["sslmode"] = IsAllHere(parameters) ? "prefer" : "verify-full";
  parameters["application_name"] = "weir";
  parameters["client_encoding"] = "UTF8";
  parameters.try_emplace("connect_timeout", "10");  // seconds
  parameters.try_emplace("keepalives_idle", "30");
  parameters.try_emplace("keepalives_interval", "10");
  parameters.try_emplace("keepalives_count", "3");
  PostgresOptions options;
  for (const auto& [name, value] : parameters) options.text += name + "=" + Quoted(value) + " ";
  options.dbname = Or(parameters, "dbname", Or(parameters, "user", ""));
  options.server = "`" + Or(parameters, "host", "this machine") + "` port " + Or(parameters, "port", "5432") + ", database `" +
                   options.dbname + "`, user `" + Or(parameters, "user", "") + "`";
  return options;
}

}  // namespace weir::gateway
