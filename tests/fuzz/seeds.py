"""Small real inputs for each fuzz target, cut from what the tests have: seeds.py CORPUS writes CORPUS/seeds/TARGET/NAME."""

import hashlib
import json
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "shop"
RECORDED = ROOT / "tests" / "dbt" / "recorded"
SELECTORS = ["+dim_customers", "2+fct_orders+1", "@stg_orders", "tag:nightly,config.materialized:table", "path:models/marts",
             "fqn:shop.*", "source:raw.orders+ exposure:*", "resource_type:test test_type:unit", "config.meta.owner:growth",
             "version:latest", "dim_[a-c]?*", "access:public group:growth", 'file:a.sql package:this', "shop.marts.dim_customers"]


def few(entries, count):
    return dict(list(entries.items())[:count])


def small_manifest(path):
    """One of each kind, without what no reader looks at."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    kinds = {}
    for unique_id, node in manifest["nodes"].items():
        node.pop("raw_code", None)
        node.pop("compiled_code", None)
        node["columns"] = few(node.get("columns") or {}, 2)
        kinds.setdefault(node["resource_type"], (unique_id, node))
    small = {key: {} if isinstance(value, dict) else value for key, value in manifest.items()}
    small.update(metadata=manifest["metadata"], nodes=dict(kinds.values()),
                 **{key: few(manifest.get(key) or {}, 1) for key in ("sources", "exposures", "groups", "unit_tests", "disabled")})
    return json.dumps(small)


def small_list(path, key, count):
    document = json.loads(path.read_text(encoding="utf-8"))
    document[key] = document[key][:count]
    return json.dumps(document)


def small_catalog(path):
    catalog = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps(dict(catalog, nodes=few(catalog["nodes"], 2), sources=few(catalog["sources"], 1)))


def answer(rows):
    """As manifest/query_frames.h has it."""
    cell = lambda text: struct.pack("=I", 0xffffffff) if text is None else struct.pack("=I", len(text)) + text.encode()  # noqa: E731
    return b"D" + b"".join(b"r" + struct.pack("=I", len(row)) + b"".join(map(cell, row)) for row in rows) + b"."


def information_schema():
    """What weir-duckdb answers about dbt's files, in the order of the questions: of each its columns, then its rows."""
    model, source = "model.shop.people", "source.shop.raw.customers"
    tables = [
        (["schema_version", "dbt_version"], [["1", "2.0.6"]]),
        (["node_unique_id", "column_name", "data_type", "data_type_actual", "data_type_inferred", "classifiers"],
         [[model, "EMAIL", None, "TEXT", "varchar", "pii.email\x1fpii"], [source, "email", None, None, None, "pii"],
          [model, "phone", None, None, None, "pii.phone"]]),
        (["name", "labels", "propagate"], [["pii", "email\x1fphone", "true"]]),
        (["child_node_unique_id", "child_column_name", "parent_node_unique_id", "parent_column_name", "evolution"],
         [[model, "email", source, "Email", "copy"], [model, "label", source, "name", "mod"], [model, "label", source, "id", "scan"]]),
        (["unique_id", "compiled_code"], [[model, hashlib.sha256(b"select 1").hexdigest()]]),
        (["unique_id", "compiled_code"], []),
    ]
    lists = ("classifiers", "labels")
    return b"".join(answer([[name, "VARCHAR[]" if name in lists else "VARCHAR"] for name in columns]) + answer(rows)
                    for columns, rows in tables)


def seeds():
    yield "info_schema_fuzz", "shop", information_schema()
    yield "info_schema_fuzz", "refused", b"E" + struct.pack("=I", 9) + b"no such\x07!"
    yield "manifest_fuzz", "shop", small_manifest(SHOP / "target" / "manifest.json")
    yield "results_fuzz", "shop", small_list(SHOP / "target" / "run_results.json", "results", 3)
    yield "sources_fuzz", "shop", small_list(SHOP / "target" / "sources.json", "results", 2)
    yield "catalog_fuzz", "shop", small_catalog(SHOP / "target" / "catalog.json")
    for folder in sorted(RECORDED.iterdir()):
        if (folder / "run_results.json").exists():
            yield "results_fuzz", folder.name, small_list(folder / "run_results.json", "results", 2)
    for path in sorted(SHOP.glob("**/*.yml")):
        text = path.read_text(encoding="utf-8")
        yield "yaml_fuzz", f"{path.parent.name}-{path.name}", text
        if path.parent.name == "policies":
            yield "policy_fuzz", path.name, text
    for unique_id, exposure in json.loads((SHOP / "target" / "manifest.json").read_text(encoding="utf-8"))["exposures"].items():
        meta = exposure.get("meta") or exposure.get("config", {}).get("meta") or {}
        if "weir" in meta:
            yield "sync_fuzz", unique_id, json.dumps(meta["weir"], indent=1)
    for number, selector in enumerate(SELECTORS):
        yield "selector_fuzz", str(number), selector


if __name__ == "__main__":
    for target, name, text in seeds():
        folder = pathlib.Path(sys.argv[1]) / "seeds" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
