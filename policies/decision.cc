#include "policies/decision.h"

namespace weir::policies {

std::string_view Name(Use use) {
  switch (use) {
    case Use::kSend:
      return "send";
    case Use::kMatch:
      return "match";
    case Use::kFilter:
      return "filter";
    case Use::kSubject:
      return "subject";
  }
  return "send";
}

std::string ColumnDecision::CannotRun() const {
  if ((use != Use::kSend && use != Use::kMatch) || policies::CanRun(transform)) return {};
  return "column `" + column + "` would leave as `" + transform.ToText() +
         "`, which this version of weir decides and cannot run; nothing stands in for it: take the column out of the "
         "sync, or have it given in another form";
}

}  // namespace weir::policies
