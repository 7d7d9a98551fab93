#!/usr/bin/env bash
# Makes a virtual environment with real dbt for DuckDB and PostgreSQL:
#   install_dbt.sh VENV
# Does nothing if VENV already holds it.
set -euo pipefail

# dbt-core 1.12 and dbt 2 fetch a part of themselves from elsewhere while they install.
# DuckDB is the release whose library install_duckdb.sh pins: both must read one file.
packages=('dbt-core~=1.11.0' 'dbt-duckdb~=1.11.0' 'dbt-postgres~=1.10' 'duckdb==1.5.6')

fail() { echo "install_dbt: $*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: install_dbt.sh VENV"
venv=$1

wanted=$(printf '%s\n' "${packages[@]}")
if [ -x "$venv/bin/dbt" ] && [ "$(cat "$venv/weir-packages" 2>/dev/null)" = "$wanted" ]; then
  echo "install_dbt: $venv is complete"
  exit 0
fi

command -v python3 >/dev/null || fail "python3 is missing; run tests/install/install_packages.sh test"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "python3 is older than 3.10, which dbt needs"
echo "install_dbt: installing ${packages[*]} into $venv"
if [ ! -x "$venv/bin/pip" ]; then
  mkdir -p "$(dirname "$venv")"
  python3 -m venv "$venv" || fail "python3 cannot make $venv; run tests/install/install_packages.sh test (python3-venv)"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" \
  || fail "pip could not install dbt into $venv"
"$venv/bin/dbt" --version >/dev/null || fail "$venv/bin/dbt does not run; remove $venv and try again"
printf '%s\n' "$wanted" > "$venv/weir-packages"
