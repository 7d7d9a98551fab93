#include "gateway/run_sync.h"

#include <algorithm>
#include <new>

#include "audit/log.h"
#include "gateway/delivery.h"
#include "gateway/guards.h"
#include "gateway/kept_runs.h"
#include "gateway/run_approvals.h"
#include "gateway/run_entries.h"
#include "gateway/state_journal.h"
#include "gateway/terminal_progress.h"
#include "policies/policy_error.h"

namespace weir::gateway {
namespace {

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::vector<std::string> Union(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

class Runner {
 public:
  Runner(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring, const RunOptions& options,
         const audit::Clock& clock, Progress* progress, const std::atomic<bool>& stop, RunEnds ends,
         RunReport* report)
      : workspace_(workspace),
        config_(workspace.config),
        sync_(sync),
        keyring_(keyring),
        options_(options),
        clock_(clock),
        progress_(*progress),
        stop_(stop),
        report_(*report),
        approvals_(workspace, sync, options.actor),
        source_(std::move(ends.source)),
        destination_(std::move(ends.destination)) {}

  void Run() {
    Open();
    Plan();
    if (!Allowed()) return End();
    destination_->Prepare();
    Scan();
    if (scan_->interrupted) return EndAs(RunStatus::kInterrupted);
    if (!DecideToGo()) return End();
    if (options_.dry_run) return;
    Deliver();
    End();
  }

  // After an exception: says in the log how the run ended, when the log still can.
  void Abandon(RunStatus status) noexcept {
    report_.status = status;
    if (log_ == nullptr || !entries_.started || ended_) return;
    replay_.reset();  // whether all of it is in the log is not known
    try {
      End();
    } catch (const std::exception&) {
      // The log refuses; the report already says what happened first.
    }
  }

 private:
  // The state first: its lock keeps a second run of the sync off before anything is touched, and it knows how long the
  // log must be, which is asked before the log's writer could sign anything.
  void Open() {
    const StateIds ids{config_.tenant, config_.environment, sync_.id};
    state_ = SyncState::Open(StateFolder(config_, sync_), ids, keyring_.state_root, keyring_.seal_root);
    header_ = state_->header();
    if (source_ == nullptr) source_ = MakeSource(config_.source);
    if (destination_ == nullptr) destination_ = MakeDestination(config_.destinations.at(sync_.destination));
    const audit::LogIds log_ids{config_.tenant, config_.environment, sync_.name};
    log_key_ = audit::NoteKeyOf(log_ids.origin(), keyring_.signing_seed);
    const std::optional<PublishedLog>& known = state_->published();
    if (known) CheckLogIsThere(audit::RealFileSystem(), LogFolder(config_, sync_), log_key_, *known);
    if (options_.dry_run) {
      if (known) CheckLogExtends(audit::RealFileSystem(), LogFolder(config_, sync_), log_key_, *known);
    } else {
      log_ = audit::Log::Open(audit::RealFileSystem(), clock_, LogFolder(config_, sync_), log_ids,
                              keyring_.signing_seed);
      codec_ = std::make_unique<StateFrameCodec>(keyring_.seal_root, ids);
      if (known) CheckLogExtends(audit::RealFileSystem(), LogFolder(config_, sync_), log_key_, *known);
      report_.counts.recovered_unknown = CloseDanglingIntents(*log_, *codec_, *state_, clock_);
      AdvanceState(*log_, *codec_, *state_, &header_);
    }
    run_number_ = header_.run + 1;
  }

  void Plan() {
    const manifest::Node* model = workspace_.artifacts.project.FindNode(sync_.model_id);
    std::vector<policies::ColumnSchema> schema;
    const bool has_relation = model != nullptr && !model->relation_name.empty();
    if (has_relation) schema = source_->Columns(model->relation_name);
    report_.plan = MakePlan(workspace_, sync_, has_relation ? &schema : nullptr, header_.sent_fields, &keyring_,
                            clock_.Now());
    if (!header_.place.empty() && header_.place != report_.plan->place) {
      for (std::size_t i = 0; i < state_->size(); ++i) left_behind_ += state_->at(i).MayBeThere() ? 1 : 0;
    }
    report_.plan->moved = left_behind_ != 0;
    plan_ = &*report_.plan;
    if (log_ == nullptr) return;
    AppendBeginning(workspace_, sync_, *plan_, report_.run_id, options_, clock_.Now(), &entries_, log_.get());
  }

  void Publish() {
    log_->Publish();
    state_->Remember(PublishedOf(log_->checkpoint(), log_key_));
  }

  bool Allowed() {
    report_.reasons = plan_->refusals;
    for (const policies::GateReason& reason : plan_->gate.reasons) {
      report_.reasons.push_back({reason.code, reason.text, reason.requirement, reason.holds, reason.also});
    }
    if (!plan_->refusals.empty()) report_.status = RunStatus::kConfig;
    else if (!plan_->gate.open && !approvals_.LiftsGate(*plan_, clock_.Now(), &report_.reasons)) report_.status = RunStatus::kHeld;
    else if (plan_->moved) CheckMove();
    return report_.status == RunStatus::kDone;
  }

  // No run takes back what lies at a place that the sync has left, and a path changed by mistake would copy everything:
  // a person says that it is meant.
  void CheckMove() {
    const bool meant = options_.baseline || (options_.full_refresh && !options_.only);
    std::string text = WithThousands(left_behind_) + (left_behind_ == 1 ? " row" : " rows") + " of this sync may be at " +
                       header_.place + ", and its place is " + plan_->place + ": ";
    text += meant ? "those at the old place are no longer kept up or taken back; remove them there if they must not stay"
                  : "nothing was sent; undo the change, or send every row to the new place with `--full-refresh` "
                    "(`--baseline` when it has them already): those at the old place are then no longer kept up or "
                    "taken back";
    report_.reasons.push_back({"W-SYNC-008", std::move(text)});
    if (!meant) report_.status = RunStatus::kHeld;
  }

  void Scan() {
    const auto begin = clock_.Monotonic();
    progress_.Phase(sync_.name, "scan", state_->size());
    digests_ = std::make_unique<RowDigests>(*plan_, keyring_);
    scan_ = std::make_unique<ScanResult>(StateFolder(config_, sync_));
    may_repeat_inserts_ = sync_.on_unknown == policies::OnUnknown::kResend || destination_->Deduplicates();
    Scanner scanner(*plan_, keyring_, config_, *state_, options_, run_number_, may_repeat_inserts_, digests_.get(),
                    scan_.get(), &report_.counts);
    source_->Start({plan_->relation, plan_->input_columns});
    scanner.Run(*source_, &progress_, stop_);
    progress_.Done();
    report_.scan_seconds = Seconds(clock_.Monotonic() - begin);
  }

  bool DecideToGo() {
    progress_.Phase(sync_.name, "decide", 0);
    if (!SameEvidence()) {
      report_.reasons.push_back({"W-GATE-020", "dbt's artifacts in " + workspace_.artifacts.folder +
                                                   " changed during the scan: nothing was sent; run it again"});
      report_.status = RunStatus::kHeld;
      return false;
    }
    const bool whole = !options_.only && !plan_->moved;
    const Vanished vanished = whole ? CountVanished(*state_, *scan_) : Vanished{};
    const GuardVerdict guards = CheckGuards(*plan_, options_, *scan_, report_.counts, vanished);
    if (!guards.held.empty()) report_.status = approvals_.PassGuards(*plan_, guards.held, clock_.Now(), &report_.reasons);
    report_.reasons.insert(report_.reasons.end(), guards.told.begin(), guards.told.end());
    if (report_.status == RunStatus::kWaiting && log_ != nullptr) {
      approvals_.AppendWaiting(entries_.run, clock_.Now(), log_.get());
    }
    if (report_.status == RunStatus::kDone && !approvals_.StillGood(clock_.Now(), &report_.reasons)) {
      report_.status = RunStatus::kHeld;
    }
    if (report_.status != RunStatus::kDone) return false;
    report_.approvals = approvals_.granted();
    if (options_.only && report_.counts.read == report_.counts.skipped) {
      report_.reasons.push_back({"W-SYNC-006", "no row has the match value that `--only` asks for"});
    }
    if (whole) AddVanished(*plan_, *state_, run_number_, scan_.get(), &report_.counts);
    if (!RemovesVanished(*plan_)) report_.counts.vanished = vanished.vanished;
    held_inserts_ = report_.counts.unknown;
    if (options_.dry_run) {
      // What would leave; a delivery counts them one by one.
      if (RemovesVanished(*plan_)) report_.counts.deleted = vanished.vanished;
      report_.counts.withdrawn = scan_->leaving.rows() - std::min(scan_->leaving.rows(), report_.counts.deleted);
    }
    return true;
  }

  // The artifacts are read again: what opened the gate must still be what is there.
  bool SameEvidence() const {
    const manifest::Artifacts& before = workspace_.artifacts;
    manifest::Artifacts after = manifest::ReadArtifacts(before.folder);
    AddKeptRuns(config_, clock_.Now(), &after);
    const auto digest = [](const auto& artifact) { return artifact ? artifact->digest : std::string(); };
    if (before.project.digest == after.project.digest && digest(before.run_results) == digest(after.run_results) &&
        digest(before.freshness) == digest(after.freshness) && SameEarlierRuns(before, after)) {
      // Time passes too: evidence that was fresh when the scan began may have gone stale.
      const policies::GateVerdict gate =
          policies::EvaluateGate(workspace_.policy, workspace_.artifacts, plan_->decision, clock_.Now());
      // What was lifted is what was seen then, and nothing that came since.
      return approvals_.gate_lifted() ? gate.digest == plan_->gate.digest : gate.open;
    }
    return false;
  }

  static bool SameEarlierRuns(const manifest::Artifacts& before, const manifest::Artifacts& after) {
    return before.forgotten_until == after.forgotten_until &&
           std::equal(before.earlier_runs.begin(), before.earlier_runs.end(), after.earlier_runs.begin(),
                      after.earlier_runs.end(),
                      [](const auto& a, const auto& b) { return a.invocation_id == b.invocation_id && a.digest == b.digest; });
  }

  void Deliver() {
    delivering_ = true;
    const auto begin = clock_.Monotonic();
    // Used up before anything that it allows can happen: a crash from here on costs an approval, never sends twice on one.
    approvals_.Use(entries_.run, clock_.Now(), log_.get());
    replay_ = std::make_unique<StateReplay>(*state_, header_);
    StateJournal journal(*log_, *codec_, *replay_);
    // Before the first intent: from here on the destination may have these fields.
    if (plan_->moved) ForgetOldPlace(&journal);
    header_.run = run_number_;
    header_.place = plan_->place;
    header_.sent_fields = Union(header_.sent_fields, plan_->sent_fields);
    journal.Append(HeaderFrame{header_});
    // A checkpoint that says so exists before anything leaves: a log whose segments are taken away is then not mistaken
    // for one that never began.
    Publish();

    const DestinationConfig& destination = config_.destinations.at(sync_.destination);
    Delivery::Settings settings;
    settings.run_entry = entries_.run;
    settings.plan_entry = entries_.plan;
    settings.run_number = run_number_;
    settings.run_id = report_.run_id;
    settings.max_attempts = destination.max_attempts;
    settings.retry_base = destination.retry_base;
    settings.retry_cap = destination.retry_cap;
    settings.may_repeat_inserts = may_repeat_inserts_;
    settings.keep_side = sync_.mode == policies::SyncMode::kMirror;
    progress_.Phase(sync_.name, "deliver", scan_->leaving.rows() + scan_->present.rows());
    Delivery delivery(*plan_, settings, *destination_, *log_, journal, *digests_, *state_, clock_, progress_, stop_,
                      &report_.counts);
    if (options_.baseline) {
      delivery.Baseline(scan_.get());
    } else {
      delivery.Run(scan_.get());
    }
    progress_.Done();
    report_.deliver_seconds = Seconds(clock_.Monotonic() - begin);
    report_.reasons.insert(report_.reasons.end(), delivery.reasons().begin(), delivery.reasons().end());
    SayWhatIsUnknown(delivery);
    scan_.reset();  // its sealed files have no name, and yet whoever syncs the disk now would wait for them

    const RunCounts& counts = report_.counts;
    const bool complete = counts.not_attempted == 0 && counts.rejected == 0 && counts.unknown == 0 && !options_.only;
    if (complete) header_.sent_fields = plan_->sent_fields;
    if (complete) header_.effect_digest = plan_->effect_digest;
    journal.Append(HeaderFrame{header_});

    if (stop_.load()) report_.status = RunStatus::kInterrupted;
    else if (counts.unknown != 0) report_.status = RunStatus::kInDoubt;
    else if (delivery.stopped() || delivery.deferred()) report_.status = RunStatus::kUnreadable;
    else if (Exceeds(counts.refused, sync_.fail_when.refused, counts.read) ||
             Exceeds(counts.rejected, sync_.fail_when.rejected, counts.read)) {
      report_.status = RunStatus::kRowsRefused;
    }
  }

  // Every record of the state is of rows that lie elsewhere. Said in the log before the first intent, so that after a
  // crash none of them counts as being at the new place.
  void ForgetOldPlace(StateJournal* journal) {
    constexpr std::size_t kRowsOfAFrame = 4096;
    RecordsFrame frame;
    for (std::size_t i = 0; i < state_->size(); ++i) {
      StateRecord gone;
      gone.key = state_->at(i).key;
      gone.bits = StateRecord::Pack(StateRecord::kGone, 0, run_number_);
      frame.rows.push_back({gone, ""});
      if (frame.rows.size() < kRowsOfAFrame && i + 1 < state_->size()) continue;
      journal->Append(frame);
      frame.rows.clear();
    }
  }

  // A delivery that nobody knows about is never told by a number alone.
  void SayWhatIsUnknown(const Delivery& delivery) {
    const RunCounts& counts = report_.counts;
    if (held_inserts_ != 0) {
      report_.reasons.push_back({"W-SYNC-010", WithThousands(held_inserts_) +
                                                   (held_inserts_ == 1 ? " row was" : " rows were") +
                                                   " inserted by a run that never learned the outcome, and are not sent "
                                                   "again, because destination `" + sync_.destination +
                                                   "` would keep both; look there, then `on_unknown: resend`"});
    }
    if (counts.unknown == held_inserts_ || delivery.stopped()) return;
    std::string codes;
    for (const auto& [code, rows] : counts.unknown_by) {
      codes += (codes.empty() ? "`" : ", `") + code + "` " + WithThousands(rows);
    }
    report_.reasons.push_back({"W-SYNC-009", "destination `" + sync_.destination + "` did not say what became of " +
                                                 WithThousands(counts.unknown - held_inserts_) + " rows (" + codes +
                                                 "): the next run reads and decides them again"});
  }

  // The scan counts what it would send; a run that ends before it delivers has sent none of it.
  void NothingWasSent() {
    RunCounts& counts = report_.counts;
    counts.not_attempted += counts.created + counts.updated;
    counts.created = counts.updated = 0;
  }

  void EndAs(RunStatus status) {
    report_.status = status;
    End();
  }

  // INVARIANT: the state moves only after the log is durable and published.
  void End() {
    if (!delivering_ && !options_.dry_run) NothingWasSent();
    if (log_ == nullptr) return;
    ended_ = true;
    AppendEnd(entries_.run, report_, clock_.Now(), log_.get());
    // While the last of the tree is written and synced, so is the next generation of the state.
    log_->StartPublish();
    const auto before_switch = [this] {
      Publish();
      report_.checkpoint = log_->checkpoint();
      report_.log_size = log_->size();
    };
    if (replay_ != nullptr) {
      replay_->Finish(log_->frame_count(), &header_, before_switch);
    } else {
      AdvanceState(*log_, *codec_, *state_, &header_, before_switch);
    }
    log_->Release(state_->header().applied_frame);
  }

  const Workspace& workspace_;
  const Config& config_;
  const policies::SyncSpec& sync_;
  const Keyring& keyring_;
  const RunOptions& options_;
  const audit::Clock& clock_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  RunReport& report_;
  RunApprovals approvals_;

  std::unique_ptr<Source> source_;
  std::unique_ptr<Destination> destination_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<StateFrameCodec> codec_;
  audit::NoteKey log_key_;
  std::unique_ptr<SyncState> state_;
  std::unique_ptr<StateReplay> replay_;  // from the beginning of the delivery on
  StateHeader header_;
  const SyncPlan* plan_ = nullptr;
  std::unique_ptr<RowDigests> digests_;
  std::unique_ptr<ScanResult> scan_;
  std::uint32_t run_number_ = 0;
  RunEntries entries_;
  std::uint64_t left_behind_ = 0;   // rows that may be at the place before
  std::uint64_t held_inserts_ = 0;  // of a crashed run; a person decides
  bool may_repeat_inserts_ = false, ended_ = false, delivering_ = false;
};

}  // namespace

std::string LogFolder(const Config& config, const policies::SyncSpec& sync) { return config.audit + "/" + sync.name; }
std::string StateFolder(const Config& config, const policies::SyncSpec& sync) { return config.state + "/" + sync.name; }

RunReport RunSync(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring,
                  const RunOptions& options, const audit::Clock& clock, Progress* progress,
                  const std::atomic<bool>& stop, RunEnds ends) {
  RunReport report;
  report.sync = sync.id;
  report.run_id = NewRunId(clock.Now());
  const auto begin = clock.Monotonic();
  Runner runner(workspace, sync, keyring, options, clock, progress, stop, std::move(ends), &report);
  const auto failed = [&](RunStatus status, std::string code, const std::string& text) {
    report.reasons.push_back({std::move(code), text});
    runner.Abandon(status);
  };
  try {
    runner.Run();
  } catch (const audit::LogBusyError& error) {
    failed(RunStatus::kHeld, "W-LOG-002", error.what());
  } catch (const audit::LogError& error) {
    failed(RunStatus::kInDoubt, "W-LOG-001", error.what());
  } catch (const StateBusyError& error) {
    failed(RunStatus::kHeld, error.code(), error.what());
  } catch (const StateError& error) {
    failed(RunStatus::kInDoubt, error.code(), error.what());
  } catch (const SourceError& error) {
    failed(RunStatus::kUnreadable, error.code(), error.what());
  } catch (const DestinationError& error) {
    failed(RunStatus::kUnreadable, error.code(), error.what());
  } catch (const manifest::ArtifactError& error) {
    failed(RunStatus::kUnreadable, error.code(), error.what());
  } catch (const ConfigError& error) {
    failed(RunStatus::kConfig, error.code(), error.what());
  } catch (const policies::PolicyError& error) {
    failed(RunStatus::kConfig, "W-PLAN-007", error.what());
  } catch (const audit::FileError& error) {
    failed(RunStatus::kUnreadable, "W-SYNC-004", error.what());
  } catch (const std::bad_alloc&) {
    failed(RunStatus::kInDoubt, "W-SYNC-005", "out of memory; what was under way is recovered by the next run");
  } catch (const std::exception&) {
    failed(RunStatus::kInDoubt, "W-SYNC-007", "an unexpected error stopped the run; the next run recovers it");
  }
  report.total_seconds = Seconds(clock.Monotonic() - begin);
  return report;
}

}  // namespace weir::gateway
