"""`weir inspect` over every sample manifest, in a folder that holds nothing else: its counts are those of the raw JSON, as
tests/manifest/counts.py finds them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness
import information_schema

sys.path.insert(0, str(harness.SOURCE / "tests" / "manifest"))
from counts import counts  # noqa: E402

SAMPLES = pathlib.Path(os.environ.get("WEIR_TEST_DATA", harness.SOURCE / ".." / "shared" / "data")) / "dbt"


def manifests():
    yield harness.SHOP / "target" / "manifest.json"
    if SAMPLES.is_dir():
        yield from sorted(path for path in SAMPLES.rglob("*.json") if "manifest" in path.name)


def inspect(*arguments, folder, environment=None):
    return subprocess.run([str(harness.program()), "inspect", *map(str, arguments)], cwd=folder, capture_output=True,
                          text=True, timeout=harness.PATIENCE_S, env={**os.environ, **(environment or {})})


class Inspect(unittest.TestCase):
    def test_counts_are_those_of_the_json(self):
        shown = 0
        for manifest in manifests():
            with self.subTest(manifest), tempfile.TemporaryDirectory(prefix="weir-inspect-") as folder:
                os.symlink(manifest.resolve(), pathlib.Path(folder) / "manifest.json")
                done = inspect("--target", ".", "--format", "json", folder=folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                document = json.loads(done.stdout)
                metadata = json.loads(manifest.read_text(encoding="utf-8"))["metadata"]
                self.assertEqual(document["counts"], counts(manifest))
                self.assertEqual(document["schema"], pathlib.Path(metadata["dbt_schema_version"]).stem)
                self.assertEqual(document["dbt_version"], metadata["dbt_version"])
                self.assertEqual(document["adapter_type"], metadata.get("adapter_type") or "")
                self.assertEqual(document["evidence"], [])
                text = inspect("--target", ".", folder=folder)
                self.assertEqual((text.returncode, text.stderr if not document["remarks"] else ""), (0, ""))
                shown += 1
        print(f"{shown} manifests")
        self.assertGreater(shown, 0)

    def lineage_of_shop(self, *arguments, environment=None):
        with tempfile.TemporaryDirectory(prefix="weir-inspect-") as folder:
            os.symlink((harness.SHOP / "target" / "manifest.json").resolve(), pathlib.Path(folder) / "manifest.json")
            done = inspect("--target", ".", "--format", "json", *arguments, folder=folder, environment=environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout).get("lineage")

    def test_tells_what_proves_where_columns_come_from(self):
        lineage = self.lineage_of_shop("--columns", "--select", "dim_customers")
        counted = lineage["information_schema"] + lineage["sql"] + lineage["conservative"]
        self.assertEqual(lineage["columns"], counted)
        self.assertAlmostEqual(lineage["proven_share"], (counted - lineage["conservative"]) / counted)
        self.assertEqual(sum(one["columns"] for one in lineage["unproven"]), lineage["conservative"])
        self.assertGreater(lineage["sql"], lineage["conservative"])
        self.assertEqual({row["node"] for row in lineage["of_columns"]}, {"model.shop.dim_customers"})
        email = next(row for row in lineage["of_columns"] if row["column"] == "email")
        self.assertEqual(email, {"node": "model.shop.dim_customers", "column": "email", "proof": "sql", "copied": True,
                                 "from": [{"node": "model.shop.stg_customers", "column": "email"}], "remark": ""})
        self.assertIsNone(self.lineage_of_shop("--select", "dim_customers"))
        self.assertNotIn("of_columns", self.lineage_of_shop())

    @harness.needs_duckdb
    def test_takes_dbts_own_lineage_and_classifiers_first(self):
        with tempfile.TemporaryDirectory(prefix="weir-inspect-") as folder:
            shutil.copy(harness.SHOP / "target" / "manifest.json", folder)
            information_schema.write(pathlib.Path(folder), "model.shop.dim_customers",
                                     [("EMAIL", "model.shop.stg_customers", "phone", "mod")], {"plan": ["pii.plan"]})
            done = inspect("--target", ".", "--format", "json", "--columns", folder=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(done.stdout)
            self.assertEqual(document["remarks"], [])
            self.assertEqual(document["lineage"]["information_schema"], 1)
            email = next(row for row in document["lineage"]["of_columns"]
                         if (row["node"], row["column"]) == ("model.shop.dim_customers", "email"))
            self.assertEqual((email["proof"], email["copied"], email["from"]),
                             ("information schema", False, [{"node": "model.shop.stg_customers", "column": "phone"}]))
            self.assertIn({"kind": "classifier", "name": "pii.plan", "columns": 1}, document["marks"])
            (pathlib.Path(folder) / "info_schema" / "v1" / "dbt.column_lineage.parquet").write_bytes(b"PAR1")
            done = inspect("--target", ".", "--format", "json", folder=folder)
            document = json.loads(done.stdout)
            self.assertEqual(document["lineage"]["information_schema"], 0)
            self.assertEqual(len(document["remarks"]), 1, document["remarks"])
            self.assertIn("dbt.column_lineage.parquet: cannot be read: ", document["remarks"][0])

    def test_proves_nothing_without_duckdb_and_says_so(self):
        lineage = self.lineage_of_shop("--columns", environment={"WEIR_DUCKDB_LIBRARY": "/nonexistent/libduckdb.so"})
        self.assertEqual((lineage["sql"], lineage["proven_share"]), (0, 0.0))
        self.assertEqual([one["columns"] for one in lineage["unproven"]], [lineage["columns"]])
        self.assertIn("DuckDB's library is not at `/nonexistent/libduckdb.so`", lineage["unproven"][0]["reason"])
        for row in lineage["of_columns"]:
            self.assertEqual({source["column"] for source in row["from"]} | {"*"}, {"*"})


if __name__ == "__main__":
    harness.main()
