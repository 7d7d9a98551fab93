#!/usr/bin/env bash
# Measures how long the lineage of a large project's columns takes, on the clock, parsing by DuckDB in its own process included:
#   tests/bench/lineage.sh [MANIFEST] [ROUNDS]     default: teamster's (WEIR_TEST_DATA, see tests/manifest), 5 rounds
# Needs DuckDB's library ($WEIR_DUCKDB_LIBRARY). Builds what else it needs with the release preset.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
manifest=${1:-${WEIR_TEST_DATA:-$root/../shared/data}/dbt/teamster/manifest.json}
[ -r "$manifest" ] || { echo "lineage.sh: $manifest is missing; give it the path of a manifest.json" >&2; exit 2; }
cd "$root"
mkdir -p build
{ cmake --preset release && cmake --build --preset release -j "$(nproc)" --target manifest_bench; } > build/manifest_bench.log 2>&1 ||
  { tail -n 30 build/manifest_bench.log >&2; echo "lineage.sh: building manifest_bench failed" >&2; exit 2; }
exec python3 tests/bench/lineage.py build/release/tests/manifest_bench "$manifest" "${2:-5}"
