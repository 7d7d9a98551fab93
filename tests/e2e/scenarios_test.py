"""Runs every folder of tests/scenarios on a copy of the shop and compares exit status and the exact text.

A scenario is `scenario.json`, files under `files/` that are laid over the shop's, and the text under `expected/output`.
`scenarios_test.py --update [NAME ...]` writes that text anew; read the difference before committing it.

scenario.json:
  about      what it shows, one sentence
  variant    of tests/dbt/variants.py; default the shop as built
  before     commands that run first and must succeed (exit 0 or 1)
  edit       [[file, before, after], ...]
  json       [[file, [key, ...], value], ...]; the value null removes the key
  sql        statements on shop.duckdb
  remove     files
  cut        {file: bytes to keep}
  mode       {file: "0644"}
  keys       {"tenant": ..., "environment": ..., "version": ...}: another key file
  env        variables
  run        arguments of weir
  status     its exit status
  requests   how many requests the CRM may get from `run`; default 0: nothing leaves
  absent     texts that must not be in the output: secrets, cells
"""

import json
import os
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import harness
from crm import Crm

SCENARIOS = harness.SOURCE / "tests" / "scenarios"
KNOWN = {"about", "variant", "before", "edit", "json", "sql", "remove", "cut", "mode", "keys", "env", "run", "status",
         "requests", "absent"}
VARYING = [  # what differs from run to run, and what stands in its place
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\d+\.\d s\b"), "N s"),
    (re.compile(r"root [A-Za-z0-9+/]{43}="), "root ROOT"),
    (re.compile(r"(the key file `[^`]*` \(`)[0-9a-f]{16}"), r"\1ID"),
]


def normal(text, shop, crm):
    text = text.replace(str(shop.folder), "SHOP").replace(f"127.0.0.1:{crm.port}", "127.0.0.1:PORT")
    text = text.replace(f".example:{crm.port}", ".example:PORT")
    text = text.replace(str(harness.duckdb_library()), "LIBRARY")
    for pattern, stand_in in VARYING:
        text = pattern.sub(stand_in, text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


class Scenario:
    def __init__(self, folder, variants):
        self.folder, self.variants = folder, variants
        self.wanted = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))
        if unknown := set(self.wanted) - KNOWN:
            raise AssertionError(f"{folder.name}: unknown {sorted(unknown)}")

    def source(self):
        name = self.wanted.get("variant")
        if not name:
            return harness.SHOP
        if not (self.variants / name).exists():
            import make_variants
            make_variants.make(name, harness.SHOP, self.variants, harness.duckdb_library())
        return self.variants / name

    def prepare(self, shop):
        wanted = self.wanted
        for command in wanted.get("before", []):
            done = shop.run(*command, env=wanted.get("env"))
            if done.status not in (0, 1):
                raise AssertionError(f"before: {done}")
        if (self.folder / "files").is_dir():
            shutil.copytree(self.folder / "files", shop.folder, dirs_exist_ok=True)
        for name, before, after in wanted.get("edit", []):
            shop.edit(name, before, after)
        for name, keys, value in wanted.get("json", []):
            shop.edit_json(name, lambda document: self.put(document, keys, value))
        if wanted.get("sql"):
            shop.sql(*wanted["sql"], "checkpoint shop")
        if "keys" in wanted:
            harness.new_keys(shop.path("weir.keys"), **wanted["keys"])
        for name in wanted.get("remove", []):
            path = shop.path(name)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, keep in wanted.get("cut", {}).items():
            os.truncate(shop.path(name), keep)
        for name, mode in wanted.get("mode", {}).items():
            shop.path(name).chmod(int(mode, 8))

    @staticmethod
    def put(document, keys, value):
        for key in keys[:-1]:
            document = document[key]
        if value is None:
            document.pop(keys[-1])
        else:
            document[keys[-1]] = value

    def run(self):
        with Crm() as crm, harness.Shop(crm, source=self.source()) as shop:
            self.prepare(shop)
            before = crm.count()
            done = shop.run(*self.wanted["run"], env=self.wanted.get("env"))
            return done, normal(done.err + done.out, shop, crm), crm.count() - before


@harness.needs_duckdb
class ScenariosTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.variants = Path(tempfile.mkdtemp(prefix="weir-variants-"))
        cls.addClassCleanup(shutil.rmtree, cls.variants, ignore_errors=True)

    def check(self, folder):
        scenario = Scenario(folder, self.variants)
        done, text, requests = scenario.run()
        self.assertEqual(done.status, scenario.wanted["status"], f"{done}")
        self.assertEqual(requests, scenario.wanted.get("requests", 0), f"{done}")
        for secret in scenario.wanted.get("absent", []):
            self.assertNotIn(secret, done.text)
        self.assertEqual(text, (folder / "expected" / "output").read_text(encoding="utf-8"))


def add(folder):
    setattr(ScenariosTest, f"test_{folder.name}", lambda self: self.check(folder))


for scenario_file in sorted(SCENARIOS.glob("*/scenario.json")):
    add(scenario_file.parent)


def update(names):
    with tempfile.TemporaryDirectory() as variants:
        for file in sorted(SCENARIOS.glob("*/scenario.json")):
            if names and file.parent.name not in names:
                continue
            scenario = Scenario(file.parent, Path(variants))
            done, text, requests = scenario.run()
            good = done.status == scenario.wanted["status"] and requests == scenario.wanted.get("requests", 0)
            expected = file.parent / "expected"
            expected.mkdir(exist_ok=True)
            (expected / "output").write_text(text, encoding="utf-8")
            print(f"{'' if good else 'NOT AS WANTED: '}{file.parent.name}: exit {done.status}, {requests} requests\n{text}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--update"]:
        update(sys.argv[2:])
    else:
        harness.main()
