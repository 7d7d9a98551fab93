#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "audit/entry.h"

namespace weir::audit {

// What `approval` and `override` entries must say, and that a signed document is used once in a log. Memory grows with
// the documents used.
class ApprovalRules {
 public:
  using Report = std::function<void(std::uint64_t index, const std::string& message)>;

  explicit ApprovalRules(Report report) : report_(std::move(report)) {}

  void Check(std::uint64_t index, const Entry& entry);

 private:
  void CheckUse(std::uint64_t index, const JsonValue& value);

  Report report_;
  std::map<std::string, std::uint64_t, std::less<>> used_;  // document -> entry that used it
};

}  // namespace weir::audit
