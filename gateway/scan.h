#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/duplicate_keys.h"
#include "gateway/progress.h"
#include "gateway/row_digests.h"
#include "gateway/run_sync.h"
#include "gateway/source.h"
#include "gateway/spool.h"
#include "gateway/sync_plan.h"
#include "gateway/sync_state.h"
#include "policies/program.h"
#include "policies/row_filter.h"

namespace weir::gateway {

// What a whole scan found. Nothing has been sent or written to log or state.
struct ScanResult {
  explicit ScanResult(const std::string& folder) : leaving(folder), present(folder), quiet(folder) {}

  Spool leaving;  // deletes, blanks and suppressions; they are delivered first
  Spool present;  // rows that are new or changed
  Spool quiet;    // input changed, outgoing bytes did not: a state record each, no fields
  std::vector<bool> seen;           // by index of the state
  std::uint64_t null_keys = 0;      // rows
  std::uint64_t duplicate_keys = 0; // keys
  std::uint64_t changed_present = 0;  // rows that the destination has and that would be updated
  bool interrupted = false;
};

// Phase one. Everything that it refers to outlives it.
class Scanner {
 public:
  Scanner(const SyncPlan& plan, const Keyring& keyring, const Config& config, const SyncState& state,
          const RunOptions& options, std::uint32_t run_number, bool may_repeat_inserts, RowDigests* digests,
          ScanResult* result, RunCounts* counts);
  ~Scanner();

  // Reads `source` (started with plan.input_columns) to its end. Throws SourceError, PolicyError, audit::FileError.
  void Run(Source& source, Progress* progress, const std::atomic<bool>& stop);

 private:
  struct Row;
  void OnBatch(const policies::Batch& batch);
  bool WantsRow(const policies::Batch& batch, std::uint32_t row) const;
  void OnRow(const policies::Batch& batch, std::uint32_t row, bool withheld);
  void OnPresent(const policies::Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index);
  void OnWithheld(const policies::Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index);
  void FlushChanged(const policies::Batch& batch);
  bool Leaks(const policies::Batch& batch, std::uint32_t in_row, std::uint32_t out_row) const;
  std::uint32_t AddSubjects(const policies::Batch& batch, std::uint32_t row, SpoolChunk* chunk);
  void Refuse(std::string_view problem);

  const SyncPlan& plan_;
  const SyncState& state_;
  const RunOptions& options_;
  const std::uint32_t run_number_;
  const bool may_repeat_inserts_;
  const bool only_new_;  // modes that never change a row that is there
  RowDigests& digests_;
  ScanResult& result_;
  RunCounts& counts_;

  policies::Program program_;
  policies::Program match_program_;
  std::vector<policies::RowFilter> filters_;
  DuplicateKeys duplicates_;

  // Of the batch at hand.
  policies::Batch match_, outgoing_;
  std::vector<policies::RowProblem> match_problems_, problems_;
  std::vector<std::uint8_t> pass_, filter_pass_;
  std::vector<std::uint32_t> all_rows_, changed_;
  std::vector<Row> changed_rows_;
  SpoolChunk leaving_chunk_, present_chunk_, quiet_chunk_;
  std::string cells_, outgoing_cells_;
};

}  // namespace weir::gateway
