#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weir::manifest {

struct YamlLimits {
  std::size_t max_bytes = 4u << 20;
  std::size_t max_depth = 64;
  std::size_t max_nodes = 200'000;
};

// Reads one YAML document strictly: aliases, anchors, tags, duplicate keys, non-scalar keys, a second document and
// invalid UTF-8 and control characters are errors, each located. nullopt when there was any. An empty document is null.
// Codes: W-YAML-001 not YAML, 002 alias, anchor, tag or merge key, 003 duplicate key, 004 bytes, 005 limit.
std::optional<Value> ReadYaml(std::string_view text, const std::string& file, Diagnostics* diagnostics,
                              const YamlLimits& limits = {});

// What can be made of somebody else's YAML, such as dbt's, for finding positions in it: Jinja that stands without quotes is
// text; aliases are null, anchors, tags and duplicate keys pass (the first counts); behind what is no YAML nothing is there.
// nullopt: nothing at all, or bytes that strict reading refuses, or a limit.
std::optional<Value> ReadYamlLeniently(std::string_view text, const YamlLimits& limits = {});

}  // namespace weir::manifest
