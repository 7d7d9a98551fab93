#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/clock.h"
#include "audit/file.h"
#include "gateway/destination.h"
#include "gateway/keyring.h"
#include "gateway/progress.h"
#include "gateway/source.h"
#include "gateway/sync_plan.h"
#include "gateway/workspace.h"
#include "policies/approval.h"

namespace weir::gateway {

struct RunOptions {
  bool dry_run = false;             // scan and decide; nothing is sent, nothing is written to log or state
  bool baseline = false;            // record the rows as present without sending them
  bool full_refresh = false;        // send every row again
  std::optional<std::string> only;  // one row: its match value as the warehouse has it (several columns: joined by `,`)
  std::string actor;                // who runs it, for the log: `user@host`
};

// What became of the rows of one run. Every row read is in exactly one of the first group.
struct RunCounts {
  std::uint64_t read = 0;
  std::uint64_t unchanged = 0;          // input as before; or its outgoing bytes are
  std::uint64_t created = 0, updated = 0;  // to be sent (dry run) or delivered
  std::uint64_t withheld = 0;           // a filter or consent stops them
  std::uint64_t refused = 0;            // cannot be sent as they are: see refused_by
  std::uint64_t skipped = 0;            // `--only`: other rows; rejected earlier and not yet due
  std::uint64_t rejected = 0;           // by the destination
  std::uint64_t unknown = 0;            // delivery unknown
  std::uint64_t not_attempted = 0;      // the run stopped before them

  // Rows that leave the destination: delivered requests.
  std::uint64_t deleted = 0, withdrawn = 0, blanked = 0, suppressed = 0;
  std::uint64_t retried = 0;            // attempts beyond the first
  std::uint64_t requests = 0;
  std::uint64_t recovered_unknown = 0;  // intents of a crashed run, closed as unknown
  std::uint64_t vanished = 0;           // the model has them no longer, and they stay at the destination
  std::map<std::string, std::uint64_t> refused_by, rejected_by, unknown_by;

  std::uint64_t sent() const { return created + updated + deleted + withdrawn + blanked + suppressed; }
};

enum class RunStatus : std::uint8_t {
  kDone,         // 0
  kRowsRefused,  // 1: more rows were refused or rejected than `fail_when` lets pass
  kConfig,       // 2: policy or mapping does not allow it
  kUnreadable,   // 3: warehouse, artifact or destination cannot be reached
  kHeld,         // 4: gate, guards, or another run of this sync is under way
  kWaiting,      // 5: a guard holds it, and persons may approve it
  kInDoubt,      // 6: log failed, or deliveries unknown
  kInterrupted,  // 130: SIGINT or SIGTERM; what was under way is finished and logged
};
int ExitStatus(RunStatus status);
std::string_view Name(RunStatus status);  // "done", "rows_refused", …

// What persons signed that lets a run go although gate or guards hold.
struct GrantedApproval {
  policies::Approval approval;
  std::string document;  // SHA-256 of what was signed, hexadecimal
  std::vector<std::string> principals;
  std::optional<std::uint64_t> deletes, changes, rows;  // of the guards that pass
};

struct RunReport {
  std::string sync;      // id
  std::string run_id;
  RunStatus status = RunStatus::kDone;
  RunCounts counts;
  std::vector<SyncPlan::Refusal> reasons;   // why held or refused, and warnings of the gate
  std::vector<GrantedApproval> approvals;   // used by this run; of a dry run: what one would use
  std::optional<SyncPlan> plan;
  std::string checkpoint;                   // signed note; empty: no log was written
  std::uint64_t log_size = 0;
  double scan_seconds = 0, deliver_seconds = 0, total_seconds = 0;
};

// Where a sync's log and state lie.
std::string LogFolder(const Config& config, const policies::SyncSpec& sync);
std::string StateFolder(const Config& config, const policies::SyncSpec& sync);

// The ends of a sync. Null: made as weir.yml says. Tests give their own.
struct RunEnds {
  std::unique_ptr<Source> source;
  std::unique_ptr<Destination> destination;
};

// One sync, whole: recover, plan, gate, scan, decide, deliver, publish. Throws nothing for what can go wrong in a run:
// that is in the report. `stop` becomes true on SIGINT and SIGTERM; the run then ends after the request under way.
RunReport RunSync(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring,
                  const RunOptions& options, const audit::Clock& clock, Progress* progress,
                  const std::atomic<bool>& stop, RunEnds ends = {});

// The first `rows` rows as policy would send them, masked; for `weir preview`. Reads the warehouse, sends nothing,
// writes nothing. A withheld row shows as such without values.
struct PreviewRow {
  bool withheld = false;
  std::string problem;                              // why it would be refused; empty: it would go
  std::vector<std::optional<std::string>> fields;   // as plan.fields
};
struct Preview {
  SyncPlan plan;
  std::vector<PreviewRow> rows;
};
Preview PreviewSync(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring,
                    std::size_t rows, audit::Time now);

}  // namespace weir::gateway
