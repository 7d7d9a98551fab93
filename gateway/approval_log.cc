#include "gateway/approval_log.h"

#include <algorithm>

#include "audit/entry.h"
#include "audit/file.h"
#include "audit/log_reader.h"

namespace weir::gateway {
namespace {

// A run that was held writes a handful of entries; what is longer sent something.
constexpr std::uint64_t kTailEntries = 64;

bool HasLog(const std::string& folder) {
  audit::FileSystem& files = audit::RealFileSystem();
  return files.Exists(folder + "/checkpoint") || files.Exists(folder + "/segments");
}

void TakeGate(const audit::JsonValue& value, HeldRun* out) {
  const audit::JsonValue* const reasons = value.Find("reasons");
  if (value.TextOr("verdict", "") != "held" || reasons == nullptr) return;
  for (const audit::JsonValue& reason : reasons->items) {
    out->gate.push_back({std::string(reason.TextOr("code", "")), std::string(reason.TextOr("text", ""))});
  }
}

void TakeEntry(std::uint64_t index, const audit::Entry& entry, HeldRun* out) {
  const audit::JsonValue& value = entry.value;
  if (index == out->run) {
    out->actor = value.TextOr("actor", "");
    out->plan_digest = value.TextOr("plan_digest", "");
  }
  if (entry.kind == "gate") TakeGate(value, out);
  if (entry.kind == "approval" && value.TextOr("action", "") == "waiting") {
    out->deletes = value.Integer("deletes");
    out->changes = value.Integer("changes");
    out->rows = value.Integer("rows");
  }
}

}  // namespace

std::optional<HeldRun> FindHeldRun(const std::string& log_folder) {
  if (!HasLog(log_folder)) return std::nullopt;
  const audit::LogReader reader(audit::RealFileSystem(), log_folder);
  const std::uint64_t begin = reader.size() - std::min(reader.size(), kTailEntries);
  std::optional<HeldRun> out;
  std::optional<std::uint64_t> started;  // a run that has not ended, or crashed
  reader.ForEach(begin, reader.size(), [&](std::uint64_t index, std::string_view bytes) {
    const std::optional<audit::Entry> entry = audit::ParseEntry(bytes);
    if (!entry) return true;
    if (entry->kind == "run_start") {
      started = index;
      out.reset();
    }
    if (entry->kind != "run_end" || !started || entry->value.Integer("run") != started) return true;
    const std::string_view result = entry->value.TextOr("result", "");
    if (result == "waiting" || result == "held") {
      out.emplace();
      out->run = *started;
      out->result = result;
    }
    return true;
  });
  if (!out) return std::nullopt;
  reader.ForEach(out->run, reader.size(), [&](std::uint64_t index, std::string_view bytes) {
    if (const std::optional<audit::Entry> entry = audit::ParseEntry(bytes)) TakeEntry(index, *entry, &*out);
    return true;
  });
  return out;
}

std::optional<std::string> ActorOf(const std::string& log_folder, std::uint64_t run, const std::string& plan_digest) {
  if (!HasLog(log_folder)) return std::nullopt;
  const audit::LogReader reader(audit::RealFileSystem(), log_folder);
  if (run >= reader.size()) return std::nullopt;
  const std::optional<audit::Entry> entry = audit::ParseEntry(reader.Entry(run));
  if (!entry || entry->kind != "run_start" || entry->value.TextOr("plan_digest", "") != plan_digest) return std::nullopt;
  return std::string(entry->value.TextOr("actor", ""));
}

std::optional<std::uint64_t> FindUse(const std::string& log_folder, std::uint64_t from, const std::string& document_digest) {
  if (!HasLog(log_folder)) return std::nullopt;
  const audit::LogReader reader(audit::RealFileSystem(), log_folder);
  const std::string member = "\"document\":\"" + document_digest + "\"";
  std::optional<std::uint64_t> found;
  // Only these two kinds have the member; a text that says the same has its quotes escaped.
  reader.ForEach(std::min(from, reader.size()), reader.size(), [&](std::uint64_t index, std::string_view bytes) {
    if (bytes.find(member) == std::string_view::npos) return true;
    found = index;
    return false;
  });
  return found;
}

}  // namespace weir::gateway
