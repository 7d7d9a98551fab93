#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> DocumentCodes() {
  static constexpr MessageCode kCodes[] = {
      {"W-ART-001", "an artifact cannot be read",
       "A file that dbt writes to its target folder is not there, or cannot be opened. manifest.json is always needed; "
       "run_results.json, sources.json and catalog.json are read when they are there.",
       "Run `dbt build` in the project, and look at `projects:` in weir.yml: it names the target folder."},
      {"W-ART-002", "an artifact is not JSON",
       "The file is truncated or damaged: a byte was changed, or dbt was stopped while it wrote. Weir reads nothing of "
       "such a file, because the part that is missing may be what forbids something.",
       "Run `dbt build` again."},
      {"W-ART-003", "an artifact has a schema that this version does not read",
       "Each artifact names its schema, for example manifest/v12. This one is of another kind or of a version that this "
       "program was not written for.",
       "See manifest/README.md for the versions that are read. Often the wrong file stands at this path, or dbt is newer "
       "than Weir."},
      {"W-ART-004", "an artifact is too large or nested too deep",
       "Readers have limits, so that a hostile or broken file cannot take the machine's memory.",
       "Check that the file is what dbt wrote. If it is, report it: the limit is too low."},
      {"W-ART-005", "an artifact does not have the shape of its schema",
       "A value has another type than the schema says, something required is missing, or an id occurs twice.",
       "Run `dbt build` again; if dbt itself wrote this, report it with dbt's version."},
      {"W-ART-006", "dbt's Information Schema is there and is not used",
       "A Parquet file below target/info_schema/v1 is damaged, of another version or shape, or cannot be read because DuckDB's "
       "library is not there. Columns are then traced through the compiled SQL, or taken to hold whatever their parents hold, "
       "and bear the classifiers of manifest.json, without those that dbt propagated.",
       "Run `dbt compile --generate-info-schema --static-analysis strict` again. For the library: "
       "`tests/install/install_duckdb.sh FOLDER`, and name the file in $WEIR_DUCKDB_LIBRARY."},
      {"W-ART-007", "a run of dbt cannot be put in order with other runs",
       "With `keep_runs`, the latest result of each test counts, so it must be known which one that is. This run_results.json "
       "is of dbt before 1.8, says no invocation or no time, has times that cannot be (a result after the run was written, a "
       "run of the future), or has the invocation_id of another run and other contents. Nothing is decided on it.",
       "Run `dbt build` again; see that the clocks of the machines that run dbt and Weir are right. The file was edited, or put "
       "together from two, if it stays."},
      {"W-ART-008", "the runs of dbt that were kept cannot be used",
       "What `keep_runs` keeps below the state folder is damaged, has lost a file, is of another project or warehouse, or is in "
       "use by a process that does not end. A run that is gone may be the one that failed, so the others prove nothing.",
       "Run `dbt build`, and remove the folder that the message names: evidence begins anew with that run."},
      {"W-ART-009", "no SQL is read, so nothing proves where columns come from",
       "The policy says `inherit: lineage`, and the compiled SQL is parsed by DuckDB, whose library or whose process `weir-duckdb` "
       "is not there. Each column then has the classes of all columns of its model's parents, and hardly any may leave.",
       "`tests/install/install_duckdb.sh FOLDER`, and name FOLDER/libduckdb.so in $WEIR_DUCKDB_LIBRARY, or put it beside the program."},

      {"W-YAML-001", "the file is not YAML",
       "The document cannot be read: a bracket or quote is open, a tab indents, or a second document follows.",
       "The position in the message is where reading stopped; the mistake is there or just above."},
      {"W-YAML-002", "YAML features that are refused",
       "Anchors, aliases, merge keys and tags make a document say something else than a reader of it sees. Weir's "
       "documents do without.",
       "Write the value out where it is used; quote text that begins with `!`, `&` or `*`."},
      {"W-YAML-003", "a key stands twice in one map",
       "Readers of YAML disagree which of the two counts, so neither does.", "Remove one of them."},
      {"W-YAML-004", "the file holds bytes that are no text",
       "The file is not UTF-8, or holds control characters.", "Save it as UTF-8."},
      {"W-YAML-005", "the file is too large or nested too deep",
       "Readers have limits, so that a broken file cannot take the machine's memory.", "Split the file."},

      {"W-CFG-001", "weir.yml cannot be read", "The file is not there, or is not a plain readable file.",
       "Run `weir init` in the folder of the dbt project, or name the file with `--config FILE`."},
      {"W-CFG-002", "a key of weir.yml is unknown, missing or of the wrong type",
       "Configuration is strict: a key that is not known is an error, because a misspelt limit would be no limit.",
       "gateway/README.md lists every key with type, default and an example."},
      {"W-CFG-003", "weir.yml has no version that this program reads", "`version: 1` is the only one so far.",
       "Write `version: 1` at the top."},
      {"W-CFG-004", "a secret stands in weir.yml",
       "Where a secret belongs, weir.yml holds a reference: `env:NAME`, `file:PATH` or `command:…`. A literal is "
       "refused and never shown.",
       "Put the secret into the environment or into a file of mode 0600, write the reference, and, if the file was ever "
       "shared, change the secret."},
      {"W-CFG-005", "an environment is unknown, or shares what it must not share",
       "Environments are overlays of weir.yml. Each has state, log and destinations of its own, so that a trial run "
       "cannot take away from production what was sent.",
       "Write the overlay under `environments:`, with a `state` and an `audit` of its own."},
      {"W-CFG-006", "the source is not fully described", "`source:` says where the warehouse is.",
       "Write `{kind: duckdb, path: FILE}`, or `kind: postgres` with host, dbname, user and password, or with `url`."},
      {"W-CFG-007", "a destination is not well described",
       "A setting of a destination is missing, out of range, or not allowed.",
       "gateway/README.md lists the settings of each kind of destination."},
      {"W-CFG-008", "the address of a destination cannot be used",
       "It must be a literal `https://` address: policy pins where data goes, so it may not come from the environment, "
       "and unencrypted addresses of other machines need `allow_plain_http: true`.",
       "Write the address out; put credentials into `headers:` as references."},
      {"W-CFG-009", "the connection to the warehouse does not prove who answers",
       "With this `sslmode` somebody between could read everything that Weir reads.", "Use `sslmode: verify-full`."},
      {"W-CFG-020", "a secret is not set", "The reference points to nothing, or to an empty value.",
       "Set the variable or the file that the message names."},
      {"W-CFG-021", "the file of a secret cannot be read",
       "It is not there, is no plain file, cannot be opened, or is too large for a secret.",
       "Check the path: it begins at the folder of weir.yml."},
      {"W-CFG-022", "the file of a secret is open to others",
       "A secret that others may read is none.", "Run `chmod 600` on it; it must belong to you or to root."},
      {"W-CFG-023", "the command of a secret failed",
       "`command:` runs a program whose output is the secret. It could not be started, failed, was too slow or wrote too "
       "much.",
       "Run the command by hand in the folder of weir.yml."},
      {"W-CFG-030", "a sync names a destination that weir.yml does not have",
       "Where a destination is stands in weir.yml under the name that the sync uses.",
       "Add it under `destinations:` in weir.yml, or correct the name."},
      {"W-CFG-031", "a destination is unknown to the policies",
       "Who reads what arrives there, and how far it is trusted, is for the policy folder to say; without it nothing may "
       "go there.",
       "Declare it under `destinations:` in the policy folder."},
      {"W-CFG-032", "weir.yml and the policies mean different places",
       "Policy pins each destination to an origin (scheme, host, port). weir.yml connects to another one.",
       "Whichever is wrong: changing the policy needs the owners of the policy folder."},
  };
  return kCodes;
}

}  // namespace weir::gateway
