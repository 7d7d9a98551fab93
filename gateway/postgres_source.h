#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/source.h"

namespace weir::gateway {

// One PostgreSQL connection (libpq), one read-only transaction at REPEATABLE READ from the first use on, with every
// setting pinned that text output depends on. Rows come by COPY, read by a thread of its own into a few batches ahead of
// who asks for them, so that waiting for the network and work overlap. Passwords are in no message.
class PostgresSource final : public Source {
 public:
  explicit PostgresSource(const SourceConfig& config);  // touches nothing; connected and secrets read by the first use
  // Cancels what the server still does and ends the thread.
  ~PostgresSource() override;

  std::vector<policies::ColumnSchema> Columns(const std::string& relation) override;
  std::vector<policies::ColumnSchema> Start(const ScanRequest& request) override;
  bool Next(policies::Batch* batch) override;

 private:
  struct Session;
  const SourceConfig config_;
  std::unique_ptr<Session> session_;
};

}  // namespace weir::gateway
