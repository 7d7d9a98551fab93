"""Runs the built program from outside: on a copy of the shop in a temporary folder, with a CRM of the test's own.

ctest sets WEIR_BUILD_DIR and WEIR_SOURCE_DIR; by hand the newest of build/{e2e,dev,release} serves.
"""

import base64
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SHOP = SOURCE / "examples" / "shop"
SHORT = os.environ.get("WEIR_SHORT") == "1"  # under a sanitizer: fewer rounds, the same assertions
# Each row that was read is in exactly one of these counts.
WHERE_A_ROW_GOES = ("unchanged", "created", "updated", "withheld", "refused", "rejected", "unknown", "skipped", "not_attempted")
PATIENCE_S = 300  # for one run of the program; far more than any takes, sanitizers included

sys.path.insert(0, str(SOURCE / "tests" / "dbt"))


def build_folder():
    if "WEIR_BUILD_DIR" in os.environ:
        return pathlib.Path(os.environ["WEIR_BUILD_DIR"])
    built = [SOURCE / "build" / name for name in ("e2e", "dev", "release")]
    built = [folder for folder in built if (folder / "weir").is_file()]
    if not built:
        raise SystemExit("no program is built; set WEIR_BUILD_DIR")
    return max(built, key=lambda folder: (folder / "weir").stat().st_mtime)


def program(name="weir"):
    path = build_folder() / name
    if not path.is_file():
        raise SystemExit(f"{path} is missing; build it first")
    return path


def duckdb_library():
    return pathlib.Path(os.environ.get("WEIR_DUCKDB_LIBRARY", SOURCE / "build" / "duckdb" / "libduckdb.so"))


def venv():
    return pathlib.Path(os.environ.get("WEIR_VENV", SOURCE / "build" / "venv"))


def needs(condition, what):
    """A test that cannot run here says so; tests/run.sh installs everything, so that in CI nothing is skipped."""
    return unittest.skipUnless(condition, f"SKIPPED: {what}; tests/run.sh installs it")


# Policies inherit by lineage, which DuckDB reads: what a test runs without Shop.run finds it, too.
os.environ.setdefault("WEIR_DUCKDB_LIBRARY", str(duckdb_library()))

needs_duckdb = needs(duckdb_library().is_file(), "libduckdb.so is missing")
needs_dbt = needs((venv() / "bin" / "dbt").is_file(), "dbt is missing")


class Done:
    """What a finished run of a program left."""

    def __init__(self, arguments, status, out, err, seconds):
        self.arguments, self.status, self.out, self.err, self.seconds = arguments, status, out, err, seconds

    @property
    def text(self):
        return self.out + self.err

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"{' '.join(map(str, self.arguments))}: exit {self.status}\n--- out\n{self.out}\n--- err\n{self.err}"


class Running:
    """A program that runs in the background. Its own process group, so that a test ends all of it."""

    def __init__(self, arguments, cwd, environment, limits=None):
        self.arguments, self.begin = arguments, time.monotonic()
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(argument) for argument in arguments], cwd=cwd, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err,
                                        start_new_session=True, preexec_fn=limits)

    def kill(self, number=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, timeout=PATIENCE_S):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.arguments} does not end within {timeout} s") from None
        texts = []
        for stream in (self.out, self.err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "surrogateescape"))
            stream.close()
        return Done(self.arguments, self.process.returncode, *texts, time.monotonic() - self.begin)


def new_keys(path, tenant="shop", environment="default", version=1):
    """A key file as gateway/keyring.h has it, so that a test knows the roots. `weir init` has tests of its own."""
    roots = {name: secrets.token_bytes(32) for name in ("token", "state", "tag", "seal", "sign")}
    text = f"weir-keys v{version}\ntenant {tenant}\nenvironment {environment}\nid {secrets.token_hex(8)}\n"
    for name, key in roots.items():
        text += f"{name} 1 {base64.b64encode(key).decode()}\n"
    text += f"checksum sha256:{hashlib.sha256(text.encode()).hexdigest()}\n"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return roots


def declassify_nothing(data):
    """The shop's policies/data.yml, without its declassification, which is void after any edit of the model's SQL."""
    text = data.read_text(encoding="utf-8")
    begin = text.index("declassify:")
    data.write_text(text[:begin], encoding="utf-8")


def inherit_nothing(data):
    """The same with `inherit: none`."""
    declassify_nothing(data)
    text = data.read_text(encoding="utf-8")
    if "inherit: lineage" not in text:
        raise AssertionError(f"{data} does not inherit")
    data.write_text(text.replace("inherit: lineage", "inherit: none"), encoding="utf-8")


class Shop:
    """A copy of examples/shop with keys of its own; `crm` is where its contacts go."""

    def __init__(self, crm=None, source=SHOP):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-e2e-"))
        self.folder.chmod(0o755)
        self.crm = crm
        for name in ("target", "policies", "models"):
            if (source / name).is_dir():
                shutil.copytree(source / name, self.folder / name)
        for name in ("weir.yml", "dbt_project.yml", "shop.duckdb"):
            if (source / name).is_file():
                shutil.copy(source / name, self.folder / name)
        self.roots = new_keys(self.folder / "weir.keys")
        if crm is not None:
            self.point_at(crm)

    def point_at(self, crm):
        self.edit("weir.yml", "http://127.0.0.1:8765/contacts", crm.url)
        self.edit("policies/recipients.yml", "http://127.0.0.1:8765", crm.origin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.environ.get("WEIR_KEEP") != "1":
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return self.folder / name

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name, before, after):
        text = self.read(name)
        if before not in text:
            raise AssertionError(f"{name} does not hold: {before}")
        self.write(name, text.replace(before, after))

    def edit_json(self, name, change):
        document = json.loads(self.read(name))
        change(document)
        self.write(name, json.dumps(document, ensure_ascii=False))

    def policy_file(self, needle):
        """The policy file that holds a text: tests do not depend on how the folder is cut."""
        found = [path for path in sorted((self.folder / "policies").glob("*.yml")) if needle in path.read_text("utf-8")]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} policy files hold: {needle}")
        return f"policies/{found[0].name}"

    def edit_policy(self, before, after):
        self.edit(self.policy_file(before), before, after)

    def crm_settings(self, settings):
        """More settings for the CRM's destination in weir.yml."""
        self.edit("weir.yml", "deduplicates: true", "deduplicates: true, " + settings)

    def environment(self, more=None):
        own = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
               if key in os.environ}
        return {**own, "LC_ALL": "C.UTF-8", "WEIR_DUCKDB_LIBRARY": str(duckdb_library()), **(more or {})}

    def start(self, *arguments, env=None, name="weir", limits=None):
        return Running([program(name), *arguments], self.folder, self.environment(env), limits)

    def run(self, *arguments, env=None, name="weir", limits=None, timeout=PATIENCE_S):
        return self.start(*arguments, env=env, name=name, limits=limits).wait(timeout)

    def sync(self, *arguments, env=None):
        """`weir sync --format json`; the reports by the sync's short name. Any exit status."""
        done = self.run("sync", *arguments, "--format", "json", env=env)
        try:
            document = done.json()
        except json.JSONDecodeError:
            raise AssertionError(f"no report\n{done}") from None
        done.reports = {report["sync"].split(":")[-1].split(".")[-1]: report for report in document["syncs"]}
        for report in done.reports.values():
            counts = report["counts"]
            if report["exit_status"] in (0, 1) and sum(counts[name] for name in WHERE_A_ROW_GOES) != counts["read"]:
                raise AssertionError(f"the rows read are not all accounted for\n{done}")
        return done

    def sql(self, *statements):
        """Changes shop.duckdb; nobody else may have it open."""
        from duckdb_file import DuckDb
        with DuckDb(duckdb_library(), self.folder / "shop.duckdb") as warehouse:
            for statement in statements:
                result = warehouse.first_column(statement)
        return result

    def rows(self, sql):
        """Rows of shop.duckdb as dicts of Python values; numbers with a fraction as Decimal. Through JSON, so that no
        package is needed."""
        import decimal
        from duckdb_file import DuckDb
        with DuckDb(duckdb_library(), self.folder / "shop.duckdb") as warehouse:
            texts = warehouse.first_column(f"select cast(to_json(r) as varchar) from ({sql}) r")
        return [json.loads(text, parse_float=decimal.Decimal) for text in texts]

    def log_folder(self, sync):
        return self.folder / "log" / sync

    def files_below(self, *names):
        for name in names:
            for path in sorted((self.folder / name).rglob("*")):
                if path.is_file():
                    yield path


def main():
    """Like unittest.main, and says first what is tested."""
    print(f"program: {build_folder() / 'weir'}", flush=True)
    unittest.main(verbosity=2)
