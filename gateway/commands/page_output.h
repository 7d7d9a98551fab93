#pragma once

#include "gateway/terminal.h"
#include "policies/report_page.h"

namespace weir::gateway {

// A report for reading where it is printed: facts aligned, tables in columns, long text folded to the terminal's width. What
// the page shows as code stands there without its backticks.
void PrintPage(const policies::ReportPage& page, Terminal& out);

}  // namespace weir::gateway
