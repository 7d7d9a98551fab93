#pragma once

#include <string>

#include "policies/egress_register.h"
#include "policies/report_page.h"

namespace weir::policies {

// The register of processing as far as policy and manifest know it (Regulation (EU) 2016/679, Article 30(1)): purposes,
// categories of data subjects and of data, recipients, transfers. What they do not know (the controller, how long a
// recipient keeps data, security as a whole) is said to be unknown, never left out. Pure functions.
ReportPage RopaPage(const EgressRegister& egress);
// The document `weir.report.ropa`; gateway/README.md, "JSON documents".
std::string RopaJson(const EgressRegister& egress);

}  // namespace weir::policies
