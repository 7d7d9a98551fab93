"""examples/quickstart.sh as a person runs it, twice and then anew. The program is the one that is built already: a stand-in
for cmake says that there is nothing to do. (tests/run.sh and the script itself build.)"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness


@harness.needs_duckdb
class QuickstartTest(unittest.TestCase):
    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="weir-quickstart-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        for name in ("examples", "tests", "CMakeLists.txt", "CMakePresets.json"):
            (self.home / name).symlink_to(harness.SOURCE / name)
        release = self.home / "build" / "release"
        release.mkdir(parents=True)
        for name in ("weir", "weir-verify", "weir-duckdb"):
            shutil.copy(harness.program(name), release / name)
        (self.home / "build" / "duckdb").mkdir()
        (self.home / "build" / "duckdb" / "libduckdb.so").symlink_to(harness.duckdb_library())
        stand_in = self.home / "bin" / "cmake"
        stand_in.parent.mkdir()
        stand_in.write_text("#!/bin/sh\nexit 0\n")
        stand_in.chmod(0o755)
        self.shop = self.home / "build" / "quickstart"

    def run_it(self, *arguments):
        environment = {"PATH": f"{self.home / 'bin'}:{os.environ['PATH']}", "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["bash", str(self.home / "examples" / "quickstart.sh"), *arguments], cwd="/", env=environment,
                              capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def received(self):
        return (self.shop / "sent" / "crm.jsonl").read_text(encoding="utf-8").count("\n")

    def files(self):
        return sorted(path.name for path in (self.shop / "sent").rglob("*.jsonl"))

    def sent(self, output):
        """What each sync says that it sent."""
        return [int(number.replace(",", "")) for number in re.findall(r"^  sent      ([\d,]+)", output, re.M)]

    def test_twice_then_anew(self):
        first = self.run_it()
        self.assertEqual(len(self.sent(first)), 2, first)
        self.assertGreater(min(self.sent(first)), 1000)
        received, files = self.received(), self.files()
        self.assertGreater(received, 0)

        second = self.run_it()
        self.assertEqual(self.sent(second), [0, 0], second)
        self.assertEqual((self.received(), self.files()), (received, files))

        rules = self.shop / "policies" / "rules.yml"
        rules.write_text(rules.read_text().replace("no SSN leaves the warehouse", "an SSN stays where it is"))
        third = self.run_it()
        self.assertEqual(self.sent(third), [0, 0], third)
        self.assertEqual((self.received(), self.files()), (received, files))

        anew = self.run_it("--clean")
        self.assertEqual(self.sent(anew), self.sent(first))
        self.assertEqual(self.received(), received)
        for output in (first, second, third, anew):
            self.assertNotIn(str(self.home), output.replace(str(self.home / "build"), ""), "a path of this machine is told")


if __name__ == "__main__":
    harness.main()
