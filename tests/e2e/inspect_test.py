"""`weir inspect` over every sample manifest, in a folder that holds nothing else: its counts are those of the raw JSON, as
tests/manifest/counts.py finds them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(harness.SOURCE / "tests" / "manifest"))
from counts import counts  # noqa: E402

SAMPLES = pathlib.Path(os.environ.get("WEIR_TEST_DATA", harness.SOURCE / ".." / "shared" / "data")) / "dbt"


def manifests():
    yield harness.SHOP / "target" / "manifest.json"
    if SAMPLES.is_dir():
        yield from sorted(path for path in SAMPLES.rglob("*.json") if "manifest" in path.name)


def inspect(*arguments, folder):
    return subprocess.run([str(harness.program()), "inspect", *map(str, arguments)], cwd=folder, capture_output=True,
                          text=True, timeout=harness.PATIENCE_S)


class Inspect(unittest.TestCase):
    def test_counts_are_those_of_the_json(self):
        shown = 0
        for manifest in manifests():
            with self.subTest(manifest), tempfile.TemporaryDirectory(prefix="weir-inspect-") as folder:
                os.symlink(manifest.resolve(), pathlib.Path(folder) / "manifest.json")
                done = inspect("--target", ".", "--format", "json", folder=folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                document = json.loads(done.stdout)
                metadata = json.loads(manifest.read_text(encoding="utf-8"))["metadata"]
                self.assertEqual(document["counts"], counts(manifest))
                self.assertEqual(document["schema"], pathlib.Path(metadata["dbt_schema_version"]).stem)
                self.assertEqual(document["dbt_version"], metadata["dbt_version"])
                self.assertEqual(document["adapter_type"], metadata.get("adapter_type") or "")
                self.assertEqual(document["evidence"], [])
                text = inspect("--target", ".", folder=folder)
                self.assertEqual((text.returncode, text.stderr if not document["remarks"] else ""), (0, ""))
                shown += 1
        print(f"{shown} manifests")
        self.assertGreater(shown, 0)


if __name__ == "__main__":
    harness.main()
