#include "audit/digest.h"
#include "manifest/resource_reader.h"
#include "manifest/sql_spacing.h"

namespace weir::manifest {

Macro ReadMacro(std::string_view key, JsonNode& json) {
  Macro macro;
  macro.unique_id = key;
  json.EachField([&macro](std::string_view field, JsonNode& value) {
    if (field == "name") {
      macro.name = value.Text();
    } else if (field == "package_name") {
      macro.package = value.Text();
    } else if (field == "macro_sql") {
      macro.digest = audit::Sha256(WithoutSpacing(value.Text()));
    } else if (field == "depends_on" && value.IsMap()) {
      value.EachField([&macro](std::string_view inner, JsonNode& of_it) {
        if (inner == "macros") macro.depends_on = ReadStrings(of_it);
      });
    }
  });
  return macro;
}

}  // namespace weir::manifest
