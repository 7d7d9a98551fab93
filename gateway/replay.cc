#include "gateway/replay.h"

#include <map>
#include <string>

#include "audit/entry.h"
#include "gateway/operation_names.h"

namespace weir::gateway {
namespace {

// Frames of headers only that may pile up before a generation is written for their sake.
constexpr std::uint64_t kMaxPendingFrames = 10'000;

void CheckNotAhead(const audit::Log& log, const SyncState& state) {
  if (state.header().applied_frame > log.frame_count()) {
    throw StateError("W-STATE-010", "the state is ahead of its log (frame " +
                                        std::to_string(state.header().applied_frame) + " of " +
                                        std::to_string(log.frame_count()) +
                                        "): one of them was restored from an older copy; restore both from one backup");
  }
}

}  // namespace

std::uint64_t CloseDanglingIntents(audit::Log& log, StateFrameCodec& codec, const SyncState& state,
                                   const audit::Clock& clock) {
  CheckNotAhead(log, state);
  std::map<std::uint64_t, IntentFrame> open;
  log.ForEachFrame(state.header().applied_frame, [&](const audit::Log::Frame& frame) {
    if (!frame.is_private) return;
    StateFrame decoded = codec.Decode(frame.bytes);
    if (decoded.intent) open[decoded.intent->intent] = std::move(*decoded.intent);
    if (decoded.outcome) open.erase(decoded.outcome->intent);
  });
  std::uint64_t rows = 0;
  std::string entry;
  for (const auto& [index, intent] : open) {
    audit::Outcome outcome;
    outcome.run = intent.run;
    outcome.plan = intent.plan;
    outcome.intent = index;
    outcome.op = LogName(intent.operation);
    outcome.result = audit::OutcomeResult::kUnknown;
    outcome.code = "crashed";
    outcome.attempt = intent.attempt;
    outcome.time = clock.Now();
    for (std::size_t i = 0; i < intent.rows.size(); ++i) {
      outcome.pos = static_cast<std::uint32_t>(i);
      outcome.record = intent.rows[i].record_tag;
      outcome.subjects = intent.rows[i].subjects;
      outcome.commit = intent.rows[i].commit;
      entry.clear();
      outcome.AppendJson(&entry);
      log.Append(entry);
    }
    log.AppendPrivate(
        codec.Encode(OutcomeFrame{index, std::vector<Result>(intent.rows.size(), Result::kUnknown)}));
    rows += intent.rows.size();
  }
  if (rows != 0) log.Commit();
  return rows;
}

void AdvanceState(const audit::Log& log, StateFrameCodec& codec, SyncState& state, StateHeader* header) {
  CheckNotAhead(log, state);
  const std::uint64_t from = state.header().applied_frame;
  // First pass: what holds for the whole sync, and whether any record changes at all.
  *header = state.header();
  bool records = false;
  log.ForEachFrame(from, [&](const audit::Log::Frame& frame) {
    if (!frame.is_private) return;
    StateFrame decoded = codec.Decode(frame.bytes);
    if (decoded.header) *header = std::move(decoded.header->header);
    records = records || decoded.intent || decoded.records;
  });
  header->applied_frame = log.frame_count();
  if (!records && header->applied_frame - from < kMaxPendingFrames) return;

  state.Advance(*header, [&](const std::function<void(const StateUpdate&)>& update) {
    std::map<std::uint64_t, IntentFrame> open;
    const auto apply = [&](const IntentFrame& intent, const std::vector<Result>* results) {
      for (std::size_t i = 0; i < intent.rows.size(); ++i) {
        const IntentFrame::Row& row = intent.rows[i];
        update({RecordAfter(row, results == nullptr ? Result::kUnknown : (*results)[i]), row.side});
      }
    };
    log.ForEachFrame(from, [&](const audit::Log::Frame& frame) {
      if (!frame.is_private) return;
      StateFrame decoded = codec.Decode(frame.bytes);
      if (decoded.intent) open[decoded.intent->intent] = std::move(*decoded.intent);
      if (decoded.outcome) {
        const auto intent = open.find(decoded.outcome->intent);
        if (intent == open.end() || intent->second.rows.size() != decoded.outcome->results.size()) {
          throw StateError("W-STATE-011", "an outcome in the log belongs to no intent; `weir audit verify` tells more");
        }
        apply(intent->second, &decoded.outcome->results);
        open.erase(intent);
      }
      if (decoded.records) {
        for (const RecordsFrame::Row& row : decoded.records->rows) update({row.record, row.side});
      }
    });
    // INVARIANT: CloseDanglingIntents ran before, so that `open` is empty; a row whose outcome is not known would
    // otherwise stay as it was before its intent.
    for (const auto& [index, intent] : open) apply(intent, nullptr);
  });
}

}  // namespace weir::gateway
