#!/usr/bin/env bash
# Puts dbt-bouncer (PyPI), which the check's benchmark runs beside `weir check`, into a virtual environment of its own:
#   install_bouncer.sh DIR
# Does nothing when DIR has it already.
set -euo pipefail

version='4.3.0'

fail() { echo "install_bouncer: $*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: install_bouncer.sh DIR"
venv=$1

if [ ! -x "$venv/bin/pip" ]; then
  python3 -m venv "$venv" || fail "python3 cannot make $venv; run tests/install/install_packages.sh test (python3-venv)"
fi
have=$("$venv/bin/python" -c 'import importlib.metadata as m; print(m.version("dbt-bouncer"))' 2>/dev/null) || have=none
[ "$have" = "$version" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "dbt-bouncer==$version" \
  || fail "pip could not install dbt-bouncer $version"
echo "install_bouncer: dbt-bouncer $version is in $venv"
