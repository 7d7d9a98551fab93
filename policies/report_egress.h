#pragma once

#include <string>

#include "policies/egress_register.h"
#include "policies/report_page.h"

namespace weir::policies {

// Every field that goes to every recipient: column, class with how it is known, transform, rule, reason. For engineers;
// report_ropa.h tells the same by categories. Pure functions.
ReportPage EgressPage(const EgressRegister& egress);
// The document `weir.report.egress`; gateway/README.md, "JSON documents".
std::string EgressJson(const EgressRegister& egress);

}  // namespace weir::policies
