#!/usr/bin/env bash
# Makes the shop again with real dbt: seeds, warehouse, target/*.json.
#
#   rebuild.sh [--out DIR] [--target duckdb|postgres] [--venv DIR]
#
#   --out DIR      leave the project and what dbt made in DIR, not here; DIR must be new, or made by this script
#   --target T     the warehouse; postgres is found by PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE
#   --venv DIR     where dbt is or will be installed; default build/venv of the repository
#
# SHOP_SCHEMA sets the schema that the models are built in (analytics).
set -euo pipefail

shop=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$shop/../.." && pwd)
out=$shop
target=duckdb
venv=$repository/build/venv

fail() { echo "rebuild: $*" >&2; exit 1; }
say() { echo "rebuild: $*"; }

while [ $# -gt 0 ]; do
  case $1 in
    --out|--target|--venv) [ $# -ge 2 ] || fail "$1 needs a value" ;;&
    --out) out=$2; shift 2 ;;
    --target) target=$2; shift 2 ;;
    --venv) venv=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) fail "unknown argument $1" ;;
  esac
done
case $target in duckdb|postgres) ;; *) fail "unknown target $target; use duckdb or postgres" ;; esac
if [ -e "$out" ] && [ ! -f "$out/dbt_project.yml" ] && [ -n "$(ls -A "$out")" ]; then
  fail "$out is not empty and holds no dbt project"
fi
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac

"$repository/tests/install/install_dbt.sh" "$venv"

# dbt runs in a folder of its own: nothing half-made is left behind when it fails.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$work/shop
mkdir "$project"
(cd "$shop" && cp -R dbt_project.yml profiles.yml generate_seeds.py macros models tests seeds "$project")

say "writing seeds"
python3 "$project/generate_seeds.py"

# PYTHONHASHSEED: dbt writes tags in the order of a set, which would differ from run to run.
export SHOP_TARGET=$target SHOP_DUCKDB=$project/shop.duckdb PYTHONHASHSEED=0
run_dbt() {
  (cd "$project" && "$venv/bin/dbt" --no-use-colors "$@" --profiles-dir . --log-path logs) > "$work/dbt.log" 2>&1 \
    || { cat "$work/dbt.log" >&2; fail "dbt $1 failed"; }
  tail -n 1 "$work/dbt.log" | sed "s|$work/||"
}

say "dbt build on $target"
run_dbt build
# These commands write manifest.json and run_results.json of their own. `docs generate` would replace the
# results of the tests by ones that never ran, so each writes elsewhere, and one file of it is taken.
say "dbt source freshness"
run_dbt source freshness --target-path ../freshness
say "dbt docs generate"
run_dbt docs generate --target-path ../docs

mkdir -p "$out/target" "$out/seeds"
python3 - "$work" "$out/target" <<'SCRUB'
import pathlib, sys

# A few fields name the folder that dbt ran in; it says nothing about the data and was a temporary one.
work, out = sys.argv[1], pathlib.Path(sys.argv[2])
for source in ("shop/target/manifest.json", "shop/target/run_results.json", "freshness/sources.json", "docs/catalog.json"):
    text = (pathlib.Path(work) / source).read_text(encoding="utf-8").replace(work, "/srv")
    (out / pathlib.Path(source).name).write_text(text, encoding="utf-8")
SCRUB
if [ "$out" -ef "$shop" ]; then
  cp "$project"/seeds/*.csv "$out/seeds/"
else
  (cd "$project" && cp -R dbt_project.yml profiles.yml generate_seeds.py macros models tests seeds "$out")
  (cd "$shop" && cp -R weir.yml policies "$out")
fi
if [ "$target" = duckdb ]; then
  cp "$project/shop.duckdb" "$out/shop.duckdb"
fi
say "done: $out"
