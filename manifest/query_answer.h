#pragma once

#include <cstddef>
#include <functional>

#include "manifest/locked_duckdb.h"

namespace weir::manifest {

// Fills `size` bytes; false when there are no more.
using ReceiveBytes = std::function<bool(void* bytes, std::size_t size)>;

// One answer of weir-duckdb, as query_frames.h has it. The bytes are of a process that read what strangers wrote, so they
// may be anything: false when they are no answer, or more than LockedDuckdb::kMaxAnswerBytes. Memory is taken for what has
// arrived, not for what is announced.
bool ReceiveAnswer(const ReceiveBytes& receive, LockedDuckdb::Answer* answer);

}  // namespace weir::manifest
