"""Runs in dbt's own Python, as one process: `dbt ls` for each expression on standard input, answers on standard output.

Input: a line of JSON [select, exclude] each. Output: a line of JSON each, a sorted list of unique_ids, or null where dbt
refuses the expression."""

import json
import os
import sys

from dbt.cli.main import dbtRunner


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # dbt may print what it likes
    arguments = ["--quiet", "--no-use-colors", "--no-send-anonymous-usage-stats"]
    project = ["--project-dir", ".", "--profiles-dir", "."]
    parsed = dbtRunner().invoke([*arguments, "parse", *project])
    if not parsed.success:
        sys.exit(f"dbt parse: {parsed.exception}")
    runner = dbtRunner(manifest=parsed.result)  # it is parsed once
    for line in sys.stdin:
        select, exclude = json.loads(line)
        chosen = (["--select", select] if select else []) + (["--exclude", exclude] if exclude else [])
        done = runner.invoke([*arguments, "ls", *project, *chosen, "--indirect-selection", "empty",
                              "--resource-type", "all", "--output", "json", "--output-keys", "unique_id"])
        if done.success:
            out.write(json.dumps(sorted(json.loads(row)["unique_id"] for row in done.result)) + "\n")
        else:
            out.write("null\n")
        out.flush()


if __name__ == "__main__":
    main()
