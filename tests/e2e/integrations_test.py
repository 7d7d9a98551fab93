"""The GitHub Action, the CI templates and the pre-commit hook, as far as they run without the platform: the action's script with
the runner's variables, its comment against a GitHub of the test's own, the templates against the platforms' schemas."""

import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import harness

ACTION = harness.SOURCE / "gateway" / "action"
CI = harness.SOURCE / "examples" / "ci"
JUDGES = pathlib.Path(os.environ.get("WEIR_JUDGES", harness.SOURCE / "build" / "judges")) / "venv" / "bin"
TOKEN = "test-token-7f3a"
MARKER = "<!-- weir-check -->"

needs_schemas = harness.needs((JUDGES / "check-jsonschema").is_file(), "check-jsonschema is missing")
needs_pre_commit = harness.needs((JUDGES / "pre-commit").is_file() and shutil.which("git"), "pre-commit or git is missing")


class GitHub:
    """Comments of pull request 7, on loopback. `refuse` maps a method to the status it gets."""

    def __init__(self, comments=(), refuse=None):
        self.comments, self.refuse, self.asked = [dict(comment) for comment in comments], refuse or {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, document = outer.handle(self.command, self.path, self.headers, json.loads(body) if body else None)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", outer.url + "/elsewhere")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, method, path, headers, document):
        self.asked.append((method, path))
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}
        if method in self.refuse:
            return self.refuse[method], {}
        if method == "GET":
            page = int(re.search(r"[?&]page=(\d+)", path)[1])
            if not path.startswith("/repos/acme/shop/issues/7/comments?"):
                return 404, {}
            return 200, self.comments[(page - 1) * 100:page * 100]
        if method == "POST" and path == "/repos/acme/shop/issues/7/comments":
            self.comments.append({"id": 1000 + len(self.comments), "body": document["body"]})
            return 201, self.comments[-1]
        number = int(path.rsplit("/", 1)[1])
        for comment in self.comments:
            if comment["id"] == number and method == "PATCH" and path == f"/repos/acme/shop/issues/comments/{number}":
                if comment.get("foreign"):
                    return 403, {}
                comment["body"] = document["body"]
                return 200, comment
        return 404, {}


class Action(unittest.TestCase):
    def run_action(self, shop, more=None, event='{"pull_request": {"number": 7}}'):
        shop.write("event.json", event)
        runner = shop.path("runner")
        runner.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "GITHUB_ACTION_PATH": str(ACTION), "GITHUB_ACTIONS": "true",
                       "GITHUB_REPOSITORY": "acme/shop", "GITHUB_EVENT_PATH": str(shop.path("event.json")),
                       "GITHUB_OUTPUT": str(runner / "output"), "GITHUB_STEP_SUMMARY": str(runner / "summary"),
                       "RUNNER_TEMP": str(runner), "WEIR_DUCKDB_LIBRARY": str(harness.duckdb_library()),
                       "WEIR_PROGRAM": str(harness.program()), "WEIR_HEAD": "target", **(more or {})}
        return subprocess.run([str(ACTION / "check.sh")], cwd=shop.folder, env=environment, capture_output=True, text=True,
                              timeout=harness.PATIENCE_S)

    def test_without_a_token_there_are_annotations_and_a_summary(self):
        with harness.Shop() as shop:
            done = self.run_action(shop, {"WEIR_SARIF": "weir.sarif"})
            self.assertEqual(done.returncode, shop.run("check").status, done)
            self.assertIn("::error ", done.stdout)
            self.assertTrue(shop.read("runner/summary").startswith(MARKER))
            self.assertIn(f"status={done.returncode}\n", shop.read("runner/output"))
            self.assertEqual(json.loads(shop.read("weir.sarif"))["version"], "2.1.0")

    def test_inputs_reach_the_program(self):
        with harness.Shop() as shop:
            shutil.copytree(shop.path("target"), shop.path("base"))
            shop.edit_json("base/manifest.json", lambda manifest: manifest["metadata"].update(invocation_id="another"))
            done = self.run_action(shop, {"WEIR_BASE": "base", "WEIR_BASE_POLICIES": "policies", "WEIR_BASE_CONFIG": "weir.yml",
                                          "WEIR_CONFIG": "weir.yml", "WEIR_FAIL_ON": "new", "WEIR_ROOT": "."})
            self.assertEqual(done.returncode, 0, done)  # the base has it all
            self.assertEqual(self.run_action(shop, {"WEIR_FAIL_ON": "never"}).returncode, 0)
            self.assertEqual(self.run_action(shop, {"WEIR_BASE": "nowhere"}).returncode, 3)
            hostile = self.run_action(shop, {"WEIR_HEAD": "$(touch hacked); `touch hacked`"})
            self.assertEqual(hostile.returncode, 3, hostile)
            self.assertFalse(shop.path("hacked").exists())

    def test_one_comment_is_posted_and_then_replaced(self):
        others = [{"id": number, "body": "hello"} for number in range(1, 130)]
        with harness.Shop() as shop, GitHub(others) as github:
            more = {"WEIR_TOKEN": TOKEN, "GITHUB_API_URL": github.url}
            first = self.run_action(shop, more)
            self.assertIn("the comment is posted", first.stdout)
            self.assertEqual(len(github.comments), 130)
            self.assertEqual(github.comments[-1]["body"], shop.read("runner/weir-comment.md"))
            github.comments[-1]["body"] = MARKER + "\nold"
            second = self.run_action(shop, more)
            self.assertIn("the comment is updated", second.stdout)
            self.assertEqual(len(github.comments), 130)
            self.assertEqual(github.comments[-1]["body"], shop.read("runner/weir-comment.md"))
            self.assertNotIn(TOKEN, first.stdout + first.stderr + second.stdout + second.stderr)

    def test_a_strangers_comment_with_the_marker_is_left_alone(self):
        with harness.Shop() as shop, GitHub([{"id": 5, "body": MARKER + "\nmine", "foreign": True}]) as github:
            done = self.run_action(shop, {"WEIR_TOKEN": TOKEN, "GITHUB_API_URL": github.url})
            self.assertIn("the comment is posted", done.stdout)
            self.assertEqual([comment["body"] == MARKER + "\nmine" for comment in github.comments], [True, False])

    def test_what_cannot_be_posted_is_a_warning_and_fails_nothing(self):
        cases = [
            ("a fork's token", {"POST": 403}, {}, "GitHub answers 403 to POST"),
            ("a wrong token", {}, {"WEIR_TOKEN": "wrong"}, "GitHub answers 401 to GET"),
            ("a redirect", {"GET": 302}, {}, "GitHub answers 302 to GET"),
            ("no API", {}, {"GITHUB_API_URL": "http://127.0.0.1:1"}, "GitHub cannot be reached"),
            ("plain http", {}, {"GITHUB_API_URL": "http://api.example"}, "GITHUB_API_URL is not https"),
        ]
        with harness.Shop() as shop:
            expected = shop.run("check").status
            for name, refuse, more, message in cases:
                with self.subTest(name), GitHub(refuse=refuse) as github:
                    done = self.run_action(shop, {"WEIR_TOKEN": TOKEN, "GITHUB_API_URL": github.url, **more})
                    self.assertEqual(done.returncode, expected, done)
                    self.assertIn(f"::warning title=weir::the report was not posted as a comment: {message}", done.stdout)
                    self.assertNotIn("/elsewhere", [path for _, path in github.asked])
            done = self.run_action(shop, {"WEIR_TOKEN": TOKEN}, event='{"push": {}}')
            self.assertIn("does not run for a pull request", done.stdout)

    def test_a_missing_program_is_an_error(self):
        with harness.Shop() as shop:
            done = self.run_action(shop, {"WEIR_PROGRAM": "weir-that-is-not-there"})
            self.assertEqual(done.returncode, 2)
            self.assertIn("::error title=weir::", done.stdout)


class Templates(unittest.TestCase):
    @needs_schemas
    def test_they_are_what_the_platforms_read(self):
        for schema, file, *more in (("github-actions", ACTION / "action.yml"), ("github-workflows", CI / "github-workflow.yml"),
                                    ("gitlab-ci", CI / "gitlab-ci.yml", "--data-transform", "gitlab-ci"),
                                    ("azure-pipelines", CI / "azure-pipelines.yml", "--data-transform", "azure-pipelines",
                                     "--regex-variant", "nonunicode")):
            done = subprocess.run([str(JUDGES / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *more, str(file)],
                                  capture_output=True, text=True, timeout=harness.PATIENCE_S)
            self.assertEqual(done.returncode, 0, f"{file}\n{done.stdout}{done.stderr}")

    def test_the_options_they_use_are_there(self):
        known = subprocess.run([str(harness.program()), "check", "--help"], capture_output=True, text=True, check=True).stdout
        for file in (CI / "gitlab-ci.yml", CI / "azure-pipelines.yml", ACTION / "check.sh"):
            text = file.read_text(encoding="utf-8")
            commands = text[text.index("weir check" if "weir check --" in text else "arguments=("):]
            for option in set(re.findall(r"--[a-z-]+", commands.split("artifacts:")[0].split("displayName")[0])):
                self.assertIn(option, known, file)

    def test_every_input_of_the_action_reaches_its_script(self):
        text = (ACTION / "action.yml").read_text(encoding="utf-8")
        script = (ACTION / "check.sh").read_text(encoding="utf-8")
        inputs = re.findall(r"^  ([a-z-]+):\n    description", text.split("\noutputs:")[0], re.M)
        passed = dict(re.findall(r"(WEIR_[A-Z_]+): \$\{\{ inputs\.([a-z-]+) \}\}", text))
        self.assertEqual(sorted(inputs), sorted(passed.values()))
        for variable in passed:
            self.assertIn("${" + variable, script)
        self.assertNotIn("${{", text[text.index("run:"):text.index("env:")])


class PreCommit(unittest.TestCase):
    def git(self, folder, *arguments):
        own = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *own, *arguments], cwd=folder, capture_output=True, text=True, check=True,
                              env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}).stdout.strip()

    @needs_pre_commit
    def test_the_hook_runs_by_the_real_tool(self):
        with harness.Shop() as shop, tempfile.TemporaryDirectory() as folder:
            hooks = pathlib.Path(folder) / "hooks"
            hooks.mkdir()
            shutil.copy(harness.SOURCE / ".pre-commit-hooks.yaml", hooks)
            for repository in (hooks, shop.folder):
                self.git(repository, "init", "-q")
                self.git(repository, "add", "-A")
                self.git(repository, "commit", "-qm", "all")
            shop.write(".pre-commit-config.yaml", "repos:\n  - repo: file://" + str(hooks) + "\n    rev: " +
                       self.git(hooks, "rev-parse", "HEAD") + "\n    hooks: [{id: weir-check}]\n")
            self.git(shop.folder, "add", ".pre-commit-config.yaml")
            environment = {"PATH": f"{harness.program().parent}:{os.environ['PATH']}", "HOME": folder, "LC_ALL": "C.UTF-8",
                           "WEIR_DUCKDB_LIBRARY": str(harness.duckdb_library()), "PRE_COMMIT_HOME": f"{folder}/cache", "GIT_CONFIG_NOSYSTEM": "1"}

            def run(*more):
                return subprocess.run([str(JUDGES / "pre-commit"), "run", *more], cwd=shop.folder, env=environment,
                                      capture_output=True, text=True, timeout=harness.PATIENCE_S)
            found = run("--all-files")
            self.assertEqual(found.returncode, 1, found)
            self.assertIn("weir check", found.stdout)
            self.assertIn("dim_customers.phone", found.stdout)
            # A commit that touches nothing of it does not ask.
            shop.write("notes.txt", "x")
            self.git(shop.folder, "add", "notes.txt")
            self.assertIn("Skipped", run().stdout)
            # And one that mends it passes.
            shop.run("check", "--write-baseline", "baseline.json")
            shop.edit(".pre-commit-config.yaml", "[{id: weir-check}]", "[{id: weir-check, args: [--baseline, baseline.json]}]")
            self.git(shop.folder, "add", "-A")
            passed = run("--all-files")
            self.assertEqual(passed.returncode, 0, passed)


if __name__ == "__main__":
    harness.main()
