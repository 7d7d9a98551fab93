#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::policies {

struct CheckSide;
struct Finding;

// One scalar of weir.yml.
struct ConfigSetting {
  std::string value;
  std::string shown;  // what a message may show of it; empty: nothing
  std::uint32_t line = 0, line_column = 0;
};

// What a pull request changes in weir.yml beside its `syncs:`, which are compared as syncs. Policy pins a destination's
// origin; its path, its folder, the format of its files and the credentials by which it knows an account are weir.yml's alone. What cannot change
// what leaves (time limits, sizes of requests, retries) is left out, and so is a destination that the base does not connect:
// a sync that turns to it is told. One finding where the base's weir.yml is not known. Fingerprints are not set.
std::vector<Finding> FindChangedConfig(const CheckSide& head, const CheckSide& base);

}  // namespace weir::policies
