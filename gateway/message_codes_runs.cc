#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> RunCodes() {
  static constexpr MessageCode kCodes[] = {
      {"W-PLAN-001", "policy does not let the sync run",
       "The sync as a whole is refused: its match key may not leave, its purpose is not open to it, its rows belong to "
       "no declared subject, or nothing of it may leave.",
       "The message says which. `weir explain` shows how the decision about one column was reached."},
      {"W-PLAN-002", "the model has no relation in the warehouse",
       "Ephemeral models, and models that were never built, cannot be read.",
       "Materialize the model as a table or a view, and run `dbt build`."},
      {"W-PLAN-003", "a column is not in the warehouse",
       "The manifest describes a column that the relation does not have: they are of different builds, or the "
       "description is wrong.",
       "Run `dbt build`; if the column is only described and not selected, correct the model's YAML."},
      {"W-PLAN-004", "a column has another type than the manifest says",
       "Transforms and destinations depend on types, so a wrong one is not guessed around.",
       "Run `dbt build`, or correct `data_type`."},
      {"W-PLAN-005", "the match key cannot be sent",
       "What identifies a row at the destination must leave in a form that still identifies it; it is denied, redacted "
       "or blanked.",
       "Choose another column for `match`, or have policy give it unchanged, masked or hashed."},
      {"W-PLAN-006", "the sync has no match key", "Without one, a row could not be found again to update or delete it.",
       "Add `match: {column: field}`."},
      {"W-PLAN-007", "the policy cannot be applied to what was found",
       "A filter's column is absent or of another type, or a key is missing. What cannot be evaluated denies.",
       "Correct the rule or the model; the message names the column."},
      {"W-PLAN-008", "no file can be made for the object",
       "Files lie in a folder that is called after the object, and the system has no name or path of that length.",
       "Shorten `object` of the sync, or `path` of the destination."},

      {"W-PLAN-009", "a column's form is decided and cannot be made by this version",
       "Policy gives the column as `tokenize`, `date_shift`, `scrub` or `json`. Weir decides, reports and tests these "
       "forms; it does not make them yet, and sends no weaker one in their place.",
       "Take the column out of the sync, or have policy give it in a form that this version makes."},

      {"W-GATE-001", "the model's last build failed or is unknown",
       "run_results.json does not say that the model was built. `dbt compile` and `dbt docs generate` overwrite it "
       "without building anything.",
       "Run `dbt build`, and sync before anything overwrites target/."},
      {"W-GATE-002", "a test failed", "dbt says that the data is not as it should be, or the test could not run.",
       "Fix the data or the model and run `dbt build`. What becomes of a failed test is `fail:` in the policy."},
      {"W-GATE-003", "there is no evidence of a test",
       "The test is required, but dbt's results do not show that it ran: it was not selected, was skipped, or another "
       "dbt command overwrote run_results.json (`compile` and `docs generate` list tests as `success` without running "
       "them).",
       "Run `dbt build`, which builds and tests, and sync before anything overwrites target/."},
      {"W-GATE-004", "a test warned", "A test of severity `warn` found something.",
       "Told only, unless the policy says `warn: hold`."},
      {"W-GATE-005", "the match key is not tested as a key",
       "A requirement asks that the match columns are tested `unique` and `not_null`; otherwise two rows could become "
       "one at the destination.",
       "Add both tests to the columns in the model's YAML."},
      {"W-GATE-006", "a column lacks a test that its class requires",
       "The requirement lists, under `by_class`, tests that columns of a class must have.", "Add the test."},
      {"W-GATE-007", "a test ran too long ago", "The requirement limits how old evidence may be.",
       "Run `dbt build` or `dbt test` again."},
      {"W-GATE-008", "a source is stale or was not checked",
       "sources.json says that a source above the model is stale, or says nothing of it. A source that is missing there "
       "is not fresh: dbt leaves out those whose check failed.",
       "Run `dbt source freshness`, and look why the source was not loaded."},
      {"W-GATE-009", "a source was loaded too long ago", "The requirement limits the age of the newest row.",
       "Load the source, then run `dbt build` and `dbt source freshness`."},
      {"W-GATE-010", "the exposure has not the owner that is required",
       "The requirement has a pattern for the owner's e-mail address.", "Correct `owner:` of the exposure."},
      {"W-GATE-011", "the legal transfer mechanism has ended",
       "`transfer: {until: …}` of the destination lies in the past.",
       "Have whoever is responsible for the recipient renew it in the policy folder."},
      {"W-GATE-012", "the model has no test at all", "Nothing vouches for the data.",
       "Add tests to the model; `unique` and `not_null` on its key are a beginning."},
      {"W-GATE-013", "guards of several requirements cannot be compared",
       "One is a percentage and another a number: which is stricter depends on the data. Both are kept where possible.",
       "Write them in one unit."},
      {"W-GATE-014", "there is no model to ask about", "The sync's model is not in the manifest.",
       "Run `dbt build`, and look at the sync's `model`."},
      {"W-GATE-020", "dbt's evidence changed while the run read the warehouse",
       "The gate was open at the beginning. After the scan the artifacts were not the same any more, so nobody can say "
       "which data was tested. Nothing was sent.",
       "Do not run dbt and weir at the same time; run `weir sync` again."},

      {"W-GUARD-001", "rows without a match key", "A row whose key is null cannot be found again at the destination.",
       "Add a `not_null` test, or filter such rows in the model."},
      {"W-GUARD-002", "one match key stands twice",
       "Two rows would become one at the destination, and which of them would depend on chance. Keys may also be equal "
       "only after their transform.",
       "Add a `unique` test, or make the model's rows distinct."},
      {"W-GUARD-003", "fewer rows than `min_rows`",
       "A model that is nearly empty is more often a mistake upstream than the truth.",
       "Look at the model. If it is right, have it approved (`weir approve`), or lower the guard in the policy."},
      {"W-GUARD-004", "more deletes than `max_deletes`",
       "So many rows vanished since the last run that a mistake upstream is likely. Rows that consent or policy take "
       "back do not count.",
       "Look at the model. If it is right, have it approved (`weir approve`), or raise the guard in the policy."},
      {"W-GUARD-005", "more changes than `max_changes`", "So many rows changed that a mistake upstream is likely.",
       "Look at the model. If it is right, have it approved (`weir approve`), or raise the guard in the policy."},

      {"W-SYNC-001", "the destination refuses the credentials",
       "It answered 401 or 403. What was not attempted goes with the next run.",
       "Check the secret that weir.yml refers to, and what it may do at the destination."},
      {"W-SYNC-002", "the destination takes nothing",
       "Several requests in a row brought no row in, so the run stopped. What was not attempted goes with the next run.",
       "Look at the code in the message and at the destination's own status."},
      {"W-SYNC-003", "the destination asks to wait longer than a run does",
       "It announced a limit. The rest goes with the next run.", "Run `weir sync` again later."},
      {"W-SYNC-004", "the destination or a file could not be used",
       "Something outside failed before or between requests.", "The message names it; then run `weir sync` again."},
      {"W-SYNC-005", "out of memory", "The run stopped; what was under way is recovered by the next one.",
       "Give the process more memory, or let it run alone."},
      {"W-SYNC-006", "no row has that key", "`--only KEY` found no row whose match value is that.",
       "Write the value as the warehouse has it; several match columns are joined by commas."},
      {"W-SYNC-007", "an unexpected error stopped the run",
       "This is a mistake in Weir. The next run recovers what was under way.",
       "Report it; run `weir audit verify`, then `weir sync` again."},
      {"W-SYNC-008", "the sync's place is another one",
       "The destination, its path or URL, or the object is not what it was when rows were sent. No run takes back what lies "
       "at the place before, so nothing is copied to the other place until a person says that it is meant.",
       "Undo the change; or run with `--full-refresh`, which sends every row to the new place, or with `--baseline` when it "
       "has them already, and remove the rows at the old place yourself."},
      {"W-SYNC-009", "the outcome of deliveries is unknown",
       "The destination did not answer, or not so that its answer could be understood. The rows may be there or not; the "
       "log says so.",
       "Look at the code in the message. The next run reads and decides them again, under the same idempotency keys."},
      {"W-SYNC-010", "inserts whose outcome is unknown are not repeated",
       "An earlier run ended before it knew the outcome, and the destination would keep a row that comes twice.",
       "Look at the destination. `on_unknown: resend` of the sync sends them again."},
      {"W-SYNC-011", "values look like a class that the column does not have",
       "A class with `value` was found in what the warehouse holds, and with it policy would send less of the column. What "
       "nobody classified is not sent on the strength of its name. The message has counts and no value.",
       "Give the column the class: in its dbt meta, or by its address under `columns` of the class. When a person has "
       "looked and it is none, list it under `except` of the class's `value`."},
      {"W-SRC-001", "the kind of source is not known", "weir.yml names a warehouse that this version cannot read.",
       "Write `kind: duckdb` or `kind: postgres`."},
      {"W-SRC-002", "DuckDB's library cannot be used",
       "The embedded warehouse is a library that is loaded when it is needed; it was not found, or is another one.",
       "Run `tests/install/install_duckdb.sh FOLDER` and name the file: `library:` of the source, or $WEIR_DUCKDB_LIBRARY."},
      {"W-SRC-003", "the warehouse cannot be reached",
       "The database file is absent, locked or unreadable, or the server refused the connection.",
       "The message says which. Nothing was sent."},
      {"W-SRC-004", "the relation is not in the warehouse",
       "The manifest names a table that the warehouse does not have, or that may not be read.",
       "Run `dbt build` against this warehouse, or correct `source` in weir.yml."},
      {"W-SRC-005", "a column is not in the relation", "A column that the sync needs is not there.",
       "Run `dbt build`; the message names the column."},
      {"W-SRC-006", "the input ended before its end",
       "The scan broke off. Rows that were not seen are not taken for rows deleted: nothing was sent.",
       "Run it again; the message has the warehouse's reason."},
      {"W-SRC-007", "the warehouse sent what cannot be read", "A row has another shape than its columns.",
       "Run it again; if it stays, report it with the warehouse's version."},

      {"W-DST-001", "the kind of destination is not known", "weir.yml names a destination that this version cannot write.",
       "Write `kind: file` or `kind: http`."},
      {"W-DST-002", "the format of files is not known", "Files are written as JSON lines or as CSV.",
       "Write `format: jsonl` or `format: csv`."},
      {"W-DST-003", "the folder cannot be written", "The destination's folder is absent and cannot be made, or is not ours.",
       "Make it writable, or name another under `path`."},
      {"W-DST-004", "the URL cannot be used", "It is no http or https URL, holds credentials, or names a link-local address.",
       "Correct `url`; credentials belong under `headers`, as references."},
      {"W-DST-005", "plain http to another machine", "Every row would be readable on the way.",
       "Use https, or set `allow_plain_http: true` on a network that you trust."},
      {"W-DST-006", "a header's value holds a line break", "It would end the header and begin another.",
       "Look at what the reference resolves to."},
      {"W-DST-007", "the host cannot be resolved", "The name service does not know the host in `url`.",
       "Check `url` and the network."},
      {"W-DST-008", "the host resolves to a forbidden address",
       "Link-local, multicast and metadata addresses get nothing, whatever name they hide behind; plain http goes to this "
       "machine only.",
       "Check the name service; somebody may be redirecting the host."},
  };
  return kCodes;
}

}  // namespace weir::gateway
