#!/usr/bin/env bash
# Runs every libFuzzer target of a build for so many seconds each, two at a time:
#   tests/fuzz/run.sh build/fuzz SECONDS
# They begin with small real inputs of the tests and with what earlier runs found (build/corpus). Stops at the first
# finding; the input that showed it stays in build/corpus.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:?usage: tests/fuzz/run.sh build/fuzz SECONDS} seconds=${2:?usage: tests/fuzz/run.sh build/fuzz SECONDS}
build=$(cd "$build" && pwd)
corpus=$root/build/corpus
mkdir -p "$corpus"
python3 "$root/tests/fuzz/seeds.py" "$corpus"

fuzz() {
  local name
  name=$(basename "$1")
  mkdir -p "$3/$name"
  if "$1" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -max_len=20000 -artifact_prefix="$3/finding-$name-" \
    "$3/$name" "$3/seeds/$name" > "$3/$name.log" 2>&1; then
    echo "$name: nothing found; $(grep '^Done ' "$3/$name.log")"
  else
    tail -n 40 "$3/$name.log" >&2
    echo "$name found something: see $3/$name.log" >&2
    return 255  # xargs stops
  fi
}
export -f fuzz
found=$(find "$build/tests/fuzz" -maxdepth 1 -type f -name '*_fuzz' -perm -u+x | sort)
[ -n "$found" ] || { echo "tests/fuzz/run.sh: no target is built in $build" >&2; exit 2; }
printf '%s\n' "$found" | xargs -P 2 -I TARGET bash -c 'fuzz "$@"' _ TARGET "$seconds" "$corpus"
