#include "policies/recipients.h"

namespace weir::policies {

std::vector<Recipient> PossibleRecipients(const Policy& policy, const Audience& to) {
  std::vector<std::string> purposes;
  for (const Purpose& purpose : policy.purposes) purposes.push_back(purpose.name);
  if (purposes.empty()) purposes.emplace_back();
  Rule asked;  // matches as a rule with that `to:` would
  asked.to = to;
  std::vector<Recipient> out;
  for (const DestinationFacts& destination : policy.destinations) {
    for (const std::string& purpose : purposes) {
      const Recipient recipient{&destination, purpose, purpose};
      if (AudienceMismatch(asked, recipient).empty()) out.push_back(recipient);
    }
  }
  return out;
}

std::string Shown(const Recipient& recipient) {
  const std::string& purpose = recipient.claimed_purpose;
  return recipient.destination->name + (purpose.empty() ? "" : " (" + purpose + ")");
}

}  // namespace weir::policies
