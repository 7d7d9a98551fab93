"""Seconds to trace the columns of a large project.

The sample's manifest is not compiled. Its SQL is compiled here as far as that needs no dbt: `ref` and `source` become the
relation's name, other Jinja goes, and what then is no SQL is not understood, which costs its parse all the same."""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

CALL = re.compile(r"""\{\{-?\s*(ref|source)\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"]\s*)?\)\s*-?\}\}""")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def compiled(manifest):
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed", "snapshot")}
    sources = {(source["source_name"], source["name"]): source for source in manifest["sources"].values()}

    def relation(call):
        found = models.get(call[3] or call[2]) if call[1] == "ref" else sources.get((call[2], call[3]))
        return found["relation_name"].replace('"', "`") if found and found.get("relation_name") else "unknown"

    for node in models.values():
        if node.get("raw_code"):
            node["compiled_code"] = JINJA.sub("", CALL.sub(relation, node["raw_code"]))
    for resource in (*models.values(), *sources.values()):
        if resource.get("relation_name"):
            resource["relation_name"] = resource["relation_name"].replace('"', "`")
    manifest["metadata"]["adapter_type"] = "bigquery"  # what the project is written for
    return manifest


def main():
    program, path, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        file = pathlib.Path(folder) / "manifest.json"
        file.write_text(json.dumps(compiled(json.loads(path.read_bytes()))), encoding="utf-8")
        done = subprocess.run([program, "lineage", str(file)], input="\n" * rounds, text=True, check=True, capture_output=True)
    seconds, columns, proven = zip(*(line.split() for line in done.stdout.splitlines()))
    print(f"{columns[0]} columns of models and snapshots, {proven[0]} proven by their SQL, {rounds} rounds")
    print(f"figure manifest_lineage_seconds {statistics.median(map(float, seconds)):.3f} s")


if __name__ == "__main__":
    main()
