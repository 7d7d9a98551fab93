#include "manifest/duckdb_stream.h"

namespace weir::manifest {

DuckdbStream::DuckdbStream(const DuckdbApi& api, DuckdbConnection* connection, const std::string& sql) : api_(api) {
  if (api_.prepare(connection, sql.c_str(), &prepared_) != kDuckdbSuccess) {
    Fail(api_.prepare_error(prepared_));
  } else if (api_.pending_prepared_streaming(prepared_, &pending_) != kDuckdbSuccess) {
    Fail(api_.pending_error(pending_));
  } else if (api_.execute_pending(pending_, &result_) != kDuckdbSuccess) {
    const char* message = api_.result_error(&result_);
    Fail(message != nullptr ? message : api_.pending_error(pending_));
  }
}

// In the order that DuckDB wants.
DuckdbStream::~DuckdbStream() {
  DropChunk();
  api_.destroy_result(&result_);
  if (pending_ != nullptr) api_.destroy_pending(&pending_);
  if (prepared_ != nullptr) api_.destroy_prepare(&prepared_);
}

DuckdbChunk* DuckdbStream::Advance() {
  for (;;) {
    DropChunk();
    if (failed_) return nullptr;
    chunk_ = api_.fetch_chunk(result_);
    if (chunk_ == nullptr) {
      if (const char* message = api_.result_error(&result_)) Fail(message);
      return nullptr;
    }
    if (rows() > 0) return chunk_;
  }
}

DuckdbStream::Cells DuckdbStream::Column(std::size_t index) const {
  DuckdbVector* vector = api_.data_chunk_get_vector(chunk_, index);
  return {static_cast<const DuckdbString*>(api_.vector_get_data(vector)), api_.vector_get_validity(vector)};
}

void DuckdbStream::Fail(const char* message) {
  failed_ = true;
  error_ = message == nullptr ? "" : message;
}

void DuckdbStream::DropChunk() {
  if (chunk_ != nullptr) api_.destroy_data_chunk(&chunk_);
  chunk_ = nullptr;
}

}  // namespace weir::manifest
