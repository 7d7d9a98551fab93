"""Counts of a dbt manifest, taken from the raw JSON: what the reader's own counts are compared with."""
import json
import sys


def meta_of(column):
    return {**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}


def counts(path):
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    nodes = list((manifest.get("nodes") or {}).values())
    sources = list((manifest.get("sources") or {}).values())
    kinds = [node["resource_type"] for node in nodes]
    documented = [node for node in nodes if node["resource_type"] in ("model", "seed", "snapshot")] + sources
    columns = [column for node in documented for column in (node.get("columns") or {}).values()]
    return {
        "models": kinds.count("model"),
        "seeds": kinds.count("seed"),
        "snapshots": kinds.count("snapshot"),
        "sources": len(sources),
        "tests": kinds.count("test"),
        "unit_tests": len(manifest.get("unit_tests") or {}),
        "exposures": len(manifest.get("exposures") or {}),
        "columns": len(columns),
        "columns_with_meta": sum(1 for column in columns if meta_of(column)),
        "disabled": len(manifest.get("disabled") or {}),
    }


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, *(f"{key}={value}" for key, value in counts(name).items()))
