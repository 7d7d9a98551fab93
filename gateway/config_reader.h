#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config.h"
#include "manifest/diagnostic.h"
#include "manifest/fields.h"
#include "manifest/value.h"

namespace weir::gateway {

// What every part of weir.yml is read with: whose file, where relative paths start, who hears of errors. Not
// thread-safe; `diagnostics` outlives it.
struct ConfigReader {
  std::string file;
  std::string folder;  // absolute
  manifest::Diagnostics* diagnostics = nullptr;

  manifest::Fields Open(const manifest::Value& value, std::string what) const;
  void Error(std::string_view code, manifest::Position at, std::string message) const;

  // `path` from the folder of weir.yml, without `.` and `..`, without a slash at its end.
  std::string Absolute(std::string_view path) const;
  // Absent: nullopt. Empty: reported.
  std::optional<std::string> Path(manifest::Fields* fields, std::string_view key) const;
  // `500ms`, `30s`, `5m`; one that is no duration or beyond the bounds is reported and reads as absent.
  std::optional<std::chrono::milliseconds> Duration(manifest::Fields* fields, std::string_view key,
                                                    std::chrono::milliseconds least,
                                                    std::chrono::milliseconds most) const;
  // A literal where a reference belongs is reported without a byte of it.
  SecretReference Secret(const manifest::Value& value, const std::string& what) const;
};

// A name that may become part of a path: lower-case letters, digits, `_` and `-`, at most 64.
bool IsConfigName(std::string_view name);

SourceConfig ReadSourceConfig(const ConfigReader& reader, const manifest::Value& value, const std::string& what);
DestinationConfig ReadDestinationConfig(const ConfigReader& reader, const manifest::Value& value,
                                        const std::string& name);

// The text of weir.yml as diagnostics may show it: a scalar is kept only under a key that is known to hold no secret,
// or when it is a reference. `root` is what was read from `text`. Positions stay what they were.
std::string HideLiterals(std::string_view text, const manifest::Value& root);

// Whether a message may show the scalar `text` that stands under `key`.
bool MayShow(std::string_view key, const std::string& text);

}  // namespace weir::gateway
