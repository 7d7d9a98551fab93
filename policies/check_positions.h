#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "manifest/declarations.h"
#include "manifest/project.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// Where a person looks: in the dbt YAML that declares the thing, else as near as is known. Line and column are 1-based
// (columns count bytes); 0 where not known.
struct Place {
  std::string path;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// Places of one side of a check. Not thread-safe, as Declarations.
class Positions {
 public:
  // `declarations` may be null: then paths are the manifest's, without lines. `folder` is put before paths of the dbt
  // project (`analytics/`; empty: none). All outlive this.
  Positions(const manifest::Project& project, manifest::Declarations* declarations, std::string_view folder)
      : project_(project), declarations_(declarations), folder_(folder) {}

  // Of the exposure that declares it, or in weir.yml.
  Place Of(const SyncSpec& sync) const;
  Place Of(const manifest::Exposure& exposure) const;
  // Of a model, source or test; of a column of it. `otherwise` when nothing is known.
  Place Of(std::string_view unique_id, const Place& otherwise) const;
  Place OfColumn(std::string_view unique_id, std::string_view column, const Place& otherwise) const;

 private:
  Place At(const manifest::DeclaredAt& at) const;
  std::string FileOf(std::string_view unique_id) const;  // of the YAML or SQL, as the manifest has it; empty: unknown

  const manifest::Project& project_;
  manifest::Declarations* declarations_;
  std::string folder_;
};

}  // namespace weir::policies
