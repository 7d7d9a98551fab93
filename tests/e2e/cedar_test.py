"""An independent judge: Cedar and Weir decide the same random cases (tests/policies/foreign/cedar_judge.mjs)."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

JUDGES = pathlib.Path(os.environ.get("WEIR_JUDGES", harness.SOURCE / "build" / "judges"))
CEDAR = JUDGES / "cedar" / "node_modules" / "@cedar-policy" / "cedar-wasm"
JUDGE = harness.SOURCE / "tests" / "policies" / "foreign" / "cedar_judge.mjs"
CASES = 500 if harness.SHORT else 10000


@harness.needs(CEDAR.is_dir() and shutil.which("node"), "Cedar or Node.js is missing")
class CedarTest(unittest.TestCase):
    def judge(self, *arguments):
        with tempfile.TemporaryDirectory(prefix="weir_cedar_") as folder:
            done = subprocess.run(["node", JUDGE, CEDAR, harness.build_folder() / "tests" / "decide_cases", folder, *map(str, arguments)],
                                  capture_output=True, text=True, timeout=harness.PATIENCE_S)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode, json.loads(done.stdout.splitlines()[0]), done.stdout

    def test_every_case_agrees(self):
        status, summary, text = self.judge("--cases", CASES)
        self.assertEqual((status, summary["disagreeing"]), (0, 0), text)
        self.assertEqual(summary["cases"], CASES)
        # Each outcome is there often enough to say something.
        for outcome in ("allowed", "denied", "banned", "filters"):
            self.assertGreater(summary[outcome], CASES // 3, text)

    def test_the_judge_can_fail(self):
        """Weir is told one rule otherwise: only a change that decides nothing may pass unseen."""
        status, summary, text = self.judge("--cases", 300, "--plant")
        self.assertEqual(status, 1, text)
        self.assertGreater(summary["disagreeing"], 60, text)


if __name__ == "__main__":
    unittest.main()
