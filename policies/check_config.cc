#include "policies/check_config.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "policies/check.h"

namespace weir::policies {
namespace {

using Settings = std::map<std::string, ConfigSetting>;

// `environments.prod.destinations.crm.headers.Authorization`.
struct Address {
  std::string environment;  // empty: at the top
  std::string destination;  // empty: of none
  std::string key;          // of the destination: `headers.Authorization`
};

Address Read(std::string_view path) {
  const auto take = [&path](std::string_view word) {
    if (!path.starts_with(word)) return std::string_view();
    const std::size_t end = std::min(path.find('.', word.size()), path.size());
    const std::string_view name = path.substr(word.size(), end - word.size());
    path.remove_prefix(std::min(end + 1, path.size()));
    return name;
  };
  Address out;
  out.environment = take("environments.");
  out.destination = take("destinations.");
  out.key = path;
  return out;
}

bool IsHarmless(const Address& address) {
  static constexpr auto kHarmless =
      std::to_array<std::string_view>({"connect_timeout", "timeout", "max_rows", "max_bytes"});
  if (address.destination.empty()) return false;
  return address.key.starts_with("retry.") || std::find(kHarmless.begin(), kHarmless.end(), address.key) != kHarmless.end();
}

bool SaysWhere(const Address& address) {
  return !address.destination.empty() && (address.key == "kind" || address.key == "url" || address.key == "path" || address.key == "format" ||
                                          address.key.starts_with("headers."));
}

// Names of destinations, of whatever environment.
std::set<std::string> Connected(const Settings& settings) {
  std::set<std::string> out;
  for (const auto& [path, setting] : settings) out.insert(Read(path).destination);
  return out;
}

// Null pointer: the key is not there.
std::string Shown(const ConfigSetting* setting) {
  if (setting == nullptr) return "nothing";
  return setting->shown.empty() ? "what is not shown" : "`" + setting->shown + "`";
}

class Differ {
 public:
  Differ(const CheckSide& head, const CheckSide& base) : head_(head), connected_(Connected(base.settings)) {}

  void Add(const std::string& path, const ConfigSetting* before, const ConfigSetting* now) {
    if (before != nullptr && now != nullptr && before->value == now->value) return;
    const Address address = Read(path);
    if (IsHarmless(address)) return;
    if (!address.destination.empty() && !connected_.contains(address.destination)) return;
    Finding finding;
    finding.level = FindingLevel::kWarning;
    finding.rule = SaysWhere(address) ? "destination-changed" : "config-changed";
    finding.target = address.destination.empty() ? "config" : "destination:" + address.destination;
    finding.destination = address.destination;
    finding.detail = path;
    finding.message = head_.config + " changes `" + path + "` from " + Shown(before) + " to " + Shown(now) + "; make sure that it is meant";
    finding.path = head_.config;
    if (now != nullptr) finding.line = now->line, finding.line_column = now->line_column;
    out_.push_back(std::move(finding));
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  const CheckSide& head_;
  const std::set<std::string> connected_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindChangedConfig(const CheckSide& head, const CheckSide& base) {
  if (!base.no_config.empty()) {
    Finding finding;
    finding.rule = "base-config-unknown";
    finding.level = FindingLevel::kWarning;
    finding.target = "base";
    finding.message = base.no_config + ", so that nobody sees what the pull request changes in " + head.config +
                      ", and its `syncs:` count as new; give that of the protected branch as `--base-config`";
    finding.path = head.config;
    return {std::move(finding)};
  }
  Differ differ(head, base);
  for (const auto& [path, now] : head.settings) {
    const auto before = base.settings.find(path);
    differ.Add(path, before == base.settings.end() ? nullptr : &before->second, &now);
  }
  for (const auto& [path, before] : base.settings) {
    if (!head.settings.contains(path)) differ.Add(path, &before, nullptr);
  }
  return differ.Take();
}

}  // namespace weir::policies
