#include "manifest/run_rows.h"

namespace weir::manifest {
namespace {

// What is neither null nor false may be anything.
bool IsSet(const Value& args, std::string_view key) {
  const Value* const value = args.Find(key);
  return value != nullptr && !value->IsNull() && value->AsBool() != false;
}

// As dbt's adapters write a table of which no row is wanted.
bool ReadsNoRows(const TestResult& result) { return result.compiled_code.find(" where false limit 0)") != std::string::npos; }

}  // namespace

std::string WhyFewerRows(const RunResults& run, const TestResult& result) {
  // Where the flag is recorded, such SQL is somebody's own.
  const bool empty = run.args.Find("empty") != nullptr ? IsSet(run.args, "empty") : ReadsNoRows(result);
  if (empty) return "ran with `--empty`, over no rows";
  return IsSet(run.args, "sample") ? "ran with `--sample`, over a part of the rows" : "";
}

bool MayHaveDeferred(const RunResults& run) { return IsSet(run.args, "defer"); }

std::vector<std::string_view> ArgsOfRows() { return {"empty", "sample", "defer"}; }

}  // namespace weir::manifest
