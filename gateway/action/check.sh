#!/usr/bin/env bash
# Runs `weir check` as a step of a GitHub workflow: annotations and the step's summary always, one comment on the pull request
# when there is a token that may write it. Ends with the status of `weir check`: a comment that cannot be posted fails nothing.
# action.yml sets WEIR_*, the runner GITHUB_* and RUNNER_TEMP.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${WEIR_PROGRAM:-weir}
comment=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/weir-comment.md

# The program has no business with the token.
token=${WEIR_TOKEN:-}
unset WEIR_TOKEN

command -v -- "$program" > /dev/null || {
  echo "::error title=weir::the program weir is not there; install it in a step before, or name it with the input 'weir'"
  exit 2
}

arguments=(check --format github --head "${WEIR_HEAD:-target}" --fail-on "${WEIR_FAIL_ON:-new}" --output "markdown=$comment")
[ -z "${WEIR_BASE:-}" ] || arguments+=(--base "$WEIR_BASE")
[ -z "${WEIR_BASE_POLICIES:-}" ] || arguments+=(--base-policies "$WEIR_BASE_POLICIES")
[ -z "${WEIR_BASE_CONFIG:-}" ] || arguments+=(--base-config "$WEIR_BASE_CONFIG")
[ -z "${WEIR_CHECK_BASELINE:-}" ] || arguments+=(--baseline "$WEIR_CHECK_BASELINE")
[ -z "${WEIR_CONFIG:-}" ] || arguments+=(--config "$WEIR_CONFIG")
[ -z "${WEIR_ROOT:-}" ] || arguments+=(--root "$WEIR_ROOT")
[ -z "${WEIR_SARIF:-}" ] || arguments+=(--output "sarif=$WEIR_SARIF")

rm -f -- "$comment"
status=0
"$program" "${arguments[@]}" || status=$?

if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'status=%s\ncomment=%s\n' "$status" "$comment" >> "$GITHUB_OUTPUT"
fi
if [ -f "$comment" ] && [ -n "$token" ]; then
  if command -v python3 > /dev/null; then
    WEIR_TOKEN=$token python3 "$here/comment.py" "$comment" || true
  else
    echo "::warning title=weir::the report was not posted as a comment: python3 is not there"
  fi
fi
exit "$status"
