#!/usr/bin/env python3
"""Makes variants of the shop for tests, each a folder with weir.yml, policies/, target/ and shop.duckdb:

    make_variants.py --out DIR [NAME ...]        all, or those named
    make_variants.py --list

DIR/NAME/variant.json tells what the variant is about and which rows it touched. Python's standard library only; SQL
goes through libduckdb.so (tests/install/install_duckdb.sh).
"""

import argparse
import datetime as dt
import json
import os
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True

import json_patch
from duckdb_file import DuckDb
from variants import VARIANTS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ARTIFACTS = ("manifest.json", "run_results.json", "sources.json", "catalog.json")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, document):
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def moved(document, by):
    """Every time of the document, later by so much."""
    if isinstance(document, dict):
        return {key: moved(value, by) for key, value in document.items()}
    if isinstance(document, list):
        return [moved(value, by) for value in document]
    if isinstance(document, str) and len(document) >= 20 and document[10] == "T":
        try:
            time = dt.datetime.fromisoformat(document) + by
        except ValueError:
            return document
        return time.isoformat().replace("+00:00", "Z") if document.endswith("Z") else time.isoformat()
    return document


def make(name, shop, out, library):
    variant = VARIANTS[name]
    folder = out / name
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "target").mkdir(parents=True)
    for artifact in ARTIFACTS:
        shutil.copy(shop / "target" / artifact, folder / "target")
    if variant.pull_request:
        shutil.copytree(folder / "target", folder / "base")
    shutil.copy(shop / "weir.yml", folder)
    shutil.copytree(shop / "policies", folder / "policies")
    shutil.copytree(shop / "models", folder / "models")  # messages point into these files
    shutil.copy(shop / "dbt_project.yml", folder)
    shutil.copy(shop / "shop.duckdb", folder)

    recorded = HERE / "recorded" / name
    for file in sorted(recorded.rglob("*")) if variant.recorded else ():
        if file.name == "manifest.patch.json":
            target = folder / "target" / "manifest.json"
            write(target, json_patch.apply(read(target), read(file)))
        elif file.is_file():
            inside = file.relative_to(recorded)
            shutil.copy(file, folder / ("target" if len(inside.parts) == 1 else "") / inside)
    if variant.fresh_now:
        sources = read(folder / "target" / "sources.json")
        written = dt.datetime.fromisoformat(sources["metadata"]["generated_at"])
        write(folder / "target" / "sources.json", moved(sources, dt.datetime.now(dt.timezone.utc) - written))
    if variant.policy:
        (folder / "policies" / "variant.yml").write_text(variant.policy, encoding="utf-8")

    facts = {}
    if variant.sql or variant.facts:
        with DuckDb(library, folder / "shop.duckdb") as warehouse:
            facts = {fact: warehouse.first_column(query) for fact, query in variant.facts.items()}
            for statement in variant.sql:
                warehouse.first_column(statement)
            warehouse.first_column("checkpoint shop")
    write(folder / "variant.json", {"name": name, "about": variant.about, "facts": facts})


def main():
    parser = argparse.ArgumentParser(description="make variants of the shop for tests")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--shop", type=pathlib.Path, default=ROOT / "examples" / "shop")
    parser.add_argument("--library", type=pathlib.Path,
                        default=os.environ.get("WEIR_DUCKDB_LIBRARY", ROOT / "build" / "duckdb" / "libduckdb.so"))
    options = parser.parse_args()
    if options.list:
        for name, variant in VARIANTS.items():
            print(f"{name:22} {variant.about}")
        return
    unknown = sorted(set(options.names) - set(VARIANTS))
    if unknown or not options.out:
        parser.error(f"unknown variant {', '.join(unknown)}; see --list" if unknown else "--out DIR is missing")
    for name in options.names or VARIANTS:
        make(name, options.shop, options.out, options.library)


if __name__ == "__main__":
    main()
