#include "gateway/file_destination.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "gateway/json_writer.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kDefaultRows = 10'000;
constexpr std::size_t kDefaultBytes = 8u << 20;

// Everything but letters, digits, `-` and `_`, and dots inside, is percent-encoded: no object names a place outside.
std::string FileName(std::string_view object) {
  std::string out;
  for (const char c : object) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && !out.empty());
    if (plain) {
      out.push_back(c);
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    }
  }
  return out.empty() ? "%" : out;
}

// `/<run>-<sequence>-<operation>.jsonl.tmp`, amply.
constexpr std::size_t kLongestFileName = 96;

// What another attempt would meet again; nullptr: it may pass.
const char* PermanentCode(int error_number) {
  switch (error_number) {
    case ENAMETOOLONG: return "name_too_long";
    case ENOTDIR: return "not_a_folder";
    case EACCES:
    case EPERM: return "no_permission";
    case EROFS: return "read_only";
    default: return nullptr;
  }
}

bool SendsAllFields(Operation operation) {
  return operation != Operation::kDelete && operation != Operation::kSuppress;
}

bool IsText(policies::ColumnType type) {
  using policies::ColumnType;
  return type == ColumnType::kText || type == ColumnType::kJson || type == ColumnType::kOther;
}

void AppendCsvText(std::string* out, std::string_view text, bool formula_risk) {
  const bool formula = formula_risk && !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  const bool quote = text.empty() || formula || text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (!quote) {
    out->append(text);
    return;
  }
  out->push_back('"');
  if (formula) out->push_back('\'');
  for (const char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace

FileDestination::FileDestination(const DestinationConfig& config, audit::FileSystem& files)
    : path_(config.path),
      csv_(config.format == "csv"),
      limits_{config.max_rows == 0 ? kDefaultRows : config.max_rows, config.max_bytes == 0 ? kDefaultBytes : config.max_bytes},
      files_(files) {
  if (config.format != "csv" && config.format != "jsonl") {
    throw DestinationError("W-DST-002", "destination `" + config.name + "`: format `" + config.format +
                                            "` is not known; there are `jsonl` and `csv`");
  }
}

Destination::Limits FileDestination::limits() const { return limits_; }

void FileDestination::Prepare() {
  try {
    files_.MakeFolders(path_);
  } catch (const audit::FileError& error) {
    throw DestinationError("W-DST-003", std::string(error.what()) + "; make the folder writable, or name another under `path`");
  }
  if (::access(path_.c_str(), W_OK | X_OK) != 0) {
    throw DestinationError("W-DST-003", "cannot write to `" + path_ + "`: " + std::strerror(errno) +
                                            "; make the folder writable, or name another under `path`");
  }
}

std::string FileDestination::ProblemOf(const std::string& path, std::string_view object) {
  const std::size_t name = FileName(object).size();
  if (name > NAME_MAX) {
    return "names an object that no folder can be called after (" + std::to_string(name) + " bytes, and a name has at most " +
           std::to_string(NAME_MAX) + "); shorten `object`";
  }
  const std::size_t whole = path.size() + 1 + name + kLongestFileName;
  if (whole < PATH_MAX) return {};
  return "writes files whose path would have some " + std::to_string(whole) + " bytes, and a path has less than " +
         std::to_string(PATH_MAX) + "; shorten `path` or `object`";
}

// What a run that was killed had begun to write and nobody will fetch: rows that a later withdrawal would not reach.
void FileDestination::RemoveLeftovers(const std::string& folder, const std::string& run_id) {
  if (!tidied_.insert(folder).second) return;
  for (const std::string& name : files_.List(folder)) {
    const bool unfinished = name.ends_with(".jsonl.tmp") || name.ends_with(".csv.tmp");
    if (unfinished && !name.starts_with(run_id + "-")) files_.Remove(folder + "/" + name);
  }
}

Reply FileDestination::Submit(const Request& request) {
  text_.clear();
  if (csv_) {
    AppendCsv(request);
  } else {
    AppendJsonl(request);
  }
  char sequence[24];
  std::snprintf(sequence, sizeof sequence, "%06llu", static_cast<unsigned long long>(request.sequence));
  const std::string folder = path_ + "/" + FileName(request.object);
  const std::string file = folder + "/" + request.run_id + "-" + sequence + "-" + std::string(Name(request.operation)) +
                           (csv_ ? ".csv" : ".jsonl");
  Reply reply;
  RowOutcome outcome{Result::kDelivered, false};
  bool has_folder = false;
  try {
    files_.MakeFolders(folder);
    has_folder = true;
    RemoveLeftovers(folder, request.run_id);
    files_.WriteAtomically(file, text_);
    // Whoever fetches it reads it from the disk: a run of gigabytes does not push everything else out of memory.
    files_.DropFromMemory(file);
  } catch (const audit::FileError& error) {
    const char* const permanent = PermanentCode(error.error_number());
    reply.code = permanent == nullptr ? "io_error" : permanent;
    outcome = {Result::kDeferred, permanent == nullptr};
    // Without a folder, or not renamed: surely not there. Renamed, and the folder's sync failed: it may be.
    try {
      if (has_folder && files_.Exists(file)) outcome.result = Result::kUnknown;
    } catch (const audit::FileError& unseen) {
      // A name that cannot be looked up was not renamed to; otherwise in doubt it stays.
      if (PermanentCode(unseen.error_number()) == nullptr) outcome.result = Result::kUnknown;
    }
  }
  reply.rows.assign(request.rows->rows, outcome);
  return reply;
}

void FileDestination::AppendJsonl(const Request& request) {
  // `,"name":` of each field, escaped once.
  std::vector<std::string> names;
  for (const Field& field : request.fields) {
    std::string& name = names.emplace_back(",");
    AppendJsonString(&name, field.name);
    name.push_back(':');
  }
  const std::string operation = std::string("{\"_op\":\"") + std::string(Name(request.operation)) + "\",\"_key\":\"";
  const bool all = SendsAllFields(request.operation);
  for (std::size_t row = 0; row < request.rows->rows; ++row) {
    text_ += operation;
    text_ += request.idempotency_keys[row];
    text_ += '"';
    for (std::size_t i = 0; i < request.fields.size(); ++i) {
      if (!all && !request.fields[i].match) continue;
      const policies::CellColumn& column = request.rows->columns[i];
      text_ += names[i];
      AppendJsonCell(&text_, request.fields[i].type, column.IsNull(row), column.Text(row));
    }
    text_ += "}\n";
  }
}

void FileDestination::AppendCsv(const Request& request) {
  const bool all = SendsAllFields(request.operation);
  text_ += "_op,_key";
  for (const Field& field : request.fields) {
    if (!all && !field.match) continue;
    text_ += ',';
    AppendCsvText(&text_, field.name, true);
  }
  text_ += "\r\n";
  for (std::size_t row = 0; row < request.rows->rows; ++row) {
    text_ += Name(request.operation);
    text_ += ',';
    text_ += request.idempotency_keys[row];
    for (std::size_t i = 0; i < request.fields.size(); ++i) {
      if (!all && !request.fields[i].match) continue;
      text_ += ',';
      const policies::CellColumn& column = request.rows->columns[i];
      if (!column.IsNull(row)) AppendCsvText(&text_, column.Text(row), IsText(request.fields[i].type));
    }
    text_ += "\r\n";
  }
}

}  // namespace weir::gateway
