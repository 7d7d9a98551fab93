#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policies/batch.h"
#include "policies/pattern.h"
#include "policies/value_criterion.h"

namespace weir::policies {

// A criterion compiled to be asked of many values. Finds what stands anywhere in a text, by the borders of words, for a
// remark that holds an address gives the address away; of a text, the first 16 KiB are looked at. Immutable; safe to use
// from several threads.
class ValueDetector {
 public:
  static constexpr std::size_t kMostBytes = 16u << 10;

  // Throws PolicyError when its pattern cannot be compiled.
  explicit ValueDetector(const ValueCriterion& criterion);

  // Detectors look at texts, documents and integers; a pattern of the policy at every type.
  bool LooksAt(ColumnType type) const;
  bool Found(std::string_view text) const;

 private:
  bool FoundPattern(std::string_view text) const;
  bool IsValid(std::string_view text, Pattern::Place place) const;

  std::optional<Detector> detector_;
  ValueCriterion::Check check_ = ValueCriterion::Check::kNone;
  Pattern pattern_;
};

}  // namespace weir::policies
