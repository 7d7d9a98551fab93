#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "audit/digest.h"
#include "manifest/column_names.h"
#include "manifest/yaml_document.h"
#include "policies/policy.h"
#include "policies/policy_document.h"
#include "policies/presets.h"
#include "policies/validate.h"

namespace weir::policies {
namespace {

namespace fs = std::filesystem;
using manifest::Diagnostics;
using manifest::Position;
using manifest::Value;

constexpr std::string_view kUnreadable = "W-POL-001";
constexpr std::string_view kSecret = "W-POL-017";
constexpr std::size_t kMaxFiles = 500;
constexpr std::uintmax_t kMaxFileBytes = 4u << 20;

// The files of a folder as the user would name them, sorted. A link that leads out of the folder is refused:
// who owns the folder must own every rule in it.
std::vector<std::string> FilesOf(const std::string& folder, Diagnostics* diagnostics) {
  std::vector<std::string> files;
  std::error_code error;
  if (fs::is_regular_file(folder, error)) return {folder};
  fs::directory_iterator entries(folder, error);
  if (error) {
    diagnostics->Error(kUnreadable, folder, {}, "there is no such policy folder; `weir init` makes one");
    return {};
  }
  const fs::path root = fs::canonical(folder, error);
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) break;
    const fs::path& path = entries->path();
    const std::string name = path.filename().string();
    // `NEVER.YML` holds rules, too, whatever a file system makes of its case.
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), manifest::LowerAscii);
    if ((extension != ".yml" && extension != ".yaml") || name.starts_with('.')) continue;
    const std::string shown = (fs::path(folder) / name).string();
    const fs::path real = fs::canonical(path, error);
    if (error || !real.string().starts_with(root.string() + "/")) {
      diagnostics->Error(kUnreadable, shown, {},
                         "this link leads out of the policy folder; copy the file into it");
      error.clear();
      continue;
    }
    if (!fs::is_regular_file(real, error)) {
      diagnostics->Error(kUnreadable, shown, {}, "this is no file");
      continue;
    }
    files.push_back(shown);
  }
  if (error)
    diagnostics->Error(kUnreadable, folder, {}, "the policy folder cannot be listed: " + error.message());
  std::sort(files.begin(), files.end());
  if (files.empty() && !diagnostics->HasErrors()) {
    diagnostics->Error(kUnreadable, folder, {},
                       "the policy folder holds no `.yml` file; nothing may leave without one");
  }
  if (files.size() > kMaxFiles) {
    diagnostics->Error(kUnreadable, folder, {},
                       "the policy folder holds more than " + std::to_string(kMaxFiles) + " files");
    files.clear();
  }
  return files;
}

std::optional<std::string> ReadText(const std::string& file, Diagnostics* diagnostics) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (!error && size > kMaxFileBytes) {
    diagnostics->Error(kUnreadable, file, {}, "the file has more than 4 MiB");
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  // An empty file sets failbit on the way out, not badbit.
  if (error || !in.is_open() || in.bad()) {
    diagnostics->Error(kUnreadable, file, {},
                       "the file cannot be read" + (error ? ": " + error.message() : std::string()));
    return std::nullopt;
  }
  return text.str();
}

void ReportSecret(const std::string& file, Position at, Diagnostics* diagnostics) {
  diagnostics->Error(kSecret, file, at,
                     "this looks like a secret; a policy holds none, remove it and revoke it");
}

// Scalars and keys that look like credentials, and keys without a value: read as absent, `name:` with nothing
// behind it would leave a class without its evidence.
void ScanValue(const Value& value, const std::string& file, Diagnostics* diagnostics, bool* secret) {
  if (value.kind() == Value::Kind::kString && manifest::LooksLikeSecret(value.text())) {
    ReportSecret(file, value.position(), diagnostics);
    *secret = true;
  }
  for (const Value& item : value.items()) {
    if (item.IsNull()) diagnostics->Error("W-POL-010", file, item.position(), "this list item is empty");
    ScanValue(item, file, diagnostics, secret);
  }
  for (const Value::Member& member : value.members()) {
    const bool named = manifest::NamesSecret(member.key) && member.value.kind() == Value::Kind::kString;
    if (manifest::LooksLikeSecret(member.key) || named) {
      ReportSecret(file, named ? member.value.position() : member.key_position, diagnostics);
      *secret = true;
      continue;
    }
    if (member.value.IsNull()) {
      diagnostics->Error("W-POL-010", file, member.key_position,
                         "`" + member.key + "` has no value; give it one or remove the key");
    }
    ScanValue(member.value, file, diagnostics, secret);
  }
}

bool ScanComments(const std::string& text, const std::string& file, Diagnostics* diagnostics) {
  bool secret = false;
  std::istringstream lines(text);
  std::string line;
  for (std::uint32_t number = 1; std::getline(lines, line); ++number) {
    const std::size_t hash = line.starts_with('#') ? 0 : line.find(" #");
    if (hash == std::string::npos || !manifest::LooksLikeSecret(std::string_view(line).substr(hash)))
      continue;
    ReportSecret(file, {number, static_cast<std::uint32_t>(hash + 1)}, diagnostics);
    secret = true;
  }
  return secret;
}

}  // namespace

std::optional<Policy> ReadPolicy(const std::string& folder, Diagnostics* diagnostics) {
  Policy policy;
  Diagnostics own;
  PolicyDocument document(&policy, &own);
  std::string inputs;
  policy.files = FilesOf(folder, &own);
  bool readable = !own.HasErrors();
  for (const std::string& file : policy.files) {
    const auto text = ReadText(file, &own);
    readable = readable && text;
    if (!text) continue;
    audit::AppendField(&inputs, fs::path(file).filename().string());
    audit::AppendField(&inputs, *text);
    diagnostics->AddSource(file, *text);
    const auto value = manifest::ReadYaml(*text, file, &own);
    bool secret = ScanComments(*text, file, &own);
    readable = readable && value;
    if (!value) continue;
    ScanValue(*value, file, &own, &secret);
    if (secret) readable = false;
    if (secret) continue;
    document.Read(*value, file);
  }
  if (policy.approvals) ReadSigners(folder, &*policy.approvals, &inputs, &own);
  // What a file's bad syntax hides would be reported as unknown wherever it is named.
  if (readable) ApplyPresets(&policy, &own);
  if (readable) ValidatePolicy(policy, &own);
  if (policy.approvals) diagnostics->AddSource(policy.approvals->signers_file, policy.approvals->signers_text);
  for (manifest::Diagnostic& diagnostic : own.Sorted()) diagnostics->Add(std::move(diagnostic));
  if (own.HasErrors()) return std::nullopt;
  policy.digest = audit::Hex(audit::Sha256(inputs));
  return policy;
}

}  // namespace weir::policies
