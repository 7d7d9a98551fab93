#!/usr/bin/env python3
"""Runs real dbt on what is wrong with each variant and writes tests/dbt/recorded/. Needed after examples/shop changed:

    examples/shop/rebuild.sh && tests/dbt/record_variants.py [--venv build/venv] [NAME ...]
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import json_patch
from duckdb_file import DuckDb
from variants import VARIANTS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOP = ROOT / "examples" / "shop"


class Project:
    """A copy of the shop, with its warehouse, in a temporary folder."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("target", "logs"))

    def dbt(self, *arguments, fails=False, schema="analytics"):
        environment = {**os.environ, "SHOP_TARGET": "duckdb", "SHOP_DUCKDB": "shop.duckdb", "SHOP_SCHEMA": schema,
                       "PYTHONHASHSEED": "0"}  # dbt writes tags in the order of a set
        done = subprocess.run([self.options.venv / "bin" / "dbt", "--no-use-colors", *arguments, "--profiles-dir", "."],
                              cwd=self.folder, env=environment, capture_output=True, text=True)
        if (done.returncode != 0) != fails:
            sys.exit(f"dbt {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def sql(self, *statements):
        with DuckDb(self.options.library, self.folder / "shop.duckdb") as warehouse:
            for statement in statements:
                warehouse.first_column(statement)

    def edit(self, file, before, after):
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            sys.exit(f"{file} does not hold this once: {before}")
        path.write_text(text.replace(before, after), encoding="utf-8")

    def artifact(self, name):
        text = (self.folder / "target" / name).read_text(encoding="utf-8")
        return text.replace(str(self.folder), "/srv/shop")


def failing_test(project):
    project.sql("update shop.analytics_raw.raw_customers set plan = 'platinum' where id = 7")
    project.dbt("build", "--exclude", "resource_type:seed", fails=True)


def failing_upstream_test(project):
    project.sql("insert into shop.analytics_raw.raw_customers select * from shop.analytics_raw.raw_customers where id = 7")
    project.dbt("build", "--exclude", "resource_type:seed", fails=True)


def failing_build(project):
    project.sql("update shop.analytics_raw.raw_orders set amount = 9999999999.99, status = 'completed', customer_id = 7"
                " where id <= 3")
    project.dbt("build", "--exclude", "resource_type:seed", fails=True)


def built_without_tests(project):
    project.dbt("run")


def partial_build(project):
    project.dbt("build", "--select", "fct_tickets")


def docs_generated(project):
    project.dbt("docs", "generate")


def compiled(project):
    project.dbt("compile")


def other_environment(project):
    project.dbt("build", schema="ci")


def stale_sources(project):
    project.sql("update shop.analytics_raw.raw_customers set loaded_at = now()::timestamp - interval 3 day",
                "update shop.analytics_raw.raw_orders set loaded_at = now()::timestamp",
                "update shop.analytics_raw.raw_tickets set loaded_at = now()::timestamp - interval 18 hour")
    project.dbt("source", "freshness", fails=True)


def missing_source(project):
    project.sql("update shop.analytics_raw.raw_orders set loaded_at = now()::timestamp",
                "update shop.analytics_raw.raw_tickets set loaded_at = now()::timestamp",
                "drop table shop.analytics_raw.raw_customers cascade")
    project.dbt("source", "freshness", fails=True)


def pull_request(project):
    project.edit("models/marts/dim_customers.sql", "    customers.ssn,\n",
                 "    customers.phone as loyalty_phone,\n    customers.ssn,\n")
    project.edit("models/marts/_marts.yml", "      - name: ssn\n",
                 "      - name: loyalty_phone\n        description: number given for the loyalty card\n"
                 "        data_type: text\n        config: {meta: {contains: phone, contains_pii: true}, tags: [pii]}\n"
                 "      - name: ssn\n")
    project.edit("models/marts/_exposures.yml", "            phone: phone\n",
                 "            phone: phone\n            loyalty_phone: loyalty_phone\n")
    project.dbt("compile")


# What a recording keeps: the files that the variant is about. The manifest is always a patch.
KEEPS = {
    "failing_test": ("manifest.json", "run_results.json"),
    "failing_upstream_test": ("manifest.json", "run_results.json"),
    "failing_build": ("manifest.json", "run_results.json"),
    "built_without_tests": ("manifest.json", "run_results.json"),
    "partial_build": ("manifest.json", "run_results.json"),
    "docs_generated": ("manifest.json", "run_results.json", "catalog.json"),
    "compiled": ("manifest.json", "run_results.json"),
    "other_environment": ("run_results.json",),
    "stale_sources": ("sources.json",),
    "missing_source": ("sources.json",),
    "pull_request": ("manifest.json", "models/marts/dim_customers.sql", "models/marts/_marts.yml",
                     "models/marts/_exposures.yml"),
}


def same_birth(before, after):
    """When dbt parsed a node says nothing; without it a patch is some lines, not a thousand."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() & after.keys():
            if key == "created_at":
                after[key] = before[key]
            same_birth(before[key], after[key])


def record(name, options):
    with tempfile.TemporaryDirectory() as temporary:
        project = Project(pathlib.Path(temporary) / "shop", options)
        globals()[name](project)
        out = HERE / "recorded" / name
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        for keep in KEEPS[name]:
            if keep == "manifest.json":
                before = json.loads((SHOP / "target" / "manifest.json").read_text(encoding="utf-8"))
                after = json.loads(project.artifact("manifest.json"))
                same_birth(before, after)
                patch = json_patch.difference(before, after)
                (out / "manifest.patch.json").write_text(json_patch.text(patch), encoding="utf-8")
            elif keep.endswith(".json"):
                (out / keep).write_text(project.artifact(keep), encoding="utf-8")
            else:
                (out / keep).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(project.folder / keep, out / keep)


def main():
    parser = argparse.ArgumentParser(description="record variants of the shop with real dbt")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--venv", type=pathlib.Path, default=ROOT / "build" / "venv")
    parser.add_argument("--library", type=pathlib.Path,
                        default=os.environ.get("WEIR_DUCKDB_LIBRARY", ROOT / "build" / "duckdb" / "libduckdb.so"))
    options = parser.parse_args()
    options.venv = options.venv.absolute()
    recorded = [name for name, variant in VARIANTS.items() if variant.recorded]
    for name in options.names or recorded:
        if name not in recorded:
            parser.error(f"{name} is not recorded; recorded are {', '.join(recorded)}")
        print(f"record_variants: {name}", flush=True)
        record(name, options)


if __name__ == "__main__":
    main()
