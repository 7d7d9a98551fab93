"""`weir check` in every format over real pull requests: compared with what is kept under tests/goldens/check/, and judged by
programs and schemas of others (tests/install/install_judges.sh).

`check_formats_test.py --update [CASE ...]` writes the goldens anew; read the difference before committing it.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

GOLDENS = harness.SOURCE / "tests" / "goldens" / "check"
SAMPLES = pathlib.Path(os.environ.get("WEIR_TEST_DATA", harness.SOURCE / ".." / "shared" / "data")) / "dbt"
JUDGES = pathlib.Path(os.environ.get("WEIR_JUDGES", harness.SOURCE / "build" / "judges"))
FORMATS = {"text": "txt", "json": "json", "sarif": "sarif", "junit": "xml", "github": "github.txt", "gitlab": "gitlab.json",
           "markdown": "md", "rdjsonl": "rdjsonl"}
VALIDATOR = JUDGES / "sarif" / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"


def shop_as_base(folder):
    """The shop; base/ has its artifacts and base_policies/ its policies."""
    for name in ("target", "policies", "models"):
        shutil.copytree(harness.SHOP / name, folder / name)
    for name in ("weir.yml", "dbt_project.yml"):
        shutil.copy(harness.SHOP / name, folder)
    shutil.copytree(folder / "target", folder / "base")
    shutil.copytree(folder / "policies", folder / "base_policies")
    shutil.copy(folder / "weir.yml", folder / "base.yml")


def edit(path, *changes):
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        if before not in text:
            raise AssertionError(f"{path} does not hold: {before}")
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def edit_manifest(folder, change):
    path = folder / "target" / "manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def alone(folder):
    shop_as_base(folder)
    return []


def loyalty_phone(folder):
    """What real dbt made of the pull request that adds a column."""
    import make_variants
    with tempfile.TemporaryDirectory() as made:
        make_variants.make("pull_request", harness.SHOP, pathlib.Path(made), harness.duckdb_library())
        shutil.copytree(pathlib.Path(made) / "pull_request", folder, dirs_exist_ok=True)
    shutil.copy(folder / "weir.yml", folder / "base.yml")
    return ["--base", "base", "--base-config", "base.yml"]


def weakened(folder):
    """A test only warns, a column loses its mark, a sync turns to another recipient, the policy is edited along."""
    shop_as_base(folder)

    def change(manifest):
        node = manifest["nodes"]["test.shop.unique_dim_customers_customer_id.15c9f1e2fd"]
        node["config"]["severity"] = "warn"
        column = manifest["nodes"]["model.shop.fct_tickets"]["columns"]["body"]
        column["meta"], column["tags"], column["config"] = {}, [], {}
        for holder in (manifest["exposures"]["exposure.shop.support_tickets"],
                       manifest["exposures"]["exposure.shop.support_tickets"]["config"]):
            weir = holder["meta"]["weir"]
            weir["destination"] = "crm"
            weir["columns"].pop("channel")
    edit_manifest(folder, change)
    edit(folder / "policies" / "rules.yml", ("never: pii.ssn", "never: pii.card, except: [redact]"),
         ("as: {hash: {normalize: email@1}}", "as: unchanged"))
    return ["--base", "base", "--base-config", "base.yml", "--base-policies", "base_policies"]


def hostile(folder):
    """Names and meta that a stranger chose; nobody gave the base's weir.yml."""
    shop_as_base(folder)

    def change(manifest):
        evil = "x`|</code><img src=//e>@all #1 [l](http://e) ##[error]y\n::error::z \x1b[31m\u202e %0A {0}"
        column = manifest["nodes"]["model.shop.dim_customers"]["columns"]["phone"]
        manifest["nodes"]["model.shop.dim_customers"]["columns"][evil] = {**column, "name": evil}
        for holder in (manifest["exposures"]["exposure.shop.crm_contacts"],
                       manifest["exposures"]["exposure.shop.crm_contacts"]["config"]):
            holder["meta"]["weir"]["columns"][evil] = evil
        manifest["exposures"]["exposure.shop.crm_contacts"]["original_file_path"] = "::error::\n" + evil
    edit_manifest(folder, change)
    return ["--base", "base"]


def sample(case, base, head):
    def prepare(folder):
        shutil.copytree(GOLDENS / case / "files", folder, dirs_exist_ok=True)
        for side, file in (("base", base), ("head", head)):
            (folder / side).mkdir()
            os.symlink((SAMPLES / file).resolve(), folder / side / "manifest.json")
        return ["--base", "base", "--base-config", "weir.yml"]
    return prepare


# name -> (what prepares it and gives its arguments, exit status)
CASES = {
    "shop": (alone, 1),
    "shop_loyalty_phone": (loyalty_phone, 1),
    "shop_weakened": (weakened, 1),
    "shop_hostile": (hostile, 1),
    "teamster": (sample("teamster", "teamster/pr_base.manifest.json", "teamster/pr_head.manifest.json"), 1),
    "recce": (sample("recce", "recce/base/manifest.json", "recce/pr2/manifest.json"), 0),
}


def run(folder, *arguments, env=None):
    own = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "WEIR_DUCKDB_LIBRARY": str(harness.duckdb_library()), **(env or {})}
    return subprocess.run([str(harness.program()), "check", *arguments], cwd=folder, env=own, capture_output=True, text=True,
                          timeout=harness.PATIENCE_S)


def reports(case, folder):
    """Exit status and the report in every format, all by one run."""
    arguments = CASES[case][0](folder)
    done = run(folder, *arguments, *[f"--output={name}=report.{ending}" for name, ending in FORMATS.items()])
    out = {name: (folder / f"report.{ending}").read_text(encoding="utf-8") for name, ending in FORMATS.items()
           if (folder / f"report.{ending}").is_file()}
    if done.stdout != out.get("text"):
        raise AssertionError(f"standard output and the file differ: {done.stdout}\n{done.stderr}")
    for ending in FORMATS.values():
        (folder / f"report.{ending}").unlink()
    return done.returncode, out


def available(case):
    return case.startswith("shop") or SAMPLES.is_dir()


class Formats(unittest.TestCase):
    maxDiff = None

    def each(self):
        for case, (_, status) in CASES.items():
            if not available(case):
                print(f"SKIPPED: no samples for {case}")
                continue
            with self.subTest(case), tempfile.TemporaryDirectory(prefix="weir-check-") as folder:
                yield case, status, pathlib.Path(folder)

    def test_goldens(self):
        for case, status, folder in self.each():
            got, texts = reports(case, folder)
            self.assertEqual(got, status, texts.get("text"))
            self.assertEqual(set(texts), set(FORMATS))
            for name, text in texts.items():
                golden = GOLDENS / case / f"report.{FORMATS[name]}"
                self.assertEqual(text, golden.read_text(encoding="utf-8"), f"{golden}: check_formats_test.py --update {case}")

    @unittest.skipUnless(VALIDATOR.is_file(), "SKIPPED: the judges are missing; tests/run.sh installs them")
    def test_sarif_by_microsofts_validator(self):
        for case, _, folder in self.each():
            reports_of = reports(case, folder)[1]
            (folder / "report.sarif").write_text(reports_of["sarif"], encoding="utf-8")
            done = subprocess.run([str(VALIDATOR), "validate", "--level", "Error;Warning", "report.sarif"],
                                  cwd=folder, capture_output=True, text=True, timeout=harness.PATIENCE_S)
            errors = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r"\berror\b", line)]
            self.assertEqual(errors, [], f"{case}: {done.stdout}{done.stderr}")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless((JUDGES / "junit-10.xsd").is_file(), "SKIPPED: the judges are missing; tests/run.sh installs them")
    def test_schemas(self):
        """In the judges' own Python, which has jsonschema and lxml."""
        for case, _, folder in self.each():
            for name, text in reports(case, folder)[1].items():
                (folder / name).write_text(text, encoding="utf-8")
            script = """
import json, sys, jsonschema
from lxml import etree
source, judges = sys.argv[1:]
def check(schema, file):
    schema = json.load(open(schema))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.load(open(file)), schema)
check(source + "/policies/check.schema.json", "json")
check(source + "/tests/e2e/gitlab_codequality.schema.json", "gitlab")
etree.XMLSchema(etree.parse(judges + "/junit-10.xsd")).assertValid(etree.parse("junit"))
"""
            done = subprocess.run([str(JUDGES / "venv" / "bin" / "python"), "-c", script, str(harness.SOURCE), str(JUDGES)], cwd=folder,
                                  capture_output=True, text=True, timeout=harness.PATIENCE_S)
            self.assertEqual(done.returncode, 0, f"{case}: {done.stderr}")

    def test_all_formats_tell_the_same_findings(self):
        for case, _, folder in self.each():
            texts = reports(case, folder)[1]
            document = json.loads(texts["json"])
            open_ones = [finding for finding in document["findings"] if finding["status"] != "fixed"]
            prints = [finding["fingerprint"] for finding in open_ones]
            self.assertEqual(len(set(prints)), len(prints))
            sarif = json.loads(texts["sarif"])["runs"][0]["results"]
            self.assertEqual([one["partialFingerprints"]["weir/v1"] for one in sarif], prints)
            self.assertEqual([one["fingerprint"] for one in json.loads(texts["gitlab"])], prints)
            self.assertEqual([json.loads(line)["code"]["value"] for line in texts["rdjsonl"].splitlines()],
                             [finding["rule"] for finding in open_ones])
            failing = [one for one in open_ones if one["status"] == "new" and one["level"] == "error"]
            self.assertEqual(texts["junit"].count("<failure "), len(failing))
            self.assertLess(len(texts["markdown"]), 65536)

    def test_positions_are_those_of_the_yaml(self):
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            document = json.loads(reports("shop_loyalty_phone", folder)[1]["json"])
            self.assertTrue(any(finding["line"] for finding in document["findings"]))
            for finding in document["findings"]:
                line = (folder / finding["path"]).read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
                column = (finding["column"] or finding["target"]).split(".")[-1].split(":")[-1]
                self.assertEqual(line[finding["line_column"] - 1:].strip("- "), column if "name:" in line else line.strip("- "), finding)

    def test_paths_are_relative_to_the_root(self):
        """The project in a folder of the repository, checked from within."""
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name) / "analytics"
            folder.mkdir()
            arguments = loyalty_phone(folder)
            document = json.loads(run(folder, *arguments, "--root", "..", "--format", "json").stdout)
            self.assertIn("analytics/models/marts/_marts.yml", {finding["path"] for finding in document["findings"]})

    def test_the_step_summary(self):
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            arguments = loyalty_phone(folder)
            (folder / "summary.md").write_text("before\n", encoding="utf-8")
            done = run(folder, *arguments, "--format", "github", env={"GITHUB_STEP_SUMMARY": str(folder / "summary.md")})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("\n::error file=models/marts/_marts.yml,line=", done.stdout)
            self.assertTrue(done.stdout.startswith("::error file=policies/data.yml,line="), done.stdout)
            summary = (folder / "summary.md").read_text(encoding="utf-8")
            self.assertTrue(summary.startswith("before\n<!-- weir-check -->\n### Weir: 3 errors\n"), summary)

    def test_a_baseline(self):
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            alone(folder)
            self.assertEqual(run(folder).returncode, 1)
            self.assertEqual(run(folder, "--write-baseline", "baseline.json").returncode, 0)
            done = run(folder, "--baseline", "baseline.json")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("(0 new, ", done.stdout)
            self.assertEqual(run(folder, "--baseline", "baseline.json", "--fail-on", "all").returncode, 1)
            self.assertEqual(run(folder, "--baseline", "weir.yml").returncode, 2)
            self.assertEqual(run(folder, "--baseline", "absent.json").returncode, 2)

    def test_a_base_that_is_none(self):
        """Absent, damaged, of another digest, or the head itself: never exit 0."""
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            arguments = loyalty_phone(folder)
            for wrong, status, says in ((["--base", "absent"], 3, "W-ART-001"), (["--base", "policies"], 3, "W-ART-001"),
                                        ([*arguments, "--base-digest", "0" * 64], 3, "W-CHK-002"),
                                        ([*arguments[:2], "--base-config", "absent.yml"], 2, "is no file"),
                                        (["--base", "target"], 1, "base-untrusted")):
                done = run(folder, *wrong)
                self.assertEqual(done.returncode, status, done)
                self.assertIn(says, done.stdout + done.stderr)
            (folder / "base" / "manifest.json").write_text("{", encoding="utf-8")
            self.assertEqual(run(folder, *arguments).returncode, 3)

    def test_a_digest_in_capitals(self):
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            arguments = loyalty_phone(folder)
            digest = hashlib.sha256((folder / "base" / "manifest.json").read_bytes()).hexdigest().upper()
            self.assertEqual(run(folder, *arguments, "--base-digest", digest).returncode, 1)

    def test_syncs_of_weir_yml_are_new_when_the_base_is_not_known_to_have_them(self):
        if not SAMPLES.is_dir():
            self.skipTest("no samples")
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            sample("recce", "recce/base/manifest.json", "recce/pr2/manifest.json")(folder)
            document = json.loads(run(folder, "--base", "base", "--format", "json").stdout)
            self.assertEqual({row["change"] for row in document["egress"]}, {"added"})

    def test_bad_options(self):
        with tempfile.TemporaryDirectory(prefix="weir-check-") as name:
            folder = pathlib.Path(name)
            alone(folder)
            for arguments, says in ((["--output", "sarif"], "FORMAT=FILE"), (["--output", "sarf=x"], "did you mean `sarif`?"),
                                    (["--format", "yaml"], "--format"), (["--output", "json=absent/x"], "W-CLI-003"),
                                    (["--project", "policies"], "dbt_project.yml"), (["--base-digest", "x"], "--base")):
                done = run(folder, *arguments)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(says, done.stderr)


def update(cases):
    for case in cases or CASES:
        with tempfile.TemporaryDirectory(prefix="weir-check-") as folder:
            status, texts = reports(case, pathlib.Path(folder))
        (GOLDENS / case).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (GOLDENS / case / f"report.{FORMATS[name]}").write_text(text, encoding="utf-8")
        print(f"{'' if status == CASES[case][1] else 'NOT AS WANTED: '}{case}: exit {status}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--update"]:
        update(sys.argv[2:])
    else:
        harness.main()
