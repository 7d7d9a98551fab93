#!/usr/bin/env bash
# Measures how fast a manifest is read, beside Python's json.load and simdjson's own DOM parse of the same file:
#   tests/bench/manifest.sh [MANIFEST] [ROUNDS]     default: teamster's (WEIR_TEST_DATA, see tests/manifest), 15 rounds
# The rounds are interleaved, from the page cache, each reader in one thread of its own process; the figures are medians
# of processor time, which other work on the machine disturbs least.
# Two manifests of 47 MB are made by repeating the first. Builds what it needs with the release preset.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
manifest=${1:-${WEIR_TEST_DATA:-$root/../shared/data}/dbt/teamster/manifest.json}
[ -r "$manifest" ] || { echo "manifest.sh: $manifest is missing; give it the path of a manifest.json" >&2; exit 2; }
cd "$root"
mkdir -p build
{ cmake --preset release && cmake --build --preset release -j "$(nproc)" --target manifest_bench; } > build/manifest_bench.log 2>&1 ||
  { tail -n 30 build/manifest_bench.log >&2; echo "manifest.sh: building manifest_bench failed" >&2; exit 2; }
exec python3 tests/bench/manifest.py build/release/tests/manifest_bench "$manifest" "${2:-15}"
