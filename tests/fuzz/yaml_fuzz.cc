#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifest/diagnostic.h"
#include "manifest/yaml_document.h"

namespace weir::manifest {

// Any bytes as YAML: a value or errors, never both, never neither.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  diagnostics.AddSource("f.yml", std::string(text));
  const std::optional<Value> value = ReadYaml(text, "f.yml", &diagnostics);
  if (value.has_value() == diagnostics.HasErrors()) std::abort();
  (void)diagnostics.Render();
  if (value) (void)value->CanonicalJson();
  return 0;
}

}  // namespace weir::manifest
