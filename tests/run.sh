#!/usr/bin/env bash
# Builds Weir and runs all of its tests:
#   tests/run.sh                  everything, as continuous integration does
#   tests/run.sh --quick          the release build and its tests only
#   tests/run.sh --preset asan    one preset (release, asan, tsan, fuzz)
# Installs what is missing (Debian's packages through apt, DuckDB's library, dbt in a virtual environment under build/).
# Idempotent; works from any folder, under any user that may use sudo; stops at the first failure.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

fail() { echo "tests/run.sh: $*" >&2; exit 1; }
usage() { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

presets=(release asan tsan fuzz)
while [ $# -gt 0 ]; do
  case $1 in
    --quick) presets=(release) ;;
    --preset) [ $# -ge 2 ] || fail "--preset needs a name"; presets=("$2"); shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done

begin=$SECONDS
say() { printf '\n== %s (%d s)\n' "$*" "$((SECONDS - begin))"; }
jobs=$(nproc)

# Objects are found again in another checkout of the same sources.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
# What install_duckdb.sh puts there; the tests and the program look for it under this name.
export WEIR_DUCKDB_LIBRARY=$root/build/duckdb/libduckdb.so
export WEIR_VENV=$root/build/venv WEIR_JUDGES=$root/build/judges

say "installing what is missing"
tests/install/install_packages.sh test
tests/install/install_duckdb.sh build/duckdb
tests/install/install_dbt.sh build/venv
tests/install/install_judges.sh build/judges build/judges/venv

build() {
  cmake --preset "$1" > "build/configure-$1.log" 2>&1 || { tail -n 30 "build/configure-$1.log" >&2; fail "cmake --preset $1 failed"; }
  cmake --build --preset "$1" -j "$jobs" > "build/build-$1.log" 2>&1 || { tail -n 60 "build/build-$1.log" >&2; fail "building $1 failed"; }
}
run_tests() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" --timeout 1500 "$@" || fail "tests of preset $preset failed"
}

mkdir -p build
for preset in "${presets[@]}"; do
  say "preset $preset: building"
  build "$preset"
  case $preset in
    release)
      say "preset release: all tests"
      run_tests release
      ;;
    asan | tsan)
      # The floors' tests, with the engine's random histories; the program is driven from outside on the release.
      say "preset $preset: tests under the sanitizer"
      WEIR_SHORT=1 run_tests "$preset" -LE 'slow|e2e|tidy'
      ;;
    fuzz)
      say "preset fuzz: each reader of what others write"
      tests/fuzz/run.sh build/fuzz "${WEIR_FUZZ_SECONDS:-15}" || fail "fuzzing found something"
      ;;
    *) run_tests "$preset" ;;
  esac
done

say "all of it passed"
