#!/usr/bin/env bash
# Measures a whole sync, PostgreSQL to JSONL, beside the warehouse's own limit: raw COPY of the same SELECT.
#   tests/bench/end_to_end.sh [ROWS] [ROUNDS] [cold]        default: 1000000 rows, 5 rounds
# Before each command the memory that it is about to use is touched, since a virtual machine's host hands it out slowly at
# first touch; `cold` leaves that out.
# Starts a PostgreSQL server of its own in a temporary folder and stops it. The rounds are interleaved (COPY, first run,
# unchanged run, COPY, …); the figures are medians. Needs the release build (`tests/run.sh --quick` or the quickstart).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -x "${WEIR_BUILD_DIR:-$root/build/release}/weir" ] || { echo "end_to_end.sh: build/release/weir is missing; run examples/quickstart.sh first" >&2; exit 2; }
exec python3 "$root/tests/bench/end_to_end.py" "${1:-1000000}" "${2:-5}" "${3:-warm}"
