#include "manifest/artifact_schema.h"

#include "manifest/artifacts.h"

namespace weir::manifest {

ArtifactSchema ParseSchema(std::string_view url) {
  const std::size_t slash = url.rfind('/');
  if (slash == std::string_view::npos) return {};
  std::string_view version = url.substr(slash + 1);
  if (version.ends_with(".json")) version.remove_suffix(5);
  const std::string_view rest = url.substr(0, slash);
  const std::size_t before = rest.rfind('/');
  return {std::string(rest.substr(before == std::string_view::npos ? 0 : before + 1)), std::string(version)};
}

std::string RequireSchema(JsonNode& url, const AcceptedSchema& accepted) {
  const std::string text = url.Text();
  const ArtifactSchema schema = ParseSchema(text);
  const std::string kind(accepted.kind);
  if (schema.kind.empty() || schema.version.empty()) {
    url.RefuseAs("W-ART-003", "the schema `" + text.substr(0, 100) + "` is not one of dbt's");
  }
  if (schema.kind != kind) {
    url.RefuseAs("W-ART-003", "this is a dbt `" + schema.kind + "`, not a `" + kind +
                                  "`; give weir the target folder as dbt wrote it");
  }
  if (schema.version.find(' ') != std::string::npos ||
      accepted.versions.find(" " + schema.version + " ") == std::string_view::npos) {
    url.RefuseAs("W-ART-003", kind + " `" + schema.version +
                                  "` is not known to this version of weir, which reads " +
                                  std::string(accepted.spoken));
  }
  return schema.version;
}

void ThrowNoSchema(const std::string& path, const AcceptedSchema& accepted) {
  throw ArtifactError("W-ART-003", path + ": has no `metadata.dbt_schema_version`; is it a dbt `" +
                                       std::string(accepted.kind) + "`?");
}

}  // namespace weir::manifest
