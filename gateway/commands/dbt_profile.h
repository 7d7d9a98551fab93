#pragma once

#include <string>

namespace weir::gateway {

// What `weir init` takes over from dbt's own configuration. Never a secret: of a password only where it is read from.
struct DbtProfile {
  std::string project_name;
  std::string target_folder = "target";  // `target-path` of dbt_project.yml
  std::string found_in;   // the profiles.yml that was read; empty: none
  std::string problem;    // why profiles.yml says nothing; empty: it does
  std::string type;       // adapter: duckdb, postgres, …
  std::string path;       // duckdb
  std::string host, port, dbname, user, sslmode;  // postgres
  std::string password_variable;  // the environment variable that profiles.yml names; empty: it names none
};

// Reads dbt_project.yml in `project_folder` and profiles.yml in `profiles_folder`, else where dbt looks: DBT_PROFILES_DIR,
// the project, ~/.dbt. Of Jinja it understands a scalar that is one `{{ env_var('NAME', 'default') }}`. Never throws for
// what the files say.
DbtProfile ReadDbtProfile(const std::string& project_folder, const std::string& profiles_folder);

// A scalar that is one call of env_var.
struct EnvVarCall {
  std::string name;
  std::string fallback;
  bool has_fallback = false;
};
bool ParseEnvVarCall(const std::string& text, EnvVarCall* call);

}  // namespace weir::gateway
