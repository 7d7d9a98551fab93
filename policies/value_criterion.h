#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifest/fields.h"
#include "policies/detector.h"

namespace weir::policies {

// `value:` of a class: which values make a column one of it.
struct ValueCriterion {
  enum class Check : std::uint8_t { kNone, kLuhn, kIban };

  std::optional<Detector> detector;  // else `pattern`
  std::string pattern;               // RE2, found anywhere in a value
  Check check = Check::kNone;        // of what the pattern found
  double share = 0.2;                // of the values that are not null, above 0 and at most 1
  std::vector<std::string> except;   // `model.column`: looked at by a person, and not of the class

  std::string ToText() const;  // "`email`", "the pattern of `value`"
};

// `email`, or `{detect: email, share: 0.5, except: [dim_orders.note]}`, or `{re2: '…', validate: luhn}`. `what` names the
// class in messages. Reports what is wrong; nullopt then.
std::optional<ValueCriterion> ReadValueCriterion(const manifest::Value& value, const std::string& what,
                                                 const std::string& file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
