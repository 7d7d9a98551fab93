#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/check.h"

namespace weir::policies {

// Exposures that declare no sync have an audience too: whoever opens the dashboard sees the columns of the models under
// it, as they are. policies/README.md, "Dashboards", has the rule.

// What an exposure's `config.meta.weir` says of its audience.
struct AudienceSpec {
  std::string audience;  // a destination of the policy
  std::string purpose;   // empty: none
};

// True for a block that declares an audience and no sync.
bool DeclaresAudience(const manifest::Value& weir);
// Reports what is wrong with it, with `where` before each message; nullopt then.
std::optional<AudienceSpec> ReadAudience(const manifest::Value& weir, const std::string& where, const std::string& file,
                                         manifest::Diagnostics* diagnostics);

// `https://bi.acme.com` of `https://bi.acme.com/dashboards/7`, in lower case, without the scheme's own port; empty for
// what is no http or https address.
std::string OriginOfUrl(std::string_view url);

// Findings about the exposures of the project that declare no sync; fingerprints are not set.
std::vector<Finding> FindShown(const CheckSide& side);

}  // namespace weir::policies
