#include "gateway/config_settings.h"

#include <string_view>

#include "gateway/config_reader.h"

namespace weir::gateway {
namespace {

using manifest::Value;

void Collect(const std::string& path, std::string_view key, const Value& value,
             std::map<std::string, policies::ConfigSetting>* out) {
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    Collect(path + "[" + std::to_string(i) + "]", key, value.items()[i], out);
  }
  for (const Value::Member& member : value.members()) {
    if (path.empty() && member.key == "syncs") continue;
    Collect(path.empty() ? member.key : path + "." + member.key, member.key, member.value, out);
  }
  if (value.kind() == Value::Kind::kList || value.kind() == Value::Kind::kMap) return;
  policies::ConfigSetting setting;
  setting.value = value.text();
  if (MayShow(key, setting.value)) setting.shown = setting.value;
  setting.line = value.position().line;
  setting.line_column = value.position().column;
  (*out)[path] = std::move(setting);
}

}  // namespace

std::map<std::string, policies::ConfigSetting> SettingsOf(const Value& root) {
  std::map<std::string, policies::ConfigSetting> out;
  Collect("", "", root, &out);
  return out;
}

}  // namespace weir::gateway
