#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/artifacts.h"

namespace weir::manifest {

// Over which rows, and of which tables, a run of dbt worked: its flags can make a test pass that looked at none.

// "ran with `--empty`, over no rows": why `result`, of `run`, is of no row or of a part of them; empty: nothing says so. By
// `args.empty` and `args.sample` as dbt 1 records them, of which any value counts but null and false. dbt 2 records
// neither: its `--empty` is told by the SQL that ran, its `--sample` by nothing.
std::string WhyFewerRows(const RunResults& run, const TestResult& result);

// `--defer`: tests may have read another target's tables in place of those of the manifest.
bool MayHaveDeferred(const RunResults& run);

// The keys of `args` by which the functions above tell; whoever copies a run keeps them.
std::vector<std::string_view> ArgsOfRows();

}  // namespace weir::manifest
