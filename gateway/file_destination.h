#pragma once

#include <set>
#include <string>

#include "audit/file.h"
#include "gateway/config.h"
#include "gateway/destination.h"

namespace weir::gateway {

// Files of operations: one for each request, `<path>/<object>/<run>-<sequence>-<operation>.jsonl` (or `.csv`), written
// beside its place, synced and renamed, so that a reader sees whole files only. Who reads them in the order of their names and
// applies each row by its match fields has what the sync says; `_key` tells a row that went twice. RFC 4180 for CSV: null
// is nothing between commas, the empty string is `""`, and text that a spreadsheet would run as a formula gets a `'`.
class FileDestination final : public Destination {
 public:
  FileDestination(const DestinationConfig& config, audit::FileSystem& files);

  Limits limits() const override;
  bool Supports(Operation) const override { return true; }
  bool Deduplicates() const override { return false; }
  void Prepare() override;
  Reply Submit(const Request& request) override;

  // Why no file of this object can be made below `path`, whatever is on the disk; empty: nothing speaks against it.
  static std::string ProblemOf(const std::string& path, std::string_view object);

 private:
  void AppendJsonl(const Request& request);
  void AppendCsv(const Request& request);
  void RemoveLeftovers(const std::string& folder, const std::string& run_id);

  const std::string path_;
  const bool csv_;
  const Limits limits_;
  audit::FileSystem& files_;
  std::string text_;
  std::set<std::string> tidied_;  // folders
};

}  // namespace weir::gateway
