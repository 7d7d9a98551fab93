#include "gateway/delivery.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "gateway/guards.h"
#include "gateway/operation_names.h"
#include "gateway/terminal_progress.h"

namespace weir::gateway {
namespace {

constexpr std::uint32_t kMaxFailuresInARow = 3;  // requests of which no row arrived
constexpr std::chrono::milliseconds kMaxWait{10 * 60 * 1000};

bool Arrived(Result result) { return result == Result::kDelivered || result == Result::kAlreadySo; }

}  // namespace

// The rows of a request, and of its retries a subset of them.
struct Delivery::Attempted {
  std::vector<const SpoolRow*> rows;
  std::vector<const SubjectTags*> subjects;
  std::vector<Tag> record_tags;
  std::vector<audit::Commitment> commits;
  std::vector<std::string_view> idempotency_keys;
  std::vector<std::string> match_cells;              // for the side file; no element when it is not kept
  std::vector<std::uint64_t> previous_intent;        // of the attempt before; kNone at first
  std::vector<bool> maybe_there;                     // an attempt before has an unknown outcome; empty: there was none
  std::vector<std::uint64_t> intent;                 // of this attempt
  std::vector<std::uint32_t> position;
  Reply reply;
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
};

// A request from its preparation to its last outcome. Stays where it is: views look into it.
struct Delivery::Sending {
  explicit Sending(PreparedRequest given) : prepared(std::move(given)), fields(&prepared.fields) {
    for (std::size_t i = 0; i < prepared.rows.size(); ++i) {
      rows.rows.push_back(&prepared.rows[i]);
      rows.subjects.push_back(&prepared.subjects[i]);
    }
    rows.record_tags = std::move(prepared.record_tags);
    rows.commits = std::move(prepared.commits);
    rows.idempotency_keys = std::move(prepared.idempotency_keys);
    rows.match_cells = std::move(prepared.match_cells);
    rows.previous_intent.assign(prepared.rows.size(), Attempted::kNone);
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  PreparedRequest prepared;
  Attempted rows;                // of the attempt under way
  policies::Batch subset;        // their fields, when they are fewer
  const policies::Batch* fields;
  Request request;
};

Delivery::Delivery(const SyncPlan& plan, const Settings& settings, Destination& destination, audit::Log& log,
                   StateJournal& journal, RowDigests& digests, const SyncState& state, const audit::Clock& clock,
                   Progress& progress, const std::atomic<bool>& stop, RunCounts* counts)
    : plan_(plan),
      settings_(settings),
      submitter_(destination),
      log_(log),
      journal_(journal),
      digests_(digests),
      state_(state),
      clock_(clock),
      progress_(progress),
      stop_(stop),
      counts_(*counts),
      limits_(destination.limits()) {}

void Delivery::Run(ScanResult* scan) {
  counts_.created = counts_.updated = 0;
  // However it ends, by an exception too: what was not attempted is said.
  struct Remainder {
    const Delivery& delivery;
    ~Remainder() { delivery.counts_.not_attempted = delivery.planned_ - delivery.done_; }
  } remainder{*this};
  planned_ = scan->leaving.rows() + scan->present.rows();
  Drain(&scan->leaving);
  Drain(&scan->present);
  WriteQuiet(&scan->quiet);
  log_.Commit();
  if (deferred_ == 0 || stopped_) return;
  reasons_.push_back({"W-SYNC-002", "destination `" + plan_.spec->destination + "` could not take " +
                                        WithThousands(deferred_) + (deferred_ == 1 ? " row" : " rows") + " (`" +
                                        deferred_code_ + "`): the next run sends them again"});
}

void Delivery::Drain(Spool* spool) {
  if (Stopping()) return;
  RequestPreparer preparer(plan_, limits_, settings_.keep_side, digests_, *spool);
  std::unique_ptr<Sending> now;
  // Whatever is thrown, a request under way looks into `now`.
  struct Under {
    Submitter& submitter;
    ~Under() { submitter.Wait(); }
  } under_way{submitter_};
  for (;;) {
    std::unique_ptr<Sending> next;
    if (!Stopping()) {
      if (auto prepared = preparer.Next()) next = std::make_unique<Sending>(*std::move(prepared));
    }
    // While one request is under way, the intent of the next becomes durable.
    const bool ahead = next != nullptr && MayAnnounceEarly(next->prepared.operation);
    if (ahead) Announce(1, next.get());
    if (now != nullptr) Settle(now.get());
    now.reset();
    if (next == nullptr) return;
    if (Stopping()) {
      if (ahead) Withdraw(next.get());
      return;
    }
    // Outcomes too are on the disk before the next request leaves, and a log that was taken away meanwhile is noticed.
    if (ahead) log_.Commit();
    else Announce(1, next.get());
    submitter_.Start(next->request);
    now = std::move(next);
  }
}

// After a crash nobody knows whether an announced request left. Where the destination would keep a row twice, such rows
// wait for a person: there they are announced one request at a time.
bool Delivery::MayAnnounceEarly(Operation operation) const {
  return operation != Operation::kInsert || settings_.may_repeat_inserts;
}

// Waits for the answer of the request under way, and tries again what is worth it.
void Delivery::Settle(Sending* sending) {
  const Operation operation = sending->prepared.operation;
  Attempted& rows = sending->rows;
  std::size_t delivered = 0;
  for (std::uint32_t attempt = 1;; ++attempt) {
    TakeReply(sending);
    // Which rows are worth another attempt: an unknown insert is not, where the destination would keep both.
    std::vector<std::size_t> again;
    const bool more = attempt < settings_.max_attempts;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      const RowOutcome& outcome = rows.reply.rows[i];
      const bool repeatable = outcome.result != Result::kUnknown || operation != Operation::kInsert ||
                              settings_.may_repeat_inserts;
      if (more && outcome.retryable && repeatable) {
        again.push_back(i);
      } else {
        Count(*rows.rows[i], operation, outcome, rows.reply.code);
        if (Arrived(outcome.result)) ++delivered;
      }
    }
    if (again.empty() || !WaitBeforeRetry(attempt, rows.reply)) {
      for (const std::size_t i : again) Count(*rows.rows[i], operation, rows.reply.rows[i], rows.reply.code);
      break;
    }
    counts_.retried += again.size();
    Keep(again, sending);
    Announce(attempt + 1, sending);
    submitter_.Start(sending->request);
  }
  done_ += sending->prepared.rows.size();
  CheckHealth(rows.reply, delivered);
  progress_.Rows(done_);
}

// Of the rows of an attempt those that go again.
void Delivery::Keep(const std::vector<std::size_t>& again, Sending* sending) const {
  Attempted& rows = sending->rows;
  Attempted next;
  policies::Batch kept;
  kept.columns.resize(sending->fields->columns.size());
  for (const std::size_t i : again) {
    next.rows.push_back(rows.rows[i]);
    next.subjects.push_back(rows.subjects[i]);
    next.record_tags.push_back(rows.record_tags[i]);
    next.commits.push_back(rows.commits[i]);
    next.idempotency_keys.push_back(rows.idempotency_keys[i]);
    if (settings_.keep_side) next.match_cells.push_back(std::move(rows.match_cells[i]));
    next.previous_intent.push_back(rows.intent[i]);
    next.maybe_there.push_back((!rows.maybe_there.empty() && rows.maybe_there[i]) ||
                               rows.reply.rows[i].result == Result::kUnknown);
    for (std::size_t field = 0; field < kept.columns.size(); ++field) {
      kept.columns[field].AppendRange(sending->fields->columns[field], i, 1);
    }
    ++kept.rows;
  }
  rows = std::move(next);
  sending->subset = std::move(kept);
  sending->fields = &sending->subset;
}

// The intent is on disk before the first byte leaves. After a crash a request may go twice, but never one that nobody
// can account for.
void Delivery::Announce(std::uint32_t attempt, Sending* sending) {
  std::string all;
  for (const std::string_view key : sending->rows.idempotency_keys) all += key;
  const audit::Digest digest = audit::Sha256(all);
  Request& request = sending->request;
  request.id = audit::Hex(std::span(digest).first(16));
  request.sequence = ++sequence_;
  request.run_id = settings_.run_id;
  request.operation = sending->prepared.operation;
  request.object = plan_.spec->object;
  request.fields = plan_.fields;
  request.rows = sending->fields;
  request.idempotency_keys = sending->rows.idempotency_keys;
  request.attempt = attempt;
  AppendIntents(request, &sending->rows);
  log_.Commit();
}

void Delivery::TakeReply(Sending* sending) {
  Attempted& rows = sending->rows;
  rows.reply = submitter_.Finish();
  ++counts_.requests;
  if (rows.reply.rows.size() != rows.rows.size()) {
    rows.reply.rows.assign(rows.rows.size(), RowOutcome{Result::kUnknown, false});
    rows.reply.code = "answer_mismatch";
  }
  AppendOutcomes(sending->request, rows);
}

// Announced, and the run ends before it left: each record gets its outcome, and the state stays as it was.
void Delivery::Withdraw(Sending* sending) {
  Attempted& rows = sending->rows;
  rows.reply.rows.assign(rows.rows.size(), RowOutcome{Result::kNotSent, false});
  rows.reply.code = kNotSentCode;
  AppendOutcomes(sending->request, rows);
}

void Delivery::AppendIntents(const Request& request, Attempted* rows) {
  // A part ends at 512 records, and where the attempt before had another part, so that each part repeats exactly one.
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t begin = 0; begin < rows->rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows->rows.size() && end - begin < audit::kMaxIntentRecords &&
           rows->previous_intent[end] == rows->previous_intent[begin]) {
      ++end;
    }
    parts.emplace_back(begin, end);
    begin = end;
  }
  rows->intent.assign(rows->rows.size(), 0);
  rows->position.assign(rows->rows.size(), 0);
  audit::Intent intent;
  intent.run = settings_.run_entry;
  intent.plan = settings_.plan_entry;
  intent.request = request.id;
  intent.parts = static_cast<std::uint32_t>(parts.size());
  intent.op = LogName(request.operation);
  intent.attempt = request.attempt;
  intent.time = clock_.Now();
  for (const auto& [begin, end] : parts) {
    intent.retry_of.reset();
    if (rows->previous_intent[begin] != Attempted::kNone) intent.retry_of = rows->previous_intent[begin];
    intent.records = std::span(rows->record_tags).subspan(begin, end - begin);
    intent.commits = std::span(rows->commits).subspan(begin, end - begin);
    entry_.clear();
    intent.AppendJson(&entry_);
    IntentFrame frame;
    frame.intent = log_.Append(entry_);
    frame.run = settings_.run_entry;
    frame.plan = settings_.plan_entry;
    frame.operation = request.operation;
    frame.attempt = request.attempt;
    frame.rows.resize(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      IntentFrame::Row& row = frame.rows[i - begin];
      row.record = rows->rows[i]->record;
      row.record_tag = rows->record_tags[i];
      row.commit = rows->commits[i];
      row.subjects = *rows->subjects[i];
      if (settings_.keep_side) row.side = EncodeSide(row.subjects, rows->match_cells[i]);
      const std::size_t index = state_.Find(row.record.key);
      if (index != SyncState::kNotFound && !plan_.moved) {
        row.previous_flags = static_cast<std::uint8_t>(state_.at(index).flags());
        row.previous_rejections = static_cast<std::uint8_t>(state_.at(index).rejections());
      }
      if (!rows->maybe_there.empty() && rows->maybe_there[i]) row.previous_flags |= StateRecord::kMaybe;
      rows->intent[i] = frame.intent;
      rows->position[i] = static_cast<std::uint32_t>(i - begin);
    }
    journal_.Append(std::move(frame));
    ++intent.part;
  }
}

void Delivery::AppendOutcomes(const Request& request, const Attempted& rows) {
  const Reply& reply = rows.reply;
  audit::Outcome outcome;
  outcome.run = settings_.run_entry;
  outcome.plan = settings_.plan_entry;
  outcome.op = LogName(request.operation);
  outcome.code = reply.code;
  outcome.status = reply.status > 0 ? static_cast<std::uint32_t>(reply.status) : 0;
  outcome.attempt = request.attempt;
  outcome.time = clock_.Now();
  OutcomeFrame frame;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (i != 0 && rows.intent[i] != rows.intent[i - 1]) {
      journal_.Append(frame);
      frame.results.clear();
    }
    frame.intent = rows.intent[i];
    frame.results.push_back(reply.rows[i].result);
    outcome.intent = rows.intent[i];
    outcome.pos = rows.position[i];
    outcome.record = rows.record_tags[i];
    outcome.subjects = *rows.subjects[i];
    outcome.result = LogName(reply.rows[i].result);
    outcome.commit = rows.commits[i];
    entry_.clear();
    outcome.AppendJson(&entry_);
    log_.Append(entry_);
  }
  journal_.Append(frame);
}

void Delivery::Count(const SpoolRow& row, Operation operation, const RowOutcome& outcome, const std::string& code) {
  if (outcome.result == Result::kRejected || outcome.result == Result::kDeferred) {
    if (outcome.result == Result::kDeferred) {
      ++deferred_;
      deferred_code_ = code;
    }
    ++counts_.rejected;
    ++counts_.rejected_by[code.empty() ? "rejected" : code];
    return;
  }
  if (!Arrived(outcome.result)) {
    ++counts_.unknown;
    ++counts_.unknown_by[code.empty() ? "unknown" : code];
    return;
  }
  switch (operation) {
    case Operation::kUpsert:
    case Operation::kInsert:
    case Operation::kUpdate: ++(row.created ? counts_.created : counts_.updated); break;
    case Operation::kDelete:
      ++((row.record.flags() & StateRecord::kGone) != 0 ? counts_.deleted : counts_.withdrawn);
      break;
    case Operation::kBlank: ++counts_.blanked; break;
    case Operation::kSuppress: ++counts_.suppressed; break;
  }
}

// Exponential with full jitter; the destination's own word counts more. The outcomes so far are made durable first.
bool Delivery::WaitBeforeRetry(std::uint32_t attempt, const Reply& reply) {
  log_.Commit();
  const std::uint64_t ceiling =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(settings_.retry_cap.count()),
                              static_cast<std::uint64_t>(settings_.retry_base.count()) << std::min(attempt - 1, 20u));
  auto wait = std::chrono::milliseconds(std::uniform_int_distribution<std::uint64_t>(0, ceiling)(jitter_));
  if (reply.retry_after) wait = std::max(wait, *reply.retry_after);
  if (wait > kMaxWait) {
    reasons_.push_back({"W-SYNC-003", "the destination asks to wait " + std::to_string(wait.count() / 1000) +
                                          " seconds; the rest goes with the next run"});
    stopped_ = true;
    return false;
  }
  constexpr std::chrono::milliseconds kSlice{50};
  for (; wait.count() > 0 && !Stopping(); wait -= kSlice) clock_.Sleep(std::min(wait, kSlice));
  return !Stopping();
}

void Delivery::CheckHealth(const Reply& reply, std::size_t delivered) {
  failures_in_a_row_ = delivered != 0 ? 0 : failures_in_a_row_ + 1;
  if (delivered != 0 || stopped_) return;
  const bool unauthorized = reply.status == 401 || reply.status == 403;
  if (!unauthorized && failures_in_a_row_ < kMaxFailuresInARow) return;
  stopped_ = true;
  reasons_.push_back(
      {unauthorized ? "W-SYNC-001" : "W-SYNC-002",
       "destination `" + plan_.spec->destination + "` " +
           (unauthorized ? "refuses the credentials" : "has taken no row of " + std::to_string(failures_in_a_row_) + " requests") +
           (reply.code.empty() ? "" : " (`" + reply.code + "`)") +
           (done_ < planned_ ? ": the rest was not attempted and goes with the next run"
            : deferred_ != 0 ? ": the next run sends them again"
                             : "")});
}

void Delivery::WriteQuiet(Spool* quiet) {
  SpoolChunk chunk;
  RecordsFrame frame;
  while (quiet->Next(&chunk)) {
    frame.rows.clear();
    for (const SpoolRow& row : chunk.rows) frame.rows.push_back({row.record, ""});
    journal_.Append(frame);
  }
}

void Delivery::Baseline(ScanResult* scan) {
  SpoolChunk chunk;
  RecordsFrame frame;
  while (!Stopping() && scan->present.Next(&chunk)) {
    frame.rows.clear();
    std::size_t subject = 0;
    for (std::size_t i = 0; i < chunk.rows.size(); ++i) {
      const SpoolRow& row = chunk.rows[i];
      std::string cells;
      for (std::size_t field = 0; field < plan_.match_count; ++field) {
        const policies::CellColumn& column = chunk.fields.columns[field];
        AppendCell(&cells, column.IsNull(i), column.Text(i));
      }
      const auto first = chunk.subjects.begin() + static_cast<std::ptrdiff_t>(subject);
      const std::vector<Tag> subjects(first, first + row.subject_count);
      subject += row.subject_count;
      frame.rows.push_back({row.record, settings_.keep_side ? EncodeSide(subjects, cells) : ""});
    }
    journal_.Append(frame);
    done_ += chunk.rows.size();
    progress_.Rows(done_);
  }
  audit::Baseline entry;
  entry.run = settings_.run_entry;
  entry.plan = settings_.plan_entry;
  entry.records = done_;
  entry.time = clock_.Now();
  log_.Append(audit::ToJson(entry));
  WriteQuiet(&scan->quiet);
  log_.Commit();
}

}  // namespace weir::gateway
