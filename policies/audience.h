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

// Who looks at an exposure that declares no sync, and at what.
struct ExposureAudience {
  std::string name;                                // of the destination, also where there is none; empty: nobody says which
  const DestinationFacts* destination = nullptr;   // null: not known, or `refusal` says why not
  std::string purpose;
  std::string refusal;                             // with what to do; empty: it may be shown to it
  std::vector<const manifest::Node*> models;       // models, seeds and snapshots, also those under its metrics
  std::vector<const manifest::Source*> sources;    // read without a model between: no rule is about those
};
ExposureAudience AudienceOf(const Policy& policy, const manifest::Project& project, const manifest::Exposure& exposure);

// The exposures of the project itself that declare none of `syncs`, in the manifest's order.
std::vector<const manifest::Exposure*> ExposuresWithoutSync(const manifest::Project& project,
                                                            const std::vector<SyncSpec>& syncs);

// Findings about the exposures of the project that declare no sync; fingerprints are not set.
std::vector<Finding> FindShown(const CheckSide& side);

}  // namespace weir::policies
