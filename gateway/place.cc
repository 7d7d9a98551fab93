#include "gateway/place.h"

#include <filesystem>

namespace weir::gateway {
namespace {

std::string Ticked(const std::string& text) {
  std::string out = "`";
  for (const char c : text) out += c == '`' ? std::string("%60") : std::string(1, c);
  return out + "`";
}

std::string FromFolder(const std::string& path, const std::string& folder) {
  const std::filesystem::path whole = std::filesystem::path(path).lexically_normal();
  const std::filesystem::path relative = whole.lexically_relative(std::filesystem::path(folder).lexically_normal());
  const bool inside = !relative.empty() && *relative.begin() != "..";
  return inside ? relative.string() : whole.string();
}

}  // namespace

std::string PlaceOf(const Config& config, const policies::SyncSpec& sync) {
  std::string out = Ticked(sync.destination);
  if (const auto found = config.destinations.find(sync.destination); found != config.destinations.end()) {
    const DestinationConfig& destination = found->second;
    out += " at " + Ticked(destination.kind == "http" ? destination.url
                                                      : FromFolder(destination.path, destination.base_folder));
  }
  if (!sync.object.empty()) out += ", object " + Ticked(sync.object);
  return out;
}

}  // namespace weir::gateway
