#!/usr/bin/env bash
# Measures `weir check --base --head` on two manifests of 47 MB and 5,000 models under 60 rules, beside dbt-bouncer with
# its governance checks on the same manifest:
#   tests/bench/check.sh [ROUNDS]        default: 5 rounds, interleaved; the figures are medians
# The manifests are made from teamster's (WEIR_TEST_DATA, see tests/manifest). Needs the release build (`tests/run.sh
# --quick` or the quickstart); installs dbt-bouncer into build/bouncer.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -x "${WEIR_BUILD_DIR:-$root/build/release}/weir" ] || { echo "check.sh: build/release/weir is missing; run examples/quickstart.sh first" >&2; exit 2; }
export WEIR_BOUNCER=${WEIR_BOUNCER:-$root/build/bouncer}
"$root/tests/install/install_bouncer.sh" "$WEIR_BOUNCER" >&2
exec python3 "$root/tests/bench/check.py" "${1:-5}"
