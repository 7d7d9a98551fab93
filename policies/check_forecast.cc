#include "policies/check_forecast.h"

namespace weir::policies {
namespace {

std::string WhatBecomes(const EgressRow& row, const std::string& rows) {
  const std::string stays = "what was sent stays in up to " + rows;
  if (row.change == EgressChange::kRemoved) return row.before == "denied" ? "" : stays;
  if (row.denied) {
    if (row.change == EgressChange::kAdded || row.before == "denied") return {};
    if (row.on_leave == "keep") return stays;
    if (row.on_leave == "blank") return "it is blanked in up to " + rows;
    return "up to " + rows + (row.on_leave == "suppress" ? " are suppressed" : " are deleted");
  }
  if (row.change == EgressChange::kAdded || row.before == "denied") return "up to " + rows + " are sent again with it";
  if (row.before != row.transform) return "up to " + rows + " are sent again in this form";
  return "up to " + rows + " are transformed anew and compared";
}

}  // namespace

void AddForecast(const std::map<std::string, std::uint64_t>& present, CheckReport* report) {
  if (!report->has_base) return;
  for (EgressRow& row : report->egress) {
    const auto found = present.find(row.target);
    if (row.change == EgressChange::kSame || found == present.end()) continue;
    const std::string text = WhatBecomes(row, std::to_string(found->second) + (found->second == 1 ? " row" : " rows"));
    if (text.empty()) continue;
    row.rows_at_most = found->second;
    row.reason += (row.reason.empty() ? "" : "; ") + text;
  }
}

}  // namespace weir::policies
