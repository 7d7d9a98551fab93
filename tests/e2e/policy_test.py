"""`weir policy` over the example project; and its JSON Schema, judged by jsonschema (tests/install/install_judges.sh) against
every policy that is kept in the tree, every policy in the README, and the bad policies, of which each says whether a schema can see it."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness

JUDGES = pathlib.Path(os.environ.get("WEIR_JUDGES", harness.SOURCE / "build" / "judges"))
PYTHON = JUDGES / "venv" / "bin" / "python"
BAD = harness.SOURCE / "tests" / "policies" / "bad_policies"
EVERY_KEY = harness.SOURCE / "tests" / "policies" / "every_key"

# Reads {"schema": …, "documents": [[name, YAML], …]} and says for each whether it validates. YAML is read as text where
# YAML 1.1 would guess: the language's scalars are typed by the schema.
JUDGE = """
import json, sys, jsonschema, yaml

class Loader(yaml.SafeLoader):
    pass

Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
                                                                     "tag:yaml.org,2002:null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(?:true|false)$"), list("tf"))
asked = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(asked["schema"])
validator = jsonschema.Draft202012Validator(asked["schema"])
out = {}
for name, text in asked["documents"]:
    try:
        document = yaml.load(text, Loader)
    except (yaml.YAMLError, TypeError) as error:
        out[name] = "no YAML"
        continue
    out[name] = "; ".join(f"{list(e.absolute_path)}: {e.message}"[:200] for e in validator.iter_errors(document))
json.dump(out, sys.stdout)
"""


def weir(*arguments, cwd=harness.SHOP):
    return subprocess.run([str(harness.program()), "policy", *arguments], cwd=cwd, capture_output=True, text=True,
                          timeout=harness.PATIENCE_S)


def bad_cases():
    """[name, lines, why a schema cannot see it, if it cannot]"""
    for path in sorted(BAD.glob("*.txt")):
        before, case, into = [], None, None
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line == "before:":
                into = before
            elif line.startswith("case: "):
                if case:
                    yield case
                case = [f"{path.stem}, {line[6:]}", list(before), None]
                into = case[1]
            elif line.startswith("unseen: "):
                case[2] = line[8:]
            elif line == "says:":
                into = []
            elif line:
                into.append(line[2:])
        yield case


class Policy(unittest.TestCase):
    def test_the_shop_is_tested_to_the_last_rule(self):
        done = weir("test", "--coverage", "--fail-under", "100")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("coverage 100%", done.stdout)

    def test_a_wrong_expectation_is_located(self):
        with tempfile.TemporaryDirectory() as made:
            policies = pathlib.Path(made) / "policies"
            shutil.copytree(harness.SHOP / "policies", policies)
            path = policies / "tests.yml"
            path.write_text(path.read_text(encoding="utf-8").replace("expect: hash, by: P021", "expect: unchanged, by: P021"),
                            encoding="utf-8")
            done = weir("test", "--policies", str(policies))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stdout, r"tests\.yml:\d+:5: error: test `support cannot tell who the customer is`: "
                                          r"`fct_tickets\.customer_id` to helpdesk \(support\): expected `unchanged` by `P021`; "
                                          r"decided `hash` by `P021`: .*\[W-POL-061\]")
            document = json.loads(weir("test", "--policies", str(policies), "--format", "json").stdout)
            self.assertEqual((document["failed"], document["exit_status"]), (1, 1))
            (policies / "tests.yml").unlink()
            done = weir("test", "--policies", str(policies), "--fail-under", "1")
            self.assertEqual(done.returncode, 1)
            self.assertIn("the policy has no tests", done.stdout)
            (policies / "rules.yml").write_text("version: 1\nrulez: []\n", encoding="utf-8")
            self.assertEqual(weir("test", "--policies", str(policies)).returncode, 2)
            self.assertEqual(weir("test", "--target", made).returncode, 3)

    def test_lint_tells_ids_and_places(self):
        done = weir("lint", "--format", "json")
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["exit_status"]), (1, 1))
        self.assertEqual({one["id"] for one in document["findings"]}, {"class-without-rule"})
        self.assertTrue(all(one["line"] > 0 and one["file"].endswith("data.yml") for one in document["findings"]))

    def test_schema_is_the_one_that_is_kept(self):
        with tempfile.TemporaryDirectory() as nowhere:
            done = weir("schema", cwd=nowhere)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, (harness.SOURCE / "policies" / "policy.schema.json").read_text(encoding="utf-8"))

    @unittest.skipUnless(PYTHON.is_file(), "SKIPPED: the judges are missing; tests/run.sh installs them")
    def test_schema_takes_the_good_and_refuses_the_bad(self):
        schema = json.loads((harness.SOURCE / "policies" / "policy.schema.json").read_text(encoding="utf-8"))
        good = [(str(path.relative_to(harness.SOURCE)), path.read_text(encoding="utf-8"))
                for folder in ("examples", "tests/goldens") for path in sorted((harness.SOURCE / folder).rglob("policies/*.yml"))]
        readme = (harness.SOURCE / "policies" / "README.md").read_text(encoding="utf-8")
        good += [(f"README.md, snippet {i}", text) for i, text in enumerate(re.findall(r"```yaml\n(.*?)```", readme, re.S))
                 if text.startswith("version: 1")]
        good += [(str(path.relative_to(harness.SOURCE)), path.read_text(encoding="utf-8")) for path in sorted(EVERY_KEY.rglob("*.yml"))]
        self.assertGreater(len(good), 6)
        cases = list(bad_cases())
        bad = [(name, "\n".join(text) + "\n") for name, text, _ in cases]
        done = subprocess.run([str(PYTHON), "-c", JUDGE], capture_output=True, text=True,
                              input=json.dumps({"schema": schema, "documents": good + bad}), timeout=harness.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        errors = json.loads(done.stdout)
        for name, _ in good:
            self.assertEqual(errors[name], "", name)
        missed = [name for name, _, unseen in cases if errors[name] == "" and not unseen]
        self.assertEqual(missed, [], "the schema takes these")
        seen = [name for name, _, unseen in cases if errors[name] not in ("", "no YAML") and unseen]
        self.assertEqual(seen, [], "the schema sees these; take `unseen:` away")
        refused = [name for name, _, unseen in cases if not unseen]
        self.assertGreater(len(refused), 320)
        print(f"{len(good)} good taken, {len(refused)} of {len(cases)} bad refused; the others: "
              f"{dict(collections.Counter(unseen for _, _, unseen in cases if unseen))}")


if __name__ == "__main__":
    harness.main()
