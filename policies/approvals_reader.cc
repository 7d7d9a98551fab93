#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "audit/digest.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

namespace fs = std::filesystem;
using manifest::Fields;
using manifest::Value;

constexpr std::string_view kShape = "W-POL-010";
constexpr std::string_view kUnusable = "W-APR-001";
constexpr std::uintmax_t kMaxSignersBytes = 256u << 10;
constexpr std::int64_t kMostDays = 366;

// A file of the policy folder, whose owners then own it: its name alone, or behind the folder's, as it reads from the
// project. Empty: neither.
std::string FileName(const std::string& written, const fs::path& folder) {
  std::string name = written;
  for (const std::string& prefix : {std::string("policies/"), folder.filename().string() + "/"}) {
    if (!name.starts_with(prefix) || prefix == "/") continue;
    name.erase(0, prefix.size());
    break;
  }
  const bool plain = !name.empty() && name.front() != '.' && name.find_first_of("/\\") == std::string::npos &&
                     name.find('\0') == std::string::npos;
  return plain ? name : std::string();
}

void ReadTwoPersons(Fields* fields, Approvals* out) {
  for (const std::string& word : fields->Strings("two_persons")) {
    if (word == "break_glass") {
      out->two_persons_for_override = true;
    } else if (word == "guards") {
      out->two_persons_for_guards = true;
    } else {
      fields->Error(*fields->Any("two_persons"), "`" + word + "` in `two_persons` of `approvals` is neither `break_glass` nor "
                                                     "`guards`" + manifest::DidYouMean(word, {"break_glass", "guards"}));
    }
  }
}

// The text of a plain file; a link could lead to a file that others own.
std::optional<std::string> ReadPlainFile(const fs::path& path, std::string* problem) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) {
    *problem = "is not in the policy folder";
  } else if (status.type() == fs::file_type::symlink) {
    *problem = "is a link; copy the file into the policy folder";
  } else if (error || status.type() != fs::file_type::regular) {
    *problem = "is no plain file";
  } else if (fs::file_size(path, error) > kMaxSignersBytes) {
    *problem = "has more than 256 KiB";
  }
  if (!problem->empty()) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (error || !in.is_open() || in.bad()) {
    *problem = "cannot be read";
    return std::nullopt;
  }
  return text.str();
}

}  // namespace

std::optional<Approvals> ReadApprovals(const Value& value, const std::string& file, manifest::Diagnostics* diagnostics) {
  Fields fields(value, "`approvals`", file, std::string(kShape), diagnostics, "{signers: policies/allowed_signers}");
  if (value.kind() != Value::Kind::kMap) return std::nullopt;
  Approvals out;
  out.at = {file, value.position()};
  if (const auto signers = fields.RequiredString("signers")) {
    out.signers_file = *signers;
    out.signers_at = {file, fields.Any("signers")->position()};
  }
  out.max_days = fields.Integer("max_days", 1, kMostDays).value_or(out.max_days);
  ReadTwoPersons(&fields, &out);
  out.never_waivable = fields.Strings("never_waivable");
  fields.Finish();
  if (out.signers_file.empty()) return std::nullopt;
  return out;
}

void ReadSigners(const std::string& folder, Approvals* approvals, std::string* inputs, manifest::Diagnostics* diagnostics) {
  std::error_code error;
  const fs::path place = fs::is_directory(folder, error) ? fs::path(folder) : fs::path(folder).parent_path();
  const Located& at = approvals->signers_at;
  const std::string written = approvals->signers_file;
  const std::string name = FileName(written, place.has_filename() ? place : place.parent_path());
  if (name.empty()) {
    diagnostics->Error(kUnusable, at.file, at.position,
                       "`signers: " + written + "` must name a file of the policy folder, without any other folder before it");
    return;
  }
  std::string problem;
  const std::optional<std::string> text = ReadPlainFile(place / name, &problem);
  if (!text) {
    diagnostics->Error(kUnusable, at.file, at.position, "the signers file `" + written + "` " + problem);
    return;
  }
  approvals->signers_file = (place / name).string();
  approvals->signers_text = *text;
  audit::AppendField(inputs, name);
  audit::AppendField(inputs, *text);
  const bool was_good = !diagnostics->HasErrors();
  approvals->signers = ReadAllowedSigners(*text, approvals->signers_file, diagnostics);
  std::set<std::string> persons;
  for (const AllowedSigner& signer : approvals->signers) persons.insert(signer.principal);
  if (was_good && !diagnostics->HasErrors() && persons.size() < 2 &&
      (approvals->two_persons_for_guards || approvals->two_persons_for_override)) {
    diagnostics->Error("W-APR-002", approvals->signers_file, {1, 1},
                       "`two_persons` asks for two, and only `" + *persons.begin() + "` may sign");
  }
}

}  // namespace weir::policies
