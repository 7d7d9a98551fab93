#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> ImportCodes() {
  static constexpr MessageCode kCodes[] = {
      {"W-IMP-001", "the file is no configuration of dbt-bouncer",
       "`weir import dbt-bouncer` reads dbt-bouncer.yml: lists of checks under `manifest_checks` and the like.",
       "Name the file that `dbt-bouncer --config-file` reads; a `[tool.dbt-bouncer]` table of pyproject.toml must be moved to "
       "YAML first."},
      {"W-IMP-002", "the file is no data contract of version 3",
       "`weir import odcs` reads the Open Data Contract Standard from version 3.0.0 on; earlier ones name things otherwise.",
       "Look at `kind` and `apiVersion` at the top of the file, and migrate an older contract first."},
      {"W-IMP-003", "the output is there already",
       "An import writes new files only: whoever wrote the one that is there decided something.",
       "Name another file, or move the one that is there away."},
  };
  return kCodes;
}

}  // namespace weir::gateway
