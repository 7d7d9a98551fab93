#pragma once

#include <string>

#include "gateway/run_sync.h"
#include "gateway/terminal.h"

namespace weir::gateway {

// What one run did, for a person. `dry_run`: nothing was sent, so the words are of what would be.
void PrintRunReport(const RunReport& report, const policies::SyncSpec& sync, bool dry_run, Terminal& terminal);

// The same as a JSON object (gateway/README.md, "JSON documents"), as text. Counts and ids only.
std::string RunReportJson(const RunReport& report, const policies::SyncSpec& sync);

// The root hash of a checkpoint's note in base64: its third line; empty when there is none.
std::string RootOf(const std::string& checkpoint);

}  // namespace weir::gateway
