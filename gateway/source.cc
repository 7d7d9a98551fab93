#include "gateway/source.h"

#include "gateway/config.h"
#include "gateway/duckdb_source.h"
#include "gateway/postgres_source.h"

namespace weir::gateway {

std::unique_ptr<Source> MakeSource(const SourceConfig& config) {
  if (config.kind == "duckdb") return std::make_unique<DuckdbSource>(config);
  if (config.kind == "postgres") return std::make_unique<PostgresSource>(config);
  throw SourceError("W-SRC-001", "source: kind `" + config.kind + "` is not known; there are `duckdb` and `postgres`");
}

}  // namespace weir::gateway
