#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/source.h"

namespace weir::gateway {

// A DuckDB database file, opened read-only in this process with one thread, 256 MB, no extension that is not built in,
// no file and no network. DuckDB puts every cell into text; blobs and floats are put into canonical text here. A view
// that reads files or needs more memory is an error, with the advice to materialize it as a table.
class DuckdbSource final : public Source {
 public:
  explicit DuckdbSource(const SourceConfig& config);  // touches nothing; opened by the first use
  ~DuckdbSource() override;

  std::vector<policies::ColumnSchema> Columns(const std::string& relation) override;
  std::vector<policies::ColumnSchema> Start(const ScanRequest& request) override;
  bool Next(policies::Batch* batch) override;

 private:
  struct Session;
  const std::string path_;
  const std::string library_;
  std::unique_ptr<Session> session_;
};

}  // namespace weir::gateway
