#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weir::manifest {

// Strict reading of one map: every key is asked for by name, and Finish reports those that nobody asked for, with a
// suggestion. A value of the wrong type is reported and reads as absent; nothing throws. Used by policies, weir.yml and
// the `weir` block of an exposure. Not thread-safe; `value` and `diagnostics` outlive it.
class Fields {
 public:
  // `what` names the map in messages: "destination `crm`". `code`: of the diagnostics. A `value` that is not a map is
  // reported at once, with `example` of one where it is given. Where positions are unknown (JSON meta), `file` may be a
  // unique_id: `exposure.shop.crm`.
  Fields(const Value& value, std::string what, std::string file, std::string code, Diagnostics* diagnostics,
         std::string_view example = {});

  const Value* Any(std::string_view key);        // null pointer when absent; a null value counts as absent
  const Value* Required(std::string_view key);   // reports its absence
  std::optional<std::string> String(std::string_view key);
  std::optional<std::string> RequiredString(std::string_view key);
  std::optional<bool> Bool(std::string_view key);
  std::optional<std::int64_t> Integer(std::string_view key, std::int64_t least, std::int64_t most);
  // A list of strings; a single string counts as a list of one.
  std::vector<std::string> Strings(std::string_view key);
  // One of `choices`; reports others with a suggestion.
  std::optional<std::string> Choice(std::string_view key, const std::vector<std::string>& choices);

  void Error(const Value& at, std::string message);
  void Error(Position at, std::string message);
  // Reports every key that was not asked for. Call once, last.
  void Finish();

  const Value& value() const { return value_; }
  const std::string& file() const { return file_; }

 private:
  const Value& value_;
  std::string what_;
  std::string file_;
  std::string code_;
  Diagnostics* diagnostics_;
  std::vector<std::string> asked_;
};

// "90s", "15m", "6h", "2d" (one unit): seconds; nullopt when it is not such.
std::optional<std::int64_t> ParseDurationSeconds(std::string_view text);

}  // namespace weir::manifest
