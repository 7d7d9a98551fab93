"""`keep_runs` over real dbt: what `dbt retry`, `dbt test --select`, `dbt docs generate` and `dbt run` leave opens or holds
the gate by all runs, not by the last alone."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness
from crm import Crm

OPEN, HELD = 0, 4


@harness.needs_dbt
@harness.needs_duckdb
class Retry(unittest.TestCase):
    """One test: each step begins where the one before ended."""

    def setUp(self):
        temporary = pathlib.Path(tempfile.mkdtemp(prefix="weir-retry-"))
        self.addCleanup(shutil.rmtree, temporary, ignore_errors=True)
        self.project = temporary / "shop"
        shutil.copytree(harness.SHOP, self.project, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
        crm = Crm()
        self.addCleanup(crm.__exit__)
        self.shop = harness.Shop(crm, source=self.project)
        self.addCleanup(self.shop.__exit__)
        # dbt leaves the SQL of what it built last alone in the manifest: this is about evidence, not about lineage.
        harness.inherit_nothing(self.shop.path("policies/data.yml"))
        self.target = f"projects: [{{target: {self.project}/target"
        self.shop.edit("weir.yml", "projects: [{target: target}]", f"{self.target}, keep_runs: 14d}}]")

    def dbt(self, *arguments, good=True):
        settings = {"SHOP_TARGET": "duckdb", "SHOP_DUCKDB": str(self.shop.path("shop.duckdb"))}
        done = subprocess.run([str(harness.venv() / "bin" / "dbt"), "--no-use-colors", *arguments, "--profiles-dir", "."],
                              cwd=self.project, env={**os.environ, **settings}, capture_output=True, text=True)
        self.assertEqual(done.returncode == 0, good, f"dbt {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def plan(self, status):
        done = self.shop.run("plan", "crm_contacts", "--format", "json")
        self.assertEqual(done.status, status, f"{done}")
        return done.json()["plans"][0]["gate"]

    def commands(self, gate):
        """Of each run that the evidence is from, its command: how many tests."""
        runs = {run["invocation_id"]: run["which"] for run in self.runs()}
        out = {}
        for test in gate["tests"]:
            which = runs[test["invocation_id"]]
            out[which] = out.get(which, 0) + 1
        return out

    def runs(self, *arguments):
        done = self.shop.run("runs", *arguments, "--format", "json")
        self.assertEqual(done.status, 0, f"{done}")
        return done.json()["runs"]

    def alone(self, status):
        """The same without what is kept."""
        self.shop.edit("weir.yml", ", keep_runs: 14d}", "}")
        gate = self.plan(status)
        self.shop.edit("weir.yml", f"{self.target}}}", f"{self.target}, keep_runs: 14d}}")
        return gate

    def test_each_result_counts_until_the_next(self):
        self.dbt("build")
        done = self.shop.run("sync", "crm_contacts")
        self.assertIn(done.status, (0, 1), f"{done}")
        tests = len(self.plan(OPEN)["tests"])

        self.shop.sql("update shop.analytics_raw.raw_customers set plan = 'gold' where id = 5")
        self.dbt("build", "--exclude", "resource_type:seed", good=False)
        held = self.shop.run("sync", "crm_contacts")
        self.assertEqual(held.status, HELD, f"{held}")

        # Mended where it lies; dbt repeats what failed, and what was skipped for it.
        self.shop.sql("update shop.analytics_raw.raw_customers set plan = 'free' where id = 5",
                      "update shop.analytics.dim_customers set plan = 'free' where customer_id = 5")
        self.assertEqual(self.shop.run("sync", "crm_contacts").status, HELD)
        self.dbt("retry")
        self.alone(HELD)
        gate = self.plan(OPEN)
        self.assertEqual(len(gate["tests"]), tests)
        synced = self.shop.run("sync", "crm_contacts")
        self.assertIn(synced.status, (0, 1), f"{synced}")

        self.dbt("test", "--select", "not_null_dim_customers_customer_id")
        self.alone(HELD)
        self.assertEqual(self.commands(self.plan(OPEN)).get("test"), 1)
        self.runs("--keep")
        self.dbt("docs", "generate", "--empty-catalog")
        self.alone(HELD)
        self.plan(OPEN)
        text = self.shop.run("plan", "crm_contacts")
        self.assertIn("1 test passed: of `dbt test` at ", text.out)
        inspected = self.shop.run("inspect")
        self.assertIn("What the runs that are kept prove", inspected.out)
        self.assertEqual(self.shop.run("inspect", "--format", "json").json()["results_of"], "generate")

        # A test over no rows passes, and proves nothing: one that failed is still failed.
        unique = "unique_dim_customers_customer_id"
        self.shop.sql("insert into shop.analytics.dim_customers select * from shop.analytics.dim_customers where customer_id = 1")
        self.dbt("test", "--select", unique, good=False)
        self.runs("--keep")
        self.dbt("build", "--empty", "--select", unique)
        self.assertIn("ran with `--empty`, over no rows", str(self.alone(HELD)["reasons"]))
        self.assertIn("W-GATE-002", [reason["code"] for reason in self.plan(HELD)["reasons"]])
        self.runs("--keep")

        # Built again and not tested.
        self.dbt("run", "--select", "dim_customers")
        codes = {reason["code"] for reason in self.plan(HELD)["reasons"] if reason["holds"]}
        self.assertTrue(codes, "nothing holds")
        self.runs("--keep")
        self.dbt("test", "--select", "dim_customers")
        self.alone(HELD)
        self.assertEqual(self.commands(self.plan(OPEN)), {"test": tests})

        # Other code: a run proves nothing of it.
        model = self.project / "models" / "marts" / "dim_customers.sql"
        model.write_text(model.read_text(encoding="utf-8") + "\n-- a remark\n", encoding="utf-8")
        self.runs("--keep")
        self.dbt("parse")
        self.plan(HELD)

        # What is kept is the owner's alone, holds no value, and does not go unnoticed.
        folder = self.shop.path("state/.runs")
        kept = [path for path in folder.iterdir() if len(path.name) == 69]
        self.assertGreaterEqual(len(kept), 4)
        for path in folder.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
        kept[0].unlink()
        done = self.shop.run("sync", "crm_contacts")
        self.assertEqual(done.status, 3, f"{done}")
        self.assertIn("[W-ART-008]", done.err)


if __name__ == "__main__":
    harness.main()
