"""`inherit: lineage`, through the built program: every command decides by the same lineage, and says what proves it."""

import unittest

import harness
import information_schema

CUSTOMERS = "model.shop.dim_customers"
STAGED = "model.shop.stg_customers"
HOW = "by lineage from `stg_customers.phone` (by name), proven by dbt's Information Schema"


def field(plan, name):
    contacts = next(sync for sync in plan["plans"] if sync["sync"].endswith("crm_contacts"))
    return next(column for column in contacts["columns"] if column["field"] == name)


@harness.needs_duckdb
class Lineage(unittest.TestCase):
    def classes(self, folder, column):
        done = folder.run("explain", f"dim_customers.{column}", "--sync", "crm_contacts", "--format", "json")
        return {one["name"]: one["how"] for one in done.json()["decisions"][0]["classes"]}

    def test_dbts_information_schema_comes_first_in_every_command(self):
        with harness.Shop() as folder:
            before = folder.run("check", "--format", "json").json()
            self.assertNotIn("pii.phone", self.classes(folder, "plan"))
            information_schema.write(folder.path("target"), CUSTOMERS, [("PLAN", STAGED, "phone", "mod")])
            self.assertEqual(self.classes(folder, "plan").get("pii.phone"), HOW)
            planned = field(folder.run("plan", "--format", "json").json(), "plan")
            self.assertTrue(planned["denied"], planned)
            self.assertIn(HOW, planned["reason"])
            after = folder.run("check", "--format", "json").json()
            found = [one["message"] for one in after["findings"] if one["column"] == "dim_customers.plan"]
            self.assertFalse([one for one in before["findings"] if one["column"] == "dim_customers.plan"])
            self.assertTrue(any(HOW in message for message in found), found)
            tested = folder.run("policy", "test")
            self.assertEqual(tested.status, 1, tested)
            self.assertIn("dim_customers.plan", tested.out)

    def test_classifiers_count_in_a_check(self):
        with harness.Shop() as folder:
            folder.edit_policy("  pii.phone:\n", "  pii.phone:\n    classifiers: [pii.telephone]\n")
            information_schema.write(folder.path("target"), CUSTOMERS, [("plan", STAGED, "plan", "copy")], {"plan": ["pii.telephone"]})
            found = [one for one in folder.run("check", "--format", "json").json()["findings"] if one["column"] == "dim_customers.plan"]
            self.assertTrue(any("pii.telephone" in one["message"] for one in found), found)

    def test_a_pull_request_brings_no_library(self):
        with harness.Shop() as folder:
            folder.edit("weir.yml", "kind: duckdb,", "kind: duckdb, library: /nonexistent/libduckdb.so,")
            for command in (["check"], ["policy", "test"]):
                done = folder.run(*command, "--format", "json")
                self.assertNotIn("/nonexistent", done.text, done)
                self.assertNotIn("not proven at", done.out)

    def test_without_duckdb_nothing_is_proven_and_it_is_said_once(self):
        with harness.Shop() as folder:
            nothing = {"WEIR_DUCKDB_LIBRARY": "/nonexistent/libduckdb.so"}
            for command in (["check"], ["policy", "lint"], ["plan"]):
                done = folder.run(*command, env=nothing)
                self.assertEqual(done.err.count("DuckDB's library is not at `/nonexistent/libduckdb.so`"), 1, done)
                self.assertIn("[W-ART-009]", done.err)
                self.assertNotIn("/nonexistent", done.out)
            found = folder.run("check", "--format", "json", env=nothing).json()["findings"]
            self.assertIn("sync-refused", {one["rule"] for one in found})

    def test_what_cannot_be_read_is_named_and_the_sql_counts(self):
        with harness.Shop() as folder:
            parquet = information_schema.write(folder.path("target"), CUSTOMERS, [("plan", STAGED, "phone", "mod")])
            (parquet / "dbt.column_lineage.parquet").write_bytes(b"PAR1")
            for command in (["check"], ["plan"], ["policy", "lint"]):
                done = folder.run(*command, "--format", "json")
                self.assertIn("dbt.column_lineage.parquet: warning: cannot be read: ", done.err, done)
                self.assertNotIn("Information Schema", done.out)
            self.assertEqual(list(self.classes(folder, "plan")), ["public"])


if __name__ == "__main__":
    harness.main()
