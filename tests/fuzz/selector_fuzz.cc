#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/artifacts.h"
#include "manifest/relation.h"
#include "manifest/selector.h"

namespace weir::manifest {

// Any text as a selector, a glob, a path pattern and a relation name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Project project = [] {
    Project made;
    Node node;
    node.unique_id = "model.shop.a.v1";
    node.resource_type = "model";
    node.name = "a";
    node.package = "shop";
    node.version = "1";
    node.fqn = {"shop", "marts", "a", "v1"};
    node.original_file_path = "models/marts/a_v1.sql";
    made.nodes.push_back(node);
    return made;
  }();
  if (size > 200) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string error;
  if (const std::optional<Selector> selector = Selector::Parse(text, &error)) (void)selector->Select(project);
  (void)MatchesGlob(text.substr(size / 2), text.substr(0, size / 2));
  (void)MatchesPathGlob(text.substr(size / 2), text.substr(0, size / 2));
  (void)SameRelation(text.substr(size / 2), text.substr(0, size / 2), "postgres");
  return 0;
}

}  // namespace weir::manifest
