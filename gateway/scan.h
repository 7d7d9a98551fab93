#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/duplicate_keys.h"
#include "gateway/outgoing_rows.h"
#include "gateway/progress.h"
#include "gateway/row_digests.h"
#include "gateway/run_sync.h"
#include "gateway/scan_result.h"
#include "gateway/source.h"
#include "gateway/sync_plan.h"
#include "gateway/sync_state.h"
#include "gateway/value_watch.h"
#include "policies/program.h"
#include "policies/row_filter.h"

namespace weir::gateway {

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
  void OnBatch(policies::Batch* batch);  // may take it
  bool WantsRow(const policies::Batch& batch, std::uint32_t row) const;
  void OnRow(const policies::Batch& batch, std::uint32_t row, bool withheld);
  void OnPresent(const policies::Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index);
  // The row stays as it is at the destination: with the values that this batch gives it, or with others.
  void OnStays(std::uint32_t row, bool same);
  void OnWithheld(const policies::Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index);
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

  policies::Program match_program_;
  std::optional<policies::Program> group_program_;  // only what k-anonymity counts by; nullopt: nothing asks for it
  std::vector<policies::RowFilter> filters_;
  DuplicateKeys duplicates_;

  // Of the batch at hand.
  policies::Batch match_;
  std::vector<policies::RowProblem> match_problems_;
  policies::Batch group_fields_;
  std::vector<policies::RowProblem> group_problems_;
  std::vector<std::uint8_t> pass_, filter_pass_;
  std::vector<std::uint32_t> all_rows_;
  std::vector<OutgoingRows::Row> changed_;
  SpoolChunk leaving_chunk_;
  std::string cells_;
  OutgoingRows outgoing_;
  ValueWatch values_;
};

}  // namespace weir::gateway
