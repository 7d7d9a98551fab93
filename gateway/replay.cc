#include "gateway/replay.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "audit/digest.h"
#include "audit/entry.h"
#include "gateway/operation_names.h"
#include "gateway/state_updates.h"

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

// An intent that no OutcomeFrame closes. A batch of the log may be torn between the entries of its outcomes: those that
// are there stand, and the rows that they are about get no second one.
struct OpenIntent {
  IntentFrame frame;
  std::map<std::uint64_t, Result> known;  // by position
};

// The entry of an intent whose frame did not reach the disk with it: its batch was torn, so it was never durable, and the
// request was never sent.
struct UnsentIntent {
  audit::JsonValue entry;
  std::set<std::uint64_t> closed;  // positions, by a recovery that crashed itself
};

std::optional<Result> FindResult(std::string_view name) {
  for (const Result result : {Result::kDelivered, Result::kRejected, Result::kAlreadySo, Result::kAccepted, Result::kUnknown}) {
    if (audit::Name(LogName(result)) == name) return result;
  }
  return std::nullopt;
}

// Takes an entry of the tail into what is known of its intent.
void NoteEntry(const audit::Log::Frame& frame, std::map<std::uint64_t, OpenIntent>* open,
               std::map<std::uint64_t, UnsentIntent>* unsent) {
  std::optional<audit::Entry> entry = audit::ParseEntry(frame.bytes);
  if (!entry) return;
  if (entry->kind == "intent") (*unsent)[frame.entry_index].entry = std::move(entry->value);
  if (entry->kind != "outcome") return;
  const std::optional<std::uint64_t> intent = entry->value.Integer("intent");
  const std::optional<std::uint64_t> position = entry->value.Integer("pos");
  std::optional<Result> result = FindResult(entry->value.TextOr("result", ""));
  if (entry->value.TextOr("code", "") == kNotSentCode) result = Result::kNotSent;
  // Only the frame knew whether that was about the row. The next run tries it again, which is right for either.
  else if (result == Result::kRejected) result = Result::kDeferred;
  if (!intent || !position || !result) return;
  if (const auto found = open->find(*intent); found != open->end()) found->second.known[*position] = *result;
  if (const auto found = unsent->find(*intent); found != unsent->end()) found->second.closed.insert(*position);
}

// 24 bytes as an entry writes them: 32 characters of base64url.
void DecodeCommitment(std::string text, audit::Commitment* commit) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  std::string bytes;
  if (!audit::DecodeBase64(text, &bytes) || bytes.size() != commit->size()) return;
  std::transform(bytes.begin(), bytes.end(), commit->begin(), [](char c) { return static_cast<std::byte>(c); });
}

void CloseUnsent(audit::Log& log, std::uint64_t index, const UnsentIntent& intent, const audit::Clock& clock) {
  const audit::JsonValue* records = intent.entry.Find("records");
  const audit::JsonValue* commits = intent.entry.Find("commits");
  if (records == nullptr) return;
  audit::Outcome outcome;
  outcome.run = intent.entry.Integer("run").value_or(0);
  outcome.plan = intent.entry.Integer("plan").value_or(0);
  outcome.intent = index;
  for (const audit::Op op : {audit::Op::kUpsert, audit::Op::kInsert, audit::Op::kUpdate, audit::Op::kAppend,
                             audit::Op::kDelete, audit::Op::kBlank, audit::Op::kSuppress}) {
    if (audit::Name(op) == intent.entry.TextOr("op", "")) outcome.op = op;
  }
  outcome.result = audit::OutcomeResult::kRejected;
  outcome.code = kNotSentCode;
  outcome.attempt = static_cast<std::uint32_t>(intent.entry.Integer("attempt").value_or(1));
  outcome.time = clock.Now();
  std::string entry;
  for (std::size_t i = 0; i < records->items.size(); ++i) {
    if (intent.closed.contains(i)) continue;
    outcome.pos = static_cast<std::uint32_t>(i);
    audit::DecodeTag(records->items[i].string, &outcome.record);
    outcome.commit = {};
    if (commits != nullptr && i < commits->items.size()) DecodeCommitment(commits->items[i].string, &outcome.commit);
    entry.clear();
    outcome.AppendJson(&entry);
    log.Append(entry);
  }
}

// The number of rows whose delivery is unknown.
std::uint64_t CloseUnknown(audit::Log& log, StateFrameCodec& codec, std::uint64_t index, const OpenIntent& intent,
                           const audit::Clock& clock) {
  audit::Outcome outcome;
  outcome.run = intent.frame.run;
  outcome.plan = intent.frame.plan;
  outcome.intent = index;
  outcome.op = LogName(intent.frame.operation);
  outcome.result = audit::OutcomeResult::kUnknown;
  outcome.code = "crashed";
  outcome.attempt = intent.frame.attempt;
  outcome.time = clock.Now();
  OutcomeFrame closed{index, {}};
  std::uint64_t rows = 0;
  std::string entry;
  for (std::size_t i = 0; i < intent.frame.rows.size(); ++i) {
    if (const auto known = intent.known.find(i); known != intent.known.end()) {
      closed.results.push_back(known->second);
      continue;
    }
    outcome.pos = static_cast<std::uint32_t>(i);
    outcome.record = intent.frame.rows[i].record_tag;
    outcome.subjects = intent.frame.rows[i].subjects;
    outcome.commit = intent.frame.rows[i].commit;
    entry.clear();
    outcome.AppendJson(&entry);
    log.Append(entry);
    closed.results.push_back(Result::kUnknown);
    ++rows;
  }
  log.AppendPrivate(codec.Encode(closed));
  return rows;
}

}  // namespace

std::uint64_t CloseDanglingIntents(audit::Log& log, StateFrameCodec& codec, const SyncState& state,
                                   const audit::Clock& clock) {
  CheckNotAhead(log, state);
  std::map<std::uint64_t, OpenIntent> open;
  std::map<std::uint64_t, UnsentIntent> unsent;
  const bool has_checkpoint = !log.checkpoint().empty();
  log.ForEachFrame(state.header().applied_frame, [&](const audit::Log::Frame& frame) {
    if (!frame.is_private) return NoteEntry(frame, &open, &unsent);
    StateFrame decoded = codec.Decode(frame.bytes);
    // A run publishes before its first intent.
    if (!has_checkpoint && (decoded.intent || decoded.records)) {
      throw StateError("W-STATE-012", "the log tells of deliveries, but it has no checkpoint: it was removed; restore the "
                                      "log from a backup");
    }
    if (decoded.intent) {
      unsent.erase(decoded.intent->intent);
      open[decoded.intent->intent].frame = std::move(*decoded.intent);
    }
    if (decoded.outcome) open.erase(decoded.outcome->intent);
  });
  for (const auto& [index, entry] : unsent) CloseUnsent(log, index, entry, clock);
  std::uint64_t rows = 0;
  for (const auto& [index, intent] : open) rows += CloseUnknown(log, codec, index, intent, clock);
  if (!unsent.empty() || !open.empty()) log.Commit();
  return rows;
}

StateReplay::StateReplay(SyncState& state, StateHeader header)
    : state_(state), from_(state.header().applied_frame), header_(std::move(header)), updates_(state.NewUpdates()) {}

StateReplay::~StateReplay() = default;

void StateReplay::Take(IntentFrame frame) {
  moves_ = true;
  const std::uint64_t intent = frame.intent;
  open_[intent] = std::move(frame);
}

void StateReplay::Take(const OutcomeFrame& frame) {
  const auto intent = open_.find(frame.intent);
  if (intent == open_.end() || intent->second.rows.size() != frame.results.size()) {
    throw StateError("W-STATE-011", "an outcome in the log belongs to no intent; `weir audit verify` tells more");
  }
  Apply(intent->second, &frame.results);
  open_.erase(intent);
}

void StateReplay::Take(const RecordsFrame& frame) {
  moves_ = true;
  for (const RecordsFrame::Row& row : frame.rows) updates_->Add({row.record, row.side});
}

void StateReplay::Take(HeaderFrame frame) { header_ = std::move(frame.header); }

void StateReplay::Apply(const IntentFrame& intent, const std::vector<Result>* results) {
  for (std::size_t i = 0; i < intent.rows.size(); ++i) {
    const IntentFrame::Row& row = intent.rows[i];
    // Nothing became of it, so what the state knows still holds.
    if (results != nullptr && ((*results)[i] == Result::kNotSent || (*results)[i] == Result::kDeferred)) continue;
    updates_->Add({RecordAfter(row, results == nullptr ? Result::kUnknown : (*results)[i]), row.side});
  }
}

void StateReplay::Finish(std::uint64_t frame_count, StateHeader* header, const std::function<void()>& before_switch) {
  // INVARIANT: CloseDanglingIntents ran before, so that `open_` is empty; a row whose outcome is not known would
  // otherwise stay as it was before its intent.
  for (const auto& [index, intent] : open_) Apply(intent, nullptr);
  open_.clear();
  header_.applied_frame = frame_count;
  if (moves_ || frame_count - from_ >= kMaxPendingFrames) {
    state_.Advance(header_, updates_.get(), before_switch);
  } else if (before_switch) {
    before_switch();
  }
  *header = header_;
}

void AdvanceState(const audit::Log& log, StateFrameCodec& codec, SyncState& state, StateHeader* header,
                  const std::function<void()>& before_switch) {
  CheckNotAhead(log, state);
  StateReplay replay(state, state.header());
  log.ForEachFrame(state.header().applied_frame, [&](const audit::Log::Frame& frame) {
    if (!frame.is_private) return;
    StateFrame decoded = codec.Decode(frame.bytes);
    if (decoded.header) replay.Take(std::move(*decoded.header));
    if (decoded.intent) replay.Take(std::move(*decoded.intent));
    if (decoded.outcome) replay.Take(*decoded.outcome);
    if (decoded.records) replay.Take(*decoded.records);
  });
  replay.Finish(log.frame_count(), header, before_switch);
}

}  // namespace weir::gateway
