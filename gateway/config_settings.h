#pragma once

#include <map>
#include <string>

#include "manifest/value.h"
#include "policies/check_config.h"

namespace weir::gateway {

// Every scalar of weir.yml by its path (`destinations.crm.url`, `projects[0].target`), of every environment, but those of
// `syncs:`: for who compares two files. `root`: the whole file, as it is written. What may not be shown has no text to show.
std::map<std::string, policies::ConfigSetting> SettingsOf(const manifest::Value& root);

}  // namespace weir::gateway
