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

}  // namespace weir::policies
