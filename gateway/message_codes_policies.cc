#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> PolicyCodes() {
  static constexpr MessageCode kCodes[] = {
      {"W-POL-001", "the policy folder cannot be read",
       "Without policies nothing may leave. The folder is not there, holds no `.yml` file, or cannot be opened.",
       "Look at `policies:` in weir.yml; `weir init` writes a first policy where there is none."},
      {"W-POL-010", "a policy has a key or a value that is not known",
       "The language is strict: what is not understood is an error, because a rule that is misspelt would not hold.",
       "policies/README.md lists every key."},
      {"W-POL-012", "a policy names something that is not declared",
       "A class, role, destination, purpose or model is used that no file of the folder declares.",
       "Declare it, or correct the name; the message proposes one where it is close."},
      {"W-POL-013", "something is declared twice in the policies",
       "Ids and names are unique over the whole folder, so that a message or log entry means one rule.",
       "Rename or remove one of the two; the message names both places."},
      {"W-POL-014", "a pattern is not a valid regular expression",
       "Patterns are RE2: no backreferences and no look-around, so that they always end quickly.",
       "Correct the pattern; `(?i)` makes it ignore case."},
      {"W-POL-015", "a destination has no readers",
       "A destination is as trusted as its least trusted reader; with none nobody can say what it may get.",
       "List the roles of those who see what arrives there."},
      {"W-POL-016", "a permissive class is assigned by more than addresses",
       "A permissive class says that data is harmless. Only the policy folder may say so, column by column: never a "
       "model's meta, a tag or a name, which authors of models write.",
       "List the columns under `columns:`, and leave `meta`, `tags`, `classifiers` and `name` away."},
      {"W-POL-017", "a policy holds what looks like a secret",
       "Policies are read by many; secrets have no place there. It is not shown.",
       "Remove it, and change the secret if the file was ever shared."},
      {"W-POL-018", "a transform is not well written", "`as:` takes a transform with its settings.",
       "policies/README.md lists the transforms and what each takes."},
      {"W-POL-019", "a row filter is not well written",
       "`send_if` takes comparisons of columns with constants, joined by all, any and not.",
       "policies/README.md lists the comparisons."},
      {"W-POL-020", "a selector is not well written",
       "`select:` uses dbt's selector syntax without graph operators.",
       "policies/README.md lists the methods: exposure, sync, source, tag, path, package, group, access, config."},
      {"W-POL-030", "a policy names a model that the project does not have",
       "A warning: one policy may serve several projects. What cannot be applied denies.",
       "Correct the name if it was meant for this project."},
      {"W-POL-031", "a policy names a column that the model does not have",
       "A warning: one policy may serve several projects. What cannot be applied denies.",
       "Correct the name, or describe the column in the dbt project."},
      {"W-POL-040", "a waiver is not well written",
       "It needs `id`, `rule`, `target`, `reason`, `approver` and `expires`; its target is one exact name.",
       "policies/README.md lists the keys of a waiver."},
      {"W-POL-041", "a waiver names a rule",
       "A waiver lifts what a requirement holds. What `rules:` give or forbid it never touches: neither a transform nor a "
       "`never`.",
       "Change the rule, if its owners want that, or name a requirement."},
      {"W-POL-042", "a requirement names a group that the project does not have",
       "A warning: one policy may serve several projects. No model can be in it.", "Correct the name."},
      {"W-POL-043", "a requirement counts by a column that no model documents",
       "A misspelt column would be counted by nowhere, so the gate holds the syncs that the requirement is about "
       "(W-GATE-023). A warning where the requirement holds nothing.",
       "Correct the name, or describe the column in the dbt project."},
      {"W-POL-044", "a waiver names what nobody may waive",
       "`never_waivable` of `approvals` lists the requirement: neither a waiver nor an override lifts it.",
       "Meet the requirement, or have the policy's owners take it off the list."},
      {"W-POL-045", "a requirement selects nothing",
       "`select` names what the project does not have, which holds every sync (W-GATE-024), or picks nothing of what the "
       "requirement is `for`.",
       "Correct `select` or `for`."},
      {"W-POL-050", "a preset is not known", "`presets:` names conventions of other teams that Weir recognizes.",
       "policies/README.md lists them."},
      {"W-POL-051", "a preset's class is permissive in the policy",
       "The preset marks sensitive columns with a class of that name, and the policy says that the class is harmless.",
       "Rename the class of the policy."},
      {"W-POL-052", "a class's `value` is not well written",
       "`value` takes a detector's name, or a pattern with its check, a share and exceptions.",
       "policies/README.md lists the detectors and keys."},
      {"W-POL-060", "an included folder cannot be used",
       "`include:` names folders below the policy folder, each once. What lies outside belongs to others, who could "
       "change the rules.",
       "Copy the folder into the policy folder, or remove what includes it a second time."},
      {"W-POL-061", "a test of the policy failed",
       "The policy decides otherwise than the test expects, or the test found nothing to ask about. The message says what "
       "was decided and by which rules.",
       "Correct the rule or the test; `weir explain` shows how a column is decided, rule by rule."},
      {"W-POL-062", "a declassification is not well written",
       "An item of `declassify:` names exact columns, one class that they inherit, the digest of the model's SQL, a reason, an "
       "approver and a last day; and only a policy with `inherit: lineage` inherits.",
       "policies/README.md lists its keys; `weir explain MODEL.COLUMN` prints the digest."},

      {"W-SYN-001", "a sync is not well declared",
       "A `weir` block of an exposure, or an item of `syncs:` in weir.yml, has an unknown key, lacks one, or has a value "
       "of the wrong type.",
       "gateway/README.md lists the keys of a sync."},
      {"W-SYN-002", "a sync names a model or column that is not there",
       "Only columns that the dbt project describes can be synced: what nobody described, nobody classified.",
       "Correct the name, or describe the column in the model's YAML and run `dbt build`."},
      {"W-SYN-003", "two syncs have one name", "Names become folders of state and log.", "Rename one of them."},
      {"W-SYN-004", "the manifest does not say of which project it is",
       "Exposures of installed packages send nothing, so the project's own ones must be known: by `project_name` (dbt 1.6 and later) or "
       "`project_id` of the manifest's metadata.",
       "Give the manifest as dbt wrote it."},

      {"W-CHK-001", "the file is no baseline", "It was not written by `weir check --write-baseline`, or was changed.",
       "Take it from the protected branch, or write it anew."},
      {"W-CHK-002", "the base's manifest is another one than `--base-digest` says",
       "Who can replace the base can make everything that a pull request adds look as if it had been there.",
       "Fetch the artifact of the protected branch again; `sha256sum manifest.json` gives the digest."},
  };
  return kCodes;
}

}  // namespace weir::gateway
