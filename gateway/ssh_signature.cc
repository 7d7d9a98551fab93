#include "gateway/ssh_signature.h"

#include <algorithm>
#include <cerrno>

#include "audit/digest.h"
#include "gateway/command_output.h"
#include "gateway/config.h"

namespace weir::gateway {
namespace {

constexpr std::chrono::seconds kVerifyTimeout{30};
constexpr std::chrono::minutes kSignTimeout{5};  // a person types a passphrase or touches a key
constexpr std::size_t kMaxOutputBytes = 64u << 10;

// RFC 4251 section 5: four bytes of length, big-endian, and so many bytes. False: there are fewer.
bool TakeString(std::string_view* rest, std::string_view* text) {
  if (rest->size() < 4) return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>((*rest)[i]);
  if (rest->size() - 4 < size) return false;
  *text = rest->substr(4, size);
  rest->remove_prefix(4 + size);
  return true;
}

CommandOutput RunSshKeygen(ProgramCall call, std::chrono::milliseconds timeout) {
  call.arguments.insert(call.arguments.begin(), "ssh-keygen");
  CommandOutput output = RunProgram(call, timeout, kMaxOutputBytes);
  if (output.end == CommandOutput::End::kNotStarted) {
    throw ConfigError("W-APR-020", output.status == ENOENT
                                       ? "there is no `ssh-keygen` to sign and verify approvals with; install OpenSSH's client "
                                         "(Debian: openssh-client)"
                                       : "`ssh-keygen` cannot be started, and without it no approval is verified");
  }
  return output;
}

bool Succeeded(const CommandOutput& output) {
  return output.end == CommandOutput::End::kExited && output.status == 0;
}

// 20261128160000: what ssh-keygen takes, in the zone that it is given.
std::string VerifyTime(audit::Time now) {
  std::string digits = audit::FormatTime(now).substr(0, 19);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return "verify-time=" + digits;
}

// Reads nothing of the user's: the signers and the signature are the bytes that were checked before.
ProgramCall Judge(std::string_view document, std::vector<std::string> arguments, std::vector<std::string> files) {
  ProgramCall call;
  call.arguments = std::move(arguments);
  call.input = std::string(document);
  call.files = std::move(files);
  call.environment = {"TZ=UTC", "LC_ALL=C"};
  return call;
}

}  // namespace

std::optional<SshSignature> ParseSshSignature(std::string_view armored) {
  if (!armored.starts_with(kSignatureBegin) || !armored.ends_with(kSignatureEnd)) return std::nullopt;
  armored.remove_prefix(kSignatureBegin.size());
  if (armored.size() < kSignatureEnd.size()) return std::nullopt;
  armored.remove_suffix(kSignatureEnd.size());
  std::string base64(armored);
  std::erase(base64, '\n');
  std::string blob;
  if (!audit::DecodeBase64(base64, &blob)) return std::nullopt;
  constexpr std::string_view kMagic("SSHSIG\0\0\0\1", 10);  // and version 1
  std::string_view rest = blob, key, name_space;
  if (!rest.starts_with(kMagic)) return std::nullopt;
  rest.remove_prefix(kMagic.size());
  if (!TakeString(&rest, &key) || !TakeString(&rest, &name_space)) return std::nullopt;
  return SshSignature{audit::Base64(audit::Bytes(key)), std::string(name_space)};
}

SignatureVerdict VerifySignature(std::string_view document, const std::string& armored,
                                 const policies::Approvals& policy, audit::Time now) {
  const std::optional<SshSignature> signature = ParseSshSignature(armored);
  if (!signature) return {"", "W-APR-016", "has a signature that is none of ssh-keygen's"};
  if (signature->name_space != kApprovalNamespace) {
    return {"", "W-APR-016",
            "has a signature that was made for something else; sign with `ssh-keygen -Y sign -n " +
                std::string(kApprovalNamespace) + "`"};
  }
  const auto signer = std::find_if(policy.signers.begin(), policy.signers.end(),
                                   [&](const policies::AllowedSigner& one) { return one.key == signature->public_key; });
  if (signer == policy.signers.end()) {
    return {"", "W-APR-017", "has a signature by a key that is not in " + policy.signers_file};
  }
  const std::string name_space(kApprovalNamespace);
  const CommandOutput verified = RunSshKeygen(
      Judge(document,
            {"-Y", "verify", "-f", "/dev/fd/3", "-s", "/dev/fd/4", "-I", signer->principal, "-n", name_space, "-O", VerifyTime(now)},
            {policy.signers_text, armored}),
      kVerifyTimeout);
  if (Succeeded(verified)) return {signer->principal, "", ""};
  const CommandOutput matches = RunSshKeygen(
      Judge(document, {"-Y", "check-novalidate", "-s", "/dev/fd/3", "-n", name_space}, {armored}), kVerifyTimeout);
  if (!Succeeded(matches)) {
    return {"", "W-APR-018", "is not what `" + signer->principal + "` signed: it was changed, or the signature is of another one"};
  }
  return {"", "W-APR-019",
          "is signed by `" + signer->principal + "`, whose key does not count at this time or for approvals (`valid-after`, "
          "`valid-before`, `namespaces` in " + policy.signers_file + ")"};
}

std::string SignWith(const std::string& key_file, std::string_view document) {
  ProgramCall call;
  call.arguments = {"-Y", "sign", "-f", key_file, "-n", std::string(kApprovalNamespace)};
  call.input = std::string(document);
  call.asks = true;
  const CommandOutput output = RunSshKeygen(std::move(call), kSignTimeout);
  if (!Succeeded(output) || !ParseSshSignature(output.text)) {
    throw ConfigError("W-APR-021", "`ssh-keygen` did not sign with `" + key_file + "`; what it said stands above");
  }
  return output.text;
}

}  // namespace weir::gateway
