#pragma once

#include <cstdint>
#include <string>

#include "audit/log.h"
#include "gateway/run_sync.h"

namespace weir::gateway {

// What a run says of itself in the log of its sync, beside its deliveries. Appended, not yet durable. Throws
// audit::LogError.

std::string NewRunId(audit::Time now);  // RFC 9562 version 7: runs sort by time

struct RunEntries {
  bool started = false;             // the run_start is appended
  std::uint64_t run = 0, plan = 0;  // indices of the run_start and of the plan
};

// run_start, plan, gate and, when there is some, evidence. Throws policies::PolicyError for a plan that no entry can
// hold; `entries` then says that the run has started all the same.
void AppendBeginning(const Workspace& workspace, const policies::SyncSpec& sync, const SyncPlan& plan,
                     const std::string& run_id, const RunOptions& options, audit::Time now, RunEntries* entries,
                     audit::Log* log);

void AppendEnd(std::uint64_t run, const RunReport& report, audit::Time now, audit::Log* log);

}  // namespace weir::gateway
