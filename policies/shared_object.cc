#include "policies/shared_object.h"

namespace weir::policies {

std::vector<const SyncSpec*> SharingObject(const SyncSpec& sync, const std::vector<SyncSpec>& syncs) {
  std::vector<const SyncSpec*> out;
  for (const SyncSpec& other : syncs) {
    if (other.id != sync.id && other.destination == sync.destination && other.object == sync.object) out.push_back(&other);
  }
  return out;
}

bool DeleteEachOther(const SyncSpec& a, const SyncSpec& b) {
  return a.mode == SyncMode::kMirror && b.mode == SyncMode::kMirror;
}

std::string SharedObjectText(const SyncSpec& sync, const SyncSpec& other) {
  const std::string destination = "destination `" + sync.destination + "`";
  return "sync `" + other.id + "` writes to " +
         (sync.object.empty() ? destination + " without an `object`" : "object `" + sync.object + "` of " + destination) +
         ", too: a row that both have is sent twice" +
         (DeleteEachOther(sync, other) ? ", and each deletes what the other may still have (`mode: mirror`)" : "") +
         "; remove one of the two, or give it another `object`";
}

}  // namespace weir::policies
