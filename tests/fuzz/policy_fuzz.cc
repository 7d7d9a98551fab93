#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "manifest/diagnostic.h"
#include "manifest/yaml_document.h"
#include "policies/policy.h"
#include "policies/policy_document.h"
#include "policies/validate.h"

namespace weir::policies {

// Any bytes as a file of a policy folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  manifest::Diagnostics diagnostics;
  const std::optional<manifest::Value> value = manifest::ReadYaml(text, "p.yml", &diagnostics);
  if (!value) return 0;
  Policy policy;
  PolicyDocument(&policy, &diagnostics).Read(*value, "p.yml");
  ValidatePolicy(policy, &diagnostics);
  ValidateAgainst(policy, manifest::Project(), &diagnostics);
  (void)diagnostics.Render();
  return 0;
}

}  // namespace weir::policies
