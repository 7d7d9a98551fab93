#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/destination.h"

namespace weir::gateway {

// A request with all that its views point at.
class RequestRows {
 public:
  using Cell = std::optional<std::string>;

  RequestRows(std::vector<Field> fields, const std::vector<std::vector<Cell>>& rows) : fields_(std::move(fields)) {
    batch_.columns.resize(fields_.size());
    for (const std::vector<Cell>& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i]) {
          batch_.columns[i].AppendText(*row[i]);
        } else {
          batch_.columns[i].AppendNull();
        }
      }
      digits_.push_back("key" + std::to_string(digits_.size()));
    }
    batch_.rows = rows.size();
    keys_.assign(digits_.begin(), digits_.end());
  }
  RequestRows(const RequestRows&) = delete;
  RequestRows& operator=(const RequestRows&) = delete;

  Request Make(Operation operation, std::uint64_t sequence = 1) const {
    Request request;
    request.id = "00ff";
    request.sequence = sequence;
    request.run_id = "run";
    request.operation = operation;
    request.object = "contacts";
    request.fields = fields_;
    request.rows = &batch_;
    request.idempotency_keys = keys_;
    return request;
  }

 private:
  std::vector<Field> fields_;
  policies::Batch batch_;
  std::vector<std::string> digits_;
  std::vector<std::string_view> keys_;
};

}  // namespace weir::gateway
