#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
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
constexpr std::string_view kInclude = "W-POL-060";
constexpr std::string_view kSecret = "W-POL-017";
constexpr std::size_t kMaxFiles = 500;
constexpr std::uintmax_t kMaxFileBytes = 4u << 20;

// The files of a folder as the user would name them, sorted. A link that leads out of the folder is refused:
// who owns the folder must own every rule in it.
// `root`: the policy folder, of which `folder` is a part.
std::vector<std::string> FilesOf(const std::string& folder, const fs::path& root, Diagnostics* diagnostics) {
  std::vector<std::string> files;
  std::error_code error;
  if (fs::is_regular_file(folder, error)) return {folder};
  fs::directory_iterator entries(folder, error);
  if (error) {
    diagnostics->Error(kUnreadable, folder, {}, "there is no such policy folder; `weir init` makes one");
    return {};
  }
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

// Folder after folder: the policy's own, then those that its files include.
class FolderReader {
 public:
  FolderReader(const std::string& folder, Policy* policy, Diagnostics* own, Diagnostics* shown)
      : shown_root_(folder), policy_(policy), own_(own), shown_(shown), document_(policy, own) {
    std::error_code error;
    if (fs::is_regular_file(folder, error)) shown_root_ = fs::path(folder).parent_path();
    root_ = fs::canonical(shown_root_.empty() ? "." : shown_root_, error);
    seen_[fs::canonical(folder, error).string()] = Located{folder, {}};
    folders_.push_back(folder);
  }

  void Run() {
    for (std::size_t next = 0; next < folders_.size(); ++next) {
      const std::vector<std::string> files = FilesOf(folders_[next], root_, own_);
      readable_ = readable_ && !own_->HasErrors();
      if (policy_->files.size() + files.size() > kMaxFiles) {
        own_->Error(kUnreadable, folders_[next], {},
                    "with the folders that it includes, the policy has more than " + std::to_string(kMaxFiles) +
                        " files");
        readable_ = false;
        return;
      }
      for (const std::string& file : files) ReadFile(file);
    }
  }

  bool readable() const { return readable_; }
  const std::string& inputs() const { return inputs_; }

 private:
  void ReadFile(const std::string& file) {
    policy_->files.push_back(file);
    const auto text = ReadText(file, own_);
    readable_ = readable_ && text;
    if (!text) return;
    audit::AppendField(&inputs_, fs::path(file).lexically_relative(shown_root_.empty() ? "." : shown_root_).string());
    audit::AppendField(&inputs_, *text);
    shown_->AddSource(file, *text);
    const auto value = manifest::ReadYaml(*text, file, own_);
    bool secret = ScanComments(*text, file, own_);
    readable_ = readable_ && value;
    if (!value) return;
    ScanValue(*value, file, own_, &secret);
    if (secret) readable_ = false;
    if (secret) return;
    document_.Read(*value, file);
    for (const PolicyDocument::Inclusion& inclusion : document_.inclusions()) Include(inclusion);
  }

  void Refuse(const PolicyDocument::Inclusion& inclusion, const std::string& why) {
    own_->Error(kInclude, inclusion.at.file, inclusion.at.position, "included folder `" + inclusion.folder + "` " + why);
    readable_ = false;
  }

  // Who owns the policy folder must own every rule in it, so nothing is included from beside or above it.
  void Include(const PolicyDocument::Inclusion& inclusion) {
    const fs::path written = inclusion.folder;
    const fs::path beside = fs::path(inclusion.at.file).parent_path();
    const std::string shown = (beside / written).lexically_normal().string();
    std::error_code error;
    const fs::path real = fs::canonical(beside / written, error);
    const bool inside = !error && real.string().starts_with(root_.string() + "/");
    if (written.is_absolute() || (!error && !inside && real != root_)) {
      return Refuse(inclusion, "leads out of the policy folder; copy it into the folder");
    }
    if (error || !fs::is_directory(real, error)) {
      std::vector<std::string> names;
      fs::directory_iterator entries((beside / written).lexically_normal().parent_path(), error);
      for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        if (entries->is_directory(error)) names.push_back((written.parent_path() / entries->path().filename()).string());
      }
      return Refuse(inclusion, "is not there" + manifest::DidYouMean(inclusion.folder, names));
    }
    const auto [found, first] = seen_.try_emplace(real.string(), inclusion.at);
    if (first) {
      folders_.push_back(shown);
      return;
    }
    const Located& before = found->second;
    Refuse(inclusion, before.position.line == 0 ? "is the policy folder itself"
                                                : "is already included at " + before.file + ":" +
                                                      std::to_string(before.position.line) + ":" +
                                                      std::to_string(before.position.column));
  }

  fs::path shown_root_, root_;
  Policy* policy_;
  Diagnostics* own_;
  Diagnostics* shown_;
  PolicyDocument document_;
  std::vector<std::string> folders_;     // as shown
  std::map<std::string, Located> seen_;  // canonical -> where it was included
  std::string inputs_;
  bool readable_ = true;
};

}  // namespace

std::optional<Policy> ReadPolicy(const std::string& folder, Diagnostics* diagnostics) {
  Policy policy;
  Diagnostics own;
  FolderReader reader(folder, &policy, &own, diagnostics);
  reader.Run();
  std::string inputs = reader.inputs();
  if (policy.approvals) ReadSigners(folder, &*policy.approvals, &inputs, &own);
  // What a file's bad syntax hides would be reported as unknown wherever it is named.
  if (reader.readable()) ApplyPresets(&policy, &own);
  if (reader.readable()) ValidatePolicy(policy, &own);
  if (policy.approvals) diagnostics->AddSource(policy.approvals->signers_file, policy.approvals->signers_text);
  for (manifest::Diagnostic& diagnostic : own.Sorted()) diagnostics->Add(std::move(diagnostic));
  if (own.HasErrors()) return std::nullopt;
  policy.digest = audit::Hex(audit::Sha256(inputs));
  return policy;
}

}  // namespace weir::policies
