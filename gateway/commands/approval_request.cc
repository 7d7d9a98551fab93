#include "gateway/commands/approval_request.h"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "audit/digest.h"
#include "audit/secret.h"
#include "gateway/commands/approval_report.h"
#include "gateway/commands/json_output.h"
#include "gateway/exit_status.h"
#include "gateway/run_sync.h"
#include "gateway/ssh_signature.h"

namespace weir::gateway {
namespace {

constexpr std::int64_t kDefaultDays = 7;

audit::Time ExpiryOf(const std::string& written, const policies::Approvals& policy, audit::Time now) {
  const std::chrono::days most(policy.max_days);
  if (written.empty()) return now + std::min(std::chrono::days(kDefaultDays), most);
  const std::optional<audit::Time> expires = policies::ParseExpiry(written, now);
  if (!expires) throw ConfigError("W-APR-043", "`--expires " + written + "` is neither a day such as 2027-01-31 nor a time such as 7d");
  if (*expires <= now) throw ConfigError("W-APR-043", "`--expires " + written + "` is past");
  if (*expires - now > most) {
    throw ConfigError("W-APR-043", "`--expires " + written + "` is later than the policy's `max_days: " +
                                       std::to_string(policy.max_days) + "` allows");
  }
  return *expires;
}

const std::string& Checked(const std::string& text, const char* option) {
  if (policies::IsApprovalText(text)) return text;
  throw ConfigError("W-APR-043", std::string("the text of `") + option +
                                     "` must be one line of UTF-8 of at most 500 bytes, without control characters");
}

// A signature that would not count is not added: who signs is told at once.
std::string SignAs(const policies::Approval& approval, const std::string& key_file, const policies::Approvals& policy,
                   audit::Time now) {
  const std::string document = approval.ToText();
  std::string signature = SignWith(key_file, document);
  const SignatureVerdict verdict = VerifySignature(document, signature, policy, now);
  if (verdict.principal.empty()) throw ConfigError(verdict.code, "the approval " + verdict.problem);
  if (policies::MayBeSamePerson(verdict.principal, approval.requested_by)) {
    throw ConfigError("W-APR-023", "`" + verdict.principal + "` asked for it (`" + approval.requested_by +
                                       "`) and so cannot approve it; another person must sign");
  }
  return signature;
}

void PrintDocument(const std::string& document, Terminal& terminal) {
  for (std::size_t begin = 0; begin < document.size();) {
    const std::size_t end = document.find('\n', begin);
    terminal.Line("  " + document.substr(begin, end - begin));
    begin = end + 1;
  }
}

int Tell(const Workspace& workspace, const policies::SyncSpec& sync, const StoredApproval& stored, Invocation& invocation) {
  const policies::Approvals& policy = ApprovalsOf(workspace);
  const ApprovalVerdict verdict =
      JudgeApproval(stored, NeedOf(stored.approval), policy, LogFolder(workspace.config, sync), invocation.clock.Now());
  const int status = verdict.good ? kExitGood : kExitWaiting;
  if (invocation.json()) {
    nlohmann::ordered_json document = {{"document", "weir.approval"}, {"version", 1}};
    document.update(nlohmann::ordered_json::parse(StoredApprovalJson(stored, verdict)));
    document["text"] = stored.document;
    document["exit_status"] = status;
    PrintJson(document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), invocation.out);
    return status;
  }
  invocation.out.Line(Spans{{stored.path, Style::kBold}});
  PrintDocument(stored.document, invocation.out);
  PrintVerdict(stored, verdict, invocation.out);
  if (!verdict.good && !invocation.options.quiet) {
    invocation.err.Line("weir: the next person signs with `weir approve --cosign " + stored.path + " --sign-with KEYFILE`");
  }
  return status;
}

}  // namespace

void ApprovalOptions::AddTo(Options* options) {
  options->Text("--reason", &reason, "TEXT", "why; it is signed, and stands in the log");
  options->Text("--expires", &expires, "WHEN", "a day (2027-01-31, to its end in UTC) or a time (12h, 7d) [7d]");
  options->Text("--requested-by", &requested_by, "WHO", "who asks, and so cannot sign [who ran what was held]");
  options->Text("--sign-with", &key_file, "KEYFILE", "sign with this SSH key; a `.pub` file: with the agent's or a security key");
  options->Flag("--print", &print, "print the document, to be signed elsewhere; write nothing");
  options->Exclude("--print", "--sign-with");
}

const policies::Approvals& ApprovalsOf(const Workspace& workspace) {
  if (workspace.policy.approvals) return *workspace.policy.approvals;
  throw ConfigError("W-APR-040", "the policy has no `approvals:`, so nothing can be approved or overridden; policies/README.md "
                                 "shows how to name who may sign");
}

policies::Approval BeginApproval(const Workspace& workspace, const policies::SyncSpec& sync, policies::Approval::Kind kind,
                                 const std::string& actor, const ApprovalOptions& options, audit::Time now) {
  policies::Approval out;
  out.kind = kind;
  out.tenant = workspace.config.tenant;
  out.environment = workspace.config.environment;
  out.sync = sync.id;
  out.requested_by = Checked(options.requested_by.empty() ? actor : options.requested_by, "--requested-by");
  out.reason = Checked(options.reason.empty() ? "not given" : options.reason, "--reason");
  out.created = now;
  out.expires = ExpiryOf(options.expires, ApprovalsOf(workspace), now);
  const audit::SecretKey random = audit::SecretKey::Random();
  out.nonce = audit::Hex(random.bytes()).substr(0, 32);
  return out;
}

int FinishApproval(const Workspace& workspace, const policies::SyncSpec& sync, const policies::Approval& approval,
                   const ApprovalOptions& options, Invocation& invocation) {
  if (options.print) {
    invocation.out.Verbatim(approval.ToText());
    if (!invocation.options.quiet) {
      invocation.err.Line("weir: sign it with `ssh-keygen -Y sign -n " + std::string(kApprovalNamespace) +
                          " -f KEYFILE DOCUMENT`; then document and signatures, one after the other, make one file "
                          "`*.approval` in " + workspace.config.approvals);
    }
    return kExitWaiting;
  }
  std::vector<std::string> signatures;
  if (!options.key_file.empty()) {
    signatures.push_back(SignAs(approval, options.key_file, ApprovalsOf(workspace), invocation.clock.Now()));
  }
  const std::string path = WriteApproval(workspace.config.approvals, sync.name, approval, signatures);
  return Tell(workspace, sync, ReadApprovalFile(path, path), invocation);
}

int Cosign(const Workspace& workspace, const std::string& file, const std::string& key_file, Invocation& invocation) {
  const policies::Approvals& policy = ApprovalsOf(workspace);
  StoredApproval stored = ReadApprovalFile(file, file);
  const auto refuse = [&](const std::string& code, const std::string& problem) {
    throw ConfigError(code, "approval `" + file + "` " + problem);
  };
  if (!stored.problem.empty()) refuse(stored.code, stored.problem);
  policies::ApprovalNeed need = NeedOf(stored.approval);
  need.tenant = workspace.config.tenant;
  need.environment = workspace.config.environment;
  const audit::Time now = invocation.clock.Now();
  if (const auto problem = policies::WhyNot(stored.approval, need, policy, now)) refuse(problem->code, problem->text);
  std::string error;
  const policies::SyncSpec* const sync = workspace.FindSync(stored.approval.sync, &error);
  if (sync == nullptr) refuse("W-APR-012", "is for another project: " + error);
  if (!key_file.empty()) {
    if (stored.signatures.size() == kMaxSignatures) refuse("W-APR-011", "has as many signatures as one may have");
    if (!invocation.json()) PrintDocument(stored.document, invocation.err);
    AddSignature(stored, SignAs(stored.approval, key_file, policy, now));
    stored = ReadApprovalFile(file, file);
  }
  return Tell(workspace, *sync, stored, invocation);
}

}  // namespace weir::gateway
