#pragma once

#include <string>
#include <vector>

#include "policies/sync_spec.h"

namespace weir::policies {

// Other syncs of `syncs` that write to the same object of the same destination, in their order.
std::vector<const SyncSpec*> SharingObject(const SyncSpec& sync, const std::vector<SyncSpec>& syncs);

// Whether two that share an object take away each other's rows: each in mode mirror deletes what it has sent and its own
// model no longer has, whoever else sends it.
bool DeleteEachOther(const SyncSpec& a, const SyncSpec& b);

// Says so of `sync`, with what to do.
std::string SharedObjectText(const SyncSpec& sync, const SyncSpec& other);

}  // namespace weir::policies
