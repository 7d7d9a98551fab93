#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gateway/outgoing_rows.h"
#include "gateway/sync_plan.h"
#include "policies/value_detector.h"

namespace weir::gateway {

// Looks at raw values while a run reads them, for classes that nobody gave a column: what plan.value_questions asks. It
// counts, and keeps no value. Why two counts: gateway/decisions/0006-values-are-counted-twice.md. Costs nothing where the
// plan asks nothing. One thread; `plan` outlives it.
class ValueWatch {
 public:
  // So many values must look alike before a share of them says anything, or all where there are fewer.
  static constexpr std::uint64_t kLeastFound = 5;

  // Throws PolicyError when a pattern cannot be compiled.
  explicit ValueWatch(const SyncPlan& plan);

  // `pass`: one a row, not 0 where the row may be sent. `changed`: those of them that are to be sent, ascending.
  void Look(const policies::Batch& batch, std::span<const std::uint8_t> pass, std::span<const OutgoingRows::Row> changed);

  // Why the run is held; empty: no column showed another class. Counts and names only.
  std::vector<SyncPlan::Refusal> Findings() const;

 private:
  struct Counts {
    std::uint64_t values = 0, found = 0;  // values: cells that are not null
  };
  struct Watched {
    const policies::ValueQuestion* question = nullptr;
    std::uint32_t column = 0;  // of the batches
    policies::ValueDetector detector;
    Counts all, changed;
  };

  const SyncPlan& plan_;
  std::vector<Watched> watched_;
  std::vector<std::uint8_t> found_;  // of one column of the batch at hand
};

}  // namespace weir::gateway
