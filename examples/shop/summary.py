#!/usr/bin/env python3
"""Tells what arrived from the shop, and looks for raw personal data in all that a sync wrote:

    summary.py FOLDER --received crm.jsonl --seeds examples/shop/seeds

Ends with 1 if an address, a phone, an SSN or a card number of the seeds is found in the state, the log, or what was sent.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from receiver import Contacts

SECRETS = {"e-mail addresses": "email", "phone numbers": "phone", "SSNs": "ssn", "card numbers": "card_number"}


def json_lines(folder):
    for path in sorted(folder.rglob("*.jsonl")):
        with open(path, encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def search(values, folders):
    """Files that hold one of the values, as grep finds them."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".patterns") as patterns:
        patterns.write("\n".join(values) + "\n")
        patterns.flush()
        found = subprocess.run(["grep", "-rlaF", "-f", patterns.name, *map(str, folders)], capture_output=True,
                               text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        if found.returncode > 1:
            sys.exit(f"summary: grep failed: {found.stderr.strip()}")
        return found.stdout.splitlines()


def main():
    parser = argparse.ArgumentParser(description="what arrived, and whether raw personal data is in it")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--received", type=pathlib.Path, required=True, help="the receiver's log")
    parser.add_argument("--seeds", type=pathlib.Path, required=True)
    options = parser.parse_args()

    with open(options.seeds / "raw_customers.csv", encoding="utf-8", newline="") as file:
        customers = list(csv.DictReader(file))
    agreed = sum(row["marketing_consent"] == "true" for row in customers)
    contacts = Contacts("external_id", options.received, keep=False).objects.get("contacts", {})
    print(f"The CRM holds {len(contacts):,} contacts; {agreed:,} of {len(customers):,} customers agreed to marketing.")
    if contacts:
        print("  one of them:", json.dumps(contacts[min(contacts, key=int)], ensure_ascii=False))
    tickets = list(json_lines(options.folder / "sent" / "helpdesk"))
    print(f"The help desk's files hold {len(tickets):,} lines.")
    if tickets:
        print("  the first:", json.dumps(tickets[0], ensure_ascii=False))

    folders = [path for path in (options.folder / name for name in ("sent", "state", "log")) if path.exists()]
    leaks = 0
    print(f"Raw values of the warehouse found in {', '.join(f'{path.name}/' for path in folders)}:")
    for what, column in SECRETS.items():
        # Shorter values (`none`, `--`) occur by chance.
        values = {row[column] for row in customers if len(row[column]) >= 8}
        files = search(values, folders)
        leaks += len(files)
        print(f"  of {len(values):,} {what}: {'none' if not files else 'in ' + ', '.join(files)}")
    sys.exit(1 if leaks else 0)


if __name__ == "__main__":
    main()
