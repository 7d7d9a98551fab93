"""Seconds and memory of `weir check`, and of dbt-bouncer on the same manifest, interleaved."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import check_project
import lineage

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIR = pathlib.Path(os.environ.get("WEIR_BUILD_DIR", ROOT / "build" / "release")) / "weir"
BOUNCER = pathlib.Path(os.environ.get("WEIR_BOUNCER", ROOT / "build" / "bouncer")) / "bin" / "dbt-bouncer"
DATA = pathlib.Path(os.environ.get("WEIR_TEST_DATA", ROOT / "tests" / "data"))


CHECK = [str(WEIR), "check", "--base", "base/target", "--head", "target", "--format", "json"]


def with_lineage(folder):
    """The same pull request with compiled SQL, under a policy that inherits along it."""
    for target in ("base/target", "target"):
        path = folder / target / "manifest.json"
        path.write_text(json.dumps(lineage.compiled(json.loads(path.read_bytes())), separators=(",", ":")), encoding="utf-8")
    path = folder / "policies" / "policy.yml"
    path.write_text(path.read_text() + "\ninherit: lineage\n")


def measure(command, folder, statuses):
    """User seconds, user and system seconds, peak resident MB and peak anonymous MB of one process, and what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
        peaks = {"VmHWM:": 0, "RssAnon:": 0}  # kB; the kernel's ru_maxrss would count what this process held before exec
        done = threading.Event()

        def watch():
            while not done.is_set():
                try:
                    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                        words = line.split()
                        if words and words[0] in peaks:
                            peaks[words[0]] = max(peaks[words[0]], int(words[1]))
                except OSError:
                    return
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        done.set()
        watcher.join()
        code = process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
        if code not in statuses:
            err.seek(0)
            sys.exit(f"check.py: {command[0]} ended with {code}\n{err.read()[-2000:].decode(errors='replace')}")
    return (usage.ru_utime, usage.ru_utime + usage.ru_stime, peaks["VmHWM:"] / 1024, peaks["RssAnon:"] / 1024), text


def judge(text, expected):
    """The report says what the pull request does: a benchmark of something that does not work would mean nothing."""
    report = json.loads(text)
    found = {finding["rule"] for finding in report["findings"] if finding["status"] == "new"}
    if not expected <= found or not any(row["change"] == "added" for row in report["egress"]):
        sys.exit(f"check.py: the report does not tell what the pull request does: {sorted(found)}")
    return len(report["findings"]), len(report["egress"])


def main():
    rounds = int(sys.argv[1])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir_bench_"))
    seen = {"weir check": [], "dbt-bouncer": []}
    try:
        sizes, models = check_project.build(DATA, folder)
        for _ in range(rounds):
            figures, text = measure(CHECK, folder, (0, 1))
            findings, egress = judge(text, {"gate-weakened", "class-lost"})
            seen["weir check"].append(figures)
            seen["dbt-bouncer"].append(measure([str(BOUNCER), "run", "--output-format", "json", "--output-file", "bouncer.json"], folder, (0, 1))[0])
        checked = len(json.loads((folder / "bouncer.json").read_text()))
        with_lineage(folder)
        seen["with lineage"] = []
        for _ in range(rounds):
            figures, text = measure(CHECK, folder, (0, 1))
            # The sources document no column, so what is made of them keeps every class: a new column of theirs is denied instead.
            judge(text, {"gate-weakened", "N0"})
            seen["with lineage"].append(figures)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    print(f"manifests of {sizes[0] / 1e6:.1f} and {sizes[1] / 1e6:.1f} MB, {models} models, {check_project.RULES} rules, "
          f"{len(check_project.SYNCED)} syncs; medians of {rounds} interleaved rounds, {os.cpu_count()} cores")
    print(f"weir check read both: {findings} findings, {egress} columns in the egress plan; dbt-bouncer read one: {checked} results")
    print(f"{'':14}{'user s':>8}{'CPU s':>8}{'resident MB':>13}{'anonymous MB':>14}")
    median = {}
    for name, rows in seen.items():
        median[name] = [statistics.median(column) for column in zip(*rows)]
        print("{:14}{:8.2f}{:8.2f}{:13.1f}{:14.1f}".format(name, *median[name]))
    ours, rival = median["weir check"], median["dbt-bouncer"]
    print(f"figure check_user_seconds {ours[0]:.3f} s")
    print(f"figure check_memory_mb {ours[2]:.1f} MB")
    print(f"figure dbt_bouncer_time_ratio {rival[0] / ours[0]:.1f} x")
    print(f"figure check_lineage_user_seconds {median['with lineage'][0]:.3f} s")
    print(f"figure check_lineage_memory_mb {median['with lineage'][2]:.1f} MB")
    print(f"figure dbt_bouncer_memory_ratio {rival[2] / ours[2]:.1f} x")


if __name__ == "__main__":
    main()
