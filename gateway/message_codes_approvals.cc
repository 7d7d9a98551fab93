#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> ApprovalCodes() {
  static constexpr MessageCode kCodes[] = {
      {"W-APR-001", "the signers file cannot be used",
       "`signers` of `approvals` names the file with the keys of those who may sign. It must be a plain file of the policy "
       "folder, so that whoever owns the policies owns it.",
       "Put it into the policy folder, not as a link, and write its name."},
      {"W-APR-002", "a line of the signers file cannot be used",
       "A signature must tell one person: each line has one principal without patterns, each key one owner, and there is no "
       "certificate authority.",
       "Write `ann@acme.example ssh-ed25519 AAAA…`, one line for each key."},

      {"W-APR-010", "an approval cannot be read",
       "The folder of approvals or a file in it is a link, no plain file, too large or not readable. It counts as if it were "
       "not there.",
       "Look at the file; `approvals:` in weir.yml names the folder."},
      {"W-APR-011", "a file is no approval",
       "It does not hold a document, exactly as `weir approve` writes it, and signatures behind it.",
       "Do not edit it: ask for another with `weir approve`."},
      {"W-APR-012", "an approval is for something else",
       "It names another tenant, environment, sync or held run, or it is about guards while the gate holds, or the reverse.",
       "Ask for one with the same weir.yml and `--env` as the run."},
      {"W-APR-013", "an approval is for another plan",
       "It holds for exactly one plan. Policy (the signers file included), mapping, artifacts of dbt or their evidence changed "
       "since.",
       "Run `weir sync` again and have approved what it says then."},
      {"W-APR-014", "an approval does not hold at this time",
       "It expired, holds for longer than the policy's `max_days`, or was made at a time that has not come yet.",
       "Ask for another; in the last case set the clock of one machine."},
      {"W-APR-015", "an approval does not cover what there is",
       "There is more to delete or change, or there are fewer rows, than was approved, or another reason holds the gate.",
       "Look why the number grew; then ask for an approval of it."},
      {"W-APR-016", "a signature is none for approvals",
       "It is damaged, or was made in another namespace: a signature for a file or a commit approves nothing.",
       "Sign with `weir approve --cosign FILE --sign-with KEYFILE`, or `ssh-keygen -Y sign -n weir-approval@v1`."},
      {"W-APR-017", "a signature is by an unknown key", "The key is not in the policy's signers file.",
       "Sign with a key that is; whoever owns the policy folder adds keys."},
      {"W-APR-018", "a signature is not of this document",
       "The document was changed after it was signed, or the signature was taken from another one.",
       "Ask for another approval, and find out who changed this one."},
      {"W-APR-019", "a signer's key does not count",
       "The signature is good, but the signers file does not let the key count at this time (`valid-after`, `valid-before`) or "
       "for approvals (`namespaces`).",
       "Have another person sign, or have the policy's owner renew the key."},
      {"W-APR-020", "there is no ssh-keygen", "Signatures are made and verified by OpenSSH. Without it none counts.",
       "Install OpenSSH's client; on Debian: `apt install openssh-client`."},
      {"W-APR-021", "signing failed", "The key cannot be read, the passphrase is wrong, or the agent refused.",
       "Read what ssh-keygen said; try `ssh-keygen -Y sign -n weir-approval@v1 -f KEYFILE` by itself."},
      {"W-APR-022", "an approval was used",
       "The log says which run used it. One approval lets one run go, whatever became of that run.",
       "Ask for another with `weir approve`."},
      {"W-APR-023", "who asks cannot approve",
       "The signer is the one who asked for the approval, or who ran what was held, as far as their names tell.",
       "Have another person sign."},
      {"W-APR-024", "too few persons approved",
       "So many distinct persons of the signers file must sign as policy says under `two_persons`; two signatures of one person "
       "are one.",
       "Have the next person run `weir approve --cosign FILE --sign-with KEYFILE`."},
      {"W-APR-025", "this cannot be overridden",
       "An override lifts what requirements of the policy ask, unless they are `never_waivable`. A failed build, a transfer "
       "that ended, contradicting guards, `never`, masks and the log are never lifted.",
       "Remove the cause; the message names it."},

      {"W-APR-030", "a run went on by approval", "Guards held it, and persons signed that it may pass. The log has the entry.",
       "Nothing needs to be done."},
      {"W-APR-031", "a run waits for an approval", "A guard holds it, and policy lets persons approve what there is.",
       "Look at the numbers. If they are right, run the command in the message and have it signed; then run the sync again."},
      {"W-APR-032", "persons may lift what holds the run",
       "All that holds the gate was asked by requirements of the policy, which an override lifts for one run.",
       "Prefer to remove the cause. If there is no time: `weir override SYNC --reason TEXT`."},
      {"W-APR-033", "a run went on by override", "The gate held it, and persons broke the glass. The log has the entry.",
       "Remove the cause before the next run, which the gate will hold again."},

      {"W-APR-040", "the policy knows no approvals", "Without `approvals:` nobody is named who could sign.",
       "Add `approvals: {signers: allowed_signers}` to the policy, and the file with the signers' keys."},
      {"W-APR-041", "there is nothing to approve", "An approval is bound to the plan of a run that was held.",
       "Run `weir sync SYNC`; when it is held, it tells the command."},
      {"W-APR-042", "the approval would not suffice", "What is asked for is less than what the held run counted.",
       "Leave the option away, or give at least that number (for rows: at most)."},
      {"W-APR-043", "an approval cannot say that", "A reason, a name, a time or a digest is missing or not well written.",
       "The message says which, and how it is written."},
  };
  return kCodes;
}

}  // namespace weir::gateway
