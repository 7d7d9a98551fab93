"""Edits of the shop's YAML, as a pull request makes them, parsed by real dbt: `weir inspect --base --head` tells exactly
those, where dbt's own `state:modified` misses most of them."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

DIM = "model.shop.dim_customers"

# file, what stands there, what replaces it, the changes: (kind, node, column, before, after)
EDITS = [
    ("models/marts/_marts.yml", "      meta: {tier: 1}\n    columns:\n      - name: customer_id",
     "      meta: {tier: 1, owner: growth}\n      tags: [golden]\n"
     "      grants: {select: [reporter]}\n    columns:\n      - name: customer_id",
     [("meta_changed", DIM, None, None, {"owner": "growth"}), ("tags_changed", DIM, None, None, ["golden"]),
      ("grants_changed", DIM, None, None, {"select": ["reporter"]})]),
    ("models/marts/_marts.yml",
     "        data_type: text\n        config: {meta: {contains: phone, contains_pii: true}, tags: [pii]}",
     "        data_type: varchar\n        config: {meta: {contains: phone, contains_pii: false}, tags: []}",
     [("column_meta_changed", DIM, "phone", {"contains_pii": True}, {"contains_pii": False}),
      ("column_tags_changed", DIM, "phone", ["pii"], None), ("column_retyped", DIM, "phone", "text", "varchar")]),
    ("models/marts/_marts.yml", "        data_tests: [unique, not_null]\n      - name: email",
     "        data_tests: [{unique: {config: {severity: warn}}}, {not_null: {config: {error_if: '>10'}}}]\n      - name: email",
     [("test_downgraded", "test.shop.unique_dim_customers_customer_id", None, "error", "warn"),
      ("test_threshold_changed", "test.shop.not_null_dim_customers_customer_id", None, None, {"error_if": ">10"})]),
    ("models/marts/_marts.yml", "        data_tests: [not_null]\n      - name: orders_count",
     "        data_tests: [{not_null: {config: {enabled: false}}}]\n      - name: orders_count",
     [("test_disabled", "test.shop.not_null_dim_customers_lifetime_value", None, "enabled", "disabled")]),
    ("models/marts/_marts.yml", "      - name: zip\n        data_type: text\n"
     "        config: {meta: {contains: zip, contains_pii: true}, tags: [pii]}\n", "      - name: post_code\n        data_type: text\n",
     [("column_removed", DIM, "zip", "text", None), ("column_added", DIM, "post_code", None, "text")]),
    ("models/marts/_exposures.yml", "    maturity: high\n    owner: {name: Growth, email: growth@shop.example}\n"
     "    depends_on: [ref('dim_customers')]", "    maturity: low\n    owner: {name: Sales, email: growth@shop.example}\n"
     "    depends_on: [ref('dim_customers'), ref('fct_orders')]",
     [("exposure_changed", "exposure.shop.crm_contacts", None, {"depends_on": [DIM], "maturity": "high"},
       {"depends_on": [DIM, "model.shop.fct_orders"], "maturity": "low"}),
      ("owner_changed", "exposure.shop.crm_contacts", None, {"name": "Growth"}, {"name": "Sales"})]),
    ("models/marts/_exposures.yml", "  - name: weekly_revenue\n", "  - name: monthly_revenue\n",
     [("exposure_removed", "exposure.shop.weekly_revenue", None, "enabled", None),
      ("exposure_added", "exposure.shop.monthly_revenue", None, None, "enabled")]),
    ("models/marts/_groups.yml", "    owner: {name: Support, email: support@shop.example}",
     "    owner: {name: Support, email: help@shop.example}",
     [("owner_changed", "group.shop.support", None, {"email": ["support@shop.example"]}, {"email": ["help@shop.example"]})]),
    ("models/staging/_sources.yml", "        warn_after: {count: 12, period: hour}\n        error_after: {count: 24, period: hour}\n",
     "        warn_after: {count: 12, period: hour}\n        error_after: {count: 48, period: hour}\n",
     [("source_changed", f"source.shop.raw.{table}", None, {"freshness": {"error_after_seconds": 86400, "warn_after_seconds": 43200}},
       {"freshness": {"error_after_seconds": 172800, "warn_after_seconds": 43200}}) for table in ("customers", "orders", "tickets")]),
    ("models/staging/_sources.yml", "          - name: ssn\n            config: {meta: {contains: ssn, contains_pii: true}}\n", "",
     [("column_removed", "source.shop.raw.customers", "ssn", None, None)]),
    ("models/staging/_staging.yml", "    description: one row an order\n    config: {access: private, group: finance}",
     "    description: one row an order\n    config: {access: protected, group: growth}",
     [("access_changed", "model.shop.stg_orders", None, "private", "protected"),
      ("group_changed", "model.shop.stg_orders", None, "finance", "growth")]),
]


@harness.needs_dbt
class Changes(unittest.TestCase):
    maxDiff = None
    def parse(self, name, edits, schema):
        folder = self.temporary / name
        shutil.copytree(harness.SHOP, folder, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
        for path, old, new, _ in edits:
            file = folder / path
            text = file.read_text(encoding="utf-8")
            self.assertEqual(text.count(old), 1, f"{path}: {old}")
            file.write_text(text.replace(old, new), encoding="utf-8")
        done = subprocess.run([str(harness.venv() / "bin" / "dbt"), "parse", "--profiles-dir", "."], cwd=folder,
                              env={**os.environ, "SHOP_SCHEMA": schema}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return folder / "target"

    def changes(self, base, head, *more):
        done = subprocess.run([str(harness.program()), "inspect", "--base", str(base), "--head", str(head), *more,
                               "--format", "json"], capture_output=True, text=True, cwd=self.temporary)
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["warnings"], [])
        return document["changes"]

    def test_tells_what_the_yaml_says(self):
        self.temporary = pathlib.Path(tempfile.mkdtemp(prefix="weir-changes-"))
        self.addCleanup(shutil.rmtree, self.temporary, ignore_errors=True)
        base = self.parse("base", [], "analytics")
        head = self.parse("head", EDITS, "pr_7")  # a pull request builds into a schema of its own
        self.assertEqual(self.changes(base, self.parse("same", [], "ci_1")), [])

        def name(node):  # the hash behind a test's name is dbt's business
            return ".".join(node.split(".")[:3]) if node.startswith("test.") else node

        key = lambda change: json.dumps(change, sort_keys=True)  # noqa: E731
        changes = self.changes(base, head)
        found = sorted(((c["kind"], name(c["node"]), c["column"], c["before"], c["after"]) for c in changes), key=key)
        expected = sorted((change for edit in EDITS for change in edit[3]), key=key)
        self.assertEqual(found, expected)
        # A selection keeps what it finds on either side: the exposure that is gone too.
        selected = self.changes(base, head, "--select", "exposure:*")
        self.assertEqual(selected, [c for c in changes if c["node"].startswith("exposure.")])


if __name__ == "__main__":
    harness.main()
