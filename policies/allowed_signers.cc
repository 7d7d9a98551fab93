#include "policies/allowed_signers.h"

#include <algorithm>
#include <array>
#include <map>

#include "audit/digest.h"

namespace weir::policies {
namespace {

constexpr std::string_view kCode = "W-APR-002";
constexpr std::size_t kMaxPrincipalBytes = 100;

constexpr std::array<std::string_view, 7> kKeyTypes = {
    "ssh-ed25519",         "ecdsa-sha2-nistp256",        "ecdsa-sha2-nistp384",               "ecdsa-sha2-nistp521",
    "ssh-rsa",             "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"};

bool IsKeyType(std::string_view word) {
  return std::find(kKeyTypes.begin(), kKeyTypes.end(), word) != kKeyTypes.end();
}

// The next word of `line`; blanks inside quotes belong to it, as in `valid-before="…"`.
std::string_view TakeWord(std::string_view* line) {
  const std::size_t begin = std::min(line->find_first_not_of(" \t"), line->size());
  std::size_t end = begin;
  bool quoted = false;
  for (; end < line->size(); ++end) {
    const char c = (*line)[end];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ' ' || c == '\t')) break;
  }
  const std::string_view word = line->substr(begin, end - begin);
  line->remove_prefix(end);
  return word;
}

// No pattern, no list, no quotes: it is compared as a whole and handed to ssh-keygen.
bool IsPrincipal(std::string_view text) {
  if (text.empty() || text.size() > kMaxPrincipalBytes || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' || c == '.' ||
           c == '_' || c == '-' || c == '+';
  });
}

// RFC 4253 section 6.6: the blob begins with its type, as four bytes of length and the name.
bool IsKeyOfType(std::string_view base64, std::string_view type) {
  std::string blob;
  if (!audit::DecodeBase64(base64, &blob) || blob.size() <= 4 + type.size()) return false;
  const std::string length = {0, 0, 0, static_cast<char>(type.size())};
  return blob.starts_with(length) && blob.compare(4, type.size(), type) == 0;
}

class SignersReader {
 public:
  SignersReader(const std::string& file, manifest::Diagnostics* diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void ReadLine(std::string_view line, std::uint32_t number) {
    number_ = number;
    std::string_view rest = line;
    const std::string principal(TakeWord(&rest));
    if (principal.empty() || principal.front() == '#') return;
    if (!IsPrincipal(principal)) {
      return Error("`" + principal + "` is not one person; give each line one principal, such as `ann@acme.example`, "
                   "without patterns");
    }
    std::string_view type = TakeWord(&rest);
    if (!IsKeyType(type)) {
      const std::string_view options = type;
      type = TakeWord(&rest);
      if (options.find("cert-authority") != std::string_view::npos) {
        return Error("a certificate authority could make up any number of persons; list the keys of `" + principal + "`");
      }
    }
    if (!IsKeyType(type)) return Error("after `" + principal + "` there is no type of an SSH key, such as `ssh-ed25519`");
    const std::string key(TakeWord(&rest));
    if (!IsKeyOfType(key, type)) {
      return Error("the key of `" + principal + "` is no `" + std::string(type) + "` key in base64; copy the line of its "
                   "`.pub` file");
    }
    const auto [known, first] = owners_.try_emplace(key, principal);
    if (!first && known->second != principal) {
      return Error("the key of `" + principal + "` is also that of `" + known->second + "`; two persons do not share a key");
    }
    signers_.push_back({principal, key, number});
  }

  std::vector<AllowedSigner> Finish() {
    if (signers_.empty() && !failed_) Error("the file names no signer; nobody could approve anything");
    return std::move(signers_);
  }

 private:
  void Error(std::string message) {
    failed_ = true;
    diagnostics_->Error(kCode, file_, {number_, 1}, std::move(message));
  }

  const std::string& file_;
  manifest::Diagnostics* diagnostics_;
  std::uint32_t number_ = 1;
  bool failed_ = false;
  std::map<std::string, std::string> owners_;  // key -> principal
  std::vector<AllowedSigner> signers_;
};

}  // namespace

std::vector<AllowedSigner> ReadAllowedSigners(std::string_view text, const std::string& file,
                                              manifest::Diagnostics* diagnostics) {
  SignersReader reader(file, diagnostics);
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.ReadLine(line, ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Finish();
}

}  // namespace weir::policies
