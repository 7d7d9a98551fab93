#include "gateway/config_reader.h"
#include "gateway/web_address.h"

namespace weir::gateway {
namespace {

void ReadDuckdb(const ConfigReader& reader, manifest::Fields* fields, SourceConfig* source) {
  if (const manifest::Value* path = fields->Required("path"); path != nullptr && path->text().find('?') != std::string::npos) {
    // `md:shop?motherduck_token=…`: not even shown.
    reader.Error("W-CFG-006", path->position(), "`path` of the source carries settings behind a `?`; name a plain file, and "
                                                "keep tokens out of weir.yml");
  } else if (path != nullptr) {
    source->path = reader.Path(fields, "path").value_or("");
  }
  source->library = reader.Path(fields, "library").value_or("");
}

void ReadPostgresParts(const ConfigReader& reader, manifest::Fields* fields, SourceConfig* source) {
  source->host = fields->RequiredString("host").value_or("");
  source->port = std::to_string(fields->Integer("port", 1, 65535).value_or(5432));
  source->dbname = fields->RequiredString("dbname").value_or("");
  source->user = fields->RequiredString("user").value_or("");
  if (const manifest::Value* password = fields->Any("password")) {
    source->password = reader.Secret(*password, "`password` of the source");
  }
}

void ReadPostgres(const ConfigReader& reader, manifest::Fields* fields, SourceConfig* source) {
  static const std::vector<std::string> kModes = {"disable", "allow",     "prefer",
                                                  "require", "verify-ca", "verify-full"};
  const manifest::Value* url = fields->Any("url");
  source->sslmode = fields->Choice("sslmode", kModes).value_or("");
  if (url == nullptr) {
    ReadPostgresParts(reader, fields, source);
    const bool here = IsThisMachine(source->host);
    if (source->sslmode.empty()) source->sslmode = here ? "prefer" : "verify-full";
    if (!here && !source->host.empty() && source->sslmode != "verify-full") {
      reader.diagnostics->Warning("W-CFG-009", reader.file, fields->Any("sslmode")->position(),
                                  "`sslmode: " + source->sslmode +
                                      "` does not prove who answers at `" + source->host + "`; use `verify-full`");
    }
    return;
  }
  // A connection string holds a password, so the whole of it is one.
  source->url = reader.Secret(*url, "`url` of the source");
  for (const char* part : {"host", "port", "dbname", "user", "password"}) {
    const manifest::Value* value = fields->Any(part);
    if (value != nullptr) {
      reader.Error("W-CFG-006", value->position(),
                   "`url` already says `" + std::string(part) + "`; remove one of them");
    }
  }
}

}  // namespace

SourceConfig ReadSourceConfig(const ConfigReader& reader, const manifest::Value& value, const std::string& what) {
  SourceConfig source;
  source.base_folder = reader.folder;
  source.position = value.position();
  manifest::Fields fields = reader.Open(value, what);
  if (value.kind() != manifest::Value::Kind::kMap) return source;
  if (const manifest::Value* profile = fields.Any("profile")) {
    reader.Error("W-CFG-006", profile->position(),
                 "`profile` is not read by this version; write `kind: duckdb` with `path`, or `kind: postgres` with "
                 "`host`, `dbname`, `user` and `password`");
    return source;
  }
  if (fields.Required("kind") == nullptr) return source;
  const std::optional<std::string> kind = fields.Choice("kind", {"duckdb", "postgres"});
  if (!kind) return source;
  source.kind = *kind;
  if (source.kind == "duckdb") {
    ReadDuckdb(reader, &fields, &source);
  } else {
    ReadPostgres(reader, &fields, &source);
  }
  fields.Finish();
  return source;
}

}  // namespace weir::gateway
