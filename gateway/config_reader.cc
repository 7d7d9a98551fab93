#include "gateway/config_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace weir::gateway {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> ParseDuration(std::string_view text) {
  if (text.ends_with("ms")) {
    text.remove_suffix(2);
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stopped != end || text.empty() || count < 0) return std::nullopt;
    return milliseconds(count);
  }
  const std::optional<std::int64_t> seconds = manifest::ParseDurationSeconds(text);
  if (!seconds || *seconds > 366 * 86'400) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

std::string Show(milliseconds duration) {
  if (duration.count() % 60'000 == 0) return std::to_string(duration.count() / 60'000) + "m";
  if (duration.count() % 1000 == 0) return std::to_string(duration.count() / 1000) + "s";
  return std::to_string(duration.count()) + "ms";
}

}  // namespace

manifest::Fields ConfigReader::Open(const manifest::Value& value, std::string what) const {
  return manifest::Fields(value, std::move(what), file, "W-CFG-002", diagnostics);
}

void ConfigReader::Error(std::string_view code, manifest::Position at, std::string message) const {
  diagnostics->Error(code, file, at, std::move(message));
}

std::string ConfigReader::Absolute(std::string_view path) const {
  std::string whole = (std::filesystem::path(folder) / std::filesystem::path(path)).lexically_normal().string();
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  return whole;
}

std::optional<std::string> ConfigReader::Path(manifest::Fields* fields, std::string_view key) const {
  const std::optional<std::string> path = fields->String(key);
  if (!path) return std::nullopt;
  if (path->empty()) {
    fields->Error(*fields->value().Find(key), "`" + std::string(key) + "` is empty; name a path");
    return std::nullopt;
  }
  if (path->find("://") != std::string::npos) {
    fields->Error(*fields->value().Find(key),
                  "`" + std::string(key) + "` must be a path on this machine in this version of Weir");
    return std::nullopt;
  }
  return Absolute(*path);
}

std::optional<milliseconds> ConfigReader::Duration(manifest::Fields* fields, std::string_view key, milliseconds least,
                                                   milliseconds most) const {
  const std::optional<std::string> text = fields->String(key);
  if (!text) return std::nullopt;
  const std::optional<milliseconds> duration = ParseDuration(*text);
  if (duration && *duration >= least && *duration <= most) return duration;
  const std::string found = text->size() <= 20 ? ", not `" + *text + "`" : "";
  fields->Error(*fields->value().Find(key), "`" + std::string(key) + "` must be a duration from `" + Show(least) +
                                                "` to `" + Show(most) + "`" + found);
  return std::nullopt;
}

SecretReference ConfigReader::Secret(const manifest::Value& value, const std::string& what) const {
  const std::optional<std::string> text = value.AsString();
  if (text) {
    if (std::optional<SecretReference> reference = SecretReference::Parse(*text)) return *std::move(reference);
  }
  Error("W-CFG-004", value.position(),
        what + " must be a reference, never the secret itself: `env:NAME`, `file:PATH` or `command:...`");
  return {};
}

bool IsConfigName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace weir::gateway
