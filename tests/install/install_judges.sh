#!/usr/bin/env bash
# Fetches what judges the reports and decisions of Weir, all by others:
#   install_judges.sh DIR VENV
# DIR/sarif: Microsoft's SARIF validator (npm; a program that needs no .NET runtime); DIR/cedar: Cedar's engine (npm,
# WebAssembly); DIR/junit-10.xsd: the schema of Jenkins' xUnit plugin, which pytest's source archive carries. Into VENV
# (made if it is missing): jsonschema, lxml, check-jsonschema (with the schemas of GitHub, GitLab and Azure) and pre-commit.
# Does nothing for what is there.
set -euo pipefail

sarif='5.7.0'
cedar='4.13.0'
pytest='8.3.4'
packages=('jsonschema==4.23.0' 'lxml==5.3.0' 'check-jsonschema==0.39.0' 'pre-commit==4.7.0' 'PyYAML==6.0.2')

fail() { echo "install_judges: $*" >&2; exit 1; }

[ $# -eq 2 ] || fail "usage: install_judges.sh DIR VENV"
folder=$1 venv=$2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

program=$folder/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
if [ "$(cat "$folder/sarif/version" 2>/dev/null)" != "$sarif" ]; then
  command -v npm >/dev/null || fail "npm is missing; run tests/install/install_packages.sh test"
  mkdir -p "$folder/sarif"
  (cd "$folder/sarif" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts "@microsoft/sarif-multitool-linux@$sarif") \
    || fail "npm could not install the SARIF validator"
  [ -f "$program" ] || fail "the SARIF validator is not where it should be"
  chmod u+x "$program"
  "$program" version >/dev/null 2>&1 || "$program" --version >/dev/null 2>&1 || fail "the SARIF validator does not run"
  printf '%s\n' "$sarif" > "$folder/sarif/version"
fi

if [ "$(cat "$folder/cedar/version" 2>/dev/null)" != "$cedar" ]; then
  command -v npm >/dev/null || fail "npm is missing; run tests/install/install_packages.sh test"
  mkdir -p "$folder/cedar"
  (cd "$folder/cedar" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts "@cedar-policy/cedar-wasm@$cedar") \
    || fail "npm could not install Cedar"
  [ -f "$folder/cedar/node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js" ] || fail "Cedar is not where it should be"
  printf '%s\n' "$cedar" > "$folder/cedar/version"
fi

if [ ! -x "$venv/bin/pip" ]; then
  python3 -m venv "$venv" || fail "python3 cannot make $venv; run tests/install/install_packages.sh test (python3-venv)"
fi
for package in "${packages[@]}"; do
  name=${package%%==*} version=${package##*==}
  [ "$("$venv/bin/python" -c "import importlib.metadata as m; print(m.version('$name'))" 2>/dev/null)" = "$version" ] \
    || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package" || fail "pip could not install $package"
done

if [ ! -f "$folder/junit-10.xsd" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary pytest --dest "$work" "pytest==$pytest" \
    || fail "pip could not fetch pytest's source archive"
  tar -xzf "$work/pytest-$pytest.tar.gz" -C "$work" "pytest-$pytest/testing/example_scripts/junit-10.xsd" \
    || fail "pytest's source archive holds no junit-10.xsd"
  mv "$work/pytest-$pytest/testing/example_scripts/junit-10.xsd" "$folder/junit-10.xsd"
fi
echo "install_judges: $folder is complete"
